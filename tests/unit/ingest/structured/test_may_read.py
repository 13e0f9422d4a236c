"""A delimited format is not tried on what names no column for the time."""

from __future__ import annotations

from datetime import UTC

import pytest

from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.format_item import FormatItem, load_formats, shipped_formats
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Piece
from whosaw.ingest.structured.delimited import DelimitedParser

FORMATS = load_formats([shipped_formats()])
DELIMITED = [item for item in FORMATS.values() if item.kind == "delimited"]


def parser(item: FormatItem) -> DelimitedParser:
    found = build_parser(item, UTC, 2000)
    assert isinstance(found, DelimitedParser)
    return found


@pytest.mark.parametrize("item", DELIMITED, ids=lambda item: item.id)
def test_whatever_gives_an_event_may_be_read(item: FormatItem) -> None:
    read = 0
    for case in item.cases:
        data = case.text.encode()
        events = parser(item).parse(Piece(data=data, lines=count_lines(data))).events.num_rows
        read += events
        if events:
            assert parser(item).may_read(data)
            assert parser(item).may_read(b"\xef\xbb\xbf" + data)
    assert read


def test_what_has_no_column_for_the_time_may_not() -> None:
    lines = b'{"time":"2025-04-01T00:00:22Z","status":200}\n{"time":"2025-04-01T00:00:23Z","status":200}\n'
    assert not parser(FORMATS["csv"]).may_read(lines)
    assert not parser(FORMATS["tsv"]).may_read(lines)
    assert parser(FORMATS["csv"]).may_read(b"who,time\nann,2025-04-01T00:00:22Z\n")
    assert parser(FORMATS["csv"]).may_read(b"\r\n\nwho,time\nann,2025-04-01T00:00:22Z\n")
    assert not parser(FORMATS["csv"]).may_read(b"who,what\nann,2025-04-01T00:00:22Z\n")
    assert parser(FORMATS["csv"]).may_read(b'"a header\nof two lines",time\nann,2025-04-01T00:00:22Z\n')
