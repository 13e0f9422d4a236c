"""How many honest views may be among the held ones, where single views are not proven.

A login log loses rows; a page that a program reads in a pattern is sometimes read so by a person. So a few honest clients
bear any sign. Where they live, most others do not bear it: a network in which no more clients bear the sign than
elsewhere is somebody's, and what is held of it is taken back to possible. In the networks that are left, luck gives
no more honest clients than `honest_at_most` says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Final

import pyarrow as pa

from whosaw.store.sql import Session

from .closed import HonestAtMost
from .luck import at_most, mean_at_most, nats
from .statement import statement

__all__ = ["CHANCE", "Places", "honest_at_most", "judge_places"]

CHANCE: Final = 1e-6
_NOWHERE: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """`shared`: networks in which bearing the sign says nothing. `mean`: honest clients to expect among the others at most,
    None where nothing can be learnt of what is usual. `risky`: networks in which they would be. `lost`: honest clients
    that were seen to bear the sign."""

    shared: tuple[int, ...]
    risky: tuple[int, ...]
    mean: float | None
    lost: int


def judge_places(session: Session) -> Places:
    """From scope_tally, over the whole ledger."""
    every = session.query(statement("close_places")).to_pylist()
    rows = [each for each in every if each["network"] != _NOWHERE]
    nowhere = [
        each for each in every if each["network"] == _NOWHERE
    ]  # no place, so only what no finding counts is honest
    honest = [each for each in rows if each["others"] >= max(each["signed"], 1)]
    lost = sum(each["signed"] for each in honest) + sum(each["loose"] for each in nowhere)
    people = lost + sum(each["others"] for each in rows if each["others"] - 1 > each["signed"])
    people += sum(each["others"] for each in nowhere)
    if not people:  # nobody else is there to learn from
        signed = tuple(each["network"] for each in every if each["signed"])
        return Places(shared=(), risky=signed, mean=None, lost=lost)
    usual = (lost + 1) / (people + 2)
    needed = log(max(1, len(rows)) / CHANCE)
    shared = {
        each["network"]
        for each in rows
        if each["signed"]
        and each["others"]
        and nats(each["signed"], each["signed"] + each["others"], usual) < needed
    }
    left = [each for each in every if each["signed"] and each["network"] not in shared]
    odds = min(0.5, mean_at_most(lost, CHANCE) / people)
    odds /= 1 - odds
    small, least = _small_networks(honest, odds)
    risky = [each["network"] for each in left if each["others"] or each["signed"] <= least]
    return Places(
        shared=tuple(sorted(shared)),
        risky=tuple(risky),
        mean=small + sum(each["others"] for each in left) * odds,
        lost=lost,
    )


def _small_networks(honest: Sequence[Mapping[str, int]], odds: float) -> tuple[float, int]:
    """A network of honest clients all of whom bear the sign looks like one of the actor's own: how many such networks to
    expect at most, and the largest size at which any is."""
    sizes = Counter(each["others"] + each["signed"] for each in honest)
    mean, least = 0.0, 1
    for size in sorted({1, *sizes}):
        term = (mean_at_most(sizes[size], CHANCE) if size == 1 else sizes[size]) * odds**size
        mean += term * size
        if term > CHANCE:
            least = size
    return mean, least


def networks(numbers: tuple[int, ...]) -> pa.Table:
    return pa.table({"network": pa.array(numbers, pa.int32())})


def honest_at_most(session: Session, places: Places) -> HonestAtMost:
    """Of scope_views: no more clients than luck reaches, and of those at risk the ones that saw most."""
    clients = 1 << 40 if places.mean is None else at_most(places.mean, CHANCE)
    row = session.query(
        statement("close_top"), [clients, clients], risky_places=networks(places.risky)
    ).to_pylist()[0]
    return HonestAtMost(views=int(row["views"]), persons=int(row["persons"]), chance=CHANCE)
