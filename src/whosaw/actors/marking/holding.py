"""Which flag of each clause holds each view of a day, and what it takes the view for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.detectors import Detector
from whosaw.actors.proof import counts_a_crowd, proves
from whosaw.actors.summing.groupings import Grouping
from whosaw.actors.summing.plan import Plan
from whosaw.actors.summing.told import Rule, Told
from whosaw.actors.summing.who import column
from whosaw.store.distinct import alike, order_of

from .bits import COUNTS, HOLDS, OF_ITSELF, PROVES
from .flagged import Holder, sign_of, tells_entity

__all__ = ["NONE", "Asked", "Hand", "Held", "held_by_clause"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
NONE = -1  # no flag


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of views, and what is said of people: `planted` people whom nobody should read, `staff`
    principals on record."""

    plan: Plan
    detectors: Mapping[str, Detector]
    planted: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    staff: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def told(self) -> Told:
        return self.plan.told


@dataclass(frozen=True, kw_only=True)
class Hand:
    """The views of one day with their answers, row by row, and what was known of them later."""

    views: pa.Table
    answers: pa.Table
    late: pa.Table  # rows of `late` about views of this day, of whatever day
    _columns: dict[str, Ints] = field(default_factory=dict)

    def column(self, name: str) -> Ints:
        """A column of views; -1 where there is none. Nobody writes to it."""
        if name not in self._columns:
            self._columns[name] = column(self.views, name)
        return self._columns[name]

    @cached_property
    def clients(self) -> tuple[Ints, Ints, Ints]:
        """The clients of the views, ascending; the first row of each; and of each view the place of its client among them."""
        place, first = alike(self.column("client"))
        return self.column("client")[first], first, place

    def bears(self, told: Told, sign: str) -> Bools:
        """Which views bear a sign, whenever that was known."""
        bearing = told.sign(self.answers, sign)[1].copy()
        known = self.late.filter(pc.equal(self.late["sign"], told.signs.index(sign)))
        bearing[column(known, "position")] = True
        return bearing

    def can_tell(self, told: Told, sign: str) -> Bools:
        """Of which views it can be told."""
        return told.sign(self.answers, sign)[0] | self.bears(told, sign)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Of one clause: by view the flag (`NONE`: no flag holds it) and its bits; and the flag of whose entity it is, whether it belongs to
    that or not, where that is asked."""

    flag: Ints
    bits: npt.NDArray[np.uint8]
    of_entity: Ints


def held_by_clause(hand: Hand, flags: Sequence[Holder], asked: Asked) -> list[Held]:
    """For each clause that any of the flags is of."""
    turns = sorted(
        range(len(flags)),
        key=lambda at: (flags[at].detector.id, flags[at].clause.id),
    )
    of = groupby(turns, key=lambda at: (flags[at].detector.id, flags[at].clause.id))
    day = _Day(hand, asked)
    return [_held(day, flags, list(members)) for _, members in of]


@dataclass(slots=True)
class _Day:
    """What several clauses ask of one day."""

    hand: Hand
    asked: Asked
    _entities: dict[Grouping, Ints] = field(default_factory=dict)
    _bearing: dict[str, Bools] = field(default_factory=dict)
    _of_bearing: dict[str, Bools] = field(default_factory=dict)

    def entity(self, grouping: Grouping) -> Ints:
        """The entity of each view."""
        if grouping not in self._entities:
            self._entities[grouping] = grouping.entities(self.hand.views, self.asked.plan.agents)
        return self._entities[grouping]

    def bears(self, sign: str) -> Bools:
        """Which views bear a sign."""
        if sign not in self._bearing:
            self._bearing[sign] = self.hand.bears(self.asked.told, sign)
        return self._bearing[sign]

    def of_who_bears(self, sign: str) -> Bools:
        """Which views are of a client that bears a sign."""
        if sign not in self._of_bearing:
            client = self.hand.clients[2]
            clients = np.zeros(len(self.hand.clients[0]), bool)
            clients[client[self.bears(sign)]] = True
            self._of_bearing[sign] = clients[client]
        return self._of_bearing[sign]


def _held(day: _Day, flags: Sequence[Holder], members: list[int]) -> Held:
    hand, asked = day.hand, day.asked
    detector, clause = flags[members[0]].detector, flags[members[0]].clause
    flag = _flag_of(day.entity(Grouping.of(clause)), flags, members)
    of_entity = flag.copy() if tells_entity(clause) else np.full(len(flag), NONE)
    _leave(flag, hand, "client", {at: its for at in members if (its := flags[at].clients) is not None}, listed=True)  # fmt: skip
    _leave(flag, hand, "address", {at: its for at in members if (its := flags[at].homes) is not None}, listed=False)  # fmt: skip
    counts = asked.told.counts(hand.answers, Rule.of(detector, clause))
    if sign := sign_of(clause):
        flag[~day.of_who_bears(sign)] = NONE
        counts &= day.bears(sign)
    held = flag != NONE
    counts &= held
    bits = held * HOLDS + counts * COUNTS
    if proves(detector):
        bits = bits + (counts & _proven(hand, flags[members[0]], asked)) * PROVES
    if counts_a_crowd(detector):
        unexplained = Rule(counted="unexplained", tried=tuple(sorted(detector.explanations)))
        bits = bits + (counts & asked.told.counts(hand.answers, unexplained)) * OF_ITSELF
    else:
        bits = bits + counts * OF_ITSELF
    return Held(flag=flag, bits=bits.astype(np.uint8), of_entity=of_entity)


def _flag_of(entity: Ints, flags: Sequence[Holder], members: list[int]) -> Ints:
    """The flag about each view's entity."""
    order = sorted(members, key=lambda at: flags[at].entity)
    flagged = np.array([flags[at].entity for at in order], np.int64)
    place = np.minimum(np.searchsorted(flagged, entity), len(flagged) - 1)
    return np.where(flagged[place] == entity, np.array(order, np.int64)[place], NONE)


