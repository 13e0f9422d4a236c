"""One clock of one duty: from one claimed start to its deadline, and how what was done compares with it."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from math import ceil

from whosaw.core.duties import Deadline, Made, Reading, Run, Start
from whosaw.core.law_items import Clock
from whosaw.core.moments import Moment
from whosaw.core.truth import Truth

from .counting import Calendar, Counting, deadline, reading_deadlines

__all__ = ["run_clock"]


def run_clock(
    clock: Clock,
    start: Start,
    *,
    in_force: Truth,
    zone: tzinfo,
    rules: Counting,
    calendar: Calendar,
    made: Made | None,
    now: datetime,
) -> Run:
    """Work one clock out. `now` stands in for what was not done yet."""
    done = made.when if made is not None else Moment.at(now)
    taken = (_seconds(done.earliest - start.when.latest), _seconds(done.latest - start.when.earliest))
    due: tuple[Deadline, Deadline] | None = None
    readings: tuple[Reading, ...] = ()
    by: tuple[int, int] | None = None
    if clock.period is None:
        status = "standing" if clock.standing else "no figure"
    else:
        due = (
            deadline(clock.period, start.when.earliest, zone, rules, calendar),
            deadline(clock.period, start.when.latest, zone, rules, calendar),
        )
        if start.when.exact:
            found = reading_deadlines(clock.period, start.when.earliest, zone, rules, calendar)
            readings = tuple(Reading(rests_on=why, due=each) for why, each in found)
        least, most = due[1].late(done.earliest), due[0].late(done.latest)
        if least > timedelta(0):
            status, by = ("late" if made else "overdue"), (_seconds(least), _seconds(most))
        elif most <= timedelta(0):
            status, by = ("in time" if made else "open"), (_seconds(-most), _seconds(-least))
        else:
            status = "cannot tell"
    return Run(
        start=start,
        in_force=in_force,
        due=due,
        readings=readings,
        made=made,
        status=status,
        taken=taken,
        by=by,
    )


def _seconds(length: timedelta) -> int:
    return ceil(length.total_seconds())
