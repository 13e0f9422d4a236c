"""Honest places: addresses where as many people have views that are explained as bear a sign are somebody's, and one sign more there may
be theirs. Who shares them is flagged by the address itself, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from whosaw.actors.explanation import EXPLAINED
from whosaw.actors.summing.told import Told
from whosaw.actors.summing.who import Digests, column, who_was_seen

from .flagged import Flagged, of_strangers, sign_of
from .holding import Hand

__all__ = ["DAYS", "asks_places", "honest_places"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
DAYS: Final = 30  # before the one that a flag was raised on


def asks_places(flag: Flagged) -> bool:
    """Whether nobody belongs to the flag at an honest place."""
    return bool(sign_of(flag.clause)) and of_strangers(flag.clause)


def honest_places(
    flags: Sequence[Flagged], days: Sequence[Hand], told: Told, digests: Digests
) -> dict[bytes, Ints]:
    """By key of each flag that asks for them the honest places, from views of the day that it was raised on and the days before it: all flags
    are of one day."""
    found: dict[tuple[str, tuple[str, ...]], Ints] = {}
    keyed: dict[bytes, Ints] = {}
    for flag in flags:
        if asks_places(flag):
            asked = (sign_of(flag.clause), tuple(flag.detector.explanations))
            if asked not in found:
                found[asked] = _places(*asked, days, told, digests)
            keyed[flag.key] = found[asked]
    return keyed


def _places(
    sign: str, explanations: Sequence[str], days: Sequence[Hand], told: Told, digests: Digests
) -> Ints:
    honest, signed = [], []
    for hand in days:
        address, person = column(hand.views, "address"), column(hand.views, "person")
        at_home = _explained(hand, explanations, told) & (address >= 0)
        # where a detector does not accept an explanation for its own views, it does not take it as proof that anybody is honest
        honest.append(np.column_stack((address, person))[at_home & (person >= 0)])
        bears = hand.bears(told, sign) & (address >= 0)
        if bears.any():
            signed.append(np.column_stack((address, who_was_seen(hand.views, digests)))[bears])
    homes, bearing = (_people_by_address(each) for each in (honest, signed))
    return np.array(sorted(at for at, people in bearing.items() if homes.get(at, 0) >= people), np.int64)


def _explained(hand: Hand, explanations: Sequence[str], told: Told) -> Bools:
    answers = column(hand.answers, "answers")
    explained = np.zeros(len(answers), bool)
    for name in explanations:
        explained |= ((answers >> 3 * told.explanations.index(name)) & 7) == EXPLAINED
    return explained


def _people_by_address(pairs: Sequence[Ints]) -> Mapping[int, int]:
    every = np.unique(np.concatenate([np.empty((0, 2), np.int64), *pairs]), axis=0)
    address, people = np.unique(every[:, 0], return_counts=True)
    return dict(zip(address.tolist(), people.tolist(), strict=True))
