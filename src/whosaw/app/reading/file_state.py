"""Whether the files that were read are still there, and still what was read.

Cheap is what the file system tells: whether a file is there, and its size. `verify` reads every file again up to where it was
read and compares the digest that the journal holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from whosaw.core.document import object_of, told_as
from whosaw.ingest.event_file import RowReader, holds_rows
from whosaw.ingest.files.content import Content
from whosaw.ingest.files.object_stream import GONE
from whosaw.ingest.files.opening import Cursors
from whosaw.ingest.files.reader import ContentReader
from whosaw.logs.health import FileFacts, FileState
from whosaw.store.journal import Journal
from whosaw.store.repositories.contents import contents_in_force
from whosaw.store.repositories.manifest import content_segments
from whosaw.store.workspace import Workspace

from .content import restore

__all__ = ["Outcome", "Verified", "files_of", "told", "verify"]

Outcome = Literal["same", "changed", "shorter", "gone", "cannot-tell"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """One content that was read again. Sizes are unpacked bytes; `from_byte` and `from_line` are where the first segment
    begins that is not what was read."""

    content: int = field(metadata=told_as(never=True))
    source: str
    name: str
    outcome: Outcome
    then: int = field(metadata=told_as("bytes_then"))
    now: int | None = field(default=None, metadata=told_as("bytes_now"))
    from_byte: int | None = None
    from_line: int | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesVerified:
    """How many contents came out how, and every one that is not the same."""

    same: int
    changed: int
    shorter: int
    gone: int
    cannot_tell: int
    files: tuple[Verified, ...]


def told(verified: Sequence[Verified]) -> FilesVerified:
    """What came of reading the files again, put together."""
    number = Counter(each.outcome for each in verified)
    return FilesVerified(
        same=number["same"],
        changed=number["changed"],
        shorter=number["shorter"],
        gone=number["gone"],
        cannot_tell=number["cannot-tell"],
        files=tuple(each for each in verified if each.outcome != "same"),
    )


def verify(workspace: Workspace, *, now: datetime, source: str | None = None) -> list[Verified]:
    """Read every file again (or those of one source) and compare. The custody journal records that it was done."""
    rows = _contents(workspace.journal)
    newest = _newest(rows)
    cursors = Cursors()
    try:
        found = [
            _verified(workspace.journal, row, newest[row.name], cursors)
            for row in rows
            if source in (None, row.source)
        ]
    finally:
        cursors.close()
    counted = {name: number for name, number in object_of(told(found)).items() if name != "files"}
    body = {"source": source, **counted}
    with workspace.journal.transaction() as connection:
        workspace.journal.record(connection, "coverage.verify", body, now=now)
    return found


def files_of(journal: Journal, verified: Sequence[Verified] | None = None) -> tuple[FileFacts, ...]:
    """Every content and the state of its file. What was verified counts more than what the file system tells. An object is looked at
    where it was verified alone: to ask a store for each costs as long as to list them."""
    rows = _contents(journal)
    newest = _newest(rows)
    known = {each.content: each for each in verified or ()}
    return tuple(
        _file(row, newest[row.name], known.get(row.id))
        for row in rows
        if row.place.stored is None or row.id in known
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Original:
    """A content of which anything was read from a file, with the times of its events, and how to open it again."""

    id: int
    name: str
    source: str
    place: Content
    head: str
    size: int
    digest: str
    first: int | None
    last: int | None


def _contents(journal: Journal) -> list[_Original]:
    return [
        _Original(
            id=each.id, name=each.name, source=each.source, place=place, head=each.head, size=each.size,
            digest=each.digest, first=each.first, last=each.last,
        )
        for each in contents_in_force(journal)
        if each.is_original and (place := restore(each.place)).lasting
    ]  # fmt: skip


def _newest(rows: list[_Original]) -> dict[str, _Original]:
    """By name, the content that was read last under it. Another one of that name had its file before."""
    return {row.name: row for row in rows}


def _edited(row: _Original, newest: _Original) -> bool:
    """Whether what is read now under the name of `row` begins as it did, and yet was not its continuation."""
    return row is not newest and (
        row.head == newest.head or (row.first is not None and row.first == newest.first)
    )


def _file(row: _Original, newest: _Original, verified: Verified | None) -> FileFacts:
    place = row.place
    state: FileState = "in-place"
    then, now = row.size, None
    path = place.path
    if path is None:
        state = "gone" if verified is not None and verified.outcome == "gone" else state
    elif not path.exists():
        state = "gone" if path.parent.is_dir() else "unreachable"
        then = place.size if place.size is not None and place.member is None else then  # as people saw it
    elif row is not newest:
        now = newest.size
        state = "gone" if not _edited(row, newest) else "shorter" if now < then else "changed"
    elif place.size is not None and (on_disk := path.stat().st_size) < place.size:
        state, then, now = "shorter", place.size, on_disk
    if verified is not None and verified.outcome in ("changed", "shorter"):
        state, then, now = _STATE[verified.outcome], verified.then, verified.now
    return FileFacts(
        source=row.source,
        name=row.name,
        state=state,
        then=then,
        now=now,
        first=row.first,
        last=row.last,
        from_byte=verified.from_byte if verified else None,
        from_line=verified.from_line if verified else None,
    )


_STATE: dict[Outcome, FileState] = {"changed": "changed", "shorter": "shorter"}


def _verified(journal: Journal, row: _Original, newest: _Original, cursors: Cursors) -> Verified:
    place = row.place
    base = Verified(content=row.id, source=row.source, name=row.name, outcome="gone", then=row.size)
    if place.path is not None and not place.path.exists():
        if place.path.parent.is_dir():
            return base
        return _with(base, "cannot-tell", why="the folder is not there")
    if _reads_its_version(place):
        pass  # whatever stands under its name now
    elif row is not newest and not _edited(row, newest):
        return _with(base, "gone", why="another log stands in its place")
    if holds_rows(place):
        with RowReader(place) as rows:
            return _with(base, "same" if rows.digest == row.digest else "changed", now=rows.size)
    size, digest, fault = _digest_to(place, row.size, cursors)
    if (size, digest) == (row.size, row.digest):
        return _with(base, "same", now=size)
    if size == 0 and fault is not None and place.stored is not None and fault.startswith(GONE):
        return base
    if size == 0 and fault is not None:
        return _with(base, "cannot-tell", why=f"it cannot be read again ({fault})")
    byte, line = _first_difference(journal, row, cursors)
    outcome: Outcome = (
        "shorter" if size < row.size and byte >= _last_border(journal, row, size) else "changed"
    )
    return Verified(
        content=row.id, source=row.source, name=row.name, outcome=outcome, then=row.size, now=size,
        from_byte=byte, from_line=line,
    )  # fmt: skip


def _reads_its_version(place: Content) -> bool:
    return place.stored is not None and place.stored.version is not None


def _with(base: Verified, outcome: Outcome, *, now: int | None = None, why: str | None = None) -> Verified:
    return Verified(
        content=base.content, source=base.source, name=base.name, then=base.then, outcome=outcome, now=now, why=why
    )  # fmt: skip


def _digest_to(place: Content, size: int, cursors: Cursors) -> tuple[int, str, str | None]:
    """Size and digest of the first `size` unpacked bytes, or of all where there are fewer."""
    with ContentReader(place, stop=size, any_version=True, cursors=cursors) as reader:
        for _ in reader:
            pass
        return reader.size, reader.digest, reader.fault


def _first_difference(journal: Journal, row: _Original, cursors: Cursors) -> tuple[int, int]:
    """Start and first line of the first segment up to whose end the bytes are not what was read."""
    segments = content_segments(journal, row.id)
    low, high = (
        0,
        len(segments) - 1,
    )  # the digest is of all bytes up to an end, so once it differs it always does
    while low < high:
        middle = (low + high) // 2
        same = _digest_to(row.place, segments[middle]["end"], cursors)[1] == segments[middle]["digest"]
        low, high = (middle + 1, high) if same else (low, middle)
    return (segments[low]["start"], segments[low]["first_line"]) if segments else (0, 1)


def _last_border(journal: Journal, row: _Original, size: int) -> int:
    """The start of the segment in which byte `size` lies: a file that was only cut is the same up to there."""
    return max(
        (each["start"] for each in content_segments(journal, row.id) if each["start"] <= size), default=0
    )
