"""Finds the actors that reach a threshold: first cheaply which could, then exactly whether and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa

from whosaw.store.sql import Session, quote_name

from .detectors import Clause, Detector
from .explanation import EXPLAINED, UNEXPLAINED, Explanation, answered
from .sliding import Peak, SlidingPersons
from .statement import statement

__all__ = ["Flag", "flags"]

SLICE: Final = 4_000_000  # views held at once
CLIENT_COLUMNS: Final = ("address", "agent", "principal", "session", "token", "key", "tls")
_NUMBER_COLUMNS: Final = frozenset(("address", "principal", "session", "token"))
_DAY: Final = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One actor of one clause, by its number in the clause's table of actors, and what each window held."""

    detector: Detector
    clause: Clause
    actors: str  # temporary table (client, actor)
    actor: int
    peaks: tuple[Peak, ...]  # beside clause.windows

    @property
    def raised_at(self) -> int:
        return min(peak.reached_at for peak in self.peaks if peak.reached_at is not None)


def flags(
    session: Session,
    detector: Detector,
    explanations: Sequence[Explanation],
    made: dict[tuple[object, ...], str],
) -> list[Flag]:
    """Every actor that reaches a threshold of any clause, in order of clause and actor number.

    `made` remembers the tables of actors between detectors that group alike.
    """
    base = "base_of_canaries" if detector.kind == "canary" else "base"
    sql, values = answered(base, explanations)
    session.execute(
        "CREATE OR REPLACE TEMP TABLE detect_views AS "
        f"SELECT time, client, person, answer FROM ({sql}) WHERE person IS NOT NULL",
        values,
    )
    session.execute(statement("weights"))
    found: list[Flag] = []
    for clause in detector.clauses:
        key = (clause.group_by, clause.agent_matches, clause.lacks)
        if key not in made:
            made[key] = f"detect_actors_{len(made)}"
            _make_actors(session, made[key], clause)
        find = _canary_flags if detector.kind == "canary" else _person_flags
        found.extend(find(session, detector, clause, made[key]))
    return found


def _make_actors(session: Session, table: str, clause: Clause) -> None:
    """(client, actor): clients that share what the clause groups by; one without it is no actor."""
    columns = ", ".join(quote_name(name) for name in clause.group_by)
    whole_client = len(clause.group_by) == len(CLIENT_COLUMNS)
    terms = [] if whole_client else [f"{quote_name(name)} IS NOT NULL" for name in clause.group_by]
    terms += [f"{quote_name(name)} IS NULL" for name in clause.lacks]
    values: list[object] = []
    if clause.agent_matches is not None:
        terms.append("regexp_matches(agent, ?)")
        values.append(clause.agent_matches)
    where = f" WHERE {' AND '.join(terms)}" if terms else ""
    if whole_client:
        select = f"SELECT client, client AS actor FROM clients{where}"
    elif len(clause.group_by) == 1 and clause.group_by[0] in _NUMBER_COLUMNS:
        select = f"SELECT client, {columns} AS actor FROM clients{where}"
    else:
        numbered = (
            f"SELECT {columns}, row_number() OVER (ORDER BY {columns}) AS actor "
            f"FROM (SELECT DISTINCT {columns} FROM clients{where})"
        )
        select = f"SELECT client, actor FROM clients JOIN ({numbered}) USING ({columns})"
    session.execute(f"CREATE OR REPLACE TEMP TABLE {quote_name(table)} AS {select}", values or None)


def _counted(clause: Clause) -> str:
    return f"answer = {UNEXPLAINED}" if clause.counted == "unexplained" else f"answer <> {EXPLAINED}"


def _canary_flags(session: Session, detector: Detector, clause: Clause, actors: str) -> list[Flag]:
    (window,) = clause.windows
    rows = session.query(
        statement("canary_hits").format(actors=quote_name(actors), counted=_counted(clause)), [window.persons]
    ).to_pylist()
    return [
        Flag(
            detector=detector,
            clause=clause, actors=actors, actor=row["actor"],
            peaks=(Peak(most=row["most"], most_at=row["reached_at"], reached_at=row["reached_at"]),),
        )
        for row in rows
    ]  # fmt: skip


def _person_flags(session: Session, detector: Detector, clause: Clause, actors: str) -> list[Flag]:
    windows = [(window.micros, window.persons) for window in clause.windows]
    least = min(threshold for _, threshold in windows)
    candidates = session.query(
        statement("candidates").format(
            actors=quote_name(actors), counted=_counted(clause), weight=clause.counted.replace("-", "_")
        ),
        [least, least],
    )
    if clause.least_share:  # the share weighs views that are not counted, so they are read too
        candidates = session.query(
            statement("actor_totals").format(actors=quote_name(actors)),
            wanted_actors=candidates.select(["actor"]),
        )
    running: dict[int, SlidingPersons] = {}
    found: list[Flag] = []
    for part in _slices(session, clause, actors, candidates):
        actor = part["actor"].to_numpy()
        time, person = part["time"].to_numpy(), part["person"].to_numpy().astype(np.uint32)
        counted = part["counted"].to_numpy() if clause.least_share else None
        borders = [0, *(np.flatnonzero(np.diff(actor)) + 1).tolist(), len(actor)]
        for start, stop in pairwise(borders):
            if start == stop:
                continue
            number = int(actor[start])
            sliding = running.get(number)
            if sliding is None:
                running = {number: SlidingPersons(windows, least_share=clause.least_share)}
                sliding = running[number]
            kept = counted[start:stop] if counted is not None else None
            sliding.add(time[start:stop], person[start:stop], kept)
            flag = Flag(detector=detector, clause=clause, actors=actors, actor=number, peaks=sliding.peaks)
            if found and found[-1].actor == number:
                found.pop()
            if any(peak.reached_at is not None for peak in sliding.peaks):
                found.append(flag)
    return found


def _slices(session: Session, clause: Clause, actors: str, candidates: pa.Table) -> Iterator[pa.Table]:
    """The candidates' views by actor and time, about `SLICE` at once; a large actor in several slices."""
    counted = "true" if clause.least_share else _counted(clause)
    sql = statement("actor_views").format(actors=quote_name(actors), wanted=counted, counted=_counted(clause))
    batch: list[int] = []
    size = 0
    for actor, views in zip(candidates["actor"].to_pylist(), candidates["views"].to_pylist(), strict=True):
        if batch and size + views > SLICE:
            yield session.query(sql, [None, None], wanted_actors=_numbers(batch))
            batch, size = [], 0
        if views <= SLICE:
            batch.append(actor)
            size += views
            continue
        for start, stop in _day_ranges(session, actors, actor):
            yield session.query(sql, [start, stop], wanted_actors=_numbers([actor]))
    if batch:
        yield session.query(sql, [None, None], wanted_actors=_numbers(batch))


def _numbers(actors: list[int]) -> pa.Table:
    return pa.table({"actor": pa.array(actors, pa.int64())})


def _day_ranges(session: Session, actors: str, actor: int) -> Iterator[tuple[int, int]]:
    """Half open ranges of whole days that hold about `SLICE` views each (more only where one day does)."""
    days = session.query(statement("actor_days").format(actors=quote_name(actors)), [_DAY, actor])
    start: int | None = None
    held = 0
    stop = 0
    for day, views in zip(days["day"].to_pylist(), days["views"].to_pylist(), strict=True):
        if start is not None and held + views > SLICE:
            yield start, stop
            start, held = None, 0
        start = day * _DAY if start is None else start
        stop = (day + 1) * _DAY
        held += views
    if start is not None:
        yield start, stop
