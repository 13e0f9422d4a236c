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
_ENOUGH: Final = 100  # clients with other programs, and a tenth of all, to learn from them alone
_MANY: Final = (
    20  # clients of each of his programs, for the programs to say who can have been counted with him
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """`shared`: networks in which bearing the sign says nothing. `mean`: honest clients to expect among the others at most,
    None where nothing can be learnt of what is usual. `risky`: networks in which they would be. `lost`: clients
    that bear the sign where most do not; his own, too, for it is not known of any of them that he is not honest."""

    shared: tuple[int, ...]
    risky: tuple[int, ...]
    mean: float | None
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Learnt:
    """Honest clients that bear the sign, of so many; `places` are how large networks are in which most do not, and `middle` is
    the share where the middle one of all clients is."""

    lost: int
    people: int
    places: tuple[int, ...]
    middle: float

    @property
    def usual(self) -> float:
        """By the rule of succession."""
        return min(self.middle, (self.lost + 1) / (self.people + 2))

    @property
    def odds(self) -> float:
        """Of bearing it against not, at most."""
        share = min(0.5, mean_at_most(self.lost, CHANCE) / self.people)
        return share / (1 - share)


def judge_places(session: Session) -> Places:
    """From scope_tally, over the whole ledger, for the scope of chosen_nodes.

    Where a record tells of any view whether it is explained, it shows who bears the sign beside those whom findings count. Then
    what its own findings count says nothing of what is usual: an actor who walks through the homes of others would teach
    that it is usual there. So it is learnt from everybody else, and, where there are enough of them, from those who came
    with other programs: honest people who bear the sign among the rest may have been counted with him. Without such a record
    nobody else is seen to bear it, and no more is usual than in the network of the middle one of all clients.
    """
    every = session.query(statement("close_places").format(many=_MANY)).to_pylist()
    rows = [each for each in every if each["network"] != _NOWHERE]
    lost = sum(each["signed"] for each in rows if each["others"] >= max(each["signed"], 1))
    lost += sum(each["loose"] for each in every if each["network"] == _NOWHERE)
    learnt = _ways_to_learn(session, every)
    if not learnt:  # nobody else is there to learn from
        signed = tuple(each["network"] for each in every if each["signed"])
        return Places(shared=(), risky=signed, mean=None, lost=lost)
    needed = log(max(1, len(rows)) / CHANCE)
    shared = {
        each["network"]
        for each in rows
        if each["signed"]
        and each["others"]
        and all(nats(each["signed"], each["signed"] + each["others"], way.usual) < needed for way in learnt)
    }
    left = [each for each in every if each["signed"] and each["network"] not in shared]
    means = []
    for way in learnt:
        small, least = _small_networks(way.places, way.odds)
        means.append((small + sum(each["named"] for each in left) * way.odds, least))
    mean, least = min(means)
    risky = [each["network"] for each in left if each["others"] or each["signed"] <= least]
    return Places(shared=tuple(sorted(shared)), risky=tuple(risky), mean=mean, lost=lost)


def _ways_to_learn(session: Session, every: Sequence[Mapping[str, int]]) -> list[_Learnt]:
    """With his own among them, which never says too little; and, where a record tells of any view, without. What both call usual is: so a
    table more does not take away what was known without it."""
    ways = [_learn(every, None)]
    # a table that tells of no view changes nothing
    if session.query("SELECT 1 FROM scope_tally WHERE explained + unexplained > 0 LIMIT 1").num_rows:
        without, beside = _learn(every, "own"), _learn(every, None, of="beside_")
        ways.append(beside if beside.people >= max(_ENOUGH, without.people // 10) else without)
    return [each for each in ways if each.people]


def _learn(every: Sequence[Mapping[str, int]], but: str | None, *, of: str = "") -> _Learnt:
    """From networks where most clients do not bear the sign, left out those in the column `but`. Where the log names no network,
    only what no finding counts is honest."""
    lost = people = 0
    places = []
    shares = []
    for each in every:
        others = each[f"{of}others"]
        if each["network"] == _NOWHERE:
            lost += each[f"{of}loose"]
            people += others
            continue
        signed = each[f"{of}signed"] - (each[but] if but else 0)
        if others >= max(signed, 1):
            lost += signed
            places.append(others + signed)
            shares.append(((signed + 1) / (others + signed + 2), others + signed))
        people += others if others - 1 > signed else 0
    return _Learnt(lost=lost, people=lost + people, places=tuple(places), middle=_middle(shares))


def _middle(shares: list[tuple[float, int]]) -> float:
    """The share where the middle one of all clients is."""
    half, met = sum(many for _, many in shares) / 2, 0
    for share, many in sorted(shares):
        met += many
        if met >= half:
            return share
    return 1.0


def _small_networks(places: Sequence[int], odds: float) -> tuple[float, int]:
    """A network of honest clients all of whom bear the sign looks like one of the actor's own: how many such networks to
    expect at most, and the largest size at which any is."""
    sizes = Counter(places)
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
