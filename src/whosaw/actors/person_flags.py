"""Actors that saw too many people, or one who does not exist."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from whosaw.store.sql import Session

from .actor_views import Actors, Flag, Memory, counted_terms, runs, sliced
from .detectors import Clause, Detector
from .sliding import Peak, SlidingPersons
from .statement import statement

__all__ = ["canary_flags", "person_flags"]


def canary_flags(
    session: Session, detector: Detector, clause: Clause, actors: Actors, _memory: Memory
) -> list[Flag]:
    """Actors that saw planted people."""
    (window,) = clause.windows
    rows = session.query(
        statement("canary_hits").format(acting=actors.acting, counted=counted_terms(clause)),
        [window.persons],
    ).to_pylist()
    return [
        Flag(
            detector=detector,
            clause=clause, actors=actors, actor=row["actor"],
            peaks=(Peak(most=row["most"], most_at=row["reached_at"], reached_at=row["reached_at"]),),
        )
        for row in rows
    ]  # fmt: skip


def person_flags(
    session: Session, detector: Detector, clause: Clause, actors: Actors, _memory: Memory
) -> list[Flag]:
    """Actors that saw so many distinct people within a window."""
    windows = [(window.micros, window.persons) for window in clause.windows]
    least = min(threshold for _, threshold in windows)
    candidates = session.query(
        statement("candidates").format(acting=actors.acting, counted=counted_terms(clause)),
        [least],
    )
    running: dict[int, SlidingPersons] = {}
    found: list[Flag] = []
    for part in _slices(session, clause, actors, candidates):
        actor = part["actor"].to_numpy()
        time, person = part["time"].to_numpy(), part["person"].to_numpy().astype(np.uint32)
        counted = part["counted"].to_numpy() if clause.least_share else None
        for number, start, stop in runs(actor):
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


def _slices(session: Session, clause: Clause, actors: Actors, candidates: pa.Table) -> Iterator[pa.Table]:
    """The candidates' views by actor and time, those that count, or all where the share of those is asked."""
    counted = "true" if clause.least_share else counted_terms(clause)
    sql = statement("actor_views").format(
        acting=actors.spanned(), wanted=counted, counted=counted_terms(clause)
    )
    yield from sliced(session, sql, candidates, actors)
