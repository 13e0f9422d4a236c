"""Whose views are put together, and these views in order of time, slice by slice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core import client
from whosaw.store.sql import Session, quote_name, quote_text

from .detectors import Clause, Detector
from .explanation import EXPLAINED, UNEXPLAINED
from .sliding import Peak
from .surprise import Bar, Usual

__all__ = ["Actors", "Flag", "Memory", "counted_terms", "make_actors", "runs", "sliced"]

SLICE: Final = 4_000_000  # views held at once
SORTED: Final = 1 << 25  # views that the engine puts in order at once
_HOUR: Final = 3_600_000_000
_ALWAYS: Final = (-(1 << 63), (1 << 63) - 1)
_BATCH: Final = 1 << 20  # rows that are fetched at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Actors:
    """How clients, and the views that they made, are put together: `number` is an SQL expression on what both carry, null
    for those that are nobody's."""

    table: str  # temporary view (client, actor)
    number: str

    def of(self, relation: str) -> str:
        """The rows of `relation` that are some actor's, with the actor; SQL that stands where a table does."""
        return f"(SELECT *, {self.number} AS actor FROM {relation} WHERE {self.number} IS NOT NULL)"

    @property
    def acting(self) -> str:
        """The views that the detector looks at."""
        return self.of("detect_views")

    def spanned(self, time: str = "time") -> str:
        """Those of them whose `time` lies in `wanted_span`, which `sliced` gives."""
        since, until = (f"(SELECT {name} FROM wanted_span)" for name in ("since", "until"))
        return self.of(f"(SELECT * FROM detect_views WHERE {time} >= {since} AND {time} < {until})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One actor of one clause, by its number among the clause's actors, and what each window held."""

    detector: Detector
    clause: Clause
    actors: Actors
    actor: int
    peaks: tuple[Peak, ...]  # beside clause.windows
    clients: npt.NDArray[np.int32] | None = None  # the only ones that belong to it; None: see clause.members
    bar: Bar | None = None  # what it passed, where that was a matter of luck
    way: int | None = None  # those of one clause that go the same way are one party

    @property
    def raised_at(self) -> int:
        return min(peak.reached_at for peak in self.peaks if peak.reached_at is not None)


@dataclass(slots=True)
class Memory:
    """What one run has made and learnt so far: actors by how they are grouped, and what is usual by sign or walk."""

    actors: dict[tuple[object, ...], Actors] = field(default_factory=dict)
    usual: dict[object, Usual] = field(default_factory=dict)
    learnt: dict[tuple[str, str], Usual] = field(default_factory=dict)  # by detector and clause
    signed: dict[object, int] = field(
        default_factory=dict
    )  # how many views are signed, by sign and what counts
    places: tuple[int, int] | None = None  # how many people have a number, and the largest place of one
    views: int | None = None  # how many there are
    entries: bool = False  # whether it was asked at which page visits begin
    hours: dict[object, pa.Table] = field(default_factory=dict)  # people by page and hour, by what counts


def make_actors(
    session: Session,
    table: str,
    group_by: Sequence[str],
    *,
    lacks: Sequence[str] = (),
    agent_matches: str | None = None,
) -> Actors:
    """Clients that share what they are grouped by are one actor; one without it is none."""
    terms = [f"{quote_name(name)} IS NULL" for name in lacks]
    if agent_matches is not None:
        matching = f"SELECT number FROM detect_agent_numbers WHERE regexp_matches(agent, {quote_text(agent_matches)})"
        terms.append(f"agent IN ({matching})")
    number = "client::BIGINT" if len(group_by) == len(client.SENT) else _number(session, table, group_by)
    if terms:
        number = f"(CASE WHEN {' AND '.join(terms)} THEN {number} END)"
    actors = Actors(table=table, number=number)
    session.execute(
        f"CREATE OR REPLACE TEMP VIEW {quote_name(table)} AS SELECT client, actor FROM {actors.of('detect_clients')}"
    )
    return actors


def _number(session: Session, table: str, group_by: Sequence[str]) -> str:
    """An SQL expression: one number for what the columns hold together, null where one holds nothing."""
    names = [quote_name(name) for name in group_by]
    if len(names) == 1:
        return f"{names[0]}::BIGINT"
    most = ", ".join(f"coalesce(max({name}), 0)" for name in names)
    sizes = session.query(f"SELECT unnest([{most}])::BIGINT AS most FROM detect_clients")["most"].to_pylist()
    number, size = names[0], sizes[0] + 1
    for name, largest in zip(names[1:], sizes[1:], strict=True):
        number, size = f"({number}::BIGINT * {largest + 1} + {name})", size * (largest + 1)
    if size < 1 << 63:
        return number
    # more could be together than whole numbers tell apart, so those that are get numbers
    own = quote_name(f"{table}_numbers")
    columns = ", ".join(f"{name} AS c{at}" for at, name in enumerate(names))
    order = ", ".join(f"c{at}" for at in range(len(names)))
    known = " AND ".join(f"{name} IS NOT NULL" for name in names)
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE {own} AS SELECT *, row_number() OVER (ORDER BY {order}) AS number "
        f"FROM (SELECT DISTINCT {columns} FROM detect_clients WHERE {known})"
    )
    same = " AND ".join(f"c{at} = {name}" for at, name in enumerate(names))
    return f"(SELECT number FROM {own} WHERE {same})"


