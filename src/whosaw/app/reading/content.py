"""Which bytes a content is: what is known of them, where they are, and how they are opened.

A content is known by its bytes, not by its name: a rotated, renamed or re-packed log is found again by its first bytes
and then checked, byte for byte through SHA-256, up to where it was read. Only a file that is the same on disk in size and
time of change is passed over unread: under its old name, or under a new one where it also begins as it did and its time of
change is finer than a second.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from whosaw.ingest.event_file import RowReader, holds_rows
from whosaw.ingest.files.content import CHUNK_BYTES, Chunk, Content, StoredObject
from whosaw.ingest.files.object_stream import ObjectStream
from whosaw.ingest.files.opening import Cursors, OpenContent
from whosaw.ingest.files.reader import ContentReader
from whosaw.ingest.files.streams import ByteStream, CannotOpenError, FileStream
from whosaw.store.journal import Journal
from whosaw.store.objects.address import ObjectAddress
from whosaw.store.repositories.manifest import content_segments, find_begun, head_sizes

__all__ = [
    "HEAD_BYTES",
    "Candidate",
    "Look",
    "Opened",
    "Opener",
    "Reader",
    "candidates",
    "head_of",
    "heads_of",
    "place_of",
    "restore",
    "stamp_of",
    "still_there",
]

HEAD_BYTES = 4096
_SMALL = 256 << 10  # bytes of an object that is fetched before its turn
_PACKED_ROWS = b"PAR1\x15"  # the magic of Parquet and the field that every first page header begins with

Reader = ContentReader | RowReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A known content that this one may continue: its bytes up to `known` have the digest `digest`.

    Reading goes on at `end`, with `line` as the next line and `state` for the parser. `end` is before `known` where the
    last line had no end yet, or the content is a document that is read as a whole; `tail` is what was read of that.
    """

    row: dict[str, Any]
    known: int
    digest: str
    end: int
    line: int
    state: str | None
    tail: tuple[dict[str, Any], ...]
    segments: tuple[dict[str, Any], ...]

    @property
    def id(self) -> int:
        return int(self.row["id"])


def stamp_of(content: Content) -> str:
    """Size and time of change of the file on disk, in which a change shows; of an object its ETag, too."""
    etag = [] if content.stored is None else [content.stored.etag]
    return json.dumps([content.size, content.mtime_ns, content.place, content.member_size, *etag])


def place_of(content: Content) -> str:
    """All that is needed to open the content again, as JSON."""
    return json.dumps(
        {
            "name": content.name,
            "source": content.source,
            "path": str(content.path) if content.path is not None else None,
            "member": content.member,
            "packing": list(content.packing),
            "size": content.size,
            "mtime_ns": content.mtime_ns,
            "place": content.place,
            "member_size": content.member_size,
            **({} if content.stored is None else {"stored": asdict(content.stored)}),
        },
        sort_keys=True,
    )


def restore(place: str) -> Content:
    """The content that `place_of` described."""
    told = json.loads(place)
    return Content(
        name=told["name"],
        source=told["source"],
        path=Path(told["path"]) if told["path"] is not None else None,
        member=told["member"],
        packing=tuple(told["packing"]),
        size=told["size"],
        mtime_ns=told["mtime_ns"],
        place=told["place"],
        member_size=told["member_size"],
        stored=StoredObject(**told["stored"]) if "stored" in told else None,
    )


def head_of(sample: bytes, size: int = HEAD_BYTES) -> tuple[str, int]:
    """Digest of the first bytes and how many they were."""
    head = sample[:size]
    return hashlib.sha256(head).hexdigest(), len(head)


def heads_of(sample: bytes, sizes: Sequence[int]) -> list[str]:
    """Digests of the first bytes, for each of the ascending `sizes`; every byte is taken in once."""
    digest, heads, at = hashlib.sha256(), [], 0
    for size in sizes:
        digest.update(sample[at:size])
        heads.append(digest.copy().hexdigest())
        at = size
    return heads


def candidates(journal: Journal, content: Content, sample: bytes) -> list[Candidate]:
    """Known contents that begin as this one does, the one of the same name first. Their bytes up to `end` must still be checked."""
    rows = find_begun(journal, heads_of(sample, head_sizes(journal, len(sample))))
    rows.sort(key=lambda row: (row["name"] != content.name, -row["size"], -row["id"]))
    return [found for found in (_candidate(journal, row) for row in rows) if found is not None]


