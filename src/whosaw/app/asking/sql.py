"""A question in SQL to the documented views of a ledger: read only, sealed off from files and networks, identifiers masked."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from whosaw.app.gating.asking import asked
from whosaw.app.gating.rights import Verb
from whosaw.core import client
from whosaw.core.canonical_json import canonical_json
from whosaw.core.delimited import Cell
from whosaw.core.instants import from_micros
from whosaw.core.masked import mask
from whosaw.logs.coverage.hours import SourceCoverage, coverage_of
from whosaw.store.permits import permitted
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.repositories.segments import live_segments
from whosaw.store.sealed_sql import GivenFunction, SealedSql, ledger_relation

from .looks import record_asked
from .questions import Ledger, open_ledger
from .sql_views import LEDGER_COLUMNS, SQL_VIEWS, SqlView

__all__ = ["SqlAnswer", "ask_sql", "sealed_views"]

_INSTANT = pa.timestamp("us", tz="UTC")
_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlAnswer:
    """The columns of an answer and its rows, batch by batch, while the ledger is open. Instants are of UTC, and told in `zone`."""

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    zone: tzinfo

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.schema.names)

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """Row by row, each value as other programs read it: times as ISO 8601 with the offset of the zone."""
        for batch in self.batches:
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                yield tuple(_cell(each, self.zone) for each in row)


@contextmanager
def ask_sql(
    root: Path, statement: str, *, zone: tzinfo, now: datetime, key_file: Path | None = None
) -> Iterator[SqlAnswer]:
    """What one SELECT answers, as long as the context is open. Raises `WhosawError` for anything that is no question to the views."""
    with asked(root, Verb.ASK_SQL, "sql"):
        ledger = open_ledger(root, now=now, key_file=key_file)
        permit = permitted(root)
    try:
        if permit is not None and permit.purpose is not None:
            record_asked(ledger.workspace, statement, purpose=permit.purpose, now=now)
        with sealed_views(ledger, statement, zone=_zone_of_sql(zone, now)) as sealed:
            schema, batches = sealed.ask(statement)
            told = pa.schema([_of_utc(each) for each in schema])
            yield SqlAnswer(schema=told, batches=(each.cast(told) for each in batches), zone=zone)
    finally:
        ledger.close()


def sealed_views(
    ledger: Ledger, statement: str, *, zone: str = "UTC", more: Sequence[GivenFunction] = ()
) -> SealedSql:
    """The documented views that are named in a statement, ready for it, with these functions beside their own. Close it when done."""
    return SealedSql(
        _relations(ledger, statement),
        {each.name: each.sql for each in _asked(statement)},
        [*_functions(ledger), *more],
        zone=zone,
    )


def _asked(statement: str) -> list[SqlView]:
    """The views whose name stands in the statement: no other has to be made ready."""
    folded = statement.casefold()
    return [each for each in SQL_VIEWS if each.name in folded]


def _relations(ledger: Ledger, statement: str) -> dict[str, Any]:
    """What those views rest on."""
    workspace, reader = ledger.workspace, ledger.reader
    made: dict[str, Callable[[], Any]] = {
        f"_{kind}": partial(ledger_relation, workspace.journal, workspace.files, kind, names)
        for kind, names in LEDGER_COLUMNS.items()
    }
    made["_routes"] = lambda: _routes(reader.routes)
    made["_segments"] = lambda: _segments(ledger)
    made["_findings"] = lambda: _findings(ledger)
    made["_sources"] = lambda: _sources(coverage_of(workspace.journal))
    made["_coverage"] = lambda: _coverage(coverage_of(workspace.journal))
    texts = " ".join(each.sql for each in _asked(statement)).split()
    needed = {word.strip("(),") for word in texts}
    return {name: make() for name, make in made.items() if name in needed}


def _routes(routes: Any) -> pa.Table:
    return pa.table(
        {
            "route": pa.array(list(routes), pa.int16()),
            "id": pa.array([body["id"] for body in routes.values()], pa.string()),
            "categories": pa.array(
                [list(body["categories"]) for body in routes.values()], pa.list_(pa.string())
            ),
        }
    )


def _segments(ledger: Ledger) -> pa.Table:
    found = live_segments(ledger.workspace.journal)
    return pa.table(
        {
            "segment": pa.array([each.id for each in found], pa.int32()),
            "digest": pa.array([each.digest[:16] for each in found], pa.string()),
            "source": pa.array([each.source for each in found], pa.string()),
        }
    )


def _findings(ledger: Ledger) -> pa.Table:
    found = stored_findings(ledger.workspace.journal)
    told: dict[str, pa.Array] = {
        "finding": pa.array([each.id for each in found], pa.string()),
        "detector": pa.array([each.detector for each in found], pa.string()),
        "technique": pa.array([each.technique for each in found], pa.string()),
        "title": pa.array([each.title for each in found], pa.string()),
        "confidence": pa.array([each.confidence.level for each in found], pa.string()),
        "first_view": pa.array([each.first_view for each in found], _INSTANT),
        "last_view": pa.array([each.last_view for each in found], _INSTANT),
        "raised_at": pa.array([each.raised_at for each in found], _INSTANT),
        "persons_before": pa.array([each.persons_before for each in found], pa.int64()),
    }
    for at, unit in enumerate(("views", "accounts", "persons")):
        told[f"{unit}_at_least"] = pa.array([each.counts[at].lower for each in found], pa.int64())
        told[f"{unit}_at_most"] = pa.array([each.counts[at].upper for each in found], pa.int64())
    return pa.table(told)


def _sources(sources: Sequence[SourceCoverage]) -> pa.Table:
    names = ("lines", "events", "rejects", "duplicates", "views")
    return pa.table(
        {
            "source": pa.array([each.source for each in sources], pa.string()),
            **{name: pa.array([getattr(each, name) for each in sources], pa.int64()) for name in names},
        }
    )


def _coverage(sources: Sequence[SourceCoverage]) -> pa.Table:
    hours = [(each.source, hour) for each in sources for hour in each.hours]
    return pa.table(
        {
            "source": pa.array([source for source, _ in hours], pa.string()),
            "hour": pa.array([from_micros(hour.hour * _HOUR) for _, hour in hours], _INSTANT),
            "state": pa.array([hour.state for _, hour in hours], pa.string()),
            "rule": pa.array([hour.rule for _, hour in hours], pa.string()),
            "events": pa.array([hour.events for _, hour in hours], pa.int64()),
            "rejects": pa.array([hour.rejects for _, hour in hours], pa.int64()),
        }
    )


def _functions(ledger: Ledger) -> list[GivenFunction]:
    """Masks of persons and of what the vault keeps of clients, each identifier opened when a row with it is shown."""
    masked = [_Told(ledger, each, _masked) for each in ("person", *client.VAULTED)]
    return [
        *(GivenFunction(name=f"shown_{each.kind}", of=each) for each in masked),
        GivenFunction(name="kind_of_person", of=_Told(ledger, "person", _kind)),
    ]


class _Told:
    """Texts of numbers of one kind, each asked of the vault once. Raw identifiers do not leave it."""

    def __init__(self, ledger: Ledger, kind: str, tell: Callable[[str, str], str]) -> None:
        self.kind = kind
        self._ledger, self._tell = ledger, tell
        self._known: dict[int, str] = {}

    def __call__(self, numbers: Sequence[int | None]) -> list[str | None]:
        new = sorted({each for each in numbers if each is not None and each not in self._known})
        if new:
            raw = self._ledger.raw(self.kind, new)
            for number in new:
                self._known[number] = self._tell(self.kind, raw[number]) if number in raw else "***"
        return [None if each is None else self._known[each] for each in numbers]


def _masked(kind: str, raw: str) -> str:
    return mask(raw.partition("\x1f")[2] if kind == "person" else raw)


def _kind(_: str, raw: str) -> str:
    return raw.partition("\x1f")[0]


def _zone_of_sql(zone: tzinfo, now: datetime) -> str:
    """The zone as DuckDB knows it: a name, or an offset such as GMT+09:00."""
    name = getattr(zone, "key", None)
    if name is not None:
        return str(name)
    offset = zone.utcoffset(now) or timedelta()
    minutes = int(offset.total_seconds()) // 60
    if not minutes:
        return "UTC"
    sign = "+" if minutes > 0 else "-"
    return f"GMT{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _of_utc(column: pa.Field) -> pa.Field:
    """A column of instants as one of UTC: Arrow does not know every name that SQL has for a zone."""
    told = pa.types.is_timestamp(column.type) and column.type.tz is not None
    return column.with_type(_INSTANT) if told else column


def _cell(value: Any, zone: tzinfo) -> Cell:
    """A value as text and numbers that every program reads."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(zone).isoformat()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [str(_cell(each, zone)) for each in value]
    if isinstance(value, dict):
        return canonical_json({str(name): _cell(each, zone) for name, each in value.items()}).decode()
    return str(value)
