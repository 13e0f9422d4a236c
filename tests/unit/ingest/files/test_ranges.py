"""A chunk that is read by itself is the chunk that a reader gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from whosaw.ingest.files.content import KEPT_LINE_BYTES, Content
from whosaw.ingest.files.opening import Cursors
from whosaw.ingest.files.ranges import OtherBytesError, chunk_of, cuts_of
from whosaw.ingest.files.reader import ContentReader


def test_each_chunk_comes_back_from_its_cut(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    long = b"y" * (3 * KEPT_LINE_BYTES)
    log.write_bytes(b"short\n" * 200_000 + long + b"\n" + b"short\n" * 10 + b"\0\n" + long)
    content = Content(name="a.log", source="a", path=log)
    cursors = Cursors()

    def reader() -> ContentReader:
        return ContentReader(content, chunk_bytes=1 << 18, max_line_bytes=2 * KEPT_LINE_BYTES)

    with reader() as opened:
        chunks = list(opened)
    with reader() as opened:
        assert opened.in_ranges
        cuts = list(cuts_of(opened))
    assert len(chunks) > 5
    assert [each.oversized_lines for each in chunks if each.oversized_lines] == [(200_001,), (200_013,)]
    assert [chunk_of(content, cut, cursors) for cut in cuts] == chunks
    assert not any(cut.chunk.data for cut in cuts)

    with log.open("r+b") as handle:
        handle.write(b"S")
    with pytest.raises(OtherBytesError):
        chunk_of(content, cuts[0], cursors)
    assert chunk_of(content, cuts[1], cursors) == chunks[1]
    log.unlink()
    with pytest.raises(OtherBytesError):
        chunk_of(content, cuts[1], cursors)
    cursors.close()
