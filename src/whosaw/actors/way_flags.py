"""Actors whose people nearly all go one way, which few go elsewhere: their visits begin at the same page.

Whoever wants one page of everybody asks each visit for it, however human the rest looks. Honest people want different things,
and a place of many shows that. What is usual of a page is what it is at the middle one of all places, so a few places that are
one party's do not make themselves usual.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.sql import Session, quote_name

from .actor_views import Actors, Flag, Memory, counted_terms, runs, sliced
from .detectors import Clause, Detector
from .signs import VISIT
from .sliding import Peak, SlidingSigned
from .statement import statement
from .surprise import Bar, bar

__all__ = ["way_flags"]

_PEERS: Final = 5  # of fewer places, none is like another


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """An actor and the page at which its people's visits begin, and what it must pass to be remarkable."""

    actor: int
    page: int
    bar: Bar


def way_flags(
    session: Session, detector: Detector, clause: Clause, actors: Actors, memory: Memory
) -> list[Flag]:
    """Actors of whose people far more began at one page than at the page's usual share."""
    if not memory.entries:
        session.execute(statement("entries").format(visit=VISIT))
        memory.entries = True
    named = {"actors": quote_name(actors.table), "acting": actors.acting, "counted": counted_terms(clause)}
    least = min(window.persons for window in clause.windows)
    ways = {way.actor: way for way in _ways(session, clause, named, least)}
    if not ways:
        return []
    wanted = session.query(
        f"SELECT w.*, v.views FROM ways AS w JOIN (SELECT actor, count(*) AS views FROM {actors.acting} GROUP BY actor) AS v "
        "USING (actor) ORDER BY actor",
        ways=pa.table({
            "actor": pa.array(ways, pa.int64()),
            "page": pa.array([way.page for way in ways.values()], pa.int16()),
        }),
    )  # fmt: skip
    windows = [(window.micros, window.persons) for window in clause.windows]
    running: tuple[int, SlidingSigned] | None = None
    peaks: dict[int, tuple[Peak, ...]] = {}
    sql = statement("actor_entries").format(**{**named, "acting": actors.spanned()})
    for part in sliced(session, sql, wanted, actors):
        time, person = part["time"].to_numpy(), part["person"].to_numpy().astype(np.uint32)
        signed = part["signed"].to_numpy(zero_copy_only=False).astype(bool)
        for number, start, stop in runs(part["actor"].to_numpy()):
            # one actor after another: all their people do not fit into memory
            if running is None or running[0] != number:
                running = (number, SlidingSigned(windows, ways[number].bar.passed))
            running[1].add(time[start:stop], person[start:stop], signed[start:stop])
            peaks[number] = running[1].peaks
    return [
        Flag(
            detector=detector, clause=clause, actors=actors, actor=number, peaks=of_actor,
            clients=_members(session, named, ways[number]), bar=ways[number].bar,
            way=ways[number].page,
        )
        for number, of_actor in sorted(peaks.items())
        if any(peak.reached_at is not None for peak in of_actor)
    ]  # fmt: skip


def _ways(session: Session, clause: Clause, named: dict[str, str], least: int) -> Iterator[_Way]:
    """Of each actor the page at which most of its visits began, where that is beyond what is usual."""
    rows = session.query(statement("entry_shares").format(actors=named["actors"]), [least]).to_pylist()
    places = {row["actor"] for row in rows}
    if len(places) < _PEERS:
        return
    shares: dict[int, list[float]] = {}
    for row in rows:
        shares.setdefault(row["page"], []).append(row["people"] / row["every"])
    people = sum({row["actor"]: row["every"] for row in rows}.values())
    bars: dict[int, Bar] = {}  # by page: there may be a hundred thousand places
    for page, alike in shares.items():
        usual = max(median(alike + [0.0] * (len(places) - len(alike))), 1 / (people + 2))
        bars[page] = bar(
            usual, least_share=clause.least_share, least_times=clause.least_times, chance=clause.chance,
            actors=len(rows),
        )  # fmt: skip
    for row in rows:
        needed = bars[row["page"]]
        if needed.passed(np.array([row["people"]]), np.array([row["every"]]))[0] and row["people"] >= least:
            yield _Way(actor=row["actor"], page=row["page"], bar=needed)


def _members(session: Session, named: dict[str, str], way: _Way) -> npt.NDArray[np.int32]:
    """The clients of the actor whose visits began there."""
    sql = "SELECT client FROM detect_entries JOIN {actors} USING (client) WHERE actor = ? AND page = ? ORDER BY client"
    rows = session.query(sql.format(actors=named["actors"]), [way.actor, way.page])
    clients: npt.NDArray[np.int32] = rows["client"].to_numpy().astype(np.int32)
    return clients
