"""Small worlds as the tables that signs are told from, with numbers given in order of appearance."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.explaining.context_rows import ContextRows, numbered_schema
from whosaw.actors.signing.columns import EVENTS, HOUR, ONE_DAY, OPEN, SEEN, SHIFTS
from whosaw.actors.signing.passes import passes
from whosaw.actors.signing.signs import DAYS_BACK, NEAR, OLDER, VISITS_BACK, Days, Facts, Rows, Signed, sign
from whosaw.actors.signing.visits import Visits, visit
from whosaw.actors.signs import SIGNS
from whosaw.build.step import Span
from whosaw.core import client
from whosaw.store.kinds import CLIENT_COLUMNS, kind
from whosaw.store.sql import Session

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
            mine = [each.filter(pc.equal(each["day"], day)) for each in (events, views)]
            parts.append(self._visits(mine[0], mine[1], before, Span(day, day)))
            before = parts[-1].open
        return Visits(
            visits=pa.concat_tables(each.visits for each in parts),
            open=pa.concat_tables(each.open for each in parts),
        )

    def _visits(self, events: pa.Table, views: pa.Table, before: pa.Table, span: Span) -> Visits:
        return visit(events, views, before, span=span, routes=self.routes, ways=self.ways, digests=digest_of)

    def signed(
        self,
        *,
        hindsight: int | None = None,
        by_day: bool = False,
        staff: Sequence[str] = (),
        services: Sequence[str] = (),
    ) -> Signed:
        """What signs say of all views. `hindsight` counts days from the first one; `staff` and `services` are principals on record."""
        named = {"staff": ("staff", staff), "services": ("principal", services)}
        rows = replace(NO_ROWS, context=ContextRows.whole({
            name: _named(name, column, [self.number("principal", each) for each in people])
            for name, (column, people) in named.items()
            if people
        }))  # fmt: skip
        span, made = self.span, self.visits()
        views = self.views()
        days = Days(
            views=views,
            answers=_answers(views),
            visits=made.visits,
            passes=passes(self.events(), digests=digest_of),
            tries=self.tries(),
            seen=self.seen(),
            older=lambda: [views.select(["day", *OLDER]).slice(0, 0)],
        )
        facts = Facts(hindsight=None if hindsight is None else DAY_ZERO + hindsight)
        with Session() as session:
            if not by_day:
                return sign(session, span, days, rows, facts, explanations=[])
            parts = [
                sign(session, Span(day, day), _as_of(days, day), rows, facts, explanations=[])
                for day in range(span.first, span.last + 1)
            ]
        return Signed(
            signs=pa.concat_tables(each.signs for each in parts),
            late=pa.concat_tables(each.late for each in parts),
        )

    def told(self, name: str, signed: Signed | None = None) -> list[tuple[bool | None, list[int]]]:
        """Of each view, in order of lines, what a sign says of it when it is made, and when it is known later that it bears it."""
        signed = signed or self.signed()
        views = self.views().select(["day", "line"]).to_pylist()
        bits = signed.signs["signs"].to_numpy() >> np.uint64(SHIFTS[name]) & np.uint64(3)
        found = {}
        for row, said, place in zip(
            views, bits.tolist(), signed.signs.select(["day", "position"]).to_pylist(), strict=True
        ):
            late = [
                each["known"]
                for each in signed.late.to_pylist()
                if (each["view_day"], each["position"], SIGNS[each["sign"]])
                == (place["day"], place["position"], name)
            ]
            found[row["line"]] = ([False, True, None][said], late)
        return [found[line] for line in sorted(found)]


NO_ROWS = Rows(
    context=ContextRows(),
    claims=pa.table({"principal": pa.array([], pa.int32()), "person": pa.array([], pa.int32())}),
)


def _named(name: str, column: str, people: list[int | None]) -> pa.Table:
    shape = numbered_schema(name)
    arrays = {each.name: pa.nulls(len(people), each.type) for each in shape} | {
        column: pa.array(people, pa.int64())
    }
    return pa.table(arrays)


def _answers(views: pa.Table) -> pa.Table:
    sizes = np.unique(views["day"].to_numpy(), return_counts=True)[1]
    position = np.concatenate([np.arange(size) for size in sizes])
    return pa.table({
        "day": views["day"], "position": pa.array(position, pa.int32()),
        "answers": pa.array(np.zeros(views.num_rows), pa.uint16()),
    })  # fmt: skip


def _as_of(days: Days, day: int) -> Days:
    """No more of them than is known at the end of the day after it, and of passes at its own end."""

    def between(table: pa.Table, first: int, last: int, name: str = "day") -> pa.Table:
        return table.filter(pc.and_(pc.greater_equal(table[name], first), pc.less_equal(table[name], last)))

    return Days(
        views=between(days.views, day - NEAR, day + 1),
        answers=between(days.answers, day, day),
        visits=between(days.visits, day - VISITS_BACK, day + 1),
        passes=between(days.passes, day - DAYS_BACK, day),
        tries=between(days.tries, day - 2, day + 1),
        seen=between(days.seen, 0, day + 1, "first"),
        older=lambda: [between(days.views, day - DAYS_BACK, day - NEAR - 1).select(["day", *OLDER])],
    )
