"""What a score says. docs/why/score.md defines every number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from whosaw.core.counts import Count
from whosaw.core.instants import format_instant, from_micros

from .input import Kind, Said

__all__ = ["Answer", "Bounds", "FirstFinding", "Quality", "Score", "Share", "Verdict"]

Answer = Literal["true", "nosy", "false", "cannot tell"]
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many out of so many. Out of none, a share is no number."""

    right: int
    of: int

    @property
    def value(self) -> float | None:
        return self.right / self.of if self.of else None

    def as_json(self) -> dict[str, Any]:
        return {"right": self.right, "of": self.of, "share": self.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How much of the breach was found, how much of what was found is the breach; with false findings, too."""

    recall: Share
    precision: Share
    precision_with_false: Share

    def as_json(self) -> dict[str, Any]:
        return {
            "recall": self.recall.as_json(),
            "precision": self.precision.as_json(),
            "precision_with_false": self.precision_with_false.as_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a finding is worth: of its views, so many are of `party`, the one with most of them."""

    said: Said
    answer: Answer
    party: str | None
    views: int
    of_party: int
    unplaced: int  # views whose lines the truth does not have

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.said.id,
            "detector": self.said.detector,
            "raised_at": _instant(self.said.raised_ms),
            "answer": self.answer,
            "party": self.party,
            "views": self.views,
            "views_of_party": self.of_party,
            "views_not_in_truth": self.unplaced,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstFinding:
    """When the breach was noticed, and how many members it had seen by then."""

    id: str
    raised_ms: int
    after_seconds: int  # since the first view by the breach, both to the second as the truth has it
    persons_before: int

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "raised_at": _instant(self.raised_ms),
            "after_seconds": self.after_seconds,
            "persons_before": self.persons_before,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A count of the scope that all true findings give, beside the truth, which is None where it cannot be told."""

    count: Count
    truth: int | None

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

    def as_json(self) -> dict[str, Any]:
        return {**self.count.as_json(), "truth": self.truth, "hold": self.hold, "width": self.width}


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Every number of one score. Parties of kind nosy have findings of their own, in none of the other numbers."""

    answer: Literal["found", "not found", "nothing to find"]
    findings: tuple[Verdict, ...]
    persons: Quality
    views: Quality
    categories: Quality
    first: FirstFinding | None
    parties: tuple[tuple[str, Kind, Share], ...]  # members of each party that were found with it
    days: int
    customers_per_day: float
    notes: tuple[str, ...]
    bounds: tuple[
        Bounds, ...
    ] = ()  # views, accounts, persons; none when nothing true was found, or notes say why

    def number(self, answer: Answer) -> int:
        """How many findings have that answer."""
        return sum(each.answer == answer for each in self.findings)

    @property
    def false_per_day(self) -> float | None:
        return self.number("false") / self.days if self.days else None

    @property
    def false_per_day_and_million(self) -> float | None:
        """False findings a day for each million customers who use the shop on one day."""
        if self.false_per_day is None or not self.customers_per_day:
            return None
        return self.false_per_day * _MILLION / self.customers_per_day

    def as_json(self) -> dict[str, Any]:
        return {
            "answer": self.answer,
            "persons": self.persons.as_json(),
            "views": self.views.as_json(),
            "categories": self.categories.as_json(),
            "first_finding": self.first.as_json() if self.first else None,
            "findings": {
                "true": self.number("true"),
                "nosy": self.number("nosy"),
                "false": self.number("false"),
                "cannot_tell": self.number("cannot tell"),
                "days": self.days,
                "customers_per_day": self.customers_per_day,
                "false_per_day": self.false_per_day,
                "false_per_day_and_million_customers": self.false_per_day_and_million,
                "listed": [each.as_json() for each in self.findings],
            },
            "bounds": [each.as_json() for each in self.bounds],
            "parties": [
                {"id": name, "kind": kind, "persons": share.as_json()} for name, kind, share in self.parties
            ],
            "notes": list(self.notes),
        }


def _instant(milliseconds: int) -> str:
    return format_instant(from_micros(milliseconds * 1000))