def _leave(flag: Ints, hand: Hand, name: str, lists: Mapping[int, Ints], *, listed: bool) -> None:
    """Leave out views by what a flag lists, ascending, where it lists any: clients that it does not list (`listed`), or addresses that it
    does, for one sign more there may be of those who live there."""
    if not lists:
        return
    has_list = np.zeros(max(lists) + 2, bool)
    has_list[list(lists)] = True  # the last is that of no flag
    rows = np.flatnonzero(has_list[np.where(flag < len(has_list), flag, NONE)])
    rows = rows[order_of(flag[rows])]
    own, values = flag[rows], hand.column(name)[rows]
    begins, ends = (np.searchsorted(own, list(lists), side).tolist() for side in ("left", "right"))
    for its, first, end in zip(lists.values(), begins, ends, strict=True):
        if first == end:
            continue
        mine = values[first:end]
        there = np.zeros(len(mine), bool)
        if len(its):
            there = its[np.minimum(np.searchsorted(its, mine), len(its) - 1)] == mine
        flag[rows[first:end][there != listed]] = NONE


def _proven(hand: Hand, flag: Holder, asked: Asked) -> Bools:
    """Of what the flag counts, that of which a record says that nobody had a reason for it. With a canary it is what a client made that
    read one on that day, and what is known to have no reason; with lists for too many people it is the lists."""
    detector, clause = flag.detector, flag.clause
    if detector.kind == "canary":
        client = hand.column("client")
        read = np.unique(client[np.isin(hand.column("person"), asked.planted)])
        unexplained = Rule(counted="unexplained", tried=tuple(sorted(detector.explanations)))
        return np.isin(client, read) | asked.told.counts(hand.answers, unexplained)
    if detector.kind in ("records", "list"):
        return hand.column("person") < 0
    if clause.sign is None:
        return np.ones(hand.views.num_rows, bool)
    return hand.bears(asked.told, clause.sign.name)
