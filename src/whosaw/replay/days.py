"""The days of a replay one after another: everybody's requests, and what runs past midnight taken into the next day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from .actors import honest_actors
from .breach_actors import make_breach_actors
from .dice import Ints
from .people import People
from .setting import Setting
from .traffic import Actor, Issued, Tickets, Traffic
from .write.scene import Scene

__all__ = ["Days", "WholeDay", "merged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeDay:
    """One day with all that began or went on in it, and the names known at its end."""

    day: int
    traffic: Traffic  # in order of time
    issued: tuple[Issued, ...]
    tickets: tuple[Tickets, ...]
    scene: Scene


class Days:
    """Asks all actors for one day after another. What runs past the end of the last day is in no log.

    Each actor's day stands by itself, so that one may `begin` at any; what days before that one left running is then
    missing. `reach` tells how far each day goes that was asked for.
    """

    def __init__(self, setting: Setting, people: People) -> None:
        self._setting, self._people = setting, people
        honest = honest_actors(setting, people)
        self.before: tuple[Issued, ...] = tuple(
            issued for actor in honest if (issued := actor.before()) is not None
        )
        breach = setting.breach
        self._actors: Sequence[Actor] = [
            *honest,
            *(make_breach_actors(setting, breach, people, honest[0]) if breach is not None else ()),
        ]
        self.begin(0)

    def begin(self, day: int) -> None:
        """Go on with that day, as if nothing had begun before it."""
        self._later: tuple[Traffic, ...] = ()
        self._next = day
        self.reach: dict[int, int] = {}
        """By day, the last moment of what began on it; 0 where nothing did."""

    def next(self) -> WholeDay:
        """The next day, from the first one on."""
        day, calendar = self._next, self._setting.calendar
        asked = [actor.day(day) for actor in self._actors]
        own = [part for each in asked for part in each.traffic]
        self.reach[day] = max((int(part.time.max()) for part in own if len(part)), default=0)
        parts = [*self._later, *own]
        today, later = merged(parts, calendar.day_start(day + 1))
        self._later, self._next = (later,), day + 1
        return WholeDay(
            day=day,
            traffic=today,
            issued=tuple(part for each in asked for part in each.issued),
            tickets=tuple(part for each in asked for part in each.tickets),
            scene=Scene.of(self._setting, self._people, day),
        )


def merged(parts: Sequence[Traffic], end: int) -> tuple[Traffic, Traffic]:
    """All requests before `end` in order of time, and those from `end` on. Requests of one moment keep their order."""
    held = [part for part in parts if len(part)]
    if not held:
        nothing = Traffic.joined([])
        return nothing, nothing
    order, time = _sorted(np.concatenate([part.time for part in held]))
    today = int(np.searchsorted(time, end))
    columns: dict[str, Any] = {"time": time}
    for each in fields(Traffic):
        if each.name != "time":
            columns[each.name] = _column(held, each.name, order)
    whole = Traffic(**columns)
    later = whole.take(np.arange(today, len(whole)))  # a copy, so that the day itself can be forgotten
    return whole.take(slice(0, today)), later


def _sorted(time: Ints) -> tuple[Ints | None, Ints]:
    """Positions in order of time, None where they are in order already, and the times in that order."""
    if (np.diff(time) >= 0).all():
        return None, time
    # a stable sort makes use of the long runs in order that a breach consists of
    order = np.argsort(time, kind="stable")
    return order, time.take(order)


def _column(parts: Sequence[Traffic], name: str, order: Ints | None) -> Any:
    """One column of all parts in that order. A value that all requests share is not written out."""
    columns = [getattr(part, name) for part in parts]
    if (
        all(column.strides == (0,) for column in columns)
        and len({column[0].item() for column in columns}) == 1
    ):
        return np.broadcast_to(columns[0][0], sum(map(len, columns)))
    whole = np.concatenate(columns)
    return whole if order is None else whole.take(order)
