"""Actors that opened a list to its end: so many full pages one after another, and then one that held fewer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from whosaw.store.sql import Session

from .actor_views import Actors, Flag, Memory, counted_terms, runs, sliced
from .detectors import Clause, Detector, Window
from .sliding import Peak
from .statement import statement

__all__ = ["list_flags", "list_peaks"]

Ints = npt.NDArray[np.int64]
PAUSE = 3_600_000_000  # between two pages of one list; who comes back later begins anew


def list_flags(
    session: Session, detector: Detector, clause: Clause, actors: Actors, _memory: Memory
) -> list[Flag]:
    """Actors that came to the end of a list, where what its pages held within a window is so many people."""
    names = {"acting": actors.acting, "counted": counted_terms(clause)}
    least = min(window.persons for window in clause.windows)
    candidates = session.query(statement("record_candidates").format(**names), [least])
    found: dict[int, list[tuple[Ints, Ints, Ints]]] = {}
    sql = statement("actor_lists").format(**{**names, "acting": actors.spanned()})
    for part in sliced(session, sql, candidates, actors):
        route, time, records = (
            part[name].to_numpy().astype(np.int64) for name in ("route", "time", "records")
        )
        for number, start, stop in runs(part["actor"].to_numpy()):
            found.setdefault(number, []).append((route[start:stop], time[start:stop], records[start:stop]))
    flags = []
    for number, parts in found.items():
        route, time, records = (np.concatenate(each) for each in zip(*parts, strict=True))
        peaks = tuple(list_peaks(route, time, records, clause))
        if any(peak.reached_at is not None for peak in peaks):
            flags.append(Flag(detector=detector, clause=clause, actors=actors, actor=number, peaks=peaks))
    return flags


def list_peaks(
    route: Ints, time: Ints, records: Ints, clause: Clause, *, since: int | None = None
) -> list[Peak]:
    """Window by window, from pages in order of time; of lists whose end was reached at `since` or later."""
    order = np.argsort(route, kind="stable")  # pages of one list in order of time, list by list
    ends = _ends(route[order], time[order], records[order], clause.pages)
    if since is not None:
        ends = [each for each in ends if time[order][each[1]] >= since]
    return [_peak(time[order], records[order], ends, window) for window in clause.windows]


def _ends(route: Ints, time: Ints, records: Ints, pages: int) -> list[tuple[int, int]]:
    """First and last page (both in) of each list that was opened to its end: at least `pages` of one size, then a shorter one."""
    same = (np.diff(route) == 0) & (np.diff(time) <= PAUSE)
    equal = same & (np.diff(records) == 0)
    shorter = same & (np.diff(records) < 0)
    found = []
    first = 0
    for at in range(1, len(route)):
        if equal[at - 1]:
            continue
        if shorter[at - 1] and at - first >= pages:
            found.append((first, at))
        first = at
    return found


def _peak(time: Ints, records: Ints, ends: list[tuple[int, int]], window: Window) -> Peak:
    """The most people in a list whose end was reached, less what was opened a window before that; when it first was enough."""
    peak = Peak()
    for first, last in sorted(ends, key=lambda each: int(time[each[1]])):
        at = int(time[last])
        held = slice(first, last + 1)
        most = int(records[held][time[held] > at - window.micros].sum())
        if most > peak.most:
            peak = Peak(most=most, most_at=at, reached_at=peak.reached_at)
        if peak.reached_at is None and most >= window.persons:
            peak = Peak(most=peak.most, most_at=peak.most_at, reached_at=at)
    return peak
