"""How many people of a large entity bear its sign among those whom no other detector found: asked exactly, of the views of that entity."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from whosaw.actors.summing.groupings import Grouping
from whosaw.actors.summing.who import Digests, column, who_was_seen

from .flagged import Flagged, sign_of
from .holding import Asked, Hand

__all__ = ["left_over"]

Ints = npt.NDArray[np.int64]


def left_over(
    flag: Flagged, days: Iterable[tuple[Hand, Ints, Ints]], asked: Asked, digests: Digests
) -> tuple[int, int]:
    """How many people bear the sign, and of how many it can be told. Of each day its views, the clients that others found, and those
    that belong to the flag."""
    signed, people = set[int](), set[int]()
    grouping, sign = Grouping.of(flag.clause), sign_of(flag.clause)
    for hand, found, mine in days:
        client = column(hand.views, "client")
        others = grouping.entities(hand.views, asked.plan.agents) == flag.entity
        others[others] = ~np.isin(client[others], found)
        if not others.any():
            continue
        others &= hand.can_tell(asked.told, sign) if sign else column(hand.views, "person") >= 0
        if not others.any():
            continue
        bears = hand.bears(asked.told, sign) if sign else np.ones(len(client), bool)
        who = who_was_seen(hand.views, digests)
        people.update(who[others].tolist())
        signed.update(who[others & bears & np.isin(client, mine)].tolist())
    return len(signed), len(people)
