"""What a score says. docs/why/score.md defines every number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from whosaw.core.counts import Count, Reason, Unit
from whosaw.core.document import told_as
from whosaw.core.instants import from_micros

from .input import Kind, Said

__all__ = ["Answer", "Bounds", "FirstFinding", "Judged", "PartyFound", "Quality", "Score", "Share", "Verdict"]

Answer = Literal["true", "nosy", "false", "cannot tell"]
_MILLION = 1_000_000


def _instant(milliseconds: int) -> datetime:
    return from_micros(milliseconds * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many out of so many. Out of none, a share is no number."""

    right: int
    of: int
    ALSO: ClassVar[tuple[str, ...]] = ("share",)

    @property
    def share(self) -> float | None:
        return self.right / self.of if self.of else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How much of the breach was found, how much of what was found is the breach; with false findings, too."""

    recall: Share
    precision: Share
    precision_with_false: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a finding is worth: of its views, so many are of `party`, the one with most of them."""

    said: Said = field(metadata=told_as(never=True))
    answer: Answer
    party: str | None
    views: int
    of_party: int = field(metadata=told_as("views_of_party"))
    unplaced: int = field(metadata=told_as("views_not_in_truth"))  # views whose lines the truth does not have
    ALSO: ClassVar[tuple[str, ...]] = ("id", "detector", "raised_at")

    @property
    def id(self) -> str:
        return self.said.id

    @property
    def detector(self) -> str:
        return self.said.detector

    @property
    def raised_at(self) -> datetime:
        return _instant(self.said.raised_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstFinding:
    """When the breach was noticed, and how many members it had seen by then."""

    id: str
    raised_ms: int = field(metadata=told_as(never=True))
    after_seconds: int  # since the first view by the breach, both to the second as the truth has it
    persons_before: int
    ALSO: ClassVar[tuple[str, ...]] = ("raised_at",)

    @property
    def raised_at(self) -> datetime:
        return _instant(self.raised_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A count of the scope that all true findings give, beside the truth, which is None where it cannot be told."""

    count: Count = field(metadata=told_as(never=True))
    truth: int | None
    ALSO: ClassVar[tuple[str, ...]] = ("unit", "lower", "upper", "exact", "reasons", "hold", "width")

    @property
    def unit(self) -> Unit:
        return self.count.unit

    @property
    def lower(self) -> int:
        return self.count.lower

    @property
    def upper(self) -> int | None:
        return self.count.upper

    @property
    def exact(self) -> bool:
        return self.count.exact

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return self.count.reasons

    @property
    def hold(self) -> bool | None:
        if self.truth is None:
            return None
        return self.count.lower <= self.truth and (self.count.upper is None or self.truth <= self.count.upper)

    @property
    def width(self) -> float | None:
        """Upper by lower bound; None without an upper bound or with a lower one of 0."""
        if self.count.upper is None or not self.count.lower:
            return None
        return self.count.upper / self.count.lower


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The findings, each with what it is worth. Those on staff without a reason stand in none of the other numbers of a score."""

    listed: tuple[Verdict, ...]
    days: int
    customers_per_day: float
    ALSO: ClassVar[tuple[str, ...]] = (
        *("true", "nosy", "false", "cannot_tell"),
        *("false_per_day", "false_per_day_and_million_customers"),
    )

    def number(self, answer: Answer) -> int:
        """How many findings have that answer."""
        return sum(each.answer == answer for each in self.listed)

    @property
    def true(self) -> int:
        return self.number("true")

    @property
    def nosy(self) -> int:
        return self.number("nosy")

    @property
    def false(self) -> int:
        return self.number("false")

    @property
    def cannot_tell(self) -> int:
        return self.number("cannot tell")

    @property
    def false_per_day(self) -> float | None:
        return self.false / self.days if self.days else None

    @property
    def false_per_day_and_million_customers(self) -> float | None:
        """False findings a day for each million customers who use the shop on one day."""
        if self.false_per_day is None or not self.customers_per_day:
            return None
        return self.false_per_day * _MILLION / self.customers_per_day


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyFound:
    """Of a party: how many of the members that it saw were found with it."""

    id: str
    kind: Kind
    persons: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Every number of one score."""

    answer: Literal["found", "not found", "nothing to find"]
    persons: Quality
    views: Quality
    categories: Quality
    first: FirstFinding | None = field(metadata=told_as("first_finding"))
    findings: Judged
    parties: tuple[PartyFound, ...]
    notes: tuple[str, ...]
    # views, accounts, persons; none when nothing true was found, or notes say why
    bounds: tuple[Bounds, ...] = ()
