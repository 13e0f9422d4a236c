"""The days of a replay one after another: everybody's requests, and what runs past midnight taken into the next day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .actors import honest_actors
from .breach_actors import make_breach_actors
from .merging import merged
from .people import People
from .setting import Setting
from .traffic import Actor, Issued, Tickets, Traffic
from .write.scene import Scene

__all__ = ["Days", "WholeDay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeDay:
    """One day with all that began or went on in it, and the names known at its end."""

    day: int
    traffic: Traffic  # in order of time
    issued: tuple[Issued, ...]
    tickets: tuple[Tickets, ...]
    scene: Scene


class Days:
    """Asks all actors for one day after another. What runs past the end of the last day is in no log."""

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
        self._later: tuple[Traffic, ...] = ()
        self._next = 0

    def next(self) -> WholeDay:
        """The next day, from the first one on."""
        day, calendar = self._next, self._setting.calendar
        asked = [actor.day(day) for actor in self._actors]
        parts = [*self._later, *(part for each in asked for part in each.traffic)]
        today, later = merged(parts, calendar.day_start(day + 1))
        self._later, self._next = (later,), day + 1
        return WholeDay(
            day=day,
            traffic=today,
            issued=tuple(part for each in asked for part in each.issued),
            tickets=tuple(part for each in asked for part in each.tickets),
            scene=Scene.of(self._setting, self._people, day),
        )
