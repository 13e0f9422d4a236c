"""Logs that were read in several ways are counted again each in its own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from whosaw.app.evidence.rerun import as_read
from whosaw.ingest.files.name_patterns import fits


def content(
    name: str, format_: str, *, forced: bool = True, zone: str | None = None, source: str = "s"
) -> Any:
    return SimpleNamespace(name=name, format=format_, forced=forced, zone=zone, source=source)


def test_each_is_told_by_as_much_of_its_name_as_tells_it_apart() -> None:
    read = as_read(
        [
            content("logs/web/access.log", "combined", source="web"),
            content("logs/web/access.log.1", "combined", source="web"),
            content("logs/api/access.log", "jsonl", zone="Asia/Seoul", source="api"),
            content("logs/db/audit[1].log", "pgaudit-stderr", forced=False, source="db"),
        ]
    )
    assert read is not None
    told = {(each.format, each.zone, each.source): each.files for each in read.logs}
    assert told == {
        ("combined", None, "web"): ("**/web/access.log", "**/access.log.1"),
        ("jsonl", "Asia/Seoul", "api"): ("**/api/access.log",),
        (None, None, "db"): ("**/audit[[]1].log",),
    }
    assert fits("srv/copy/logs/db/audit[1].log", ("**/audit[[]1].log",))


def test_what_was_read_in_one_way_needs_no_word() -> None:
    assert as_read([content("a.log", "combined"), content("b.log", "combined")]) is None
