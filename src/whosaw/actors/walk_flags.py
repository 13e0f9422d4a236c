"""Actors that walk through numbers: far more of the people they see lie side by side than chance puts there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.sql import Session

from .actor_views import Actors, Flag, Memory, counted_terms, make_actors, runs, sliced
from .detectors import Clause, Detector
from .sliding import SlidingSigned
from .statement import statement
from .surprise import Bar, Usual, bar, usual_of
from .walks import Walk, WalkRows

__all__ = ["walk_flags", "walkers"]

Ints = npt.NDArray[np.int64]
_Rows = tuple[int, Ints, Ints, Ints]  # an actor, and of a slice of its views: times, places, clients
_BY_ADDRESS = "detect_walk_addresses"


def walk_flags(
    session: Session, detector: Detector, clause: Clause, actors: Actors, memory: Memory
) -> list[Flag]:
    """Actors among whose people more are steps of a walk than accident and what is usual allow."""
    walk = clause.walk
    assert walk is not None  # the item was refused otherwise
    people, most = _places(session, memory)
    if not people:
        return []
    least = min(window.persons for window in clause.windows)
    candidates = _candidates(session, clause, actors, least + 1)
    if not candidates.num_rows:
        return []
    if walk not in memory.usual:
        memory.usual[walk] = _usual(session, clause, walk, most)
    memory.learnt[detector.id, clause.id] = memory.usual[walk]
    passes = bar(
        max(memory.usual[walk].share, walk.chance(people)),
        least_share=clause.least_share, least_times=clause.least_times, chance=clause.chance,
        actors=_several(session, clause, actors).num_rows,
    )  # fmt: skip
    found: list[Flag] = []
    actor: _Actor | None = None
    for number, time, place, client in _rows(session, clause, actors, candidates):
        if actor is None or actor.number != number:
            found.extend(actor.flag(detector, clause, actors) if actor is not None else ())
            actor = _Actor.of(number, clause, walk, most, passes)
        actor.add(time, place, client)
    found.extend(actor.flag(detector, clause, actors) if actor is not None else ())
    return found


@dataclass(slots=True, kw_only=True)
class _Actor:
    """One actor whose views are being taken slice by slice."""

    number: int
    rows: WalkRows
    sliding: SlidingSigned
    bar: Bar
    clients: list[npt.NDArray[np.int32]] = field(default_factory=list)
    chains: list[npt.NDArray[np.int32]] = field(default_factory=list)

    @classmethod
    def of(cls, number: int, clause: Clause, walk: Walk, most: int, passes: Bar) -> _Actor:
        windows = [(window.micros, window.persons) for window in clause.windows]
        sliding = SlidingSigned(windows, passes.passed)
        return cls(number=number, rows=WalkRows(walk, most), sliding=sliding, bar=passes)

    def add(self, time: Ints, place: Ints, client: Ints) -> None:
        position, step, chain = self.rows.add(time, place)
        self.sliding.add(time[position], place[position].astype(np.uint32), step)
        self.clients.append(client[position].astype(np.int32))
        self.chains.append(chain.astype(np.int32))

    def flag(self, detector: Detector, clause: Clause, actors: Actors) -> Iterator[Flag]:
        """The flag, if a threshold was reached; of a crowd, with the clients that made its long chains."""
        peaks = self.sliding.peaks
        if all(peak.reached_at is None for peak in peaks):
            return
        mine: npt.NDArray[np.int32] | None = None
        if clause.members == "signed":
            assert clause.walk is not None
            mine = self._walkers(clause.walk)
            if not len(mine):
                return
        yield Flag(
            detector=detector,
            clause=clause,
            actors=actors,
            actor=self.number,
            peaks=peaks,
            clients=mine,
            bar=self.bar,
        )

    def _walkers(self, walk: Walk) -> npt.NDArray[np.int32]:
        return walkers(walk, self.rows, np.concatenate(self.clients), np.concatenate(self.chains))


def walkers(
    walk: Walk, rows: WalkRows, clients: npt.NDArray[np.integer[Any]], chains: npt.NDArray[np.integer[Any]]
) -> npt.NDArray[np.int32]:
    """The clients of which enough people stand in long chains. One that thousands share may meet a chain by accident."""
    standing = np.bincount(clients[rows.in_chains_of(walk.chain, chains)])
    every = np.bincount(clients, minlength=len(standing))[: len(standing)]
    enough = (standing > 0) & (standing - walk.chained_share * every >= -1e-6)
    return np.flatnonzero(enough).astype(np.int32)


def _places(session: Session, memory: Memory) -> tuple[int, int]:
    """How many people have a number, and the largest place; places are made once for all clauses."""
    if memory.places is None:
        session.execute(statement("places"))
        row = session.query("SELECT count(*) AS people, coalesce(max(place), 0) AS most FROM detect_places")
        memory.places = (int(row["people"][0].as_py()), int(row["most"][0].as_py()))
    return memory.places


def _candidates(session: Session, clause: Clause, actors: Actors, least: int) -> pa.Table:
    """Actors that may have seen so many people, with their views."""
    sql = statement("candidates").format(acting=actors.acting, counted=counted_terms(clause))
    return session.query(sql, [least])


def _several(session: Session, clause: Clause, actors: Actors) -> pa.Table:
    """Actors that saw more than one person, with their views."""
    sql = statement("several").format(acting=actors.acting, counted=counted_terms(clause))
    return session.query(sql)


def _rows(session: Session, clause: Clause, actors: Actors, candidates: pa.Table) -> Iterator[_Rows]:
    sql = statement("actor_places").format(acting=actors.spanned(), counted=counted_terms(clause))
    for part in sliced(session, sql, candidates, actors):
        time, place, client = (part[name].to_numpy().astype(np.int64) for name in ("time", "place", "client"))
        for number, start, stop in runs(part["actor"].to_numpy()):
            yield number, time[start:stop], place[start:stop], client[start:stop]


def _usual(session: Session, clause: Clause, walk: Walk, most: int) -> Usual:
    """How often people at an address are steps, at addresses where most are not, explained views among them."""
    clause = replace(clause, counted="any")
    addresses = make_actors(session, _BY_ADDRESS, ("address",))
    candidates = _several(session, clause, addresses)
    steps: list[int] = []
    others: list[int] = []
    at: int | None = None
    rows = WalkRows(walk, most)
    for number, time, place, _ in _rows(session, clause, addresses, candidates):
        if number != at:
            at, rows = number, WalkRows(walk, most)
            steps.append(0)
            others.append(-1)  # the first of all can be no step
        step = rows.add(time, place)[1]
        steps[-1] += int(step.sum())
        others[-1] += len(step) - int(step.sum())
    return usual_of(np.asarray(steps, np.int64), np.asarray(others, np.int64))
