"""Marks and texts that are the same: read as people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa

from whosaw.actors.context_times import wall_offsets
from whosaw.actors.context_values import alike, mark, several
from whosaw.core.instants import to_micros

HOUR = 3_600_000_000


def test_whatever_is_written_marks_but_a_no() -> None:
    assert [mark(each) for each in ("yes", "singer", "1", "No", "0", "false", " n ")] == [1, 1, 1, 0, 0, 0, 0]


def test_texts_that_differ_in_case_and_punctuation_alone_are_the_same() -> None:
    texts = pa.array(
        ["Elm Street 5, door 2", "elm street 5 door 2", "Elm Street 5, door 3", None, "--", "서울 1"]
    )
    numbers = alike(texts).to_pylist()
    assert numbers[0] == numbers[1]
    assert len({numbers[0], numbers[2], numbers[5]}) == 3
    assert numbers[3:5] == [None, None]


def test_several_names_in_one_cell() -> None:
    assert several("anna;bo, carl|dee ") == ["anna", "bo", "carl", "dee"]


def test_clocks_on_the_wall_are_ahead_of_utc_by_what_the_zone_says_then() -> None:
    assert wall_offsets(None) == ((0, 0),)
    assert wall_offsets(ZoneInfo("Asia/Seoul")) == ((0, 9 * HOUR),)
    changes = wall_offsets(ZoneInfo("Europe/Berlin"))
    assert changes[0] == (0, HOUR)
    summer, winter = datetime(2025, 3, 30, 1, tzinfo=UTC), datetime(2025, 10, 26, 1, tzinfo=UTC)
    assert (to_micros(summer), 2 * HOUR) in changes
    assert (to_micros(winter), HOUR) in changes
