"""Exports of another time than the logs are noticed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from whosaw.actors.context_exports import out_of_time
from whosaw.actors.context_from import From, Told, read_from
from whosaw.core.instants import parse_zone, to_micros

FIRST, LAST = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 3, 31, tzinfo=UTC)
DAY = 86_400_000_000


def said(as_of: datetime | None) -> str:
    told = Told(
        system="desk",
        title="",
        files=(),
        rows={"tickets": 3},
        as_of=to_micros(as_of) if as_of else None,
        busy=2 * DAY,
    )
    return " ".join(out_of_time([told], to_micros(FIRST), to_micros(LAST)))


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-40, "before the logs begin (2025-03-01)"),
        (-33, "before the logs begin"),
        (-28, "what changed since is not in it"),
        (-3, "2025-03-28, and the logs go on until 2025-03-31"),
        (-2, ""),
        (0, ""),
        (2, ""),
        (9, "it was exported 9 days or more after the logs end (2025-03-31)"),
    ],
)
def test_from_before_the_logs_to_long_after_them(days: int, words: str) -> None:
    """Beside logs of March, of a desk where something changes every two days: days from the last line to the last change."""
    found = said(LAST + timedelta(days=days))
    assert words in found
    assert bool(found) == bool(words)


def test_what_says_nothing_of_its_time_is_not_asked() -> None:
    assert said(None) == ""
    assert out_of_time([], None, None) == ()


def test_the_last_change_is_read_from_the_records(tmp_path: Path) -> None:
    ticket = '{{"created_at":"2025-03-0{0}T01:00:00Z","updated_at":"{1}","requester_id":1,"assignee_id":2,"status":"open"}}\n'
    (tmp_path / "t").write_text(
        ticket.format(1, "2025-03-05T00:00:00+09:00") + ticket.format(2, "2025-03-04T00:00:00Z")
    )
    (told,) = read_from(tmp_path, [From(files=("t",), system="zendesk-tickets")], parse_zone("UTC")).told
    assert told.as_of == to_micros(datetime(2025, 3, 4, 15, tzinfo=UTC))
