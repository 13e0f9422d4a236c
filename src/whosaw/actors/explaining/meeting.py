"""Which rows of the context the views of a day meet, so that a day is looked at only where one of these came or went.

A row is met on the days on which whoever it is about was there: a pass, a person, a principal, or where a job calls from. Who lives with
whom is asked of the whole household, so its rows are met together: on the days of each of its people, and of each pass that was issued
to one of them. A member of staff is met by the keys that he holds, too, and whoever he is as a customer by him.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from threading import RLock
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core import client
from whosaw.store.digest_groups import Grouped, places_in_order
from whosaw.store.distinct import distinct, numbered_from_0, order_of

from .digested import DIGEST
from .keeping import Changes
from .numbering import word_of
from .row_digests import LANES

__all__ = ["MET", "Met", "Once", "Pairs", "Present", "Rows", "met", "met_among", "met_on", "moved", "summed"]

T = TypeVar("T")
Ints = npt.NDArray[np.int64]
Present = Callable[[str, pa.Array], pa.Table]
"""Asked of a kind of identifier and some of them (digests, of keys texts, of claims numbers), gives on which days each is there: place
(among those asked), day."""
Rows = Mapping[str, pa.Table]
"""Tables as `keeping.rows_kept` gives them, by name."""
Met = Mapping[str, pa.Table]
"""By table `MET`."""
Pairs = tuple[Ints, Ints]
"""Things, such as rows, by their number, and beside each a day on which it is met."""

MET: Final = pa.schema([("day", pa.int32()), ("rows", pa.int64()), *((each, pa.uint64()) for each in LANES)])
_LEANS_ON: Final[Mapping[str, tuple[str, ...]]] = {
    "roles": ("staff",),
    "staff": ("keys",),
    "subjects": ("logins", "staff"),
}
"""Other tables that have a say in which days meet the rows of one."""
_JOBS: Final = client.picked(
    "rows of jobs", "principal", "key", "address", "network", why="by these a job is known, the first first"
)
# by table, what is asked for: of each group the first column that says something
_BY: Final[Mapping[str, tuple[tuple[tuple[str, str], ...], ...]]] = {
    "logins": ((("token", "token"),), (("session", "session"),)),
    "subjects": ((("subject", "person"),), (("staff", "principal"),)),
    "delegations": ((("subject", "person"),),),
    "staff": ((("staff", "principal"),), (("subject", "person"),)),
    "shifts": ((("staff", "principal"),),),
    "services": (tuple((each, each) for each in _JOBS),),
    "keys": ((("key", "key"),), (("holders", "principal"),)),
    "canaries": ((("person", "person"),),),
    "claims": ((("principal", "principal"),),),
}
_LARGE: Final = frozenset(
    ("logins", "tickets", "delegations", "subjects", "claims")
)  # of which no more than what changed is asked
_SHIFT: Final = 32
_TABLE: Final = 1 << 24  # rows and days up to which it is told by a table of them all which of them meet
_CLOSE: Final = 32  # times as many rows and days as are met up to which it is told so


class Once:
    """What is worked out of whole tables, whatever days are asked for: it is kept for whoever asks next, as long as the tables are the same.
    Of rows that are asked for once it is not (`keeps`)."""

    def __init__(self, *, keeps: bool = True) -> None:
        self.keeps = keeps
        self._made: dict[Hashable, Any] = {}
        self._lock = RLock()

    def of(self, what: Hashable, make: Callable[[], T]) -> T:
        """The same as was made of that before."""
        if not self.keeps:
            return make()
        with self._lock:
            if what not in self._made:
                self._made[what] = make()
            made: T = self._made[what]
            return made


def met(rows: Rows, present: Present, once: Once | None = None) -> dict[str, pa.Table]:
    """By table and day, how many of its rows are met and the sum of their digests, in the order of days."""
    found = {}
    for name in rows:
        row, day = met_on(name, rows, present, once)
        starts = np.flatnonzero(np.append(True, day[1:] != day[:-1])[: len(day)])
        of_days = zip(day[starts].tolist(), np.split(row, starts[1:]), strict=False)
        found[name] = summed(rows[name], dict(of_days))
    return found


def summed(rows: pa.Table, places: Mapping[int, npt.NDArray[np.integer]]) -> pa.Table:
    """The sums of a table of which days, which ascend, meet the rows at these places."""
    days = [day for day, at in places.items() if len(at)]
    every = np.concatenate([np.zeros(0, np.int64), *(places[day] for day in days)])
    starts = np.cumsum([0, *(len(places[day]) for day in days)])[:-1]
    many = rows["many"].to_numpy()[every]
    words = [rows[lane].to_numpy()[every] * many.view(np.uint64) for lane in LANES]
    totals = (np.add.reduceat(each, starts) if days else each for each in (many, *words))
    return pa.table([pa.array(days, pa.int32()), *map(pa.array, totals)], schema=MET)


def met_on(name: str, rows: Rows, present: Present, once: Once | None = None) -> Pairs:
    """Which rows of a table are met on which day: rows and days, each pair once, in the order of days and in each of rows."""
    return _met_on(name, rows[name], rows, present, once or Once(keeps=False))


def met_among(name: str, rows: Rows, places: Ints, present: Present) -> Pairs:
    """The same where no row can be met but those at these places, which ascend; rows by their number among these."""
    return _met_on(name, rows[name].take(pa.array(places)), rows, present)


def moved(
    before: Met, told: Mapping[str, Changes], last: Rows, now: Rows, present: Present
) -> dict[str, pa.Table]:
    """What `met` gives of the rows `now`, from what it gave of the rows `last` and the changes between: it asks for nothing but what changed, the
    households of whoever it is about, and small tables."""
    changed = {name for name, each in told.items() if each.any}
    found = {}
    for name in sorted({*last, *now}):
        sums = before.get(name, MET.empty_table())
        if name in changed or not changed.isdisjoint(_LEANS_ON.get(name, ())):
            sums = _added(sums, _summed(_terms(name, told, changed, last, now, present)))
        if name in now:
            found[name] = sums
    return found


def _terms(
    name: str, told: Mapping[str, Changes], changed: set[str], last: Rows, now: Rows, present: Present
) -> list[tuple[pa.Table, Pairs, int]]:
    states = [(state, sign) for state, sign in ((last, -1), (now, 1)) if name in state]
    if name not in _LARGE:
        return [(state[name], _met_on(name, state[name], state, present), sign) for state, sign in states]
    if name != "subjects":
        return [
            (told[name].added, _met_on(name, told[name].added, now, present), 1),
            (told[name].taken, _met_on(name, told[name].taken, last, present), -1),
        ]
    asked = [*_people(told.get(name)), *_holders(told.get("logins"))]
    if "staff" in changed:
        asked += [
            each for state in (last, now) if "staff" in state for each in state["staff"]["subject"].chunks
        ]
    people = pa.chunked_array(asked, DIGEST).unique().drop_null()
    if not len(people):
        return []
    found = [_lives(state[name], people)["home"] for state, _ in states]
    homes = pa.chunked_array([chunk for each in found for chunk in each.chunks], pa.int64()).unique()
    terms = []
    for state, sign in states:
        near = _households(state[name], homes)["subject"]
        own = _of_people(state[name], pa.chunked_array([*near.chunks, people], DIGEST).unique())
        terms.append((own, _met_on(name, own, state, present), sign))
    return terms


def _met_on(name: str, rows: pa.Table, state: Rows, present: Present, once: Once | None = None) -> Pairs:
    """Rows and days on which they are met, each pair once, in the order of days and in each of rows. `once` is of all rows of the table."""
    if not rows.num_rows:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    once = once or Once(keeps=False)

    def days(what: str, values: Callable[[], pa.Array | pa.ChunkedArray], kind: str) -> Pairs:
        return once.of((name, what), lambda: _Values.of(values())).days(kind, present)

    if name == "tickets":  # an agent and a person who are there on one day
        agents = days("agent", lambda: rows["agent"], "principal")
        people = days("subject", lambda: rows["subject"], "person")
        asked, seen = (day << _SHIFT | row for row, day in (agents, people))
        both = np.intersect1d(asked, seen)
        return both & (1 << _SHIFT) - 1, both >> _SHIFT
    if name == "roles":  # whoever works here
        staff = state["staff"]["staff"] if "staff" in state else pa.chunked_array([], DIGEST)
        there = distinct(days("staff", lambda: staff, "principal")[1])
        every = np.arange(rows.num_rows)
        return np.tile(every, len(there)), np.repeat(there, len(every))
    found = []
    for at, group in enumerate(_BY.get(name, ())):
        values = _asked(name, at, rows, once)
        found += [each.days(kind, present) for each, (_, kind) in zip(values, group, strict=True)]
    if name == "subjects":
        homes = once.of((name, "homes"), lambda: _Homes.of(rows, state, _asked(name, 0, rows, once)[0]))
        found.append(homes.days(present, found[0]))
        if "staff" in state:
            staff = state["staff"].filter(state["staff"]["subject"].is_valid())
            at_work = days("at work", lambda: staff["staff"], "principal")
            who = _asked(name, 0, rows, once)[0]
            place = once.of((name, "who works"), lambda: who.places(staff["subject"]))
            found.append(_through(who, place, at_work))
    if name == "staff" and "keys" in state:
        holders = state["keys"]["holders"].combine_chunks()
        key = state["keys"]["key"].combine_chunks().take(pc.list_parent_indices(holders))
        at_work = days("keys", lambda: key, "key")
        held_by = _asked(name, 0, rows, once)[0]
        place = once.of((name, "who holds"), lambda: held_by.places(holders.flatten()))
        found.append(_through(held_by, place, at_work))
    return _each_once(found, rows.num_rows)


def _each_once(pairs: Sequence[Pairs], many: int) -> Pairs:
    """Things of so many and days, each pair once, in the order of days and in each of things."""
    thing, day = (np.concatenate([np.zeros(0, np.int64), *parts]) for parts in zip(*pairs, strict=True)) if pairs else (np.zeros(0, np.int64),) * 2  # fmt: skip
    if not len(day):
        return thing, day
    low = int(day.min())
    on = int(day.max()) - low + 1
    code = (day - low) * many + thing
    if on * many > min(_TABLE, _CLOSE * len(code)):
        own = distinct(code)
        return own % many, own // many + low
    there = np.zeros(on * many, bool)
    there[code] = True
    own = np.flatnonzero(there)
    day = np.repeat(np.arange(on), np.diff(np.searchsorted(own, np.arange(on + 1) * many)))
    return own - day * many, day + low


def _asked(name: str, at: int, rows: pa.Table, once: Once) -> list[_Values]:
    """What is asked for of the columns of one group."""
    return once.of((name, at), partial(_said_first, rows, _BY[name][at]))


def _said_first(rows: pa.Table, group: Sequence[tuple[str, str]]) -> list[_Values]:
    """Of these columns what each row says first."""
    unsaid: npt.NDArray[np.bool_] | None = None  # None: all rows
    found = []
    for column, _ in group:
        asked = rows[column].combine_chunks()
        own = asked if unsaid is None else pc.if_else(pa.array(unsaid), asked, pa.scalar(None, asked.type))
        found.append(_Values.of(own))
        if len(group) > 1:
            silent = asked.is_null().to_numpy(zero_copy_only=False)
            unsaid = silent if unsaid is None else unsaid & silent
    return found


@dataclass(frozen=True, slots=True)
class _RowsOf:
    """Rows by what they are of: things, numbered from 0. Those of thing n begin at `starts[n]`."""

    rows: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int32]

    @classmethod
    def of(cls, rows: Ints, things: npt.NDArray[np.integer[Any]], count: int) -> _RowsOf:
        """`things` stand beside the rows; below zero: of none."""
        some = np.flatnonzero(things >= 0)
        some = some[order_of(things[some].astype(np.int64))]
        starts = np.searchsorted(things[some], np.arange(count + 1, dtype=things.dtype))
        return cls(rows[some].astype(np.int32), starts.astype(np.int32))

    def on(self, things: Ints, days: Ints) -> Pairs:
        """Rows and days on which their thing is there."""
        begins = self.starts[things]
        many = self.starts[things + 1] - begins
        if len(many) and int(many.min()) == int(many.max()) == 1:
            return self.rows[begins].astype(np.int64), days
        inside = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        return self.rows[np.repeat(begins, many) + inside].astype(np.int64), np.repeat(days, many)


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of a column, each once, and the rows that have each. Digests and numbers ascend."""

    own: pa.Array
    rows: _RowsOf

    @classmethod
    def of(cls, values: pa.ChunkedArray | pa.Array) -> _Values:
        """Of a list each of its values."""
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        row = None
        if pa.types.is_list(values.type):
            row = pc.list_parent_indices(values).to_numpy().astype(np.int64)
            values = values.flatten()
        if values.type == DIGEST or pa.types.is_integer(values.type):
            told = Grouped.of(values)
            rows = told.rows if row is None else row[told.rows].astype(np.int32)
            return cls(values.take(pa.array(told.first)), _RowsOf(rows, told.starts))
        own = values.unique().drop_null()
        row = np.arange(len(values)) if row is None else row
        place = pc.fill_null(pc.index_in(values, value_set=own), -1).to_numpy().astype(np.int64)
        return cls(own, _RowsOf.of(row, place, len(own)))

    def days(self, kind: str, present: Present) -> Pairs:
        """Rows and days on which their value is there."""
        if not len(self.own):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        found = present(kind, self.own)
        place, day = (found[name].to_numpy().astype(np.int64, copy=False) for name in ("place", "day"))
        return self.rows.on(place, day)

    def places(self, digests: pa.ChunkedArray | pa.Array) -> Ints:
        """Where each of these stands among the values, which are digests; -1 where it does not."""
        place = places_in_order(_one(digests), self.own)
        place[place == len(self.own)] = -1
        return place


