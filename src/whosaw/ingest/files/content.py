"""What can be read (a log file, a member of an archive, standard input) and the pieces it is read in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

__all__ = [
    "CHUNK_BYTES",
    "KEPT_LINE_BYTES",
    "MAX_LINE_BYTES",
    "STDIN",
    "Chunk",
    "Content",
    "Discovery",
    "Rows",
    "Skipped",
    "StoredObject",
    "shown",
]

STDIN = "-"
CHUNK_BYTES = 31 << 20  # below 32 MiB the C library uses memory again, which makes reading a quarter faster
MAX_LINE_BYTES = 64 << 20  # a longer line is no log line; it is counted and cut, so that memory stays bounded
KEPT_LINE_BYTES = 1 << 20  # what is kept of such a line


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """Where an object lies, and which one it is. `etag` is that of the listing; `version` is known once it was opened, and stays
    None in a bucket that keeps no versions."""

    scheme: str
    bucket: str
    key: str
    etag: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One thing to read. Everything needed to read it again is here, so it can be stored and come back.

    `name` is the path as given, or `archive.tar!member`, or `-`; always printable text, while `path` is
    exact. `source` names the stream of logs it belongs to: `access.log.2.gz` and `access.log` share one.
    `packing` lists what it is packed in from the outside in, so `("gz", "tar", "zst")` is a zst file in a
    tar.gz. `size` (packed bytes on disk) and `mtime_ns` are those of the file at `path`, for a member those
    of its archive. `place` finds a member in its archive: where its data start in the unpacked tar, or its
    number in the zip directory; `member_size` is the size the archive gives it. Of an object in a store, `stored`
    stands for the path, `size` and `mtime_ns` are the store's, and what it is packed in shows when it is opened.
    """

    name: str
    source: str
    path: Path | None = None
    member: str | None = None
    packing: tuple[str, ...] = ()
    size: int | None = None
    mtime_ns: int | None = None
    place: int | None = None
    member_size: int | None = None
    stored: StoredObject | None = None

    @property
    def lasting(self) -> bool:
        """Whether it can be read again, which a stream cannot."""
        return self.path is not None or self.stored is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something that was named or found and is not read, with the reason in words."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What there is to read, in order (per source, oldest first), and what was passed over and why."""

    contents: Sequence[Content]
    skipped: tuple[Skipped, ...]

    @property
    def packed_bytes(self) -> int:
        """How large they are on disk or in their store, as far as that is known."""
        return sum(content.size or 0 for content in self.contents)


class Rows(Protocol):
    """Rows of a file of events, read when they are asked for. Damaged ones raise OSError or `pa.ArrowException`."""

    def load(self) -> pa.Table: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    r"""Whole lines of a content, in order.

    `data` ends with `\n`, unless it is the last line of a content without a line end (`terminated` is False);
    such a line is always a chunk of its own. `offset` and `end` are places in the unpacked content;
    `end - offset == len(data)` unless an oversized line was cut. `oversized_lines` names the cut lines by
    their number in the content; of each the first KEPT_LINE_BYTES are kept. `prefix_digest` is the SHA-256
    of all unpacked bytes before `end`, with which a later run can make sure that it goes on in the same
    content. Of a file of rows, `rows` stands for the data, and a line is a row. Of a document, `broken` is not
    None: a line of the data is one record, `first_line` and `lines` count records, and `broken` says of those that
    could not be told apart why.
    """

    data: bytes
    offset: int
    end: int
    first_line: int
    lines: int
    terminated: bool = True
    oversized_lines: tuple[int, ...] = ()
    prefix_digest: str
    rows: Rows | None = None
    broken: Mapping[int, str] | None = None


def shown(path: str) -> str:
    """The path as text that can be printed and stored: control characters and bytes that are not UTF-8 are
    written as escapes, so no file name can forge a line of output."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
