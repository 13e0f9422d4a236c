"""Events in JSON: one a line, or many in a document.

A batch of lines is read by one SQL statement. What that refuses (control characters in a text, half of a
surrogate pair, bytes that are not UTF-8) is read by the standard library, and what both refuse is a reject.
Where a name stands twice in an object, both readings are made (`twice_named`), on both ways.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.ingest.canonical_rows import Batch, Zone
from whosaw.ingest.limits import beyond_json, too_rich
from whosaw.ingest.lines import is_utf8, line_starts, white_lines
from whosaw.ingest.parser import ChunkText, Parsed
from whosaw.ingest.times.local import FoldState
from whosaw.store.sql import quote_text, thread_session

from .field_rules import FieldRules, Member, Step, parse_path, sql_path
from .field_sql import select_columns
from .json_records import OBJECTS, TOO_LONG, WHOLE, holds_records, whole_document
from .twice_named import lines_with_twins, merged

__all__ = ["JsonParser", "read_values"]

_BOM = b"\xef\xbb\xbf"
_ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}")
_SURROGATE = re.compile("[\ud800-\udfff]")
Path = tuple[Step, ...]


def _fold_of(text: str | None) -> FoldState | None:
    """Where the clock stood in an hour that comes twice, as the chunk before said it."""
    fold = json.loads(text)["fold"] if text else None
    return (fold[0], fold[1], fold[2]) if fold else None


class JsonParser:
    """Parser of a format of kind json."""

    def __init__(
        self,
        item_id: str,
        rules: FieldRules,
        zone: Zone,
        *,
        records: tuple[str, ...] = (),
        embedded: str | None = None,
    ) -> None:
        self._id = item_id
        self._rules = rules
        self._zone = zone
        self._records = records
        self._embedded = parse_path(embedded) if embedded else None
        self._places = {ref: place for place, ref in enumerate(rules.refs(), start=1)}
        self._paths = [parse_path(ref) for ref in self._places]
        self._picks = any(isinstance(step, Member) for path in self._paths for step in path)

    @property
    def id(self) -> str:
        return self._id

    @property
    def stateful(self) -> bool:
        """Whether chunks must come in order: clocks go back."""
        return self._zone.zone is not None and not self._zone.own

    @property
    def documents(self) -> tuple[str, ...]:
        """The kinds of document that this format may come in: names under which one holds its records, a list, and
        objects that lines do not tell apart."""
        return tuple(dict.fromkeys((*self._records, WHOLE, OBJECTS)))

    def may_read(self, data: bytes) -> bool:
        """Whether any line may be an event. False is certain: a name that every event needs is nowhere in the bytes."""
        escapes = _has_escapes(data)
        return self._rules.within(lambda ref: self._may_be(data, ref, escapes)) is self._rules

    def _may_be(self, data: bytes, ref: str, escapes: bool) -> bool:
        """Whether a value at this path can be in the bytes, or in a text in them that is JSON itself."""
        if self._embedded is not None and _may_hold(data, self._embedded, escapes):
            return True
        return _may_hold(data, parse_path(ref), escapes)

    def parse(self, chunk: ChunkText, state: str | None = None) -> Parsed:
        """The events of a chunk of lines, of records, or of a document that is one chunk."""
        broken = getattr(chunk, "broken", None)
        if broken is None and chunk.first_line == 1 and holds_records(chunk.data, self.documents):
            chunk = whole_document(chunk, self.documents)
            broken = chunk.broken
        data, starts = chunk.data, line_starts(chunk.data).copy()
        count = len(starts) - 1
        batch = Batch()
        blank = np.zeros(count, dtype=np.bool_)
        if count:
            starts[0] = len(_BOM) if chunk.first_line == 1 and data.startswith(_BOM) else 0
            blank = self._sort_lines(batch, chunk, broken or {}, data, starts)
        whole = batch.canonical(self._zone, _fold_of(state), format_id=self._id, first=chunk.first_line == 1)
        return Parsed(
            events=whole.events,
            rejects=whole.rejects,
            comments=int(blank.sum()) + whole.beside,
            state=json.dumps({"fold": whole.fold}) if whole.fold else None,
            records=None if broken is None else count,
        )

    def _sort_lines(
        self,
        batch: Batch,
        chunk: ChunkText,
        broken: Mapping[int, str],
        data: bytes,
        starts: npt.NDArray[np.int64],
    ) -> npt.NDArray[np.bool_]:
        """Sends each line its way; returns which lines are blank."""
        count = len(starts) - 1
        known = {**dict.fromkeys(chunk.oversized_lines, TOO_LONG), **broken}
        refused = np.zeros(count, dtype=np.bool_)
        refused[[line - chunk.first_line for line in known]] = True
        blank = _blank(data, starts) & ~refused
        full = starts[:-1] < starts[1:]
        first = np.zeros(count, dtype=np.uint8)
        first[full] = np.frombuffer(data, dtype=np.uint8)[starts[:-1][full]]
        # what is picked out of a list by a value is no path that SQL knows
        fast = (first == ord("{")) & ~refused & ~blank & (not self._picks)
        if not is_utf8(data):
            fast &= _utf8_lines(data, starts)
        beyond = self._refuse_beyond(batch, chunk, data, starts, ~blank & ~refused)
        fast &= ~beyond
        slow = ~fast & ~blank & ~refused & ~beyond
        if fast.any():
            texts = pa.LargeStringArray.from_buffers(count, pa.py_buffer(starts), pa.py_buffer(data))
            numbers = pa.array(np.arange(count, dtype=np.int64) + chunk.first_line)
            if not fast.all():
                keep = pa.array(fast)
                texts, numbers = texts.filter(keep), numbers.filter(keep)
            self._read(batch, numbers, texts, data)
        self._read_slow(
            batch,
            [
                (
                    int(row) + chunk.first_line,
                    data[starts[row] : starts[row + 1]].decode("utf-8", "surrogateescape"),
                )
                for row in np.flatnonzero(slow)
            ],
        )
        batch.rejects += known.items()
        return blank

    def _refuse_beyond(
        self,
        batch: Batch,
        chunk: ChunkText,
        data: bytes,
        starts: npt.NDArray[np.int64],
        lines: npt.NDArray[np.bool_],
    ) -> npt.NDArray[np.bool_]:
        """Rejects those of `lines` that hold more than an event may."""
        beyond = np.zeros(len(lines), dtype=np.bool_)
        for row in np.flatnonzero(lines & too_rich(np.diff(starts))).tolist():
            why = beyond_json(data[starts[row] : starts[row + 1]])
            if why is not None:
                beyond[row] = True
                batch.rejects.append((row + chunk.first_line, why))
        return beyond

    def _ref(self, name: str) -> str:
        return f"v[{self._places[name]}]"

    def _read(self, batch: Batch, numbers: pa.Array, texts: pa.Array, data: bytes) -> None:
        """The fast way, and the slow way for what it refuses. `data` holds all the texts."""
        if not len(texts):
            return
        escapes = _has_escapes(data)
        held = {ref: self._may_be(data, ref, escapes) for ref in self._places}
        rules = self._rules.within(held.__getitem__)
        # a name that is nowhere in the bytes need not be looked for in each line
        refs = [ref for ref in rules.refs() if held[ref]]
        paths = "[" + ", ".join(quote_text(sql_path(parse_path(ref))) for ref in refs) + "]"
        paths = paths if refs else f"[{quote_text('$')}]"
        places = {ref: f"v[{place}]" for place, ref in enumerate(refs, start=1)}
        line = "line"
        if self._embedded is not None:
            # The event may be a JSON text inside the record; records without it are the event themselves.
            line = f"coalesce(json_extract_string(line, {quote_text(sql_path(self._embedded))}), line)"
        source = f"SELECT n, try(json_extract_string({line}, {paths})) AS v FROM given"
        select = select_columns(rules, places.get, "read", refused="v IS NULL")
        given = pa.table({"n": numbers, "line": texts})
        twins = lines_with_twins(given, line, _known_to_sql(refs), thread_session())
        if len(twins):
            ours = pc.is_in(given["n"], twins)
            self._read_slow(batch, _pairs(given.filter(ours)))
            given = given.filter(pc.invert(ours))
        rows = thread_session().query(f"WITH read AS MATERIALIZED ({source}) {select}", None, given=given)
        refused = rows["refused"]
        if not pc.any(refused).as_py():
            batch.rows.append(rows)
            return
        slow = rows.filter(refused)["n"].combine_chunks()
        left = given.filter(pc.is_in(given["n"], slow))
        self._read_slow(batch, _pairs(left))
        batch.rows.append(rows.filter(pc.invert(refused)))

    def _read_slow(self, batch: Batch, lines: Sequence[tuple[int, str]]) -> None:
        once: list[tuple[int, list[str | None]]] = []
        firsts: list[tuple[int, list[str | None]]] = []
        lasts: list[tuple[int, list[str | None]]] = []
        for number, text in lines:
            found = read_values(text, self._paths, self._embedded)
            if isinstance(found, str):
                batch.rejects.append((number, found))
                continue
            last = read_values(text, self._paths, self._embedded, last=True)
            if isinstance(last, str) or last == found:
                once.append((number, found))
            else:
                firsts.append((number, found))
                lasts.append((number, last))
        if once:
            batch.rows.append(self._rows(once))
        if firsts:
            rows, rejects = merged(self._rows(firsts), self._rows(lasts))
            batch.rows.append(rows)
            batch.rejects += rejects

    def _rows(self, found: Sequence[tuple[int, list[str | None]]]) -> pa.Table:
        """Lines whose values are known, as the rules read them."""
        given = pa.table(
            {
                "n": pa.array([number for number, _ in found], pa.int64()),
                "v": pa.array([values for _, values in found], pa.list_(pa.string())),
            }
        )
        select = select_columns(self._rules, self._ref, "given")
        return thread_session().query(select, None, given=given)


def _known_to_sql(refs: Sequence[str]) -> list[tuple[str | int, ...]]:
    return [tuple(step for step in parse_path(ref) if not isinstance(step, Member)) for ref in refs]


def _pairs(given: pa.Table) -> list[tuple[int, str]]:
    return list(zip(given["n"].to_pylist(), given["line"].to_pylist(), strict=True))


def _has_escapes(data: bytes) -> bool:
    r"""Whether a name in the text may be spelled with escapes such as `\u0061`; a backslash that is escaped itself begins none."""
    return b"\\u" in data and _ESCAPED.search(data) is not None


def _may_hold(data: bytes, path: Path, escapes: bool) -> bool:
    """Whether a value at `path` can be in the text. False is certain: the names are not in it, and none can
    be spelled with escapes."""
    names, escaped = _names_of(path)
    return escapes or escaped or all(name in data for name in names)


@lru_cache(maxsize=4_096)
def _names_of(path: Path) -> tuple[tuple[bytes, ...], bool]:
    """The names on a path as they are written, and whether one may well be spelled with escapes."""
    names = [step for step in path if isinstance(step, str)]
    written = tuple(json.dumps(name, ensure_ascii=False).encode() for name in names)
    return written, any("/" in name or not name.isprintable() for name in names)


def _blank(data: bytes, starts: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Lines of nothing but white space."""
    return white_lines(data, starts, b" \t\r\n")


