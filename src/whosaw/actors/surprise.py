"""How unlikely it is that so many of an actor's people bear a sign, if they were like everyone else's.

A login log loses rows, clocks differ, tokens are refreshed off the record: some honest people bear almost any sign. What
share is usual is learnt from the ledger itself, and an actor is remarkable when chance would not give so many.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import overload

import numpy as np
import numpy.typing as npt

from whosaw.core.finding import Baseline
from whosaw.core.instants import from_micros
from whosaw.store.sql import Session

from .explanation import UNEXPLAINED
from .signs import Sign
from .statement import statement

__all__ = ["Bar", "Learnt", "Usual", "bar", "judged", "learn_usual", "middle_share", "nats", "usual_of"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What part of people bear a sign, among those who share their address with others most of whom do not.

    Each person is judged by the others at the address alone, so the share is not bent by asking. An address of one
    party's own says nothing of what is usual, and a pool of them does not raise the share, however large it is.
    `middle` is the share at the address of the middle one of these people (None: not asked): whoever visits the addresses
    of others raises the share of all, but not that of most.
    """

    signed: int
    people: int
    middle: float | None = None

    @property
    def share(self) -> float:
        """By the rule of succession, so never 0: not to have seen it yet is not to know that it cannot be. No more than in
        the middle."""
        every = _succession(self.signed, self.people)
        return every if self.middle is None else min(every, self.middle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What a clause took for usual, and from which views it learnt that (microseconds, both within)."""

    detector: str
    clause: str
    usual: Usual
    first: int
    last: int

    def baseline(self) -> Baseline:
        """The same as it is kept and told."""
        return Baseline(
            detector=self.detector,
            clause=self.clause,
            bearing=self.usual.signed,
            people=self.usual.people,
            middle=self.usual.middle,
            share=self.usual.share,
            first_view=from_micros(self.first),
            last_view=from_micros(self.last),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What an actor must pass to be remarkable."""

    usual: float  # share of signed people to expect
    least_share: float  # of the people in the window, so many must be signed
    least_times: float  # so many times as many as usual
    nats: float  # the logarithm of how unlikely it must be

    def passed(self, signed: Ints, people: Ints) -> npt.NDArray[np.bool_]:
        """For each pair of numbers, whether so many signed among so many people are remarkable."""
        floor = max(self.least_share, self.least_times * self.usual)
        return np.asarray((signed >= floor * people) & (nats(signed, people, self.usual) >= self.nats))


def bar(usual: float, *, least_share: float, least_times: float, chance: float, actors: int) -> Bar:
    """The threshold that, by chance alone, fewer than `chance` of so many actors pass in one scan."""
    needed = log(max(1, actors) / chance) if chance else 0.0
    return Bar(usual=usual, least_share=least_share, least_times=least_times, nats=needed)


def nats(signed: Ints, people: Ints, usual: float | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Chernoff's bound: at least so many of so many have a probability of at most exp(-nats), at that usual share.

    0 where there are no more than usual. Source: H. Chernoff, Annals of Mathematical Statistics 23 (1952), 493-507.
    """
    k, n = signed.astype(np.float64), people.astype(np.float64)
    rest = n - k
    with np.errstate(divide="ignore", invalid="ignore"):
        among = np.where(k > 0, k * np.log(k / (n * usual)), 0.0)
        others = np.where(rest > 0, rest * np.log(rest / (n * (1 - usual))), 0.0)
    return np.where(k > n * usual, among + others, 0.0)


def usual_of(signed: Ints, others: Ints, places: Ints | None = None) -> Usual:
    """From the numbers of people with and without the sign at each address; `places` says at how many each pair was met."""
    many = np.ones(len(signed), np.int64) if places is None else places
    with_it, people = judged(signed, others)
    return Usual(
        signed=int((with_it * many).sum()),
        people=int((people * many).sum()),
        middle=middle_share(with_it, people, people * many),
    )


def judged(signed: Ints, others: Ints) -> tuple[Ints, Ints]:
    """At each address, of whom the others there let something be learnt: how many of them bear the sign, and how many they are."""
    honest, without = others >= np.maximum(signed, 1), others - 1 > signed
    with_it = np.where(honest, signed, 0)
    return with_it, with_it + np.where(without, others, 0)


def middle_share(signed: Ints, people: Ints, weight: Ints) -> float | None:
    """The share at the address of the middle one of all people; None where there are none."""
    told = np.flatnonzero(weight)
    if not len(told):
        return None
    shares = _succession(signed[told], people[told])
    order = np.argsort(shares, kind="stable")
    total = np.cumsum(weight[told][order])
    return float(shares[order][np.searchsorted(total, total[-1] / 2)])


@overload
def _succession(signed: int, people: int) -> float: ...
@overload
def _succession(signed: Ints, people: Ints) -> npt.NDArray[np.float64]: ...
def _succession(signed: int | Ints, people: int | Ints) -> float | npt.NDArray[np.float64]:
    return (signed + 1) / (people + 2)


def learn_usual(session: Session, sign: Sign) -> Usual:
    """What is usual of the column of `sign` in `detect_views`, over the whole ledger."""
    honest = f"answer <> {UNEXPLAINED}" if sign.rule else "true"
    rows = session.query(statement("usual").format(sign=sign.column, honest=honest))
    return usual_of(*(rows[name].to_numpy() for name in ("signed", "others", "places")))
