"""One alert, and the JSON of its finding, whose every part is written by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from whosaw.alert import Alert
from whosaw.core.stored_finding import finding_of

MADE = datetime(2025, 11, 17, 7, 0, 5, tzinfo=UTC)


def count(unit: str, lower: int, upper: int | None) -> dict[str, Any]:
    reasons = [] if lower == upper else [{"code": "secondary-subjects-not-named"}]
    return {"unit": unit, "lower": lower, "upper": upper, "exact": lower == upper, "reasons": reasons}


def finding(*, persons: int = 600, upper: int | None = 12_600, **changes: Any) -> dict[str, Any]:
    return {
        "id": "f-0123456789abcdef",
        "detector": "persons-per-client",
        "technique": "T1119",
        "actor": {"by": ["address"], "values": [7], "digest": "d" * 32},
        "first_view": "2025-11-17T06:00:00Z",
        "last_view": "2025-11-17T07:00:00.250000Z",
        "raised_at": "2025-11-17T06:59:00Z",
        "persons_before": 500,
        "counts": [count("views", 700, 700), count("accounts", persons, persons), count("persons", persons, upper)],
        "categories": [{"category": "contact.address", "persons": persons, "views": 700}],
        "confidence": {"level": "high", "reasons": ["a fifth of the views belong to no login"]},
        "tried": [],
        "crossings": [],
        "locators": ["00112233445566ff:1"],
        "title": "One address saw at least 600 people, 600 within 1 hour",
        "facts": ["1,200 views are unexplained."],
        "parts": [],
        "split_from": None,
        **changes,
    }  # fmt: skip


def alert(**changes: Any) -> Alert:
    usual: dict[str, Any] = {
        "thread": "f-0123456789abcdef",
        "step": 2,
        "news": "new",
        "made_at": MADE,
        "finding": finding(),
        **changes,
    }
    return Alert(**{**usual, "finding": finding_of(usual["finding"])})
