"""Subjects and numbers of records that take more than one function of one column to read.

Every reader gives, for each row, the values that the event names: none, one or several.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core import client
from whosaw.store.sql import Session, quote_text

from .query_text import lax_values, query_values
from .statement import key_values
from .statement_rows import persons_per_row

__all__ = [
    "COLUMN_OF_FIELD",
    "RowValues",
    "body_values",
    "field_values",
    "persons_per_row_of",
    "query_parameter",
    "query_subject",
    "statement_values",
]

# canonical text columns that `from = "field"` may name besides the keys of `fields`
COLUMN_OF_FIELD = frozenset({
    *client.SENT, "action", "host", "method", "object", "path", "protocol", "query", "referer", "request_id", "statement"
})  # fmt: skip
_MAX_BODY = 1 << 20
_NUL = "\0"  # stands in no statement of a database that keeps text


class RowValues:
    """For each row: `first` (null where there is none), `rest` for rows with several, `unreadable` rows, and `lax`: values that
    only some servers take for this one, because its name is spelled in another way."""

    __slots__ = ("first", "lax", "rest", "unreadable")

    def __init__(
        self,
        first: pa.Array,
        rest: dict[int, tuple[str, ...]],
        unreadable: np.ndarray[Any, Any],
        lax: dict[int, tuple[str, ...]] | None = None,
    ) -> None:
        self.first = first
        self.rest = rest
        self.unreadable = unreadable
        self.lax = lax or {}


def query_parameter(query: pa.Array, name: str, session: Session) -> RowValues:
    """Every value of a query parameter; repeats and encoded names are read in Python, the rest in SQL."""
    mark, bare_name = quote_text(f"&{name}="), quote_text(f"&{name}&")
    plain = session.query(
        f"""
        SELECT value, repeated OR encoded_name OR (raw IS NOT NULL AND value IS NULL) AS odd
        FROM (SELECT raw, repeated, encoded_name,
                     CASE WHEN contains(raw, '%') OR contains(raw, '+')
                          THEN TRY(url_decode(replace(raw, '+', ' '))) ELSE raw END AS value
              FROM (SELECT CASE WHEN place > 0 THEN split_part(tail, '&', 1) END AS raw,
                           (place > 0 AND contains(tail, {mark}))
                           OR contains(bare || '&', {bare_name}) AS repeated,
                           (contains(bare, '%') OR contains(bare, '+'))
                           AND regexp_matches(bare, '&[^=&]*[%+]') AS encoded_name
                    FROM (SELECT place, bare, substring(bare, place + {len(name) + 2}) AS tail
                          FROM (SELECT '&' || query AS bare, strpos('&' || query, {mark}) AS place
                                FROM e))))
        """,
        e=pa.table({"query": query}),
    )
    return _with_python(
        plain["value"].combine_chunks(), plain["odd"], query, lambda text: query_values(text, name)
    )


def query_subject(query: pa.Array, name: str, session: Session) -> RowValues:
    """Every value of a query parameter, and those of parameters that some server takes for it."""
    found = query_parameter(query, name, session)
    plain = pc.match_substring_regex(query, f"(?:^|&){re.escape(name)}(?:=|&|$)")
    # what begins so more often than in its one plain place, and encoded names, are read in Python
    begins = pc.count_substring_regex(query, rf"(?i)(?:^|[&;?])[ +]*{re.escape(name)}")
    encoded = pc.match_substring_regex(query, r"(?:^|[&;?])[^=&;?]*[%+]")
    odd = pc.or_(pc.greater(begins, pc.cast(plain, begins.type)), encoded)
    found.lax = _lax(query, odd, lambda text: _beyond(lax_values(text, name), query_values(text, name)))
    return found


def _lax(
    texts: pa.Array, odd: pa.Array, read: Callable[[str], tuple[str, ...]]
) -> dict[int, tuple[str, ...]]:
    where = np.flatnonzero(pc.fill_null(odd, pa.scalar(value=False)).to_numpy(zero_copy_only=False))
    if not len(where):
        return {}
    coded = texts.take(pa.array(where)).dictionary_encode()
    told = [read(text) for text in coded.dictionary.to_pylist()]
    codes = coded.indices.to_numpy(zero_copy_only=False)
    return {int(row): told[code] for row, code in zip(where, codes, strict=True) if told[code]}


def _beyond(lax: list[str], exact: list[str]) -> tuple[str, ...]:
    """What is in `lax` alone, without empty texts."""
    return tuple(text for text in dict.fromkeys(lax) if text and text not in exact)


def field_values(events: pa.Table, name: str, session: Session, *, header: bool) -> RowValues:
    """A canonical column of that name, or the entry of `fields`; a header under each usual spelling."""
    if not header and name in COLUMN_OF_FIELD:
        return RowValues(_dense(events, name), {}, np.zeros(events.num_rows, bool))
    spellings = [name]
    if header:
        snake = name.lower().replace("-", "_")
        spellings = list(dict.fromkeys([name, name.lower(), snake, f"http_{snake}", f"sent_http_{snake}"]))
    reads = ", ".join(
        f"json_extract_string(fields, {quote_text(_pointer(spelling))})" for spelling in spellings
    )
    found = session.query(f"SELECT TRY(coalesce({reads})) AS value FROM e", e=events.select(["fields"]))
    return RowValues(found["value"].combine_chunks(), {}, np.zeros(events.num_rows, bool))


def body_values(events: pa.Table, pointer: str, session: Session) -> RowValues:
    """What the JSON pointer finds in the logged body: a text, a number, or a list of them."""
    bodies = field_values(events, "body", session, header=False).first

    def read(body: str) -> list[str] | None:
        return _from_json(body, pointer)[0]

    some = pc.is_valid(bodies)
    found = _with_python(pa.nulls(len(bodies), pa.string()), some, bodies, read)
    found.lax = _lax(bodies, some, lambda body: _from_json(body, pointer)[1])
    return found


def statement_values(events: pa.Table, column: str, session: Session) -> RowValues:
    """The values that a statement binds the column to; those of parameters stand in `fields`."""
    statement = _dense(events, "statement")
    parameters = pc.fill_null(field_values(events, "parameter", session, header=False).first, "")
    both = pc.binary_join_element_wise(statement, parameters, _NUL)

    def read(text: str) -> tuple[str, ...] | None:
        sql, values = _parts(text)
        return key_values(sql, column, values)

    return _with_python(pa.nulls(len(both), pa.string()), pc.is_valid(both), both, read)


def persons_per_row_of(statement: pa.Array, table: pa.Array) -> np.ndarray[Any, Any]:
    """For each statement that names its table: at most so many persons in one row, -1 where no bound is known.
    Without a statement a row is a record, and so one person."""
    # a relation is logged with its schema; what has none is a database
    relation = pc.if_else(pc.match_substring(table, "."), table, "")
    both = pc.binary_join_element_wise(statement, pc.fill_null(relation, ""), _NUL).dictionary_encode()
    each = []
    for text in both.dictionary.to_pylist():
        sql, name = _parts(text)
        most = persons_per_row(sql, name or None)
        each.append(-1 if most is None else most)
    most = pa.array(each, pa.int64()).take(both.indices)
    found: np.ndarray[Any, Any] = pc.fill_null(most, 1).to_numpy(zero_copy_only=False)
    return found


def _parts(text: str) -> tuple[str, str]:
    """A statement and what stands beside it; a statement that holds NUL itself is not to be believed."""
    sql, *beside = text.split(_NUL)
    return (sql, beside[0]) if len(beside) == 1 else ("", "")


def _with_python(plain: pa.Array, odd: pa.Array, texts: pa.Array, read: Callable[[str], Any]) -> RowValues:
    """`plain`, with the rows where `odd` holds read by `read`, once for each distinct text."""
    unreadable = np.zeros(len(plain), bool)
    rest: dict[int, tuple[str, ...]] = {}
    where = np.flatnonzero(pc.fill_null(odd, pa.scalar(value=False)).to_numpy(zero_copy_only=False))
    if not len(where):
        return RowValues(plain, rest, unreadable)
    coded = texts.take(pa.array(where)).dictionary_encode()
    results = [read(text) for text in coded.dictionary.to_pylist()]
    codes = coded.indices.to_numpy(zero_copy_only=False)
    firsts = pa.array([values[0] if values else None for values in results], pa.string())
    several = np.array([bool(values) and len(values) > 1 for values in results], bool)
    failed = np.array([values is None for values in results], bool)
    mask = np.zeros(len(plain), bool)
    mask[where] = True
    first = pc.replace_with_mask(plain, pa.array(mask), firsts.take(coded.indices))
    unreadable[where] = failed[codes]
    for position in np.flatnonzero(several[codes]).tolist():
        rest[int(where[position])] = tuple(results[codes[position]][1:])
    return RowValues(first, rest, unreadable)


class _Object(tuple[tuple[str, Any], ...]):
    """The names and values of a JSON object, those that stand twice included."""

    __slots__ = ()


def _from_json(body: str, pointer: str) -> tuple[list[str] | None, tuple[str, ...]]:
    """The values at the pointer, of a name that stands twice the last one, as parsers of servers have it (None where they cannot
    be read); and those that other servers may read there."""
    if len(body) > _MAX_BODY:
        return None, ()
    try:
        value: Any = json.loads(body, object_pairs_hook=_Object)
    except (ValueError, RecursionError):
        return None, ()
    found: list[Any] = [value]
    others: list[Any] = []
    for step in (raw.replace("~1", "/").replace("~0", "~") for raw in pointer.split("/")[1:]):
        places = [_at(each, step) for each in found]
        others = [each for exact, lax in (_at(other, step) for other in others) for each in (*exact, *lax)]
        others += [each for _, lax in places for each in lax]
        found = [each for exact, _ in places for each in exact]
    texts = _texts(found[0]) if found else []
    lax_texts = [text for each in others for text in _texts(each) or ()]
    return texts, _beyond(lax_texts, texts or [])


def _at(value: Any, step: str) -> tuple[list[Any], list[Any]]:
    """What stands there, at most one, and what a reader of names in another case, or of the first of equal ones, takes."""
    if isinstance(value, _Object):
        named = [held for name, held in value if name == step]
        spelled = [held for name, held in value if name != step and name.casefold() == step.casefold()]
        return named[-1:], [*named[:-1], *spelled]
    if isinstance(value, list) and step.isdigit() and len(step) < 7 and int(step) < len(value):
        return [value[int(step)]], []
    return [], []


def _texts(value: Any) -> list[str] | None:
    """The text, or those of a list; None where an entry is itself a table or a list, which names nobody in a way that can be read."""
    entries = value if isinstance(value, list) else [value]
    texts = [_text(entry) for entry in entries if entry is not None]
    return None if None in texts else [text for text in texts if text is not None]


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _dense(events: pa.Table, name: str) -> pa.Array:
    return events[name].combine_chunks()
