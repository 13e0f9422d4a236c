"""Facts that explanations ask as of a day: the runs that they are learnt from, their values, and what of them holds of one day.

Values are in JSON's types, and of each day no more than what makes a difference to it: they are what the day is made under.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.explanation import Explanation
from whosaw.actors.login_holes import HOURS, Hole, login_holes
from whosaw.build.step import Inputs, Span
from whosaw.store.kinds import kind

from .context_rows import ContextRows, Stated
from .day_facts import (
    DayFacts,
    LoginCover,
    ages_of,
    fits_of_logins,
    fits_of_tickets,
    login_cover,
    login_shifts,
    matched,
    matches_of,
    sessions_last,
    ticket_shifts,
    tickets_aside,
)
from .explain import READS

__all__ = [
    "LEARNT_FROM", "OF_DAY", "covered", "day_facts", "every_day", "how_long_sessions_last", "known_keys",
    "known_passes", "later_logins", "later_tickets", "learn", "not_believed", "rows_of", "slacks", "tickets_begin",
]  # fmt: skip

LEARNT_FROM: Final = ("logins", "keys", "staff", "tickets")
"""Tables of the context that runs of facts are made from."""
OF_DAY: Final = (
    "passes-known",
    "sessions-last",
    "logins-cover",
    "logins-later",
    "tickets-later",
    "tickets-aside",
    "tickets-begin",
)
"""The facts that make `DayFacts`."""
Values = Mapping[int, Any]
_DAY: Final = 86_400_000_000


def rows_of(inputs: Inputs, stated: Stated, tables: Sequence[str]) -> ContextRows:
    """The rows of these tables that a span meets, each once."""
    found = {name: inputs.each(name) for name in tables if name in stated.given}
    return ContextRows(tables=found, stated=stated)


def learn(inputs: Inputs, stated: Stated, slack: Mapping[str, int]) -> dict[str, pa.Table]:
    """The runs of days that facts are learnt from. `slack` by rule."""
    views = inputs.rows("views", ["client", *READS])
    rows = rows_of(inputs, stated, LEARNT_FROM)
    begun = {
        day: at
        for day in views["day"].unique().to_pylist()
        if (at := inputs.fact("tickets-begin", day)) is not None
    }
    session = inputs.session
    found = {
        "ages": ages_of(session, views, rows),
        "matches": matches_of(session, views, rows),
        "login_fits": fits_of_logins(session, views, rows, slack.get("issued-session", 0)),
        "ticket_fits": fits_of_tickets(session, views, rows, slack.get("open-ticket", 0), begun),
    }
    return {
        name: each.select(kind(name).in_hand.names).cast(kind(name).in_hand) for name, each in found.items()
    }


def _each(inputs: Inputs, name: str, days: Sequence[int], value: Callable[[pa.Table, int], Any]) -> Values:
    rows = inputs.rows(name)
    return {day: value(rows, day) for day in days}


def known_passes(inputs: Inputs, days: Sequence[int]) -> Values:
    """Whether tokens and sessions of logins are known to the log."""
    return _each(
        inputs,
        "matches",
        days,
        lambda rows, day: [matched(rows, day, each) for each in ("tokens", "sessions")],
    )


def known_keys(inputs: Inputs, days: Sequence[int]) -> Values:
    """Whether the table of keys knows any key of the log."""
    return _each(inputs, "matches", days, lambda rows, day: matched(rows, day, "keys"))


def how_long_sessions_last(inputs: Inputs, days: Sequence[int]) -> Values:
    """How old sessions get, microseconds."""
    return _each(inputs, "ages", days, sessions_last)


def later_logins(inputs: Inputs, days: Sequence[int]) -> Values:
    """Hours by which all logins may have to be later."""
    return _each(inputs, "login_fits", days, lambda rows, day: list(login_shifts(rows, day)))


def later_tickets(inputs: Inputs, days: Sequence[int]) -> Values:
    """Hours by which all tickets may have to be later."""
    return _each(inputs, "ticket_fits", days, lambda rows, day: list(ticket_shifts(rows, day)))


def not_believed(inputs: Inputs, days: Sequence[int]) -> Values:
    """Whether the table of tickets is set aside."""
    return _each(
        inputs,
        "ticket_fits",
        days,
        lambda rows, day: tickets_aside(rows, inputs.fact("tickets-later", day), day),
    )


def covered(inputs: Inputs, days: Sequence[int], stated: Stated) -> Values:
    """From when until when logins are on record, and the holes between, as far as they make a difference to the day; None: none are."""
    recorded = inputs.rows("recorded")
    hours = recorded.filter(pc.equal(recorded["of"], "logins")).select(HOURS.names)
    if "logins" not in stated.given:
        return dict.fromkeys(days)
    holes, found = login_holes(hours), {}
    for day in days:
        cover = login_cover(
            hours,
            day,
            holes=holes,
            since=stated.logins_from,
            until=stated.logins_until,
            late=stated.logins_late,
        )
        near = DayFacts(cover=cover, sessions_last=_lasts(inputs, stated, day)).on(day).cover
        found[day] = (
            None
            if near is None
            else [near.since, near.until, [[each.since, each.until] for each in near.missing]]
        )
    return found


def tickets_begin(inputs: Inputs, days: Sequence[int]) -> Values:
    """When the first ticket was opened, as far as it makes a difference to the day."""
    recorded = inputs.rows("recorded")
    first = pc.min(recorded.filter(pc.equal(recorded["of"], "tickets"))["first"]).as_py()
    return {day: DayFacts(tickets_from=first).on(day).tickets_from for day in days}


def every_day(known: Sequence[int], _day: int) -> Sequence[int]:
    """All days there are: holes of logins are judged by the days before each of them."""
    return known


def _lasts(inputs: Inputs, stated: Stated, day: int) -> int:
    if stated.sessions_last is not None:
        return stated.sessions_last
    return inputs.fact("sessions-last", day) or 0


def day_facts(inputs: Inputs, span: Span, stated: Stated) -> dict[int, DayFacts]:
    """What holds of each day of a span."""
    found = {}
    for day in range(span.first, span.last + 1):
        passes, _, cover, logins, tickets, aside, begin = (inputs.fact(each, day) for each in OF_DAY)
        # of logins that name nobody as the log does it cannot be told whose any of them is
        tokens, sessions = (False, False) if stated.strangers or passes is None else passes
        found[day] = DayFacts(
            tokens=tokens,
            sessions=sessions,
            cover=None
            if cover is None
            else LoginCover(since=cover[0], until=cover[1], missing=tuple(Hole(*each) for each in cover[2])),
            sessions_last=_lasts(inputs, stated, day),
            login_shifts=tuple(logins or ()),
            ticket_shifts=tuple(tickets or ()),
            tickets_aside=bool(aside),
            tickets_from=begin,
        )
    return found


def slacks(explanations: Mapping[str, Explanation]) -> dict[str, int]:
    """By rule, by how much the clocks of two systems may differ."""
    return {each.rule: each.clock_slack for each in explanations.values()}
