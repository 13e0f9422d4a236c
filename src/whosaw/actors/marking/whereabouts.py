"""Where the clients of a day are and who they are, by the flags that count a view of theirs; and where members of staff work."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.summing.told import Rule, Told
from whosaw.actors.summing.who import Digests
from whosaw.core import client
from whosaw.store.distinct import alike, order_of
from whosaw.store.kinds import kind

from .bits import OF_THE_DAY
from .flag_sets import NO_NUMBER, ClientSets, by_mark, nullable
from .flagged import sign_of
from .holding import NONE, Asked, Hand

__all__ = ["desks", "marked_clients"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_TRAITS: Final = client.picked(
    "actors.marking", "network", "agent", "principal", "address",
    why="What joins flags beside their views: a program in a network, a member of staff, a place where staff work",
)  # fmt: skip


def marked_clients(
    hand: Hand,
    days: ClientSets,
    bearing: Collection[tuple[str, str]],
    asked: Asked,
    digests: Digests,
) -> pa.Table:
    """Clients of the day by their sets and where they are, with the first and the last whose name any of them carries; those that no flag counts
    a view of by their networks alone."""
    numbers, first, place = hand.clients
    asks = set()
    for detector, clause in bearing:
        item = next(each for each in asked.detectors[detector].clauses if each.id == clause)
        asks.add((Rule.of(asked.detectors[detector], item), sign_of(item)))
    bears = _bears(hand, frozenset(asks), asked.told)
    bearing_sets = np.zeros(len(numbers), bool)
    bearing_sets[place[bears]] = True
    day_set = days.of(numbers)
    counted = days.sets.any_has(OF_THE_DAY)
    day_set = np.where(counted[day_set] & (day_set != NONE), day_set, NONE) if len(counted) else day_set
    flagged = day_set != NONE
    hides = dict.fromkeys(_TRAITS[1:], ~flagged)
    hides["address"] = hides["address"] | (hand.column("network")[first] >= 0)
    traits = {name: hand.column(name)[first] for name in _TRAITS}
    for name, hidden in hides.items():
        traits[name][hidden] = NO_NUMBER
    principal = traits.pop("principal")
    group, at = alike(day_set, *traits.values(), bearing_sets * 1)
    by_name = order_of(group, _ranks(hand, "principal", principal, first, digests))
    ends = np.searchsorted(group[by_name], np.arange(len(at) + 1))
    kept = flagged[at] | (traits["network"][at] >= 0)
    at, many = at[kept], np.diff(ends)[kept]
    lowest, highest = (principal[by_name[each[kept]]] for each in (ends[:-1], ends[1:] - 1))
    order = [_ranks(hand, name, its[at], first[at], digests) for name, its in traits.items()]
    ordered = order_of(*order, bearing_sets[at])
    at, many = at[ordered], many[ordered]
    made = pa.table({
        "mark": days.sets.of_rows(day_set[at]),
        **{name: nullable(each[at]) for name, each in traits.items()},
        "bears": bearing_sets[at],
        "principal": nullable(lowest[ordered]),
        "other": nullable(highest[ordered]),
        "clients": many,
    }).cast(kind("marked_clients").columns)  # fmt: skip
    return by_mark(made)


def _ranks(hand: Hand, name: str, numbers: Ints, rows: Ints, digests: Digests) -> Ints:
    """Where numbers of these views stand by their digests, those that are none first."""
    return np.where(numbers == NO_NUMBER, NO_NUMBER, hand.ranks(name, digests)[rows])


def _bears(hand: Hand, asks: frozenset[tuple[Rule, str]], told: Told) -> Bools:
    """Which views count by any of these rules and bear its sign, whenever that was known."""

    def at_once(of: Hand) -> Bools:
        found = np.zeros(of.views.num_rows, bool)
        for rule, sign in asks:
            found |= of.counts(told, rule) & of.signed(told, sign)
        return found

    found = hand.row_by_row(asks, at_once).copy()
    for rule, sign in asks:
        known = hand.late_with(told, sign)
        if len(known):
            found[known] |= hand.counts(told, rule)[known]
    return found


def desks(hand: Hand, asked: Asked, digests: Digests) -> pa.Table:
    """Where members of staff made views that something explains."""
    some = np.flatnonzero(np.isin(hand.column("principal"), asked.staff))
    explained = np.zeros(len(some), np.int64)
    for at, name in enumerate(asked.told.explanations):
        explained |= hand.explained(asked.told, name)[some] * (1 << at)
    some, explained = some[explained > 0], explained[explained > 0]
    network = hand.column("network")[some]
    address = np.where(network < 0, hand.column("address")[some], NO_NUMBER)
    known = (network >= 0) | (address >= 0)
    group, first = alike(network[known], address[known])
    said = np.zeros(len(first), np.int64)
    np.bitwise_or.at(said, group, explained[known])
    network, address, row = (each[known][first] for each in (network, address, some))
    order = order_of(
        *(
            np.where(its < 0, NO_NUMBER, hand.ranks(name, digests)[row])
            for name, its in (("network", network), ("address", address))
        )
    )
    made = {
        "network": nullable(network[order]),
        "address": nullable(address[order]),
        "explained": said[order],
    }
    return pa.table(made).cast(kind("desks").columns)
