"""How each set of flags stands to the views that it counts: proven, company, asked of a table, or of a crowd."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from whosaw.actors.marking.bits import COUNTS, OF_ITSELF, PROVES
from whosaw.store.distinct import alike
from whosaw.store.schemas import ASKED, COMPANY, CROWD, PROVEN

from .kept import Kept

__all__ = ["Held", "held_by"]

# what is true of any flag of a party that counts views of a mark
_COUNTED: Final = 1
_PROVEN: Final = 2
_ALONE: Final = 4  # it proves them by themselves
_ITSELF: Final = 8  # and it is known of each by itself
_NO_TABLE: Final = 16


class Held(NamedTuple):
    """Views of a mark that a party holds; whether it counts them, and if so their standing: None where they are none of these."""

    mark: bytes
    party: int
    counted: bool
    standing: int | None


def held_by(kept: Kept, parties: Sequence[Collection[int]]) -> Iterator[Held]:
    """By mark and party, the parties in their order, all that any flag of one holds."""
    party = np.full(len(kept.flags), -1)
    for at, flags in enumerate(parties):
        party[list(flags)] = at
    mark, flag, bits = kept.holding()
    own = party[flag] >= 0
    mark, flag, bits = mark[own], flag[own], bits[own]
    counts = bits & COUNTS > 0
    alone = counts & ~_among(kept, kept.company)[flag]
    said = (
        counts * _COUNTED
        | (counts & (bits & PROVES > 0)) * _PROVEN
        | alone * _ALONE
        | (alone & (bits & OF_ITSELF > 0)) * _ITSELF
        | (counts & _among(kept, kept.asked_of_none)[flag]) * _NO_TABLE
    )
    which, first = alike(mark, party[flag])
    told = np.zeros(len(first), np.int64)
    np.bitwise_or.at(told, which, said)
    marks = list(kept.marks)
    for at, of, its in zip(mark[first].tolist(), party[flag[first]].tolist(), told.tolist(), strict=True):
        yield Held(marks[at], of, bool(its & _COUNTED), _standing(its))


def _among(kept: Kept, flags: Collection[int]) -> npt.NDArray[np.bool_]:
    found = np.zeros(len(kept.flags), bool)
    found[list(flags)] = True
    return found


def _standing(said: int) -> int | None:
    if said & _PROVEN:
        return PROVEN
    if not said & _ALONE:
        return COMPANY
    if not said & _ITSELF:
        return CROWD
    return None if said & _NO_TABLE else ASKED
