"""Looks at files for a legal hold: what there is, its digests and times. Nothing here judges."""

from __future__ import annotations

import glob
import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from whosaw.app.reading.content import HEAD_BYTES, place_of
from whosaw.app.reading.formats import parse_all, pick_format
from whosaw.app.settings import ScanSettings
from whosaw.core.errors import WhosawError
from whosaw.ingest.event_file import holds_rows
from whosaw.ingest.files.content import Content, Discovery, Skipped
from whosaw.ingest.files.discover import discover
from whosaw.ingest.files.opening import Cursors, OpenContent
from whosaw.ingest.files.reader import ContentReader
from whosaw.ingest.files.source_name import read_name
from whosaw.ingest.files.streams import CannotOpenError
from whosaw.ingest.format_item import FormatItem
from whosaw.logs.hold import Checkpoint, HeldFile
from whosaw.store.objects.address import is_object

__all__ = [
    "Clock",
    "Measured",
    "Stamp",
    "Times",
    "contents_now",
    "held_file",
    "measure",
    "relatives",
    "stamp_now",
]

_STEP = 4 << 20
_NOTHING = ("scan.nothing-to-read", "scan.no-such-path", "scan.pattern-matches-nothing")
_HOUR = 3_600_000_000
# far apart in long files: enough to say from where on a file differs, without a record as long as the log
_SPACES = ((4 << 20, 64 << 10), (64 << 20, 1 << 20), (1 << 62, 32 << 20))


Stamp = list[int | str]


@dataclass(slots=True, kw_only=True)
class Measured:
    """Unpacked bytes and whole lines up to where was read, and the digest (SHA-256) of the bytes before each mark. `content` is what was
    read; of an object, with its version."""

    size: int = 0
    lines: int = 0
    head: bytes = b""
    digests: dict[int, str] = field(default_factory=dict)
    lines_at: dict[int, int] = field(default_factory=dict)
    more: bool = False
    content: Content | None = None
    trouble: str | None = None


@dataclass(slots=True, kw_only=True)
class Times:
    """Times of the events of a content: microseconds since 1970 UTC, and events by hour since 1970."""

    first: int | None = None
    last: int | None = None
    hours: Counter[int] = field(default_factory=Counter)


def contents_now(paths: Sequence[str]) -> Discovery:
    """What is there to read under those of `paths` that are there. A file that is packed in a way that cannot be read is
    a content too, as its bytes are."""
    there = [path for path in paths if os.path.lexists(path) or (glob.has_magic(path) and glob.glob(path))]
    found = _found(there)
    for path in filter(is_object, paths):
        more = _found([path])
        found = Discovery(contents=(*found.contents, *more.contents), skipped=(*found.skipped, *more.skipped))
    raw = [content for skipped in found.skipped if (content := _as_bytes(skipped)) is not None]
    names = {content.name for content in raw}
    return Discovery(
        contents=(*found.contents, *raw),
        skipped=tuple(each for each in found.skipped if each.name not in names),
    )


def _found(there: Sequence[str]) -> Discovery:
    """What there is to read; nothing where nothing is."""
    try:
        return discover(there) if there else Discovery(contents=(), skipped=())
    except WhosawError as fault:
        if fault.code not in _NOTHING:
            raise
        return Discovery(contents=(), skipped=())


def _as_bytes(skipped: Skipped) -> Content | None:
    path = Path(skipped.name)
    if not skipped.reason.endswith("unpack it first") or "!" in skipped.name or not path.is_file():
        return None
    status = path.stat()
    source = read_name(path.name).source
    return Content(
        name=skipped.name, source=source, path=path, size=status.st_size, mtime_ns=status.st_mtime_ns
    )


def relatives(path: Path) -> list[str]:
    """The files in the folder of `path` that belong to the same stream of logs by their names, itself included."""
    source = read_name(path.name).source
    try:
        names = os.listdir(path.parent)
    except OSError:
        return []
    return sorted(str(path.parent / name) for name in names if read_name(name).source == source)


