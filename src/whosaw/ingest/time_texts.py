"""Columns of time texts to instants, many at once.

Times of one source share a handful of shapes (the text with every digit written as 0). Each shape is
understood once, and its digits are then read for all rows together. Understood are ISO 8601 and RFC 3339,
the same with slashes, the Apache form, and numbers since 1970 whose unit follows from their size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .local_time import FoldState, instants_of

__all__ = ["Instants", "read_times"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_LONGEST = 48
_SHAPES_AT_ONCE = 64
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ZONE = r"\ ?(?P<zone>Z|z|UTC|GMT|[+-]00(?::?00)?)?"
# A named zone other than UTC (KST, CET, ...) is not unique, so it counts as no zone: the reader must be
# told one.
_NAMED = r"(?P<named>\ [A-Z]{2,5})?"
_DATED = re.compile(
    r"(?P<year>0000)(?P<dash>[-/])(?P<month>00)(?P=dash)(?P<day>00)[T\ ]"
    r"(?P<hour>00):(?P<minute>00)(?::(?P<second>00)(?:[.,](?P<fraction>0{1,9}))?)?" + _ZONE + _NAMED + r"\Z"
)
_APACHE = re.compile(
    r"\[?(?P<day>00)/(?P<name>[A-Za-z]{3})/(?P<year>0000):(?P<hour>00):(?P<minute>00):(?P<second>00)"
    r"(?:[.](?P<fraction>0{1,9}))?" + _ZONE + _NAMED + r"\]?\Z"
)
_NUMBER = re.compile(r"(?P<sign>-?)(?P<whole>0{1,19})(?:\.(?P<fraction>0{0,20}))?\Z")
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Instants:
    """Row by row: microseconds since 1970 in UTC, minutes of offset that the text itself told (with a mask of
    the rows where it told none), whether the instant is `understood`, and whether only a zone is wanting."""

    micros: Ints
    offsets: npt.NDArray[np.int16]
    no_offset: Bools
    understood: Bools
    needs_zone: Bools


def read_times(
    texts: pa.Array | pa.ChunkedArray,
    zone: tzinfo | None,
    *,
    own_zone: bool = False,
    fold: FoldState | None = None,
) -> tuple[Instants, FoldState | None]:
    """Instants of a text column in line order. `zone` is for texts without an offset; with `own_zone` it
    is the zone that the format itself promises, and then counts as told. `fold` comes from the lines
    before, and goes to those after."""
    plain = texts.cast(pa.large_string())
    if isinstance(plain, pa.ChunkedArray):
        plain = plain.combine_chunks()
    if isinstance(plain, pa.ChunkedArray):  # no chunk at all
        plain = pa.array([], pa.large_string())
    rows = len(plain)
    local = np.zeros(rows, dtype=np.int64)
    minutes = np.zeros(rows, dtype=np.int64)
    told = np.zeros(rows, dtype=np.bool_)
    good = np.zeros(rows, dtype=np.bool_)
    for index, matrix, shape in _groups(plain):
        if (reading := _read_shape(matrix, shape)) is not None:
            local[index], minutes[index], told[index], good[index] = reading
    naive = good & ~told
    if zone is None:
        good &= told
    elif naive.any():
        walls = local[naive]
        local[naive], fold = instants_of(walls, zone, fold)
        minutes[naive] = (walls - local[naive]) // 60_000_000
    local[told] -= minutes[told] * 60_000_000
    no_offset = ~good | (naive if not own_zone else np.zeros(rows, dtype=np.bool_))
    instants = Instants(
        micros=local,
        offsets=np.where(no_offset, 0, minutes).astype(np.int16),
        no_offset=no_offset,
        understood=good,
        needs_zone=naive & ~good,
    )
    return instants, fold


def _groups(plain: pa.LargeStringArray) -> list[tuple[Ints, npt.NDArray[np.uint8], str]]:
    """Rows of one shape together: their indices, their bytes as a matrix, the shape."""
    offsets = (
        np.frombuffer(plain.buffers()[1], dtype=np.int64, count=len(plain) + 1, offset=plain.offset * 8)
        if len(plain)
        else np.zeros(1, dtype=np.int64)
    )
    raw = plain.buffers()[2] if len(plain) else None
    data = np.frombuffer(raw, dtype=np.uint8) if raw is not None else np.zeros(0, dtype=np.uint8)
    lengths = np.diff(offsets)
    valid = np.asarray(plain.is_valid()) if plain.null_count else np.ones(len(plain), dtype=np.bool_)
    groups: list[tuple[Ints, npt.NDArray[np.uint8], str]] = []
    for length in np.unique(lengths[valid]):
        if not 0 < length <= _LONGEST:
            continue
        index = np.flatnonzero(valid & (lengths == length))
        if len(index) == len(lengths):
            matrix = data[offsets[0] : offsets[-1]].reshape(-1, length)
        else:
            matrix = data[offsets[index][:, None] + np.arange(length)]
        groups.extend(_by_shape(index, matrix))
    return groups


def _by_shape(index: Ints, matrix: npt.NDArray[np.uint8]) -> list[tuple[Ints, npt.NDArray[np.uint8], str]]:
    shapes = np.where((matrix >= 0x30) & (matrix <= 0x39), np.uint8(0x30), matrix)
    groups: list[tuple[Ints, npt.NDArray[np.uint8], str]] = []
    left = np.arange(len(index))
    while len(left) and len(groups) < _SHAPES_AT_ONCE:
        same = (shapes[left] == shapes[left[0]]).all(axis=1)
        rows = left[same]
        groups.append((index[rows], matrix[rows], shapes[rows[0]].tobytes().decode("latin-1")))
        left = left[~same]
    by_shape: dict[bytes, list[int]] = {}
    for row in left:  # a source that writes ever new shapes: one pass, whatever their number
        by_shape.setdefault(shapes[row].tobytes(), []).append(int(row))
    for shape, found in by_shape.items():
        groups.append((index[found], matrix[found], shape.decode("latin-1")))
    return groups


def _read_shape(matrix: npt.NDArray[np.uint8], shape: str) -> tuple[Ints, Ints, bool, Bools] | None:
    """Local microseconds, offset minutes, whether the shape tells an offset, and which rows are real
    times."""
    if (found := _NUMBER.match(shape)) is not None:
        return _read_number(matrix, found)
    found = _DATED.match(shape) or _APACHE.match(shape)
    if found is None:
        return None

    def number(name: str) -> Ints:
        start, end = found.span(name)
        return _digits(matrix[:, max(start, 0) : max(end, 0)])

    parts = found.groupdict()
    if "name" in parts:
        if (name := parts["name"].lower()) not in _MONTHS:
            return None
        month = np.full(len(matrix), _MONTHS.index(name) + 1, dtype=np.int64)
    else:
        month = number("month")
    year, day, hour, minute, second = (number(key) for key in ("year", "day", "hour", "minute", "second"))
    days, real = _days(year, month, day)
    real &= (hour < 24) & (minute < 60) & (second <= 60)
    micros = days * _DAY_US + (hour * 3600 + minute * 60 + second) * 1_000_000
    if parts["fraction"]:
        micros += _fraction(matrix, *found.span("fraction"))
    offsets = np.zeros(len(matrix), dtype=np.int64)
    if (zone := parts["zone"]) and zone[0] in "+-":
        start, end = found.span("zone")
        hours = _digits(matrix[:, start + 1 : start + 3])
        rest = _digits(matrix[:, end - 2 : end]) if end - start > 3 else np.zeros(len(matrix), dtype=np.int64)
        real &= (hours < 24) & (rest < 60)
        offsets = (hours * 60 + rest) * (1 if zone[0] == "+" else -1)
    return micros, offsets, bool(zone), real


def _read_number(matrix: npt.NDArray[np.uint8], found: re.Match[str]) -> tuple[Ints, Ints, bool, Bools]:
    """Seconds below 1e11 (the year 5138), then milli-, micro- and nanoseconds, by size."""
    whole = _digits(matrix[:, found.start("whole") : found.end("whole")])
    scale = np.select([whole < 10**11, whole < 10**14, whole < 10**17], [1_000_000, 1_000, 1], 0)
    micros = np.where(scale == 0, whole // 1_000, whole * np.maximum(scale, 1))
    if found["fraction"]:
        part = _fraction(matrix, *found.span("fraction"))
        micros += np.where(scale > 0, part * scale // 1_000_000, 0)
    if found["sign"]:
        micros = -micros
    zeros = np.zeros(len(matrix), dtype=np.int64)
    # Nineteen digits reach past 2**63, where int64 turned negative; and such a time would be past the year
    # 2262.
    return micros, zeros, True, (whole >= 0) & (micros >= -62_135_596_800_000_000)


def _digits(matrix: npt.NDArray[np.uint8]) -> Ints:
    value = np.zeros(len(matrix), dtype=np.int64)
    for column in range(matrix.shape[1]):
        value = value * 10 + (matrix[:, column].astype(np.int64) - 0x30)
    return value


def _fraction(matrix: npt.NDArray[np.uint8], start: int, end: int) -> Ints:
    """Digits after the point as microseconds; finer digits are cut off, not rounded."""
    kept = min(end - start, 6)
    return _digits(matrix[:, start : start + kept]) * int(10 ** (6 - kept))


def _days(year: Ints, month: Ints, day: Ints) -> tuple[Ints, Bools]:
    """Days since 1970 of a civil date, and whether that date exists."""
    real = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    months = (year - 1970) * 12 + np.clip(month, 1, 12) - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return first + day - 1, real & (day <= following - first)
