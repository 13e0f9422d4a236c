"""Opens a content as one stream of unpacked bytes, through every layer it is packed in."""

from __future__ import annotations

import os
import threading
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import IO

from whosaw.store.objects.buckets import Buckets

from .content import STDIN, Content, StoredObject
from .object_stream import open_object
from .packing import ARCHIVES, HEAD_BYTES, TITLES, UNREADABLE, layers_of
from .streams import (
    ByteStream,
    CannotOpenError,
    FileStream,
    HandleStream,
    PartStream,
    TextStream,
    UnpackStream,
    why,
)
from .zip_member import open_zip, open_zip_member

__all__ = ["Cursors", "OpenContent", "unpacked"]


class _OpenZip:
    """A zip file with its directory, which takes long to read where there are many members.

    Any member can be read at any time, so its `position` is always before all of them.
    """

    def __init__(self, path: Path) -> None:
        self.archive = open_zip(path)
        self.members = self.archive.infolist()
        self.position = 0
        self.fault: str | None = None

    def close(self) -> None:
        self.archive.close()


Cursor = ByteStream | _OpenZip


class Cursors:
    """Open archives, those that are packed standing behind the member read last.

    A packed tar can only be unpacked from its start. With one `Cursors` for a run, members that are read in
    order cost one pass over their archive, not one each. Safe for threads; each cursor is in one pair of
    hands at a time.
    """

    def __init__(self, at_most: int = 4) -> None:
        self._at_most = at_most
        self._lock = threading.Lock()
        self._open: list[tuple[object, Cursor]] = []
        self.buckets = Buckets()

    def take(self, key: object, place: int) -> Cursor | None:
        """The cursor nearest before `place`, or None."""
        with self._lock:
            fit = [entry for entry in self._open if entry[0] == key and entry[1].position <= place]
            if not fit:
                return None
            best = max(fit, key=lambda entry: entry[1].position)
            self._open.remove(best)
            return best[1]

    def give(self, key: object, cursor: Cursor) -> None:
        """Keeps a cursor for the next member; the oldest one is closed if there are too many."""
        with self._lock:
            self._open.append((key, cursor))
            spare = self._open.pop(0)[1] if len(self._open) > self._at_most else None
        if spare is not None:
            spare.close()

    def close(self) -> None:
        with self._lock:
            cursors, self._open = [cursor for _, cursor in self._open], []
        for cursor in cursors:
            cursor.close()
        self.buckets.close()


