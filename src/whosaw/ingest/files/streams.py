"""Streams of bytes that never raise on damaged input: they end, and say why in `fault`.

The bytes a stream gives depend only on its input, never on how it is asked for them, so that a resumed read
sees the same bytes and the same faults.
"""

from __future__ import annotations

import codecs
import os
from pathlib import Path
from typing import IO, Protocol

from whosaw.ingest.limits import beyond_ratio

from .packing import TITLES, kind_of, new_unpacker, unpack_errors

__all__ = [
    "UNPACKED_STEP",
    "ByteStream",
    "CannotOpenError",
    "FileStream",
    "HandleStream",
    "PartStream",
    "TextStream",
    "UnpackStream",
    "why",
]

PACKED_BLOCK = 64 << 10
UNPACKED_STEP = 128 << 10  # the most that one call unpacks; damaged xz, bzip2 and zstd lose at most this much
_SKIP_BLOCK = 1 << 20
_MEMBER_HEAD = 16  # enough to tell what follows a member


class CannotOpenError(Exception):
    """A content that gives no byte at all; the text is the fault to report."""


class ByteStream(Protocol):
    """`read` gives up to n bytes and b"" at the end; `fault` then says why the end came early, if it did.
    `position` counts the bytes given or skipped."""

    position: int
    fault: str | None

    @property
    def packed(self) -> int:
        """Bytes of the file on disk that were read for it, from which the ratio of all packings together follows."""

    def read(self, n: int) -> bytes: ...
    def skip(self, n: int) -> None: ...
    def close(self) -> None: ...


def why(error: BaseException) -> str:
    """The reason of an error in words, without a path."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


class FileStream:
    """A file on disk up to the size it has when it is opened.

    What is appended while it is read is left for the next run, so that a read is stable. Raises OSError if
    the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        # O_NONBLOCK: a file that was swapped for a named pipe must not hang the scan
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        self.size = os.fstat(self._fd).st_size
        self.position = 0
        self.fault: str | None = None

    def read(self, n: int) -> bytes:
        wanted = min(n, self.size - self.position)
        if wanted <= 0 or self.fault:
            return b""
        data = self._pread(wanted)
        self.position += len(data)
        return data

    def _pread(self, wanted: int) -> bytes:
        try:
            data = os.pread(self._fd, wanted, self.position)
        except OSError as error:
            self.fault = f"reading stopped: {why(error)}"
            return b""
        if not data:
            there = f"{self.position:,} of {self.size:,} bytes"
            self.fault = f"the file became shorter while it was read ({there} were there)"
        return data

    @property
    def packed(self) -> int:
        return self.position

    def newline_before(self, n: int) -> int:
        r"""Length of the longest piece of the next `n` bytes that ends with `\n`; 0 if none is nearby."""
        stop = min(n, self.size - self.position)
        look = min(stop, 64 << 10)
        try:
            tail = os.pread(self._fd, look, self.position + stop - look)
        except OSError:
            return 0  # the read that follows meets the same error and names it
        if len(tail) < look:
            return 0  # the file became shorter, which the read that follows must meet
        return stop - look + tail.rfind(b"\n") + 1 if b"\n" in tail else 0

    def skip(self, n: int) -> None:
        self.position = min(self.size, self.position + n)

    def close(self) -> None:
        os.close(self._fd)


class HandleStream:
    """An open handle such as standard input. It is not closed here: it belongs to whoever opened it."""

    def __init__(self, handle: IO[bytes], head: bytes = b"") -> None:
        self._handle = handle
        self._head = head
        self.position = 0
        self.fault: str | None = None

    @property
    def packed(self) -> int:
        return self.position

    def read(self, n: int) -> bytes:
        if self._head:
            data, self._head = self._head[:n], self._head[n:]
        else:
            data = self._read(n)
        self.position += len(data)
        return data

    def _read(self, n: int) -> bytes:
        try:
            return self._handle.read(n) or b""
        except (OSError, ValueError) as error:
            self.fault = f"reading stopped: {why(error)}"
            return b""

    def skip(self, n: int) -> None:
        _skip_by_reading(self, n)

    def close(self) -> None:
        return


