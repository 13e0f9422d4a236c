"""Rows of a Parquet file as canonical events: the format `events`, which is known by its file and has no item."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import Where, WhosawError

from .addresses import address_and_port
from .canonical import CANONICAL, REJECTS, TEXT_COLUMNS
from .event_file import RowReader, holds_rows
from .files.content import Content, Rows
from .format_item import FormatItem
from .parser import ChunkText, Parsed, empty_events

__all__ = ["EVENTS", "EventRows", "check_event_files", "print_row"]

EVENTS = FormatItem(id="events", title="Canonical events as Parquet", kind="events", source="-")
_NO_TIME = "no time"
_NOT_TEXT = "not UTF-8"
_DAMAGED = "the row cannot be read: its row group is damaged"
_COARSE = ("s", "ms", "us")  # units of time that fit microseconds without loss


def check_event_files(contents: Iterable[Content]) -> None:
    """Refuse, before anything is read, a Parquet file with a column that is none of an event's or has another type.

    Raises `WhosawError`. A file whose footer cannot be read is left to the reader, which says so."""
    for content in contents:
        if holds_rows(content) and content.path is not None:
            import pyarrow.parquet as pq

            try:
                schema = pq.read_schema(content.path)
            except (OSError, pa.ArrowException):
                continue
            _check_columns(schema, content.name)


def _check_columns(schema: pa.Schema, name: str) -> None:
    where = Where(file=name)
    for field in schema:
        if field.name not in CANONICAL:
            raise WhosawError(
                "events.foreign-column",
                f"the column {field.name!r} is none of an event",
                hint=f"Drop or rename it; an event has {', '.join(CANONICAL)}",
                where=where,
            )
        if schema.names.count(field.name) > 1:
            raise WhosawError(
                "events.foreign-column",
                f"the column {field.name!r} is there twice",
                hint="Drop one",
                where=where,
            )
        if not _fits(field.type, CANONICAL[field.name]):
            raise WhosawError(
                "events.wrong-type",
                f"the column {field.name!r} is {field.type}, not {CANONICAL[field.name]}",
                hint="Write it with that type",
                where=where,
            )
    if "time" not in schema.names:
        raise WhosawError(
            "events.no-time", "there is no column 'time'", hint="Every event needs a time", where=where
        )


def _fits(kind: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether every value of `kind` is one of `wanted` too."""
    if wanted == pa.string():
        inner = kind.value_type if pa.types.is_dictionary(kind) else kind
        return inner in (pa.string(), pa.large_string(), pa.string_view())
    if pa.types.is_timestamp(wanted):
        return bool(pa.types.is_timestamp(kind) and kind.tz is not None and kind.unit in _COARSE)
    if pa.types.is_signed_integer(wanted):
        return bool(pa.types.is_signed_integer(kind) and kind.bit_width <= wanted.bit_width)
    return bool(kind == wanted)


