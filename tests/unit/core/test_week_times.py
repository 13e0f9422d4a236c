"""Hours of the day and days of the week: read as people write them."""

from __future__ import annotations

import pytest

from whosaw.core.week_times import clock, days


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("02:00", 120), ("2", 120), ("23:59:00", 1439), ("24:00", 1440), ("24:01", None), ("7:60", None), ("noon", None), ("-1", None)],
)  # fmt: skip
def test_hours_of_the_day(text: str, minutes: int | None) -> None:
    assert clock(text) == minutes


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("mon-fri", 0b0011111), ("Sat;Sun", 0b1100000), ("sunday", 0b1000000), ("fri-mon", 0b1110001), ("1-5", 0b0011111),
        ("tue, thu", 0b0001010), ("daily", 127), ("*", 127), ("someday", None), ("0", None), ("mon-wed-fri", None), (";", None),
    ],
)  # fmt: skip
def test_days_of_the_week(text: str, bits: int | None) -> None:
    assert days(text) == bits
