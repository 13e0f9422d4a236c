"""Follows files as they grow and rotate: which of them have news, and their ends without their beginnings."""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from whosaw.app.progress import Progress
from whosaw.app.settings import ScanSettings
from whosaw.core.errors import WhosawError
from whosaw.ingest.content_report import ContentReport
from whosaw.ingest.event_file import holds_rows
from whosaw.ingest.files.content import CHUNK_BYTES, Content
from whosaw.ingest.files.discover import discover, one_pass_order
from whosaw.ingest.files.reader import ContentReader
from whosaw.ingest.files.streams import ByteStream
from whosaw.store.workspace import Workspace

from .content import Opener, Reader
from .contents import Reading

__all__ = ["FollowedReading", "Follower"]

_STILL = 30.0  # seconds without a change until a last line without an end is taken for whole
_STILL_PACKED = 5.0  # the same for a packed file, which cannot be read on in the middle
_LOOK_BACK = 64 << 10
_KEPT = 4096  # bytes before an end that must be the same for the file to be read on there
_MARKS = 4  # ends kept per file
_HEAD = 64 << 10


@dataclass(frozen=True, slots=True)
class _Mark:
    """The digest of a file's first `offset` bytes as it can be continued, and the last of those bytes."""

    offset: int
    digest: Any  # hashlib has no public type for what it returns
    tail: bytes


class _Marks:
    """Ends of files that this process has digested, by device and inode, so that a renamed file keeps its own."""

    def __init__(self) -> None:
        self._of: dict[tuple[int, int], list[_Mark]] = {}

    def find(self, path: Path, offset: int) -> _Mark | None:
        """The mark at `offset`, if the file there still has the same bytes before it."""
        try:
            with open(path, "rb") as handle:
                told = os.fstat(handle.fileno())
                for mark in self._of.get((told.st_dev, told.st_ino), []):
                    if mark.offset == offset and _before(handle.fileno(), offset) == mark.tail:
                        return mark
        except OSError:
            return None  # the reader that follows meets the same and says it
        return None

    def knows(self, descriptor: int) -> bool:
        """Whether the last mark of this file still holds, so that it will be read on there."""
        told = os.fstat(descriptor)
        marks = self._of.get((told.st_dev, told.st_ino), [])
        last = max(marks, key=lambda mark: mark.offset, default=None)
        return last is not None and _before(descriptor, last.offset) == last.tail

    def keep(self, path: Path, offset: int, digest: Any) -> None:
        try:
            with open(path, "rb") as handle:
                told = os.fstat(handle.fileno())
                tail = _before(handle.fileno(), offset)
        except OSError:
            return  # gone meanwhile: it will be digested from its start, wherever it is found again
        marks = self._of.setdefault((told.st_dev, told.st_ino), [])
        marks[:] = [mark for mark in marks if mark.offset != offset][-(_MARKS - 1) :]
        marks.append(_Mark(offset, digest.copy(), tail))


def _before(descriptor: int, offset: int) -> bytes:
    size = min(_KEPT, offset)
    return os.pread(descriptor, size, offset - size)


class _MarkedReader(ContentReader):
    """Reads as any reader does, but goes on at a mark without reading what lies before it."""

    def __init__(self, content: Content, marks: _Marks, **how: Any) -> None:
        super().__init__(content, **how)
        self._marks = marks

    def _read_prefix(self, stream: ByteStream) -> None:
        path = self.content.path
        mark = self._marks.find(path, self._start) if path is not None and self._start else None
        if mark is not None and self._open is not None and self._start <= (self._stop or self._start):
            self._open.stream.skip(self._start)  # the part of the file before `stop` would read it instead
            stream.position = self._open.stream.position
            if stream.position == self._start:
                self._hash, self._at = mark.digest.copy(), self._start
                self.prefix_digest = self._hash.hexdigest()
                return
        super()._read_prefix(stream)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._at and self.fault is None and self.content.path is not None:
            self._marks.keep(self.content.path, self._at, self._hash)
        super().__exit__(kind, error, trace)


class _PinnedOpener(Opener):
    """Opens contents as any opener does, but the pinned one by its descriptor, and goes on in it where a mark is."""

    def __init__(self, chunk_bytes: int) -> None:
        super().__init__(chunk_bytes)
        self._marks = _Marks()
        self.pinned: int | None = None

    def open(self, content: Content, start: int = 0, line: int = 1) -> Reader:
        if self.pinned is None:
            return super().open(content, start, line)
        return _MarkedReader(
            replace(content, path=Path(f"/proc/self/fd/{self.pinned}")),
            self._marks,
            start=start,
            start_line=line,
            stop=content.size,
            # what is only looked at to see which content it is need not be a whole chunk
            chunk_bytes=_HEAD if start == 0 and self._marks.knows(self.pinned) else self.chunk_bytes,
        )


