"""A toy ledger: who was seen when, by day, with steps of every sort over it, and the same rules once more in plain Python."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.build.fact import Fact, known_days
from whosaw.build.inputs import Surroundings
from whosaw.build.plan import Outcome, Plan
from whosaw.build.row_digest import RowDigests
from whosaw.build.runner import bring_up_to_date, waiting
from whosaw.build.state import Source
from whosaw.build.step import Inputs, Read, Span, Step
from whosaw.store import statements
from whosaw.store.kinds import Kind
from whosaw.store.parts import Part, parts_in_force
from whosaw.store.run_files import read_parts
from whosaw.store.workspace import Workspace

DAY, HOUR = 86_400_000_000, 3_600_000_000
NOW = datetime(2026, 4, 1, tzinfo=UTC)
Seen = Mapping[int, Sequence[tuple[int, int]]]  # day -> (person, microseconds since its start)
Rows = dict[str, dict[int, list[tuple[int, ...]]]]

KINDS = {
    name: Kind(
        name=name,
        of="day",
        about="",
        order=columns[:1],
        columns=pa.schema([(each, pa.int64() if each == "time" else pa.int32()) for each in columns]),
    )
    for name, columns in {
        "times": ("person", "time"),
        "counts": ("person", "many"),
        "open": ("person", "days"),
        "ended": ("person", "days"),
        "midnight": ("many",),
        "over": ("person", "many", "bar"),
    }.items()
}
CODE = {name: f"code of {name}" for name in ("sort", "count", "streak", "near", "usual", "judge")}
ITEMS = {"bar": 1, "title": "what nobody reads"}


def _table(kind: str, rows: Sequence[tuple[int, ...]]) -> pa.Table:
    """Rows with their day first."""
    schema = KINDS[kind].in_hand
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table(
        [pa.array(each, field.type) for each, field in zip(columns, schema, strict=True)], schema=schema
    )


def _by_day(table: pa.Table) -> dict[int, list[tuple[int, ...]]]:
    found: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for day, *rest in zip(*(column.to_pylist() for column in table.columns), strict=True):
        found[day].append(tuple(rest))
    return found


def _sort(inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
    return {
        "times": inputs.rows("seen").sort_by(
            [("day", "ascending"), ("person", "ascending"), ("time", "ascending")]
        )
    }


def _count(inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
    table = inputs.rows("times", ["person"])
    told = inputs.session.query(
        "SELECT day, person, count(*)::INTEGER AS many FROM rows GROUP BY ALL ORDER BY day, person",
        rows=table,
    )
    return {"counts": told}


def _join(parts: Sequence[Mapping[str, pa.Table]]) -> Mapping[str, pa.Table]:
    whole = pa.concat_tables([each["counts"] for each in parts])
    return {"counts": whole.sort_by([("day", "ascending"), ("person", "ascending")])}


def _streak(inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
    counts = _by_day(inputs.rows("counts", ["person"]))
    before = dict(_by_day(inputs.rows("open")).get(span.first - 1, []))
    open_, ended = [], []
    for day in range(span.first, span.last + 1):
        here = {person: before.get(person, 0) + 1 for (person,) in counts.get(day, [])}
        open_ += [(day, person, days) for person, days in here.items()]
        ended += [(day, person, days) for person, days in before.items() if person not in here]
        before = here
    return {"open": _table("open", open_), "ended": _table("ended", ended)}


def _near(inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
    """How many were seen within an hour of the day: in the day, and in the hours that touch it."""
    times = sorted(inputs.rows("times", ["time"])["time"].to_pylist())
    days = [
        (day, sum((day * DAY) - HOUR <= each < (day + 1) * DAY + HOUR for each in times))
        for day in range(span.first, span.last + 1)
    ]
    return {"midnight": _table("midnight", [each for each in days if each[1]])}


def _usual(inputs: Inputs, days: Sequence[int]) -> Mapping[int, Any]:
    counts = _by_day(inputs.rows("counts"))
    known = sorted(counts)
    return {
        day: {"of four": sum(many for each in window(known, day) for _, many in counts[each]) // 4}
        for day in days
    }


def window(known: Sequence[int], day: int) -> Sequence[int]:
    return known_days(known, day, many=3)


def _judge(inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
    rows = []
    for day, counted in _by_day(inputs.rows("counts")).items():
        bar = inputs.items["bar"] + inputs.fact("usual", day)["of four"]
        rows += [(day, person, many, bar) for person, many in counted if many >= bar]
    return {"over": _table("over", rows)}


STEPS: tuple[Step | Fact, ...] = (
    Step(name="sort", reads=(Read(kind="seen"),), keeps=("times",), run=_sort),
    Step(name="count", reads=(Read(kind="times"),), keeps=("counts",), run=_count, join=_join),
    Step(
        name="streak",
        reads=(Read(kind="counts"), Read(kind="open", back=1)),
        keeps=("open", "ended"),
        run=_streak,
    ),
    Step(name="near", reads=(Read(kind="times", back=1, on=1, hours=1),), keeps=("midnight",), run=_near),
    Fact(name="usual", reads=("counts",), run=_usual, window=window),
    Step(
        name="judge",
        reads=(Read(kind="counts"),),
        facts=("usual",),
        keeps=("over",),
        run=_judge,
        items=lambda setup: {"bar": setup["bar"]},
    ),
)


def expected(seen: Seen, bar: int = 1) -> Rows:
    """The same from scratch, a day and a person at a time."""
    told: Rows = {kind: defaultdict(list) for kind in KINDS}
    days = {day: rows for day, rows in seen.items() if rows}
    counts = {day: sorted(Counter(person for person, _ in rows).items()) for day, rows in days.items()}
    for day, rows in days.items():
        told["times"][day] = sorted((person, day * DAY + time) for person, time in rows)
        told["counts"][day] = list(counts[day])
        hour = [t for _, t in seen.get(day - 1, ()) if t >= DAY - HOUR] + [
            t for _, t in seen.get(day + 1, ()) if t < HOUR
        ]
        told["midnight"][day] = [(len(rows) + len(hour),)]
        known = sorted(days)
        past = [each for each in known if each < day]
        of = known[:3] if len(past) < 3 else past[-3:]
        usual = sum(many for each in of for _, many in counts[each]) // 4
        told["over"][day] = [
            (person, many, bar + usual) for person, many in counts[day] if many >= bar + usual
        ]
        for person, _ in counts[day]:
            length = next(back for back in range(1, 999) if person not in dict(counts.get(day - back, ())))
            told["open"][day].append((person, length))
            if person not in dict(counts.get(day + 1, ())):
                told["ended"][day + 1].append((person, length))
    return {kind: {day: rows for day, rows in by_day.items() if rows} for kind, by_day in told.items()}


def source(seen: Seen) -> Source:
    """Who was seen, as a source: in the order in which it came."""
    days = {day: sorted(rows) for day, rows in seen.items() if rows}

    def read(span: Span, columns: Sequence[str] | None) -> pa.Table:
        rows = [
            (day, person, day * DAY + time)
            for day in range(span.first, span.last + 1)
            for person, time in days.get(day, ())
        ]
        return _table("times", rows).select(["day", *(columns or ["person", "time"])])

    def edge(day: int, hours: int, last: bool) -> str:
        near = [row for row in days[day] if (row[1] >= DAY - hours * HOUR if last else row[1] < hours * HOUR)]
        return repr(near) if near else ""

    return Source(
        kind="seen",
        edge=edge,
        digests={day: hashlib.sha256(repr(rows).encode()).hexdigest() for day, rows in days.items()},
        rows={day: len(rows) for day, rows in days.items()},
        read=read,
    )


def bits(kind: str, rows: pa.Table) -> npt.NDArray[np.uint64] | None:
    """The first bits of a person's digest: here of their number, spread out."""
    if "person" not in rows.column_names:
        return None
    return rows["person"].to_numpy().astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)


