"""The text of one log file with the mark of each of its lines, and what one damage made of it."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from whosaw.core.errors import WhosawError
from whosaw.replay.dice import Ints

__all__ = ["NO_TIME", "LogText", "Mask", "Outcome", "lines_of", "rewritten", "unpacked", "with_lines"]

Mask = NDArray[np.bool_]
NO_TIME = -(2**63)  # of a line that stands for no request, such as a heading
_PIECE = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LogText:
    """A file of a service. `lines` keep their line ends; `marks` holds one row for each of them.

    `marks` has the columns of the replay's own list of lines; those of a line that is not in that list are null.
    """

    service: str
    name: str
    lines: pa.LargeBinaryArray
    marks: pa.Table

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def time_ms(self) -> Ints:
        """When each line's request happened, in milliseconds since 1970 in UTC, or NO_TIME."""
        column = self.marks["time_ms"].combine_chunks().cast(pa.int64())
        return np.asarray(column.fill_null(NO_TIME).to_numpy(zero_copy_only=False), dtype=np.int64)

    def take(self, at: Ints) -> LogText:
        """The lines at those positions, in that order; a position may come twice."""
        where = pa.array(at)
        return replace(self, lines=self.lines.take(where), marks=self.marks.take(where))

    def content(self) -> bytes:
        """The text as bytes."""
        if not len(self.lines):
            return b""
        _, offsets, data = self.lines.buffers()
        ends = np.frombuffer(offsets, dtype=np.int64)
        low, high = int(ends[self.lines.offset]), int(ends[self.lines.offset + len(self.lines)])
        return bytes(data[low:high])


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one text. The masks are over the lines that went in.

    `removed` lines are gone. `changed` ones stand there with another text. `cut` ones, all of them changed, can no
    longer be relied on to be read. `added` is how many lines came to the files of those names.
    """

    texts: tuple[LogText, ...]
    removed: Mask
    changed: Mask
    cut: Mask
    added: Mapping[str, int] = field(default_factory=dict)

    @staticmethod
    def of(
        text: LogText,
        *texts: LogText,
        removed: Mask | None = None,
        changed: Mask | None = None,
        cut: Mask | None = None,
        added: Mapping[str, int] | None = None,
    ) -> Outcome:
        """An outcome in which a mask that is not given is false everywhere."""
        none = np.zeros(len(text), dtype=bool)
        return Outcome(
            texts=texts,
            removed=none if removed is None else removed,
            changed=none if changed is None else changed,
            cut=none if cut is None else cut,
            added=added or {},
        )

    @staticmethod
    def same(text: LogText) -> Outcome:
        """Nothing happened."""
        return Outcome.of(text, text)

    @staticmethod
    def without(text: LogText, removed: Mask) -> Outcome:
        """Those lines are gone; the file too when none is left."""
        if not removed.any():
            return Outcome.same(text)
        left = text.take(np.flatnonzero(~removed))
        return Outcome.of(text, *([left] if len(left) else []), removed=removed)


def lines_of(content: bytes) -> pa.LargeBinaryArray:
    """The lines of a text, each with its line end; the last one may have none."""
    ends = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == ord("\n")) + 1
    if content and (not len(ends) or ends[-1] != len(content)):
        ends = np.append(ends, len(content))
    offsets = np.concatenate([np.zeros(1, dtype=np.int64), ends.astype(np.int64)])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(content)]
    return pa.Array.from_buffers(pa.large_binary(), len(ends), buffers)


def with_lines(text: LogText, at: Ints, new: Sequence[bytes]) -> LogText:
    """The same text with other lines at those rising positions."""
    if not len(at):
        return text
    mask = np.zeros(len(text), dtype=bool)
    mask[at] = True
    source = np.arange(len(text), dtype=np.int64)
    source[at] = len(text) + np.arange(len(at))
    both = pa.concat_arrays([text.lines, pa.array(new, pa.large_binary())])
    return replace(text, lines=both.take(pa.array(source)))


def unpacked(content: bytes, name: str) -> bytes:
    """The text of a file as it stands on disk."""
    if not name.endswith(".gz"):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError) as fault:
        message = f"{name} is no whole gzip file"
        raise WhosawError("replay-damage.torn-file", message, hint="Make the replay again") from fault


def rewritten(text: LogText, at: Ints, new: Callable[[bytes], bytes]) -> tuple[LogText, Mask]:
    """The text with `new(line)` at those rising positions, and which lines differ. The same object if none does.

    It goes in pieces, so that a long file does not stand in memory as objects.
    """
    pieces = []
    for start in range(0, len(at), _PIECE):
        where = pa.array(at[start : start + _PIECE])
        pieces.append(pa.array([new(line) for line in text.lines.take(where).to_pylist()], pa.large_binary()))
    changed: Mask = np.zeros(len(text), dtype=bool)
    if pieces:
        lines = with_lines(text, at, pa.concat_arrays(pieces)).lines
        changed = np.asarray(pc.not_equal(lines, text.lines).to_numpy(zero_copy_only=False), dtype=bool)
        if changed.any():
            return replace(text, lines=lines), changed
    return text, changed
