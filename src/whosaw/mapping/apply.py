"""Applies a data map to events: which route, whose data, how many further persons at most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.store.segment import Mapped
from whosaw.store.sql import Session, quote_text

from .data_map import DataMap
from .normal_path import ENCODED_SLASH, NOT_ONLY_ENCODED, ODD, normal_path
from .persons import KIND_SEPARATOR, MAX_ID_BYTES, UNKNOWN_WHY, Why, further_at_most
from .possible import Possible, Unsure
from .route import Route
from .route_sql import FAST_SOURCES, needed_columns, route_statement
from .subject_form import Form
from .subject_values import (
    COLUMN_OF_FIELD,
    RowValues,
    body_values,
    field_values,
    persons_per_row_of,
    query_parameter,
    query_subject,
    statement_values,
)

__all__ = ["Mapper"]

_BATCH = 1 << 20
_MOST_READINGS = 16  # persons that one request may name for the one that it is about
_NO = pa.scalar(value=False)
_OTHER_TYPES: dict[str, pa.DataType] = {
    "time": pa.timestamp("us", tz="UTC"), "status": pa.int16(), "ok": pa.bool_(), "rows": pa.int64(), "bytes": pa.int64(),
}  # fmt: skip
_ROWS = pa.schema(
    [
        ("route", pa.int16()),
        ("person", pa.string()),
        ("view", pa.bool_()),
        ("subject_unknown", pa.bool_()),
        ("extra_at_most", pa.int32()),
        ("unknown_why", pa.dictionary(pa.int8(), pa.string())),
        ("undecided", pa.bool_()),
        ("unsure", pa.int8()),
    ]
)
_MORE = pa.schema([("row", pa.int64()), ("person", pa.string())])
_Bools = npt.NDArray[np.bool_]
_Ints = npt.NDArray[np.int64]


class Mapper:
    """A data map made ready to run over many tables of events."""

    def __init__(self, data_map: DataMap) -> None:
        self.data_map = data_map
        self._statement = route_statement(data_map.routes)
        self._columns = needed_columns(data_map.routes)
        self._possible = Possible(data_map.routes)

    def apply(self, events: pa.Table, session: Session) -> Mapped:
        """Map a table of canonical events. The answer for a row depends on that row alone."""
        parts = [
            self._batch(events.slice(start, _BATCH), session, start)
            for start in range(0, max(events.num_rows, 1), _BATCH)
        ]
        if len(parts) == 1:
            return parts[0]
        return Mapped(
            rows=pa.concat_tables(
                [part.rows for part in parts], promote_options="default"
            ).unify_dictionaries(),
            more=pa.concat_tables([part.more for part in parts]),
        )

    def _batch(self, events: pa.Table, session: Session, start: int) -> Mapped:
        events = _without_fragments(events)
        columns = {name: _column(events, name) for name in self._columns}
        columns["path"], odd = _normal(columns["path"], session)
        found = session.query(self._statement, e=pa.table(columns))
        value = found["value"].combine_chunks()
        if odd:
            value = pc.replace_substring(value, ENCODED_SLASH, "/")
        route = found["route"].combine_chunks().to_numpy()
        rows = events.num_rows
        possible = self._possible.find(
            lambda names: {name: _column(events, name) for name in names}, columns["path"], found, session
        )
        view, undecided, unsure = (
            found["view"],
            found["undecided"],
            _literal(self.data_map.routes, route, events),
        )
        if possible is not None:
            route = route.copy()
            route[possible.rows], unsure[possible.rows] = possible.route, possible.unsure
            value, view, undecided = (
                _put(column, possible.rows, found)
                for column, found in (
                    (value, possible.value), (view, possible.view), (undecided, possible.undecided)
                )
            )  # fmt: skip
        state = _State(
            events=events, session=session, route=route, value=value, rest={}, lax={}, unsure=unsure,
            unreadable=np.zeros(rows, bool), ambiguous=np.zeros(rows, np.int64),
            unnamed=np.zeros(rows, np.int64), records=np.full(rows, -1, np.int64),
        )  # fmt: skip
        present = [
            int(number) for number in np.flatnonzero(np.bincount(route[route >= 0], minlength=1)).tolist()
        ]
        for number in present if len(route) else []:
            _read_route(self.data_map.routes[number], np.flatnonzero(route == number), state)
        told = pa.table({"view": view, "undecided": undecided, "unsure": pa.array(state.unsure, pa.int8())})
        return _result(self.data_map.routes, state, told, start)


@dataclass(slots=True, kw_only=True)
class _State:
    events: pa.Table
    session: Session
    route: npt.NDArray[np.int16]
    value: pa.Array
    rest: dict[int, tuple[str, ...]]  # further values of a row, beyond `value`
    lax: dict[int, tuple[str, ...]]  # values of a row that only some servers read
    unreadable: _Bools
    ambiguous: _Ints  # how many persons it may have been one of
    unnamed: _Ints  # named persons whose id is too long to keep, beside those that are kept
    unsure: npt.NDArray[np.int8]
    records: _Ints  # -1 where no number of records is known


def _read_route(route: Route, where: npt.NDArray[np.intp], state: _State) -> None:
    """Read what the single pass could not: subjects of slow sources, several values, numbers of records."""
    subject = route.subject
    if subject.source not in FAST_SOURCES and subject.source != "unknown":
        values = _slow(route, state.events, where, state.session)
        mask = np.zeros(len(state.value), bool)
        mask[where] = True
        state.value = pc.replace_with_mask(state.value, pa.array(mask), values.first)
        state.unreadable[where] = values.unreadable
        state.rest.update({int(where[row]): rest for row, rest in values.rest.items()})
        state.lax.update({int(where[row]): lax for row, lax in values.lax.items()})
    if subject.many:
        _split(state, where, subject.separator)
    if subject.own or subject.strip_prefix:
        _rename(route, where, state)
    if subject.form is not None:
        _read_form(subject.form, where, state)
    _read_lax(route, where, state)
    _settle(route, where, state)
    if route.records is not None or subject.source in ("unknown", "statement"):
        state.records[where] = _records(route, where, state)


def _slow(route: Route, events: pa.Table, where: npt.NDArray[np.intp], session: Session) -> RowValues:
    subject = route.subject
    name = subject.name or ""
    rows = pa.array(where)
    if subject.source == "query":
        return query_subject(_text(events, "query", rows), name, session)
    if subject.source == "statement":
        columns = {each: _text(events, each, rows) for each in ("statement", "fields")}
        return statement_values(pa.table(columns), name, session)
    own = name if subject.source == "field" and name in COLUMN_OF_FIELD else "fields"
    table = pa.table({own: _text(events, own, rows)})
    if subject.source == "body":
        return body_values(table, name, session)
    return field_values(table, name, session, header=subject.source == "header")


def _split(state: _State, where: npt.NDArray[np.intp], separator: str) -> None:
    """Values such as `1,2,3` become several."""
    texts = state.value.take(pa.array(where))
    has = pc.fill_null(pc.match_substring(texts, separator), _NO).to_numpy(zero_copy_only=False)
    rows = set(where[has].tolist()) | {row for row in state.rest if state.route[row] == state.route[where[0]]}
    new_first: dict[int, str | None] = {}
    for row in sorted(rows):
        texts_of_row = [state.value[row].as_py() or "", *state.rest.pop(row, ())]
        parts = [part.strip(" ") for text in texts_of_row for part in text.split(separator)]
        parts = [part for part in parts if part]
        new_first[row] = parts[0] if parts else ""
        if len(parts) > 1:
            state.rest[row] = tuple(parts[1:])
    _replace(state, new_first)


def _rename(route: Route, where: npt.NDArray[np.intp], state: _State) -> None:
    """Values that mean the principal become it; a prefix is cut off."""
    subject = route.subject
    rows = pa.array(where)
    values = state.value.take(rows)
    principal = _text(state.events, "principal", rows)
    if subject.own:
        is_own = pc.is_in(values, value_set=pa.array(subject.own, pa.string()))
        values = pc.if_else(is_own, principal, values)
    if subject.strip_prefix:
        cut = pc.utf8_slice_codeunits(values, start=len(subject.strip_prefix))
        values = pc.if_else(pc.starts_with(values, subject.strip_prefix), cut, values)
    mask = np.zeros(len(state.value), bool)
    mask[where] = True
    state.value = pc.replace_with_mask(state.value, pa.array(mask), values)
    for row in [row for row in state.rest if mask[row]]:
        own = _column(state.events, "principal")[row].as_py()
        renamed = [own if text in subject.own else text for text in state.rest[row]]
        state.rest[row] = tuple((text or "").removeprefix(subject.strip_prefix) for text in renamed)


def _read_form(form: Form, where: npt.NDArray[np.intp], state: _State) -> None:
    """Ids in the canonical spelling of their form; where that depends on the reader, whom the view shows is not sure."""
    values, doubt = form.read(state.value.take(pa.array(where)))
    mask = np.zeros(len(state.value), bool)
    mask[where] = True
    state.value = pc.replace_with_mask(state.value, pa.array(mask), values)
    state.unsure[where[doubt.to_numpy(zero_copy_only=False)]] |= Unsure.PERSON
    for row in [row for row in state.rest if mask[row]]:
        told = [form.one(text) for text in state.rest[row]]
        state.rest[row] = tuple(text for text, _ in told)
        if any(unsure for _, unsure in told):
            state.unsure[row] |= Unsure.PERSON


def _read_lax(route: Route, where: npt.NDArray[np.intp], state: _State) -> None:
    """Values that only some servers read: beside the one that is named they are another reading of it. Where none is named,
    the subject stays unknown, and may be each of them."""
    subject = route.subject
    here = state.route[where[0]]
    for row in [row for row in state.lax if state.route[row] == here]:
        texts = state.lax.pop(row)
        if subject.many:
            texts = tuple(part.strip(" ") for text in texts for part in text.split(subject.separator))
        texts = tuple(text.removeprefix(subject.strip_prefix) for text in texts if text not in subject.own)
        if subject.form is not None:
            texts = tuple(subject.form.one(text)[0] for text in texts)
        known = {state.value[row].as_py(), *state.rest.get(row, ())}
        kept = tuple(
            text
            for text in dict.fromkeys(texts)
            if text and text not in known and len(text.encode()) <= MAX_ID_BYTES
        )
        if not kept or len(kept) > _MOST_READINGS:
            continue
        state.unsure[row] |= Unsure.PERSON
        if state.value[row].as_py():
            state.rest[row] = (*state.rest.get(row, ()), *kept)
        else:
            state.lax[row] = kept


def _settle(route: Route, where: npt.NDArray[np.intp], state: _State) -> None:
    """Rows with several values: distinct persons where the map says so, else one that cannot be told."""
    here = state.route[where[0]]
    sql = route.subject.source == "statement"
    either = route.subject.source in (
        "query",
        "body",
    )  # one of those that the request names: which, its server knows
    reported = _column(state.events, "rows") if sql else None
    new_first: dict[int, str | None] = {}
    for row in [row for row in state.rest if state.route[row] == here]:
        rest = state.rest.pop(row)
        distinct = list(dict.fromkeys(text for text in (state.value[row].as_py(), *rest) if text))
        shown = reported[row].as_py() if reported is not None else None
        enough = sql and (shown is None or shown >= len(distinct))
        if either and not route.subject.many and 1 < len(distinct) <= _MOST_READINGS:
            state.unsure[row] |= Unsure.PERSON
            enough = True
        if len(distinct) > 1 and not (route.subject.many or enough):
            state.ambiguous[row] = len(distinct)
        elif len(distinct) > 1:
            kept = [text for text in distinct if len(text.encode()) <= MAX_ID_BYTES] or distinct[:1]
            state.unnamed[row] = len(distinct) - len(kept)
            new_first[row] = kept[0]
            if len(kept) > 1:
                state.rest[row] = tuple(kept[1:])
        else:
            new_first[row] = distinct[0] if distinct else ""
    _replace(state, new_first)


def _records(route: Route, where: npt.NDArray[np.intp], state: _State) -> _Ints:
    """How many persons' records each row has at most: what the log counted, where a number of rows bounds persons,
    else what was asked for and allowed, else -1."""
    counted = _column(state.events, "rows").take(pa.array(where))
    known: _Ints = pc.fill_null(counted, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    if "statement" in state.events.column_names:
        rows = pa.array(where)
        per_row = persons_per_row_of(
            _text(state.events, "statement", rows), _text(state.events, "object", rows)
        )
        known = np.where((known < 0) | (per_row < 0), -1, known * per_row)
    records = route.records
    if records is None:
        return known
    most = -1 if records.at_most is None else records.at_most
    asked = np.full(len(where), -1, np.int64)
    if records.source != "log" and records.name:
        values = _asked(route, records.name, where, state)
        asked = np.array([_whole(text) for text in values.first.to_pylist()], np.int64)
        for row, rest in values.rest.items():
            # which of several sizes the server obeyed cannot be told
            sizes = [int(asked[row]), *map(_whole, rest)]
            asked[row] = -1 if min(sizes) < 0 else max(sizes)
    bounded = asked if most < 0 else np.where(asked < 0, most, np.minimum(asked, most))
    found: _Ints = np.where(known >= 0, known, bounded)
    return found


def _asked(route: Route, name: str, where: npt.NDArray[np.intp], state: _State) -> RowValues:
    rows = pa.array(where)
    source = route.records.source if route.records else "log"
    if source == "query":
        return query_parameter(_text(state.events, "query", rows), name, state.session)
    own = name if source == "field" and name in COLUMN_OF_FIELD else "fields"
    table = pa.table({own: _text(state.events, own, rows)})
    return field_values(table, name, state.session, header=source == "header")


def _whole(text: str | None) -> int:
    """A page size that was asked for. Zero and nonsense say nothing: servers fall back on a default."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 9:
        return -1
    return int(text) or -1


