"""The place of a person among all whose identifiers hold a number, as of the end of a day.

Numbers lie in sorted lists that share nobody: those known at first, and those of each day since. How many stand before somebody
in all of them is the sum of how many do in each, so no list is ever made again. Places of different kinds are never near.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from .columns import Digests, Ints, digest_halves, plain

__all__ = ["APART", "NUMBERS", "Places", "SortedNumbers"]

NUMBERS: Final = pa.schema([("person", pa.int32()), ("kind", pa.string()), ("value", pa.int64())])
"""People whose identifiers hold one whole number, and what stands around it."""
APART: Final = 1000


class SortedNumbers:
    """Numbers (`NUMBERS`) by kind, each kind's in order. Of those of one number the digests are asked, and of no others."""

    def __init__(self, numbers: pa.Table, digests: Digests) -> None:
        self._digests = digests
        values, people = (plain(numbers[each]).astype(np.int64) for each in ("value", "person"))
        self._kinds: dict[str, tuple[Ints, Ints]] = {}
        for kind, mine in by_kind(numbers).items():
            order = mine[np.argsort(values[mine], kind="stable")]
            self._kinds[kind] = values[order], people[order]

    @property
    def kinds(self) -> Collection[str]:
        return self._kinds.keys()

    def before(self, kind: str, values: Ints, people: Ints) -> Ints:
        """How many stand before each of these, those of earlier kinds among them."""
        earlier = sum(len(each) for name, (each, _) in self._kinds.items() if name < kind)
        if kind not in self._kinds:
            return np.full(len(values), earlier, np.int64)
        known, holders = self._kinds[kind]
        begins = np.searchsorted(known, values, "left").astype(np.int64)
        many = np.searchsorted(known, values, "right") - begins
        own = holders[np.minimum(begins, len(known) - 1)] == people
        tied = np.flatnonzero((many > 1) | ((many == 1) & ~own))
        found = begins + earlier
        for value in np.unique(values[tied]).tolist():
            asked = tied[values[tied] == value]
            first = int(begins[asked[0]])
            found[asked] += self._smaller(holders[first : first + int(many[asked[0]])], people[asked])
        return found

    def _smaller(self, holders: Ints, people: Ints) -> Ints:
        """Of each of these people, how many of the holders have a smaller digest."""
        distinct, place = np.unique(np.concatenate([holders, people]), return_inverse=True)
        high, low = digest_halves(self._digests("person", pa.array(distinct, pa.int32())))
        rank = np.empty(len(distinct), np.int64)
        rank[np.lexsort((low, high))] = np.arange(len(distinct))
        found: Ints = np.searchsorted(np.sort(rank[place[: len(holders)]]), rank[place[len(holders) :]])
        return found


class Places:
    """Places in lists that share nobody."""

    def __init__(self, lists: Sequence[SortedNumbers], _digests: Digests) -> None:
        self._lists = tuple(lists)
        self._kinds = sorted({kind for each in lists for kind in each.kinds})

    def of(self, numbers: pa.Table) -> Ints:
        """The places of people (`NUMBERS`) who stand in the lists, from 1 on."""
        values, people = (plain(numbers[each]).astype(np.int64) for each in ("value", "person"))
        asked = by_kind(numbers)
        found = np.zeros(numbers.num_rows, np.int64)
        for rank, kind in enumerate(self._kinds, 1):
            mine = asked.get(kind)
            if mine is not None:
                found[mine] = (
                    1
                    + APART * rank
                    + sum(each.before(kind, values[mine], people[mine]) for each in self._lists)
                )
        return found


def by_kind(numbers: pa.Table) -> dict[str, Ints]:
    """The rows of each kind."""
    coded = numbers["kind"].combine_chunks().dictionary_encode()
    codes = plain(coded.indices).astype(np.int64)
    order = np.argsort(codes, kind="stable")
    borders = np.searchsorted(codes[order], np.arange(len(coded.dictionary) + 1))
    return {
        kind: order[borders[at] : borders[at + 1]] for at, kind in enumerate(coded.dictionary.to_pylist())
    }