def stamp_now(content: Content | None) -> Stamp | None:
    """What changes when a file does: device, inode, size, and times of content and inode. The last cannot be set back. Of an object
    what its listing said: size, time and ETag."""
    if content is not None and content.stored is not None:
        return [content.size or 0, content.mtime_ns or 0, content.stored.etag or ""]
    if content is None or content.path is None:
        return None
    try:
        told = content.path.stat()
    except OSError:
        return None
    return [told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns]


def measure(
    content: Content, *, marks: Iterable[int] = (), until: int | None = None, cursors: Cursors | None = None
) -> Measured:
    """Read a content, up to byte `until` and one further, and digest it at each of `marks`; without `until` to its end,
    with marks of its own. Never raises on damage: `trouble` says what it was."""
    told = Measured()
    own = until is None
    wanted = sorted(mark for mark in set(marks) if mark > 0)
    digest = hashlib.sha256()
    try:
        opened = OpenContent(content, cursors=cursors, any_version=True)
    except CannotOpenError as error:
        told.trouble = str(error)
        return told
    told.content = opened.content
    try:
        while True:
            border = _next_own(told.size) if own else next((m for m in wanted if m > told.size), None)
            if border is None or (until is not None and told.size >= until):
                told.more = bool(opened.stream.read(1))
                break
            data = opened.stream.read(min(_STEP, border - told.size))
            if not data:
                told.trouble = opened.stream.fault
                break
            digest.update(data)
            if len(told.head) < HEAD_BYTES:
                told.head += data[: HEAD_BYTES - len(told.head)]
            told.size += len(data)
            told.lines += data.count(b"\n")
            if told.size == border:
                told.digests[border], told.lines_at[border] = digest.hexdigest(), told.lines
    finally:
        opened.close()
    told.digests[told.size] = digest.hexdigest()
    return told


def _next_own(size: int) -> int:
    space = next(space for upto, space in _SPACES if size < upto)
    return (size // space + 1) * space


class Clock:
    """Reads the times of contents that are not in the ledger. The format of a source is found once."""

    def __init__(self, settings: ScanSettings) -> None:
        self._settings = settings
        self._of_source: dict[str, FormatItem] = {}

    def times_of(self, content: Content) -> Times:
        """First, last and hours of the events of a content. Empty where they cannot be read."""
        told = Times()
        try:
            for parsed in parse_all(content, self._with_format(content)):
                micros = np.asarray(parsed.events["time"].combine_chunks().cast(pa.int64()))
                if len(micros):
                    first, last = int(micros.min()), int(micros.max())
                    told.first = first if told.first is None else min(first, told.first)
                    told.last = last if told.last is None else max(last, told.last)
                    hours, events = np.unique(micros // _HOUR, return_counts=True)
                    told.hours.update(dict(zip(hours.tolist(), events.tolist(), strict=True)))
        except WhosawError:
            return Times()  # a format that needs a zone which nobody gave: its bytes are held all the same
        return told

    def _with_format(self, content: Content) -> ScanSettings:
        settings = self._settings.of(content)
        if settings.forced is not None or holds_rows(content):
            return settings
        with ContentReader(content, any_version=True) as reader:
            first = next(iter(reader), None)
        if first is None:
            return settings
        item, _ = pick_format(content, first.data, settings, self._of_source.get(content.source))
        self._of_source[content.source] = item
        return replace(settings, forced=item)


def held_file(
    content: Content, told: Measured, times: Times, *, at: int, format_name: str | None
) -> HeldFile:
    """The record of one content as it was measured. `at` is the time of the order, microseconds since 1970 UTC."""
    modified = (content.mtime_ns or 0) // 1000
    sure = (times.first is not None and times.first <= at) or modified <= at
    return HeldFile(
        name=content.name,
        source=content.source,
        place=place_of(told.content or content),
        size=told.size,
        lines=told.lines,
        digest=told.digests[told.size],
        head=hashlib.sha256(told.head).hexdigest(),
        head_size=len(told.head),
        on_disk=content.size or 0,
        modified=modified,
        first=times.first,
        last=times.last,
        hours=dict(times.hours),
        checkpoints=tuple(
            Checkpoint(end=end, lines=told.lines_at[end], digest=digest)
            for end, digest in sorted(told.digests.items())
            if end in told.lines_at and end != told.size
        ),
        format=format_name,
        existed="yes" if sure else "cannot-tell",
    )
