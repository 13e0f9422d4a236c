"""The context folder: what other systems recorded, against which views are explained.

Every table is optional. One that is absent is not an empty one: what needs it answers "cannot tell". One of which the user says that there
is none is a third thing: its item says what that decides. Rows come from the folder's tables and from logs and exports that `[[from]]` names.
Identifiers are turned into ledger numbers by the caller's `resolve`, and raw ones are not kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core.errors import Fault, FaultsError, Where
from whosaw.store.sql import Session

from .context_file import MAX_FAULTS, TextTable
from .context_from import Told, files_of, read_from
from .context_parts import Part, file_fault, joined, part_of, parts_of
from .context_schema import RESOLVED, UNKNOWN, Column, TableSchema, folded, table_schemas
from .context_settings import ContextSettings, load_settings
from .context_times import read_times, wall_offsets
from .context_values import NETWORK_HINT, SHAPES, alike, network, several
from .login_holes import Hole, hours_of, login_holes

__all__ = [
    "FEW_LOGINS",
    "NOBODY_KNOWN",
    "NO_ID_KNOWN",
    "NO_ID_SAID",
    "Asked",
    "Context",
    "ContextTable",
    "IdentifierKind",
    "Resolve",
    "context_files",
    "load_context",
]

Ints = npt.NDArray[np.int64]
NO_ID_SAID: Final = "no row of logins says token or session"
NO_ID_KNOWN: Final = "no token or session id of logins occurs in these logs"
NOBODY_KNOWN: Final = "none of the people in logins is known to these logs"
_NAMED: Final = ("person", "principal")  # whoever is told apart also where the ledger never met them
IdentifierKind = str  # one of RESOLVED
FEW_LOGINS: Final = (
    20  # rows, all of them of people whom the logs do not know, that say something of a whole table
)


class Asked(Protocol):
    """A context of which it is asked whether a table can tell anything."""

    @property
    def lacking(self) -> frozenset[str]:
        """Tables that there are none of, as the user says."""

    @property
    def partial(self) -> tuple[str, ...]:
        """Why logins may have been issued that are not on record."""

    def why_not(self, name: str, *, rows: bool = True) -> str:
        """Why a table cannot be asked, or a column of it; empty when it can."""


class Resolve(Protocol):
    """Turns identifiers as people write them into ledger numbers; null where the ledger never met one."""

    def __call__(self, kind: IdentifierKind, texts: pa.Array) -> pa.Array: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextTable:
    """One table; times are microseconds since 1970 in UTC.

    An identifier is a ledger number, null where the table states none, and below zero where the ledger never met it: of
    people and principals a number of their own, which is the same in every table.
    """

    name: str
    files: tuple[str, ...]
    rows: pa.Table
    filled: Mapping[str, int]  # values in the file, by column
    matched: Mapping[str, int]  # of these, how many the ledger knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All tables that were given, and what the user stated about them."""

    tables: Mapping[str, ContextTable]
    sessions_last: int | None = None  # microseconds, where stated
    logins_from: int | None = None
    logins_until: int | None = None
    logins_late: int | None = None  # microseconds after its issue by which a login is on record, where stated
    wall: tuple[tuple[int, int], ...] = (
        (0, 0),
    )  # from when on by how much clocks on the wall are ahead of UTC
    notes: tuple[str, ...] = ()
    aside: Mapping[str, str] = field(default_factory=dict)  # why a table is not believed, by its name
    lacking: frozenset[str] = frozenset()  # tables that there are none of, as the user says
    told: tuple[Told, ...] = ()  # what each log or export that fills tables came to
    partial: tuple[str, ...] = ()  # why logins may have been issued that are not on record

    @classmethod
    def none(cls) -> Context:
        """No context at all: every explanation answers "cannot tell"."""
        return cls(tables={})

    def given(self, name: str) -> bool:
        return name in self.tables

    def rows(self, name: str) -> pa.Table:
        """The rows of a table; an empty one of the same shape where it was not given."""
        table = self.tables.get(name)
        return table.rows if table is not None else table_schemas()[name].stored.empty_table()

    def matched(self, name: str, column: str) -> bool:
        """Whether the ledger knows any identifier of this column."""
        table = self.tables.get(name)
        return table is not None and table.matched.get(column, 0) > 0

    def logins_cover(self) -> tuple[int, int] | None:
        """From when until when logins are on record; None without any.

        A login log without an entry for a while is normal, so it is held to reach one longest pause beyond
        its last entry. A hole is no pause. Where entries come late, it reaches so long before its last one.
        """
        if not self.given("logins"):
            return None
        times = self._logins()
        first, last = self.logins_from, self.logins_until
        if not len(times):
            return (first, last) if first is not None and last is not None else None
        if last is None and self.logins_late is not None:
            last = int(times[-1]) - self.logins_late
        if last is None:
            holes = np.array([each.since for each in self.logins_missing()], np.int64)
            pauses = np.diff(times)[~np.isin(times[:-1], holes)]
            last = int(times[-1] + pauses.max(initial=0))
        return (int(times[0]) if first is None else first, last)

    def logins_missing(self) -> tuple[Hole, ...]:
        """The holes in the logins on record; none where the user stated from when until when they are whole."""
        if not self.given("logins") or (self.logins_from is not None and self.logins_until is not None):
            return ()
        return login_holes(hours_of(self._logins()))

    def _logins(self) -> Ints:
        return np.sort(self.rows("logins")["time"].drop_null().to_numpy())

    @property
    def of_strangers(self) -> bool:
        """Whether the logs know tokens or sessions of logins, and nobody whom these were issued to: then a login service names people
        otherwise than the logs do, and no token can be told to be in other hands."""
        table = self.tables.get("logins")
        return (
            table is not None
            and table.filled.get("subject", 0) >= FEW_LOGINS
            and not self.matched("logins", "subject")
            and (self.matched("logins", "token") or self.matched("logins", "session"))
        )

    def says(self, name: str, column: str) -> bool:
        """Whether any row of a table has something in this column."""
        table = self.tables.get(name)
        return table is not None and table.filled.get(column, 0) > 0

    def why_not(self, name: str, *, rows: bool = True) -> str:
        """Why a table cannot be asked, or a column of it (`subjects.home`); empty when it can. Of several, as in
        `staff.subject or subjects.staff`, one is enough; `keys.whole` asks for a table of which no row says that others may be missing.
        Without `rows` it can also be asked where it is known that there are none, and that decides."""
        if " or " in name:
            reasons = [self.why_not(each, rows=rows) for each in name.split(" or ")]
            return "" if "" in reasons else " and ".join(dict.fromkeys(reasons))
        if name.endswith(".whole"):
            name = name.removesuffix(".whole")
            partly = f"not all {name} are on record" if self.says(name, "partial") else ""
            return self.why_not(name, rows=rows) or partly
        if "." in name:
            name, column = name.split(".")
            if (reason := self.why_not(name)) or self.says(name, column):
                return reason
            return f"no row of {name} says {column}"
        if name in self.lacking:
            return (
                "" if not rows and table_schemas()[name].none.decides else f"there are no {name}, it is said"
            )
        table = self.tables.get(name)
        if table is None:
            return f"no {name} given"
        if name in self.aside:
            return self.aside[name]
        if not table.rows.num_rows:
            return f"{name} has no rows"
        if name == "logins" and not (self.says(name, "token") or self.says(name, "session")):
            return NO_ID_SAID
        if name == "logins" and not (self.matched(name, "token") or self.matched(name, "session")):
            return NO_ID_KNOWN
        if name == "logins" and self.of_strangers:
            return NOBODY_KNOWN
        return ""