def _result(routes: tuple[Route, ...], state: _State, found: pa.Table, start: int) -> Mapped:
    value, route = state.value, state.route
    matched = route >= 0
    length = pc.fill_null(pc.binary_length(value), -1).to_numpy(zero_copy_only=False)
    why = np.zeros(len(route), np.int8)
    why[length < 0] = Why.ABSENT
    why[length == 0] = Why.EMPTY
    why[length > MAX_ID_BYTES] = Why.TOO_LONG
    why[state.unreadable] = Why.UNREADABLE
    why[state.ambiguous > 0] = Why.AMBIGUOUS
    unknown_routes = np.array([r.subject.source == "unknown" for r in routes], bool)
    if len(routes):
        why[unknown_routes[route] & matched] = Why.NOT_IN_LOG
    why[~matched] = Why.KNOWN
    unknown = why != Why.KNOWN
    named = np.where(matched & ~unknown, 1, 0).astype(np.int64)
    for row, rest in state.rest.items():
        named[row] += 0 if unknown[row] else len(rest)
    extra, bounded = further_at_most(
        routes, route, named=named, unknown=unknown, ambiguous=state.ambiguous, unnamed=state.unnamed,
        records=state.records,
    )  # fmt: skip
    person = _persons(routes, route, value, named > 0)
    rows = pa.table(
        [
            pa.array(route),
            person,
            found["view"],
            pa.array(unknown),
            pa.array(extra, pa.int32(), mask=~bounded),
            pa.DictionaryArray.from_arrays(pa.array(why), pa.array(UNKNOWN_WHY)),
            found["undecided"],
            found["unsure"],
        ],
        schema=_ROWS,
    )
    beside = {row: texts for row, texts in state.rest.items() if not unknown[row]}
    beside |= {row: texts for row, texts in state.lax.items() if unknown[row]}
    further = [
        (row + start, routes[route[row]].subject.kind + KIND_SEPARATOR + text)
        for row in sorted(beside)
        for text in beside[row]
    ]
    return Mapped(
        rows=rows,
        more=pa.table([[row for row, _ in further], [person for _, person in further]], schema=_MORE),
    )


