"""The names of the fields that stand in structured lines, and which of them could hold a time.

For lines that nobody understood: what a person needs in order to name the fields himself. Only names are told, never values,
and no name that may itself be data, such as an address that is a key."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from .lines import line_text
from .structured.json_records import OBJECTS, WHOLE, holds_records, records_of
from .structured.pairs import read_pairs
from .times.events import read_times

__all__ = ["HEAD_BYTES", "SeenFields", "seen_fields"]

_LINES = 40
HEAD_BYTES = 1 << 18  # more than that is not looked at
_DEPTH = 4
_LEAST_PAIRS = 2
_MOST = 60
_NAME = re.compile(r"[@#$]?[A-Za-z_][A-Za-z0-9_-]{0,39}(?:\.[A-Za-z_][A-Za-z0-9_-]{0,39})*\Z")
_LEAST_YEAR, _MOST_YEAR = 2000, 2100
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFields:
    """`kind` is json, pairs or csv, or empty where the lines have no named fields. Names in the order in which they stand; a name of
    JSON is a path as `--format json:` takes it."""

    kind: str = ""
    names: tuple[str, ...] = ()
    times: tuple[str, ...] = ()


def seen_fields(data: bytes) -> SeenFields:
    """What stands in the first lines (or records) of a content."""
    data = data[:HEAD_BYTES]
    found: dict[str, str] = {}
    objects = [one for text in _texts(data) if isinstance(one := _read(text), dict)]
    for one in objects:
        for name, value in _leaves(one, "", 1):
            found.setdefault(name, value)
    if found:
        return _seen("json", found)
    if found := _of_pairs(data):
        return _seen("pairs", found)
    first, second = ([*data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").split("\n", 2), ""])[:2]
    header, row = _cells(first), _cells(second)
    if (
        len(header) < 2
        or len(header) != len(row)
        or not all(_NAME.match(name.strip().replace(" ", "_")) for name in header)
    ):
        return SeenFields()
    return _seen("csv", dict(zip((name.strip() for name in header), row, strict=True)))


def _seen(kind: str, found: dict[str, str]) -> SeenFields:
    names = list(found)[:_MOST]
    texts = [found[name][:48] for name in names]
    instants, _ = read_times(pa.array(texts, pa.string()), None)
    likely = instants.understood | instants.needs_zone
    years = 1970 + instants.micros / _DAY_US / 365.2425
    return SeenFields(
        kind=kind,
        names=tuple(names),
        times=tuple(
            name
            for name, fits, year, local in zip(names, likely, years, instants.needs_zone, strict=True)
            if fits and (local or _LEAST_YEAR <= year < _MOST_YEAR)
        ),
    )


def _of_pairs(data: bytes) -> dict[str, str]:
    """The first value of each key, where the first lines are all key=value."""
    found: dict[str, str] = {}
    for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n", _LINES)[:_LINES]:
        if not line.strip():
            continue
        pairs = read_pairs(line_text(line))
        if isinstance(pairs, str) or len(pairs) < _LEAST_PAIRS:
            return {}
        for name, value in pairs:
            if _NAME.match(name):
                found.setdefault(name, value)
    return found


def _cells(line: str) -> list[str]:
    """The cells of a line, by the delimiter that gives most."""
    return max((_cut(line, delimiter) for delimiter in (",", ";", "|")), key=len)


def _cut(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line.rstrip("\r")], delimiter=delimiter), [])
    except csv.Error:  # a cell too long to be one, or a bare CR
        return []


def _texts(data: bytes) -> Iterator[bytes]:
    if holds_records(data, (WHOLE, OBJECTS)):
        yield from (record.text for record in records_of(data, (WHOLE, OBJECTS))[:_LINES])
        return
    for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n", _LINES)[:_LINES]:
        yield line[max(line.find(b"{"), 0) :] if line.endswith((b"}", b"}\r")) else line


def _read(text: bytes) -> object:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _leaves(value: dict[str, object], before: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, inner in value.items():
        if not _NAME.match(name):
            continue
        path = before + (f'"{name}"' if "." in name else name)
        if isinstance(inner, dict) and inner and depth < _DEPTH:
            yield from _leaves(inner, path + ".", depth + 1)
        else:
            yield path, inner if isinstance(inner, str) else json.dumps(inner)
