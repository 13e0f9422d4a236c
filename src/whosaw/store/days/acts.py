"""Which lines of two sources are one act, where the lines of a day may have their twins beyond midnight.

Lines that share a key stand together while each lies within reach of the next (`twin_pairs`). So that two days say the same of
one group, both have to see it whole. One that goes on for longer than the hours around midnight that both read, as that of a page
which is asked for every second of a night, is cut there on either side of midnight, in the largest pause of its lines. What stands
near such a cut without a partner, and could be one act with what stands beyond it, is a view that is only possible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core import client
from whosaw.store.index.twin_pairs import MAYBE, NOBODY_NAMED, ROW, SURE, pair_rows
from whosaw.store.index.twin_rules import Side, TwinRule
from whosaw.store.kinds import CLIENT_COLUMNS
from whosaw.store.schemas import UNAUTHORIZED, UNSURE_VIEW

from .events import DAY_MICROS, HOUR_MICROS, Days, Events, packed, plain

__all__ = ["PAIRS", "Joined", "Twins", "acts_of", "margin_of", "refused_lines"]

PAIRS: Final = pa.schema([("outside", pa.int64()), ("inside", pa.int64())])
"""Clients of whom the lines of two sources both say something: the one the outer source knows, and the one the inner one knows."""
_SEVERAL: Final = 1 << 62  # above it, what tells one set of persons from another
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)
Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[Any]
_Cut = tuple[Ints, Ints]  # the rows near a cut, before and after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """The rules of the map's twins, on which side of which of them each content stands, and by route number all that a page of it
    says of anybody."""

    rules: Sequence[TwinRule] = ()
    sides: Mapping[int, Side] = field(default_factory=dict)
    categories: Mapping[int, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Pairs among rows of `EVENTS`: of each the row that stands for the act, the row of its witness, by which rule, and whether they
    surely are one act. `clients` are pairs of clients (`PAIRS`) who are one, as both lines say something of him, with his traits."""

    act: Ints
    witness: Ints
    rule: npt.NDArray[np.int16]
    joined: npt.NDArray[np.bool_]
    both: npt.NDArray[np.bool_]  # act and witness are views
    failed: npt.NDArray[np.bool_]  # the act is a request for a person's page that failed
    refused: npt.NDArray[
        np.bool_
    ]  # no view, and one of the lines, if they surely are one act, was answered with 401
    merged: npt.NDArray[np.int32]  # which of `clients` the act is of; -1: of its own client
    known: Ints  # by pair of clients, the number of the one of them who says the same; -1: neither does
    clients: pa.Table
    traits: pa.Table

    @property
    def unnumbered(self) -> pa.Table:
        """The pairs of clients that need a number."""
        return self.clients.filter(pa.array(self.known < 0))


def margin_of(rules: Sequence[TwinRule]) -> int:
    """How far before and after a day a line may stand that decides which of the day's lines are one act, in microseconds."""
    reach = max((each.reach for each in rules), default=0)
    shared = max((_shared(each.reach) for each in rules), default=0)
    # where the stretches around two midnights overlap, the cuts of the next midnight have to be seen as well
    return shared + reach + (2 * shared if 2 * shared > DAY_MICROS else 0)


def _shared(reach: int) -> int:
    """How far around midnight both days see whole groups: an hour with what may stand beyond it, for all but very long reaches. Two
    lines have to be in it beside those whose partner may stand on the other side of midnight."""
    return max(HOUR_MICROS - reach, 4 * reach)