class EventRows:
    """The parser of rows: each is an event, or a reject where it has no time, no readable text or is damaged."""

    id = EVENTS.id
    stateful = False
    documents = ()

    def __init__(self, name: str) -> None:
        self._name = name

    def parse(self, chunk: ChunkText, state: str | None = None) -> Parsed:  # noqa: ARG002  # the protocol's shape
        rows: Rows | None = getattr(chunk, "rows", None)
        if rows is None:
            raise WhosawError(
                "events.not-parquet",
                "this is no Parquet file of events",
                hint="Leave --format out, so that the format is found",
                where=Where(file=self._name),
            )
        numbers = np.arange(chunk.first_line, chunk.first_line + chunk.lines)
        try:
            table = rows.load()
        except (OSError, pa.ArrowException):
            table = None
        if table is None or table.num_rows != chunk.lines:
            return Parsed(events=empty_events(), rejects=_rejects(numbers, np.full(len(numbers), _DAMAGED)))
        _check_columns(table.schema, self._name)
        return self._events(table, numbers)

    def _events(self, table: pa.Table, numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Parsed:
        self._check_lines(table, numbers)
        reasons = np.full(len(numbers), "", dtype=object)
        columns: dict[str, pa.Array] = {"line": pa.array(numbers, pa.int64())}
        for name in CANONICAL:
            if name == "line" or name not in table.column_names:
                continue
            column = table[name].combine_chunks()
            if isinstance(column, pa.ChunkedArray):  # what combine_chunks returns for no chunks at all
                column = pa.array([], column.type)
            if name in TEXT_COLUMNS:
                column = _text(column, reasons)
            columns[name] = _addresses(column) if name == "address" else _as_canonical(column, name)
        reasons[np.asarray(pc.is_null(columns["time"]))] = _NO_TIME
        events = pa.table({name: c for name, c in columns.items() if name == "time" or c.null_count < len(c)})
        bad = reasons != ""
        if not bad.any():
            return Parsed(events=events, rejects=REJECTS.empty_table())
        return Parsed(events=events.filter(pa.array(~bad)), rejects=_rejects(numbers[bad], reasons[bad]))

    def _check_lines(self, table: pa.Table, numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        if "line" not in table.column_names:
            return
        told = pc.fill_null(table["line"], 0).to_numpy()
        if not np.array_equal(told, numbers):
            raise WhosawError(
                "events.other-lines",
                "the column 'line' is not the number of the row, from 1",
                hint="Leave it out: a row is found again by its number in the file",
                where=Where(file=self._name),
            )


def _as_canonical(column: pa.Array, name: str) -> pa.Array:
    kind = CANONICAL[name]
    if name in TEXT_COLUMNS and pa.types.is_dictionary(column.type):
        return column
    return column if column.type == kind else column.cast(kind)


def _text(column: pa.Array, reasons: np.ndarray[tuple[int], np.dtype[np.object_]]) -> pa.Array:
    """The column as `string` or `dictionary<int32, string>`; rows whose text is not UTF-8 get a reason and null."""
    coded = pa.types.is_dictionary(column.type)
    texts = column.dictionary if coded else column
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        texts = pa.array([_utf8(raw) for raw in texts.cast(pa.large_binary()).to_pylist()], pa.string())
        valid = pc.is_valid(texts.take(column.indices) if coded else texts)
        reasons[np.asarray(pc.and_not(pc.is_valid(column), valid))] = _NOT_TEXT
    texts = texts if texts.type == pa.string() else texts.cast(pa.string())
    if not coded:
        return texts
    return pa.DictionaryArray.from_arrays(column.indices.cast(pa.int32()), texts)


def _utf8(raw: bytes | None) -> str | None:
    try:
        return None if raw is None else raw.decode()
    except UnicodeDecodeError:
        return None


def _addresses(column: pa.Array) -> pa.Array:
    """Addresses without a port, in one spelling, as in every other format. Each distinct text is looked at once."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    texts = coded.dictionary
    if not pc.any(pc.match_substring_regex(texts, r"[^0-9.]")).as_py():
        return coded
    plain = [None if text is None else address_and_port(text) for text in texts.to_pylist()]
    return pa.array(plain, pa.string()).take(coded.indices)


def _rejects(
    numbers: np.ndarray[tuple[int], np.dtype[np.int64]], reasons: np.ndarray[tuple[int], np.dtype[np.object_]]
) -> pa.Table:
    return pa.table([pa.array(numbers, pa.int64()), pa.array(reasons.tolist(), pa.string())], schema=REJECTS)


def print_row(content: Content, digest: str, line: int) -> bytes:
    """A row (from 1 on) as canonical JSON of the columns that have a value, after checking that the file still has
    the SHA-256 `digest`. Raises `WhosawError`."""
    where = Where(file=content.name)
    if content.path is None or not holds_rows(content):
        raise WhosawError(
            "line.cannot-read",
            "the Parquet file is gone",
            hint="Put it back where it was, or scan it at its new place",
            where=where,
        )
    with RowReader(content) as reader:
        if reader.digest != digest:
            raise WhosawError(
                "line.changed",
                "the file is not the one that was scanned (its digest differs), so the line is not shown",
                hint="Put the scanned version back, or scan this one",
                where=where,
            )
        row = reader.row(line)
    columns = None if row is None else _columns(row)
    if columns is None:
        raise WhosawError(
            "line.no-such-line",
            f"row {line:,} is not there or cannot be read",
            hint="Take the locator as a report or `whosaw rejects` prints it",
            where=where,
        )
    return canonical_json({name: value for name, value in columns.items() if value is not None})


def _columns(row: pa.RecordBatch) -> dict[str, object] | None:
    """The values of a row by column; None where a text in it is damaged."""
    try:
        return dict(row.to_pylist()[0])
    except UnicodeDecodeError:
        return None
