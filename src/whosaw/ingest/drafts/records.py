"""A layout that nobody described, as records of named values: nested JSON, key=value, or delimited text.

Which of the three it is, the delimiter and whether there is a header are told from the text alone."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from whosaw.ingest.container_wrapper import lines_in, runtime_of
from whosaw.ingest.format_item import Wrapper
from whosaw.ingest.lines import line_text
from whosaw.ingest.structured.headers import plain_name
from whosaw.ingest.structured.json_records import OBJECTS, WHOLE, holds_records, records_of
from whosaw.ingest.structured.pairs import read_pairs
from whosaw.ingest.text_wrapper import inside_of

__all__ = ["Records", "Shape", "leaves", "records_in"]

Shape = Literal["json", "pairs", "delimited"]
DELIMITERS = (",", ";", "\t", "|")
_MOST = 400  # records that are looked at
_BYTES = 1 << 20
_NEARLY = 0.8
_DEPTH = 8
_LEAST_PAIRS = 2
_TYPED = re.compile(r"[-+]?\d[\d.,:/+TZ -]*\Z|[0-9a-fA-F]*:[0-9a-fA-F:.]+\Z|true\Z|false\Z", re.IGNORECASE)
_HOLDER = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*("[A-Za-z_][\w-]*")\s*:\s*\[\s*\{')
_PLAIN = re.compile(r"[^.\"\[\]{}|]+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """`rows` are the values of each record by the name of their field, as the sources of an item name it. `header` says that the
    names of delimited text are from its first line. `lines` are the texts that the rows came from."""

    shape: Shape
    rows: tuple[Mapping[str, str], ...]
    lines: tuple[str, ...]
    delimiter: str = ""
    header: bool = False
    names: tuple[str, ...] = ()
    document: str = ""  # the name under which a document holds its records
    path: str = ""  # the list within a record whose members are the events
    inside: Wrapper = ""  # what the lines stand inside of


def records_in(samples: Sequence[bytes]) -> Records | None:
    """The records of samples of one layout, from all over each of them, also in the log of a container or behind text; None where they
    are of none of the three shapes."""
    runtime = runtime_of(samples[0][:_BYTES]) if samples else None
    if runtime is not None:
        found = records_in([lines_in(sample[:_BYTES], runtime) for sample in samples])
        return replace(found, inside=runtime) if found is not None and not found.inside else None
    texts = [text for sample in samples for text in _texts(sample[:_BYTES], _MOST // len(samples) or 1)]
    if not texts:
        return None
    return (
        _json(texts, _document(samples[0]))
        or _behind_text(texts)
        or _pairs(texts)
        or _delimited(samples, _MOST // len(samples) or 1)
    )


def _texts(sample: bytes, most: int) -> list[str]:
    """Lines, or records of a document, spread over a sample; a last line without an end may be cut, and is left out."""
    held = (name,) if (name := _document(sample)) else (WHOLE, OBJECTS)
    if held[0] == name or holds_records(sample, held):
        found = [line_text(record.text) for record in records_of(sample, held) if not record.why]
    else:
        lines = sample.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        kept = lines[:-1] if len(lines) > 1 else lines
        found = [text for line in kept if (text := line_text(line)).strip()]
    step = max(1, len(found) // most)
    return found[::step][:most]


def _document(sample: bytes) -> str:
    """The name of the list with which a document begins that is one object; empty where it is none."""
    found = _HOLDER.match(sample)
    if found is None or len(re.findall(rb"^\s*\{\s*" + re.escape(found[1]), sample, re.MULTILINE)) > 1:
        return ""
    return found[1].strip(b'"').decode("utf-8", "replace")


def _json(texts: Sequence[str], document: str) -> Records | None:
    rows, lines = [], []
    for text in texts:
        value = _object(text)
        if value is not None:
            rows.append(dict(leaves(value)))
            lines.append(text)
    if len(rows) < _NEARLY * len(texts):
        return None
    return Records(shape="json", rows=tuple(rows), lines=tuple(lines), document=document)


def _behind_text(texts: Sequence[str]) -> Records | None:
    """JSON behind text."""
    inner = inside_of(texts)
    found = _json(inner, "") if inner is not None else None
    return replace(found, inside="text") if found is not None else None


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text, strict=False, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def leaves(value: Mapping[str, Any], before: str = "", depth: int = 1) -> Iterator[tuple[str, str]]:
    """The texts and numbers in an object by their paths; of lists the first."""
    for name, inner in value.items():
        if '"' in name or not name:
            continue
        path = before + (name if _PLAIN.match(name) else f'"{name}"')
        while isinstance(inner, list) and inner:
            inner, path = inner[0], path + "[0]"  # noqa: PLW2901 -- the list gives way to its first member
        if isinstance(inner, dict):
            if depth < _DEPTH:
                yield from leaves(inner, path + ".", depth + 1)
        elif isinstance(inner, bool):
            yield path, "true" if inner else "false"
        elif isinstance(inner, str) and inner.strip() not in ("", "-"):
            yield path, inner


def _pairs(texts: Sequence[str]) -> Records | None:
    rows, lines = [], []
    for text in texts:
        pairs = read_pairs(text)
        if isinstance(pairs, str) or sum(not key.startswith("word_") for key, _ in pairs) < _LEAST_PAIRS:
            continue
        rows.append({key: value for key, value in pairs if value.strip() not in ("", "-")})
        lines.append(text)
    if len(rows) < _NEARLY * len(texts):
        return None
    return Records(shape="pairs", rows=tuple(rows), lines=tuple(lines))


def _delimited(samples: Sequence[bytes], most: int) -> Records | None:
    heads = [_whole(sample[:_BYTES]) for sample in samples]
    best: tuple[int, str, list[list[list[str]]]] | None = None
    for delimiter in DELIMITERS:
        tables = [_cells(head, delimiter) for head in heads]
        widths = Counter(len(row) for table in tables for row in table)
        if not widths:
            continue
        width, often = widths.most_common(1)[0]
        if width > 1 and often >= _NEARLY * widths.total() and (best is None or width > best[0]):
            best = width, delimiter, tables
    if best is None:
        return None
    width, delimiter, tables = best
    tables = [[row for row in table if len(row) == width] for table in tables]
    header = all(table and _is_header(table[0], table[1:]) for table in tables if table)
    first = next(table[0] for table in tables if table)
    names = (
        tuple(each.strip() for each in first) if header else tuple(f"column_{n}" for n in range(1, width + 1))
    )
    bodies = [table[1:] if header else table for table in tables]
    rows = [row for body in bodies for row in body[:: max(1, len(body) // most)][:most]]
    if not rows or len({plain_name(name) for name in names}) < len(names):
        return None
    return Records(
        shape="delimited",
        rows=tuple(
            {name: cell for name, cell in zip(names, row, strict=True) if cell.strip() not in ("", "-")}
            for row in rows
        ),
        lines=tuple(delimiter.join(row) for row in rows),
        delimiter=delimiter,
        header=header,
        names=names,
    )


def _whole(sample: bytes) -> str:
    """Whole lines alone: the last one may be cut."""
    end = sample.rfind(b"\n") + 1
    return (sample[:end] if end else sample).removeprefix(b"\xef\xbb\xbf").decode("utf-8", "backslashreplace")


def _cells(text: str, delimiter: str) -> list[list[str]]:
    try:
        return [row for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter) if row]
    except csv.Error:
        return []


def _is_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether the first record names the columns: distinct words, above values of which some are numbers, times or addresses."""
    names = [cell.strip() for cell in first]
    if len(set(names)) < len(names) or not all(names) or any(_TYPED.match(name) for name in names):
        return False
    if any(len(name) > 60 or not re.search(r"[^\W\d_]", name) for name in names):
        return False
    typed = [
        column
        for column in zip(*rest, strict=True)
        if sum(bool(_TYPED.match(cell)) for cell in column) * 2 > len(column)
    ]
    return bool(typed) or not rest