def in_haste(put: Callable[[Any, str, Any], None]) -> None:
    """Wait for no disk: a process that is killed loses nothing that it wrote, and power is not cut here."""
    put(statements, "_DURABLE", ("journal_mode = WAL", "synchronous = OFF"))
    put(os, "fsync", lambda _descriptor: None)


class Toy:
    """One toy ledger in a folder."""

    def __init__(self, root: Path, steps: Sequence[Step | Fact] = STEPS) -> None:
        self.steps = steps
        if not (root / "vault.key").exists():
            root.mkdir(parents=True, exist_ok=True)
            (root / "vault.key").write_bytes(bytes(32))
            (root / "vault.key").chmod(0o600)
        self.workspace = Workspace.open(root, create=True)
        self.asked: list[tuple[str, int, int]] = []  # what was run, in order: step, first and last day
        self.within: Callable[[str, Span, int], None] = lambda _name, _span, _rows: None

    def plan(
        self,
        *,
        code: Mapping[str, str] = CODE,
        items: Any = ITEMS,
        threads: int = 1,
        memory_bytes: int = 1 << 34,
        range_rows: int = 1 << 22,
    ) -> Plan:
        return Plan.of(
            self.workspace.journal,
            Surroundings(
                store=self.workspace.files,
                spill=None,
                kinds=KINDS,
                digests=lambda _kind, numbers: numbers,
                bits=bits,
            ),
            RowDigests(self.workspace.vault),
            [self._watched(each) for each in self.steps],
            code=code,
            setup=items,
            threads=threads,
            memory_bytes=memory_bytes,
            range_rows=range_rows,
        )

    def _watched(self, step: Step | Fact) -> Step | Fact:
        if isinstance(step, Fact):
            return step
        lock = threading.Lock()

        def run(inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
            with lock:
                self.asked.append((step.name, span.first, span.last))
            self.within(step.name, span, inputs.rows(step.reads[0].kind).num_rows)
            return step.run(inputs, span)

        return replace(step, run=run)

    def run(self, seen: Seen, **options: Any) -> Outcome:
        self.asked.clear()
        return bring_up_to_date(self.plan(**options), _inputs(seen), sources_of, now=NOW)

    def waiting(self, seen: Seen, **options: Any) -> dict[str, dict[str, int]]:
        return waiting(self.plan(**options), [source(seen)])

    def parts(self, at: int | None = None) -> list[Part]:
        return parts_in_force(self.workspace.journal, at=at)

    def rows(self, at: int | None = None) -> Rows:
        found: Rows = {kind: defaultdict(list) for kind in KINDS}
        for part in self.parts(at):
            (table,) = read_parts(self.workspace.files, [part], KINDS[part.kind].columns.names)
            found[part.kind][part.day] += zip(*(column.to_pylist() for column in table.columns), strict=True)
        return {kind: dict(by_day) for kind, by_day in found.items()}

    def close(self) -> None:
        self.workspace.close()


def _inputs(seen: Seen) -> Any:
    return {"seen": sorted([day, *each] for day, rows in seen.items() for each in rows)}


def sources_of(inputs: Any) -> Sequence[Source]:
    seen: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for day, person, time in inputs["seen"]:
        seen[day].append((person, time))
    return [source(seen)]
