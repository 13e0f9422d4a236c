"""What a kind of damage has to say for itself: its settings, and a plan for one replay."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Protocol

from whosaw.replay.dice import Dice

from .log_text import LogText, Outcome
from .replay_folder import ListedFile, ReplayFolder, Service

__all__ = ["HOUR_MS", "Damage", "Day", "Hours", "Plan", "chosen", "faults_of_day", "faults_of_share"]

HOUR_MS = 3_600_000
Day = int | date  # days from the first day of the replay, or a day of the shop's own clock
Hours = Mapping[str, tuple[tuple[int, int], ...]]  # by service: half open, in milliseconds since 1970 in UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How one damage treats the files of one replay.

    `touches` may say yes too often, never no too often: files that nothing touches are not even opened. `apply` is
    called once for every text that was opened, the oldest first. `papers` are further files of the twin, asked for
    at the end.
    """

    touches: Callable[[Service, ListedFile], bool]
    apply: Callable[[LogText], Outcome]
    hours: Hours = field(default_factory=dict)
    papers: Callable[[], dict[str, Any]] = dict


class Damage(Protocol):
    """Settings of one damage. `services` are those that it befalls; none named means all."""

    kind: ClassVar[str]

    @property
    def services(self) -> tuple[str, ...]: ...

    def faults(self) -> Iterator[tuple[str, str]]:
        """Pairs of a setting and what is wrong with its value."""
        ...

    def plan(self, replay: ReplayFolder, dice: Callable[[str], Dice]) -> Plan:
        """What will happen to that replay. Every draw comes from `dice(name)`."""
        ...


def chosen(replay: ReplayFolder, services: tuple[str, ...]) -> tuple[Service, ...]:
    """The services of the replay that are named; all of them when none is."""
    return tuple(each for each in replay.services if not services or each.id in services)


def faults_of_share(**shares: float) -> Iterator[tuple[str, str]]:
    """For each value that is no share."""
    for name, value in shares.items():
        if not 0 <= value <= 1:
            yield name, f"{name} is {value}, a share lies between 0 and 1"


def faults_of_day(**days: Day) -> Iterator[tuple[str, str]]:
    """For each number of days that is below 0."""
    for name, value in days.items():
        if isinstance(value, int) and value < 0:
            yield name, f"{name} is {value}, days count from 0"