def _utf8_lines(data: bytes, starts: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Lines that are valid UTF-8."""
    good = np.ones(len(starts) - 1, dtype=np.bool_)
    high = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) >= 0x80)
    for row in np.unique(np.searchsorted(starts, high, side="right") - 1):
        if row >= 0:
            good[row] = is_utf8(data[starts[row] : starts[row + 1]])
    return good


def read_values(
    text: str, paths: Sequence[Path], embedded: Path | None = None, *, last: bool = False
) -> list[str | None] | str:
    """The values at `paths` as texts, or why the text is not an event; of names that stand twice the first, or the last. Half
    surrogates and bytes that were not UTF-8 (decoded with `surrogateescape`) are shown as escapes."""
    value = _read_object(text, last=last)
    if isinstance(value, str):
        return value
    inner = _step(value, embedded) if embedded is not None else None
    if isinstance(inner, dict):
        value = inner
    elif isinstance(inner, str):
        value = _read_object(inner, last=last)
        if isinstance(value, str):
            return value
    try:
        return [_as_text(_step(value, path)) for path in paths]
    except RecursionError:
        return "nested too deeply"


def _read_object(text: str, *, last: bool = False) -> dict[str, Any] | str:
    stripped = text.strip(" \t\r\n")
    try:
        value = (_LAST_DECODER if last else _DECODER).decode(stripped)
    except ValueError:
        return "not JSON" if stripped.startswith(("{", "[")) else "not a JSON object"
    except RecursionError:
        return "nested too deeply"
    return value if isinstance(value, dict) else "not a JSON object"


def _first_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found


class _Whole(str):
    """A whole number as it is written."""

    __slots__ = ()


class _Fraction(str):
    """A number with a point or an exponent as it is written."""

    __slots__ = ()


_DECODER = json.JSONDecoder(
    strict=False,
    object_pairs_hook=_first_wins,
    parse_int=_Whole,
    parse_float=_Fraction,
    parse_constant=_Fraction,
)
_LAST_DECODER = json.JSONDecoder(
    strict=False, parse_int=_Whole, parse_float=_Fraction, parse_constant=_Fraction
)


def _step(value: object, path: Path) -> object:
    for step in path:
        if isinstance(step, Member):
            value = _member(value, step)
        elif isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return None
            value = value[step]
        elif isinstance(value, Mapping):
            value = value.get(step)
        else:
            return None
    return value


def _member(value: object, wanted: Member) -> object:
    """The first object of a list that has the value; None where none has it."""
    for each in value if isinstance(value, list) else ():
        if isinstance(each, Mapping) and wanted.takes(_as_text(_step(each, wanted.key))):
            return each
    return None


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return _SURROGATE.sub(_escape, str(value) if isinstance(value, str) else _written(value))


def _written(value: object) -> str:
    """A value within others as JSON; a number in it is no text."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(name)}:{_written(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    if isinstance(value, _Whole):
        return str(value)
    if isinstance(value, _Fraction):
        return json.dumps(float(value))  # as the fast way writes it
    return _quoted(value)


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"
