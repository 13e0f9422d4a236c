"""All lines between two days: logs that were kept too short a time, or a shelf that was cleared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from whosaw.replay.dice import Dice

from .log_text import LogText, Outcome
from .plan import Day, Plan, chosen, faults_of_day
from .replay_folder import ListedFile, ReplayFolder, Service

__all__ = ["LostMonth"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LostMonth:
    """Every line from the start of `from_day` up to, not including, the start of `to_day` on the shop's clock.

    Files that are left without a line are gone.
    """

    kind: ClassVar[str] = "lost-month"
    from_day: Day
    to_day: Day
    services: tuple[str, ...] = ()

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from faults_of_day(from_day=self.from_day, to_day=self.to_day)
        if type(self.from_day) is not type(self.to_day):
            yield "to_day", "from_day and to_day must both be dates or both whole numbers"
        elif self.from_day >= self.to_day:  # type: ignore[operator]  # both are of one type here
            yield "to_day", f"to_day is {self.to_day}, which is not after from_day {self.from_day}"

    def plan(self, replay: ReplayFolder, dice: Callable[[str], Dice]) -> Plan:  # noqa: ARG002 - nothing is drawn
        start, end = replay.day_start(self.from_day), replay.day_start(self.to_day)
        ids = {service.id for service in chosen(replay, self.services)}

        def touches(service: Service, file: ListedFile) -> bool:
            return service.id in ids and file.first_ms < end and file.last_ms >= start

        def apply(text: LogText) -> Outcome:
            if text.service not in ids:
                return Outcome.same(text)
            time = text.time_ms
            return Outcome.without(text, (time >= start) & (time < end))

        span = (max(start, replay.start_ms), min(end, replay.end_ms))
        hours = dict.fromkeys(sorted(ids), (span,)) if span[0] < span[1] else {}
        return Plan(touches=touches, apply=apply, hours=hours)
