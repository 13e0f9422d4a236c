"""The `context.toml` of a context folder: what a user states about the tables in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path

from whosaw.core.errors import Fault, FaultsError, Where, WhosawError
from whosaw.core.instants import parse_zone, to_micros
from whosaw.packs.table import Table
from whosaw.packs.toml_file import TomlFile, load_toml

from .context_from import From
from .context_schema import TableSchema

__all__ = ["ContextSettings", "load_settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextSettings:
    """Everything optional; what is not stated is found out or cannot be told."""

    zone: tzinfo | None = None  # of times without an offset
    sessions_last: int | None = None  # microseconds after its issue for which a session can be used
    logins_from: int | None = None
    logins_until: int | None = None
    logins_late: int | None = None  # microseconds after its issue by which a login is on record
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by table, by column
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # further event words by meaning
    sources: tuple[From, ...] = ()  # logs and exports that fill tables
    none: tuple[str, ...] = ()  # tables that there are none of


def load_settings(path: Path, schemas: Mapping[str, TableSchema], faults: list[Fault]) -> ContextSettings:
    """Read `path`; an absent file states nothing."""
    if not path.exists():
        return ContextSettings()
    try:
        file = load_toml(path)
    except FaultsError as fault:
        faults.extend(fault.faults)
        return ContextSettings()
    reader = Table.top(file, faults)
    zone: tzinfo | None = None
    if text := reader.text("zone", required=False):
        try:
            zone = parse_zone(text)
        except WhosawError as fault:
            reader.fault(fault.message, "zone", hint=fault.hint)
    lasts = reader.duration("sessions_last") if "sessions_last" in file.data else None
    logins = reader.table("logins")
    start, stop = logins.instant("from", required=False), logins.instant("until", required=False)
    late = logins.duration("late") if "late" in logins.values else None
    if late is not None and stop is not None:
        logins.fault("until and late are both said", "late", hint="Keep one of the two")
    logins.rest_unknown()
    columns: dict[str, Mapping[str, str]] = {}
    stated = reader.table("columns")
    for table in stated.values:
        inner = stated.table(table)
        if table not in schemas:
            stated.fault(
                f"{table} is not a context table", table, hint=f"Known: {', '.join(sorted(schemas))}"
            )
            continue
        for name in inner.values:
            if name not in {column.name for column in schemas[table].columns}:
                inner.fault(f"{name} is not a column of {table}", name)
        columns[table] = {name: inner.text(name) for name in inner.values}
    sources = tuple(_from(each, file, schemas) for each in reader.tables("from"))
    none = reader.texts("none", required=False, one_of=tuple(schemas))
    words = reader.table("words")
    known = {meaning: words.texts(meaning, required=False) for meaning in ("issued", "ended", "failed")}
    words.rest_unknown()
    reader.rest_unknown()
    return ContextSettings(
        zone=zone, sessions_last=lasts, logins_from=_micros(start), logins_until=_micros(stop),
        logins_late=late, columns=columns, words=known, sources=sources, none=none,
    )  # fmt: skip


def _from(reader: Table, file: TomlFile, schemas: Mapping[str, TableSchema]) -> From:
    zone: tzinfo | None = None
    if text := reader.optional_text("zone"):
        try:
            zone = parse_zone(text)
        except WhosawError as fault:
            reader.fault(fault.message, "zone", hint=fault.hint)
    columns, named = reader.table("columns"), reader.table("people_as")
    source = From(
        files=reader.texts("files", some=True, or_one=True),
        system=reader.optional_text("format"),
        table=reader.optional_text("table", one_of=tuple(schemas)),
        zone=zone,
        people=reader.texts("people", required=False, or_one=True),
        people_as={name: named.text(name) for name in named.values},
        columns={name: columns.text(name) for name in columns.values},
        where=Where(file=file.name, line=file.line_of(*reader.at)),
    )
    if source.system is not None and source.table is not None:
        reader.fault("format and table are both said", hint="Keep one: a format fills its tables by itself")
    reader.rest_unknown()
    return source


def _micros(instant: datetime | None) -> int | None:
    return None if instant is None else to_micros(instant)
