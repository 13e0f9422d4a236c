"""A whole finding, every part of it written by hand, for tests that ask about a few of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from whosaw.core.counts import Count, Reason
from whosaw.core.finding import Actor, CategoryCount, Confidence, Crossing, Finding

__all__ = ["SIX", "a_finding", "crossed", "people"]

SIX: Final = datetime(2025, 11, 17, 6, 0, tzinfo=UTC)


def people(lower: int, upper: int | None) -> tuple[Count, Count, Count]:
    """The counts of a finding of so many people, of whom the log names `lower`."""
    reasons = () if lower == upper else (Reason(code="secondary-subjects-not-named"),)
    return (
        Count(unit="views", lower=lower, upper=lower),
        Count(unit="accounts", lower=lower, upper=lower),
        Count(unit="persons", lower=lower, upper=upper, reasons=reasons),
    )


def a_finding(**changes: Any) -> Finding:
    usual: dict[str, Any] = {
        "id": "f-0123456789abcdef",
        "detector": "walk",
        "technique": "T1119",
        "actor": Actor(by=("address",), values=(7,), digest="d" * 32),
        "first_view": SIX,
        "last_view": SIX,
        "raised_at": SIX,
        "persons_before": 1,
        "counts": people(32, None),
        "categories": (CategoryCount(category="contact.address", persons=32, views=32),),
        "confidence": Confidence(level="high", reasons=("a fifth of the views belong to no login",)),
        "tried": (),
        "crossings": (),
        "title": "One address saw at least 32 people",
        "facts": ("32 views are unexplained.",),
    }
    return Finding(**{**usual, **changes})


def crossed(digest: str, **changes: Any) -> Crossing:
    """A threshold that the actor with this digest reached."""
    usual: dict[str, Any] = {
        "detector": "walk",
        "clause": "address",
        "window": None,
        "threshold": 1,
        "most": 1,
        "reached_at": SIX,
        "actor": Actor(by=("address",), values=(7,), digest=digest),
    }
    return Crossing(**{**usual, **changes})