def acts_of(events: Events, repeated: npt.NDArray[np.bool_], days: Days, twins: Twins) -> Joined:
    """The pairs among these events, repeats aside, of which one or both lines are of these days."""
    rows, at = _rows(events, repeated, twins.sides)
    cut, cuts = _cut(rows, twins.rules)
    found = pair_rows(cut, twins.rules)
    outer, inner, kind = found.outer, found.inner, found.kind
    client_of = plain(events.rows["client"], np.int64)[at]
    outside, inside = client_of[outer], client_of[inner]
    front = _rank(rows[outer]) > _rank(rows[inner])  # the outer line stands for the act
    act, witness = np.where(front, outer, inner), np.where(front, inner, outer)
    both = rows["view"][act] & rows["view"][witness]
    covered = _covered(rows["route"][act], rows["route"][witness], twins.categories)
    kind = np.where(both & ~covered, MAYBE, kind)
    of_days = (rows["time"] >= days.start) & (rows["time"] < days.end)
    kept = of_days[act] | of_days[witness]
    merge = (kind == SURE) & (outside != inside) & kept
    (pairs,) = packed((outside[merge], inside[merge]))
    _, first, merged_as = np.unique(pairs, return_index=True, return_inverse=True)
    wanted = np.stack((outside[merge][first], inside[merge][first]), axis=1)
    merged = np.full(len(act), -1, np.int32)
    merged[merge] = merged_as
    traits, known = _merged_traits(events.rows, at, client_of, wanted)
    joined = kind != MAYBE
    standing = dict(zip(witness[joined].tolist(), act[joined].tolist(), strict=True)) if cuts else {}
    refused = (rows["refused"][act] | (joined & rows["refused"][witness])) & ~rows["view"][act]
    for_act, lone = _lone(rows, cuts, twins.rules, np.concatenate((outer, inner)), standing)
    act, witness = np.append(act, for_act), np.append(witness, lone)
    none = np.zeros(len(lone), bool)
    return Joined(
        act=at[act], witness=at[witness], rule=rows["rule"][act], joined=np.append(joined, none),
        both=rows["view"][act] & rows["view"][witness], failed=rows["failed"][act], refused=np.append(refused, none),
        merged=np.append(merged, np.full(len(lone), -1, np.int32)), known=known,
        clients=pa.table([pa.array(wanted[:, 0]), pa.array(wanted[:, 1])], schema=PAIRS), traits=traits,
    )  # fmt: skip


def _rows(events: Events, repeated: npt.NDArray[np.bool_], sides: Mapping[int, Side]) -> tuple[Rows, Ints]:
    """The lines of twin sources that have a key, as `twin_pairs` takes them, and which rows of `EVENTS` they are."""
    of_twins = pc.is_in(events.rows["content"], pa.array(sorted(sides), pa.int32())).to_numpy()
    at = np.flatnonzero(of_twins & ~repeated & events.rows["act"].is_valid().to_numpy())
    some = events.rows.take(pa.array(at))
    content = plain(some["content"], np.int32)
    made = np.zeros(len(at), ROW)
    known = np.unique(content)
    of = np.array([sides[each] for each in known.tolist()], np.int64).reshape(-1, 2)
    made["rule"], made["side"] = of[np.searchsorted(known, content)].T
    made["key"], made["hash"] = plain(some["act"], np.uint64), plain(some["hash"], np.uint64)
    made["line"], made["time"] = plain(some["line"], np.int64), plain(some["time"], np.int64)
    made["segment"] = events.ranks(content)
    made["client"] = np.unique(plain(some["client"], np.int64), return_inverse=True)[1]
    made["view"], made["unsure"] = plain(some["view"], np.bool_), plain(some["unsure"], np.int8)
    made["route"] = plain(some["route"], np.int16, -1)
    made["person"] = _persons(events, content, made["line"], plain(some["person"], np.int64, NOBODY_NAMED))
    made["refused"] = refused_lines(some)
    undecided = plain(some["undecided"], np.bool_, null=False)
    made["failed"] = (made["route"] >= 0) & (made["person"] >= 0) & ~made["view"] & ~undecided
    return made, at


def refused_lines(rows: pa.Table) -> npt.NDArray[np.bool_]:
    """Which of these rows of `EVENTS` were answered with 401."""
    view = plain(rows["view"], np.bool_, null=False)
    found: npt.NDArray[np.bool_] = (plain(rows["status"], np.int16, -1) == UNAUTHORIZED) & ~view
    return found


