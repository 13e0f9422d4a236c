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
from whosaw.store.distinct import distinct

from .digested import DIGEST
from .keeping import Changes
from .numbering import word_of
from .row_digests import LANES

__all__ = ["MET", "Met", "Once", "Present", "Rows", "met", "met_on", "moved"]

T = TypeVar("T")
Ints = npt.NDArray[np.int64]
Present = Callable[[str, pa.Array], pa.Table]
"""Asked of a kind of identifier and some of them (digests, of keys texts, of claims numbers), gives on which days each is there: place
(among those asked), day."""
Rows = Mapping[str, pa.Table]
"""Tables as `keeping.rows_kept` gives them, by name."""
Met = Mapping[str, pa.Table]
"""By table `MET`."""

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
_DAY_BITS: Final = (1 << _SHIFT) - 1
_ZERO: Final = 1 << (_SHIFT - 1)  # days before 1970 are below zero


class Once:
    """What is worked out of whole tables, whatever days are asked for: it is kept for whoever asks next, as long as the tables are the same.
    Of rows that are asked for once it is not (`keeps`)."""

    def __init__(self, *, keeps: bool = True) -> None:
        self._keeps = keeps
        self._made: dict[Hashable, Any] = {}
        self._lock = RLock()

    def of(self, what: Hashable, make: Callable[[], T]) -> T:
        """The same as was made of that before."""
        if not self._keeps:
            return make()
        with self._lock:
            if what not in self._made:
                self._made[what] = make()
            made: T = self._made[what]
            return made


def met(rows: Rows, present: Present, once: Once | None = None) -> dict[str, pa.Table]:
    """By table and day, how many of its rows are met and the sum of their digests, in the order of days."""
    once = once or Once(keeps=False)
    return {name: _summed([(rows[name], _met_on(name, rows[name], rows, present, once), 1)]) for name in rows}


def met_on(name: str, rows: Rows, present: Present, once: Once | None = None) -> tuple[Ints, Ints]:
    """Which rows of a table are met on which day: pairs of a row and a day, in the order of days and in each of rows."""
    pairs = _met_on(name, rows[name], rows, present, once or Once(keeps=False))
    row, day = pairs >> _SHIFT, (pairs & _DAY_BITS) - _ZERO
    order = np.argsort(day, kind="stable")
    return row[order], day[order]


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
) -> list[tuple[pa.Table, Ints, int]]:
    states = [(state, sign) for state, sign in ((last, -1), (now, 1)) if name in state]
    if name not in _LARGE:
        return [(state[name], _met_on(name, state[name], state, present), sign) for state, sign in states]
    if name != "subjects":
        return [
            (told[name].added, _met_on(name, told[name].added, now, present), 1),
            (told[name].taken, _met_on(name, told[name].taken, last, present), -1),
        ]
    asked = [_people(told, "subjects", "logins")]
    if "staff" in changed:
        asked += [state["staff"]["subject"] for state in (last, now) if "staff" in state]
    people = (
        pa.chunked_array([chunk for each in asked for chunk in _chunks(each)], DIGEST).unique().drop_null()
    )
    found = [_lives(state[name], people)["home"] for state, _ in states]
    homes = pa.chunked_array([chunk for each in found for chunk in each.chunks], pa.int64()).unique()
    terms = []
    for state, sign in states:
        near = _households(state[name], homes)["subject"]
        own = _of_people(state[name], pa.chunked_array([*near.chunks, people], DIGEST).unique())
        terms.append((own, _met_on(name, own, state, present), sign))
    return terms


