"""Which flag of each clause holds each view of a day, and what it takes the view for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.detectors import Detector
from whosaw.actors.proof import counts_a_crowd, proves
from whosaw.actors.summing.groupings import Grouping
from whosaw.actors.summing.plan import Plan
from whosaw.actors.summing.told import Rule, Told
from whosaw.actors.summing.who import Digests, column, ranks
from whosaw.store.distinct import alike, numbered_from_0

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
    """The views of one day with their answers, row by row, and what was known of them later. Where it is a stretch of the rows of many days
    (`whole`, from `start` on), what it takes the same for each day is worked out of all of these."""

    views: pa.Table
    answers: pa.Table
    late: pa.Table  # rows of `late` about views of this day, of whatever day
    whole: Hand | None = None
    start: int = 0
    _told: dict[Hashable, Any] = field(default_factory=dict)

    def part(self, start: int, end: int, late: pa.Table) -> Hand:
        """The rows of one day among these."""
        views, answers = (each.slice(start, end - start) for each in (self.views, self.answers))
        return Hand(views=views, answers=answers, late=late, whole=self, start=start)

    def row_by_row(self, what: Hashable, make: Callable[[Hand], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """What is told row by row. Nobody writes to it."""
        if what not in self._told:
            if self.whole is None:
                self._told[what] = make(self)
            else:
                self._told[what] = self.whole.row_by_row(what, make)[
                    self.start : self.start + self.views.num_rows
                ]
        found: npt.NDArray[Any] = self._told[what]
        return found

    def column(self, name: str) -> Ints:
        """A column of views; -1 where there is none."""
        return self.row_by_row(name, lambda of: column(of.views, name))

    @property
    def answer(self) -> Ints:
        """What explanations say of each view, as it stands in `answers`."""
        return self.row_by_row(("answers",), lambda of: column(of.answers, "answers"))

    def entities(self, grouping: Grouping, agents: Mapping[str, Sequence[int]]) -> Ints:
        """The entity of each view."""
        return self.row_by_row(grouping, lambda of: grouping.entities(of.views, agents))

    def counts(self, told: Told, rule: Rule) -> Bools:
        """Which views a rule counts."""
        return self.row_by_row(rule, lambda of: told.counts(of.answers, rule))

    def ranks(self, name: str, digests: Digests) -> Ints:
        """Where the number that each view has in a column stands by its digest; -1 where there is none."""

        def told(of: Hand) -> Ints:
            numbers = of.column(name)
            there = numbers >= 0
            found = np.full(len(numbers), -1)
            found[there] = ranks(name, numbers[there], digests)
            return found

        return self.row_by_row(("rank", name), told)

    def explained(self, told: Told, name: str) -> Bools:
        """Which views an explanation explains."""
        return self.row_by_row(("explained", name), lambda of: told.explained(of.answers, [name]))

    @cached_property
    def clients(self) -> tuple[Ints, Ints, Ints]:
        """The clients of the views, ascending; the first row of each; and of each view the place of its client among them."""
        place, first = alike(self.column("client"))
        return self.column("client")[first], first, place

    @cached_property
    def _late(self) -> tuple[Ints, Ints]:
        return column(self.late, "sign"), column(self.late, "position")

    def signed(self, told: Told, sign: str) -> Bools:
        """Which views were known to bear a sign when they were made."""
        return self.row_by_row(("sign", sign), lambda of: told.sign(of.answers, sign)[1])

    def late_with(self, told: Told, sign: str) -> Ints:
        """The views that were known later to bear a sign."""
        of, position = self._late
        return position[of == told.signs.index(sign)] if len(of) else position

    def bears(self, told: Told, sign: str) -> Bools:
        """Which views bear a sign, whenever that was known."""
        what = ("bears", sign)
        if what not in self._told:
            bearing, known = self.signed(told, sign), self.late_with(told, sign)
            if len(known):
                bearing = bearing.copy()
                bearing[known] = True
            self._told[what] = bearing
        found: Bools = self._told[what]
        return found

    def of_who_bears(self, told: Told, sign: str) -> Bools:
        """Which views are of a client that bears a sign."""
        what = ("of who bears", sign)
        if what not in self._told:
            numbers, _, client = self.clients
            clients = np.zeros(len(numbers), bool)
            clients[client[self.bears(told, sign)]] = True
            self._told[what] = clients[client]
        found: Bools = self._told[what]
        return found

    def can_tell(self, told: Told, sign: str) -> Bools:
        """Of which views it can be told."""
        return told.sign(self.answers, sign)[0] | self.bears(told, sign)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Of one clause: the views that any flag holds, ascending, with the flag and the bits of each; and where that is asked, the views of its
    entities, whether they belong to the flag or not."""

    rows: Ints
    flag: Ints
    bits: npt.NDArray[np.uint8]
    of_entity: tuple[Ints, Ints]