def _persons(events: Events, content: npt.NDArray[np.int32], line: Ints, person: Ints) -> Ints:
    """Of lines that name several people, a number that tells their set from others."""
    if not events.more.num_rows or not len(line):
        return person
    of = _held(*packed(
        (content, line), (plain(events.more["content"], np.int32), plain(events.more["line"], np.int64))
    ))  # fmt: skip
    held = of >= 0
    others = plain(events.more["person"], np.int64, NOBODY_NAMED)[held]
    of = of[held]
    several = np.unique(of)
    named = np.unique(np.stack((np.append(of, several), np.append(others, person[several]))), axis=1)
    mixed = named[1].astype(np.uint64) * _ODD
    mixed ^= mixed >> np.uint64(29)
    mixed *= _ODD
    sums = np.zeros(len(line), np.uint64)
    np.add.at(sums, named[0], mixed)
    found = person.copy()
    found[several] = _SEVERAL | (sums[several] >> np.uint64(3)).astype(np.int64)
    return found


def _held(pairs: Ints, wanted: Ints) -> npt.NDArray[np.int32]:
    """Where each of the wanted stands among `pairs`, of which there are no two alike; -1: nowhere."""
    order = np.argsort(pairs)
    at = np.minimum(np.searchsorted(pairs[order], wanted), max(len(pairs) - 1, 0))
    if not len(pairs):
        return np.full(len(wanted), -1, np.int32)
    found: npt.NDArray[np.int32] = np.where(pairs[order][at] == wanted, order[at], -1).astype(np.int32)
    return found


def _lone(
    rows: Rows, cuts: Sequence[_Cut], rules: Sequence[TwinRule], paired: Ints, acts: Mapping[int, int]
) -> tuple[Ints, Ints]:
    """What stands near a cut without a partner though one of the other source stands beyond the cut, and the line for whose act it may
    stand: the nearest one, or the one that stands for that. `paired` are rows with a partner, `acts` gives the act of each witness."""
    free = np.ones(len(rows), bool)
    free[paired] = False
    act, witness = [], []
    for cut in cuts:
        for own, beyond in (cut, cut[::-1]):
            for row in own[free[own]].tolist():
                rule = rules[rows["rule"][row]]
                apart = np.abs(rows["time"][beyond] - rows["time"][row])
                person, others = rows["person"][row], rows["person"][beyond]
                fits = (rows["side"][beyond] != rows["side"][row]) & (apart <= rule.reach)
                fits &= (others == person) | (others < 0) | (person < 0) | (rule.by == "request")
                if fits.any():
                    nearest = int(beyond[np.argmin(np.where(fits, apart, rule.reach + 1))])
                    act.append(acts.get(nearest, nearest))
                    witness.append(row)
    return np.array(act, np.int64), np.array(witness, np.int64)


