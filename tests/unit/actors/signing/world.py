"""Small worlds as the tables that signs are told from, with numbers given in order of appearance."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from whosaw.actors.signing.columns import EVENTS, HOUR, ONE_DAY, OPEN, SEEN
from whosaw.actors.signing.visits import Visits, visit
from whosaw.build.step import Span
from whosaw.core import client
from whosaw.store.kinds import CLIENT_COLUMNS, kind

MINUTE = HOUR // 60
SECOND = MINUTE // 60
DAY_ZERO = 20_000  # 2024-10-04


def at(day: int, hour: float = 0.0) -> int:
    """An instant: days from the first one, and hours of it."""
    return (DAY_ZERO + day) * ONE_DAY + round(hour * HOUR)


def digest_of(name: str, numbers: pa.Array) -> pa.Array:
    """Digests in no order of numbers."""
    return pa.array(
        [hashlib.sha256(f"{name} {each}".encode()).digest()[:16] for each in numbers.to_pylist()],
        pa.binary(16),
    )


@dataclass
class World:
    """Requests, each with what its client carries. `person` makes it a view; `status` beside `asked` a try."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    numbers: dict[str, dict[str, int]] = field(default_factory=dict)

    def number(self, name: str, text: str | None) -> int | None:
        if text is None:
            return None
        known = self.numbers.setdefault(name, {})
        return known.setdefault(text, len(known) + 1)

    def add(
        self,
        time: int,
        *,
        person: str | Sequence[str] | None = None,
        view: bool | None = None,
        asked: str | None = None,
        status: int | None = None,
        route: str = "page",
        **texts: str,
    ) -> World:
        traits = {name: texts.get(name) for name in client.NAMES}
        people = [person] if person is None or isinstance(person, str) else list(person)
        self.rows.append({
            "time": time, "line": len(self.rows) + 1,
            "people": [self.number("person", each) for each in people],
            "view": person is not None if view is None else view,
            "asked": self.number("person", asked), "status": status, "route": self.number("route", route),
            "client": self.number("client", repr(sorted(traits.items()))),
            **{name: self.number(name, text) for name, text in traits.items()},
        })  # fmt: skip
        return self

    @property
    def routes(self) -> dict[int, str]:
        return {number: text for text, number in self.numbers.get("route", {}).items()}

    def ways(self, texts: pa.Array) -> pa.Array:
        return pa.array([self.number("way", each) for each in texts.to_pylist()], pa.int32())

    def way(self, number: int | None) -> str | None:
        return next((text for text, known in self.numbers.get("way", {}).items() if known == number), None)

    @property
    def span(self) -> Span:
        days = [row["time"] // ONE_DAY for row in self.rows]
        return Span(min(days), max(days))

    def _table(self, rows: Iterable[dict[str, Any]], schema: pa.Schema) -> pa.Table:
        found = list(rows)
        return pa.table(
            {each.name: pa.array([row.get(each.name) for row in found], each.type) for each in schema}
        )

    def _clients(self, row: dict[str, Any]) -> dict[str, Any]:
        return {"client": row["client"], **{each.name: row[each.name] for each in CLIENT_COLUMNS}}

    def events(self) -> pa.Table:
        rows = [
            {
                "day": row["time"] // ONE_DAY,
                "time": row["time"],
                "view": row["view"],
                "tried": self._tried(row),
                **self._clients(row),
            }
            for row in self.rows
        ]
        return self._table(rows, EVENTS)

    def _tried(self, row: dict[str, Any]) -> bool:
        return (
            not row["view"]
            and row["status"] is not None
            and (row["asked"] is not None or row["status"] == 401)
        )

    def views(self) -> pa.Table:
        rows = [
            {
                "day": row["time"] // ONE_DAY, "person": person, "time": row["time"], "content": 1, "line": row["line"],
                "route": row["route"], "unsure": 0, **self._clients(row),
            }
            for row in self.rows
            if row["view"]
            for person in row["people"]
        ]  # fmt: skip
        rows.sort(
            key=lambda each: (
                each["day"],
                each["person"] is None,
                each["person"] or 0,
                each["time"],
                each["line"],
            )
        )
        return self._table(rows, kind("views").in_hand)

    def tries(self) -> pa.Table:
        rows = [
            {
                "day": row["time"] // ONE_DAY, "person": row["asked"], "time": row["time"], "content": 1, "line": row["line"],
                "status": row["status"], **self._clients(row),
            }
            for row in self.rows
            if self._tried(row)
        ]  # fmt: skip
        rows.sort(key=lambda each: (each["time"], each["line"]))
        return self._table(rows, kind("tries").in_hand)

    def seen(self) -> pa.Table:
        """The first day on which somebody was seen."""
        first: dict[int, int] = {}
        for row in self.views().to_pylist():
            if row["person"] is not None:
                first[row["person"]] = min(first.get(row["person"], row["day"]), row["day"])
        return pa.table(
            {"person": pa.array(first, pa.int32()), "first": pa.array(first.values(), pa.int32())}
        ).cast(SEEN)

    def visits(self, *, by_day: bool = False) -> Visits:
        """All visits: of all days at once, or day by day."""
        events, views, span = self.events(), self.views(), self.span
        if not by_day:
            return self._visits(events, views, OPEN.empty_table(), span)
        parts, before = [], OPEN.empty_table()
        for day in range(span.first, span.last + 1):
            mine = [each.filter(pa.compute.equal(each["day"], day)) for each in (events, views)]
            parts.append(self._visits(mine[0], mine[1], before, Span(day, day)))
            before = parts[-1].open
        return Visits(
            visits=pa.concat_tables(each.visits for each in parts),
            open=pa.concat_tables(each.open for each in parts),
        )

    def _visits(self, events: pa.Table, views: pa.Table, before: pa.Table, span: Span) -> Visits:
        return visit(events, views, before, span=span, routes=self.routes, ways=self.ways, digests=digest_of)
