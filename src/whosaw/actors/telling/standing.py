"""How each set of flags stands to the views that it counts: proven, company, asked of a table, or of a crowd."""

from __future__ import annotations

from collections.abc import Collection

from whosaw.actors.marking.bits import COUNTS, OF_ITSELF, PROVES
from whosaw.store.schemas import ASKED, COMPANY, CROWD, PROVEN

from .kept import Kept

__all__ = ["standing"]


def standing(kept: Kept, mark: bytes, party: Collection[int]) -> int | None:
    """The standing of views of a mark that a party counts; None where they are none of these."""
    counting = {at: bits for at, bits in kept.holding(mark).items() if bits & COUNTS and at in party}
    if any(bits & PROVES for bits in counting.values()):
        return PROVEN
    alone = [at for at in counting if at not in kept.company]
    if not alone:
        return COMPANY
    if not any(counting[at] & OF_ITSELF for at in alone):
        return CROWD
    return ASKED if kept.asked_of_none.isdisjoint(counting) else None
