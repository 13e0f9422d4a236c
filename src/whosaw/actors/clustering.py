"""Puts together what mostly shares its parts: the largest overlap first, and what was put together is compared again.

Comparing things in pairs misses what lies in several of them together, and chains of pairs glue two large things by a
small one between them. So the pair with the largest overlap becomes one thing, and that thing is compared with all
others, until no two of them overlap enough.

Ten addresses that twelve accounts take in turns share a tenth with each account, and no pair of them enough. But any two of the
accounts come through the same addresses, and any two of the addresses serve the same accounts. So where nothing overlaps enough any
more, two things are one that lie in the same others.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain
from typing import Final, TypeAlias

import numpy as np

from whosaw.store.distinct import alike

__all__ = ["clusters"]

_MILLION: Final = (
    1_000_000  # shares are compared in millionths, so that no rounding of a machine decides a tie
)

_Asked: TypeAlias = tuple[int, int, int, int, int, bool]
"""A pair whose turn is to come: the more it shares the earlier, then by ranks."""


def clusters(
    parts: Iterable[tuple[Sequence[int], int]],
    joined: Iterable[tuple[int, int, float]],
    *,
    ranks: Sequence[int],
    enough: float,
    nearly_all: float,
) -> list[list[int]]:
    """Numbers from 0, put together; those without a part are left out.

    `parts` says how many things exactly these numbers hold (each set once), `joined` which two belong together for another
    reason, and how much of the smaller lies in the larger. Two clusters are one when at least `enough` of what the smaller
    one holds is also the other's, or at least `nearly_all` of one and `enough` of the other is also held by others that have something
    of both. `ranks` decide ties: they are unlike, and do not come from the order of anything here.
    """
    held = _Held(parts, ranks)
    for one, other, share in joined:
        held.join(one, other, share)
    held.merge(round(enough * _MILLION))
    while held.join_what_lies_in_the_same(round(nearly_all * _MILLION), round(enough * _MILLION)):
        held.merge(round(enough * _MILLION))
    return held.groups()


class _Held:
    """Clusters, what each holds, and how much any two share."""

    def __init__(self, parts: Iterable[tuple[Sequence[int], int]], ranks: Sequence[int]) -> None:
        self._sizes: list[int] = []
        self._holders: list[set[int]] = []  # by part
        self._parts: dict[int, set[int]] = {}  # by cluster
        self._own: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}
        self._rank: dict[int, int] = {}  # the lowest of its members
        self._leader: dict[int, int] = {}
        self._joined: list[_Asked] = []
        self._queue: list[_Asked] = []
        for holders, size in parts:
            self._sizes.append(size)
            self._holders.append(set(holders))
        for part, of in enumerate(self._holders):
            for one in of:
                self._parts.setdefault(one, set()).add(part)
        for one, own in self._parts.items():
            self._own[one] = sum(self._sizes[part] for part in own)
            self._members[one], self._rank[one], self._leader[one] = [one], ranks[one], one
        self._shared = self._overlaps()

    def _overlaps(self) -> dict[int, dict[int, int]]:
        """How much any two have in common."""
        many = np.array([len(each) for each in self._holders], np.int64)
        holder = np.array([each for its in self._holders for each in its], np.int64)
        found: dict[int, dict[int, int]] = {one: {} for one in self._parts}
        starts = np.cumsum(many) - many
        width = int(holder.max(initial=0)) + 1
        one = np.repeat(holder, np.repeat(many, many))  # each holder as often as its part has any
        beside = np.arange(len(one)) - np.repeat(np.cumsum(many**2) - many**2, many**2)
        other = holder[np.repeat(starts, many**2) + beside % np.repeat(many, many**2)]
        pair, first = alike(one * width + other)
        shared = np.zeros(len(first), np.int64)
        np.add.at(shared, pair, np.repeat(np.array(self._sizes, np.int64), many**2))
        for one_of, other_of, its in zip(
            one[first].tolist(), other[first].tolist(), shared.tolist(), strict=True
        ):
            if one_of != other_of:
                found[one_of][other_of] = its
        return found

    def join(self, one: int, other: int, share: float) -> None:
        """Two that belong together whatever they share."""
        if one in self._own and other in self._own and one != other:
            self._joined.append(self._asked(round(share * _MILLION), one, other, joined=True))

    def merge(self, enough: int) -> None:
        """Make the pair with the largest overlap one, until none has enough."""
        # in their turns, which takes less than a heap of all
        first = sorted([*self._enough(enough), *sorted(self._joined, reverse=True)], reverse=True)
        self._joined = []
        while first or self._queue:
            earlier = first and not (self._queue and self._queue[0] < first[-1])
            share, _, _, one, other, joined = first.pop() if earlier else heapq.heappop(self._queue)
            one, other = self._find(one), self._find(other)
            if one == other:
                continue
            # what was put together since may be larger than it was: then less of the smaller one is shared
            if not joined and self._share(one, other) < -share:
                self._ask(one, other, enough)
                continue
            kept, nearer = self._merge(one, other)
            for each in nearer:
                self._ask(kept, each, enough)

    def _enough(self, enough: int) -> list[_Asked]:
        """Pairs that overlap enough, the last of which has its turn first."""
        many = [len(its) for its in self._shared.values()]
        one = np.repeat(np.array(list(self._shared), np.int64), many)
        other, shared = (
            np.fromiter(chain.from_iterable(each), np.int64, sum(many))
            for each in (self._shared.values(), (its.values() for its in self._shared.values()))
        )
        sizes, ranks = np.zeros((2, max(self._own, default=0) + 1), np.int64)
        sizes[list(self._own)] = list(self._own.values())
        ranks[list(self._rank)] = list(self._rank.values())
        share = shared * _MILLION // np.minimum(sizes[one], sizes[other])
        own = (one < other) & (share >= enough)
        share, one, other = share[own], one[own], other[own]
        low, high = np.minimum(ranks[one], ranks[other]), np.maximum(ranks[one], ranks[other])
        turns = np.lexsort((high, low, -share))[::-1]
        joined = np.zeros(len(share), np.bool_)
        columns = (each[turns].tolist() for each in (-share, low, high, one, other, joined))
        return list(zip(*columns, strict=True))

    def join_what_lies_in_the_same(self, nearly_all: int, enough: int) -> bool:
        """Pairs of clusters of which nearly all of one and enough of the other lies in clusters that have something of both: those of
        which the most does."""
        pairs = {
            (one, other)
            for beside in self._shared.values()
            for one in beside
            for other in beside
            if one < other
        }
        found: list[tuple[int, int, int]] = []
        for one, other in pairs:
            both = self._shared[one].keys() & self._shared[other].keys()
            least, most = sorted((self._inside(one, both), self._inside(other, both)))
            if least >= enough and most >= nearly_all:
                found.append((least, one, other))
        largest = max((share for share, _, _ in found), default=0)
        for share, one, other in found:
            if share == largest:
                self._joined.append(self._asked(share, one, other, joined=True))
        return bool(found)

    def _inside(self, one: int, others: AbstractSet[int]) -> int:
        """Of all that a cluster holds, how much these others have, too, in millionths."""
        inside = sum(
            self._sizes[part] for part in self._parts[one] if not others.isdisjoint(self._holders[part])
        )
        return inside * _MILLION // self._own[one]

    def _ask(self, one: int, other: int, enough: int) -> None:
        share = self._share(one, other)
        if share >= enough:
            heapq.heappush(self._queue, self._asked(share, one, other, joined=False))

    def _asked(self, share: int, one: int, other: int, *, joined: bool) -> _Asked:
        low, high = self._rank[one], self._rank[other]
        return -share, min(low, high), max(low, high), one, other, joined

    def _share(self, one: int, other: int) -> int:
        smaller = min(self._own[one], self._own[other])
        return self._shared[one].get(other, 0) * _MILLION // smaller

    def _find(self, one: int) -> int:
        while self._leader[one] != one:
            self._leader[one] = self._leader[self._leader[one]]
            one = self._leader[one]
        return one

    def _merge(self, one: int, other: int) -> tuple[int, set[int]]:
        """Put one into the other, whichever holds fewer parts; returns the cluster that stays, and those to compare it with anew."""
        kept, gone = (one, other) if len(self._parts[one]) >= len(self._parts[other]) else (other, one)
        shared, nearer = self._shared[kept], set[int]()
        for part in self._parts.pop(gone):
            holders = self._holders[part]
            holders.discard(gone)
            if kept in holders:
                continue
            size = self._sizes[part]
            for each in holders:
                shared[each] = shared.get(each, 0) + size
                self._shared[each][kept] = shared[each]
            nearer |= holders
            holders.add(kept)
            self._parts[kept].add(part)
            self._own[kept] += size
        for each in self._shared.pop(gone):
            self._shared[each].pop(gone)
        self._members[kept] += self._members.pop(gone)
        if self._rank[gone] < self._rank[kept]:  # its ties are decided by another rank now
            self._rank[kept] = self._rank[gone]
            nearer |= shared.keys()
        self._leader[gone] = kept
        return kept, nearer

    def groups(self) -> list[list[int]]:
        return sorted(sorted(each) for each in self._members.values())