@dataclass(frozen=True, slots=True, kw_only=True)
class _Homes:
    """The households of the people of some rows: who lives in each, and the passes that were issued to any of them. Whoever is not named is
    taken for one person, of whom nothing is seen."""

    rows: _RowsOf
    people: _Values | None  # None: those that the rows name
    at_home: npt.NDArray[np.int32]  # the home of each row of `people`, -1 where there is none
    passes: tuple[tuple[str, _Values], ...]
    holder: npt.NDArray[np.int32]  # the home of whoever each of their rows was issued to

    @classmethod
    def of(cls, rows: pa.Table, state: Rows, who: _Values) -> _Homes:
        """`who`: whom the rows name."""
        subjects = state["subjects"]
        whole = rows is subjects
        if not whole:
            subjects = _near(subjects, rows)
        people = who if whole else _Values.of(subjects["subject"])
        home, many = _homes(subjects, people)
        at_home = home[Grouped(people.rows.rows, people.rows.starts).things(subjects.num_rows)]
        own = at_home if whole else home[places_in_order(_one(rows["subject"]), people.own)]
        passes, holder = [], np.zeros(0, np.int32)
        if "logins" in state:
            logins = state["logins"]
            place = places_in_order(_one(logins["subject"]), people.own)
            holder = np.where(place < 0, np.int32(-1), home[place])
            issued = np.flatnonzero(holder >= 0)
            holder, chosen = holder[issued], pa.array(issued)
            passes = [(each, _Values.of(logins[each].take(chosen))) for each in ("token", "session")]
        return cls(
            rows=_RowsOf.of(np.arange(rows.num_rows), own, many),
            people=None if whole else people,
            at_home=at_home,
            passes=tuple(passes),
            holder=holder,
        )

    def days(self, present: Present, seen: Pairs) -> Pairs:
        """Rows and days on which anybody is there who lives with their person, or a pass that was issued to one of them. `seen`: rows and days on
        which whom they name is there."""
        row, day = seen if self.people is None else self.people.days("person", present)
        found = [(self.at_home[row], day)]
        for kind, values in self.passes:
            row, day = values.days(kind, present)
            found.append((self.holder[row], day))
        lived = [(home[home >= 0].astype(np.int64), day[home >= 0]) for home, day in found]
        return self.rows.on(*_each_once(lived, len(self.rows.starts) - 1))


