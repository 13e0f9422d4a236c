"""Groups of people at each address, with and without a sign: what is usual is learnt from them.

The many whom one token or session read count as one. Where a sign comes from an explanation, unexplained views without it are left
out: somebody who reads thousands by other means says nothing of what is usual.

Of an address with one group or two a day says little; but in 28 days strangers come through it, and a small shop has no others. There are
as many of these as homes, so of a day no more than a sample is kept: those with the smallest digests, which are mostly the same ones
on each day, so that the people of an address add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.distinct import order_of
from whosaw.store.kinds import kind
from whosaw.store.person_sets import pack_runs

from .plan import Plan
from .seen import Seen
from .who import Digests, by_day, ranks, starts_of

__all__ = ["BUSY", "SAMPLE", "places"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
BUSY = 3  # groups at an address on a day, from which on it is always kept
SAMPLE = 1_024  # of the other addresses of a day so many are


def places(seen: Seen, plan: Plan, digests: Digests) -> pa.Table:
    """The rows of `places`. Their sets are never absent; whom no log names is in the numbers alone."""
    rows = _Rows.of(seen, digests)
    columns = kind("places").in_hand
    parts = [columns.empty_table()]
    made: dict[bytes, pa.Table] = {}  # of many pairs the same is said of the same views
    for at in sorted(plan.usual):
        some, bears = seen.said.usual(plan, at)
        which = some.tobytes() + (some & bears).tobytes()
        if which not in made:
            made[which] = _of_views(digests, rows, np.flatnonzero(some[rows.said]), bears[rows.said])
        its = made[which]
        pair = pa.array(np.full(its.num_rows, at))
        parts.append(its.append_column("pair", pair).select(columns.names).cast(columns))
    return by_day(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """The rows that have an address, by day, by address, by whom it saw, and by the digest of the client. A place is an address on a day,
    and a person of it one whom it saw, numbered in this order."""

    said: Ints  # what is said of each
    day: Ints  # by place
    address: Ints
    place: Ints  # by row
    person: Ints
    who: Ints
    client: Ints  # its place by digest
    bare: Bools  # without a token and a session
    by_client: Ints  # the rows by place, by client, and by the digest of whom it saw

    @classmethod
    def of(cls, seen: Seen, digests: Digests) -> _Rows:
        day, who, address = seen.days, seen.whom, seen.numbers("address")
        bare = (seen.numbers("token") < 0) & (seen.numbers("session") < 0)
        client = ranks("client", seen.numbers("client"), digests)
        there = np.flatnonzero(address >= 0)
        at = there[order_of(day[there], address[there], who[there], client[there])]
        day, who, address, client = (each[at] for each in (day, who, address, client))
        begins, people = starts_of(day, address), starts_of(day, address, who)
        place, person = (
            np.repeat(np.arange(len(of)), np.diff(np.append(of, len(at)))) for of in (begins, people)
        )
        return cls(
            said=seen.said.of[at], day=day[begins], address=address[begins], place=place, person=person, who=who,
            client=client, bare=bare[at], by_client=order_of(place, client, _by_digest(who, digests)),
        )  # fmt: skip


def _by_digest(who: Ints, digests: Digests) -> Ints:
    """By row the place of whom it shows in the order of digests. Those whom nobody names come last, together."""
    named = who >= 0
    of_named = ranks("person", who[named], digests)
    place = np.full(len(who), int(of_named.max(initial=-1)) + 1)
    place[named] = of_named
    return place


def _of_views(digests: Digests, rows: _Rows, asked: Ints, bears: Bools) -> pa.Table:
    """What these rows, some of which bear a sign, say of each address."""
    # whom an address saw: whether they bear the sign, and the client with the smallest digest
    starts = starts_of(rows.person[asked])
    first, signed = asked[starts], np.zeros(len(rows.said), bool)
    signed[first] = np.logical_or.reduceat(bears[asked], starts)
    # one token or session is one group, of which the first person stands for it; else one person is
    alone = rows.bare[first]
    shared = np.zeros(len(rows.said), bool)
    shared[first[~alone]] = True
    ones = rows.by_client[shared[rows.by_client]]
    stands = np.zeros(len(rows.said), bool)
    stands[first[alone]] = True
    for bearing in (True, False):
        of = ones[signed[ones] == bearing]
        stands[of[starts_of(rows.place[of], rows.client[of])]] = True
    stand = np.flatnonzero(stands)
    with_it, without = stand[signed[stand]], stand[~signed[stand]]
    many, others = (np.bincount(rows.place[of], minlength=len(rows.day)) for of in (with_it, without))
    there = np.flatnonzero(many + others)
    kept = there[_kept(rows.day[there], rows.address[there], (many + others)[there], digests)]
    return pa.table(
        {
            "day": rows.day[kept],
            "address": rows.address[kept],
            "signed": many[kept],
            "others": others[kept],
            "signed_people": _sets(rows, with_it, kept),
            "other_people": _sets(rows, without, kept),
        }
    )


def _kept(day: Ints, address: Ints, groups: Ints, digests: Digests) -> Ints:
    """Which addresses of each day say what is usual: busy ones, and a sample of the others."""
    kept = groups >= BUSY
    others = np.flatnonzero(~kept)
    if not len(others):
        return np.flatnonzero(kept)
    first = day[0]
    crowded = (np.bincount(day[others] - first) > SAMPLE)[day[others] - first]
    kept[others[~crowded]] = True
    if crowded.any():
        others = others[crowded]
        others = others[order_of(day[others], ranks("address", address[others], digests))]
        of_day = np.searchsorted(day[others], day[others])  # where each day begins
        kept[others[np.arange(len(others)) - of_day < SAMPLE]] = True
    return np.flatnonzero(kept)


def _sets(rows: _Rows, stand: Ints, wanted: Ints) -> pa.Array:
    """The people of each wanted place among rows that stand for a group each."""
    asked = np.zeros(len(rows.day), bool)
    asked[wanted] = True
    of = stand[(rows.who[stand] >= 0) & asked[rows.place[stand]]]
    place = rows.place[of]
    return pack_runs(rows.who[of], np.append(np.searchsorted(place, wanted), len(of)), fewest=1)
