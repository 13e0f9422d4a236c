"""Systems whose logs and exports fill tables of the context: which records of each make which rows. Items, so no system is known by name here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache
from pathlib import Path
from typing import Final

from whosaw.core.errors import Fault, FaultsError, WhosawError
from whosaw.core.instants import parse_zone
from whosaw.packs.items import item_files, shipped
from whosaw.packs.table import Table

from .context_paths import Path as At
from .context_paths import Record, path_of
from .context_records import READS
from .context_schema import table_schemas

__all__ = ["Export", "People", "RowRule", "System", "SystemCase", "Whole", "barred", "load_systems", "meets"]

_EVENTS: Final = ("issued", "ended")
Where = tuple[tuple[tuple[At, ...], frozenset[str]], ...]
"""Places, at one of which one of these texts must stand; any text at all where none are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRule:
    """Which records make a row of which table, and where its values stand; of several places the first that says something. `event`: what a
    row of logins is. `instead`: these sessions are used by somebody else than whom they are for, whatever other records say."""

    table: str
    where: Where
    unless: Where
    columns: Mapping[str, tuple[At, ...]]
    event: str = ""
    instead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """Whether all that was issued is on record: only where records as in `where` are there, never where it names none. `why` says what may
    be missing otherwise."""

    where: Where
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """How a list of people beside the records says under which names the app knows ids: in which field each id stands, and which others
    may be names."""

    id: At
    names: Mapping[str, At]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Of records that say how things are, and not what happened: where each says when it was last changed, and within how long (microseconds)
    something changes in a system that is used."""

    changed: tuple[At, ...]
    busy: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemCase:
    """Records as they are written, and every row that they make, by table."""

    title: str
    lines: tuple[str, ...]
    people: tuple[str, ...]
    expect: Mapping[str, Sequence[Mapping[str, str]]]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One item. `ids` says what of the app's log its values join with, `gaps` what it does not record."""

    id: str
    title: str
    source: str
    reads: str
    lists: tuple[str, ...]
    require: tuple[tuple[At, ...], ...]
    zone: tzinfo | None
    rows: tuple[RowRule, ...]
    whole: Whole | None
    people: People | None
    export: Export | None
    merge: Mapping[str, str]
    """By table the column by whose value its rows are one: what each of several records tells of it."""
    ids: str
    gaps: tuple[str, ...]
    cases: tuple[SystemCase, ...]

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that it fills, and of each the columns, as a page shows them."""
        return tuple(dict.fromkeys(each.table for each in self.rows))

    def columns(self, table: str) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(name for each in self.rows if each.table == table for name in each.columns)
        )

    def holds(self, record: Record) -> bool:
        """Whether a record is one of this system."""
        return all(any(any(each.values(record)) for each in places) for places in self.require)

    @property
    def digest(self) -> str:
        """Changes with all that decides which rows are made."""
        told: tuple[object, ...] = (
            self.reads, self.lists, self.require, str(self.zone), self.rows, self.whole, self.people,
        )  # fmt: skip
        told = (*told, sorted(self.merge.items())) if self.merge else told
        return hashlib.sha256(repr(told).encode()).hexdigest()


def meets(record: Record, where: Where) -> bool:
    """Whether all of it holds of a record."""
    return all(_stands(record, places, texts) for places, texts in where)


def barred(record: Record, unless: Where) -> bool:
    """Whether any of it holds of a record."""
    return any(_stands(record, places, texts) for places, texts in unless)


def _stands(record: Record, places: Sequence[At], texts: frozenset[str]) -> bool:
    return any(not texts or value in texts for at in places for value in at.values(record))


@cache
def load_systems(folder: Path | None = None) -> Mapping[str, System]:
    """The systems by id, from `folder` or, when that is None, those shipped. Raises `FaultsError` with every fault."""
    faults: list[Fault] = []
    found: dict[str, System] = {}
    for file in item_files([folder or shipped("context_from")], faults):
        system = _system(Table.of_item(file, faults))
        found[system.id] = system
    if faults:
        raise FaultsError("context.systems-invalid", faults)
    return found


def _system(reader: Table) -> System:
    zone: tzinfo | None = None
    if text := reader.optional_text("zone"):
        try:
            zone = parse_zone(text)
        except WhosawError as fault:
            reader.fault(fault.message, "zone", hint=fault.hint)
    reader.day("checked")
    system = System(
        id=reader.name,
        title=reader.text("title"),
        source=reader.text("source"),
        reads=reader.text("reads", one_of=READS),
        lists=reader.texts("lists", required=False),
        require=tuple(_places(reader, text, "require") for text in reader.texts("require")),
        zone=zone,
        rows=tuple(map(_row, reader.tables("row", required=True))),
        whole=_whole(reader.optional_table("whole")),
        people=_people(reader.optional_table("people")),
        export=_export(reader.optional_table("export")),
        merge=_merge(reader.optional_table("merge")),
        ids=reader.text("ids"),
        gaps=reader.texts("gaps", required=False),
        cases=tuple(map(_case, reader.tables("case", required=True))),
    )
    reader.rest_unknown()
    return system


def _places(reader: Table, text: str, *at: str) -> tuple[At, ...]:
    """Several places in one text, with ` or ` between them."""
    return tuple(found for each in text.split(" or ") if (found := _place(reader, each, *at)) is not None)


def _place(reader: Table, text: str, *at: str) -> At | None:
    found = path_of(text.strip())
    if found is None:
        reader.fault(
            f"{text!r} is no path", *at, hint="Write it like details.token_id or target[type=User].id"
        )
    return found


def _where(reader: Table | None) -> Where:
    if reader is None:
        return ()
    told = [
        (_places(reader, name, name), frozenset(reader.texts(name, required=False, or_one=True)) - {"*"})
        for name in reader.values
    ]
    reader.rest_unknown()
    return tuple(told)


def _row(reader: Table) -> RowRule:
    schemas = table_schemas()
    table = reader.text("table", one_of=tuple(schemas))
    places = reader.table("columns", required=True)
    columns = {
        name: tuple(
            at for text in places.texts(name, or_one=True) if (at := _place(places, text, name)) is not None
        )
        for name in places.values
    }
    places.rest_unknown()
    if table in schemas:
        known = {each.name: each for each in schemas[table].columns}
        for name in columns.keys() - known.keys():
            places.fault(f"{name} is not a column of {table}", name)
        for each in known.values():
            if each.required and each.name not in columns:
                places.fault(f"{table} needs {each.name}")
    event = reader.text("event", one_of=_EVENTS) if table == "logins" else ""
    rule = RowRule(
        table=table,
        where=_where(reader.optional_table("where")),
        unless=_where(reader.optional_table("unless")),
        columns=columns,
        event=event,
        instead=reader.flag("instead"),
    )
    reader.rest_unknown()
    return rule


def _whole(reader: Table | None) -> Whole | None:
    if reader is None:
        return None
    whole = Whole(where=_where(reader.optional_table("where")), why=reader.text("why"))
    reader.rest_unknown()
    return whole


def _export(reader: Table | None) -> Export | None:
    if reader is None:
        return None
    places = [_place(reader, text, "changed") for text in reader.texts("changed", or_one=True)]
    export = Export(
        changed=tuple(at for at in places if at is not None), busy=reader.duration("busy", least=1)
    )
    reader.rest_unknown()
    return export


def _merge(reader: Table | None) -> dict[str, str]:
    if reader is None:
        return {}
    schemas = table_schemas()
    found = {}
    for table in reader.values:
        columns = [each.name for each in schemas[table].columns] if table in schemas else []
        found[table] = reader.text(table, one_of=columns)
    reader.rest_unknown()
    return found


def _people(reader: Table | None) -> People | None:
    if reader is None:
        return None
    id_ = _place(reader, reader.text("id"), "id")
    named = reader.table("names", required=True)
    names = {name: at for name in named.values if (at := _place(named, named.text(name), name)) is not None}
    named.rest_unknown()
    reader.rest_unknown()
    return None if id_ is None else People(id=id_, names=names)


def _case(reader: Table) -> SystemCase:
    expect = reader.table("expect", required=True)
    rows = {
        name: [{key: row.text(key) for key in row.values} for row in expect.tables(name)]
        for name in expect.values
    }
    case = SystemCase(
        title=reader.text("title"),
        lines=reader.texts("lines"),
        people=reader.texts("people", required=False),
        expect=rows,
        whole=reader.optional_flag("whole") is not False,
    )
    reader.rest_unknown()
    return case
