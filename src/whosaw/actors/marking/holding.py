"""Which flag of each clause holds each view of a day, and what it takes the view for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """The views of one day with their answers, row by row, and what was known of them later."""

    views: pa.Table
    answers: pa.Table
    late: pa.Table  # rows of `late` about views of this day, of whatever day

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
    entities: dict[Grouping, Ints] = {}
    return [_held(hand, flags, list(members), asked, entities) for _, members in of]


def _held(
    hand: Hand,
    flags: Sequence[Holder],
    members: list[int],
    asked: Asked,
    entities: dict[Grouping, Ints],
) -> Held:
    detector, clause = flags[members[0]].detector, flags[members[0]].clause
    grouping = Grouping.of(clause)
    if grouping not in entities:
        entities[grouping] = grouping.entities(hand.views, asked.plan.agents)
    flag = _flag_of(entities[grouping], flags, members)
    of_entity = flag.copy() if tells_entity(clause) else np.full(len(flag), NONE)
    _keep_listed(flag, hand, flags, members)
    _leave_homes(flag, hand, flags, members)
    counts = asked.told.counts(hand.answers, Rule.of(detector, clause))
    if sign := sign_of(clause):
        bears = hand.bears(asked.told, sign)
        client = column(hand.views, "client")
        flag[~np.isin(client, client[bears])] = NONE
        counts &= bears
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


def _keep_listed(flag: Ints, hand: Hand, flags: Sequence[Holder], members: list[int]) -> None:
    """Leave out clients that a flag does not list, where it lists any."""
    for at in members:
        if (listed := flags[at].clients) is not None:
            rows = np.flatnonzero(flag == at)
            mine = np.isin(column(hand.views, "client")[rows], listed)
            flag[rows[~mine]] = NONE


def _leave_homes(flag: Ints, hand: Hand, flags: Sequence[Holder], members: list[int]) -> None:
    """Leave out views at addresses where one sign more may be of those who live there."""
    for at in members:
        if (homes := flags[at].homes) is not None:
            rows = np.flatnonzero(flag == at)
            flag[rows[np.isin(column(hand.views, "address")[rows], homes)]] = NONE


def _proven(hand: Hand, flag: Holder, asked: Asked) -> Bools:
    """Of what the flag counts, that of which a record says that nobody had a reason for it. With a canary it is what a client made that
    read one on that day, and what is known to have no reason; with lists for too many people it is the lists."""
    detector, clause = flag.detector, flag.clause
    if detector.kind == "canary":
        client = column(hand.views, "client")
        read = np.unique(client[np.isin(column(hand.views, "person"), asked.planted)])
        unexplained = Rule(counted="unexplained", tried=tuple(sorted(detector.explanations)))
        return np.isin(client, read) | asked.told.counts(hand.answers, unexplained)
    if detector.kind in ("records", "list"):
        return column(hand.views, "person") < 0
    if clause.sign is None:
        return np.ones(hand.views.num_rows, bool)
    return hand.bears(asked.told, clause.sign.name)
