"""A byte order mark costs no line and no character, wherever it stands."""

from __future__ import annotations

import pytest

from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.format_item import load_formats, shipped_formats
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Piece

BOM = b"\xef\xbb\xbf"
LINE = b'192.0.2.1 - - [24/Nov/2025:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "a"\n'


@pytest.mark.parametrize("data", [BOM, BOM + b"\n", BOM + LINE, LINE + BOM + LINE, BOM + LINE + LINE * 3])
def test_line_equation_holds_with_a_byte_order_mark(data: bytes) -> None:
    parser = build_parser(load_formats([shipped_formats()])["combined"], None, None)
    piece = Piece(data=data, lines=count_lines(data))
    parsed = parser.parse(piece).check(piece)
    assert parsed.events.num_rows + parsed.rejects.num_rows + parsed.comments == piece.lines
    assert parsed.events.num_rows >= data.count(LINE) - data.count(BOM + LINE)
