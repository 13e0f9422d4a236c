"""Where lines begin and end in a block of bytes, and how a line becomes text.

A line ends with LF; a CR before it belongs to the line end. The last line may have no end.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = [
    "blank_lines",
    "count_lines",
    "is_utf8",
    "line_starts",
    "line_text",
    "lines_of",
    "places_of",
    "white_lines",
]

_LF, _SPACE = 0x0A, 0x20
_FEW = 1_000  # lines that are looked at one by one
_STEP = 1 << 20  # a mask of this size stays in the cache


def places_of(octet: int, octets: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Where in `octets` that octet stands, ascending."""
    mask = np.empty(min(_STEP, len(octets)), dtype=bool)
    found = [np.empty(0, dtype=np.int64)]
    for start in range(0, len(octets), _STEP):
        part = octets[start : start + _STEP]
        places = np.flatnonzero(np.equal(part, octet, out=mask[: len(part)]))
        places += start
        found.append(places)
    return np.concatenate(found)


def line_starts(data: bytes) -> npt.NDArray[np.int64]:
    """Offsets of every line start, and the length of `data` as the last entry: n lines give n + 1 offsets."""
    ends = places_of(_LF, np.frombuffer(data, dtype=np.uint8)) + 1
    closed = len(data) == 0 or data[-1] == _LF
    starts = np.empty(len(ends) + (1 if closed else 2), dtype=np.int64)
    starts[0] = 0
    starts[1 : len(ends) + 1] = ends
    starts[-1] = len(data)
    return starts


def count_lines(data: bytes) -> int:
    """Number of lines, a last one without an end included."""
    return data.count(b"\n") + (1 if data and not data.endswith(b"\n") else 0)


def lines_of(data: bytes) -> pa.LargeBinaryArray:
    """Every line with its line end, sharing the memory of `data`."""
    starts = line_starts(data)
    return pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(starts) - 1, [None, pa.py_buffer(starts), pa.py_buffer(data)]
    )


def is_utf8(data: bytes) -> bool:
    """Whether all of `data` is valid UTF-8."""
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def line_text(line: bytes) -> str:
    r"""The line as text, without its line end. A byte that is not UTF-8 is shown as `\xNN`, so no line is
    lost."""
    line = line.removesuffix(b"\n").removesuffix(b"\r")
    return line.decode("utf-8", "backslashreplace")


def blank_lines(data: bytes, starts: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which lines hold nothing but spaces."""
    return white_lines(data, starts, b" \t\r\n\f\v")


def white_lines(data: bytes, starts: npt.NDArray[np.int64], white: bytes) -> npt.NDArray[np.bool_]:
    """Which lines hold nothing but bytes of `white`, all of them at most a space; a line without a byte is one."""
    blank: npt.NDArray[np.bool_] = starts[1:] <= starts[:-1]
    full = np.flatnonzero(~blank)
    octets = np.frombuffer(data, dtype=np.uint8)
    suspects = full[octets[starts[:-1][full]] <= _SPACE]
    if len(suspects) <= _FEW:
        for at in suspects.tolist():
            blank[at] = not data[starts[at] : starts[at + 1]].strip(white)
    elif len(suspects):
        # lines lie one after the other, so that a line's marks end where the next one begins
        dark = np.ones(256, dtype=bool)
        dark[list(white)] = False
        marks = np.logical_or.reduceat(dark[octets], starts[:-1][full])
        blank[suspects] = ~marks[np.searchsorted(full, suspects)]
    return blank
