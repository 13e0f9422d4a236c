"""JSON events in which a name stands twice: parsers take the first value or the last, and a client may have written one of them.

Both readings are made. Where they say the same it is one event like any other. Where they do not, what they differ in is not
said, and the request stands in the field `request` with all of its targets, as one that could not be taken apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.store.sql import Session, quote_text

__all__ = ["DIFFERENT", "lines_with_twins", "merged"]

DIFFERENT: Final = "a name stands twice with different values"
_REQUEST = "request"
_LAST = frozenset({"n", "time", "fields", "reason"})  # of these the last reading stays


def lines_with_twins(
    given: pa.Table, line: str, asked: Iterable[tuple[str | int, ...]], session: Session
) -> pa.Array:
    """The numbers `n` of the rows in whose JSON some object on the way to an asked value names a part of that way twice. `line` is
    the SQL of the text."""
    parts: dict[tuple[str | int, ...], set[str | int]] = {}
    for path in asked:
        for depth, step in enumerate(path):
            parts.setdefault(path[:depth], set()).add(step)
    found: list[pa.Array] = []
    for prefix, steps in sorted(parts.items(), key=lambda each: (len(each[0]), str(each[0]))):
        names = pa.array(sorted(each for each in steps if isinstance(each, str)), pa.string())
        if not len(names):
            continue
        keys = f"try(json_keys({line}, {quote_text(_pointer(prefix))}))"
        # there are few kinds of events, so that each list of names is looked at once
        kinds = session.query(
            f"SELECT any_value(k) AS k, k::VARCHAR AS kind FROM (SELECT {keys} AS k FROM given) WHERE k IS NOT NULL GROUP BY kind",
            given=given,
        )
        wanted = set(names.to_pylist())
        twins = [
            kind
            for k, kind in zip(kinds["k"].to_pylist(), kinds["kind"].to_pylist(), strict=True)
            if _twice(k, wanted)
        ]
        if twins:
            rows = session.query(
                f"SELECT n FROM given WHERE {keys}::VARCHAR IN (SELECT kind FROM twins)",
                given=given,
                twins=pa.table({"kind": pa.array(twins, pa.string())}),
            )
            found.append(rows["n"].combine_chunks())
    return pc.unique(pa.concat_arrays(found)) if found else pa.array([], pa.int64())


def _twice(names: Sequence[str], wanted: set[str | int]) -> bool:
    own = [name for name in names if name in wanted]
    return len(own) > len(set(own))


def _pointer(path: tuple[str | int, ...]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def merged(first: pa.Table, last: pa.Table) -> tuple[pa.Table, list[tuple[int, str]]]:
    """The rows of two readings of the same lines as one, and those that are no event then."""
    rows, rejects = [], []
    for pair in zip(first.to_pylist(), last.to_pylist(), strict=True):
        events = [
            reading for reading in pair if reading["reason"] is None
        ] or pair  # one of them may be no event
        one, two = events[0], events[-1]
        row = _joined(one, two)
        if row is None:
            rejects.append((two["n"], DIFFERENT))
        else:
            rows.append(row)
    return pa.Table.from_pylist(
        rows,
        schema=last.schema
        if "fields" in last.column_names
        else last.schema.append(pa.field("fields", pa.string())),
    ), rejects


def _joined(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any] | None:
    """What both say, of one line; None where no request is left in which to look."""
    differ = {name for name in two if name not in _LAST and one[name] != two[name]}
    if not differ:
        return two
    targets = [_target(each) for each in (one, two) if each.get("path")]
    if not targets:
        return None
    row = {name: None if name in differ else value for name, value in two.items()}
    if differ & {"status", "ok"}:  # it succeeded in one of them
        good = one if one.get("ok") else two
        row |= {name: good[name] for name in ("status", "ok") if name in good}
    if "host" in differ:
        row["host"] = "-"
    text = " ".join(
        dict.fromkeys([str(each["method"]) for each in (one, two) if each.get("method")] + targets)
    )
    fields = json.loads(two.get("fields") or "{}")
    row |= {"path": None, "fields": json.dumps({**fields, _REQUEST: text}, ensure_ascii=False)}
    if "query" in row:
        row["query"] = None
    return row


def _target(row: dict[str, Any]) -> str:
    return str(row["path"]) + (f"?{row['query']}" if row.get("query") else "")
