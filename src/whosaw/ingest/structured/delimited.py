"""Events as delimited fields: CSV and TSV with a header, W3C extended logs, Zeek TSV, PostgreSQL's csvlog.

A record that spans lines is numbered by the line on which it ends, and its other lines are counted as
continued. A record that a chunk cuts is finished with the next chunk; its text travels in the state.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core.errors import Fault, FaultsError
from whosaw.ingest.canonical_rows import Batch, Zone
from whosaw.ingest.format_item import FormatItem
from whosaw.ingest.limits import beyond_columns
from whosaw.ingest.lines import line_starts, line_text, white_lines
from whosaw.ingest.parser import ChunkText, Parsed
from whosaw.ingest.text_columns import unescape
from whosaw.ingest.times.local import FoldState
from whosaw.store.sql import quote_name, quote_text, thread_session

from .csvlog import with_payload
from .delimited_rows import Rows, read_rows
from .field_rules import FieldRules, Member, Part, Step, parse_path, sql_path
from .field_sql import select_columns
from .headers import Header, plain_name
from .quoting import Records, Wholes, find_records, split_record

__all__ = ["KEYS", "DelimitedParser", "Layout", "unfinished_lines"]

KEYS = frozenset({"delimiter", "header", "names", "widths", "quoted", "keep_rest", "payload", "embedded"})
_DELIMITERS = (",", "\t", ";", "|", " ")
_STYLES = ("first-line", "w3c", "zeek", "none")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the text is cut. `names` hold until a header says otherwise, `widths` are the numbers of fields
    that a record may have besides the full one, `keep_rest` keeps columns that no rule asks for as fields.
    `embedded` are columns whose cells are JSON: `Name.a.b` or `Name[0].a` is a value in one. `others` are delimiters that the
    header may show instead."""

    delimiter: str
    others: tuple[str, ...] = ()
    style: str
    names: tuple[str, ...] | None = None
    widths: tuple[int, ...] = ()
    quoted: bool = False
    keep_rest: bool = False
    payload: str | None = None
    embedded: tuple[str, ...] = ()

    @staticmethod
    def read(item: FormatItem) -> Layout:
        """The layout of an item. Raises `FaultsError` with everything that is wrong with it."""
        faults: list[Fault] = []
        table = item.reader("format.rules", faults)
        given = table.raw("delimiter")
        delimiters = given if isinstance(given, list | tuple) else [given]
        if not delimiters or not all(each in _DELIMITERS for each in delimiters):
            table.fault("delimiter must be one of , ; | tab and space, or a list of them", "delimiter")
            delimiters = [","]
        style = table.text("header", one_of=_STYLES)
        names = table.texts("names", required=False)
        if style == "none" and not names:
            table.fault("without a header the names must be given", "names")
        widths = table.take("widths", list, "a list of whole numbers", required=False) or []
        if not all(type(width) is int for width in widths):
            table.fault("widths must be a list of whole numbers", "widths")
        payload = table.optional_text("payload", one_of=("pgaudit",))
        layout = Layout(
            delimiter=delimiters[0],
            others=tuple(delimiters[1:]),
            style=style,
            names=names or None,
            widths=tuple(widths),
            quoted=table.flag("quoted"),
            keep_rest=table.flag("keep_rest"),
            payload="message" if payload else None,
            embedded=table.texts("embedded", required=False, or_one=True),
        )
        if faults:
            raise FaultsError("format.invalid", faults)
        return layout

    def of_header(self, text: str) -> Layout:
        """The same with the delimiter that cuts a header into most names; the first of several that do."""
        if not self.others:
            return self
        cut = {each: split_record(text, each, quoted=self.quoted) for each in (self.delimiter, *self.others)}
        return replace(self, delimiter=max(cut, key=lambda each: len(cut[each] or ())), others=())


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What the next chunk must know: the header, a record that is not finished, the clock."""

    header: Header = field(default_factory=Header)
    pending: bytes = b""
    lines: int = 0
    fold: FoldState | None = None
    delimiter: str | None = None  # where the header showed it

    @staticmethod
    def read(text: str | None, start: Header) -> _State:
        if not text:
            return _State(header=start)
        known = json.loads(text)
        names, fold = known.get("names"), known.get("fold")
        return _State(
            header=Header(names=None if names is None else tuple(names), said=known.get("said", {})),
            pending=known.get("pending", "").encode("latin-1"),
            lines=known.get("lines", 0),
            fold=(fold[0], fold[1], fold[2]) if fold else None,
            delimiter=known.get("delimiter"),
        )

    def text(self) -> str:
        known: dict[str, Any] = {
            "names": self.header.names,
            "said": dict(self.header.said),
            "fold": self.fold,
            "delimiter": self.delimiter,
        }
        if self.lines:
            known |= {"pending": self.pending.decode("latin-1"), "lines": self.lines}
        return json.dumps({name: value for name, value in known.items() if value is not None}, sort_keys=True)


def unfinished_lines(state: str | None) -> int:
    """How many of the last lines belong to a record that has not ended. A content whose last state says
    more than zero breaks off inside a record; those lines were counted as continued, and no event came of
    them."""
    return int(json.loads(state).get("lines", 0)) if state and state.startswith("{") else 0


class DelimitedParser:
    """Parser of a format of kind delimited."""

    stateful = True
    documents = ()

    def __init__(self, item_id: str, rules: FieldRules, layout: Layout, zone: Zone) -> None:
        self._id = item_id
        self._rules = rules
        self._layout = layout
        self._zone = zone

    @property
    def id(self) -> str:
        return self._id

    def may_read(self, data: bytes) -> bool:
        """Whether any record of a whole text may be an event. False is certain: nothing names a column that may hold the time."""
        layout = self._layout
        names = layout.names
        if layout.style in ("w3c", "zeek"):
            return names is not None or data.startswith((b"#", _BOM)) or b"\n#" in data
        if layout.style == "first-line" and names is None:
            head = line_text(data.removeprefix(_BOM).lstrip(b"\r\n").partition(b"\n")[0])
            split = split_record(head, layout.of_header(head).delimiter, quoted=layout.quoted)
            if split is None:
                return True  # the header may go on, or be another line
            names = tuple(split)
        known = {plain_name(name) for name in names or ()}
        times = [
            part.ref for source in self._rules.columns["time"] for part in source if isinstance(part, Part)
        ]
        return not times or layout.payload is not None or any(plain_name(ref) in known for ref in times)

    def parse(self, chunk: ChunkText, state: str | None = None) -> Parsed:
        """The events of a chunk. Header lines are counted with the comments."""
        known = _State.read(state, Header(names=self._layout.names))
        work = _Work(chunk, batch=Batch(), state=known, layout=self._layout)
        if self._layout.style in ("w3c", "zeek"):
            self._marked(work)
        else:
            self._plain(work)
        whole = work.batch.canonical(self._zone, known.fold, format_id=self._id, first=chunk.first_line == 1)
        state_after = replace(work.state, fold=whole.fold)
        return Parsed(
            events=whole.events,
            rejects=whole.rejects,
            comments=work.comments + whole.beside,
            continued=work.continued,
            state=state_after.text(),
        )

    def _marked(self, work: _Work) -> None:
        """Lines between header lines, which begin with `#`."""
        marks = np.flatnonzero(work.first == ord("#"))
        at = 0
        for mark in [*marks.tolist(), work.count]:
            if at < mark:
                self._take(work, work.lines_between(at, mark))
            if mark < work.count:
                line = line_text(work.data[work.starts[mark] : work.starts[mark + 1]])
                work.state = replace(work.state, header=work.state.header.after(line, self._layout.style))
                work.comments += 1
            at = mark + 1

    def _plain(self, work: _Work) -> None:
        """Records from the first to the last line, the first of them perhaps the header."""
        work.find_delimiter()
        rows = work.records()
        if self._layout.style == "first-line" and work.state.header.names is None:
            rows = work.without_header(rows)
        self._take(work, rows)

    def _take(self, work: _Work, rows: Rows) -> None:
        if not len(rows.lines):
            return
        names = work.state.header.names
        if names is None:
            why = "no header line names the columns yet"
            work.batch.rejects += [(int(line), why) for line in rows.lines]
            return
        if (beyond := beyond_columns(len(names))) is not None:
            work.batch.rejects += [(int(line), beyond) for line in rows.lines]
            return
        tables, rejects = read_rows(rows, work.layout.delimiter, len(names), self._layout.widths)
        work.batch.rejects += rejects
        for table in tables:
            if table.num_rows:
                self._map(work, table, names)

    def _map(self, work: _Work, table: pa.Table, names: tuple[str, ...]) -> None:
        """`table` has the line in `n` and the fields in `c0`, `c1`, ..., perhaps fewer than there are
        names."""
        if self._layout.style == "zeek":
            table = _unescaped(table)
        places: dict[str, str] = {}
        for place, name in enumerate(names[: table.num_columns - 1]):
            places.setdefault(plain_name(name), f"c{place}")
        if self._layout.payload and (column := places.get(self._layout.payload)):
            table = with_payload(table, column)
            places |= {name: name for name in table.column_names if name.startswith("pgaudit_")}
        said, embedded = work.state.header.said, self._layout.embedded

        def ref(name: str) -> str | None:
            if name.startswith("#"):
                return quote_text(said[name]) if name in said and "\0" not in said[name] else None
            for each in embedded:
                if name.startswith((f"{each}.", f"{each}[")):
                    return _inside(places.get(plain_name(each)), name[len(each) :])
            column = places.get(plain_name(name))
            return quote_name(column) if column is not None else None

        rules = _with_rest(self._rules, names) if self._layout.keep_rest else self._rules
        work.batch.rows.append(thread_session().query(select_columns(rules, ref, "given"), None, given=table))


def _inside(column: str | None, path: str) -> str | None:
    """The SQL of a value in a cell that is JSON; none where the cell is not."""
    if column is None:
        return None
    value, plain = quote_name(column), list[Step]()
    for step in parse_path(f"cell{path}")[1:]:
        if not isinstance(step, Member):
            plain.append(step)
            continue
        key, wanted = quote_text(sql_path(step.key)), quote_text(step.value)
        members = f"json_extract({value}, {quote_text(sql_path(tuple(plain)) + '[*]')})"
        value = f"list_filter({members}, lambda each: json_extract_string(each, {key}) = {wanted})[1]"
        plain.clear()
    return f"try(json_extract_string({value}, {quote_text(sql_path(tuple(plain)))}))"


def _unescaped(table: pa.Table) -> pa.Table:
    r"""Zeek writes bytes that cannot be printed as `\xHH`."""
    for place, name in enumerate(table.column_names):
        if name != "n" and pc.any(pc.match_substring(table[name], "\\x")).as_py():
            texts = pa.array([unescape(text) for text in table[name].to_pylist()], pa.string())
            table = table.set_column(place, name, texts)
    return table


def _with_rest(rules: FieldRules, names: Iterable[str]) -> FieldRules:
    asked = {plain_name(ref) for ref in rules.refs()}
    rest: Mapping[str, Any] = {
        name: ((Part(ref=name),),)
        for name in names
        if plain_name(name) and plain_name(name) not in asked and "\0" not in name
    }
    return replace(rules, fields={**rest, **rules.fields})


class _Work:
    """One chunk on its way: its lines, and what has been made of them so far."""

    def __init__(self, chunk: ChunkText, *, batch: Batch, state: _State, layout: Layout) -> None:
        self.data = chunk.data
        self.starts = line_starts(chunk.data).copy()
        self.count = len(self.starts) - 1
        if self.count and chunk.first_line == 1 and self.data.startswith(_BOM):
            self.starts[0] = len(_BOM)
        self.first_line = chunk.first_line
        self.batch, self.state, self.layout = batch, state, layout
        self.comments = self.continued = 0
        self.first = np.zeros(self.count, dtype=np.uint8)
        full = self.starts[:-1] < self.starts[1:]
        self.first[full] = np.frombuffer(self.data, dtype=np.uint8)[self.starts[:-1][full]]
        self._blank = white_lines(self.data, self.starts, b"\r\n")
        self._oversized = np.zeros(self.count, dtype=np.bool_)
        for line in chunk.oversized_lines:
            self._oversized[line - chunk.first_line] = True

    def find_delimiter(self) -> None:
        """Settle on the delimiter that the header shows, or showed in a chunk before."""
        if not self.layout.others:
            return
        if self.state.delimiter is not None:
            self.layout = replace(self.layout, delimiter=self.state.delimiter, others=())
            return
        row = next((row for row in range(self.count) if not self._blank[row]), None)
        if row is not None:
            head = line_text(self.data[self.starts[row] : self.starts[row + 1]])
            self.layout = self.layout.of_header(head)
            self.state = replace(self.state, delimiter=self.layout.delimiter)

    def lines_between(self, start: int, stop: int, *, quoted: bool = False) -> Rows:
        """Lines that are records of one line each, without the blank ones and those that are too long."""
        rows = np.arange(start, stop)
        blank, oversized = self._blank[start:stop], self._oversized[start:stop]
        self.comments += int((blank & ~oversized).sum())
        if blank.any() or oversized.any():
            self._refuse(rows[oversized], "longer than a line may be")
            rows = rows[~blank & ~oversized]
        return self._rows(rows, {}, quoted=quoted)

    def records(self) -> Rows:
        """All records that end in this chunk. What does not end stays in the state."""
        if not self.layout.quoted or (not self.state.lines and b'"' not in self.data):
            return self.lines_between(0, self.count)
        found = find_records(
            self.data,
            self.starts,
            self.layout.delimiter.encode(),
            pending=self.state.pending,
            pending_lines=self.state.lines,
            wholes=self._wholes(),
        )
        return self._joined(found)

    def _wholes(self) -> Wholes | None:
        """Which lines are records by themselves; None where it is not known yet how many fields one has."""
        names = self.state.header.names
        delimiter = self.layout.delimiter
        if names is None and self.count and not self.state.lines:
            head = line_text(self.data[self.starts[0] : self.starts[1]])
            names = tuple(split_record(head, delimiter, quoted=True) or ())
        widths = {len(names or ()), *self.layout.widths}
        return Wholes(self.data, self.starts, delimiter.encode(), widths) if min(widths) > 1 else None

    def _joined(self, found: Records) -> Rows:
        ends = np.flatnonzero(found.ends)
        begins = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
        pending, waiting = self.state.pending, self.state.lines
        single = begins == ends
        if waiting and len(ends):
            single[0] = False
        self.continued += self.count - len(ends)
        refused = set(found.broken)
        self._refuse(np.array(sorted(refused), dtype=np.int64), "a quoted field that is never closed")
        texts: dict[int, bytes] = {}
        for begin, end in zip(begins[~single].tolist(), ends[~single].tolist(), strict=True):
            if self._oversized[begin : end + 1].any() and end not in refused:
                self._refuse(np.array([end]), "longer than a line may be")
                refused.add(end)
            head = pending if begin == 0 else b""
            texts[end] = head + self.data[self.starts[begin] : self.starts[end + 1]]
        lone = np.zeros(self.count, dtype=np.bool_)
        lone[ends[single]] = True
        lone[list(refused)] = False
        blank = self._blank & lone & ~self._oversized
        self.comments += int(blank.sum())
        oversized = self._oversized & lone
        self._refuse(np.flatnonzero(oversized), "longer than a line may be")
        keep = found.ends & ~blank & ~oversized
        keep[list(refused)] = False
        tail = int(ends[-1]) + 1 if len(ends) else 0
        left = self.data[self.starts[tail] :] if tail < self.count else b""
        if not len(ends):
            left, lines = pending + left, waiting + self.count
        else:
            lines = self.count - tail
        self.state = replace(self.state, pending=left, lines=lines)
        return self._rows(np.flatnonzero(keep), texts, quoted=True)

    def without_header(self, rows: Rows) -> Rows:
        """Takes the first record that is one as the header: the next chunk would do so, too, if this one ended before it."""
        for place, line in enumerate(rows.lines.tolist()):
            text = line_text(rows.text(place))
            names = split_record(text, self.layout.delimiter, quoted=self.layout.quoted)
            if names is not None:
                self.comments += 1
                self.state = replace(self.state, header=Header(names=tuple(names)))
                return rows.take(np.arange(place + 1, len(rows.lines)))
            self.batch.rejects.append((line, "the header is not one record"))
        return rows.take(np.arange(0))

    def _refuse(self, rows: npt.NDArray[np.int64], why: str) -> None:
        self.batch.rejects += [(int(row) + self.first_line, why) for row in rows]

    def _rows(self, rows: npt.NDArray[np.int64], texts: dict[int, bytes], *, quoted: bool) -> Rows:
        return Rows(
            data=self.data,
            starts=self.starts[rows],
            ends=self.starts[rows + 1],
            lines=rows + self.first_line,
            texts={place: texts[row] for place, row in enumerate(rows.tolist()) if row in texts}
            if texts
            else {},
            quoted=quoted,
        )
