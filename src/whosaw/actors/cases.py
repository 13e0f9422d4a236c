"""Cases inside items: small tables of views and context, and what must come out. Rows may repeat."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, Final

import pyarrow as pa

from whosaw.core import client
from whosaw.core.instants import to_micros
from whosaw.packs.table import Table
from whosaw.store.schemas import UNAUTHORIZED

from .context import Context, ContextTable
from .context_schema import RESOLVED, UNKNOWN, table_schemas
from .context_values import SHAPES, alike, several

__all__ = ["Case", "CaseTables", "read_cases"]

MAX_CASE_ROWS: Final = 250_000
_TEXTS: Final = (  # in this order they enter the digest of the items
    "person", *client.with_(lambda each: each.place), *client.with_(lambda each: not each.place), "route",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`count` rows. The n-th (from 0) is n times `every` later and has n modulo `cycle` for `{n}`, or, when `mixed`, the
    n-th of these numbers in an order that is none."""

    at: int | None
    every: int
    count: int
    cycle: int
    texts: Mapping[str, str]
    times: Mapping[str, int]
    duplicate: bool = False
    extra_at_most: int | None = None
    mixed: bool = False
    status: int | None = None

    def each(self) -> Iterator[tuple[int, dict[str, str]]]:
        numbers = _mixed(min(self.count, self.cycle)) if self.mixed else None
        for n in range(self.count):
            shown = str(numbers[n % self.cycle] if numbers else n % self.cycle)
            texts = {name: text.replace("{n}", shown) for name, text in self.texts.items()}
            yield (self.at or 0) + n * self.every, texts