class UnpackStream:
    """What one of gz, zst, bz2, xz unpacks to, over any number of members. Owns and closes `inner`."""

    def __init__(self, inner: ByteStream, kind: str) -> None:
        self._inner = inner
        self._kind = kind
        self._title = TITLES[kind]
        self._errors = unpack_errors()
        self._unpacker = new_unpacker(kind)
        self._packed = b""  # input for the next call, at a member border what follows it
        self._members = 0
        self._inside = False  # a member has begun and not ended
        self._ended = False
        self._ready = memoryview(b"")
        self.position = 0
        self._unpacked = 0
        self.fault: str | None = None

    @property
    def packed(self) -> int:
        return self._inner.packed

    def read(self, n: int) -> bytes:
        while not self._ready and not self._ended:
            self._ready = memoryview(self._step())
            self._unpacked += len(self._ready)
            if (bomb := beyond_ratio(self._unpacked, self.packed, self._title)) is not None:
                self._ready = memoryview(self._end(bomb))
        data = bytes(self._ready[:n])
        self._ready = self._ready[n:]
        self.position += len(data)
        return data

    def _step(self) -> bytes:
        if not self._inside and not self._begin():
            return b""
        if self._unpacker.needs_input and not self._packed:
            self._packed = _read_full(self._inner, PACKED_BLOCK)
            if not self._packed:
                return self._end(self._inner.fault or f"{self._title} ends before its end")
        try:
            out = self._unpacker.decompress(self._packed, UNPACKED_STEP)
        except self._errors as error:
            return self._end(f"{self._title} is damaged ({why(error)})")
        self._packed = b""
        if self._unpacker.eof:
            self._packed = self._unpacker.unused_data
            self._inside = False
        return out

    def _begin(self) -> bool:
        """Goes to the next member; False at the end. Zero bytes after a member are padding."""
        if self._members:
            self._packed = self._packed.lstrip(b"\x00")
        while len(self._packed) < _MEMBER_HEAD and (more := _read_full(self._inner, PACKED_BLOCK)):
            self._packed += more
            if self._members:
                self._packed = self._packed.lstrip(b"\x00")
        if not self._packed:
            self._end(self._inner.fault if self._members else self._inner.fault or f"{self._title} is empty")
            return False
        if self._members and kind_of(self._packed) != self._kind:
            self._end(f"bytes after the end of the {self._title} data are no {self._title} and were not read")
            return False
        self._unpacker = new_unpacker(self._kind)
        self._members += 1
        self._inside = True
        return True

    def _end(self, fault: str | None) -> bytes:
        self.fault = fault
        self._ended = True
        return b""

    def skip(self, n: int) -> None:
        _skip_by_reading(self, n)

    def close(self) -> None:
        self._inner.close()


class PartStream:
    """The next `size` bytes of `inner`, which stays open unless it is `owned`, and stands behind them
    afterwards.

    `whole` names what must not end before its end (a tar); empty if a shorter part is no fault.
    """

    def __init__(self, inner: ByteStream, size: int, whole: str = "", *, owned: bool = False) -> None:
        self._inner = inner
        self._owned = owned
        self._size = size
        self._whole = whole
        self.position = 0
        self.fault: str | None = None

    @property
    def packed(self) -> int:
        return self._inner.packed

    def read(self, n: int) -> bytes:
        wanted = min(n, self._size - self.position)
        if wanted <= 0:
            return b""
        data = self._inner.read(wanted)
        if not data:
            self.fault = self._inner.fault or (f"{self._whole} ends before its end" if self._whole else None)
        self.position += len(data)
        return data

    def skip(self, n: int) -> None:
        _skip_by_reading(self, n)

    def close(self) -> None:
        if self._owned:
            self._inner.close()


class TextStream:
    """Text in UTF-16 with a byte order mark, as UTF-8. Owns and closes `inner`."""

    def __init__(self, inner: ByteStream) -> None:
        self._inner = inner
        self._decoder = codecs.getincrementaldecoder("utf-16")("backslashreplace")
        self._ready = b""
        self._ended = False
        self.position = 0
        self.fault: str | None = None

    @property
    def packed(self) -> int:
        return self._inner.packed

    def read(self, n: int) -> bytes:
        while not self._ready and not self._ended:
            data = _read_full(self._inner, UNPACKED_STEP)
            self._ended = not data
            text = self._decoder.decode(data, final=self._ended)
            self._ready = text.encode("utf-8", "backslashreplace")
            self.fault = self._inner.fault
        data, self._ready = self._ready[:n], self._ready[n:]
        self.position += len(data)
        return data

    def skip(self, n: int) -> None:
        _skip_by_reading(self, n)

    def close(self) -> None:
        self._inner.close()


def _read_full(stream: ByteStream, size: int) -> bytes:
    """Exactly `size` bytes unless the stream ends: short reads of a pipe must not change what is unpacked."""
    pieces: list[bytes] = []
    missing = size
    while missing and (piece := stream.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _skip_by_reading(stream: ByteStream, n: int) -> None:
    while n > 0 and (data := stream.read(min(n, _SKIP_BLOCK))):
        n -= len(data)
