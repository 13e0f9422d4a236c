"""Hand-made scopes: rows of scope_views, sources with hours, and what counting says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from bench.stand_in import StandIn

from whosaw.scope.counting.count import Counted, count
from whosaw.scope.counting.facts import HOUR, Facts, HourFact, RouteFact, SourceFact
from whosaw.store.sql import Session

__all__ = [
    "API",
    "BOOK",
    "CARDS",
    "INFO",
    "LIST",
    "ROUTES",
    "START",
    "WEB",
    "Ledger",
    "bounds",
    "facts",
    "seen",
]

START = 483_600  # an hour, at midnight UTC
WEB, API = 1, 2  # segments
INFO, BOOK, LIST, CARDS = 0, 1, 2, 3
ROUTES = {
    INFO: RouteFact(number=INFO, id="info", categories=("identity.name", "contact.email")),
    BOOK: RouteFact(
        number=BOOK,
        id="book",
        categories=("contact.address",),
        secondary_categories=("contact.address",),
        secondary_at_most=5,
    ),
    LIST: RouteFact(number=LIST, id="list", categories=("commerce.orders",), single=False),
    CARDS: RouteFact(number=CARDS, id="cards", categories=("financial.card",)),
}
SCHEMA = pa.schema(
    [
        ("content", pa.int32()),
        ("line", pa.int64()),
        ("person", pa.int32()),
        ("client", pa.int32()),
        ("address", pa.int32()),
        ("route", pa.int16()),
        ("time", pa.int64()),
        ("extra", pa.int32()),
        ("part", pa.int32()),
        ("held", pa.bool_()),
        ("unsure", pa.int8()),
    ]
)


def seen(
    person: int | None,
    hour: int = 0,
    *,
    route: int = INFO,
    content: int = WEB,
    line: int | None = None,
    **other: Any,
) -> dict[str, Any]:
    """One row of scope_views, `hour` hours after the start; a client's address has the same number."""
    extra = {INFO: 0 if person is not None else 1, BOOK: 5, LIST: None, CARDS: 0}[route]
    row = {
        "content": content,
        "line": line,
        "person": person,
        "client": 7,
        "route": route,
        "time": (START + hour) * HOUR,
    }
    made = {**row, "extra": extra, "part": 0, "held": True, "unsure": 0, **other}
    return {"address": made["client"], **made}


def source(
    name: str,
    hours: int,
    routes: set[int],
    *,
    rejects: dict[int, int] | None = None,
    lost: Sequence[int] = (),
) -> SourceFact:
    """A source with 50 events in each of its hours, but for lost ones."""
    gone = set(lost)
    rows = tuple(
        HourFact(
            hour=START + at,
            state="missing" if at in gone else "whole",
            rule="no-event" if at in gone else "steady",
            events=0 if at in gone else 50,
            rejects=(rejects or {}).get(at, 0),
        )
        for at in range(hours)
    )
    first, last = START * HOUR, (START + hours) * HOUR - 1
    total = sum((rejects or {}).values())
    return SourceFact(name=name, first=first, last=last, hours=rows, rejects=total, routes=frozenset(routes))


def facts(hours: int = 240, **other: Any) -> Facts:
    web = {name: other.pop(name) for name in ("rejects", "lost_hours") if name in other}
    sources = (
        source("api", hours, {LIST}),
        source("web", hours, {INFO, BOOK, CARDS}, rejects=web.get("rejects"), lost=web.get("lost_hours", ())),
    )
    return Facts(**{"sources": sources, "contents": {WEB: "web", API: "api"}, "routes": ROUTES, **other})


class Ledger:
    """A session with the relations that closure leaves."""

    def __init__(self) -> None:
        self.session = Session()

    def count(
        self, rows: list[dict[str, Any]], told: Facts, *, repeats: int = 0, other: int = 0, **closed: Any
    ) -> Counted:
        numbered = [{**row, "line": row["line"] or at + 1} for at, row in enumerate(rows)]
        session = self.session
        session.register("given", pa.Table.from_pylist(numbered, schema=SCHEMA))
        session.execute("CREATE OR REPLACE TEMP TABLE scope_views AS SELECT * FROM given")
        session.execute(
            "CREATE OR REPLACE TEMP TABLE scope_clients AS SELECT DISTINCT client, part, true AS all_views FROM scope_views"
        )
        session.execute(
            "CREATE OR REPLACE TEMP TABLE views AS SELECT content, line, person, client, route, time AS micros, true AS duplicate "
            f"FROM scope_views LIMIT {repeats}"
        )
        views = len({(row["content"], row["line"]) for row in numbered})
        session.execute(
            f"CREATE OR REPLACE TEMP TABLE activity AS SELECT 7 AS client, {views + other} AS events, {views} AS views"
        )
        session.execute("CREATE OR REPLACE TEMP TABLE tries AS SELECT 7 AS client WHERE false")
        return count(session, StandIn(**closed), told)


def bounds(counted: Counted) -> list[tuple[int, int | None]]:
    return [(each.lower, each.upper) for each in counted.counts]
