"""Small contents that are read together: which ones, and what becomes of each of them.

A folder of small files costs what its files have in common once: their text is parsed and mapped as one, their files reach
the disk in one flush and the journal in one transaction. Each content keeps a segment, an entry and a digest of its own, the
same as if it had been read alone. One that is not wholly understood in the format that is expected of it is read alone.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from whosaw.core.errors import WhosawError
from whosaw.ingest.content_report import Counts
from whosaw.ingest.files.content import Chunk, Content
from whosaw.ingest.format_item import FormatItem
from whosaw.ingest.meaning import Meaning
from whosaw.ingest.parser import Parsed, Parser
from whosaw.ingest.remote_users import RemoteUsers
from whosaw.ingest.shared_addresses import SharedAddresses
from whosaw.store.files import Together
from whosaw.store.vault import Vault

from .content import HEAD_BYTES, Opener
from .formats import reads_as_document
from .segments import StoredSegment, WrittenSegment

__all__ = [
    "MOST",
    "MOST_BYTES",
    "Group",
    "GroupHere",
    "GroupWork",
    "Heads",
    "OneOfGroup",
    "Small",
    "look_small",
    "one_of_group",
    "read_small",
]

MOST = 256  # contents of a group
MOST_BYTES = 16 << 20  # of their text
_SMALL_BYTES = 1 << 20  # what is to be done for each content takes as long as to read so much
_TRAILER = 4  # bytes at the end of a gzip that say how many it holds
_PACKED = 4  # times that what is packed becomes larger, at least; more than is small is read twice
_MARK = b"\xef\xbb\xbf"  # means something at the start of a text alone


class Heads:
    """How some contents begin. Two are alike where one begins with all that is known of the other."""

    def __init__(self, heads: Iterable[bytes] = ()) -> None:
        self._sorted: list[bytes] = []  # none begins with another, so that what is alike stands beside it
        for head in heads:
            self.add(head)

    def add(self, head: bytes) -> None:
        at = bisect_left(self._sorted, head)
        if at and head.startswith(self._sorted[at - 1]):
            return
        end = at
        while end < len(self._sorted) and self._sorted[end].startswith(head):
            end += 1
        self._sorted[at:end] = [head]

    def alike(self, head: bytes) -> bool:
        """Whether one of them is alike."""
        at = bisect_left(self._sorted, head)
        before, behind = self._sorted[max(at - 1, 0) : at], self._sorted[at : at + 1]
        return any(head.startswith(each) for each in before) or any(each.startswith(head) for each in behind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Small:
    """A content that is one chunk, of `size` bytes of text that begin with `head`. Without the `chunk`, whoever has its text says whether it
    is one."""

    content: Content
    head: bytes
    size: int
    chunk: Chunk | None = None

    @property
    def bare(self) -> Small:
        """The same without its text."""
        return replace(self, chunk=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOfGroup:
    """One of the small contents that were read together: its segment and what was counted. Who read it elsewhere tells the `users` that
    a web server wrote down and the `shared` addresses; who read it here has what was `parsed`."""

    segment: WrittenSegment
    counts: Counts
    parsed: Parsed | None = None
    users: RemoteUsers | None = None
    shared: SharedAddresses | None = None


def one_of_group(
    stored: StoredSegment, says: Meaning, content: Content, item: FormatItem, vault: Vault
) -> OneOfGroup:
    """What became of one that is a chunk of whole lines. Raises `LineLostError` where one of them was lost or told twice."""
    counts = Counts(item)
    counts.add(stored.chunk, stored.parsed, says)
    counts.check(content.name, stored.chunk.lines)
    return OneOfGroup(segment=stored.written(vault), counts=counts, parsed=stored.parsed)


class GroupWork(Protocol):
    """The work on a group, wherever it is done."""

    @property
    def done(self) -> bool: ...

    def each(self, idle: Callable[[], None]) -> Sequence[OneOfGroup | None]:
        """What became of each; None for one that must be read alone. `idle` is called before each wait."""
        ...

    def land(self) -> None:
        """Give the files of all segments their names."""
        ...

    def discard(self) -> None:
        """Remove those that have no name yet."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupHere:
    """The work of a thread of this process. `made` has for each content its segment with what its events say, or None."""

    contents: Sequence[Content]
    item: FormatItem
    made: Future[list[tuple[StoredSegment, Meaning] | None]]
    files: Together
    vault: Vault

    @property
    def done(self) -> bool:
        return self.made.done()

    def each(self, idle: Callable[[], None]) -> Sequence[OneOfGroup | None]:
        idle()
        try:
            made = self.made.result()
        except WhosawError:
            made = [None] * len(self.contents)  # alone it is said of which content
        return [
            None if each is None else one_of_group(*each, content, self.item, self.vault)
            for content, each in zip(self.contents, made, strict=True)
        ]

    def land(self) -> None:
        self.files.land()

    def discard(self) -> None:
        self.files.discard()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Small contents on their way, all expected to be of one format. `stateful` is the parser, which may have to carry something
    from each of them into the next."""

    item: FormatItem
    smalls: tuple[Small, ...]
    work: GroupWork
    stateful: bool = False
    first: int = 0  # of those whose turn has not come

    @property
    def under_way(self) -> int:
        return 0 if self.work.done else 1

    @property
    def waiting(self) -> Sequence[Small]:
        return self.smalls[self.first :]

    @property
    def heads(self) -> tuple[bytes, ...]:
        return tuple(each.head for each in self.waiting)

    def behind(self, many: int) -> Group:
        """The same when the turn of so many more has come."""
        return replace(self, first=self.first + many)


def read_small(content: Content, opener: Opener, parser: Parser) -> Small | None:
    """The content, where it is a file of its own and one chunk of whole lines; None for any other. Raises `WhosawError`."""
    # what an object is packed in shows when it is opened
    most = _SMALL_BYTES // (_PACKED if content.packing or content.stored is not None else 1)
    if not content.lasting or content.member is not None or not 0 < (content.size or 0) <= most:
        return None
    with opener.open(content) as reader:
        chunks = iter(reader)
        first = next(chunks, None)
        if (
            first is None
            or first.rows is not None
            or next(chunks, None) is not None
            or reader.fault is not None
        ):
            return None
    if len(first.data) > _SMALL_BYTES or not first.terminated or first.oversized_lines:
        return None
    if first.data.startswith(_MARK) or reads_as_document(first.data, parser.documents):
        return None
    return Small(content=reader.content, head=first.data[:HEAD_BYTES], size=len(first.data), chunk=first)


def look_small(content: Content, opener: Opener, parser: Parser) -> Small | None:
    """The same of a content of which no more is read than its first bytes and the last ones, which tell of a plain file whether its last
    line has an end and of a gzip how much it holds. Whether it is small is to be seen by whoever reads it."""
    most = _SMALL_BYTES if content.packing == () else _SMALL_BYTES // _PACKED
    if content.path is None or content.packing not in ((), ("gz",)):
        return read_small(content, opener, parser)
    if content.member is not None or not 0 < (content.size or 0) <= most:
        return None
    last, look = _last_bytes(content.path), opener.look(content)
    size = int.from_bytes(last, "little") if content.packing else content.size or 0
    if look is None or not look.head or size > _SMALL_BYTES or not (content.packing or last.endswith(b"\n")):
        return None
    if look.head.startswith(_MARK) or reads_as_document(look.head, parser.documents):
        return None
    return Small(content=look.content, head=look.head, size=size)


def _last_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as handle:
            handle.seek(-min(_TRAILER, handle.seek(0, os.SEEK_END)), os.SEEK_END)
            return handle.read()
    except OSError:
        return b""  # what is wrong is said when its turn has come