def _cut(rows: Rows, rules: Sequence[TwinRule]) -> tuple[Rows, list[_Cut]]:
    """The rows, groups that are too long around a midnight cut by other keys; and of each cut the rows near it."""
    order = np.lexsort((rows["line"], rows["segment"], rows["hash"], rows["time"], rows["key"], rows["rule"]))
    rule, key, time = (rows[name][order] for name in ("rule", "key", "time"))
    if not len(order):
        return rows, []
    reach = np.array([each.reach for each in rules], np.int64)[rule]
    begins = np.concatenate(
        ([True], (np.diff(time) > reach[1:]) | (key[1:] != key[:-1]) | (rule[1:] != rule[:-1]))
    )
    starts = np.flatnonzero(begins)
    lasts = np.append(starts[1:], len(order)) - 1
    crosses = np.flatnonzero(time[starts] // DAY_MICROS != time[lasts] // DAY_MICROS)
    marks = np.zeros(len(order), bool)
    near: list[_Cut] = []
    for group in crosses.tolist():
        low, high = int(starts[group]), int(lasts[group]) + 1
        for at in _cuts_of(time[low:high], int(reach[low])):
            marks[low + at] = True
            left, right = _near(time[low:high], at, int(reach[low]))
            near.append((order[low + left], order[low + right]))
    if not near:
        return rows, []
    made = rows.copy()
    pieces = np.cumsum(begins | marks).astype(np.uint64)
    cut_groups = np.repeat(np.add.reduceat(marks, starts) > 0, lasts - starts + 1)
    made["key"][order[cut_groups]] ^= pieces[cut_groups] * _ODD
    return made, near


def _cuts_of(time: Ints, reach: int) -> list[int]:
    """Where a group of these times, ascending, is cut: positions that begin a part."""
    shared = _shared(reach)
    found: list[int] = []
    for day in range(int(time[0]) // DAY_MICROS + 1, int(time[-1]) // DAY_MICROS + 1):
        midnight = day * DAY_MICROS
        if time[0] < midnight - shared:
            found.append(_pause(time, midnight - shared, midnight - 2 * reach))
        if time[-1] >= midnight + shared:
            found.append(_pause(time, midnight + 2 * reach, midnight + shared))
    return sorted(set(found))


def _pause(time: Ints, start: int, end: int) -> int:
    """Before which of the times from `start` to `end` (not among them) the largest pause between two of them is; the first of
    equal ones."""
    low, high = np.searchsorted(time, (start, end)).tolist()
    return int(low) + 1 + int(np.argmax(np.diff(time[low:high])))


def _near(time: Ints, at: int, reach: int) -> tuple[Ints, Ints]:
    """Positions within reach of the cut before `at`, of the same day: those before it and those after it."""
    day = time[at] // DAY_MICROS
    low = int(np.searchsorted(time, max(time[at] - reach, day * DAY_MICROS)))
    high = int(np.searchsorted(time, min(time[at - 1] + reach, (day + 1) * DAY_MICROS - 1), side="right"))
    return np.arange(min(low, at), at, dtype=np.int64), np.arange(at, max(high, at), dtype=np.int64)


def _rank(rows: Rows) -> npt.NDArray[np.int8]:
    """How much a line says of its act."""
    sure = (rows["unsure"] & UNSURE_VIEW) == 0
    ranks = 8 * rows["view"] + 4 * (rows["view"] & sure) + 2 * (rows["person"] >= 0) + (rows["unsure"] == 0)
    found: npt.NDArray[np.int8] = ranks.astype(np.int8)
    return found


def _covered(
    act: npt.NDArray[np.int16], witness: npt.NDArray[np.int16], categories: Mapping[int, frozenset[str]]
) -> npt.NDArray[np.bool_]:
    """Whether the page of the one line holds all categories of the other's."""
    covered: npt.NDArray[np.bool_] = act == witness
    for one, other in sorted(set(zip(act[~covered].tolist(), witness[~covered].tolist(), strict=True))):
        if one >= 0 and other >= 0 and categories[other] <= categories[one]:
            covered |= (act == one) & (witness == other)
    return covered


def _merged_traits(rows: pa.Table, at: Ints, client_of: Ints, wanted: Ints) -> tuple[pa.Table, Ints]:
    """Of pairs of clients: the traits of each, where he is from the outer line, who he is from the inner one, and from the other
    where it says nothing; and the number of a client that says the same already, -1 where there is none."""
    numbers, first = np.unique(client_of, return_index=True)
    outside, inside = (at[first[np.searchsorted(numbers, wanted[:, side])]] for side in (0, 1))
    of = {name: plain(rows[name], np.int64, -1) for name in client.NAMES}
    where = set(client.with_(lambda each: each.says == "where"))
    made: dict[str, Ints] = {}
    for each in client.TRAITS:
        o, i = of[each.name][outside], of[each.name][inside]
        if each.follows:
            made[each.name] = np.where(of[each.follows][outside] < 0, i, o)
        elif each.name in where:
            made[each.name] = np.where(o < 0, i, o)
        else:
            made[each.name] = np.where(i < 0, o, i)
    same = [
        np.all([made[name] == of[name][side] for name in client.NAMES], axis=0) for side in (outside, inside)
    ]
    known = np.where(same[1], wanted[:, 1], np.where(same[0], wanted[:, 0], -1))
    arrays = [pa.array(made[each.name], mask=made[each.name] < 0).cast(each.type) for each in CLIENT_COLUMNS]
    return pa.table(arrays, schema=pa.schema(list(CLIENT_COLUMNS))), known
