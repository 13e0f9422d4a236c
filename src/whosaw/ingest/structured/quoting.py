"""Where records begin and end when quoted fields may hold line ends (RFC 4180)."""

from __future__ import annotations

import csv
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "MAX_RECORD_BYTES",
    "MAX_RECORD_LINES",
    "Records",
    "Wholes",
    "find_records",
    "split_record",
    "still_open",
]

MAX_RECORD_LINES = 1_000
MAX_RECORD_BYTES = 4 << 20
# A quote that is never closed would swallow the rest of a file, so a record has an end.
_DIGITS, _LETTERS = re.compile(rb"\d+"), re.compile(rb"[A-Za-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Per line: whether it ends a record. `broken` are rows that open a field which nothing closes, `open` tells whether the
    last record goes on after the last line."""

    ends: npt.NDArray[np.bool_]
    broken: tuple[int, ...]
    open: bool


class Wholes:
    """The lines that are whole records by themselves, of so many fields and with a first one like that of the record in which
    they would stand: there a quote was never closed."""

    def __init__(
        self, data: bytes, starts: npt.NDArray[np.int64], delimiter: bytes, widths: Collection[int]
    ) -> None:
        self._data, self._starts, self._delimiter = data, starts, delimiter
        self._widths = frozenset(widths)
        marks = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == delimiter[0])
        count = len(starts) - 1
        per_line = np.bincount(np.searchsorted(starts, marks, side="right") - 1, minlength=count)[:count]
        self._rows = np.flatnonzero(per_line >= min(self._widths) - 1)
        self._found: tuple[bytes, int, int] | None = (
            None  # how records begin, from where it was looked, what was found
        )

    def next(self, row: int, like: bytes) -> int:
        """The first whole line from `row` on whose beginning has the form of that of `like`; behind the last line if there is none."""
        form = _form(like, self._delimiter)
        if self._found is not None and self._found[0] == form and self._found[1] <= row <= self._found[2]:
            return self._found[2]
        for each in self._rows[np.searchsorted(self._rows, row) :].tolist():
            if self._is_whole(self._data[self._starts[each] : self._starts[each + 1]], form):
                self._found = (form, row, each)
                return int(each)
        self._found = (form, row, len(self._starts) - 1)
        return len(self._starts) - 1

    def _is_whole(self, line: bytes, form: bytes) -> bool:
        if _form(line, self._delimiter) != form or still_open(line, self._delimiter, inside=False):
            return False
        fields = split_record(
            line.rstrip(b"\r\n").decode("utf-8", "replace"), self._delimiter.decode(), quoted=True
        )
        return fields is not None and len(fields) in self._widths


def _form(line: bytes, delimiter: bytes) -> bytes:
    """The form of the first field: where it has digits, letters and other signs."""
    first = line.partition(delimiter)[0].strip(b'" \r\n')
    return _LETTERS.sub(b"a", _DIGITS.sub(b"0", first))


def find_records(
    data: bytes,
    starts: npt.NDArray[np.int64],
    delimiter: bytes,
    *,
    pending: bytes = b"",
    pending_lines: int = 0,
    wholes: Wholes | None = None,
) -> Records:
    """Groups the lines of `data`, of which the first goes on with a record of `pending_lines` lines if
    that is not zero. Only lines with an odd number of quotes are looked at one by one. A record ends where the next line is a
    whole one, or where it is too long: then the line that opened it is broken, and those behind it are read as if it had not."""
    count = len(starts) - 1
    ends = np.ones(count, dtype=np.bool_)
    broken: list[int] = []
    quotes = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord('"'))
    per_line = np.bincount(np.searchsorted(starts, quotes, side="right") - 1, minlength=count)[:count]
    odd = np.flatnonzero(per_line % 2).tolist()
    inside, begin, cursor = pending_lines > 0, -pending_lines, 0
    for row in [*odd, count]:
        if row < cursor:
            continue  # it was read as a line already
        if inside:
            first_byte = int(starts[begin]) if begin >= 0 else -len(pending)
            full = int(np.searchsorted(starts, first_byte + MAX_RECORD_BYTES, side="right")) - 1
            after = min(begin + MAX_RECORD_LINES - 1, max(full, cursor)) + 1
            if wholes is not None:
                like = data[starts[begin] : starts[begin + 1]] if begin >= 0 else pending
                whole = wholes.next(max(begin + 1, 0), like)
                after = min(after, max(whole, 1)) if whole < count else after
            if after <= row:
                # nothing closes the field: the line that opens it is broken, and those behind it are lines of their own
                first = max(begin, 0)
                ends[first:after] = True
                broken.append(first)
                broken += [
                    each
                    for each in odd[bisect_right(odd, first) : bisect_left(odd, after)]
                    if still_open(data[starts[each] : starts[each + 1]], delimiter, inside=False)
                ]
                cursor, inside = after, False
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