def _near(subjects: pa.Table, rows: pa.Table) -> pa.Table:
    """All rows of the people of some rows, and of whoever may live with one of them."""
    people = _one(rows["subject"]).unique()
    homes = word_of(_one(_of_people(subjects, people)["home"])).drop_null().unique()
    beside = subjects["subject"].filter(pc.is_in(word_of(_one(subjects["home"])), homes))
    return _of_people(subjects, pa.chunked_array([people, *beside.chunks], DIGEST).unique())


def _homes(subjects: pa.Table, people: _Values) -> tuple[npt.NDArray[np.int32], int]:
    """Where each of these people lives, whom all rows name, and last whoever is not named: homes numbered from 0, -1 where there is none; and how many
    homes there are. Of several homes the lowest, as the rules have it."""
    told = word_of(_one(subjects["home"]))
    person = Grouped(people.rows.rows, people.rows.starts).things(len(told))
    lowest = np.full(len(people.own) + 1, np.iinfo(np.int64).max)
    lives = np.zeros(len(lowest), bool)
    if told.null_count:
        person = person[told.is_valid().to_numpy(zero_copy_only=False)]
        told = told.drop_null()
    np.minimum.at(lowest, person, told.to_numpy())
    lives[person] = True
    homes, number = numbered_from_0(lowest[lives])
    home = np.full(len(lowest), -1, np.int32)
    home[lives] = number
    return home, len(homes)