def load_context(
    folder: Path | None,
    resolve: Resolve,
    *,
    zone: tzinfo | None = None,
    same: Callable[[pa.Array], pa.Array] = alike,
    none: Sequence[str] = (),
) -> Context:
    """Read every table of `folder`, and what its `context.toml` names elsewhere. Raises `FaultsError` with all faults of all files, and
    nothing is kept.

    `zone` is the one stated for times without an offset; the folder's own `context.toml` goes before it. `same` numbers texts of which only
    matters whether two are the same. `none`: tables that there are none of, beside those that the folder names.
    """
    faults: list[Fault] = []
    if folder is not None and not folder.is_dir():
        where = Where(file=str(folder))
        raise FaultsError(
            "context.missing", [Fault(code="context.missing", message="is not a folder", where=where)]
        )
    settings = ContextSettings()
    if folder is not None:
        settings = load_settings(folder / "context.toml", table_schemas(), faults)
    notes: list[str] = []
    stated = settings.zone or zone
    parts: dict[str, list[Part]] = {}
    told: tuple[Told, ...] = ()
    if folder is not None:
        for part in parts_of(folder, settings, faults, notes):
            parts.setdefault(part.schema.name, []).append(part)
        systems = [each for each in settings.sources if each.table is None]
        read = read_from(folder, systems, stated)
        faults.extend(read.faults)
        notes.extend(read.notes)
        told = read.told
        for name, rows in read.tables.items():
            parts.setdefault(name, []).append(part_of(table_schemas()[name], rows, told))
    tables = {
        name: _load(joined(each), settings, stated, resolve, same, faults, notes)
        for name, each in sorted(parts.items())
    }
    lacking = frozenset((*settings.none, *none))
    for name in sorted(lacking & tables.keys()):
        where = Where(file=str(folder / "context.toml" if folder is not None else "context.toml"))
        message = f"none: there is none of {name}, it says, and {tables[name].files[0]} is one"
        faults.append(Fault(code="context.none", message=message, where=where, hint="Keep one of the two"))
    if faults:
        raise FaultsError("context.invalid", faults)
    for name in sorted(lacking):
        if table_schemas()[name].none.decides:
            tables[name] = _nothing(table_schemas()[name])
    since, until = settings.logins_from, settings.logins_until
    partial = tuple(
        f"{each.system}: {each.partial}" for each in told if each.partial and each.rows.get("logins")
    )
    if partial and (since is None or until is None) and "logins" in tables:
        # nowhere are they known to be whole: what is on record explains, and of what is not it cannot be told whether it was issued
        first = pc.min(tables["logins"].rows["time"]).as_py()
        since, until = (None, None) if first is None else (first, first - 1)
        notes.extend(
            f"{each}: a token or session that is not on record may have been issued all the same (say from and until under [logins] if none was)"
            for each in partial
        )
    elif since is None:
        # a log that shows refreshes from May on shows not all that was issued in April
        shown = [
            each.whole_since for each in told if each.whole_since is not None and each.rows.get("logins")
        ]
        since = max(shown, default=None)
    return Context(
        tables=tables,
        sessions_last=settings.sessions_last,
        logins_from=since,
        logins_until=until,
        logins_late=settings.logins_late,
        wall=wall_offsets(stated),
        notes=tuple(notes),
        lacking=lacking,
        told=told,
        partial=partial if until is not None and since is not None and until < since else (),
    )


