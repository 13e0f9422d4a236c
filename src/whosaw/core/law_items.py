"""What an item of law says, apart from the conditions under which it holds: its source, its clock, its contents, its sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import ClassVar

from .document import JsonObject, told_as
from .ranges import Range, amount_json

__all__ = [
    "Amount",
    "Area",
    "Clock",
    "Content",
    "DutyText",
    "InForce",
    "Origin",
    "PaymentText",
    "Period",
    "Precedent",
    "Ratio",
    "Term",
    "UncheckedText",
    "cited",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A jurisdiction: its name, and the countries (KR) or states (US-CA) that belong to it."""

    id: str
    name: str
    members: tuple[str, ...]

    def has(self, place: str | None) -> bool:
        """Whether a place is inside: a country holds its states."""
        return place is not None and (place in self.members or place.partition("-")[0] in self.members)


def cited(statute: str, article: str) -> str:
    """A statute and where in it, once: of laws that are cited by their section alone the statute's name ends with it."""
    return statute if statute.endswith(f" {article}") else f"{statute}, {article}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an item comes from and how sure it is. `act` is the statute by its short name, such as kr/pipa. `unverified` names the parts of it that nobody has checked, and why."""

    id: str
    title: str
    jurisdiction: str
    act: str
    statute: str
    article: str
    text: str
    confidence: str
    sources: tuple[str, ...]
    reviewed: date
    unverified: Mapping[str, str] = field(
        default_factory=dict, metadata=told_as(form=lambda parts: dict(sorted(parts.items())))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """Days from `start` (in) to `end` (out); None is no day on record. `decided_by` is "start" (of the clock), "due" (the
    end of the duty's clock), "grounds" (which hold their own days) or a kind of event; "ended" is between its beginning and now
    where nobody has said when it ended."""

    start: date | None = field(metadata=told_as("from"))
    end: date | None = field(metadata=told_as("until"))
    decided_by: str

    def text(self) -> str:
        first = f"from {self.start.isoformat()}" if self.start else "start not on record"
        return f"{first} until {self.end.isoformat()}" if self.end else first


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A length as the law states it. `from_end_of` "year" starts it at the end of the calendar year of the event."""

    limit: int
    unit: str
    from_end_of: str = ""


def _period(period: Period | None) -> JsonObject:
    if period is None:
        return {"limit": None, "unit": None, "from_end_of": ""}
    return {"limit": period.limit, "unit": period.unit, "from_end_of": period.from_end_of}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """When a duty must be done. Without a period only `words` stand in the law. `standing`: it lasts, nothing is due.

    `again` "new-people": each scope version that adds people starts a clock of its own, for the reason in
    `again_because`. `force` is "law", or "guidance" where the figure is an authority's expectation.
    """

    starts: tuple[str, ...] = field(metadata=told_as("from"))
    period: Period | None = field(metadata=told_as(form=_period, among=True))
    words: str
    force: str = "law"
    standing: bool = False
    again: str = ""
    again_because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One thing a filing or a notice must say. `key` is the same in every language and version."""

    key: str
    text: str
    article: str = ""
    unverified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyText:
    """What one version of one duty says. `of` is the same for all its versions, which never overlap."""

    origin: Origin = field(metadata=told_as(among=True))
    of: str
    recipient: str
    audience: str
    owed_by: str
    in_force: InForce = field(metadata=told_as("version"))
    clock: Clock
    delays: tuple[str, ...] = ()
    late_needs_reasons: bool = False
    contents: tuple[Content, ...] = ()
    phasing: str = ""
    form: str = ""
    language: str = ""
    consequences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UncheckedText:
    """A law that exists, by its name: nobody has opened its text. `believed` is what is held of it, by what it is about (clock,
    recipient, threshold, exceptions, penalty); none of it counts as a clock or as money."""

    origin: Origin = field(metadata=told_as(among=True))
    in_force: InForce = field(metadata=told_as("version"))
    believed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One part of a cap. `kind`: fixed, percent (of `base` turnover of `place`), per-person, per-day, per-person-day,
    percent-per-day (of average daily turnover), multiple (of the sum `of`)."""

    kind: str
    value: Decimal
    base: str = ""
    place: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """The most that can be asked, from terms joined by `combine`; `least` is the least where the law names one. `if_no_turnover` stands
    for the whole where there is no turnover, for each day where the terms are for each day."""

    currency: str
    combine: str
    terms: tuple[Term, ...]
    least: Decimal | None = None
    if_no_turnover: Decimal | None = None
    year_before: str = "aware"
    unrelated_left_out: bool = False


def _amount(amount: Amount | None) -> JsonObject:
    if amount is None:
        return {"currency": None, "least": None, "combine": None}
    return {
        "currency": amount.currency,
        "least": amount_json(amount.least),
        "combine": amount.combine,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentText:
    """What one version of a penalty, or of a right of the people (`kind`), says."""

    origin: Origin = field(metadata=told_as(among=True))
    kind: str
    of: str
    form: str
    why: str = field(metadata=told_as("for"))
    in_force: InForce = field(metadata=told_as("version"))
    amount: Amount | None = field(metadata=told_as(form=_amount, among=True))
    prison_years: int | None = None
    rules: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Bounds of a quotient, to three digits; `lower` is None where its divisor has no upper bound."""

    lower: str | None
    upper: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedent:
    """What an authority decided elsewhere. `people` and `turnover` are None where no source gives them. `expect` are the ratios as they
    were worked out by hand."""

    ALSO: ClassVar[tuple[str, ...]] = ("for_each_person", "percent_of_turnover")

    origin: Origin = field(metadata=told_as(among=True))
    authority: str
    decided: str
    currency: str
    amount: Range
    people: Range | None
    turnover: Range | None
    turnover_about: bool
    why: str = field(metadata=told_as("for"))
    notes: tuple[str, ...] = ()
    expect: Mapping[str, str] = field(default_factory=dict, metadata=told_as(never=True))

    @property
    def for_each_person(self) -> Ratio | None:
        """Bounds of the sum for each person; None where it cannot be worked out."""
        return _ratio(self.amount, self.people, 1)

    @property
    def percent_of_turnover(self) -> Ratio | None:
        """Bounds of the sum as a percentage of the turnover; None where it cannot be worked out."""
        return _ratio(self.amount, self.turnover, 100)


def _ratio(amount: Range, out_of: Range | None, factor: int) -> Ratio | None:
    if out_of is None or amount.high is None or not out_of.low:
        return None
    least = None if out_of.high is None else f"{Decimal(amount.low) * factor / Decimal(out_of.high):.3f}"
    return Ratio(lower=least, upper=f"{Decimal(amount.high) * factor / Decimal(out_of.low):.3f}")
