"""One member of a zip file as a stream of bounded steps."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

from whosaw.ingest.limits import MOST_DIRECTORY, MOST_MEMBERS, beyond_ratio

from .streams import UNPACKED_STEP, ByteStream, CannotOpenError, FileStream, PartStream, UnpackStream, why

__all__ = ["open_zip", "open_zip_member"]

_STREAMED = {
    12: "bz2",
    93: "zst",
    95: "xz",
}  # APPNOTE.TXT 4.4.5; each of these packings has checksums of its own
_LOCAL_HEADER = 30  # APPNOTE.TXT 4.3.7; lengths of name and extra field stand at its end


class _Bounded(io.FileIO):
    """A file that refuses to be read in one piece, as `zipfile` reads a directory of any size."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size > MOST_DIRECTORY:
            raise zipfile.BadZipFile(f"a directory of more than {MOST_DIRECTORY >> 20} MiB")
        return super().read(size) or b""


class _Zip(zipfile.ZipFile):
    """A zip file that owns what it is read from."""

    def __init__(self, path: Path) -> None:
        self._owned = _Bounded(path)
        try:
            super().__init__(self._owned)
        except BaseException:
            self._owned.close()
            raise

    def close(self) -> None:
        super().close()
        self._owned.close()


def open_zip(path: Path) -> zipfile.ZipFile:
    """A zip file with its directory, both of them bounded. Raises what `zipfile` raises, and OSError."""
    archive = _Zip(path)
    if len(archive.infolist()) > MOST_MEMBERS:
        archive.close()
        raise zipfile.BadZipFile(f"more than {MOST_MEMBERS:,} members")
    return archive


def open_zip_member(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> ByteStream:
    """The unpacked bytes of a member. Raises `CannotOpenError` for one that is encrypted, damaged, or packed
    in a way that is not read."""
    if member.flag_bits & 1:
        raise CannotOpenError("zip member is encrypted; unpack it with its password and scan the file")
    try:
        if member.compress_type in _STREAMED:
            return _streamed(path, member)
        return _ZipMemberStream(archive, member)
    except NotImplementedError as error:
        raise CannotOpenError(f"zip member is packed in a way that is not read ({why(error)})") from error
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, EOFError) as error:
        raise CannotOpenError(f"zip member is damaged ({why(error)})") from error


def _streamed(path: Path, member: zipfile.ZipInfo) -> ByteStream:
    """`zipfile` unpacks bzip2 without a bound (600 MB from 600 bytes), and zstd and xz not at all."""
    file = FileStream(path)
    file.skip(member.header_offset)
    header = file.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or not header.startswith(b"PK\x03\x04"):
        file.close()
        raise zipfile.BadZipFile("the directory of the zip points to a place where no member begins")
    file.skip(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"))
    packed = PartStream(file, member.compress_size, "zip member", owned=True)
    return UnpackStream(packed, _STREAMED[member.compress_type])


class _ZipMemberStream:
    """A member that is stored, deflated, or packed as LZMA."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        self._file = archive.open(member)
        # for LZMA `zipfile` unpacks all that it reads at once, at least 4 KiB, which become 30 MB at most
        self._packed = member.compress_size
        self._step = 4096 if member.compress_type == zipfile.ZIP_LZMA else UNPACKED_STEP
        self.position = 0
        self.fault: str | None = None

    @property
    def packed(self) -> int:
        return self._packed

    def read(self, n: int) -> bytes:
        if self.fault:
            return b""
        try:
            data = self._file.read(min(n, self._step))
        except EOFError:
            self.fault = "zip member ends before its end"
            return b""
        except (zipfile.BadZipFile, zlib.error, OSError, ValueError) as error:
            self.fault = f"zip member is damaged ({why(error)})"
            return b""
        self.fault = beyond_ratio(self.position + len(data), self._packed, "zip member")
        if self.fault is not None:
            return b""
        self.position += len(data)
        return data

    def skip(self, n: int) -> None:
        while n > 0 and (data := self.read(n)):
            n -= len(data)

    def close(self) -> None:
        self._file.close()
