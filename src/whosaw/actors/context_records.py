"""Records in logs and exports of other systems: JSON lines, JSON documents, delimited text, and lines of `name="value"`."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, cast

from whosaw.core.errors import Fault, FaultsError, Where

from .context_paths import Record

__all__ = ["READS", "read_records"]

READS: Final = ("json", "delimited", "pairs")
TIME: Final = "@time"  # what stands before the pairs of a line, or beside the message that holds them
_PAIR: Final = re.compile(r"(?:^|[\s,(])([A-Za-z_][\w.-]*)=(?:\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|([^,\s]*))")
_STAMP: Final = re.compile(r"^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)")


def read_records(path: Path, reads: str, lists: Sequence[str]) -> Generator[Record | None, None, None]:
    """Every record of a file, packed with gzip or not, one after the other; None for a line that is none. `lists`: where documents hold
    their records. Raises `FaultsError` where the file cannot be read on."""
    try:
        with path.open("rb") as raw:
            packed = raw.peek(2)[:2] == b"\x1f\x8b"
            with closing(cast("BinaryIO", gzip.open(raw) if packed else raw)) as stream:
                if reads == "delimited":
                    yield from _delimited(stream)
                elif reads == "pairs":
                    yield from _pairs(stream)
                else:
                    yield from _json(stream, lists)
    except (OSError, EOFError, zlib.error, csv.Error) as fault:
        message = f"cannot be read ({fault.__class__.__name__}: {fault})"
        raise FaultsError(
            "context.unreadable",
            [Fault(code="context.unreadable", message=message, where=Where(file=str(path)))],
        ) from fault


def _json(stream: BinaryIO, lists: Sequence[str]) -> Iterator[Record | None]:
    """Lines that are documents each, or one document over all lines."""
    first = stream.readline().removeprefix(b"\xef\xbb\xbf")
    while first and not first.strip():
        first = stream.readline()
    value = _loaded(first)
    if not isinstance(value, dict | list):
        rest = stream.read()
        whole = _loaded(first + rest)
        if isinstance(whole, dict | list):
            yield from _listed(whole, lists)
            return
        yield None
        stream = io.BytesIO(rest)
    else:
        yield from _listed(value, lists)
    for line in stream:
        if line.strip():
            value = _loaded(line)
            if isinstance(value, dict | list):
                yield from _listed(value, lists)
            else:
                yield None


def _loaded(text: bytes | str) -> object:
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


def _delimited(stream: BinaryIO) -> Iterator[Record]:
    """Rows by the names of the first line. What stands under a name that several columns have is a list of all that they hold."""
    text = (line.decode(errors="replace") for line in stream)
    head = next((line for line in text if line.strip()), "").removeprefix("\ufeff")
    sign = max(",;\t", key=head.count)
    rows = csv.reader(chain([head], text), delimiter=sign)
    names = [each.strip() for each in next(rows, [])]
    several = {name for name, count in Counter(names).items() if count > 1}
    for row in rows:
        if not row:
            continue
        record: dict[str, object] = {name: [] for name in several}
        for name, value in zip(names, row, strict=False):
            held = record.setdefault(name, value)
            if name in several and isinstance(held, list) and value:
                held.append(value)
        yield record


def _pairs(stream: BinaryIO) -> Iterator[Record | None]:
    for raw in stream:
        line = raw.decode(errors="replace")
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
        yield {TIME: time, **pairs} if pairs else None