def _nothing(schema: TableSchema) -> ContextTable:
    """The table of which there is none: one without rows, so that what asks it is answered."""
    names = [each.name for each in schema.columns]
    known = {each.name: 0 for each in schema.columns if each.kind in RESOLVED}
    return ContextTable(
        name=schema.name,
        files=(),
        rows=schema.stored.empty_table(),
        filled=dict.fromkeys(names, 0),
        matched=known,
    )


def context_files(folder: Path) -> tuple[tuple[str, Path], ...]:
    """All files that a context folder stands on, each with its name from there: its own, and those elsewhere that its `context.toml` names (none
    where that cannot be read)."""
    own = sorted(each for each in folder.iterdir() if each.is_file())
    settings = load_settings(folder / "context.toml", table_schemas(), [])
    named = [pattern for each in settings.sources for pattern in (*each.files, *each.people)]
    known = {os.path.normpath(each) for each in own}
    others = [each for each in files_of(folder, named) if str(each) not in known]
    return tuple((os.path.relpath(each, folder), each) for each in (*own, *others))


def _load(
    part: Part, settings: ContextSettings, stated: tzinfo | None,
    resolve: Resolve, same: Callable[[pa.Array], pa.Array], faults: list[Fault], notes: list[str],
) -> ContextTable:  # fmt: skip
    text, schema, found = part.text, part.schema, part.found
    arrays: dict[str, pa.Array] = {}
    filled: dict[str, int] = {}
    matched: dict[str, int] = {}
    unread = dict(found)
    # one for all columns of a type that the file does not have
    nothing: dict[pa.DataType | None, pa.Array] = {}
    for column in schema.columns:
        if column.name not in found:
            if column.stored not in nothing:
                nothing[column.stored] = pa.nulls(text.rows, column.stored or pa.string())
            arrays[column.name] = nothing[column.stored]
            filled[column.name] = 0
            if column.kind in RESOLVED:
                matched[column.name] = 0
            continue
        values = _values(text, unread, column)
        filled[column.name] = len(values) - values.null_count
        if column.required:
            _demand(text, column, values)
        if column.kind == "time":
            arrays[column.name] = _times(text, column, values, stated, notes)
        elif column.kind in RESOLVED:
            arrays[column.name] = _resolved(resolve, column.kind, values)
            matched[column.name] = int(pc.sum(pc.greater_equal(arrays[column.name], 0)).as_py() or 0)
        elif column.kind == "principals":
            arrays[column.name] = _listed(resolve, values)
        elif column.kind in ("text", "event"):
            arrays[column.name] = values
        elif column.kind == "alike":
            arrays[column.name] = same(values)
        elif column.kind in SHAPES:
            arrays[column.name] = _shaped(text, column, values)
    if schema.name == "logins" and "event" in found:
        _apply_events(arrays, schema.with_words(settings.words), text.file, notes)
    faults.extend(text.faults[:MAX_FAULTS])
    if len(text.faults) > MAX_FAULTS:
        faults.append(file_fault(Path(text.file), f"has {len(text.faults) - MAX_FAULTS:,} further faults"))
    rows = pa.table({field.name: arrays[field.name].cast(field.type) for field in schema.stored})
    return ContextTable(name=schema.name, files=part.files, rows=rows, filled=filled, matched=matched)