class OpenContent:
    """An open content; `stream` gives its unpacked bytes. Raises `CannotOpenError`, and `WhosawError` where an object store cannot be
    reached. `content` says of an object which version it is.

    `any_version` opens a member of an archive that changed since it was listed; then the caller must compare
    digests.
    """

    def __init__(
        self,
        content: Content,
        *,
        cursors: Cursors | None = None,
        stdin: IO[bytes] | None = None,
        any_version: bool = False,
    ) -> None:
        self.stream: ByteStream
        self.content = content
        self._cursors = cursors
        self._cursor: Cursor | None = None
        self._buckets: Buckets | None = None
        self._key = (content.path, content.size, content.mtime_ns)
        if content.stored is not None:
            self.stream = self._from_store(content.stored, any_version=any_version)
            return
        if content.path is None:
            self.stream = _from_stdin(content, stdin)
            return
        try:
            self.stream = self._open(content, content.path, any_version)
        except OSError as error:
            self._close_archive()
            raise CannotOpenError(f"cannot be opened: {why(error)}") from error
        except CannotOpenError:
            self._close_archive()
            raise

    def _open(self, content: Content, path: Path, any_version: bool) -> ByteStream:
        archive = next((at for at, kind in enumerate(content.packing) if kind in ARCHIVES), None)
        if archive is None or content.member is None:
            return unpacked(FileStream(path), content.packing)
        if not any_version:
            _check_unchanged(content, path)
        outer, inner = content.packing[:archive], content.packing[archive + 1 :]
        if content.packing[archive] == "zip":
            return unpacked(self._zip_member(content, path), inner)
        return unpacked(self._tar_member(path, outer, content.place or 0, content.member_size or 0), inner)

    def _from_store(self, stored: StoredObject, *, any_version: bool) -> ByteStream:
        if self._cursors is None:
            self._buckets = Buckets()
        buckets = self._cursors.buckets if self._cursors is not None else self._buckets
        assert buckets is not None
        try:
            opened = open_object(self.content, stored, buckets, any_version=any_version)
        except BaseException:
            self.close_buckets()
            raise
        version = opened.facts.version
        self.content = replace(self.content, stored=replace(stored, version=version))
        return _without_packing(opened, opened.head(HEAD_BYTES), self.content.name)

    def _take(self, place: int) -> Cursor | None:
        return self._cursors.take(self._key, place) if self._cursors is not None else None

    def _tar_member(self, path: Path, outer: tuple[str, ...], place: int, size: int) -> ByteStream:
        taken = self._take(place)
        tar = unpacked(FileStream(path), outer) if taken is None or isinstance(taken, _OpenZip) else taken
        self._cursor = tar
        tar.skip(place - tar.position)
        if tar.position < place:
            raise CannotOpenError(tar.fault or "tar ends before its end")
        return PartStream(tar, size, "tar")

    def _zip_member(self, content: Content, path: Path) -> ByteStream:
        taken = self._take(0)
        try:
            self._cursor = opened = taken if isinstance(taken, _OpenZip) else _OpenZip(path)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise CannotOpenError(f"zip is damaged ({why(error)})") from error
        place = content.place or 0
        if place >= len(opened.members) or opened.members[place].filename != content.member:
            raise CannotOpenError("the archive changed after it was listed")
        return open_zip_member(path, opened.archive, opened.members[place])

    def close(self) -> None:
        """Closes what was opened, or leaves the archive open for the next member."""
        self.stream.close()
        if self._cursor is not None and self._cursors is not None and self._cursor.fault is None:
            self._cursors.give(self._key, self._cursor)
            self._cursor = None
        self._close_archive()
        self.close_buckets()

    def close_buckets(self) -> None:
        """End what was opened for this content alone."""
        if self._buckets is not None:
            self._buckets.close()
            self._buckets = None

    def _close_archive(self) -> None:
        if self._cursor is not None:
            self._cursor.close()
            self._cursor = None


def unpacked(stream: ByteStream, packing: tuple[str, ...]) -> ByteStream:
    """The stream with its layers taken off, outermost first."""
    for kind in packing:
        if kind in UNREADABLE or kind in ARCHIVES:
            stream.close()
            raise CannotOpenError(f"packed as {kind}; unpack it and scan the file")
        stream = TextStream(stream) if kind == "utf-16" else UnpackStream(stream, kind)
    return stream


def _check_unchanged(content: Content, path: Path) -> None:
    """Places in an archive are those of the version that was listed; in another they would point anywhere."""
    now = os.stat(path)
    if (now.st_size, now.st_mtime_ns) != (content.size, content.mtime_ns):
        raise CannotOpenError("the archive changed after it was listed; scan again")


def _from_stdin(content: Content, stdin: IO[bytes] | None) -> ByteStream:
    if content.name != STDIN or stdin is None:
        raise CannotOpenError("cannot be opened: standard input is not there")
    try:
        head = stdin.read(HEAD_BYTES) or b""
    except (OSError, ValueError) as error:
        raise CannotOpenError(f"cannot be read: {why(error)}") from error
    packing = layers_of(head, content.name)
    if packing and packing[-1] in ARCHIVES:
        kind = TITLES[packing[-1]]
        raise CannotOpenError(f"a {kind} archive on standard input needs two passes; save it to a file first")
    return unpacked(HandleStream(stdin, head), packing)


def _without_packing(stream: ByteStream, head: bytes, name: str) -> ByteStream:
    """An object without the layers that its first bytes tell of."""
    packing = layers_of(head, name)
    if packing and packing[-1] in ARCHIVES:
        kind = TITLES[packing[-1]]
        raise CannotOpenError(f"a {kind} archive in an object store; copy it to a disk and scan it there")
    return unpacked(stream, packing)
