"""How many honest views may be among the held ones, where single views are not proven.

A login log loses rows; a page that a program reads in a pattern is sometimes read so by a person. So a few honest clients
bear any sign. How many of the held ones are honest is bounded in several ways, each of which holds, and the smallest bound is taken:

- In a network in which no more clients bear the sign than elsewhere nothing says whose they are, and all that is held of it may be
  honest. In the others, which are somebody's, luck gives no more honest clients than their people and what is usual allow.
- In all networks together luck gives no more than that, whatever each of them looks like. Who walks through the homes of others is not
  seen in any one of them, but in all of them.
- What a record proves by itself is not honest, however much else is held.

What counts for nothing but what else was seen there is company: a canary was read at an address of many with a common program. Luck has no
part in that, and all of it may be honest. So may, where others live, what counts for being one of many of which only so many are usual: most
visits of a network began at one page.

Where the first way proves more than the second, what is held of networks that are not somebody's is taken back to possible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Final

import pyarrow as pa

from whosaw.core.scope_version import HonestAtMost
from whosaw.store.sql import Session

from .luck import at_most, mean_at_most, nats
from .statement import statement

__all__ = ["CHANCE", "Places", "Way", "honest_at_most", "judge_places"]

CHANCE: Final = 1e-6
_NOWHERE: Final = -1
_NO_BOUND: Final = 1 << 60
_ENOUGH: Final = 100  # clients with other programs, and a tenth of all, to learn from them alone
_MANY: Final = (
    20  # clients of each of the actor's programs, for these to say who can have been counted with them
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to bound honest clients among the held ones: any in the networks `doubted`, and `mean` to expect at most in those that are
    `risky`, None where nothing can be learnt of what is usual. `found_only`: it says nothing of views that no finding would count without a
    record."""

    doubted: tuple[int, ...]
    risky: tuple[int, ...]
    mean: float | None
    found_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """`shared`: networks of which nothing is held but what is proven. `lived_in`: those with clients that no finding counts. `lost`: clients that bear the sign where most do not; the actor's own,
    too, for it is not known of any of them that it is not honest."""

    shared: tuple[int, ...]
    lived_in: tuple[int, ...] = ()
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """How many clients of each network bear the sign, what that teaches, and what follows where some networks are nobody's and where none is."""

    every: Sequence[Mapping[str, int]]
    together: Way
    apart: Way

    @property
    def best(self) -> Way:
        return max((self.apart, self.together), key=self.surely)  # where both prove as much, less is held

    def surely(self, way: Way) -> int:
        """How many of the clients of the actor's findings are not honest, at least."""
        own = sum(each["own"] for each in self.every if each["network"] not in way.doubted)
        return own - (own if way.mean is None else at_most(way.mean, CHANCE))


def judge_places(session: Session, *, unasked: bool = False) -> Places:
    """From scope_tally, over the whole ledger, for the scope of chosen_nodes.

    Where a record tells of any view whether it is explained, it shows who bears the sign beside those whom findings count. Then
    what its own findings count says nothing of what is usual: an actor who walks through the homes of others would teach
    that it is usual there. So it is learnt from everybody else, and, where there are enough of them, from those who came
    with other programs: honest people who bear the sign among the rest may have been counted with the actor. Without such a record
    nobody else is seen to bear it, and no more is usual than in the network of the middle one of all clients. That holds beside a record,
    too, of what its findings count without asking a record whom to flag, where there is any (`unasked`).
    """
    every = session.query(statement("close_places").format(many=_MANY)).to_pylist()
    rows = [each for each in every if each["network"] != _NOWHERE]
    lost = sum(each["signed"] for each in rows if each["others"] >= max(each["signed"], 1))
    lost += sum(each["loose"] for each in every if each["network"] == _NOWHERE)
    # a table that tells of no view changes nothing
    tells = bool(
        session.query("SELECT 1 FROM scope_tally WHERE explained + unexplained > 0 LIMIT 1").num_rows
    )
    readings = [_read(every, _ways_to_learn(every, tells=tells))]
    if unasked and tells:
        readings.append(_read(_found_alone(every), [_learn(_found_alone(every), None)], found_only=True))
    known = [each for each in readings if each is not None]
    lived_in = tuple(each["network"] for each in every if each["found_others"])
    if not known:  # nobody else is there to learn from
        signed = tuple(each["network"] for each in every if each["signed"])
        ways = (Way(doubted=(), risky=signed, mean=None),)
        return Places(shared=(), lived_in=lived_in, ways=ways, lost=lost)
    best = max(known, key=lambda reading: reading.surely(reading.best))
    shared = best.best.doubted
    every_way = (way for each in known for way in (each.together, each.apart))
    left = (replace(way, doubted=tuple(sorted(set(way.doubted) - set(shared)))) for way in every_way)
    return Places(shared=shared, lived_in=lived_in, ways=tuple(dict.fromkeys(left)), lost=lost)


