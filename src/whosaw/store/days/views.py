"""The step `view`: views, repeats, tries and twins of days.

A row belongs to the UTC day of its line's time, so that no line is in two of them; a pair of twins to the day of the line that
stands for the act. Of days that lie together all is as of each of them alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.kinds import CLIENT_COLUMNS, DAY, kind
from whosaw.store.schemas import MAYBE_TWIN, UNAUTHORIZED

from .acts import Joined, Twins, acts_of, refused_lines
from .events import HOUR_MICROS, Days, Events, day_of, packed, plain
from .repeats import repeated_lines

__all__ = [
    "NUMBERED_PAIRS", "REQUESTS", "DayRows", "pairs_without_number", "requests", "view",
]  # fmt: skip

NUMBERED_PAIRS: Final = pa.schema([("outside", pa.int64()), ("inside", pa.int64()), ("client", pa.int64())])
"""The number of the client that two clients are, of whom the lines of two sources say something each."""
REQUESTS: Final = pa.schema([
    DAY,
    ("time", pa.int64()),
    ("client", pa.int64()),
    ("view", pa.bool_()),  # it carried a person's data
    ("tried", pa.bool_()),  # it is a row of `tries`
    *CLIENT_COLUMNS,
])  # fmt: skip
"""Every event that is no repeat and no witness of another, once, in no order."""
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRows:
    """Rows of days in hand, each table in the order of days and in each day in its total order."""

    views: pa.Table
    repeats: pa.Table
    tries: pa.Table
    twins: pa.Table


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What was made of the events: which repeat, which are the witness of another, which may be; number and traits of each client."""

    repeated: Flags
    witness: Flags
    possible: Flags
    client: Ints
    traits: pa.Table
    refused: Flags  # no view, and answered with 401, as it or its witness says


def pairs_without_number(events: Events, days: Days, twins: Twins) -> pa.Table:
    """Pairs of clients (`PAIRS`) who are one client that has no number yet: what has to be numbered before `view`."""
    return acts_of(events, repeated_lines(events, twins.sides), days, twins).unnumbered


def view(events: Events, days: Days, twins: Twins | None = None, numbers: pa.Table | None = None) -> DayRows:
    """The rows of these days. `events` are theirs, and where there are twins also those of `margin_of` before and after; `numbers`
    (`NUMBERED_PAIRS`) are those of the pairs of clients that have no number of their own."""
    twins = twins or Twins()
    joined = acts_of(events, repeated := repeated_lines(events, twins.sides), days, twins)
    told = _told(events, repeated, joined, numbers)
    time = plain(events.rows["time"], np.int64)
    of_days = (time >= days.start) & (time < days.end)
    return DayRows(
        views=_views(events, told, of_days),
        repeats=_repeats(events, told, of_days),
        tries=_tries(events, told, of_days),
        twins=_twins(events, joined, of_days),
    )


def requests(
    events: Events, days: Days, twins: Twins | None = None, numbers: pa.Table | None = None
) -> pa.Table:
    """What was asked on these days (`REQUESTS`); given as for `view`."""
    twins = twins or Twins()
    joined = acts_of(events, repeated := repeated_lines(events, twins.sides), days, twins)
    told = _told(events, repeated, joined, numbers)
    time = plain(events.rows["time"], np.int64)
    counts = (time >= days.start) & (time < days.end) & ~told.witness & ~told.repeated
    at = np.flatnonzero(counts)
    failed = _failed(events)
    columns = {
        **{name: events.rows[name].take(pa.array(at)) for name in ("day", "time")},
        "client": pa.array(told.client[at]),
        "view": pa.array(plain(events.rows["view"], np.bool_, null=False)[at]),
        "tried": pa.array((failed | told.refused)[at]),
        **_traits(told, at),
    }
    return pa.table([columns[name] for name in REQUESTS.names], names=REQUESTS.names).cast(REQUESTS)