def _persons(
    routes: tuple[Route, ...], route: npt.NDArray[np.int16], value: pa.Array, named: _Bools
) -> pa.Array:
    kinds = [r.subject.kind for r in routes]
    prefix: pa.Array | pa.Scalar = pa.scalar(kinds[0] if kinds else "customer", pa.string())
    if len(set(kinds)) > 1:
        prefix = pa.array(kinds).take(pa.array(np.maximum(route, 0)))
    # joined for the named rows alone, which are few in most logs, then put back to their places
    mask = pa.array(named)
    kept = prefix.filter(mask) if isinstance(prefix, pa.Array) else prefix
    joined = pc.binary_join_element_wise(kept, value.filter(mask), KIND_SEPARATOR)
    place = np.cumsum(named, dtype=np.int32) - 1
    return joined.take(pa.array(place, mask=~named))


def _replace(state: _State, values: dict[int, str | None]) -> None:
    if not values:
        return
    mask = np.zeros(len(state.value), bool)
    mask[list(values)] = True
    ordered = pa.array([values[row] for row in sorted(values)], pa.string())
    state.value = pc.replace_with_mask(state.value, pa.array(mask), ordered)


def _column(events: pa.Table, name: str) -> pa.ChunkedArray:
    """The column, or nulls where the format has none."""
    if name in events.column_names:
        return events[name]
    return pa.chunked_array([pa.nulls(events.num_rows, _OTHER_TYPES.get(name, pa.string()))])


