"""Reads the times that logs write: many texts at once, each distinct text once.

What comes back is the wall clock as written, in microseconds as if it were UTC, and beside it the offset
that the text itself gives. `local_time` turns a wall clock without an offset into an instant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "REFERENCE_YEAR",
    "TIME_KINDS",
    "Walls",
    "has_no_offset",
    "read_offsets",
    "read_walls",
    "time_regex",
]

TIME_KINDS = frozenset(
    {
        "clf",  # 24/Nov/2025:10:00:00 +0900
        "clf-local",  # 24/Nov/2025:10:00:00.123
        "iso",  # 2025-11-24T10:00:00.123+09:00, with or without an offset
        "epoch",  # seconds, with or without a fraction
        "epoch-ms",
        "epoch-us",
        "syslog",  # Nov 24 10:00:00
    }
)
REFERENCE_YEAR = 2000  # stands in where a text has no year; a leap year, so that 29 February has a place
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLF = re.compile(
    r"(\d{1,2})/([A-Za-z]{3})/(\d{4}):(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?: ?([+-]\d{4}))?\Z"
)
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?"
    r"(?:(Z|z)| ?([+-]\d{2}:?(?:\d{2})?)| (UTC|GMT)| ([A-Z]{2,5}))?\Z"
)
_SYSLOG = re.compile(r"([A-Za-z]{3}) {1,2}(\d{1,2})(?: (\d{4}))? (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?\Z")
_REGEX = {
    "clf": r"\d{1,2}/[A-Za-z]{3}/\d{4}:\d\d:\d\d:\d\d(?:[.,]\d+)? ?[+-]\d{4}",
    "clf-local": r"\d{1,2}/[A-Za-z]{3}/\d{4}:\d\d:\d\d:\d\d(?:[.,]\d+)?",
    "iso": r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:[Zz]| ?[+-]\d\d:?(?:\d\d)?| [A-Z]{2,5})?",
    "epoch": r"\d{1,12}(?:\.\d+)?",
    "epoch-ms": r"\d{1,15}",
    "epoch-us": r"\d{1,18}",
    "syslog": r"[A-Za-z]{3} [ 0-3]?\d(?: \d{4})? \d\d:\d\d:\d\d(?:\.\d+)?",
}
_EPOCH_SHAPES = {
    "epoch": r"^\d{1,11}(\.\d{1,9})?$",
    "epoch-ms": r"^\d{1,14}$",
    "epoch-us": r"^\d{1,17}$",
}
_SHORTHANDS = {"%T": "%H:%M:%S", "%F": "%Y-%m-%d", "%D": "%m/%d/%y", "%R": "%H:%M", "%e": "%d", "%h": "%b"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Walls:
    """Per text: whether it was read (`ok`), its wall clock, and its offset in minutes where it `has` one."""

    micros: npt.NDArray[np.int64]
    ok: npt.NDArray[np.bool_]
    offset: npt.NDArray[np.int16]
    has: npt.NDArray[np.bool_]

    def take(self, rows: npt.NDArray[np.int64]) -> Walls:
        return Walls(micros=self.micros[rows], ok=self.ok[rows], offset=self.offset[rows], has=self.has[rows])


def time_regex(kind: str) -> str:
    """A regular expression (RE2) for the text of a time, without groups; it may fit texts that are no
    time."""
    return _REGEX.get(kind, r".+?")


def has_no_offset(kind: str) -> bool:
    """Whether no text of this kind can hold an offset, so that a zone must be given."""
    if kind in TIME_KINDS:
        return kind in ("clf-local", "syslog")
    return not re.search(r"%z|%s|Z\Z", kind)


def read_walls(kind: str, texts: pa.Array) -> Walls:
    """Read every text of a string array."""
    if kind == "iso" and (quick := _iso_utc(texts)) is not None:
        return quick
    if kind.startswith("clf") and (quick := _clf_fixed(texts) or _clf_with_offset(texts)) is not None:
        return quick
    if kind.startswith("epoch") and (quick := _epoch(kind, texts)) is not None:
        return quick
    read = _READERS.get(kind)
    pattern = "" if read else _strptime_pattern(kind)
    found = [read(text) if read else _by_pattern(pattern, text) for text in texts.to_pylist()]
    return Walls(
        micros=np.array([one[0] if one else 0 for one in found], dtype=np.int64),
        ok=np.array([one is not None for one in found], dtype=bool),
        offset=np.array([one[1] or 0 if one else 0 for one in found], dtype=np.int16),
        has=np.array([one is not None and one[1] is not None for one in found], dtype=bool),
    )


def read_offsets(texts: pa.Array) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.bool_]]:
    """Minutes of texts such as `+0900`, and which of them are one."""
    found = [_offset(text) if re.fullmatch(r"[+-]\d{4}", text) else None for text in texts.to_pylist()]
    minutes = np.array([one or 0 for one in found], dtype=np.int16)
    return minutes, np.array([one is not None for one in found], dtype=bool)


def _iso_utc(texts: pa.Array) -> Walls | None:
    """All texts at once where each ends with Z and is well formed; None otherwise."""
    if not len(texts) or not pc.all(pc.ends_with(texts, "Z")).as_py():
        return None
    try:
        instants = pc.cast(texts, pa.timestamp("us", tz="UTC"))
    except pa.ArrowInvalid:  # one text is not so regular; the caller reads them one by one
        return None
    micros = pc.cast(instants, pa.int64()).to_numpy(zero_copy_only=False)
    full = np.ones(len(texts), dtype=bool)
    return Walls(micros=micros, ok=full, offset=np.zeros(len(texts), dtype=np.int16), has=full)


def _clf_with_offset(texts: pa.Array) -> Walls | None:
    """`24/Nov/2025:10:00:00 +0900` where all texts have that width; None otherwise."""
    if not len(texts) or not _all_of_width(texts, 26):
        return None
    walls = _clf_fixed(pc.utf8_slice_codeunits(texts, 0, 20))
    zones = pc.utf8_slice_codeunits(texts, 20).dictionary_encode()
    if walls is None or not pc.all(pc.starts_with(zones.dictionary, " ")).as_py():
        return None
    minutes, told = read_offsets(pc.utf8_slice_codeunits(zones.dictionary, 1))
    at = zones.indices.to_numpy()
    return Walls(micros=walls.micros, ok=walls.ok & told[at], offset=minutes[at], has=told[at])


def _all_of_width(texts: pa.Array, width: int) -> bool:
    return bool(pc.all(pc.equal(pc.binary_length(texts), width), skip_nulls=False).as_py())


def _clf_fixed(texts: pa.Array) -> Walls | None:
    """`24/Nov/2025:10:00:00` without offset where all texts have that width; None otherwise."""
    width = 20
    count = len(texts)
    if not count or not _all_of_width(texts, width):
        return None
    begin = int(np.frombuffer(texts.buffers()[1], dtype=np.int32)[texts.offset])
    blob = np.frombuffer(texts.buffers()[2], dtype=np.uint8)[begin : begin + count * width]
    grid = blob.reshape(count, width)
    digits = grid.astype(np.int64) - 48
    places = [0, 1, 7, 8, 9, 10, 12, 13, 15, 16, 18, 19]
    ok = np.all((digits[:, places] >= 0) & (digits[:, places] <= 9), axis=1)
    ok &= np.all(grid[:, [2, 6, 11, 14, 17]] == np.frombuffer(b"//:::", dtype=np.uint8), axis=1)
    name = grid[:, 3:6] | 0x20
    key = name[:, 0].astype(np.int64) << 16 | name[:, 1].astype(np.int64) << 8 | name[:, 2]
    month = np.zeros(count, dtype=np.int64)
    for text, number in _MONTHS.items():
        month[key == (ord(text[0]) << 16 | ord(text[1]) << 8 | ord(text[2]))] = number
    day = digits[:, 0] * 10 + digits[:, 1]
    year = digits[:, 7] * 1000 + digits[:, 8] * 100 + digits[:, 9] * 10 + digits[:, 10]
    hour, minute, second = (digits[:, at] * 10 + digits[:, at + 1] for at in (12, 15, 18))
    ok &= (month > 0) & (day > 0) & (year > 0) & (hour < 24) & (minute < 60) & (second <= 60)
    months = np.where(ok, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    ok &= day <= following - first
    micros = ((first + day - 1) * 86_400 + hour * 3_600 + minute * 60 + second) * 1_000_000
    none = np.zeros(count, dtype=bool)
    return Walls(micros=np.where(ok, micros, 0), ok=ok, offset=np.zeros(count, dtype=np.int16), has=none)


def _epoch(kind: str, texts: pa.Array) -> Walls | None:
    ok = pc.match_substring_regex(texts, _EPOCH_SHAPES[kind]).to_numpy(zero_copy_only=False).astype(bool)
    usable = pc.if_else(pa.array(ok), texts, "0")
    if kind == "epoch":
        # seconds below 10^11 with six decimals are exact to well under a microsecond in a double
        micros = np.rint(pc.cast(usable, pa.float64()).to_numpy(zero_copy_only=False) * 1e6).astype(np.int64)
    else:
        factor = 1_000 if kind == "epoch-ms" else 1
        micros = pc.cast(usable, pa.int64()).to_numpy(zero_copy_only=False) * factor
    return Walls(
        micros=micros, ok=ok, offset=np.zeros(len(texts), dtype=np.int16), has=np.ones(len(texts), dtype=bool)
    )


def _micros(year: int, month: int, day: int, clock: tuple[str, str, str], fraction: str | None) -> int | None:
    hour, minute, second = (int(part) for part in clock)
    leap = second == 60  # a leap second is the first moment of the next minute
    try:
        moment = datetime(year, month, day, hour, minute, 59 if leap else second, tzinfo=UTC) + timedelta(
            seconds=1 if leap else 0
        )
    except (ValueError, OverflowError):  # no such day or hour: the text is not a time
        return None
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + int(((fraction or "") + "000000")[:6])


def _offset(text: str) -> int | None:
    digits = text[1:].replace(":", "") + "00"
    hours, minutes = int(digits[:2]), int(digits[2:4])
    if hours > 18 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (-1 if text[0] == "-" else 1)


_Found = tuple[int, int | None] | None


def _read_clf(text: str) -> _Found:
    match = _CLF.match(text)
    month = _MONTHS.get(match[2].lower()) if match else None
    if match is None or month is None:
        return None
    micros = _micros(int(match[3]), month, int(match[1]), (match[4], match[5], match[6]), match[7])
    offset = _offset(match[8]) if match[8] else None
    return None if micros is None or (match[8] and offset is None) else (micros, offset)


def _read_iso(text: str) -> _Found:
    match = _ISO.match(text)
    if match is None:
        return None
    micros = _micros(int(match[1]), int(match[2]), int(match[3]), (match[4], match[5], match[6]), match[7])
    # a letter zone other than UTC (CET, KST) names several offsets in the world, so it counts as none
    offset = 0 if match[8] or match[10] else _offset(match[9]) if match[9] else None
    return None if micros is None or (match[9] and offset is None) else (micros, offset)


def _read_syslog(text: str) -> _Found:
    match = _SYSLOG.match(text)
    month = _MONTHS.get(match[1].lower()) if match else None
    if match is None or month is None:
        return None
    micros = _micros(
        int(match[3] or REFERENCE_YEAR), month, int(match[2]), (match[4], match[5], match[6]), match[7]
    )
    return None if micros is None else (micros, None)


_READERS = {"clf": _read_clf, "clf-local": _read_clf, "iso": _read_iso, "syslog": _read_syslog}


def _strptime_pattern(kind: str) -> str:
    for short, long in _SHORTHANDS.items():
        kind = kind.replace(short, long)
    kind = re.sub(r"%\d?f|%L", "%f", kind)
    return re.sub(r"Z\Z", "%z", kind)


def _by_pattern(pattern: str, text: str) -> _Found:
    if pattern == "%s" and re.fullmatch(r"\d{1,11}", text):
        return int(text) * 1_000_000, 0
    try:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007  a wall clock is wanted
    except ValueError:  # not a time of this pattern
        return None
    offset = moment.utcoffset()
    delta = moment.replace(tzinfo=UTC) - _EPOCH
    micros = (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
    return micros, None if offset is None else int(offset.total_seconds() // 60)
