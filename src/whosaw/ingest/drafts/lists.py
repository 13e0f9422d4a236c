"""Whether each record of a layout holds several events in a list, and which list that is, told from what its values are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from whosaw.ingest.structured.unfolding import is_path, paths_in, unfold

from .guess import LEAST, Guess, guesses
from .records import Records, leaves
from .values import columns_of

__all__ = ["in_events"]

_MOST_LISTS = 12
_WHAT = ("object", "path")
_SAME = 0.5  # of the names that there are, in one list of properties
_DEPTH = 5
_OFTEN = 0.5  # a list of events stands in most records
_SEVERAL = 1.2  # and holds more than one of them, on average


def in_events(records: Records) -> Records:
    """The records, or, where a list in them holds the events, these: each with what stands around it.

    A list holds the events where the time of the layout stands in its members; or where nothing else says what was done or to what,
    and its members do. A list of names and values that come again in every record is none: it holds properties of one event."""
    if records.shape != "json":
        return records
    values = [json.loads(line, strict=False, parse_int=str, parse_float=str) for line in records.lines]
    counted = Counter(path for value in values for path in dict(_lists(value)))
    often = [path for path, count in counted.most_common(_MOST_LISTS) if count >= _OFTEN * len(values)]
    if not often:
        return records
    plain = guesses(columns_of([dict(row) for row in records.rows]))
    known = any(
        each.column in _WHAT and each.confidence >= LEAST and not any("[0]" in name for name in each.fields)
        for each in plain
    )
    best: tuple[int, int, Records] | None = None
    for path in often:
        found = _unfolded(records, path)
        if found is None:
            continue
        told = guesses(columns_of([dict(row) for row in found.rows]))
        if _holds(told, path, ("time",)) or (
            not known and _holds(told, path, _WHAT) and not _of_properties(values, path)
        ):
            depth = path.count("[]")
            if best is None or (depth, len(found.rows)) > best[:2]:
                best = depth, len(found.rows), found
    return records if best is None else best[2]


def _lists(value: Mapping[str, Any], before: str = "", depth: int = 1) -> Iterator[tuple[str, int]]:
    """The lists in an object by their paths, and how many members each has; of lists in lists those of their first member."""
    for name, inner in value.items():
        path = before + name
        if not is_path(path + "[]") or not _readable(path + "[]"):
            continue
        if isinstance(inner, dict) and depth < _DEPTH:
            yield from _lists(inner, path + ".", depth + 1)
        elif isinstance(inner, list) and inner:
            yield path + "[]", len(inner)
            if isinstance(inner[0], dict) and depth < _DEPTH:
                yield from _lists(inner[0], path + "[].", depth + 1)


def _readable(path: str) -> bool:
    try:
        paths_in((path,))
    except ValueError:
        return False
    return True


def _unfolded(records: Records, path: str) -> Records | None:
    """The events in the lists at `path`; None where most records hold one or none."""
    rows, lines = [], []
    paths = paths_in((path,))
    for line in records.lines:
        for event in unfold(line.encode("utf-8", "surrogatepass"), paths) or ():
            text = event.line.decode("utf-8", "surrogatepass")
            rows.append(dict(leaves(json.loads(text, strict=False, parse_int=str, parse_float=str))))
            lines.append(text)
    if len(rows) < _SEVERAL * len(records.rows):
        return None
    step = max(1, len(rows) // len(records.rows))
    return Records(
        shape="json",
        rows=tuple(rows[::step]),
        lines=tuple(lines[::step]),
        document=records.document,
        path=path,
    )


def _holds(found: Sequence[Guess], path: str, columns: tuple[str, ...]) -> bool:
    """Whether one of the columns stands on a field below the list."""
    below = path.replace("[]", "")
    return any(
        each.column in columns
        and each.confidence >= LEAST
        and any(name == below or name.startswith(f"{below}.") for name in each.fields)
        for each in found
    )


def _of_properties(values: Sequence[Mapping[str, Any]], path: str) -> bool:
    """Whether one field of the members names them, with the same few names in each list."""
    seen: dict[str, list[frozenset[str]]] = {}
    lists = 0
    for value in values:
        for members in _at(value, path):
            rows = [dict(leaves(each)) for each in members if isinstance(each, dict)]
            lists += len(rows) > 1
            for name in {name for row in rows for name in row} if len(rows) > 1 else ():
                given = [row[name] for row in rows if name in row]
                if len(given) == len(rows) == len(set(given)) and not any(map(str.isdigit, given)):
                    seen.setdefault(name, []).append(frozenset(given))
    return any(
        len(sets) == lists > 1 and sum(map(len, sets)) >= _SAME * len(sets) * len(frozenset.union(*sets))
        for sets in seen.values()
    )


def _at(value: Any, path: str) -> Iterator[Sequence[Any]]:
    """The lists at a path."""
    before, _, after = path.partition("[]")
    for name in before.strip(".").split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, list):
        if not after:
            yield value
        else:
            for each in value:
                yield from _at(each, after)
