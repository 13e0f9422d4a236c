"""Parsers for formats that are a template of one line: access logs, load balancers, syslog."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.ingest.canonical import CANONICAL
from whosaw.ingest.format_item import FormatItem
from whosaw.ingest.lines import blank_lines, line_starts
from whosaw.ingest.parser import ChunkText, Parsed, Parser, empty_events, rejects_table
from whosaw.ingest.times.events import Clock, no_zone
from whosaw.ingest.times.read import Walls, has_no_offset

from .fast_path import cut_lines
from .item import Rule, TemplateTable, read_table
from .layout import RawRows
from .slot_columns import OFFSET, ROW, WALL, columns_of
from .slow_path import match_lines, texts_of
from .splitter import regular_lines
from .syslog_wrapper import NOT_SYSLOG, Headers, joined_lines, read_headers

__all__ = ["TemplateParser", "build", "yearless"]

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_TOO_LONG = "the line is too long"
_OPEN_QUOTE = "a quoted field is not closed"
_LOOSE_END = "it goes on a line that is not there"


def build(item: FormatItem, zone: tzinfo | None, year_hint: datetime | int | None) -> Parser:
    """The parser of a template item. Raises `FaultsError` for a faulty item, `time.no-zone` for a missing
    zone."""
    table = read_table(item)
    zone = table.zone or zone  # what the format says beats what was said for the rest of the files
    kinds = _kinds_of_time(table)
    if zone is None and kinds and all(has_no_offset(kind) for kind in kinds):
        raise no_zone(item.id)
    clock = Clock(format_id=item.id, zone=zone, year_hint=year_hint, yearless=_yearless(table))
    return TemplateParser(item.id, table, clock)


def yearless(item: FormatItem) -> bool:
    """Whether times of the format may have no year."""
    return _yearless(read_table(item))


def _yearless(table: TemplateTable) -> bool:
    return table.header == "syslog" or "syslog" in _kinds_of_time(table)


def _kinds_of_time(table: TemplateTable) -> list[str]:
    return [slot.argument for rule in table.rules for slot in rule.layout.slots if slot.kind == "time"]


@dataclass(slots=True)
class _Fates:
    """What is known of each line of a chunk so far."""

    pending: Mask
    reasons: dict[int, str]
    parts: list[pa.Table]


class TemplateParser:
    """Tries the rules of a format in order; within a rule the splitter first, then the expression."""

    def __init__(self, id_: str, table: TemplateTable, clock: Clock) -> None:
        self._id = id_
        self._table = table
        self._clock = clock

    @property
    def id(self) -> str:
        return self._id

    @property
    def stateful(self) -> bool:
        """Whether chunks must come in order: only a named zone has hours that come twice."""
        return isinstance(self._clock.zone, ZoneInfo)

    @property
    def documents(self) -> tuple[str, ...]:
        """None: the unit is the line."""
        return ()

    def may_read(self, data: bytes) -> bool:
        """Whether there may be a line of the format in it: all that one of its templates has in every line stands there, and a time."""
        if self._table.header:
            return True  # what the rules read is put together first
        return any(re.search(rule.layout.time, data) for rule in self._rules(data))

    def _rules(self, data: bytes) -> Iterator[Rule]:
        """Those of which all that stands in every line of theirs stands there somewhere."""
        for rule in self._table.rules:
            if all(word in data for word in rule.layout.words):
                yield rule

    def parse(self, chunk: ChunkText, state: str | None = None) -> Parsed:
        """Events and rejects of a chunk. The state is about the hour that comes twice when clocks go back."""
        data = chunk.data
        starts = line_starts(data)
        count = len(starts) - 1
        fates = _Fates(pending=np.ones(count, dtype=bool), reasons={}, parts=[])
        for line in chunk.oversized_lines:
            fates.pending[line - chunk.first_line] = False
            fates.reasons[line - chunk.first_line] = _TOO_LONG
        blank = blank_lines(data, starts)
        blank &= fates.pending
        fates.pending &= ~blank
        heads, tails = self._records(data, starts, fates)
        if self._table.header == "syslog":
            self._read_messages(data, fates)
        else:
            self._read_lines(data, starts, np.arange(count), fates, tails)
        first = chunk.first_line == 1
        events, state = self._timed(fates, chunk.first_line, state, first=first)
        continued = self._follow(heads, fates)
        self._explain(data, starts, fates)
        rejects = [(at + chunk.first_line, reason) for at, reason in fates.reasons.items()]
        return Parsed(
            events=events,
            rejects=rejects_table(rejects),
            comments=int(blank.sum()),
            continued=continued,
            state=state,
        )

    def _records(
        self, data: bytes, starts: Rows, fates: _Fates
    ) -> tuple[dict[int, int], dict[int, list[int]]]:
        """Further lines of records: the head of each, and the further lines of each head."""
        prefix = self._table.continuation
        heads: dict[int, int] = {}
        tails: dict[int, list[int]] = {}
        if not prefix:
            return heads, tails
        octets = np.frombuffer(data, dtype=np.uint8)
        head = -1
        further = (octets[starts[:-1]] == prefix[0]) & fates.pending
        for at in np.flatnonzero(further).tolist():
            if at == 0 or not further[at - 1]:
                head = at - 1
            fates.pending[at] = False
            if head < 0:
                fates.reasons[at] = _LOOSE_END
            else:
                heads[at] = head
                tails.setdefault(head, []).append(at)
        return heads, tails

    def _follow(self, heads: dict[int, int], fates: _Fates) -> int:
        """Further lines share the fate of their head."""
        continued = 0
        for at, head in heads.items():
            if fates.pending[head] or head in fates.reasons:
                fates.reasons[at] = "it goes on a line that was rejected"
            else:
                continued += 1
        return continued

    def _read_lines(
        self, data: bytes, starts: Rows, origin: Rows, fates: _Fates, tails: Mapping[int, list[int]]
    ) -> None:
        """Run all rules. `origin` gives for each line of `data` its position in the chunk."""
        rules = list(self._rules(data))
        cuttable = not tails and any(rule.layout.columns for rule in rules)
        regular = regular_lines(data, starts) if cuttable else None
        for rule in rules:
            waiting = np.flatnonzero(fates.pending[origin])
            if regular is not None and len(waiting):
                for raw in cut_lines(
                    rule.layout, regular.data, regular.starts, waiting[regular.lines[waiting]]
                ):
                    self._keep(rule, raw, origin, fates, final=False)
                waiting = np.flatnonzero(fates.pending[origin])
            if len(waiting):
                texts = _joined(texts_of(data, waiting), waiting, tails, data)
                self._keep(rule, match_lines(rule.layout, texts, waiting), origin, fates, final=True)

    def _keep(self, rule: Rule, raw: RawRows, origin: Rows, fates: _Fates, *, final: bool) -> None:
        """Take over what was read. A line that the expression fits and that is misread is a reject
        (`final`); one that only the splitter misread is still open."""
        if not len(raw.rows):
            return
        table, misread = columns_of(
            rule.layout, raw, self._table.pairs, rule.constants, self._table.spellings
        )
        rows = origin[table[ROW].to_numpy()]
        fates.pending[rows] = False
        fates.parts.append(table.set_column(table.column_names.index(ROW), ROW, pa.array(rows)))
        if not final:
            return
        for one in misread:
            for at in origin[one.rows].tolist():
                fates.pending[at] = False
                fates.reasons[at] = one.reason

    def _read_messages(self, data: bytes, fates: _Fates) -> None:
        """Run all rules over `program: message` of each line, and add what its header says."""
        waiting = np.flatnonzero(fates.pending)
        headers = read_headers(data, waiting)
        for at in np.setdiff1d(waiting, headers.rows).tolist():
            fates.reasons[at] = NOT_SYSLOG
            fates.pending[at] = False
        inner = joined_lines(pc.binary_join_element_wise(headers.program, headers.message, pa.scalar(": ")))
        self._read_lines(inner, line_starts(inner), headers.rows, fates, {})
        walls = headers.walls()
        for at in headers.rows[~walls.ok].tolist():
            fates.reasons[at] = "the time cannot be read"
            fates.pending[at] = False
        fates.parts = [_with_header(part, headers, walls) for part in fates.parts]

    def _timed(
        self, fates: _Fates, first_line: int, state: str | None, *, first: bool
    ) -> tuple[pa.Table, str | None]:
        if not fates.parts:
            return empty_events(), state
        table = _in_order(fates.parts)
        walls, offsets = table[WALL].combine_chunks(), table[OFFSET].combine_chunks()
        timed = self._clock.instants(walls, offsets, state, first=first)
        rows = table[ROW].to_numpy()
        columns: dict[str, Any] = {
            "line": pa.array(rows + first_line),
            "time": pa.array(timed.micros).cast(pa.timestamp("us", tz="UTC")),
            "offset": offsets,
        }
        for name in CANONICAL:
            if name in table.column_names and name not in columns:
                columns[name] = table[name]
        events = pa.table(columns)
        for reason, mask in timed.reasons:
            fates.reasons.update(dict.fromkeys(rows[mask].tolist(), reason))
        return (events.filter(pa.array(~timed.bad)) if timed.bad.any() else events), timed.state

    def _explain(self, data: bytes, starts: Rows, fates: _Fates) -> None:
        """Every line still pending is a reject."""
        for at in np.flatnonzero(fates.pending).tolist():
            if at not in fates.reasons:
                line = data[starts[at] : starts[at + 1]]
                odd = self._table.quoted and (line.count(b'"') - line.count(b'\\"')) % 2
                fates.reasons[at] = _OPEN_QUOTE if odd else f"it does not fit the format {self._id}"


def _joined(texts: pa.Array, rows: Rows, tails: Mapping[int, list[int]], data: bytes) -> pa.Array:
    """Texts of records that span lines put together again; the mark of a further line is taken off."""
    if not tails:
        return texts
    whole = texts.to_pylist()
    for place, at in enumerate(rows.tolist()):
        if at in tails:
            further = texts_of(data, np.array(tails[at], dtype=np.int64)).to_pylist()
            whole[place] = "\n".join(
                [whole[place].rstrip("\r\n"), *(text[1:].rstrip("\r\n") for text in further)]
            )
    return pa.array(whole, pa.large_string())


def _with_header(part: pa.Table, headers: Headers, walls: Walls) -> pa.Table:
    at = np.searchsorted(headers.rows, part[ROW].to_numpy())
    part = part.append_column(WALL, pa.array(walls.micros[at]))
    part = part.append_column(OFFSET, pa.array(walls.offset[at], mask=~walls.has[at]))
    part = part.append_column("object", headers.host.take(pa.array(at)))
    return part if walls.ok.all() else part.filter(pa.array(walls.ok[at]))


def _in_order(parts: list[pa.Table]) -> pa.Table:
    if len(parts) == 1:
        return parts[0]
    table = pa.concat_tables(parts, promote_options="default").unify_dictionaries().combine_chunks()
    return table.take(pa.array(np.argsort(table[ROW].to_numpy(), kind="stable")))
