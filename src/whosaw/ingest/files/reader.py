"""Reads a content in chunks of whole lines, with a digest at every chunk border."""

from __future__ import annotations

import hashlib
import sys
from collections import deque
from collections.abc import Iterator
from types import TracebackType
from typing import IO, Self

import numpy as np

from whosaw.ingest.limits import CHUNK_LINES

from .content import CHUNK_BYTES, KEPT_LINE_BYTES, MAX_LINE_BYTES, STDIN, Chunk, Content
from .object_stream import ObjectStream
from .opening import Cursors, OpenContent
from .streams import ByteStream, CannotOpenError, FileStream, PartStream

__all__ = ["ContentReader"]

_LONG_LINE_STEP = 1 << 20
_PREFIX_STEP = 4 << 20
_CUT_STEP = 128 << 10
_LF = 0x0A


class ContentReader:
    r"""Iterates over the chunks of a content. Use it as a context manager.

    Where a chunk ends depends only on where it starts, on `chunk_bytes` and on the content: it ends after
    the last `\n` of the next `chunk_bytes`, or after `chunk_lines` of them; if there is none, after the first
    that follows. So a read that starts at a border of an earlier one gives the same later chunks.

    Damaged input never raises. The chunks before the damage come, `fault` says what is wrong and how many
    lines came before it. After the last chunk `digest`, `size` and `lines` are those of the whole unpacked
    content; before that, of what was read so far. `prefix_digest` is the SHA-256 of the first `start` bytes,
    None if there are fewer.
    """

    def __init__(
        self,
        content: Content,
        *,
        start: int = 0,
        start_line: int = 1,
        stop: int | None = None,
        chunk_bytes: int = CHUNK_BYTES,
        chunk_lines: int = CHUNK_LINES,
        max_line_bytes: int = MAX_LINE_BYTES,
        kept_line_bytes: int = KEPT_LINE_BYTES,
        cursors: Cursors | None = None,
        stdin: IO[bytes] | None = None,
        any_version: bool = False,
    ) -> None:
        """`start` must be the start of line `start_line`. Nothing from `stop` on is read.

        `cursors` makes members of one archive cheap; `any_version` reads a member of an archive that changed
        since it was listed.
        """
        if not 1 <= kept_line_bytes <= max_line_bytes or not 1 <= chunk_bytes <= max_line_bytes:
            raise ValueError("chunk_bytes and kept_line_bytes must be between 1 and max_line_bytes")
        self.content = content
        self._start, self._stop = start, stop
        self._chunk_bytes, self._max_line, self._kept_line = chunk_bytes, max_line_bytes, kept_line_bytes
        self._chunk_lines = chunk_lines
        self._cursors, self._any_version = cursors, any_version
        self._stdin = stdin if stdin is not None else _standard_input(content)
        self._first_line = start_line
        self._line = start_line
        self._hash = hashlib.sha256()
        self._carry = b""
        self._window, self._cuts = (
            b"",
            deque[int](),
        )  # what is left to be given of a window, and where to cut it
        self._open: OpenContent | None = None
        self._stream: ByteStream | None = None
        self._problem: str | None = None
        self._torn = False
        self._at = 0
        self.prefix_digest: str | None = None

    def __enter__(self) -> Self:
        try:
            self._open = OpenContent(
                self.content, cursors=self._cursors, stdin=self._stdin, any_version=self._any_version
            )
        except CannotOpenError as error:
            self._problem = str(error)
            return self
        self.content = self._open.content
        stream = self._open.stream
        self._stream = stream if self._stop is None else PartStream(stream, self._stop)
        self._read_prefix(self._stream)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open is not None:
            self._open.close()
        self._open = self._stream = None

    def _read_prefix(self, stream: ByteStream) -> None:
        while self._at < self._start and (data := stream.read(min(_PREFIX_STEP, self._start - self._at))):
            self._hash.update(data)
            self._at += len(data)
        if self._at == self._start:
            self.prefix_digest = self._hash.hexdigest()
            return
        lost = f"only {self._at:,} bytes are left of the {self._start:,} that were read in an earlier run"
        self._problem = stream.fault or lost
        self._stream = None

    def __iter__(self) -> Iterator[Chunk]:
        while self._stream is not None and (chunk := self._next(self._stream)) is not None:
            yield chunk
        if self._stream is not None:
            self._problem = self._stream.fault
            self._stream = None

    def _next(self, stream: ByteStream) -> Chunk | None:
        if self._cuts:
            return self._from_window()
        if (
            isinstance(stream, FileStream)
            and not self._carry
            and (length := stream.newline_before(self._chunk_bytes))
        ):
            # the border is known before the read, so the bytes need no copy
            window = self._fill(stream, length)
        else:
            window = self._fill(stream, self._chunk_bytes)
        if not window:
            return None
        cut = window.rfind(b"\n") + 1
        if cut:
            lines = window.count(b"\n")
            if lines > self._chunk_lines:
                self._window, self._cuts = window, _cuts(window, self._chunk_lines)
                return self._from_window()
            self._carry = window[cut:]
            data = window[:cut] if self._carry else window
            self._hash.update(data)
            return self._chunk(data, len(data), lines, terminated=True)
        return self._long_line(stream, window)

    def _from_window(self) -> Chunk:
        """The next `chunk_lines` of a window that holds more of them."""
        start, end = self._cuts.popleft(), self._cuts[0]
        data = self._window[start:end]
        if len(self._cuts) == 1:
            self._carry, self._window = self._window[end:], b""
            self._cuts.clear()
        self._hash.update(data)
        return self._chunk(data, len(data), self._chunk_lines, terminated=True)

    def _fill(self, stream: ByteStream, size: int) -> bytes:
        """`size` bytes, those carried over first; fewer only at the end."""
        pieces, missing = [self._carry], size - len(self._carry)
        self._carry = b""
        while missing and (piece := stream.read(missing)):
            pieces.append(piece)
            missing -= len(piece)
        return pieces[1] if len(pieces) == 2 and not pieces[0] else b"".join(pieces)

    def _long_line(self, stream: ByteStream, window: bytes) -> Chunk:
        """The chunk of one line that has no end within `chunk_bytes`, or no end at all."""
        kept: list[bytes] = []
        length, end, piece = 0, 0, window
        while piece:
            end = piece.find(b"\n") + 1
            part = piece[:end] if end else piece
            self._hash.update(part)
            if length <= self._max_line:
                kept.append(part)
            length += len(part)
            if end:
                break
            piece = stream.read(min(_LONG_LINE_STEP, self._chunk_bytes))  # what is left over fits in a chunk
        self._carry = piece[end:] if end else b""
        oversized = length - (1 if end else 0) > self._max_line
        data = b"".join(kept)
        if oversized:
            data = data[: self._kept_line] + (b"\n" if end else b"")
        self._torn = not end
        return self._chunk(data, length, 1, terminated=bool(end), oversized=oversized)

    def _chunk(
        self, data: bytes, length: int, lines: int, *, terminated: bool, oversized: bool = False
    ) -> Chunk:
        offset, first_line = self._at, self._line
        self._at += length
        self._line += lines
        return Chunk(
            data=data,
            offset=offset,
            end=self._at,
            first_line=first_line,
            lines=lines,
            terminated=terminated,
            oversized_lines=(first_line,) if oversized else (),
            prefix_digest=self._hash.hexdigest(),
        )

    @property
    def in_ranges(self) -> bool:
        """Whether any range of its bytes can be read without those before it."""
        return isinstance(self._stream, FileStream | ObjectStream)

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    @property
    def size(self) -> int:
        return self._at

    @property
    def lines(self) -> int:
        """Lines of the content up to here, those before `start` included."""
        return self._line - 1

    @property
    def fault(self) -> str | None:
        """What is wrong with the content, with the number of lines before it; None while nothing is known."""
        if self._problem is None:
            return None
        whole = self.lines - (1 if self._torn else 0)
        torn = " and the start of another" if self._torn else ""
        return f"{self._problem}: {whole:,} line{'' if whole == 1 else 's'}{torn} read before"


def _cuts(window: bytes, lines: int) -> deque[int]:
    """Where the window begins, and where in it each further `lines` lines end."""
    cuts, seen = deque([0]), 0
    octets = np.frombuffer(window, dtype=np.uint8)
    for start in range(0, len(window), _CUT_STEP):
        ends = np.flatnonzero(octets[start : start + _CUT_STEP] == _LF) + start + 1
        cuts.extend(ends[lines - 1 - seen % lines :: lines].tolist())
        seen += len(ends)
    return cuts


def _standard_input(content: Content) -> IO[bytes] | None:
    is_stdin = content.name == STDIN and not content.lasting
    return sys.stdin.buffer if is_stdin and sys.stdin is not None else None
