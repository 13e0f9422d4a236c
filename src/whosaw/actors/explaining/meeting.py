"""Which rows of the context the views of a day meet, so that a day is looked at only where one of these came or went.

A row is met on the days on which whoever it is about was there: a pass, a person, a principal, or where a job calls from. Who lives with
whom is asked of the whole household, so its rows are met together: on the days of each of its people, and of each pass that was issued
to one of them. A member of staff is met by the keys that he holds, too, and whoever he is as a customer by him.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

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

__all__ = ["MET", "Met", "Present", "Rows", "met", "met_on", "moved"]

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


def met(rows: Rows, present: Present) -> dict[str, pa.Table]:
    """By table and day, how many of its rows are met and the sum of their digests, in the order of days."""
    return {name: _summed([(rows[name], _met_on(name, rows[name], rows, present), 1)]) for name in rows}


def met_on(name: str, rows: Rows, present: Present) -> tuple[Ints, Ints]:
    """Which rows of a table are met on which day: pairs of a row and a day, in the order of days and in each of rows."""
    pairs = _met_on(name, rows[name], rows, present)
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


def _met_on(name: str, rows: pa.Table, state: Rows, present: Present) -> Ints:
    """Pairs of a row and a day on which it is met, each once."""
    if not rows.num_rows:
        return np.zeros(0, np.int64)
    if name == "tickets":  # an agent and a person who are there on one day
        return np.intersect1d(
            _days(rows["agent"], "principal", present), _days(rows["subject"], "person", present)
        )
    if name == "roles":  # whoever works here
        staff = state["staff"]["staff"] if "staff" in state else pa.chunked_array([], DIGEST)
        days = distinct(_days(staff, "principal", present) & _DAY_BITS)
        return ((np.arange(rows.num_rows) << _SHIFT)[:, None] | days[None, :]).reshape(-1)
    found = []
    for group in _BY.get(name, ()):
        unsaid = np.ones(rows.num_rows, np.bool_)
        for column, kind in group:
            asked = rows[column].combine_chunks()
            own = pc.if_else(pa.array(unsaid), asked, pa.scalar(None, asked.type))
            found.append(_days(own, kind, present))
            unsaid &= asked.is_null().to_numpy(zero_copy_only=False)
    if name == "subjects":
        found += [_household_days(rows, state, present), _staff_days(rows, state, present)]
    if name == "staff" and "keys" in state:
        found.append(_key_days(rows, state["keys"], present))
    return distinct(np.concatenate(found)) if found else np.zeros(0, np.int64)


def _key_days(rows: pa.Table, keys: pa.Table, present: Present) -> Ints:
    """Pairs of a row of staff and a day on which a key is there that its member holds."""
    holders = keys["holders"].combine_chunks()
    key = keys["key"].combine_chunks().take(pc.list_parent_indices(holders))
    return _through(rows["staff"].combine_chunks(), holders.flatten(), _days(key, "key", present))


def _staff_days(rows: pa.Table, state: Rows, present: Present) -> Ints:
    """Pairs of a row and a day on which a member of staff is there who is its person."""
    if "staff" not in state:
        return np.zeros(0, np.int64)
    staff = state["staff"].filter(state["staff"]["subject"].is_valid())
    days = _days(staff["staff"], "principal", present)
    return _through(rows["subject"].combine_chunks(), staff["subject"].combine_chunks(), days)


def _through(values: pa.Array, others: pa.Array, days: Ints) -> Ints:
    """Pairs of a row and a day, of each row those of all others that name what it names. `days` are pairs of the others and a day."""
    own = values.unique().drop_null()
    place = _places(others, own)
    row = days >> _SHIFT
    named = place[row] >= 0
    pairs = distinct((place[row[named]] << _SHIFT) | (days[named] & _DAY_BITS))
    return _expanded(_places(values, own), pairs)


def _chunks(values: pa.Array | pa.ChunkedArray) -> list[pa.Array]:
    return values.chunks if isinstance(values, pa.ChunkedArray) else [values]


def _days(values: pa.ChunkedArray | pa.Array, kind: str, present: Present) -> Ints:
    """Pairs of a row and a day on which its value is there, each once; of a list any of its values."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    row = np.arange(len(values))
    if pa.types.is_list(values.type):
        row = pc.list_parent_indices(values).to_numpy().astype(np.int64)
        values = values.flatten()
    own = values.unique().drop_null()
    if not len(own):
        return np.zeros(0, np.int64)
    found = present(kind, own)
    place, day = found["place"].to_numpy().astype(np.int64), found["day"].to_numpy().astype(np.int64)
    order = np.argsort(place, kind="stable")
    place, day = place[order], day[order]
    of = _places(values, own)
    begins, ends = np.searchsorted(place, of), np.searchsorted(place, of, side="right")
    many = np.where(of < 0, 0, ends - begins)
    inside = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    return distinct((np.repeat(row, many) << _SHIFT) | (day[np.repeat(begins, many) + inside] + _ZERO))


def _household_days(rows: pa.Table, state: Rows, present: Present) -> Ints:
    """Pairs of a row and a day on which anybody is there who lives with its person, or a pass that was issued to one of them."""
    lives = _lives(state["subjects"], rows["subject"].combine_chunks().unique())
    homes = lives["home"].combine_chunks().unique()
    if not len(homes):
        return np.zeros(0, np.int64)
    theirs = _households(state["subjects"], homes)
    people = theirs["subject"].combine_chunks()
    at_home = _places(theirs["home"].combine_chunks(), homes)
    found = [_at_home(at_home, _days(people, "person", present))]
    if "logins" in state:
        logins = state["logins"].filter(pc.is_in(state["logins"]["subject"], people))
        holder = at_home[_places(logins["subject"].combine_chunks(), people)]
        found += [_at_home(holder, _days(logins[each], each, present)) for each in ("token", "session")]
    of_people = _places(rows["subject"].combine_chunks(), lives["subject"].combine_chunks())
    own = np.append(_places(lives["home"].combine_chunks(), homes), -1)[of_people]
    return _expanded(own, distinct(np.concatenate(found)))


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


def _at_home(lives: Ints, days: Ints) -> Ints:
    return distinct((lives[days >> _SHIFT] << _SHIFT) | (days & _DAY_BITS))


def _expanded(of: Ints, pairs: Ints) -> Ints:
    """Pairs of a row and a day, where each row has the days of the one thing it is `of` (below zero: of none). `pairs` in order."""
    things = pairs >> _SHIFT
    begins, ends = np.searchsorted(things, of), np.searchsorted(things, of, side="right")
    many = np.where(of < 0, 0, ends - begins)
    inside = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    days = pairs[np.repeat(begins, many) + inside] & _DAY_BITS
    return distinct((np.repeat(np.arange(len(of)), many) << _SHIFT) | days)


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