def _text(events: pa.Table, name: str, rows: pa.Array) -> pa.Array:
    column = _column(events, name).take(rows)
    if pa.types.is_dictionary(column.type):
        column = column.cast(pa.string())
    return column.combine_chunks()


def _literal(
    routes: tuple[Route, ...], route: npt.NDArray[np.int16], events: pa.Table
) -> npt.NDArray[np.int8]:
    """Marks of rows that the strict reading took for a route's by cutting a parameter off, where the route says that its
    server has none."""
    unsure = np.zeros(len(route), np.int8)
    said = [number for number, each in enumerate(routes) if not each.match.matrix]
    if said:
        rows = np.flatnonzero(np.isin(route, said))
        holds = pc.match_substring(_text(events, "path", pa.array(rows)), ";")
        unsure[rows[pc.fill_null(holds, _NO).to_numpy(zero_copy_only=False)]] = Unsure.SPELLING
    return unsure


def _put(column: pa.Array | pa.ChunkedArray, rows: npt.NDArray[np.int64], values: pa.Array) -> pa.Array:
    """The column with other values in some rows, which may stand in any order."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    mask = np.zeros(len(whole), bool)
    mask[rows] = True
    return pc.replace_with_mask(whole, pa.array(mask), values.take(pa.array(np.argsort(rows))))


def _without_fragments(events: pa.Table) -> pa.Table:
    """A fragment that a client sent behind a query is no part of its last value."""
    if "query" not in events.column_names:
        return events
    query = events["query"]
    if pa.types.is_dictionary(query.type):
        query = query.cast(pa.string())
    if not pc.any(pc.match_substring(query, "#"), min_count=0).as_py():
        return events
    cut = pc.replace_substring_regex(query, "(?s)#.*", "")
    return events.set_column(events.column_names.index("query"), "query", cut)


def _normal(path: pa.ChunkedArray, session: Session) -> tuple[pa.Array, bool]:
    """Paths in their one spelling, and whether any had to be changed."""
    if pa.types.is_dictionary(path.type):
        path = path.cast(pa.string())
    paths = path.combine_chunks()
    odd = pc.fill_null(pc.match_substring_regex(paths, ODD), _NO)
    if not pc.any(odd).as_py():
        return paths, False
    rows = paths.filter(odd)
    # most odd paths are only encoded, which SQL decodes; it gives null for the rest, and where it fails
    only = f"NOT regexp_matches(path, {quote_text(NOT_ONLY_ENCODED)})"
    sql = f"SELECT CASE WHEN {only} THEN TRY(url_decode(path)) END AS path FROM t"
    plain = session.query(sql, t=pa.table({"path": rows}))["path"].combine_chunks()
    left = pc.is_null(plain)
    normal = pc.replace_with_mask(plain, left, _each(rows.filter(left), normal_path))
    return pc.replace_with_mask(paths, odd, normal), True


def _each(texts: pa.Array, change: Callable[[str], str]) -> pa.Array:
    """`change` done once for each distinct text."""
    coded = texts.dictionary_encode()
    return pa.array([change(text) for text in coded.dictionary.to_pylist()], pa.string()).take(coded.indices)
