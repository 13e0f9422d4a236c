"""Every format item proves itself: each of its cases is parsed and compared."""

from __future__ import annotations

from datetime import datetime

import pytest

from whosaw.core.instants import parse_zone
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.canonical import column_or_null
from whosaw.ingest.format_item import Case, FormatItem, load_formats, shipped_formats
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Piece

ITEMS = load_formats([shipped_formats()])
CASES = [(item, case) for item in ITEMS.values() for case in item.cases]


def same(found: object, wanted: object) -> bool:
    if isinstance(wanted, datetime):
        return isinstance(found, datetime) and found == wanted
    return type(found) is type(wanted) and found == wanted


@pytest.mark.parametrize(
    ("item", "case"), CASES, ids=[f"{item.id}-{item.cases.index(case)}" for item, case in CASES]
)
def test_case_gives_the_events_and_rejects_it_states(item: FormatItem, case: Case) -> None:
    data = case.text.encode("utf-8")
    piece = Piece(data=data, lines=count_lines(data))
    parser = build_parser(item, parse_zone(case.zone) if case.zone else None, case.year)
    parsed = parser.parse(piece).check(piece)
    assert parsed.rejects["reason"].to_pylist() == list(case.rejects)
    assert (parsed.comments, parsed.continued) == (case.comments, case.continued)
    assert parsed.events.num_rows == len(case.expect)
    for at, wanted in enumerate(case.expect):
        for name, value in wanted.items():
            found = column_or_null(parsed.events, name)[at].as_py()
            assert same(found, value), f"event {at + 1}: {name} is {found!r}"
    for name in case.null:
        column = column_or_null(parsed.events, name)
        assert column.null_count == len(column), f"{name} is not null"


def test_there_are_formats_of_every_kind() -> None:
    assert {item.kind for item in ITEMS.values()} == {"template", "json", "xml", "delimited", "pairs"}