@cache
def _mixed(count: int) -> list[int]:
    """The numbers below `count` as people come: in no order, and in the same one everywhere."""
    return sorted(range(count), key=lambda n: hashlib.sha256(str(n).encode()).digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTables:
    """A case as the relations that detectors read."""

    views: pa.Table
    clients: pa.Table
    routes: pa.Table
    numbers: pa.Table
    claims: pa.Table
    tries: pa.Table
    activity: pa.Table
    context: Context

    @property
    def relations(self) -> Mapping[str, pa.Table]:
        """The tables by the names under which detectors read them."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "context"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One expectation: these views with this context give a finding, or none, or one answer for all."""

    title: str
    expect: str
    views: tuple[Row, ...]
    events: tuple[Row, ...] = ()  # requests that showed nobody
    context: Mapping[str, tuple[Row, ...]]
    sessions_last: int | None
    raised_at: datetime | None
    persons_before: int | None
    persons: int | None

    def tables(self) -> CaseTables:
        """The views, clients, routes and context, with numbers given in order of appearance."""
        return _Tables().fill(self)


class _Tables:
    def __init__(self) -> None:
        self.numbers: dict[str, dict[str, int]] = {}

    def number(self, kind: str, text: str | None) -> int | None:
        if text is None:
            return None
        known = self.numbers.setdefault(kind, {})
        return known.setdefault(text, len(known) + 1)

    def _known(self, kind: str, text: str) -> int:
        """The number of an identifier that views or events hold; of somebody else, one below -1."""
        found = self.numbers.get(kind, {}).get(text)
        if found is not None or kind not in ("person", "principal"):
            return UNKNOWN if found is None else found
        return -1 - (self.number(f"no {kind}", text) or 0)

    def fill(self, case: Case) -> CaseTables:
        clients: dict[tuple[str | None, ...], int] = {}
        columns: dict[str, list[Any]] = {
            name: [] for name in ("time", "client", "address", "person", "route", "extra", "duplicate")
        }
        for row in case.views:
            for at, texts in row.each():
                client = _client(clients, texts)
                columns["time"].append(at)
                columns["client"].append(client)
                columns["address"].append(self.number("address", texts.get("address")))
                columns["person"].append(self.number("person", texts.get("person")))
                columns["route"].append(self.number("route", texts.get("route", "page")))
                columns["extra"].append(row.extra_at_most)
                columns["duplicate"].append(row.duplicate)
        asked = [
            (_client(clients, texts), at, self.number("person", texts.get("person")), row.status)
            for row in case.events
            for at, texts in row.each()
        ]
        return CaseTables(
            views=_views(columns),
            tries=_tries(asked),
            activity=_activity(columns["client"], [client for client, *_ in asked]),
            clients=self._clients(clients),
            routes=self._routes(),
            numbers=self._person_numbers(),
            claims=self._claims(),
            context=self._context(case),
        )

    def _person_numbers(self) -> pa.Table:
        """Persons whose text holds one number, and what stands around it."""
        found = [
            (number, parts[0] + "#" + parts[2], int(parts[1]))
            for text, number in self.numbers.get("person", {}).items()
            if len(parts := re.split(r"(\d+)", text)) == 3
        ]
        return pa.table({
            "person": pa.array([each[0] for each in found], pa.int32()),
            "kind": pa.array([each[1] for each in found], pa.string()),
            "value": pa.array([each[2] for each in found], pa.int64()),
        })  # fmt: skip

    def _claims(self) -> pa.Table:
        persons = self.numbers.get("person", {})
        found = [
            (number, persons[text])
            for text, number in self.numbers.get("principal", {}).items()
            if text in persons
        ]
        return pa.table({
            "principal": pa.array([each[0] for each in found], pa.int32()),
            "person": pa.array([each[1] for each in found], pa.int32()),
        })  # fmt: skip

    def _clients(self, clients: Mapping[tuple[str | None, ...], int]) -> pa.Table:
        arrays: dict[str, pa.Array] = {"client": pa.array(clients.values(), pa.int32())}
        for at, name in enumerate(client.NAMES):
            values = [client[at] for client in clients]
            if name in client.NUMBERED:
                arrays[name] = pa.array([self.number(name, value) for value in values], pa.int32())
            else:
                arrays[name] = pa.array(values, pa.string())
        return pa.table(arrays)

    def _routes(self) -> pa.Table:
        routes = self.numbers.get("route", {})
        return pa.table({
            "route": pa.array(routes.values(), pa.int16()),
            "id": pa.array(routes.keys(), pa.string()),
            "categories": pa.array([["identity.name"]] * len(routes), pa.list_(pa.string())),
        })  # fmt: skip

    def _context(self, case: Case) -> Context:
        tables = {name: self._context_table(name, rows) for name, rows in case.context.items()}
        return Context(tables=tables, sessions_last=case.sessions_last)

    def _context_table(self, name: str, rows: Sequence[Row]) -> ContextTable:
        schema = table_schemas()[name]
        columns: dict[str, list[Any]] = {field.name: [] for field in schema.stored}
        filled = dict.fromkeys(columns, 0)
        matched = {column.name: 0 for column in schema.columns if column.kind in RESOLVED}
        for row in rows:
            for n, (_, texts) in enumerate(row.each()):
                for column in schema.columns:
                    if column.stored is None:
                        continue
                    value: object = texts.get(column.name)
                    if column.kind == "time" and column.name in row.times:
                        value = row.times[column.name] + n * row.every
                    filled[column.name] += value is not None
                    if column.kind in RESOLVED:
                        if value is not None:
                            value = self._known(column.kind, str(value))
                        matched[column.name] += isinstance(value, int) and value >= 0
                    elif column.kind == "principals" and value is not None:
                        value = [self._known("principal", each) for each in several(str(value))]
                    elif column.kind in SHAPES and value is not None:
                        value = SHAPES[column.kind][0](str(value))
                    columns[column.name].append(value)
        same = {column.name for column in schema.columns if column.kind == "alike"}
        arrays = {
            field.name: alike(pa.array(columns[field.name], pa.string()))
            if field.name in same
            else pa.array(columns[field.name], field.type)
            for field in schema.stored
        }
        table = pa.table(arrays)
        return ContextTable(name=name, files=(), rows=table, filled=filled, matched=matched)


def _client(clients: dict[tuple[str | None, ...], int], texts: Mapping[str, str]) -> int:
    return clients.setdefault(tuple(texts.get(name) for name in client.NAMES), len(clients) + 1)


def _tries(asked: Sequence[tuple[int, int, int | None, int | None]]) -> pa.Table:
    """Requests for a person's page that showed nobody, and refused ones, with what was answered; time in microseconds."""
    named = [each for each in asked if each[2] is not None or each[3] == UNAUTHORIZED]
    return pa.table({
        "client": pa.array([each[0] for each in named], pa.int32()),
        "time": pa.array([each[1] for each in named], pa.int64()),
        "person": pa.array([each[2] for each in named], pa.int32()),
        "status": pa.array([each[3] for each in named], pa.int16()),
    })  # fmt: skip


def _activity(views: Sequence[int], others: Sequence[int]) -> pa.Table:
    """How many events each client has, and how many of them are views."""
    seen, every = Counter(views), Counter([*views, *others])
    return pa.table({
        "client": pa.array(sorted(every), pa.int32()),
        "events": pa.array([every[client] for client in sorted(every)], pa.int64()),
        "views": pa.array([seen[client] for client in sorted(every)], pa.int64()),
    })  # fmt: skip


def _views(columns: Mapping[str, list[Any]]) -> pa.Table:
    count = len(columns["time"])
    return pa.table({
        "time": pa.array(columns["time"], pa.int64()).cast(pa.timestamp("us")),
        "content": pa.array([1] * count, pa.int32()),
        "line": pa.array(range(1, count + 1), pa.int64()),
        "client": pa.array(columns["client"], pa.int32()),
        "address": pa.array(columns["address"], pa.int32()),
        "person": pa.array(columns["person"], pa.int32()),
        "route": pa.array(columns["route"], pa.int16()),
        "extra_at_most": pa.array(columns["extra"], pa.int32()),
        "duplicate": pa.array(columns["duplicate"], pa.bool_()),
        "unsure": pa.array([0] * count, pa.int8()),
    })  # fmt: skip


def read_cases(item: Table, *, expects: Sequence[str]) -> tuple[Case, ...]:
    """The `[[case]]` blocks of an item; an item without any is a fault."""
    cases = []
    for reader in item.tables("case", required=True):
        context = reader.table("context")
        known = table_schemas()
        for name in context.values:
            if name not in known:
                context.fault(
                    f"{name} is not a context table", name, hint=f"Known: {', '.join(sorted(known))}"
                )
        tables = {
            name: tuple(_context_row(row, name) for row in context.tables(name))
            for name in context.values
            if name in known
        }
        case = Case(
            title=reader.text("title"),
            expect=reader.text("expect", one_of=expects),
            views=tuple(_view_row(row) for row in reader.tables("view", required=True)),
            events=tuple(_view_row(row) for row in reader.tables("event")),
            context=tables,
            sessions_last=reader.duration("sessions_last", default="0s"),
            raised_at=reader.instant("raised_at", required=False),
            persons_before=reader.integer("persons_before", default=None),
            persons=reader.integer("persons", default=None),
        )
        if sum(row.count for row in case.views) > MAX_CASE_ROWS:
            reader.fault(f"has more than {MAX_CASE_ROWS:,} views")
        reader.rest_unknown()
        cases.append(case)
    return tuple(cases)


def _view_row(reader: Table) -> Row:
    at = reader.instant("at")
    row = Row(
        at=to_micros(at) if at else 0,
        every=reader.duration("every", default="0s"),
        count=_count(reader),
        cycle=reader.integer("cycle", default=MAX_CASE_ROWS),
        texts={name: reader.text(name) for name in _TEXTS if name in reader.values},
        times={},
        duplicate=reader.flag("duplicate"),
        mixed=reader.flag("mixed"),
        status=reader.integer("status", least=100, default=None),
        extra_at_most=reader.integer("extra_at_most", least=0, default=None),
    )
    reader.rest_unknown()
    return row


def _context_row(reader: Table, table: str) -> Row:
    columns = table_schemas()[table].columns
    times = {}
    for column in columns:
        if column.kind == "time" and (at := reader.instant(column.name, required=False)) is not None:
            times[column.name] = to_micros(at)
    row = Row(
        at=None,
        every=reader.duration("every", default="0s"),
        count=_count(reader),
        cycle=reader.integer("cycle", default=MAX_CASE_ROWS),
        texts={c.name: reader.text(c.name) for c in columns if c.kind != "time" and c.name in reader.values},
        times=times,
    )
    reader.rest_unknown()
    return row


def _count(reader: Table) -> int:
    return reader.integer("count", most=MAX_CASE_ROWS, default=1)
