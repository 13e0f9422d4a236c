"""Actors to whom so many people were shown in lists and exports whose people the log does not name."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from whosaw.store.sql import Session

from .actor_views import Actors, Flag, Memory, counted_terms, runs, sliced
from .detectors import Clause, Detector
from .sliding import Peak
from .statement import statement

__all__ = ["record_flags", "record_peak"]

Ints = npt.NDArray[np.int64]


def record_flags(
    session: Session, detector: Detector, clause: Clause, actors: Actors, _memory: Memory
) -> list[Flag]:
    """Actors whose answers can have held so many people within a window: the sum of their bounds, and 1 where there is none."""
    names = {"acting": actors.acting, "counted": counted_terms(clause)}
    least = min(window.persons for window in clause.windows)
    candidates = session.query(statement("record_candidates").format(**names), [least])
    found: dict[int, tuple[list[Ints], list[Ints]]] = {}
    sql = statement("actor_records").format(**{**names, "acting": actors.spanned()})
    for part in sliced(session, sql, candidates, actors):
        time, records = part["time"].to_numpy(), part["records"].to_numpy().astype(np.int64)
        for number, start, stop in runs(part["actor"].to_numpy()):
            times, sums = found.setdefault(number, ([], []))
            times.append(time[start:stop])
            sums.append(records[start:stop])
    flags = []
    for number, (times, sums) in found.items():
        peaks = tuple(
            record_peak(np.concatenate(times), np.concatenate(sums), window.micros, window.persons)
            for window in clause.windows
        )
        if any(peak.reached_at is not None for peak in peaks):
            flags.append(Flag(detector=detector, clause=clause, actors=actors, actor=number, peaks=peaks))
    return flags


def record_peak(time: Ints, records: Ints, length: int, threshold: int, *, since: int | None = None) -> Peak:
    """The largest sum within a window (t - length, t], and when the threshold was first reached; of windows that end at `since` or
    later."""
    total = np.concatenate([[0], np.cumsum(records)])
    within = total[1:] - total[np.searchsorted(time, time - length, "right")]
    if since is not None:
        own = time >= since
        time, within = time[own], within[own]
    top = int(within.argmax())
    reached = np.flatnonzero(within >= threshold)
    return Peak(
        most=int(within[top]),
        most_at=int(time[top]),
        reached_at=int(time[reached[0]]) if len(reached) else None,
    )
