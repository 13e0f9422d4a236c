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

    def bears(self, told: Told, sign: str) -> Bools:
        """Which views bear a sign, whenever that was known."""
        what = ("bears", sign)
        if what not in self._told:
            bearing = self.row_by_row(("sign", sign), lambda of: told.sign(of.answers, sign)[1])
            of, position = self._late
            known = position[of == told.signs.index(sign)] if len(of) else of
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
    """Of one clause: by view the flag (`NONE`: no flag holds it) and its bits; and the flag of whose entity it is, whether it belongs to
    that or not, where that is asked."""

    flag: Ints
    bits: npt.NDArray[np.uint8]
    of_entity: Ints | None


def held_by_clause(hand: Hand, flags: Sequence[Holder], asked: Asked) -> list[Held]:
    """For each clause that any of the flags is of."""
    turns = sorted(
        range(len(flags)),
        key=lambda at: (flags[at].detector.id, flags[at].clause.id),
    )
    of = groupby(turns, key=lambda at: (flags[at].detector.id, flags[at].clause.id))
    return [_held(hand, asked, flags, list(members)) for _, members in of]


def _held(hand: Hand, asked: Asked, flags: Sequence[Holder], members: list[int]) -> Held:
    detector, clause = flags[members[0]].detector, flags[members[0]].clause
    flag = _flag_of(hand.entities(Grouping.of(clause), asked.plan.agents), flags, members)
    of_entity = flag.copy() if tells_entity(clause) else None
    _leave(flag, hand, "client", {at: its for at in members if (its := flags[at].clients) is not None}, listed=True)  # fmt: skip
    _leave(flag, hand, "address", {at: its for at in members if (its := flags[at].homes) is not None}, listed=False)  # fmt: skip
    sign = sign_of(clause)
    if sign:
        flag[~hand.of_who_bears(asked.told, sign)] = NONE
    held = flag != NONE
    counts = held & hand.counts(asked.told, Rule.of(detector, clause))
    if sign:
        counts &= hand.bears(asked.told, sign)
    bits = held * np.uint8(HOLDS) + counts * np.uint8(COUNTS)
    if proves(detector):
        bits += (counts & _proven(hand, flags[members[0]], asked)) * np.uint8(PROVES)
    itself = counts
    if counts_a_crowd(detector):
        unexplained = Rule(counted="unexplained", tried=tuple(sorted(detector.explanations)))
        itself = counts & hand.counts(asked.told, unexplained)
    bits += itself * np.uint8(OF_ITSELF)
    return Held(flag=flag, bits=bits, of_entity=of_entity)


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
    place = np.full(max(lists) + 2, NONE)  # the last is that of no flag
    place[list(lists)] = np.arange(len(lists))
    of_list = place[np.where(flag < len(place), flag, NONE)]
    rows = np.flatnonzero(of_list != NONE)
    known, code = numbered_from_0(hand.column(name)[rows])
    if not len(known):
        return
    told = np.concatenate(list(lists.values()))
    of = np.repeat(np.arange(len(lists)), [len(its) for its in lists.values()])
    at = np.minimum(np.searchsorted(known, told), len(known) - 1)
    here = known[at] == told
    there = np.isin(of_list[rows] * len(known) + code, of[here] * len(known) + at[here])
    flag[rows[there != listed]] = NONE


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
