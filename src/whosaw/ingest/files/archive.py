"""What is in a tar or zip file.

Members are listed and later read as streams; nothing is ever extracted, so a name such as `../../etc/passwd`
in an archive is only a name.
"""

from __future__ import annotations

import stat
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, cast

from whosaw.ingest.limits import MOST_MEMBERS

from .packing import HEAD_BYTES, kind_of
from .streams import ByteStream, CannotOpenError, why
from .zip_member import open_zip, open_zip_member

__all__ = ["Listed", "list_tar", "list_zip"]

_MAX_HEADER = 1 << 20  # an extended tar header beyond this is an attack on memory, not a name
_FIRST = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One member, or what else was found. `problem` says why it cannot be read; then `name` may be empty: the
    problem is one of the archive as a whole. `head` holds its first bytes."""

    name: str = ""
    place: int = 0
    size: int = 0
    head: bytes = b""
    problem: str | None = None


def list_tar(stream: ByteStream) -> Iterator[Listed]:
    """Files in an unpacked tar, in order; folders are left out. Reads the stream once and forwards only."""
    forward = _ForwardFile(stream)
    last, count = "", 0
    try:
        with tarfile.open(fileobj=cast(IO[bytes], forward), mode="r:") as tar:
            while (member := tar.next()) is not None:
                cast(_Members, tar).members.clear()  # else a long tar is held in memory
                last, count = member.name, count + 1
                if count > MOST_MEMBERS:
                    yield Listed(
                        problem=f"more than {MOST_MEMBERS:,} members; what comes after {last!r} is not read"
                    )
                    return
                if not member.isdir():
                    yield _tar_member(member, forward)
        problem = forward.after_end()
    except (tarfile.TarError, OSError, ValueError, OverflowError) as error:
        problem = stream.fault or f"tar is damaged ({why(error)})"
    if problem is not None:
        yield Listed(
            problem=f"{problem}; what comes after member {last!r} cannot be listed" if last else problem
        )


def _tar_member(member: tarfile.TarInfo, forward: _ForwardFile) -> Listed:
    if member.issym() or member.islnk():
        return Listed(
            name=member.name, problem=f"a link to {member.linkname!r} inside the archive, not followed"
        )
    if member.issparse():
        return Listed(name=member.name, problem="a sparse file in a tar; unpack it and scan the file")
    if not member.isreg():
        return Listed(name=member.name, problem="not a file (a device or pipe in an archive)")
    head = forward.read(min(member.size, _FIRST))
    if kind_of(head) is not None:
        head += forward.read(min(member.size, HEAD_BYTES) - len(head))
    return Listed(name=member.name, place=member.offset_data, size=member.size, head=head)


class _Members(Protocol):
    """The list that `tarfile` keeps and its type stubs leave out."""

    members: list[tarfile.TarInfo]


class _ForwardFile:
    """A stream as the file that `tarfile` wants, which goes forwards and at most one byte back."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._back = b""
        self._last = b""
        self._block = b""

    def tell(self) -> int:
        return self._stream.position - len(self._back)

    def seek(self, place: int) -> int:
        gap = place - self.tell()
        if gap == -1 and self._last and not self._back:
            self._back = self._last
        elif gap >= 0:
            gap -= len(self._back)
            self._back = b""
            self._stream.skip(gap)
        else:
            raise tarfile.ReadError("a header points backwards")
        return place

    def read(self, n: int) -> bytes:
        if n > _MAX_HEADER:
            raise tarfile.ReadError(f"a header of {n:,} bytes")
        back, self._back = self._back, b""
        pieces = [back]
        missing = n - len(back)
        while missing > 0 and (piece := self._stream.read(missing)):
            pieces.append(piece)
            missing -= len(piece)
        data = b"".join(pieces)
        self._last = data[-1:] or self._last
        if n in (1, _FIRST):
            self._block = data
        return data

    def after_end(self) -> str | None:
        """What is wrong behind the last member: `tarfile` takes a cut and a second archive for an end."""
        if self._stream.fault:
            return self._stream.fault
        if len(self._block) < _FIRST:
            return "tar has no end mark and may have been cut"
        if self._block.strip(b"\x00"):
            return "tar is damaged (a header that is none)"
        while data := self._stream.read(_MAX_HEADER):
            if data.strip(b"\x00"):
                return "bytes follow the end mark of the tar and were not read (archives joined with cat?)"
        return self._stream.fault


def list_zip(path: Path) -> Iterator[Listed]:
    """Files in a zip file in the order of its directory; folders are left out.

    A zip whose members lie over one another is refused whole: a few bytes would be read for as many files as it names.
    """
    try:
        with open_zip(path) as archive:
            if (problem := _overlap(archive.infolist())) is not None:
                yield Listed(problem=problem)
                return
            for place, member in enumerate(archive.infolist()):
                if not member.is_dir():
                    yield _zip_member(path, archive, member, place)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        yield Listed(problem=f"zip cannot be listed ({why(error)})")


def _overlap(members: list[zipfile.ZipInfo]) -> str | None:
    """What is wrong where the bytes of one member lie over those of another."""
    over, end = 0, 0
    for member in sorted(members, key=lambda each: each.header_offset):
        if member.header_offset < end:
            over += 1
        # a member has at least its header, its name and its bytes (APPNOTE.TXT 4.3.7)
        end = max(end, member.header_offset + 30 + len(member.orig_filename) + member.compress_size)
    return f"refused: {over:,} members of the zip overlap others, as in a zip bomb" if over else None


def _zip_member(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: int) -> Listed:
    if stat.S_ISLNK(member.external_attr >> 16):
        return Listed(name=member.filename, problem="a link inside the archive, not followed")
    head = b""
    try:
        stream = open_zip_member(path, archive, member)
    except CannotOpenError:
        head = b""  # encrypted or damaged: named as a fault of this member when it is read
    else:
        head = stream.read(_FIRST)
        if kind_of(head) is not None:
            while len(head) < HEAD_BYTES and (more := stream.read(HEAD_BYTES - len(head))):
                head += more
        stream.close()
    return Listed(name=member.filename, place=place, size=member.file_size, head=head)
