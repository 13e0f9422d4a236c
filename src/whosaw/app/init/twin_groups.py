"""Which groups of files seem to log the same requests, as a server in front and the application behind it do: measured on the heads of their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core.document import told_as
from whosaw.mapping.twin_hints import TwinHints
from whosaw.store.sql import Session

__all__ = ["TwinGroups", "twin_groups"]

_FEWEST: Final = 10  # requests that both must show
_SHARE: Final = 0.8  # of the requests of the group that has fewer, where neither client nor request id says that they are the same
_BY_CHANCE: Final = 0.5  # of these, so many at most may meet others at another time: on a busy page two always stand near each other
_SLACK_US: Final = 2_000_000
_ELSEWHEN_US: Final = 37_000_000
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinGroups:
    """Two sources that log the same requests, the one in front first: `shared` of the `lines` that the one with fewer shows in the time that both
    were looked at. `by` None: they do, and neither a request id nor the client of both says which line is which. `declared`: a person
    said that the first passes its requests on to the second."""

    sources: tuple[str, str]
    by: str | None
    within: str | None
    shared: int
    lines: int
    declared: bool = field(default=False, metadata=told_as(never=True))


def twin_groups(samples: Mapping[str, pa.Table]) -> tuple[TwinGroups, ...]:
    """Each pair of sources that does. `samples`: events of each."""
    usable = {
        name: events
        for name, events in samples.items()
        if {"time", "method", "path"} <= set(events.column_names) and events.num_rows
    }
    found = []
    with Session() as session:
        for names in combinations(sorted(usable), 2):
            pair = _pair(names, [usable[name] for name in names], session)
            if pair is not None:
                found.append(pair)
    return tuple(found)


def _pair(names: tuple[str, str], events: list[pa.Table], session: Session) -> TwinGroups | None:
    slack = timedelta(microseconds=_SLACK_US)
    first = max(pc.min(each["time"]).as_py() for each in events) - slack
    last = min(pc.max(each["time"]).as_py() for each in events) + slack
    both = [
        each.filter(pc.and_(pc.greater_equal(each["time"], first), pc.less_equal(each["time"], last)))
        for each in events
    ]
    if min(each.num_rows for each in both) < _FEWEST:
        return None
    hints = TwinHints()
    for name, each in zip(names, both, strict=True):
        hints.add(name, each, session)
    for hint in hints.result():
        return TwinGroups(
            sources=hint.sources, by=hint.by, within=hint.within, shared=hint.shared, lines=hint.lines
        )
    keys, times = zip(*map(_requests, both), strict=True)
    lines = min(map(len, times))
    shared = _met(keys, times, 0)
    if shared < max(_FEWEST, _SHARE * lines) or _met(keys, times, _ELSEWHEN_US) > _BY_CHANCE * shared:
        return None
    seen = [len(pc.unique(each["address"])) if "address" in each.column_names else 0 for each in both]
    ordered = names if seen[0] >= seen[1] else (names[1], names[0])
    return TwinGroups(sources=ordered, by=None, within=None, shared=shared, lines=lines)


def _requests(events: pa.Table) -> tuple[list[str | None], Ints]:
    """Method and path of each event, and its time in microseconds; those that are requests."""
    method = pc.utf8_upper(events["method"].cast(pa.string()))
    text = pc.binary_join_element_wise(method, events["path"].cast(pa.string()), " ")
    has = text.is_valid()
    times = events["time"].cast(pa.int64()).filter(has)
    return text.filter(has).to_pylist(), np.asarray(times.to_numpy())


def _met(keys: tuple[list[str | None], ...], times: tuple[Ints, ...], later: int) -> int:
    """How many requests of the one meet one of the other, each at most one, within the slack; the other `later` than it is."""
    waiting: dict[str | None, list[int]] = {}
    for key, time in zip(keys[1], (times[1] + later).tolist(), strict=True):
        waiting.setdefault(key, []).append(time)
    for each in waiting.values():
        each.sort()
    met, at = 0, dict.fromkeys(waiting, 0)
    for key, time in sorted(zip(keys[0], times[0].tolist(), strict=True), key=lambda each: each[1]):
        others = waiting.get(key, [])
        place = at.get(key, 0)
        while place < len(others) and others[place] < time - _SLACK_US:
            place += 1
        if place < len(others) and others[place] <= time + _SLACK_US:
            met += 1
            place += 1
        if key in at:
            at[key] = place
    return met