def _through(values: _Values, place: Ints, pairs: Pairs) -> Pairs:
    """Rows and days, of each row those of all others that name what it names. `place`: which of the values each of the others names; `pairs` are of
    the others."""
    other, day = pairs
    things = place[other]
    named = things >= 0
    return values.rows.on(things[named], day[named])


def _lives(subjects: pa.Table, people: pa.Array) -> pa.Table:
    """Where each of these people lives: subject, home (as `numbering` numbers it). Of several homes the lowest, as the rules have it."""
    own = subjects.filter(pc.and_(pc.is_in(subjects["subject"], people), subjects["home"].is_valid()))
    told = pa.table([own["subject"], word_of(own["home"].combine_chunks())], names=["subject", "home"])
    return told.group_by("subject").aggregate([("home", "min")]).rename_columns({"home_min": "home"})


def _households(subjects: pa.Table, homes: pa.Array) -> pa.Table:
    """Who lives in these homes: subject, home."""
    near = subjects.filter(pc.is_in(word_of(subjects["home"].combine_chunks()), homes))
    lives = _lives(subjects, near["subject"].combine_chunks().unique())
    return lives.filter(pc.is_in(lives["home"], homes))


def _one(values: pa.ChunkedArray | pa.Array) -> pa.Array:
    """All values in one array."""
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _people(told: Changes | None) -> list[pa.Array]:
    """Whoever rows of a table that came or went are about."""
    return [] if told is None else [*told.added["subject"].chunks, *told.taken["subject"].chunks]


