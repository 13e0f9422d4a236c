"""Segments as they are kept: found by the beginning of their digest, those that the ledger counts first."""

from __future__ import annotations

from pathlib import Path

import pytest

from whosaw.store.journal import Journal, tables
from whosaw.store.repositories.contents import has_source
from whosaw.store.repositories.segments import live_segments, segments_with_digest, span_of_ledger

CONTENT = {
    "place": "{}", "stamp": "", "head": "", "head_size": 0, "size": 1, "digest": "d", "format": "combined", "forced": False,
    "config": "", "complete": True, "read_in": 1,
}  # fmt: skip
SEGMENT = {
    "start": 0, "end": 1, "first_line": 1, "lines": 1, "events": 1, "rejects": 0, "comments": 0, "continued": 0, "duplicates": 0,
    "views": 0, "terminated": True, "back_step": 0, "files": '{"events": "e"}', "indexed": False,
}  # fmt: skip


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    made = Journal.at(tmp_path / "journal.sqlite", who="tester")
    made.create()
    with made.transaction() as connection:
        for number, name, source in ((1, "a.log", "web"), (2, "b.log", "api")):
            connection.execute(tables.content.insert().values(id=number, name=name, source=source, **CONTENT))
        for number, content, digest, live, first, last in (
            (1, 1, "ab%1", False, 1, 2),
            (2, 1, "ab12", True, 10, 40),
            (3, 2, "ab12", True, 5, 20),
            (4, 2, "cd34", True, None, None),
        ):
            values = {"id": number, "content": content, "digest": digest, "live": live}
            times = {"first_time": first, "last_time": last}
            connection.execute(tables.segment.insert().values(**values, **times, **SEGMENT))
    return made


def test_what_the_ledger_counts_comes_by_number_with_its_source(journal: Journal) -> None:
    assert [(each.id, each.name, each.source) for each in live_segments(journal)] == [
        (2, "a.log", "web"),
        (3, "b.log", "api"),
        (4, "b.log", "api"),
    ]
    assert [each.id for each in live_segments(journal, source="api")] == [3, 4]
    assert live_segments(journal, source="api")[0].file_names == {"events": "e"}
    assert (has_source(journal, "api"), has_source(journal, "mail")) == (True, False)


def test_a_digest_finds_those_that_are_counted_first_and_then_the_newest(journal: Journal) -> None:
    assert [each.id for each in segments_with_digest(journal, "ab")] == [3, 2, 1]
    assert [each.id for each in segments_with_digest(journal, "ab%")] == [1]  # a letter like any other
    assert segments_with_digest(journal, "ff") == []


def test_the_span_is_that_of_what_is_counted(journal: Journal) -> None:
    assert span_of_ledger(journal) == (5, 40)
