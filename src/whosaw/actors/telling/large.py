"""Who is left out of a flagged crowd: the few who come from elsewhere than its flagged addresses and networks, or whom nothing else tells of.

Among all who have one user agent or key, some honest people show the sign by chance. Where nearly all of its clients come from places
that were flagged by themselves, the others are taken for these; and where other detectors found nearly all of them, and among
everybody else no more people bear the sign than luck gives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import Final

import numpy as np

from whosaw.actors.marking.flagged import is_crowd
from whosaw.actors.surprise import nats

from .kept import Client, Kept

__all__ = ["LeftOver", "leave_out"]

NEARLY_ALL: Final = 900_000  # millionths
_MILLION: Final = 1_000_000
LeftOver = Callable[[int, Collection[bytes], Collection[bytes]], tuple[int, int]]
"""Of a flag, by its position: how many people of its entity bear the sign, and of how many it can be told. Not asked of the clients of the
first marks; who bears it has to be of the second."""


def leave_out(kept: Kept, left_over: LeftOver) -> None:
    """Take clients out of flagged crowds."""
    crowds = [at for at, flag in enumerate(kept.flags) if is_crowd(flag.clause)]
    if not crowds:
        return
    _narrow(kept, crowds, kept.sizes)
    _leave_luck(kept, crowds, kept.sizes, left_over)


def _narrow(kept: Kept, crowds: Collection[int], sizes: Mapping[Client, int]) -> None:
    places: dict[str, set[int]] = defaultdict(set)  # flags of places, by detector
    for at, flag in enumerate(kept.flags):
        if flag.place:
            places[flag.detector.id].add(at)
    for crowd in crowds:
        flagged = places[kept.flags[crowd].detector.id]
        clients = kept.clients.get(crowd, frozenset())
        mine = {each: sizes[each] for each in clients if crowd in each.day and each in sizes}
        placed = {client for client in mine if not flagged.isdisjoint(client.day)}
        if _nearly_all(sum(mine[client] for client in placed), sum(mine.values())):
            for client in clients - placed:
                kept.take_out(crowd, client)


def _leave_luck(
    kept: Kept, crowds: Collection[int], sizes: Mapping[Client, int], left_over: LeftOver
) -> None:
    surely = frozenset(range(len(kept.flags))) - frozenset(crowds)
    for crowd in crowds:
        flag = kept.flags[crowd]
        others = frozenset(at for at in surely if kept.flags[at].detector.id != flag.detector.id)
        clients = kept.clients.get(crowd, frozenset())
        mine = {each: sizes[each] for each in clients if crowd in kept.left(each) and each in sizes}
        found = {client for client in mine if client.day & others}
        if flag.bar is None or len(found) == len(mine):
            continue
        if not _nearly_all(sum(mine[client] for client in found), sum(mine.values())):
            continue
        signed, people = left_over(
            crowd,
            [mark for mark, its in kept.marks.items() if its.client.day & others],
            [mark for mark, its in kept.marks.items() if its.client in mine],
        )
        if nats(np.array([signed]), np.array([people]), flag.bar.usual)[0] < flag.bar.nats:
            for client in clients - found:
                kept.take_out(crowd, client)


def _nearly_all(some: int, every: int) -> bool:
    return bool(every) and some * _MILLION // every >= NEARLY_ALL