def _holders(told: Changes | None) -> list[pa.Array]:
    """Whom a pass was issued to, or is issued to no more. Mostly a login is another one in what the ledger knows of it alone."""
    if told is None:
        return []
    names = ["subject", "token", "session"]
    gone = told.taken.set_column(2, "many", pc.negate(told.taken["many"]))
    every = pa.concat_tables([each.select([*names, "many"]) for each in (told.added, gone)])
    sums = every.group_by(names).aggregate([("many", "sum")])
    return list(sums.filter(pc.not_equal(sums["many_sum"], 0))["subject"].chunks)


def _of_people(subjects: pa.Table, people: pa.Array) -> pa.Table:
    return subjects.filter(pc.is_in(subjects["subject"], people))


def _summed(terms: list[tuple[pa.Table, Pairs, int]]) -> pa.Table:
    """Rows and digests by day; a row counts as often as it is there, and its sign says whether it is added or taken."""
    days = [np.zeros(0, np.int64)]
    parts: dict[str, list[npt.NDArray[Any]]] = {
        "rows": [np.zeros(0, np.int64)],
        **{each: [np.zeros(0, np.uint64)] for each in LANES},
    }
    for table, (at, day), sign in terms:
        many = table["many"].to_numpy()[at] * sign
        days.append(day)
        parts["rows"].append(many)
        for lane in LANES:
            parts[lane].append(table[lane].to_numpy()[at] * many.view(np.uint64))
    own, place = np.unique(np.concatenate(days), return_inverse=True)
    columns = []
    for each in parts.values():
        told = np.concatenate(each)
        total = np.zeros(len(own), told.dtype)
        np.add.at(total, place, told)
        columns.append(pa.array(total))
    return pa.table([pa.array(own, pa.int32()), *columns], schema=MET)


def _added(one: pa.Table, other: pa.Table) -> pa.Table:
    """Both sums; a day on which no row is met is not in it."""
    every = pa.concat_tables([one, other])
    own, place = np.unique(every["day"].to_numpy(), return_inverse=True)
    columns = []
    for name in MET.names[1:]:
        total = np.zeros(len(own), every[name].to_numpy().dtype)
        np.add.at(total, place, every[name].to_numpy())
        columns.append(pa.array(total))
    return pa.table([pa.array(own, pa.int32()), *columns], schema=MET).filter(
        pc.not_equal(pa.array(columns[0]), 0)
    )
