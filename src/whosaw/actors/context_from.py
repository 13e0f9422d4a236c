"""Rows of the context out of logs and exports that lie elsewhere, as `[[from]]` in `context.toml` names them.

A line that is no record, or a record without what a row needs, is counted and passed over: a log is never whole in every line, and one
odd line must not hold up a scan. Files of which nothing can be used are a fault.
"""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core.document import told_as, told_as_instant
from whosaw.core.errors import Fault, FaultsError, Where
from whosaw.packs.suggestion import did_you_mean
from whosaw.store.sql import Session

from .context_paths import Path as At
from .context_paths import Record, path_of
from .context_records import read_records
from .context_schema import TableSchema, table_schemas
from .context_systems import RowRule, System, barred, load_systems, meets
from .context_times import read_times

__all__ = ["From", "Reading", "Recognised", "Told", "files_of", "read_from", "recognise"]

Row = dict[str, str]
_LOOKED: Final = 200  # records that say which system a file is of
_TRIED: Final = 20_000  # records in which some that make a row are looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class From:
    """One `[[from]]`: files, as patterns from the folder on, and what they are: of a system, or a table of their own."""

    files: tuple[str, ...]
    system: str | None = None
    table: str | None = None
    zone: tzinfo | None = None
    people: tuple[str, ...] = ()
    people_as: Mapping[str, str] = field(default_factory=dict)  # by column, which name of the list of people
    columns: Mapping[str, str] = field(default_factory=dict)
    where: Where = field(default_factory=lambda: Where(file="context.toml"))

    def fault(self, message: str, hint: str = "") -> Fault:
        return Fault(code="context.from", message=message, where=self.where, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one `[[from]]` came to. `system` is its id, or the name of the table that its files hold. `other`: records of which no rule makes a
    row, such as failed logins; `without`: records that lack what a row needs; `bad`: lines that are no records."""

    system: str
    title: str
    files: tuple[str, ...]
    records: int = 0
    other: int = 0
    without: int = 0
    bad: int = 0
    rows: Mapping[str, int] = field(default_factory=dict)
    ids: str = ""
    gaps: tuple[str, ...] = ()
    partial: str = ""  # why what was issued may be missing in it
    whole_since: int | None = field(default=None, metadata=told_as_instant())
    """From when on all that was issued is in it, where that shows in its records."""
    as_of: int | None = field(default=None, metadata=told_as_instant(if_known=True))
    """When anything in an export was last changed, where its records say so."""
    busy: int = field(default=0, metadata=told_as(never=True))
    """Within how long something changes in such a system, in microseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Columns of texts by table (times as microseconds since 1970), and what each `[[from]]` came to."""

    tables: Mapping[str, pa.Table]
    told: tuple[Told, ...]
    notes: tuple[str, ...]
    faults: tuple[Fault, ...]


def files_of(folder: Path, patterns: Sequence[str]) -> list[Path]:
    """The files that patterns name from the folder on, each once, in the order of their names."""
    found = {
        os.path.normpath(each)
        for pattern in patterns
        for each in glob.glob(os.path.join(folder, pattern), recursive=True)
        if os.path.isfile(each)
    }
    return [Path(each) for each in sorted(found)]


def read_from(
    folder: Path, sources: Sequence[From], zone: tzinfo | None, systems: Mapping[str, System] | None = None
) -> Reading:
    """Read all that `sources` name. `zone` is that of times without an offset, where neither a source nor its system says another."""
    known = load_systems() if systems is None else systems
    parts: dict[str, list[pa.Table]] = {}
    told: list[Told] = []
    notes: list[str] = []
    faults: list[Fault] = []
    for source in sources:
        paths = files_of(folder, source.files)
        if not paths:
            faults.append(
                source.fault(
                    f"no file is {', '.join(source.files)}", "Paths begin at the folder of context.toml"
                )
            )
            continue
        with Session() as session:
            one = _Source(source, paths, folder, session, zone, known, faults, notes)
            system = one.system()
            if system is None:
                continue
            rows, said = one.read(system)
        for name, table in rows.items():
            parts.setdefault(name, []).append(table)
        told.append(said)
    return Reading(
        tables={name: pa.concat_tables(each).combine_chunks() for name, each in parts.items()},
        told=tuple(told),
        notes=tuple(notes),
        faults=tuple(faults),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """The system of a file, which part of its first records are such, and the tables that they fill."""

    system: System
    share: float
    tables: tuple[str, ...]


def recognise(path: Path) -> tuple[Recognised, ...]:
    """Of which systems a file is: of several where its records fit all of them alike. None where it is of none, or makes no row. Raises
    `FaultsError` where it cannot be read."""
    systems = load_systems()
    fits = _fits(path, systems)
    best = [id_ for id_, count in fits.items() if count and count == max(fits.values())]
    tried = (_recognised(path, systems[id_], fits[id_]) for id_ in sorted(best))
    return tuple(each for each in tried if each.tables)


def _recognised(path: Path, system: System, held: int) -> Recognised:
    """A system of whose records `held` stand among the first ones, and what they fill."""
    rules = [_Prepared.of(each) for each in system.rows]
    filled: set[str] = set()
    looked = 0
    with closing(read_records(path, system.reads, system.lists)) as records:
        for record in islice(records, _TRIED):
            looked += looked < _LOOKED
            if record is None or not system.holds(record):
                continue
            filled.update(table for table, _ in _made(record, rules, {})[0])
            if len(filled) == len(system.tables) and looked >= _LOOKED:
                break
    tables = tuple(each for each in system.tables if each in filled)
    return Recognised(system=system, share=held / max(1, looked), tables=tables)


def _fits(path: Path, systems: Mapping[str, System]) -> Counter[str]:
    """How many of the first records of a file each system holds."""
    fits: Counter[str] = Counter()
    for reads in dict.fromkeys(each.reads for each in systems.values()):
        alike = [each for each in systems.values() if each.reads == reads]
        lists = dict.fromkeys(name for each in alike for name in each.lists)
        with closing(read_records(path, reads, tuple(lists))) as records:
            looked = [each for each in islice(records, _LOOKED) if each is not None]
        fits.update({each.id: sum(map(each.holds, looked)) for each in alike})
    return fits


@dataclass(slots=True)
class _Source:
    """One `[[from]]` while it is read."""

    source: From
    paths: Sequence[Path]
    folder: Path
    session: Session
    zone: tzinfo | None
    systems: Mapping[str, System]
    faults: list[Fault]
    notes: list[str]

    def system(self) -> System | None:
        """The system that is named, or the one whose records these are."""
        named = self.source.system
        if named is not None:
            if named not in self.systems:
                hint = did_you_mean(named, self.systems) or f"Known: {', '.join(sorted(self.systems))}"
                self.faults.append(
                    self.source.fault(f"{named!r} is no format that the context is read from", hint)
                )
            return self.systems.get(named)
        try:
            fits = _fits(self.paths[0], self.systems)
        except FaultsError as fault:
            self.faults.extend(each for each in fault.faults if each not in self.faults)
            return None
        best = [id_ for id_, count in fits.items() if count and count == max(fits.values())]
        if len(best) > 1:  # those of whose records some make a row
            path = self.paths[0]
            best = [id_ for id_ in best if _recognised(path, self.systems[id_], fits[id_]).tables] or best
        if len(best) == 1:
            return self.systems[best[0]]
        what = f"could be {' or '.join(sorted(best))}" if best else "is of no system that is known"
        self.faults.append(
            Fault(
                code="context.from", message=what, where=Where(file=str(self.paths[0])),
                hint='Say which in context.toml: format = "…", or table = "…" where it is a table',
            )
        )  # fmt: skip
        return None

    def read(self, system: System) -> tuple[dict[str, pa.Table], Told]:
        before = len(self.faults)
        rules = [_Prepared.of(each) for each in self._rules(system)]
        names = self._people(system)
        rows = {table: _Rows(table_schemas()[table]) for table in system.tables}
        records = other = without = bad = 0
        changed: dict[str, None] = {}
        for record in self._records(self.paths, system.reads, system.lists):
            if record is None:
                bad += 1
                continue
            records += 1
            if not system.holds(record):
                other += 1
                continue
            if system.export is not None:
                changed.update(dict.fromkeys(_first_of(record, system.export.changed)))
            made, lacking = _made(record, rules, names)
            without += lacking and not made
            other += not made and not lacking
            shows = {_SHOWS_ALL: "yes"} if _shows_all(record, system) else {}
            for table, row in made:
                rows[table].add(row | shows)
        tables: dict[str, pa.Table] = {}
        since: int | None = None
        for table, found in rows.items():
            whole = _merged(_instead(found.table()), system.merge.get(table))
            tables[table], lost = self._columns(table_schemas()[table], whole, system)
            without += lost
            if table == "logins" and system.whole is not None:
                shown = tables[table].filter(tables[table][_SHOWS_ALL].is_valid())
                since = pc.min(shown["time"].cast(pa.int64())).as_py()
            tables[table] = tables[table].drop_columns(list(_MARKS))
        told = Told(
            system=system.id,
            title=system.title,
            files=tuple(map(str, self.paths)),
            records=records,
            other=other,
            without=without,
            bad=bad,
            rows={name: each.num_rows for name, each in tables.items()},
            ids=system.ids,
            gaps=system.gaps,
            partial="" if since is not None or system.whole is None else system.whole.why,
            whole_since=since,
            as_of=self._latest(list(changed), system),
            busy=system.export.busy if system.export is not None else 0,
        )
        if not any(told.rows.values()) and len(self.faults) == before:
            hint = (
                f"{records:,} records were read, {other:,} make no row, and {without:,} lack what a row needs"
            )
            self.faults.append(
                self.source.fault(f"{system.id}: nothing of {', '.join(self.source.files)} can be used", hint)
            )
        if without or bad:
            self.notes.append(
                f"{system.id}: {without:,} records lack what a row needs or a time that can be read, and {bad:,} lines are no records"
            )
        return tables, told

    def _records(
        self, paths: Sequence[Path], reads: str, lists: Sequence[str]
    ) -> Generator[Record | None, None, None]:
        """The records of files one behind the other; a file that cannot be read on is a fault."""
        for path in paths:
            try:
                yield from read_records(path, reads, lists)
            except FaultsError as fault:
                if fault.faults[0] not in self.faults:
                    self.faults.extend(fault.faults)

    def _rules(self, system: System) -> tuple[RowRule, ...]:
        """The rules, with places that the source names itself."""
        own: dict[str, tuple[At, ...]] = {}
        known = sorted({each.name for table in system.tables for each in table_schemas()[table].columns})
        for name, text in self.source.columns.items():
            at = path_of(text)
            if at is None:
                self.faults.append(self.source.fault(f"columns.{name}: {text!r} is no path"))
            elif name not in known:
                hint = f"Its tables have {', '.join(known)}"
                self.faults.append(
                    self.source.fault(f"columns.{name}: {system.id} fills no such column", hint)
                )
            else:
                own[name] = (at,)

        def with_own(rule: RowRule) -> RowRule:
            names = {each.name for each in table_schemas()[rule.table].columns}
            return replace(
                rule, columns={**rule.columns, **{name: at for name, at in own.items() if name in names}}
            )

        # whoever uses another's session is named in a place of its own
        return tuple(rule if rule.instead else with_own(rule) for rule in system.rows)

    def _people(self, system: System) -> Mapping[str, Mapping[str, str]]:
        """By column, and else under the empty text, which name each id of the list of people has."""
        source = self.source
        if not source.people or system.people is None:
            if source.people:
                self.faults.append(source.fault(f"{system.id} needs no people"))
            return {}
        people = system.people
        for name in source.people_as.values():
            if name not in people.names:
                self.faults.append(
                    source.fault(
                        f"people_as: {name!r} is no name of its people", f"It has {', '.join(people.names)}"
                    )
                )
        found: dict[str, dict[str, str]] = {"": {}, **{column: {} for column in source.people_as}}
        paths = files_of(self.folder, source.people)
        if not paths:
            self.faults.append(source.fault(f"people: no file is {', '.join(source.people)}"))
        for record in self._records(paths, system.reads, system.lists):
            id_ = next(people.id.values(record), None) if record is not None else None
            if id_ is None:
                continue
            for column, names in found.items():
                chosen = people.names.get(source.people_as.get(column, ""))
                places = people.names.values() if chosen is None else (chosen,)
                told = next((value for at in places for value in at.values(record)), None)
                if told is not None:
                    names[id_] = told
        return found

    def _latest(self, texts: list[str], system: System) -> int | None:
        """The latest of some times; None where none can be read."""
        zone = self.source.zone or system.zone or self.zone
        times = read_times(self.session, pa.array(texts, pa.string()), zone, end=False) if texts else None
        return pc.max(times.micros.cast(pa.int64())).as_py() if times is not None else None

    def _columns(self, schema: TableSchema, rows: pa.Table, system: System) -> tuple[pa.Table, int]:
        """Rows with instants for times, without those whose times cannot be read; how many these are."""
        columns = {name: rows[name].combine_chunks() for name in rows.column_names}
        usable = np.ones(rows.num_rows, bool)
        zone = self.source.zone or system.zone or self.zone
        for column in schema.columns:
            if column.kind != "time":
                continue
            if columns[column.name].null_count == rows.num_rows:
                usable &= not column.required
                continue
            times = read_times(self.session, columns[column.name], zone, end=column.end)
            if times.without_zone:
                self.faults.append(
                    self.source.fault(
                        f"{system.id}: times have no offset",
                        'Say whose clock it is: zone = "Asia/Seoul" under this [[from]]',
                    )
                )
            if column.required:
                usable &= times.micros.is_valid().to_numpy(zero_copy_only=False)
            columns[column.name] = times.micros.cast(pa.string())
        table = pa.table(columns).filter(pa.array(usable))
        return table, int((~usable).sum())


_INSTEAD: Final = "@instead"
_SHOWS_ALL: Final = "@shows all"
_MARKS: Final = (_INSTEAD, _SHOWS_ALL)
_PART: Final = 1 << 15  # rows that are kept as texts of Python before they become columns


@dataclass(slots=True)
class _Rows:
    """Rows of a table as they come."""

    schema: TableSchema
    rows: list[Row] = field(default_factory=list)
    parts: list[pa.Table] = field(default_factory=list)

    def add(self, row: Row) -> None:
        self.rows.append(row)
        if len(self.rows) >= _PART:
            self._part()

    def table(self) -> pa.Table:
        self._part()
        return pa.concat_tables(self.parts)

    def _part(self) -> None:
        names = (*(each.name for each in self.schema.columns), *_MARKS)
        told = {name: pa.array([row.get(name) for row in self.rows], pa.string()) for name in names}
        self.parts.append(pa.table(told))
        self.rows = []


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A rule, the columns that its table needs, and what stands in each of its rows."""

    rule: RowRule
    needed: tuple[str, ...]
    told: Row

    @classmethod
    def of(cls, rule: RowRule) -> _Prepared:
        told = {"event": rule.event} if rule.event else {}
        return cls(
            rule=rule,
            needed=tuple(each.name for each in table_schemas()[rule.table].columns if each.required),
            told=told | ({_INSTEAD: "yes"} if rule.instead else {}),
        )


def _first_of(record: Record, places: Sequence[At]) -> list[str]:
    """The first value at one of some places."""
    return [value for value in (next(at.values(record), None) for at in places) if value is not None][:1]


def _shows_all(record: Record, system: System) -> bool:
    """Whether a record shows that all that the system issues is on record."""
    return system.whole is not None and bool(system.whole.where) and meets(record, system.whole.where)


def _made(
    record: Record, rules: Sequence[_Prepared], names: Mapping[str, Mapping[str, str]]
) -> tuple[list[tuple[str, Row]], bool]:
    """The rows of one record by table, and whether a rule fitted that found less than its table needs."""
    made: list[tuple[str, Row]] = []
    lacking = False
    for each in rules:
        if not meets(record, each.rule.where) or barred(record, each.rule.unless):
            continue
        whole = [
            row | each.told
            for row in _rows(record, each.rule, names)
            if all(name in row for name in each.needed)
        ]
        lacking = lacking or not whole
        made += [(each.rule.table, row) for row in whole]
    return made, lacking


def _rows(record: Record, rule: RowRule, names: Mapping[str, Mapping[str, str]]) -> Iterator[Row]:
    """One row, or one for each value of a column that has several."""
    found: dict[str, list[str]] = {}
    for name, places in rule.columns.items():
        for at in places:
            known = names.get(name, names.get("", {})) if at.person else {}
            values = list(dict.fromkeys(known.get(each, each) for each in at.values(record)))
            if values:
                found[name] = values
                break
    single = {name: values[0] for name, values in found.items()}
    several = [name for name, values in found.items() if len(values) > 1]
    if not several:
        yield single
        return
    for value in found[several[0]]:
        yield single | {several[0]: value}


def _merged(rows: pa.Table, column: str | None) -> pa.Table:
    """Rows with one value in `column` as one, in which each other column has the first that says something."""
    if column is None:
        return rows
    found: dict[str, Row] = {}
    for row in rows.to_pylist():
        into = found.setdefault(row[column], row)
        into.update({name: value for name, value in row.items() if into[name] is None})
    return pa.Table.from_pylist(list(found.values()), schema=rows.schema)


def _instead(rows: pa.Table) -> pa.Table:
    """Sessions that somebody uses in another's name are issued to whom uses them, whatever other records of them say."""
    if "session" not in rows.column_names:
        return rows
    taken = rows.filter(pc.and_(rows[_INSTEAD].is_valid(), rows["session"].is_valid()))
    if not taken.num_rows:
        return rows
    users = dict(zip(taken["session"].to_pylist(), taken["subject"].to_pylist(), strict=True))
    pairs = zip(rows["session"].to_pylist(), rows["subject"].to_pylist(), strict=True)
    subjects = pa.array([users.get(session, subject) for session, subject in pairs], pa.string())
    return rows.set_column(rows.column_names.index("subject"), "subject", subjects)
