"""Numbers and times as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from whosaw.core.counts import Reason
from whosaw.report.wording import clock, day, how_long, many, reason_text, sortable

WHEN = datetime(2025, 12, 31, 15, 4, 59, tzinfo=UTC)
SEOUL = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("value", "plural", "text"),
    [
        (0, "lines", "0 lines"),
        (1, "lines", "1 line"),
        (1, "entries", "1 entry"),
        (1, "persons", "1 person"),
        (33673817, "views", "33,673,817 views"),
    ],
)
def test_many(value: int, plural: str, text: str) -> None:
    assert many(value, plural) == text


def test_times_are_shown_in_the_zone_asked_for() -> None:
    assert clock(WHEN, UTC) == "31 Dec 2025, 15:04"
    assert clock(WHEN, SEOUL) == "1 Jan 2026, 00:04"
    assert day(WHEN, SEOUL) == "1 Jan 2026"
    assert sortable(WHEN, SEOUL) == "2026-01-01 00:04"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "under a second"),
        (timedelta(seconds=61), "1 minute 1 second"),
        (timedelta(days=39, hours=22, minutes=9), "39 days 22 hours"),
        (timedelta(hours=1), "1 hour"),
    ],
)
def test_how_long(length: timedelta, text: str) -> None:
    assert how_long(length) == text


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (Reason(code="coverage-gap", detail=(("source", "web"),)), "coverage gap, how many cannot be told; source web"),
        (Reason(code="rejects", adds_upper=2_000), "rejects, up to 2,000 more"),
        (Reason(code="subject-unknown", adds_upper=0, detail=(("views", "3"),)), "subject unknown, up to 0 more; views 3"),
        # spellings of one id take from the lower bound, and add nothing to the upper one
        (Reason(code="ids-collapse", detail=(("takes_lower", "3"),)), "ids collapse, up to 3 fewer"),
    ],
)  # fmt: skip
def test_a_reason_says_what_it_adds_or_takes(reason: Reason, text: str) -> None:
    assert reason_text(reason) == text
