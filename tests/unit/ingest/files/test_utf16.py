"""Text in UTF-16 with a byte order mark, as Windows writes it, is read as the text it is."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import pytest

from whosaw.ingest.files.discover import discover
from whosaw.ingest.files.reader import ContentReader

TEXT = "2025-04-14 GET /caf\u00e9\r\n" * 3000 + "\U0001f600 end"


@pytest.mark.parametrize(
    ("mark", "codec"), [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
)
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("chunk_bytes", [100, 1 << 20])
def test_it_is_the_text_in_utf_8(
    tmp_path: Path, mark: bytes, codec: str, packed: bool, chunk_bytes: int
) -> None:
    data = mark + TEXT.encode(codec)
    (tmp_path / "u.log").write_bytes(gzip.compress(data) if packed else data)
    (content,) = discover([str(tmp_path / "u.log")]).contents
    with ContentReader(content, chunk_bytes=chunk_bytes) as reader:
        read = b"".join(chunk.data for chunk in reader)
    assert read == TEXT.encode()
    assert (reader.fault, reader.lines) == (None, 3001)


def test_half_a_character_at_the_end_is_shown(tmp_path: Path) -> None:
    (tmp_path / "u.log").write_bytes(codecs.BOM_UTF16_LE + "abcd\n".encode("utf-16-le") + b"\x41")
    (content,) = discover([str(tmp_path / "u.log")]).contents
    with ContentReader(content) as reader:
        assert [chunk.data for chunk in reader] == [b"abcd\n", b"\\x41"]


def test_two_bytes_that_look_like_a_mark_are_not_enough(tmp_path: Path) -> None:
    (tmp_path / "b.log").write_bytes(b"\xff\xfe no text of that kind\n")
    (content,) = discover([str(tmp_path / "b.log")]).contents
    assert content.packing == ()