def _told(events: Events, repeated: Flags, joined: Joined, numbers: pa.Table | None) -> _Told:
    rows = events.rows
    witness, possible = np.zeros(rows.num_rows, bool), np.zeros(rows.num_rows, bool)
    witness[joined.witness[joined.joined]] = True
    possible[joined.witness[~joined.joined & joined.both]] = True
    client = plain(rows["client"], np.int64).copy()
    merge = joined.merged >= 0
    at, pair = joined.act[merge], joined.merged[merge]
    client[at] = _numbered(joined, numbers)[pair]
    place = np.full(rows.num_rows, -1, np.int64)
    place[at] = pair
    traits = rows.select([each.name for each in CLIENT_COLUMNS])
    if len(at):
        source = np.where(place < 0, np.arange(rows.num_rows), rows.num_rows + place)
        traits = pa.concat_tables([traits, joined.traits]).combine_chunks().take(pa.array(source))
    refused = refused_lines(rows)
    refused[joined.act[joined.refused]] = True
    return _Told(
        repeated=repeated, witness=witness, possible=possible, client=client, traits=traits, refused=refused
    )


def _numbered(joined: Joined, numbers: pa.Table | None) -> Ints:
    """The number of each pair of clients."""
    found = joined.known.copy()
    lacking = np.flatnonzero(found < 0)
    if not len(lacking):
        return found
    given = NUMBERED_PAIRS.empty_table() if numbers is None else numbers
    asked, known = packed(
        *((plain(each["outside"], np.int64), plain(each["inside"], np.int64)) for each in (joined.unnumbered, given))
    )  # fmt: skip
    order = np.argsort(known)
    at = (
        order[np.minimum(np.searchsorted(known[order], asked), max(len(known) - 1, 0))]
        if len(known)
        else asked
    )
    if not len(known) or (known[at] != asked).any():
        raise ValueError(
            "clients whom two sources tell of have no number yet"
        )  # `pairs_without_number` gives them
    found[lacking] = plain(given["client"], np.int64)[at]
    return found


def _views(events: Events, told: _Told, of_days: Flags) -> pa.Table:
    rows = events.rows
    seen = plain(rows["view"], np.bool_, null=False) & of_days & ~told.witness & ~told.repeated
    at, person = _with_more(events, np.flatnonzero(seen))
    content = plain(rows["content"], np.int32)[at]
    nobody = person < 0
    extra = plain(rows["extra"], np.int64, -1)[at]
    # the one who is not named has a row of his own beside those who may be meant
    beside = np.zeros(rows.num_rows, bool)
    beside[at[nobody]] = True
    extra -= (extra > 0) & ~nobody & beside[at]
    unsure = plain(rows["unsure"], np.int8)[at] | np.where(told.possible[at], MAYBE_TWIN, 0).astype(np.int8)
    columns = {
        "person": pa.array(person.astype(np.int32), mask=nobody),
        **_of_line(events, at),
        "client": pa.array(told.client[at]),
        "route": rows["route"].take(pa.array(at)),
        "extra": pa.array(extra.astype(np.int32), mask=extra < 0),
        "unsure": pa.array(unsure),
        **_traits(told, at),
    }
    behind = np.where(nobody, np.iinfo(np.int64).max, person)
    return _ordered("views", columns, [behind, *_place(events, at, content)])


def _with_more(events: Events, at: Ints) -> tuple[Ints, Ints]:
    """A row for each distinct person of the responses that named several; and one for nobody (-1) where the subject of a response is
    unknown, and what it names is only what some server may have read there."""
    person = plain(events.rows["person"], np.int64, -1)[at]
    if not events.more.num_rows or not len(at):
        return at, person
    some = events.rows.select(["content", "line"]).take(pa.array(at))
    line, further = packed(*(
        (plain(each["content"], np.int32), plain(each["line"], np.int64)) for each in (some, events.more)
    ))  # fmt: skip
    order = np.argsort(line)
    of = order[np.minimum(np.searchsorted(line[order], further), len(line) - 1)]
    held = line[of] == further
    of, others = of[held], plain(events.more["person"], np.int64, -1)[held]
    every = np.unique(
        np.stack((np.append(np.arange(len(at)), of), np.append(person, others)), axis=1), axis=0
    ) if len(of) else np.stack((np.arange(len(at)), person), axis=1)  # fmt: skip
    return at[every[:, 0]], every[:, 1]


