"""Reads the times that logs write: many texts at once.

Times of one source share a handful of shapes (the text with every digit written as 0). Each shape is understood once, and
its digits are then read for all rows together. What comes back is the wall clock as written, in microseconds as if it were
UTC, and beside it the offset that the text itself gives. `local_time` turns a wall clock without an offset into an instant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core.instants import MONTHS, to_micros

__all__ = [
    "ANY",
    "REFERENCE_YEAR",
    "TIME_KINDS",
    "Walls",
    "has_no_offset",
    "read_offsets",
    "read_walls",
    "time_regex",
]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

REFERENCE_YEAR = 2000  # stands in where a text has no year; a leap year, so that 29 February has a place
ANY: Final = ""  # for columns whose kind nobody named: ISO 8601, the Apache form, days with the name of a month, and numbers whose unit follows from their size
_MONTHS = {name.lower(): number for number, name in enumerate(MONTHS, 1)}
_LONGEST = 48
_SHAPES_AT_ONCE = 64
_DAY_US = 86_400_000_000
_MICRO_DIGITS = 6  # of a fraction of a second
_FIRST_DAY = -62_135_596_800_000_000  # of the year 1
_CLOCK = r"(?P<hour>00):(?P<minute>00):(?P<second>00)"
_APACHE = r"/(?P<name>[A-Za-z]{3})/(?P<year>0000):" + _CLOCK
# A named zone other than UTC (KST, CET, ...) is not unique, so it counts as none: the reader must be told one.
_ZONE = r"(?:(?P<utc>Z|z|UTC|GMT)|(?P<sign>[+-])(?P<ahead>00)(?::?(?P<rest>00))?)?(?:\ [A-Z]{2,5})?"
_ISO_ZONE = r"(?:(?P<utc>Z|z|(?:\ (?:UTC|GMT)))|\ ?(?P<sign>[+-])(?P<ahead>00):?(?P<rest>00)?|\ [A-Z]{2,5})?"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """`regex` (RE2) fits its texts and perhaps others; `shapes` fit them alone, with every digit written as 0. `unit` is what
    a number counts, in microseconds; 0: that follows from its size."""

    regex: str = r".+?"
    shapes: tuple[str, ...]
    offset: bool = True  # whether a text can hold one
    most_ahead: int = 18  # hours of an offset
    unit: int = 0


_CLF = (
    r"(?P<day>00?)"
    + _APACHE
    + r"(?:[.,](?P<fraction>0{1,9}))?(?:\ ?(?P<sign>[+-])(?P<ahead>00)(?P<rest>00))?"
)
_KINDS = {
    "clf": _Kind(  # 24/Nov/2025:10:00:00 +0900
        regex=r"\d{1,2}/[A-Za-z]{3}/\d{4}:\d\d:\d\d:\d\d(?:[.,]\d+)? ?[+-]\d{4}", shapes=(_CLF,)
    ),
    "clf-local": _Kind(  # 24/Nov/2025:10:00:00.123
        regex=r"\d{1,2}/[A-Za-z]{3}/\d{4}:\d\d:\d\d:\d\d(?:[.,]\d+)?", shapes=(_CLF,), offset=False
    ),
    "iso": _Kind(  # 2025-11-24T10:00:00.123+09:00, with or without an offset
        regex=r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:[Zz]| ?[+-]\d\d:?(?:\d\d)?| [A-Z]{2,5})?",
        shapes=(
            r"(?P<year>0000)-(?P<month>00)-(?P<day>00)[T ]" + _CLOCK + r"(?:[.,](?P<fraction>0{1,9}))?" + _ISO_ZONE,
        ),
    ),
    "epoch": _Kind(  # seconds, with or without a fraction
        regex=r"\d{1,12}(?:\.\d+)?", shapes=(r"(?P<whole>0{1,11})(?:\.(?P<fraction>0{1,9}))?",), unit=1_000_000
    ),
    "epoch-ms": _Kind(regex=r"\d{1,15}", shapes=(r"(?P<whole>0{1,14})",), unit=1_000),
    "epoch-us": _Kind(regex=r"\d{1,18}", shapes=(r"(?P<whole>0{1,17})",), unit=1),
    "syslog": _Kind(  # Nov 24 10:00:00
        regex=r"[A-Za-z]{3} [ 0-3]?\d(?: \d{4})? \d\d:\d\d:\d\d(?:\.\d+)?",
        shapes=(
            r"(?P<name>[A-Za-z]{3})\ {1,2}(?P<day>00?)(?:\ (?P<year>0000))?\ " + _CLOCK + r"(?:\.(?P<fraction>0{1,9}))?",
        ),
        offset=False,
    ),
    ANY: _Kind(
        shapes=(
            r"(?P<minus>-?)(?P<whole>0{1,19})(?:\.(?P<fraction>0{0,20}))?",
            r"(?P<year>0000)(?P<dash>[-/])(?P<month>00)(?P=dash)(?P<day>00)[T ](?P<hour>00):(?P<minute>00)"
            r"(?::(?P<second>00)(?:[.,](?P<fraction>0{1,9}))?)?\ ?" + _ZONE,
            # with dots the day stands first everywhere; with slashes it is not known which it is
            r"(?P<day>00?)\.(?P<month>00?)\.(?P<year>0000)[T ](?P<hour>00):(?P<minute>00)"
            r"(?::(?P<second>00)(?:[.,](?P<fraction>0{1,9}))?)?\ ?" + _ZONE,
            r"\[?(?P<day>00)" + _APACHE + r"(?:[.](?P<fraction>0{1,9}))?\ ?" + _ZONE + r"\]?",
            # 03-MAR-25 08.00.07.123456 AM as Oracle writes it, 25/Feb/26 10:17 PM
            r"(?P<day>00?)(?P<dash>[-/\ ])(?P<name>[A-Za-z]{3})(?P=dash)(?P<year>0000|00)[T ](?P<hour>00?)(?P<mark>[:.])(?P<minute>00)"
            r"(?:(?P=mark)(?P<second>00)(?:[.,](?P<fraction>0{1,9}))?)?(?:\ ?(?P<half>[AaPp])[Mm])?(?:\ " + _ZONE + r")?",
        ),
        most_ahead=23,
    ),
}  # fmt: skip
TIME_KINDS = frozenset(_KINDS) - {ANY}
_SHORTHANDS = {"%T": "%H:%M:%S", "%F": "%Y-%m-%d", "%D": "%m/%d/%y", "%R": "%H:%M", "%e": "%d", "%h": "%b"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Walls:
    """Per text: whether it was read (`ok`), its wall clock, and its offset in minutes where it `has` one."""

    micros: Ints
    ok: Bools
    offset: npt.NDArray[np.int16]
    has: Bools

    def take(self, rows: Ints) -> Walls:
        return Walls(micros=self.micros[rows], ok=self.ok[rows], offset=self.offset[rows], has=self.has[rows])


def time_regex(kind: str) -> str:
    """A regular expression (RE2) for the text of a time, without groups; it may fit texts that are no
    time."""
    return _KINDS[kind].regex if kind in TIME_KINDS else r".+?"


def has_no_offset(kind: str) -> bool:
    """Whether no text of this kind can hold an offset, so that a zone must be given."""
    if kind in TIME_KINDS:
        return not _KINDS[kind].offset
    return not re.search(r"%z|%s|Z\Z", kind)


def read_walls(kind: str, texts: pa.Array | pa.ChunkedArray) -> Walls:
    """Read every text of a string array: of a kind of `TIME_KINDS`, of `ANY`, or of a pattern of strptime."""
    plain = texts.cast(pa.large_string())
    if isinstance(plain, pa.ChunkedArray):
        plain = plain.combine_chunks()
    if isinstance(plain, pa.ChunkedArray):  # no chunk at all
        plain = pa.array([], pa.large_string())
    known, rows = _KINDS.get(kind), len(plain)
    micros, ok = np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.bool_)
    offset, has = np.zeros(rows, dtype=np.int16), np.zeros(rows, dtype=np.bool_)
    if known is None:
        pattern = _strptime_pattern(kind)
        for row, text in enumerate(plain.to_pylist()):
            if text is not None and (found := _by_pattern(pattern, text)) is not None:
                micros[row], ok[row] = found[0], True
                offset[row], has[row] = found[1] or 0, found[1] is not None
        return Walls(micros=micros, ok=ok, offset=offset, has=has)
    shapes = [re.compile(rf"(?:{shape})\Z") for shape in known.shapes]
    for index, matrix, text in _groups(plain):
        fit = next((fit for shape in shapes if (fit := shape.match(text)) is not None), None)
        if fit is None:
            continue
        read = _number if "whole" in fit.re.groupindex else _moment
        micros[index], offset[index], told, good = read(matrix, fit, known)
        ok[index], has[index] = good, good & told
    return Walls(
        micros=np.where(ok, micros, 0), ok=ok, offset=np.where(has, offset, 0).astype(np.int16), has=has
    )


def read_offsets(texts: pa.Array) -> tuple[npt.NDArray[np.int16], Bools]:
    """Minutes of texts such as `+0900`, and which of them are one."""
    known, rows = _KINDS["clf"], len(texts)
    minutes, told = np.zeros(rows, dtype=np.int16), np.zeros(rows, dtype=np.bool_)
    for index, matrix, text in _groups(texts.cast(pa.large_string())):
        if (fit := re.match(r"(?P<sign>[+-])(?P<ahead>00)(?P<rest>00)\Z", text)) is not None:
            found, real = _ahead(matrix, fit, known)
            minutes[index], told[index] = np.where(real, found, 0), real
    return minutes, told


def _groups(plain: pa.LargeStringArray) -> list[tuple[Ints, Bytes, str]]:
    """Rows of one shape together: their indices, their bytes as a matrix, the shape."""
    if not len(plain):
        return []
    offsets = np.frombuffer(plain.buffers()[1], dtype=np.int64, count=len(plain) + 1, offset=plain.offset * 8)
    raw = plain.buffers()[2]
    data = np.frombuffer(raw, dtype=np.uint8) if raw is not None else np.zeros(0, dtype=np.uint8)
    lengths = np.diff(offsets)
    valid = np.asarray(plain.is_valid()) if plain.null_count else np.ones(len(plain), dtype=np.bool_)
    groups: list[tuple[Ints, Bytes, str]] = []
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


def _by_shape(index: Ints, matrix: Bytes) -> list[tuple[Ints, Bytes, str]]:
    shapes = np.where((matrix >= 0x30) & (matrix <= 0x39), np.uint8(0x30), matrix)
    if (shapes == shapes[0]).all():
        return [(index, matrix, shapes[0].tobytes().decode("latin-1"))]
    groups: list[tuple[Ints, Bytes, str]] = []
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


def _moment(matrix: Bytes, fit: re.Match[str], kind: _Kind) -> tuple[Ints, Ints, bool, Bools]:
    """Wall clocks in microseconds, offset minutes, whether the shape tells an offset, and which rows are real times."""
    parts = fit.groupdict()

    def number(name: str, absent: int = 0) -> Ints:
        if parts.get(name) is None:
            return np.full(len(matrix), absent, dtype=np.int64)
        return _digits(matrix[:, slice(*fit.span(name))])

    month = number("month", _MONTHS.get((parts.get("name") or "").lower(), 0))
    year = number("year", REFERENCE_YEAR)
    if len(parts.get("year") or "") == 2:
        year += 2000
    days, real = _days(year, month, number("day"))
    hour, minute, second = (number(each) for each in ("hour", "minute", "second"))
    if half := parts.get("half"):  # 12 AM is midnight, 12 PM is noon
        real &= (hour >= 1) & (hour <= 12)
        hour = hour % 12 + (12 if half in "Pp" else 0)
    # a leap second is the first moment of the next minute
    real &= (hour < 24) & (minute < 60) & (second <= 60)
    micros = days * _DAY_US + (hour * 3600 + minute * 60 + second) * 1_000_000
    if parts["fraction"]:
        micros += _fraction(matrix, *fit.span("fraction"))
    if parts.get("sign") is None:
        return micros, np.zeros(len(matrix), dtype=np.int64), parts.get("utc") is not None, real
    offset, possible = _ahead(matrix, fit, kind)
    return micros, offset, True, real & possible


def _ahead(matrix: Bytes, fit: re.Match[str], kind: _Kind) -> tuple[Ints, Bools]:
    """Minutes of offset, and which of them can be one."""
    hours = _digits(matrix[:, slice(*fit.span("ahead"))])
    rest = (
        _digits(matrix[:, slice(*fit.span("rest"))]) if fit["rest"] else np.zeros(len(matrix), dtype=np.int64)
    )
    return (hours * 60 + rest) * (1 if fit["sign"] == "+" else -1), (hours <= kind.most_ahead) & (rest < 60)


def _number(matrix: Bytes, fit: re.Match[str], kind: _Kind) -> tuple[Ints, Ints, bool, Bools]:
    """Numbers since 1970. Without a unit they are seconds below 1e11 (the year 5138), then milli-, micro- and nanoseconds."""
    whole = _digits(matrix[:, slice(*fit.span("whole"))])
    zeros = np.zeros(len(matrix), dtype=np.int64)
    if kind.unit:
        micros = whole * kind.unit
        if fit.groupdict().get("fraction"):  # rounded, where a number whose unit nobody told is cut off
            start, end = fit.span("fraction")
            if end - start <= _MICRO_DIGITS:  # a float holds no microseconds after 2106
                micros += _fraction(matrix, start, end)
            else:
                seconds = np.ascontiguousarray(matrix).view(f"S{matrix.shape[1]}").ravel().astype(np.float64)
                micros = np.rint(seconds * kind.unit).astype(np.int64)
        return micros, zeros, True, np.ones(len(matrix), dtype=np.bool_)
    scale = np.select([whole < 10**11, whole < 10**14, whole < 10**17], [1_000_000, 1_000, 1], 0)
    micros = np.where(scale == 0, whole // 1_000, whole * np.maximum(scale, 1))
    if fit["fraction"]:
        part = _fraction(matrix, *fit.span("fraction"))
        micros += np.where(scale > 0, part * scale // 1_000_000, 0)
    if fit["minus"]:
        micros = -micros
    # Nineteen digits reach past 2**63, where int64 turned negative; and such a time would be past the year 2262.
    return micros, zeros, True, (whole >= 0) & (micros >= _FIRST_DAY)


def _digits(matrix: Bytes) -> Ints:
    kind = np.int32 if matrix.shape[1] < 10 else np.int64  # half the bytes to go through
    value: npt.NDArray[Any] = np.zeros(len(matrix), dtype=kind)
    for column in range(matrix.shape[1]):
        value *= kind(10)
        value += matrix[:, column] - np.uint8(0x30)
    return value.astype(np.int64)


def _fraction(matrix: Bytes, start: int, end: int) -> Ints:
    """Digits after the point as microseconds; finer digits are cut off, not rounded."""
    kept = min(end - start, _MICRO_DIGITS)
    return _digits(matrix[:, start : start + kept]) * int(10 ** (_MICRO_DIGITS - kept))


def _days(year: Ints, month: Ints, day: Ints) -> tuple[Ints, Bools]:
    """Days since 1970 of a civil date, and whether that date exists."""
    real = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    months = (year - 1970) * 12 + np.clip(month, 1, 12) - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return first + day - 1, real & (day <= following - first)


def _strptime_pattern(kind: str) -> str:
    for short, long in _SHORTHANDS.items():
        kind = kind.replace(short, long)
    kind = re.sub(r"%\d?f|%L", "%f", kind)
    return re.sub(r"Z\Z", "%z", kind)


def _by_pattern(pattern: str, text: str) -> tuple[int, int | None] | None:
    if pattern == "%s" and re.fullmatch(r"\d{1,11}", text):
        return int(text) * 1_000_000, 0
    try:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007  a wall clock is wanted
    except ValueError:  # not a time of this pattern
        return None
    offset = moment.utcoffset()
    return to_micros(moment.replace(tzinfo=UTC)), None if offset is None else int(
        offset.total_seconds() // 60
    )