def _met_on(name: str, rows: pa.Table, state: Rows, present: Present, once: Once | None = None) -> Ints:
    """Pairs of a row and a day on which it is met, each once. `once` is of all rows of the table."""
    if not rows.num_rows:
        return np.zeros(0, np.int64)
    once = once or Once(keeps=False)

    def days(what: str, values: Callable[[], pa.Array | pa.ChunkedArray], kind: str) -> Ints:
        return once.of((name, what), lambda: _Values.of(values())).days(kind, present)

    if name == "tickets":  # an agent and a person who are there on one day
        return np.intersect1d(
            days("agent", lambda: rows["agent"], "principal"),
            days("subject", lambda: rows["subject"], "person"),
        )
    if name == "roles":  # whoever works here
        staff = state["staff"]["staff"] if "staff" in state else pa.chunked_array([], DIGEST)
        there = distinct(days("staff", lambda: staff, "principal") & _DAY_BITS)
        return ((np.arange(rows.num_rows) << _SHIFT)[:, None] | there[None, :]).reshape(-1)
    found = []
    for at, group in enumerate(_BY.get(name, ())):
        values = _asked(name, at, rows, once)
        found += [each.days(kind, present) for each, (_, kind) in zip(values, group, strict=True)]
    if name == "subjects":
        homes = once.of((name, "homes"), lambda: _Homes.of(rows, state))
        found.append(homes.days(present))
        if "staff" in state:
            staff = state["staff"].filter(state["staff"]["subject"].is_valid())
            at_work = days("at work", lambda: staff["staff"], "principal")
            people = _asked(name, 0, rows, once)[0]
            place = once.of(
                (name, "who works"), lambda: _places(staff["subject"].combine_chunks(), people.own)
            )
            found.append(_through(people, place, at_work))
    if name == "staff" and "keys" in state:
        holders = state["keys"]["holders"].combine_chunks()
        key = state["keys"]["key"].combine_chunks().take(pc.list_parent_indices(holders))
        at_work = days("keys", lambda: key, "key")
        people = _asked(name, 0, rows, once)[0]
        place = once.of((name, "who holds"), lambda: _places(holders.flatten(), people.own))
        found.append(_through(people, place, at_work))
    return distinct(np.concatenate(found)) if found else np.zeros(0, np.int64)


def _asked(name: str, at: int, rows: pa.Table, once: Once) -> list[_Values]:
    """What is asked for of the columns of one group."""
    return once.of((name, at), partial(_said_first, rows, _BY[name][at]))


def _said_first(rows: pa.Table, group: Sequence[tuple[str, str]]) -> list[_Values]:
    """Of these columns what each row says first."""
    unsaid = np.ones(rows.num_rows, np.bool_)
    found = []
    for column, _ in group:
        asked = rows[column].combine_chunks()
        found.append(_Values.of(pc.if_else(pa.array(unsaid), asked, pa.scalar(None, asked.type))))
        unsaid &= asked.is_null().to_numpy(zero_copy_only=False)
    return found


