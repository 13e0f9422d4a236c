"""A content cut into chunks without being parsed, and one of its chunks read by itself: for a huge one that many read at once."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from .content import KEPT_LINE_BYTES, Chunk, Content
from .opening import Cursors, OpenContent
from .streams import CannotOpenError

__all__ = ["Cut", "OtherBytesError", "chunk_of", "cuts_of"]


class OtherBytesError(Exception):
    """In its place stand other bytes than when it was cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A chunk without its bytes, of which `sum` is the CRC-32: they cannot have changed by accident."""

    chunk: Chunk
    sum: int


def cuts_of(chunks: Iterable[Chunk]) -> Iterator[Cut]:
    """Where each chunk lies."""
    for chunk in chunks:
        yield Cut(chunk=replace(chunk, data=b""), sum=zlib.crc32(chunk.data))


def chunk_of(content: Content, cut: Cut, cursors: Cursors) -> Chunk:
    """The chunk that was cut. Raises `OtherBytesError`."""
    try:
        opened = OpenContent(content, cursors=cursors)
    except CannotOpenError as fault:
        raise OtherBytesError from fault
    oversized = bool(cut.chunk.oversized_lines)
    try:
        opened.stream.skip(cut.chunk.offset)
        missing = KEPT_LINE_BYTES if oversized else cut.chunk.end - cut.chunk.offset
        pieces: list[bytes] = []
        while missing and (piece := opened.stream.read(missing)):
            pieces.append(piece)
            missing -= len(piece)
    finally:
        opened.close()
    data = b"".join(pieces) + (b"\n" if oversized and cut.chunk.terminated else b"")
    if zlib.crc32(data) != cut.sum:
        raise OtherBytesError
    return replace(cut.chunk, data=data)
