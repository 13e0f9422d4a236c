"""A count is a claim: it has a unit, bounds and reasons, and says what it is out of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from .document import JsonObject

__all__ = [
    "OUTCOME_UNKNOWN",
    "UNSURE_IDENTIFIER",
    "UNSURE_SPELLING",
    "UNSURE_TWIN",
    "Count",
    "Reason",
    "Seen",
    "Unit",
    "count_of",
]

Unit = Literal["views", "accounts", "persons"]
# a server may have read the request, or the id in it, in another way than the strict one
UNSURE_SPELLING: Final = "unsure-spelling"
UNSURE_IDENTIFIER: Final = "unsure-identifier"
# a line of another source may be of the same act
UNSURE_TWIN: Final = "unsure-twin"
# a page was asked for, and the log does not say whether it was shown
OUTCOME_UNKNOWN: Final = "outcome-unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why the bounds differ. `adds_upper` is None where the amount cannot be told."""

    code: str
    adds_upper: int | None = None
    detail: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> JsonObject:
        out: JsonObject = {"code": self.code}
        if self.adds_upper is not None:
            out["adds_upper"] = self.adds_upper
        out.update(dict(self.detail))
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Lower and upper bound of how many `unit`. `upper` is None where no bound can be given."""

    unit: Unit
    lower: int
    upper: int | None
    reasons: tuple[Reason, ...] = ()

    def __post_init__(self) -> None:
        if self.lower < 0 or (self.upper is not None and self.upper < self.lower):
            raise ValueError(f"bounds out of order: {self.lower}..{self.upper}")
        if self.upper != self.lower and not self.reasons:
            raise ValueError("bounds that differ need a reason")

    @property
    def exact(self) -> bool:
        return self.upper == self.lower

    def as_json(self) -> JsonObject:
        return {
            "unit": self.unit,
            "lower": self.lower,
            "upper": self.upper,
            "exact": self.exact,
            "reasons": [reason.as_json() for reason in self.reasons],
        }

    def __str__(self) -> str:
        if self.exact:
            return f"{self.lower:,} {self.unit}"
        if self.upper is None:
            return f"at least {self.lower:,} {self.unit}"
        return f"{self.lower:,} to {self.upper:,} {self.unit}"


def count_of(told: JsonObject) -> Count:
    """A count as it was stored."""
    return _count(told)


def _count(told: Any) -> Count:
    return Count(
        unit=told["unit"],
        lower=told["lower"],
        upper=told["upper"],
        reasons=tuple(
            Reason(
                code=each["code"],
                adds_upper=each.get("adds_upper"),
                detail=tuple(
                    sorted(
                        (name, str(value))
                        for name, value in each.items()
                        if name not in ("code", "adds_upper")
                    )
                ),
            )
            for each in told["reasons"]
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one party saw, as exact numbers, from which counts in all three units follow.

    `views` and `accounts` are sure; `possible_views` and `possible_accounts` come beside them only where a server read a request in
    another way than the strict one, `doubted_accounts` only where it read an id as written, `twin_views` and `twin_accounts` only
    where lines of two sources are two acts. `accounts` are distinct known subjects. `secondary` bounds the further people whom their pages showed, `open_secondary`
    is the number of such views without a bound. `unnamed` views are of persons whom the log does not name: at most
    `unnamed_persons` by those that have a bound, and `open_unnamed` of them have none.
    """

    views: int
    accounts: int
    secondary: int = 0
    open_secondary: int = 0
    unnamed: int = 0
    unnamed_persons: int = 0
    open_unnamed: int = 0
    possible_views: int = 0
    possible_accounts: int = 0
    doubted_accounts: int = 0
    twin_views: int = 0
    twin_accounts: int = 0

    def counts(self) -> tuple[Count, Count, Count]:
        """Views, accounts and persons."""
        unnamed: list[Reason] = []
        if self.unnamed:
            adds = None if self.open_unnamed else self.unnamed_persons
            unnamed.append(
                Reason(code="subject-unknown", adds_upper=adds, detail=(("views", str(self.unnamed)),))
            )
        secondary: list[Reason] = []
        if self.secondary or self.open_secondary:
            adds = None if self.open_secondary else self.secondary
            secondary.append(Reason(code="secondary-subjects-not-named", adds_upper=adds))
        views = (*_added(UNSURE_SPELLING, self.possible_views), *_added(UNSURE_TWIN, self.twin_views))
        every_view = self.views + self.possible_views + self.twin_views
        people = (
            *_added(UNSURE_SPELLING, self.possible_accounts),
            *_added(UNSURE_IDENTIFIER, self.doubted_accounts),
            *_added(UNSURE_TWIN, self.twin_accounts),
        )
        every = self.accounts + self.possible_accounts + self.doubted_accounts + self.twin_accounts
        accounts = None if self.open_unnamed else every + self.unnamed_persons
        persons = None if accounts is None or self.open_secondary else accounts + self.secondary
        return (
            Count(unit="views", lower=self.views, upper=every_view, reasons=views),
            Count(unit="accounts", lower=self.accounts, upper=accounts, reasons=(*unnamed, *people)),
            Count(
                unit="persons", lower=self.accounts, upper=persons, reasons=(*secondary, *unnamed, *people)
            ),
        )


def _added(code: str, many: int) -> tuple[Reason, ...]:
    return (Reason(code=code, adds_upper=many),) if many else ()