@dataclass(frozen=True, slots=True)
class _RowsOf:
    """Rows by what they are of: things, numbered from 0."""

    rows: Ints
    starts: Ints

    @classmethod
    def of(cls, rows: Ints, things: Ints, count: int) -> _RowsOf:
        """`things` stand beside the rows; below zero: of none."""
        some = np.flatnonzero(things >= 0)
        some = some[np.argsort(things[some], kind="stable")]
        return cls(rows[some], np.searchsorted(things[some], np.arange(count + 1)))

    def on(self, things: Ints, days: Ints) -> Ints:
        """Pairs of a row and a day on which its thing is there, each once."""
        begins = self.starts[things]
        many = self.starts[things + 1] - begins
        inside = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        return distinct((self.rows[np.repeat(begins, many) + inside] << _SHIFT) | np.repeat(days, many))


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of a column, each once, and the rows that have each."""

    own: pa.Array
    rows: _RowsOf

    @classmethod
    def of(cls, values: pa.ChunkedArray | pa.Array) -> _Values:
        """Of a list each of its values."""
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        row = np.arange(len(values))
        if pa.types.is_list(values.type):
            row = pc.list_parent_indices(values).to_numpy().astype(np.int64)
            values = values.flatten()
        own = values.unique().drop_null()
        return cls(own, _RowsOf.of(row, _places(values, own), len(own)))

    def days(self, kind: str, present: Present) -> Ints:
        """Pairs of a row and a day on which its value is there, each once."""
        if not len(self.own):
            return np.zeros(0, np.int64)
        found = present(kind, self.own)
        place, day = (found[name].to_numpy().astype(np.int64) for name in ("place", "day"))
        return self.rows.on(place, day + _ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Homes:
    """The households of the people of some rows: who lives in each, and the passes that were issued to any of them."""

    rows: _RowsOf
    there: tuple[tuple[str, _Values, Ints], ...]  # kind, values, the home of each of their rows

    @classmethod
    def of(cls, rows: pa.Table, state: Rows) -> _Homes:
        lives = _lives(state["subjects"], rows["subject"].combine_chunks().unique())
        homes = lives["home"].combine_chunks().unique()
        theirs = _households(state["subjects"], homes)
        people = theirs["subject"].combine_chunks()
        at_home = _places(theirs["home"].combine_chunks(), homes)
        there = [("person", _Values.of(people), at_home)]
        if "logins" in state:
            logins = state["logins"].filter(pc.is_in(state["logins"]["subject"], people))
            holder = at_home[_places(logins["subject"].combine_chunks(), people)]
            there += [(each, _Values.of(logins[each]), holder) for each in ("token", "session")]
        of_people = _places(rows["subject"].combine_chunks(), lives["subject"].combine_chunks())
        own = np.append(_places(lives["home"].combine_chunks(), homes), -1)[of_people]
        return cls(rows=_RowsOf.of(np.arange(rows.num_rows), own, len(homes)), there=tuple(there))

    def days(self, present: Present) -> Ints:
        """Pairs of a row and a day on which anybody is there who lives with its person, or a pass that was issued to one of them."""
        found = [np.zeros(0, np.int64)]
        for kind, values, home in self.there:
            days = values.days(kind, present)
            found.append(distinct((home[days >> _SHIFT] << _SHIFT) | (days & _DAY_BITS)))
        pairs = distinct(np.concatenate(found))
        return self.rows.on(pairs >> _SHIFT, pairs & _DAY_BITS)


def _through(values: _Values, place: Ints, days: Ints) -> Ints:
    """Pairs of a row and a day, of each row those of all others that name what it names. `place`: which of the values each of the others names;
    `days` are pairs of the others and a day."""
    things = place[days >> _SHIFT]
    named = things >= 0
    pairs = distinct((things[named] << _SHIFT) | (days[named] & _DAY_BITS))
    return values.rows.on(pairs >> _SHIFT, pairs & _DAY_BITS)


def _chunks(values: pa.Array | pa.ChunkedArray) -> list[pa.Array]:
    return values.chunks if isinstance(values, pa.ChunkedArray) else [values]


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


def _places(values: pa.Array, among: pa.Array) -> Ints:
    """Where each value stands among these; -1 where it does not."""
    found: Ints = pc.fill_null(pc.index_in(values, value_set=among), -1).to_numpy().astype(np.int64)
    return found


def _people(told: Mapping[str, Changes], *names: str) -> pa.Array:
    """Whoever rows of these tables that came or went are about."""
    changed = [
        each["subject"] for name in names if name in told for each in (told[name].added, told[name].taken)
    ]
    return pa.chunked_array([chunk for each in changed for chunk in each.chunks], DIGEST).unique().drop_null()


def _of_people(subjects: pa.Table, people: pa.Array) -> pa.Table:
    return subjects.filter(pc.is_in(subjects["subject"], people))


def _summed(terms: list[tuple[pa.Table, Ints, int]]) -> pa.Table:
    """Rows and digests by day; a row counts as often as it is there, and its sign says whether it is added or taken."""
    days = [np.zeros(0, np.int64)]
    parts: dict[str, list[npt.NDArray[Any]]] = {
        "rows": [np.zeros(0, np.int64)],
        **{each: [np.zeros(0, np.uint64)] for each in LANES},
    }
    for table, pairs, sign in terms:
        at = pairs >> _SHIFT
        many = table["many"].to_numpy()[at] * sign
        days.append((pairs & _DAY_BITS) - _ZERO)
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