def _found_alone(every: Sequence[Mapping[str, int]]) -> list[Mapping[str, int]]:
    """As if no record told of anybody: only those whom findings count bear the sign."""
    names = ("signed", "others", "named")
    return [{**each, "loose": 0, **{name: each[f"found_{name}"] for name in names}} for each in every]


def _read(
    every: Sequence[Mapping[str, int]], learnt: Sequence[_Learnt], *, found_only: bool = False
) -> _Reading | None:
    """None where nobody is there to learn from."""
    learnt = [each for each in learnt if each.people]
    if not learnt:
        return None
    rows = [each for each in every if each["network"] != _NOWHERE]
    needed = log(max(1, len(rows)) / CHANCE)
    shared = tuple(
        sorted(
            each["network"]
            for each in rows
            if each["signed"]
            and each["others"]
            and all(
                nats(each["signed"], each["signed"] + each["others"], way.usual) < needed for way in learnt
            )
        )
    )
    together, apart = (replace(_way(every, learnt, each), found_only=found_only) for each in ((), shared))
    return _Reading(every=every, together=together, apart=apart)


def _way(every: Sequence[Mapping[str, int]], learnt: Sequence[_Learnt], doubted: tuple[int, ...]) -> Way:
    left = [each for each in every if each["signed"] and each["network"] not in doubted]
    means = []
    for each in learnt:
        small, least = _small_networks(each.places, each.odds)
        means.append((small + sum(row["named"] for row in left) * each.odds, least))
    mean, least = min(means)
    risky = tuple(row["network"] for row in left if row["others"] or row["signed"] <= least)
    return Way(doubted=doubted, risky=risky, mean=mean)


def _ways_to_learn(every: Sequence[Mapping[str, int]], *, tells: bool) -> list[_Learnt]:
    """With the actor's own among them, which never says too little; and, where a record tells of any view, without. What both call usual is: so a
    table more does not take away what was known without it."""
    ways = [_learn(every, None)]
    if tells:
        without, beside = _learn(every, "own"), _learn(every, None, of="beside_")
        ways.append(beside if beside.people >= max(_ENOUGH, without.people // 10) else without)
    return ways


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
    session.register("lived_places", networks(places.lived_in))
    session.execute(statement("close_company"))
    company = bool(session.query("SELECT 1 FROM scope_in_company LIMIT 1").num_rows)
    asked = "true" if any(way.found_only for way in places.ways) else "false"
    session.execute(statement("close_plain").format(asked=asked))
    for way in places.ways:
        doubted = _doubted(session, way, company=company)
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


def _doubted(session: Session, way: Way, *, company: bool) -> tuple[int, int]:
    """Held views of which the way says nothing, that are company, or in networks where nothing says whose they are, and people of whom no
    other view is held; scope_judged has the rest."""
    if not way.doubted and not company and not way.found_only:
        session.execute("CREATE OR REPLACE TEMP VIEW scope_judged AS SELECT * FROM scope_views WHERE held")
        return 0, 0
    session.query(
        "CREATE OR REPLACE TEMP TABLE doubted_places AS SELECT * FROM doubted_rows",
        doubted_rows=networks(way.doubted),
    )
    session.execute(statement("close_doubted").format(found_only="true" if way.found_only else "false"))
    (row,) = session.query(
        "SELECT count(*) AS views, count(DISTINCT person) FILTER (person NOT IN (SELECT person FROM scope_judged WHERE person IS NOT NULL)) "
        "+ count(*) FILTER (person IS NULL) AS persons FROM scope_doubted"
    ).to_pylist()
    return row["views"], row["persons"]