def _repeats(events: Events, told: _Told, of_days: Flags) -> pa.Table:
    at = np.flatnonzero(told.repeated & of_days)
    place = _of_line(events, at)
    hour = np.floor_divide(plain(place["time"], np.int64), HOUR_MICROS).astype(np.int32)
    columns = {**place, "route": events.rows["route"].take(pa.array(at)), "hour": pa.array(hour)}
    return _ordered("repeats", columns, _place(events, at)[1:])


def _tries(events: Events, told: _Told, of_days: Flags) -> pa.Table:
    """Events of a mapped page that name a person, and of which the log says that they failed; and whatever was answered with 401, as a
    wrong password is, whose person is null unless it is such an event."""
    rows = events.rows
    person = plain(rows["person"], np.int32, -1)
    failed = _failed(events)
    status = np.where(told.refused, UNAUTHORIZED, plain(rows["status"], np.int16, -1)).astype(np.int16)
    at = np.flatnonzero((failed | told.refused) & of_days & ~told.witness & ~told.repeated)
    columns = {
        "person": pa.array(person[at], mask=~failed[at]),
        **_of_line(events, at),
        "client": pa.array(told.client[at]),
        "status": pa.array(status[at], mask=status[at] < 0),
        **_traits(told, at),
    }
    return _ordered("tries", columns, _place(events, at))


def _failed(events: Events) -> Flags:
    """Which events failed though they name a person."""
    rows = events.rows
    failed: Flags = rows["route"].is_valid().to_numpy() & (plain(rows["person"], np.int32, -1) >= 0)
    failed &= ~plain(rows["view"], np.bool_, null=False)
    failed &= ~plain(rows["undecided"], np.bool_, null=False)
    return failed


def _twins(events: Events, joined: Joined, of_days: Flags) -> pa.Table:
    rows = events.rows
    acts = plain(rows["view"], np.bool_, null=False)[joined.act]
    kept = (joined.joined & (acts | joined.failed | joined.refused)) | (~joined.joined & joined.both)
    kept &= of_days[joined.act]
    act, witness = joined.act[kept], joined.witness[kept]
    columns = {
        **_of_line(events, witness),
        "act_content": rows["content"].take(pa.array(act)),
        "act_line": rows["line"].take(pa.array(act)),
        "time": rows["time"].take(pa.array(act)),
        "rule": pa.array(joined.rule[kept]),
        "joined": pa.array(joined.joined[kept]),
        "view": pa.array(acts[kept]),
    }
    time = plain(columns["time"], np.int64)
    columns["day"] = pa.array(day_of(time))
    return _ordered("twins", columns, [time, *_place(events, witness)[1:]])


def _of_line(events: Events, at: Ints) -> dict[str, pa.ChunkedArray]:
    some = events.rows.select(["day", "time", "content", "line"]).take(pa.array(at))
    return {name: some[name] for name in some.column_names}


def _traits(told: _Told, at: Ints) -> dict[str, pa.ChunkedArray]:
    some = told.traits.take(pa.array(at))
    return {name: some[name] for name in some.column_names}


def _place(events: Events, at: Ints, content: npt.NDArray[np.int32] | None = None) -> list[npt.NDArray[Any]]:
    """Time, place of the file by digest, and line."""
    some = events.rows.select(["time", "content", "line"]).take(pa.array(at))
    own = plain(some["content"], np.int32) if content is None else content
    return [plain(some["time"], np.int64), events.ranks(own), plain(some["line"], np.int64)]


def _ordered(name: str, columns: dict[str, Any], by: Sequence[npt.NDArray[Any]]) -> pa.Table:
    """Rows of a kind by day and then by these columns, the first one first."""
    schema = kind(name).in_hand
    table = pa.table([columns[each] for each in schema.names], names=schema.names).cast(schema)
    order = np.lexsort((*reversed(by), plain(columns["day"], np.int32)))
    return table.take(pa.array(order)).combine_chunks()
