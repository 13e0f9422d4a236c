"""Times as people type them; what may be two days is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant, parse_zone
from whosaw.core.typed_times import typed_instant

SEOUL = parse_zone("Asia/Seoul")
NOW = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # 01:30 of the 2nd in Seoul


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01", "2026-02-28T15:00:00Z"),
        ("2026-03-01 09:00", "2026-03-01T00:00:00Z"),
        ("2026-03-01T09:00:00Z", "2026-03-01T09:00:00Z"),
        ("2026-03-01T09:00:00+03:00", "2026-03-01T06:00:00Z"),
        ("2026/3/1", "2026-02-28T15:00:00Z"),
        ("2026.3.1 9:00", "2026-03-01T00:00:00Z"),
        ("1 March 2026", "2026-02-28T15:00:00Z"),
        ("1 Mar 2026, 09:00", "2026-03-01T00:00:00Z"),
        ("1st of March", None),
        ("March 1, 2026", "2026-02-28T15:00:00Z"),
        ("3 Sept 2026", "2026-09-02T15:00:00Z"),
        ("13/03/2026", "2026-03-12T15:00:00Z"),
        ("03/13/2026", "2026-03-12T15:00:00Z"),
        ("03/03/2026", "2026-03-02T15:00:00Z"),
        ("today", "2026-03-01T15:00:00Z"),
        ("Yesterday", "2026-02-28T15:00:00Z"),
        ("yesterday 09:00", "2026-03-01T00:00:00Z"),
        ("now", "2026-03-01T16:30:00Z"),
        ("31 February 2026", None),
        ("2026-13-01", None),
        ("1 Smarch 2026", None),
        ("31/31/2026", None),
        ("yesterday 25:00", None),
        ("", None),
        ("soon", None),
    ],
)
def test_a_time_is_read_as_it_was_meant(text: str, instant: str | None) -> None:
    if instant is None:
        with pytest.raises(WhosawError, match="is no day and no time"):
            typed_instant(text, SEOUL, now=NOW)
    else:
        assert format_instant(typed_instant(text, SEOUL, now=NOW)) == instant


@pytest.mark.parametrize("text", ["03/04/2026", "3-4-2026", "04.03.2026 09:00"])
def test_what_may_be_two_days_is_refused(text: str) -> None:
    with pytest.raises(WhosawError, match=r"may be 2026-03-04 or 2026-04-03") as caught:
        typed_instant(text, SEOUL, now=NOW)
    assert caught.value.code == "instant.two-days"