class FollowedReading:
    """A reading whose contents may be cut off at a size, and which goes on in a file that it knows where it stopped.

    That a known file still begins as it did is checked by its last 4 KiB before that place; the whole of it is digested
    once per process. All that is read of one content is read from one and the same file, whatever is renamed meanwhile.
    """

    def __init__(
        self,
        workspace: Workspace,
        settings: ScanSettings,
        scan: int,
        progress: Progress,
        *,
        workers: int = 2,
        chunk_bytes: int = CHUNK_BYTES,
    ) -> None:
        self._opener, self._settings = _PinnedOpener(chunk_bytes), settings
        self._reading = Reading(workspace, settings, scan, progress, workers=workers, opener=self._opener)
        self.close = self._reading.close

    def read(self, content: Content) -> ContentReport:
        """Read what is new of `content` up to its size."""
        content = self._settings.sourced(content)
        if content.path is None or content.packing or holds_rows(content):
            return self._reading.read(content)
        try:
            pinned = os.open(content.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:  # renamed since it was found: it is found again under its new name
            return ContentReport(name=content.name, source=content.source, outcome="unchanged")
        self._opener.pinned = pinned
        try:
            size = os.fstat(pinned).st_size
            if size != content.size:  # it grew, or this is another one by now
                content = replace(content, size=_whole_lines(pinned, min(size, content.size or 0)))
            if not content.size:
                return ContentReport(name=content.name, source=content.source, outcome="unchanged")
            return self._reading.read(content)
        finally:
            os.close(pinned)
            self._opener.pinned = None


class Follower:
    """Says which files below some paths have something new to read.

    A plain file is given up to the end of its last whole line, and one that holds still for half a minute as it is.
    `clock` gives seconds since 1970, as file systems count them.
    """

    def __init__(
        self, paths: Sequence[str], *, clock: Callable[[], float] = time.time, may_be_absent: bool = False
    ) -> None:
        self._paths = list(paths)
        self._clock = clock
        self._may_be_absent = may_be_absent
        self._looked: frozenset[tuple[str, int, int, int]] | None = None
        self._open = False  # something was left for later
        self._read: dict[tuple[str, str | None], tuple[int, int, int]] = {}

    def news(self) -> list[Content]:
        """Contents to read, in order. Raises `WhosawError` only for what is wrong from the start."""
        now = frozenset(_stats(self._paths))
        if now == self._looked and not self._open:
            return []
        first, self._looked = self._looked is None, now
        self._open = False
        try:
            found = discover(self._paths, None)
        except WhosawError:
            if first and not self._may_be_absent:
                raise
            return []  # between the two steps of a rotation there may be no file at all
        return [each for each in map(self._ready, one_pass_order(found.contents)) if each is not None]

    def _ready(self, content: Content) -> Content | None:
        """The content as far as it can be read now; None where that is no further than before."""
        if content.path is None:
            return None
        try:
            told = os.stat(content.path)
        except OSError:
            self._open = True
            return None
        still = self._clock() - told.st_mtime
        size = told.st_size
        if content.packing or holds_rows(content):
            if still < _STILL_PACKED:
                self._open = True
                return None
        elif still < _STILL:
            size = _lines_of(content.path, told.st_size)
            self._open |= size < told.st_size
            content = replace(content, size=size)
        else:
            content = replace(content, size=size, mtime_ns=told.st_mtime_ns)
        key = (str(content.path), content.member)
        if not size or self._read.get(key) == (told.st_dev, told.st_ino, size):
            return None
        self._read[key] = (told.st_dev, told.st_ino, size)
        return content


def _lines_of(path: Path, size: int) -> int:
    try:
        with open(path, "rb") as handle:
            return _whole_lines(handle.fileno(), size)
    except OSError:
        return 0


def _whole_lines(descriptor: int, size: int) -> int:
    """How many of the first `size` bytes are whole lines."""
    end = size
    while end > 0:
        start = max(0, end - _LOOK_BACK)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _stats(paths: Sequence[str]) -> Iterator[tuple[str, int, int, int]]:
    for name in paths:
        if os.path.isdir(name):
            for folder, _, files in os.walk(name):
                yield from _each(os.path.join(folder, file) for file in files)
        elif os.path.exists(name):
            yield from _each((name,))
        else:
            yield from _each(glob.glob(name, recursive=True))


def _each(paths: Any) -> Iterator[tuple[str, int, int, int]]:
    for path in paths:
        try:
            told = os.stat(path)
        except OSError:
            continue
        yield path, told.st_ino, told.st_size, told.st_mtime_ns
