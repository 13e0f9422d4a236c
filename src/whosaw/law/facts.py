"""What is known about a case, and what is not: the only thing that conditions, clocks and sums are worked out from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from whosaw.core.case_head import Event
from whosaw.core.duties import Made
from whosaw.core.law_items import Area
from whosaw.core.moments import Moment
from whosaw.core.penalties import Imposed
from whosaw.core.ranges import UNKNOWN, Range

__all__ = [
    "EVENTS",
    "FOUND_BY",
    "Facts",
    "Flag",
    "Rate",
    "ScopeFacts",
    "Turnover",
]

# whose word an answer is: a party claims it, an authority has found it, a court has, or it can no longer be appealed
FOUND_BY: Final = ("party", "authority", "court", "final")

EVENTS: Final[Mapping[str, str]] = {
    "aware": "the organisation became aware of the breach",
    "aware-possible": "it became aware of illegal access, or of a partial leak that may reach further people",
    "processor-aware": "the processor became aware of the breach",
    "determined": "it determined that the breach is material or notifiable under the law in question",
    "new-fact": "a new fact about the incident became known",
    "individuals-told": "the people were told",
    "first-report": "the first notification to the authority was submitted",
    "second-report": "the report was submitted that a final report follows",
    "measure-available": "a corrective or mitigating measure became available",
    "began": "the violation or incident began",
    "ended": "the violation or incident ended",
    "order": "an authority ordered material to be kept",
    "order-breached": "material was lost or deleted after that order",
    "material-order": "an authority ordered material about the incident to be handed over",
    "order-not-obeyed": "an order of the authority was first not obeyed",
    "corrective-order": "an authority ordered a failing to be corrected",
    "corrective-order-breached": "a corrective order was not obeyed, and the leak came from that",
    "first-violation": "the violation happened that was sanctioned first",
    "first-sanction": "an authority first sanctioned the same kind of violation",
    "not-leaked": "it was confirmed that data which may have leaked did not",
    "manual-changed": "a manual for incidents was made or changed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """An answer to a question of law, with who gives it and why. `found_by` says whose word it is, one of `FOUND_BY`; it is empty
    where the question does not ask for it."""

    value: bool
    by: str = ""
    because: str = ""
    found_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """Of one financial year. `place` is "world" or a country; `unrelated` is the part that has nothing to do with the
    violation (None: not known)."""

    year: int
    place: str
    currency: str
    amount: Range
    about: bool = False
    unrelated: Range | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One unit of `source_currency` is `value` units of `target_currency`."""

    source_currency: str
    target_currency: str
    value: Decimal
    day: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeFacts:
    """What one scope version says of people, and since when it was known.

    `by_place` and `accounts_by_place` hold bounds by country; `categories` is seen, not seen or cannot tell by key. `complete` is
    false while views are open that no route explains: then a category that is not listed may have been seen too.
    """

    version: int
    known: Moment
    known_from: str
    persons: Range
    accounts: Range
    by_place: Mapping[str, Range]
    accounts_by_place: Mapping[str, Range]
    categories: Mapping[str, str]
    complete: bool = True
    final: bool = False
    persons_by_category: Mapping[str, Range] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a case knows. What is absent is not known; nothing has a default.

    `flags` are answers to questions that are the same under every law, `findings` those that each law asks for itself: by act
    (such as kr/pipa) and question.
    """

    flags: Mapping[str, Flag] = field(default_factory=dict)
    findings: Mapping[tuple[str, str], Flag] = field(default_factory=dict)
    roles: tuple[str, ...] | None = None
    sectors: tuple[str, ...] | None = None
    established: tuple[str, ...] | None = None
    listed: tuple[str, ...] | None = None
    lead: str | None = None
    unplaced: str | None = None
    events: tuple[Event, ...] = ()
    never: frozenset[str] = frozenset()
    scopes: tuple[ScopeFacts, ...] = ()
    turnover: tuple[Turnover, ...] = ()
    sums: Mapping[str, Mapping[str, Range]] = field(default_factory=dict)
    rates: tuple[Rate, ...] = ()
    made: tuple[Made, ...] = ()
    imposed: tuple[Imposed, ...] = ()

    @property
    def scope(self) -> ScopeFacts | None:
        """The newest version."""
        return self.scopes[-1] if self.scopes else None

    def people(self, area: Area, scope: ScopeFacts | None = None) -> Range:
        """Bounds of how many people of an area were seen. People whose place is not known raise the upper bound only,
        unless the case says where they are."""
        scope = scope or self.scope
        return UNKNOWN if scope is None else self._inside(area, scope.persons, scope.by_place)

    def accounts(self, area: Area, scope: ScopeFacts) -> Range:
        """The same for accounts: people who are named."""
        return self._inside(area, scope.accounts, scope.accounts_by_place)

    def _inside(self, area: Area, total: Range, rows: Mapping[str, Range]) -> Range:
        """People of a country whose state is not known may be in any state of it: they raise the upper bound of a state only."""
        inside = [row for place, row in rows.items() if area.has(place)]
        maybe = [row for place, row in rows.items() if not area.has(place) and _may_hold(area, place)]
        outside = [
            row for place, row in rows.items() if place and not area.has(place) and not _may_hold(area, place)
        ]
        low = sum(int(row.low) for row in inside)
        if area.has(self.unplaced):
            others = [*outside, *maybe]
            low = max(low, int(total.low) - (_highest(others) if _bounded(others) else int(total.low)))
        elsewhere = not area.has(self.unplaced) and not _may_hold(area, self.unplaced or "")
        if self.unplaced is not None and elsewhere:
            reach = [*inside, *maybe]
            return Range(low=low, high=_highest(reach) if _bounded(reach) else None)
        if total.high is None:
            return Range(low=low, high=None)
        return Range(low=low, high=max(low, int(total.high) - sum(int(row.low) for row in outside)))

    def of_kind(self, kind: str) -> tuple[Event, ...]:
        return tuple(event for event in self.events if event.kind == kind)


def _may_hold(area: Area, place: str) -> bool:
    """Whether somebody of `place`, a country, may live in a state of it that is of the area."""
    return bool(place) and any(each.startswith(f"{place}-") for each in area.members)


def _bounded(rows: list[Range]) -> bool:
    return all(row.high is not None for row in rows)


def _highest(rows: list[Range]) -> int:
    return sum(int(row.high) for row in rows if row.high is not None)
