"""How many honest views may be among the held ones, where single views are not proven.

A login log loses rows; a page that a program reads in a pattern is sometimes read so by a person. So a few honest clients
bear any sign. How many of the held ones are honest is bounded in several ways, each of which holds, and the smallest bound is taken:

- In a network in which no more clients bear the sign than elsewhere nothing says whose they are, and all that is held of it may be
  honest. In the others, which are somebody's, luck gives no more honest clients than their people and what is usual allow.
- In all networks together luck gives no more than that, whatever each of them looks like. Who walks through the homes of others is not
  seen in any one of them, but in all of them.
- What a record proves by itself is not honest, however much else is held.

Where the first way proves more than the second, what is held of networks that are not somebody's is taken back to possible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Final

import pyarrow as pa

from whosaw.store.sql import Session

from .closed import HonestAtMost
from .luck import at_most, mean_at_most, nats
from .statement import statement

__all__ = ["CHANCE", "Places", "Way", "honest_at_most", "judge_places"]

CHANCE: Final = 1e-6
_NOWHERE: Final = -1
_NO_BOUND: Final = 1 << 60
_ENOUGH: Final = 100  # clients with other programs, and a tenth of all, to learn from them alone
_MANY: Final = (
    20  # clients of each of his programs, for the programs to say who can have been counted with him
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to bound honest clients among the held ones: any in the networks `doubted`, and `mean` to expect at most in those that are
    `risky`, None where nothing can be learnt of what is usual."""

    doubted: tuple[int, ...]
    risky: tuple[int, ...]
    mean: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """`shared`: networks of which nothing is held but what is proven. `lost`: clients that bear the sign where most do not; his own,
    too, for it is not known of any of them that he is not honest."""

    shared: tuple[int, ...]
    ways: tuple[Way, ...]
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
        return Places(shared=(), ways=(Way(doubted=(), risky=signed, mean=None),), lost=lost)
    needed = log(max(1, len(rows)) / CHANCE)
    shared = {
        each["network"]
        for each in rows
        if each["signed"]
        and each["others"]
        and all(nats(each["signed"], each["signed"] + each["others"], way.usual) < needed for way in learnt)
    }
    together, apart = _way(every, learnt, ()), _way(every, learnt, tuple(sorted(shared)))
    if _surely(every, together) > _surely(every, apart):
        return Places(shared=(), ways=(together, apart), lost=lost)
    return Places(shared=apart.doubted, ways=(replace(apart, doubted=()),), lost=lost)


def _surely(every: Sequence[Mapping[str, int]], way: Way) -> int:
    """How many of the clients of his findings are not honest, at least."""
    own = sum(each["own"] for each in every if each["network"] not in way.doubted)
    return own - (own if way.mean is None else at_most(way.mean, CHANCE))


def _way(every: Sequence[Mapping[str, int]], learnt: Sequence[_Learnt], doubted: tuple[int, ...]) -> Way:
    left = [each for each in every if each["signed"] and each["network"] not in doubted]
    means = []
    for each in learnt:
        small, least = _small_networks(each.places, each.odds)
        means.append((small + sum(row["named"] for row in left) * each.odds, least))
    mean, least = min(means)
    risky = tuple(row["network"] for row in left if row["others"] or row["signed"] <= least)
    return Way(doubted=doubted, risky=risky, mean=mean)


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
    """Of scope_views, where all that findings of the actor count is held."""
    views, persons = _unproven(session)
    for way in places.ways:
        doubted = _doubted(session, way)
        # no more clients than luck reaches, and of those at risk the ones that saw most
        clients = 1 << 40 if way.mean is None else at_most(way.mean, CHANCE)
        (row,) = session.query(
            statement("close_top"), [clients, clients], risky_places=networks(way.risky)
        ).to_pylist()
        views, persons = min(views, doubted[0] + row["views"]), min(persons, doubted[1] + row["persons"])
    return HonestAtMost(views=int(views), persons=int(persons), chance=CHANCE)


def _unproven(session: Session) -> tuple[int, int]:
    """Held views that no record proves by itself, and people of whom none is proven. A party of which nothing is proven has no need to be
    counted: then all are."""
    if not session.query(
        "SELECT 1 FROM scope_proven UNION ALL SELECT 1 FROM scope_proof_lines LIMIT 1"
    ).num_rows:
        return _NO_BOUND, _NO_BOUND
    (row,) = session.query(statement("close_unproven")).to_pylist()
    return row["views"], row["persons"]


def _doubted(session: Session, way: Way) -> tuple[int, int]:
    """Held views in networks where nothing says whose they are, and people of whom no other view is held; scope_judged has the rest."""
    if not way.doubted:
        session.execute("CREATE OR REPLACE TEMP VIEW scope_judged AS SELECT * FROM scope_views WHERE held")
        return 0, 0
    session.query(
        "CREATE OR REPLACE TEMP TABLE doubted_places AS SELECT * FROM doubted_rows",
        doubted_rows=networks(way.doubted),
    )
    session.execute(statement("close_doubted"))
    (row,) = session.query(
        "SELECT count(*) AS views, count(DISTINCT person) FILTER (person NOT IN (SELECT person FROM scope_judged WHERE person IS NOT NULL)) "
        "+ count(*) FILTER (person IS NULL) AS persons FROM scope_doubted"
    ).to_pylist()
    return row["views"], row["persons"]