def _values(text: TextTable, unread: dict[str, str], column: Column) -> pa.Array:
    """The values of a column, which goes out of `unread`: there may be gigabytes of text, so what nobody is to read any more is given up."""
    values = text.columns[unread.pop(column.name)]
    for other in set(text.columns) - set(unread.values()):
        del text.columns[other]
    return _networks(text, column, values) if column.kind == "network" else values


def _demand(text: TextTable, column: Column, values: pa.Array) -> None:
    empty = np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False)).tolist()
    _told_once(text, "context.value", f"{column.name} is empty", empty)


def _told_once(text: TextTable, code: str, message: str, rows: Sequence[int], hint: str = "") -> None:
    """One fault for all rows, at the first of them: a table may have millions of the same kind."""
    if not rows:
        return
    said = message if len(rows) == 1 else f"{message}, in {len(rows):,} rows from here on"
    text.faults.append(text.fault(code, said, rows[0], hint=hint))


def _times(
    text: TextTable, column: Column, values: pa.Array, zone: tzinfo | None, notes: list[str]
) -> pa.Array:
    if values.null_count == len(values):
        return pa.nulls(len(values), pa.int64())
    with Session() as session:
        times = read_times(session, values, zone, end=column.end)
    hint = "Write it like 2025-11-17T16:00:00+09:00"
    _told_once(text, "context.time", f"{column.name} is not a time", times.unreadable, hint)
    hint = 'Add an offset such as +09:00, or say zone = "Asia/Seoul" in the context.toml of this folder'
    _told_once(text, "context.no-zone", f"{column.name} has no offset", times.without_zone, hint)
    if times.days:
        notes.append(
            f"{text.file}: {times.days:,} days in {column.name} have no zone and were read as days in UTC"
        )
    return times.micros


