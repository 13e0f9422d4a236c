"""How many people of a large entity bear its sign among those whom no other detector found: asked exactly, of the views of that entity."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from whosaw.actors.summing.groupings import Grouping
from whosaw.actors.summing.who import Digests, whom_each_saw
from whosaw.store.distinct import alike, distinct, order_of

from .flagged import Flagged, sign_of
from .holding import Asked, Hand

__all__ = ["ClientDays", "Left", "left_over"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_BITS = 63  # of a number that is not below 0
ClientDays = tuple[Ints, Ints]
"""Days, and beside each a client of that day."""
Left = tuple[Ints, Ints]
"""People who bear a sign, and people of whom it can be told, each ascending; who only stands for a client is below -1."""


def left_over(
    flag: Flagged, hand: Hand, found: ClientDays, mine: ClientDays, asked: Asked, digests: Digests
) -> Left:
    """Who bears the sign, and of whom it can be told: of views of some days, the clients that others found, and those that belong to the flag."""
    grouping, sign = Grouping.of(flag.clause), sign_of(flag.clause)
    others = grouping.entities(hand.views, asked.plan.agents) == flag.entity
    others &= hand.can_tell(asked.told, sign) if sign else hand.column("person") >= 0
    others[others] = ~_are_in(found, hand, others)
    if not others.any():
        return np.empty(0, np.int64), np.empty(0, np.int64)
    bears = hand.bears(asked.told, sign)[others] if sign else np.ones(others.sum(), bool)
    who = whom_each_saw(hand.views, digests, others)[others]
    return distinct(who[bears & _are_in(mine, hand, others)]), distinct(who)


def _are_in(clients: ClientDays, hand: Hand, asked: Bools) -> Bools:
    """Of the views that are asked for, which are of one of these clients on its day."""
    day, client = hand.column("day")[asked], hand.column("client")[asked]
    if not len(day) or not len(clients[0]):
        return np.zeros(len(day), bool)
    low = min(int(day.min()), int(clients[0].min()))
    bits = (max(int(day.max()), int(clients[0].max())) - low).bit_length()
    if max(int(client.max()), int(clients[1].max())) >> _BITS - bits:
        number, _ = alike(*(np.concatenate(each) for each in zip(clients, (day, client), strict=True)))
        there = np.zeros(int(number.max()) + 1, bool)
        there[number[: len(clients[0])]] = True
        return there[number[len(clients[0]) :]]
    known, own = (of << bits | on - low for on, of in (clients, (day, client)))
    known.sort()
    order = order_of(own)  # what is looked for in order is found in a tenth of the time
    found = np.empty(len(own), bool)
    own = own[order]
    found[order] = known[np.minimum(np.searchsorted(known, own), len(known) - 1)] == own
    return found