def counted_terms(clause: Clause) -> str:
    """An SQL condition: the views that count towards the clause."""
    if clause.counted == "any":
        return "true"
    return f"answer = {UNEXPLAINED}" if clause.counted == "unexplained" else f"answer <> {EXPLAINED}"


def runs(actor: npt.NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """Each actor's rows of a slice: its number, where they start and where they stop."""
    borders = [0, *(np.flatnonzero(np.diff(actor)) + 1).tolist(), len(actor)]
    for start, stop in pairwise(borders):
        if start != stop:
            yield int(actor[start]), start, stop


def sliced(
    session: Session, sql: str, candidates: pa.Table, actors: Actors, *, time: str = "time"
) -> Iterator[pa.Table]:
    """The rows of `sql` for the candidates (actor, views), about `SLICE` at once. `sql` reads `wanted_actors` and `actors.spanned(time)`, and orders
    by actor and `time`; rows of one actor and one instant come together.

    The engine puts about `SORTED` in order at a time: with all of a country's views at once it runs out of memory.
    """
    held: list[pa.RecordBatch] = []
    for wanted, since, until in _portions(session, candidates, actors, time):
        span = pa.table({"since": pa.array([since], pa.int64()), "until": pa.array([until], pa.int64())})
        for batch in session.batches(sql, min(SLICE, _BATCH), wanted_actors=wanted, wanted_span=span):
            held.append(batch)
            if sum(each.num_rows for each in held) < SLICE:
                continue
            rows = pa.Table.from_batches(held)
            whole = _instants_before_the_last(rows)
            if whole:
                yield rows.slice(0, whole)
            held = rows.slice(whole).to_batches()
    if held:
        yield pa.Table.from_batches(held)


def _portions(
    session: Session, candidates: pa.Table, actors: Actors, time: str
) -> Iterator[tuple[pa.Table, int, int]]:
    """Candidates in their order, so many that they have about `SORTED` views, each with the span that is asked of them: always, but
    for one that has more by itself."""
    at = candidates.schema.get_field_index("actor")
    candidates = candidates.set_column(at, "actor", candidates["actor"].cast(pa.int64()))
    views = candidates["views"].to_numpy()
    total = np.concatenate(([0], np.cumsum(views)))
    start = 0
    while start < candidates.num_rows:
        end = max(int(np.searchsorted(total, total[start] + SORTED, "right")) - 1, start + 1)
        wanted = candidates.slice(start, end - start)
        if views[start] > SORTED:
            for since, until in _spans(session, int(wanted["actor"][0].as_py()), actors, time):
                yield wanted, since, until
        else:
            yield wanted, *_ALWAYS
        start = end


def _spans(session: Session, actor: int, actors: Actors, time: str) -> Iterator[tuple[int, int]]:
    """All of time, cut at hours between which this actor has about `SORTED` views."""
    rows = session.query(
        f"SELECT hour, count(*) AS views FROM (SELECT {time} // {_HOUR} AS hour FROM {actors.acting} WHERE actor = ?) "
        "GROUP BY hour ORDER BY hour",
        [actor],
    )
    since, held = _ALWAYS[0], 0
    for hour, views in zip(rows["hour"].to_pylist(), rows["views"].to_pylist(), strict=True):
        if held and held + views > SORTED:
            yield since, hour * _HOUR
            since, held = hour * _HOUR, 0
        held += views
    yield since, _ALWAYS[1]


def _instants_before_the_last(rows: pa.Table) -> int:
    """How many rows stand before those of the last actor's last instant."""
    actor, time = rows["actor"].to_numpy(), rows["time"].to_numpy()
    first = int(np.searchsorted(actor, actor[-1], "left"))
    return first + int(np.searchsorted(time[first:], time[-1], "left"))