def _candidate(journal: Journal, row: dict[str, Any]) -> Candidate | None:
    segments = content_segments(journal, row["id"])
    if not segments:
        return None
    kept = [segment for segment in segments if segment["terminated"]]
    last: dict[str, Any] | None = kept[-1] if kept else None
    return Candidate(
        row=row,
        known=segments[-1]["end"],
        digest=segments[-1]["digest"],
        end=last["end"] if last else 0,
        line=last["first_line"] + last["lines"] if last else 1,
        state=last["state"] if last else None,
        tail=tuple(segment for segment in segments if not segment["terminated"]),
        segments=tuple(segments),
    )


def still_there(row: dict[str, Any]) -> bool:
    """Whether the file that was read under its old name is there and still begins as it did: then this is a copy of it.

    A rotated log is not: under its old name stands the new log, which begins otherwise.
    """
    place = restore(row["place"])
    if place.stored is not None:  # whatever version stands there now
        place = replace(place, size=None, stored=replace(place.stored, etag=None, version=None))
    elif place.path is None or not place.path.exists():
        return False
    if holds_rows(place):
        with RowReader(place) as rows:
            return bool(rows.digest == row["digest"])
    try:
        opened = OpenContent(place, any_version=True)
    except CannotOpenError:
        return False
    try:
        head = _first_bytes(opened.stream, row["head_size"])
    finally:
        opened.close()
    return bool(head_of(head)[0] == row["head"])


def _first_bytes(stream: ByteStream, size: int) -> bytes:
    """The first `size` bytes of a stream; fewer where it ends before."""
    head = b""
    while len(head) < size and (more := stream.read(size - len(head))):
        head += more
    return head


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a content begins, of which no more was read, and whether any range of its bytes can be read."""

    content: Content
    head: bytes
    in_ranges: bool


class Opener:
    """Opens contents from their start or from a place within them."""

    def __init__(self, chunk_bytes: int = CHUNK_BYTES) -> None:
        self.chunk_bytes = chunk_bytes
        self._cursors = Cursors()

    @property
    def cursors(self) -> Cursors:
        """What is open already, and how object stores are reached."""
        return self._cursors

    def open(self, content: Content, start: int = 0, line: int = 1) -> Reader:
        if holds_rows(content):
            return RowReader(content, start_line=line, chunk_bytes=self.chunk_bytes)
        return ContentReader(
            content, start=start, start_line=line, chunk_bytes=self.chunk_bytes, cursors=self._cursors
        )

    def look(self, content: Content) -> Look | None:
        """The first bytes of a content that is no file of rows; None where it cannot be opened."""
        try:
            opened = OpenContent(content, cursors=self._cursors)
        except CannotOpenError:
            return None
        try:
            head = _first_bytes(opened.stream, HEAD_BYTES)
            if len(head) < HEAD_BYTES:  # a last line without an end is a chunk of its own
                head = head[: head.rfind(b"\n") + 1] or head
            in_ranges = isinstance(opened.stream, FileStream | ObjectStream)
            return Look(content=opened.content, head=head, in_ranges=in_ranges)
        finally:
            opened.close()

    def fetch_ahead(self, contents: Iterable[Content]) -> None:
        """Begin to fetch objects that are small and read soon: one answer each, and all that waiting at once."""
        wanted = [
            (ObjectAddress(scheme=at.scheme, bucket=at.bucket, key=at.key), content.size, at.etag)
            for content in contents
            if (at := content.stored) is not None and content.size is not None and content.size <= _SMALL
        ]
        if wanted:
            self._cursors.buckets.fetch_ahead(wanted)

    def close(self) -> None:
        self._cursors.close()


class Opened:
    """A content that is open, with its first chunk (if it has any) in hand to see what it is."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.first: Chunk | None = None
        self._rest: Iterator[Chunk] = iter(())

    def __enter__(self) -> Self:
        self.reader.__enter__()
        try:
            self._rest = iter(self.reader)
            self.first = next(self._rest, None)
        except BaseException:
            self.reader.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self.reader.__exit__(kind, error, trace)

    def version_of(self, content: Content) -> Content:
        """The content that is open; of an object, with its version."""
        return content if content.stored is None else replace(content, stored=self.reader.content.stored)

    @property
    def sample(self) -> bytes:
        """The bytes by which a content and its format are known."""
        if isinstance(self.reader, RowReader):
            return self.reader.head
        return self.first.data if self.first is not None else b""

    @property
    def unreadable(self) -> str | None:
        """Why nothing of it can be read; None where it can."""
        if isinstance(self.reader, ContentReader) and self.sample.startswith(_PACKED_ROWS):
            return "Parquet inside a packing or a stream; unpack it and scan the file"
        if self.first is None:
            return self.reader.fault or ("no rows" if isinstance(self.reader, RowReader) else "empty file")
        return None

    def chunks(self) -> Iterator[Chunk]:
        """All its chunks, once."""
        return iter(()) if self.first is None else chain((self.first,), self._rest)
