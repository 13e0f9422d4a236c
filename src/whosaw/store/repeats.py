"""A hash of what makes each event itself, and which events repeat an earlier one of their chunk."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .sql import Session

__all__ = ["find_repeats", "hash_events"]

Hashes = npt.NDArray[np.uint64]
# what a request with a number of the server's own is told by
_ASKED = ("request_id", "method", "path", "query", "action")


def hash_events(events: pa.Table, lines: pa.Array, first_line: int, session: Session) -> Hashes:
    """The hash of each event.

    An event is told by the server's own request id and what was asked for, where there is one; else by the original line, byte
    by byte; else (records of a document, rows) by all its columns. The hash depends on that alone: not on the chunk, nor on
    columns that are null.
    """
    if not events.num_rows:
        return np.zeros(0, np.uint64)
    if len(lines):
        hashes = _hash_texts(_texts(events, lines, first_line), session)
    else:
        hashes = _hash_columns(events, [n for n in events.column_names if n != "line"], session)
    if "request_id" in events.column_names:
        own = _hash_columns(events, [n for n in _ASKED if n in events.column_names], session)
        hashes = np.where(_asked(events), own, hashes)
    return hashes


def find_repeats(events: pa.Table, lines: pa.Array, first_line: int, hashes: Hashes) -> npt.NDArray[np.bool_]:
    """Whether each event repeats an earlier one: events of equal hash are compared in full before one is called a repeat."""
    duplicate = np.zeros(events.num_rows, bool)
    in_order = np.sort(hashes)
    twice = in_order[1:][in_order[1:] == in_order[:-1]]
    if not len(twice):
        return duplicate
    texts = _texts(events, lines, first_line) if len(lines) else None
    rows = np.flatnonzero(np.isin(hashes, twice))
    seen: dict[int, set[object]] = {}
    for row, told in zip(rows.tolist(), _in_full(events, texts, _asked(events), rows), strict=True):
        known = seen.setdefault(int(hashes[row]), set())
        duplicate[row] = told in known
        known.add(told)
    return duplicate


def _texts(events: pa.Table, lines: pa.Array, first_line: int) -> pa.Array:
    """The original line of each event."""
    position = pa.array(np.asarray(events["line"].combine_chunks()) - first_line)
    return lines if len(lines) == events.num_rows else lines.take(position)


def _asked(events: pa.Table) -> npt.NDArray[np.bool_]:
    """Which events have the server's own request id."""
    if "request_id" not in events.column_names:
        return np.zeros(events.num_rows, bool)
    return np.asarray(pc.is_valid(events["request_id"]).combine_chunks().cast(pa.int8())).astype(bool)


def _in_full(
    events: pa.Table, texts: pa.Array | None, asked: npt.NDArray[np.bool_], rows: npt.NDArray[np.int64]
) -> list[object]:
    """What tells each of these events from others."""
    some = events.take(pa.array(rows))
    some = some.drop_columns(["line"]) if "line" in some.column_names else some
    named = some.select([n for n in _ASKED if n in some.column_names]).to_pylist()
    whole = (
        [tuple(row.values()) for row in some.to_pylist()]
        if texts is None
        else texts.take(pa.array(rows)).to_pylist()
    )
    return [
        tuple(own.values()) if is_asked else text
        for own, text, is_asked in zip(named, whole, asked[rows].tolist(), strict=True)
    ]


def _hash_texts(texts: pa.Array | pa.ChunkedArray, session: Session) -> Hashes:
    table = session.query("SELECT hash(t) AS h FROM texts", texts=pa.table({"t": texts}))
    return np.asarray(table["h"].combine_chunks()).astype(np.uint64)


def _hash_columns(events: pa.Table, names: list[str], session: Session) -> Hashes:
    """Each column hashed by itself, and added up with a factor that follows from its name; null adds nothing."""
    columns = {name: events[name].combine_chunks() for name in names}
    columns = {name: column for name, column in columns.items() if column.null_count < len(column)}
    texts = {
        name: column.dictionary if pa.types.is_dictionary(column.type) else column
        for name, column in columns.items()
        if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type)
    }
    # one statement for all of them: there are many small chunks, and a statement costs more than its rows then
    found = _hash_texts(pa.chunked_array(list(texts.values()), pa.string()), session) if texts else None
    at = 0
    total = np.zeros(events.num_rows, np.uint64)
    with np.errstate(over="ignore"):
        for name, column in columns.items():
            if found is not None and name in texts:
                hashes = found[at : at + len(texts[name])]
                at += len(texts[name])
                if pa.types.is_dictionary(column.type):
                    hashes = hashes[np.asarray(column.indices.fill_null(0))]
            else:
                plain = column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column
                whole = np.asarray(plain.cast(pa.int64()).fill_null(0))
                hashes = _mixed(whole.view(np.uint64) + np.uint64(1))
            if column.null_count:
                hashes = np.where(np.asarray(column.is_null().cast(pa.int8())).astype(bool), 0, hashes)
            total += hashes.astype(np.uint64) * _factor(name)
        return _mixed(total)


def _factor(name: str) -> np.uint64:
    """An odd number for a column."""
    value = np.array([int.from_bytes(name.encode()[:8], "little") + len(name)], np.uint64)
    return np.uint64(_mixed(value)[0] | np.uint64(1))


def _mixed(values: Hashes) -> Hashes:
    """SplitMix64's finalizer: every bit of a value moves about half the bits of its hash."""
    with np.errstate(over="ignore"):
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return values ^ (values >> np.uint64(31))
