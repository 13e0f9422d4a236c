"""Where records begin and end when quoted fields may hold line ends (RFC 4180)."""

from __future__ import annotations

import csv
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["MAX_RECORD_BYTES", "MAX_RECORD_LINES", "Records", "find_records", "split_record", "still_open"]

MAX_RECORD_LINES = 1_000
MAX_RECORD_BYTES = 4 << 20
# A quote that is never closed would swallow the rest of a file, so a record has an end.


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Per line: whether it ends a record. `broken` are rows at which a record was cut off for its length,
    `open` tells whether the last record goes on after the last line."""

    ends: npt.NDArray[np.bool_]
    broken: tuple[int, ...]
    open: bool


def find_records(
    data: bytes,
    starts: npt.NDArray[np.int64],
    delimiter: bytes,
    *,
    pending_lines: int = 0,
    pending_bytes: int = 0,
) -> Records:
    """Groups the lines of `data`, of which the first goes on with a record of `pending_lines` lines if
    that is not zero. Only lines with an odd number of quotes are looked at one by one."""
    count = len(starts) - 1
    ends = np.ones(count, dtype=np.bool_)
    broken: list[int] = []
    quotes = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord('"'))
    per_line = np.bincount(np.searchsorted(starts, quotes, side="right") - 1, minlength=count)[:count]
    inside, begin, cursor = pending_lines > 0, -pending_lines, 0
    for row in [*np.flatnonzero(per_line % 2).tolist(), count]:
        if inside:
            first_byte = int(starts[begin]) if begin >= 0 else -pending_bytes
            full = int(np.searchsorted(starts, first_byte + MAX_RECORD_BYTES, side="right")) - 1
            cut = min(begin + MAX_RECORD_LINES - 1, max(full, cursor))
            if cut < row:
                ends[cursor:cut] = False
                broken.append(cut)
                cursor, inside = cut + 1, False
        if inside:
            ends[cursor:row] = False
        if row == count:
            break
        was = inside
        inside = still_open(data[starts[row] : starts[row + 1]], delimiter, inside=inside)
        if inside and not was:
            begin = row
        ends[row] = not inside
        cursor = row + 1
    return Records(ends=ends, broken=tuple(broken), open=inside)


def still_open(line: bytes, delimiter: bytes, *, inside: bool) -> bool:
    """Whether a quoted field is open at the end of the line. A quote opens a field only at its beginning."""
    at = 0
    while True:
        if inside:
            close = line.find(b'"', at)
            if close < 0:
                return True
            if line[close + 1 : close + 2] == b'"':
                at = close + 2
                continue
            inside, at = False, close + 1
        elif line[at : at + 1] == b'"':
            inside, at = True, at + 1
            continue
        following = line.find(delimiter, at)
        if following < 0:
            return False
        at = following + 1


def split_record(text: str, delimiter: str, *, quoted: bool) -> list[str] | None:
    """The fields of one record without its line end; None where it is not one record."""
    if not quoted or '"' not in text:
        return text.split(delimiter)
    if still_open(text.encode("utf-8", "surrogatepass"), delimiter.encode(), inside=False):
        return None
    try:
        rows = list(csv.reader([text], delimiter=delimiter))
    except csv.Error:  # a bare CR, or a field beyond what the reader holds
        return None
    return rows[0] if len(rows) == 1 else None
