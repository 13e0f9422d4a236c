"""Records in logs and exports of other systems: JSON lines, JSON documents, delimited text, and lines of `name="value"`."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from whosaw.core.errors import Fault, Where

from .context_paths import Record

__all__ = ["READS", "Records", "read_records"]

READS: Final = ("json", "delimited", "pairs")
TIME: Final = "@time"  # what stands before the pairs of a line, or beside the message that holds them
_PAIR: Final = re.compile(r"(?:^|[\s,(])([A-Za-z_][\w.-]*)=(?:\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|([^,\s]*))")
_STAMP: Final = re.compile(r"^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What a file holds; `bad` counts lines that are none."""

    records: Sequence[Record]
    bad: int = 0
    fault: Fault | None = None


def read_records(path: Path, reads: str, lists: Sequence[str]) -> Records:
    """Every record of a file, packed with gzip or not. `lists`: where documents hold their records."""
    try:
        data = path.read_bytes()
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as fault:
        message = f"cannot be read ({fault.__class__.__name__}: {fault})"
        return Records(
            records=(),
            fault=Fault(code="context.unreadable", message=message, where=Where(file=str(path))),
        )
    text = data.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
    if reads == "delimited":
        try:
            return _delimited(text)
        except csv.Error as fault:
            message = f"is no delimited text ({fault})"
            return Records(
                records=(),
                fault=Fault(code="context.unreadable", message=message, where=Where(file=str(path))),
            )
    if reads == "pairs":
        return _pairs(text)
    return _json(text, lists)


def _json(text: str, lists: Sequence[str]) -> Records:
    whole = _loaded(text) if text.lstrip()[:1] in ("[", "{") and not _of_lines(text) else None
    if whole is not None:
        return Records(records=tuple(_listed(whole, lists)))
    found: list[Record] = []
    bad = 0
    for line in text.split("\n"):
        if not line.strip():
            continue
        value = _loaded(line)
        if isinstance(value, dict | list):
            found.extend(_listed(value, lists))
        else:
            bad += 1
    return Records(records=found, bad=bad)


def _of_lines(text: str) -> bool:
    """Whether the first line is a document by itself and more lines follow."""
    first, _, rest = text.lstrip().partition("\n")
    return bool(rest.strip()) and isinstance(_loaded(first), dict | list)


def _loaded(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _listed(value: object, lists: Sequence[str]) -> Iterator[Record]:
    if isinstance(value, list):
        for each in value:
            yield from _listed(each, lists)
        return
    if not isinstance(value, dict):
        return
    for name in lists:
        inner: object = value
        for step in name.split("."):
            inner = inner.get(step) if isinstance(inner, dict) else None
        if isinstance(inner, list):
            yield from (each for each in inner if isinstance(each, dict))
            return
    yield value


def _delimited(text: str) -> Records:
    head = text.lstrip("\r\n").partition("\n")[0]
    sign = max(",;\t", key=head.count)
    rows = csv.DictReader(io.StringIO(text.lstrip("\r\n")), delimiter=sign)
    found = [
        {
            str(name).strip(): value
            for name, value in row.items()
            if name is not None and isinstance(value, str)
        }
        for row in rows
    ]
    return Records(records=found)


def _pairs(text: str) -> Records:
    found: list[Record] = []
    bad = 0
    for line in text.split("\n"):
        if not line.strip():
            continue
        stamp = _STAMP.match(line)
        time, said = (stamp[1].replace(",", "."), line[stamp.end() :]) if stamp else (None, line)
        value = _loaded(line) if line.lstrip().startswith("{") else None
        if isinstance(value, dict):
            time, said = str(value.get("timestamp") or value.get("time") or ""), str(value.get("message", ""))
        pairs = {
            name: next((each for each in (quoted, single, bare) if each), "")
            for name, quoted, single, bare in _PAIR.findall(said)
        }
        if pairs:
            found.append({TIME: time, **pairs})
        else:
            bad += 1
    return Records(records=found, bad=bad)