def held_by_clause(hand: Hand, flags: Sequence[Holder], asked: Asked) -> list[Held]:
    """For each clause that any of the flags is of."""
    of = [(flag.detector.id, flag.clause.id) for flag in flags]
    by_clause = groupby(sorted(range(len(flags)), key=of.__getitem__), key=of.__getitem__)
    return [_held(hand, asked, flags, list(members)) for _, members in by_clause]


def _held(hand: Hand, asked: Asked, flags: Sequence[Holder], members: list[int]) -> Held:
    detector, clause = flags[members[0]].detector, flags[members[0]].clause
    rows, flag = _of_entities(hand.entities(Grouping.of(clause), asked.plan.agents), flags, members)
    of_entity = (rows, flag) if tells_entity(clause) else (rows[:0], flag[:0])
    if not len(rows):
        return Held(rows=rows, flag=flag, bits=np.zeros(0, np.uint8), of_entity=of_entity)
    clients = {at: its for at in members if (its := flags[at].clients) is not None}
    homes = {at: its for at in members if (its := flags[at].homes) is not None}
    belongs = np.ones(len(rows), bool)
    if clients:
        numbers, _, client = hand.clients
        belongs &= _listed(flag, numbers, client[rows], clients, unlisted=True)
    if homes:  # one sign more there may be of those who live there
        known, address = numbered_from_0(hand.column("address")[rows])
        belongs &= ~_listed(flag, known, address, homes, unlisted=False)
    sign = sign_of(clause)
    if sign:
        belongs &= hand.of_who_bears(asked.told, sign)[rows]
    rows, flag = rows[belongs], flag[belongs]
    counts = hand.counts(asked.told, Rule.of(detector, clause))[rows]
    if sign:
        counts &= hand.bears(asked.told, sign)[rows]
    bits = np.full(len(rows), HOLDS, np.uint8) + counts * np.uint8(COUNTS)
    if proves(detector):
        bits += (counts & _proven(hand, flags[members[0]], asked)[rows]) * np.uint8(PROVES)
    if counts_a_crowd(detector):
        unexplained = Rule(counted="unexplained", tried=tuple(sorted(detector.explanations)))
        counts = counts & hand.counts(asked.told, unexplained)[rows]
    bits += counts * np.uint8(OF_ITSELF)
    return Held(rows=rows, flag=flag, bits=bits, of_entity=of_entity)


def _of_entities(entity: Ints, flags: Sequence[Holder], members: list[int]) -> tuple[Ints, Ints]:
    """The views of flagged entities, and the flag about the entity of each."""
    flagged = np.array([flags[at].entity for at in members], np.int64)
    order = np.argsort(flagged, kind="stable")
    flagged, its = flagged[order], np.array(members, np.int64)[order]
    place = np.minimum(np.searchsorted(flagged, entity), len(flagged) - 1)
    rows = np.flatnonzero(flagged[place] == entity)
    return rows, its[place[rows]]


def _listed(flag: Ints, known: Ints, code: Ints, lists: Mapping[int, Ints], *, unlisted: bool) -> Bools:
    """Of which views the value, by its place among those known, is one that their flag lists; of those whose flag lists none, `unlisted`."""
    place = np.full(max(int(flag.max(initial=0)), *lists) + 1, NONE)
    place[list(lists)] = np.arange(len(lists))
    of_list = place[flag]
    told = np.concatenate(list(lists.values()))
    of = np.repeat(np.arange(len(lists)), [len(its) for its in lists.values()])
    at = np.searchsorted(known, told)
    here = np.flatnonzero(np.append(known, NONE)[at] == told)
    asked = np.flatnonzero(of_list != NONE)
    found = np.full(len(flag), unlisted)
    found[asked] = np.isin(of_list[asked] * len(known) + code[asked], of[here] * len(known) + at[here])
    return found


def _proven(hand: Hand, flag: Holder, asked: Asked) -> Bools:
    """Of what the flag counts, that of which a record says that nobody had a reason for it. With a canary it is what a client made that
    read one on that day, and what is known to have no reason; with lists for too many people it is the lists."""
    detector, clause = flag.detector, flag.clause
    if detector.kind == "canary":
        client = hand.column("client")
        read = np.unique(client[np.isin(hand.column("person"), asked.planted)])
        unexplained = Rule(counted="unexplained", tried=tuple(sorted(detector.explanations)))
        return np.isin(client, read) | hand.counts(asked.told, unexplained)
    if detector.kind in ("records", "list"):
        return hand.column("person") < 0
    if clause.sign is None:
        return np.ones(hand.views.num_rows, bool)
    return hand.bears(asked.told, clause.sign.name)