def _shaped(text: TextTable, column: Column, values: pa.Array) -> pa.Array:
    read, hint = SHAPES[column.kind]
    distinct = values.unique().drop_null()
    known = pa.array([read(each) for each in distinct.to_pylist()], pa.int64())
    shaped = known.take(pc.index_in(values, value_set=distinct))
    wrong = pc.and_(values.is_valid(), shaped.is_null()).to_numpy(zero_copy_only=False)
    _told_once(
        text, "context.value", f"{column.name} is not understood", np.flatnonzero(wrong).tolist(), hint
    )
    return shaped


def _networks(text: TextTable, column: Column, values: pa.Array) -> pa.Array:
    """Networks as the ledger spells them; a fault for one that it does not tell apart."""
    spelled = [None if each is None else network(each) for each in values.to_pylist()]
    text.faults.extend(
        text.fault("context.value", f"{column.name} is not understood", row, hint=NETWORK_HINT)
        for row, each in enumerate(spelled)
        if each == ""
    )
    return pa.array(spelled, pa.string())


def _resolved(resolve: Resolve, kind: str, values: pa.Array) -> pa.Array:
    distinct = values.unique().drop_null()
    numbers = resolve(kind, distinct)
    if len(numbers) != len(distinct):
        raise ValueError("resolve must answer every identifier")
    known = numbers.cast(pa.int64())
    if kind not in _NAMED:
        known = pc.fill_null(known, UNKNOWN)
    elif known.null_count:
        known = pc.replace_with_mask(known, known.is_null(), _strangers(distinct.filter(known.is_null())))
    if len(distinct) == len(values):
        return known  # each is there once, in the order in which they stand
    return known.take(pc.index_in(values, value_set=distinct))


def _listed(resolve: Resolve, values: pa.Array) -> pa.Array:
    """The numbers of all principals that each cell names."""
    names = [None if each is None else several(each) for each in values.to_pylist()]
    flat = pa.array([name for each in names for name in each or ()], pa.string())
    numbers = iter(_resolved(resolve, "principal", flat).to_pylist())
    listed = [None if each is None else [next(numbers) for _ in each] for each in names]
    return pa.array(listed, pa.list_(pa.int64()))


def _strangers(texts: pa.Array) -> pa.Array:
    """Numbers below -1 for whom the ledger never met, the same in every table: they may live with somebody whom it did, or
    hold a key that it shows."""
    given = pa.table({"row": pa.array(np.arange(len(texts))), "text": texts})
    with Session() as session:
        sql = 'SELECT -2 - (hash(text) >> 2)::BIGINT AS number FROM given ORDER BY "row"'
        rows = session.query(sql, given=given)
    return rows["number"].combine_chunks()


def _apply_events(
    arrays: dict[str, pa.Array], words: Mapping[str, frozenset[str]], file: str, notes: list[str]
) -> None:
    """Keep times of issue only for rows that issue, and turn rows that end a session into its end."""
    events = arrays["event"]
    distinct = events.unique()
    meaning = {each: _meaning(each, words) for each in distinct.to_pylist()}
    position = pc.index_in(events, value_set=distinct)
    said = pa.array([meaning[each] for each in distinct.to_pylist()], pa.string()).take(position)
    issued, ended = pc.equal(said, "issued"), pc.equal(said, "ended")
    nothing = pa.scalar(None, pa.int64())
    time = arrays["time"]
    arrays["ended"] = pc.if_else(ended, time, pc.if_else(issued, arrays["ended"], nothing))
    arrays["time"] = pc.if_else(issued, time, nothing)
    for word in sorted(str(each) for each, what in meaning.items() if what == "unknown"):
        rows = pc.sum(pc.equal(events, word)).as_py()
        notes.append(
            f"{file}: {rows:,} rows say {word!r}, which is not known to issue a session and explains nothing;"
            " if it does, add it under [words] issued in context.toml"
        )


def _meaning(event: str | None, words: Mapping[str, frozenset[str]]) -> str:
    if event is None:
        return "issued"  # a table with an event column and an empty cell is still a table of logins
    return next((what for what, known in words.items() if folded(event) in known), "unknown")
