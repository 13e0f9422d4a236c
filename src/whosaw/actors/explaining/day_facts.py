"""What explanations ask of the whole, as of a day, and the tables by day from which it is learnt.

Each table adds up: those of two parts of a day's views, put together, say what that of all of them says. A fact as of a day is learnt from
the 28 known days before it, in hindsight from the first 28, and is rounded, so that one row more does not make every day again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.login_holes import Hole, login_holes, longest_pause, usual_days
from whosaw.store.kinds import kind
from whosaw.store.sql import Session

from .context_rows import ContextRows
from .statements import explaining_statement

__all__ = [
    "DayFacts", "LoginCover", "agents_lacking", "ages_of", "as_of", "better_logins", "better_tickets", "facts_table", "fits_of_logins", "fits_of_tickets", "login_cover", "login_shifts", "matched",
    "matches_of", "sessions_last", "ticket_shifts", "tickets_aside",
]  # fmt: skip

Ints = npt.NDArray[np.int64]
QUARTER: Final = 900_000_000  # microseconds in a quarter of an hour
_HOUR: Final = 4 * QUARTER
_DAY: Final = 24 * _HOUR
MOST_HOURS: Final = 14  # no zone is further from UTC
_FEW_LOGINS: Final = 10  # so many views that another hour would explain say something of a whole table
_FEW_TICKETS: Final = 2
_AGENTS: Final = 3  # for the middle one to say something of the table
_HOLE: Final = pa.list_(pa.struct([("since", pa.int64()), ("until", pa.int64())]))


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginCover:
    """From when until when logins are on record (microseconds since 1970), and the holes between."""

    since: int
    until: int
    missing: tuple[Hole, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFacts:
    """What holds of one day. `tokens`, `sessions`: ids of logins are known to the log. `cover` None: no logins. `sessions_last`: how old
    sessions get, microseconds. `login_shifts`, `ticket_shifts`: hours by which a table may have to be later. `tickets_aside`: the table is
    not believed. `tickets_from`: when the first ticket was opened."""

    tokens: bool = False
    sessions: bool = False
    cover: LoginCover | None = None
    sessions_last: int = 0
    login_shifts: tuple[int, ...] = ()
    ticket_shifts: tuple[int, ...] = ()
    tickets_aside: bool = False
    tickets_from: int | None = None

    def on(self, day: int) -> DayFacts:
        """The same of a day, where what makes no difference to it is one value: it is what the day is made under, and has to stay as it
        is when the tables go on, or a hole is found in another year."""
        start, end = day * _DAY, (day + 1) * _DAY
        cover, tickets = self.cover, self.tickets_from
        if cover is not None:
            cover = LoginCover(
                since=max(cover.since, start - self.sessions_last),
                until=min(cover.until, end),
                missing=tuple(
                    each
                    for each in cover.missing
                    if each.since < end and start < each.until + self.sessions_last
                ),
            )
        if tickets is not None:
            tickets = min(max(tickets, start), end + _DAY)
        return replace(self, cover=cover, tickets_from=tickets)


def facts_table(rows: ContextRows, facts: Mapping[int, DayFacts]) -> pa.Table:
    """Facts of days as the statements read them."""
    told = [
        {
            "day": day,
            "tokens": each.tokens,
            "sessions": each.sessions,
            "logins_from": each.cover.since if each.cover else 0,
            "logins_until": each.cover.until if each.cover else 0,
            "missing": [
                {"since": hole.since, "until": hole.until}
                for hole in (each.cover.missing if each.cover else ())
            ],
            "sessions_last": each.sessions_last,
            "login_shifts": [hours * _HOUR for hours in each.login_shifts],
            "ticket_shifts": [hours * _HOUR for hours in each.ticket_shifts],
            "tickets": rows.given("tickets") and not each.tickets_aside,
            "tickets_from": each.tickets_from,
            "delegations": rows.given("delegations"),
            "homes": rows.says("subjects", "home"),
        }
        for day, each in sorted(facts.items())
    ]
    whole, flag, shifts = pa.int64(), pa.bool_(), pa.list_(pa.int64())
    schema = pa.schema([
        ("day", pa.int32()), ("tokens", flag), ("sessions", flag), ("logins_from", whole), ("logins_until", whole), ("missing", _HOLE),
        ("sessions_last", whole), ("login_shifts", shifts), ("ticket_shifts", shifts), ("tickets", flag), ("tickets_from", whole),
        ("delegations", flag), ("homes", flag),
    ])  # fmt: skip
    return pa.Table.from_pylist(told, schema=schema)


def as_of(table: pa.Table, day: int) -> pa.Table:
    """The rows of a table by day from which a fact as of `day` is learnt."""
    known = np.unique(table["day"].to_numpy()).astype(np.int64)
    if not len(known):
        return table
    return table.filter(pc.is_in(table["day"], pa.array(usual_days(known, day), table["day"].type)))


def login_cover(
    hours: pa.Table,
    day: int,
    *,
    holes: tuple[Hole, ...] | None = None,
    since: int | None = None,
    until: int | None = None,
    late: int | None = None,
) -> LoginCover | None:
    """What logins cover as of a day, from their hours (`login_holes.hours_of`); `holes` are those of these hours where they are known
    already; `since` and `until` as the user states them, and by how long after its issue a login is on record, `late`. None: no logins are on
    record.

    Holes are judged by the days before each of them, so a day that comes later changes none but those of hindsight. After the last row
    logins go on for the longest pause that is no hole of the 28 known days before, up to a quarter of an hour, and at least to the end of its hour; where they come
    late, they are whole until so long before it."""
    if not hours.num_rows:
        return None if since is None or until is None else LoginCover(since=since, until=until)
    stated = since is not None and until is not None
    missing = () if stated else login_holes(hours) if holes is None else holes
    first, last = hours["first"][0].as_py(), hours["last"][-1].as_py()
    if until is None and late is not None:
        until = last - late
    if until is None:
        usual = usual_days(np.unique(hours["hour"].to_numpy() // 24), day)
        pause = longest_pause(hours, missing, since_day=int(usual[0]), until_day=int(usual[-1]) + 1)
        until = max(last + -(-pause // QUARTER) * QUARTER, (last // _HOUR + 1) * _HOUR - 1)
    return LoginCover(since=first if since is None else since, until=until, missing=missing)


def matches_of(session: Session, views: pa.Table, rows: ContextRows) -> pa.Table:
    """By day, whether any token and any session of its views is one of the logins, and any key one of the keys: day, tokens, sessions, keys."""
    logins, keys = rows.rows("logins"), rows.rows("keys")
    if not logins.num_rows and not keys.num_rows:
        days = pc.unique(views["day"])
        none = pa.array([False] * len(days), pa.bool_())
        return pa.table({"day": days, "tokens": none, "sessions": none, "keys": none})
    return session.query(explaining_statement("matches"), views=views, logins=logins, keys=keys)


def matched(matches: pa.Table, day: int, name: str) -> bool:
    """Whether identifiers of a table (`tokens`, `sessions`, `keys`) are known to the log, as of a day."""
    return bool(pc.any(as_of(matches, day)[name]).as_py())


def ages_of(session: Session, views: pa.Table, rows: ContextRows) -> pa.Table:
    """How old the sessions on record behind the views of each day are: day, quarters (of an hour, begun ones whole), views."""
    logins = rows.rows("logins")
    if not logins.num_rows:
        return kind("ages").in_hand.empty_table()
    return session.query(explaining_statement("ages"), [QUARTER], views=views, logins=logins)


def sessions_last(ages: pa.Table, day: int) -> int:
    """The age that 19 of 20 views do not pass, as of a day, up to a quarter of an hour; 0 where none is known."""
    near = as_of(ages, day).group_by("quarters").aggregate([("views", "sum")]).sort_by("quarters")
    until = np.cumsum(near["views_sum"].to_numpy())
    if not len(until):
        return 0
    return int(near["quarters"][int(np.argmax(20 * until >= 19 * until[-1]))].as_py()) * QUARTER


def fits_of_logins(session: Session, views: pa.Table, rows: ContextRows, slack: int) -> pa.Table:
    """Of each day's first views that a client had of a person to whom its token or session was issued, by hours by which all logins would
    have to be later: how many fit only then, how many no longer, and how many there are: day, hours, gained, lost, uses."""
    logins = rows.rows("logins")
    if not logins.num_rows:
        return kind("login_fits").in_hand.empty_table()
    return session.query(explaining_statement("login_fits"), [slack, MOST_HOURS], views=views, logins=logins)


def login_shifts(fits: pa.Table, day: int) -> tuple[int, ...]:
    """Hours by which all logins may have to be later, as of a day."""
    return tuple(sorted(hours for hours, _ in better_logins(fits, day)))


def better_logins(fits: pa.Table, day: int) -> list[tuple[int, int]]:
    """The same, the best first, with how many uses fit only then."""
    return _shifts(as_of(fits, day), lambda gained, uses: gained >= _FEW_LOGINS and 3 * gained >= uses)


def fits_of_tickets(
    session: Session, views: pa.Table, rows: ContextRows, slack: int, begun: Mapping[int, int]
) -> pa.Table:
    """What staff saw once tickets were on record (by day when the first of all was opened), each look of a day, and at which shifts of all tickets one was open: day, agent, person,
    fits (bit 14: as they stand, bit 14 + n: n hours later), looks."""
    staff = rows.rows("staff")
    if not staff.num_rows or not begun:
        return kind("ticket_fits").in_hand.empty_table()
    return session.query(
        explaining_statement("ticket_fits"),
        [slack, MOST_HOURS],
        views=views,
        staff=staff,
        tickets=rows.rows("tickets"),
        begun=pa.table(
            {"day": pa.array(begun, pa.int32()), "first_opened": pa.array(begun.values(), pa.int64())}
        ),
    )


def ticket_shifts(fits: pa.Table, day: int) -> tuple[int, ...]:
    """Hours by which all tickets may have to be later, as of a day."""
    return tuple(sorted(hours for hours, _ in better_tickets(fits, day)))


def better_tickets(fits: pa.Table, day: int) -> list[tuple[int, int]]:
    """The same, the best first, with how many looks have a ticket only then."""
    near = as_of(fits, day)
    bits, looks = near["fits"].to_numpy(), near["looks"].to_numpy()
    now = (bits >> MOST_HOURS) & 1
    told = []
    for hours in range(-MOST_HOURS, MOST_HOURS + 1):
        then = (bits >> (MOST_HOURS + hours)) & 1
        told.append({
            "hours": hours, "gained": int(looks[(then == 1) & (now == 0)].sum()),
            "lost": int(looks[(then == 0) & (now == 1)].sum()), "uses": int(looks.sum()),
        })  # fmt: skip
    return _shifts(pa.Table.from_pylist(told), lambda gained, _: gained >= _FEW_TICKETS)


def tickets_aside(fits: pa.Table, shifts: tuple[int, ...], day: int) -> bool:
    """Whether tickets are not to be believed as of a day: the middle agent of a desk has none for more than a third of the people seen,
    however many of these hours later they are."""
    # as shares of whole numbers: the lower of two in the middle
    shares = sorted(agents_lacking(fits, shifts, day), key=lambda each: each[0] / each[1])
    if len(shares) < _AGENTS:
        return False
    lacking, seen = shares[(len(shares) - 1) // 2]
    return 3 * lacking > seen


def agents_lacking(fits: pa.Table, shifts: tuple[int, ...], day: int) -> list[tuple[int, int]]:
    """Of each agent, as of a day: for how many people there is no ticket, however many of these hours later tickets are, and how many
    were seen."""
    near = as_of(fits, day)
    wanted = sum(1 << (MOST_HOURS + hours) for hours in (0, *shifts))
    people: dict[int, dict[int, bool]] = {}
    for agent, person, bits in zip(
        near["agent"].to_pylist(), near["person"].to_pylist(), near["fits"].to_pylist(), strict=True
    ):
        own = people.setdefault(agent, {})
        own[person] = own.get(person, False) or not bits & wanted
    return sorted((sum(each.values()), len(each)) for each in people.values())


def _shifts(told: pa.Table, enough: Callable[[int, int], bool]) -> list[tuple[int, int]]:
    """Hours at which more is gained than lost, and enough of all uses, the best first; and how much is gained."""
    every = (
        told.group_by("hours").aggregate([("gained", "sum"), ("lost", "sum"), ("uses", "sum")]).to_pylist()
    )
    better = [
        each
        for each in every
        if each["hours"]
        and each["gained_sum"] > each["lost_sum"]
        and enough(each["gained_sum"], each["uses_sum"])
    ]
    better.sort(key=lambda each: (each["lost_sum"] - each["gained_sum"], abs(each["hours"]), each["hours"]))
    return [(each["hours"], each["gained_sum"]) for each in better]
