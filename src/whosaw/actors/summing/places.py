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

from whosaw.store.distinct import distinct_rows, order_of
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
    day, who, address = seen.days, seen.whom, seen.numbers("address")
    bare = (seen.numbers("token") < 0) & (seen.numbers("session") < 0)
    client, people = ranks("client", seen.numbers("client"), digests), _People.of(who, digests)
    there = np.flatnonzero(address >= 0)
    order = there[order_of(day[there], address[there], who[there], client[there])]
    columns_of = [each[order] for each in (day, address, who, client, bare, people.place)]
    columns = kind("places").in_hand
    parts = [columns.empty_table()]
    for at, pair in enumerate(plan.pairs):
        if at not in plan.usual:
            continue
        known, bears = seen.told(plan, at)
        honest = plan.told.honest(seen.answers, pair)
        some = (known & (bears | np.append(honest, np.ones(len(seen.late.day), bool))))[order]
        if some.any():
            rows = (each[some] for each in (bears[order], *columns_of))
            parts.append(_of_pair(digests, at, people, *rows).cast(columns))
    return by_day(parts)


@dataclass(frozen=True, slots=True)
class _People:
    """By row the place of whom it shows in the order of digests, and by place who that is. Those whom nobody names come last, together, as
    -1: they are in no set."""

    place: Ints
    number: Ints

    @classmethod
    def of(cls, who: Ints, digests: Digests) -> _People:
        named = who >= 0
        of_named = ranks("person", who[named], digests)
        last = int(of_named.max(initial=-1)) + 1
        place, number = np.full(len(who), last), np.full(last + 1, -1)
        place[named] = of_named
        number[of_named] = who[named]
        return cls(place, number)


def _of_pair(
    digests: Digests,
    pair: int,
    people: _People,
    bears: Bools,
    day: Ints,
    address: Ints,
    who: Ints,
    client: Ints,
    bare: Bools,
    person: Ints,
) -> pa.Table:
    """Rows by day, by address, by whom it saw, and by the digest of the client."""
    begins = starts_of(day, address)
    place = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(day))))
    # whom an address saw: whether they bear the sign, and the client with the smallest digest
    first = starts_of(place, who)
    signed = np.logical_or.reduceat(bears, first)
    at, alone, person = place[first], bare[first], person[first]
    # one token or session is one group, of which the first person stands for it; else one person is
    of_one, ones_signed, ones, first_of = distinct_rows(
        *(each[~alone] for each in (at, signed, client[first], person))
    )
    starts = starts_of(of_one, ones_signed, ones)
    group_at = np.append(at[alone], of_one[starts])
    group_signed = np.append(signed[alone], ones_signed[starts] > 0)
    shown = people.number[np.append(person[alone], first_of[starts])]
    with_it = np.bincount(group_at[group_signed], minlength=len(begins))
    without = np.bincount(group_at[~group_signed], minlength=len(begins))
    kept = _kept(day[begins], address[begins], with_it + without, digests)
    return pa.table(
        {
            "day": day[begins][kept],
            "pair": np.full(len(kept), pair),
            "address": address[begins][kept],
            "signed": with_it[kept],
            "others": without[kept],
            "signed_people": _sets(group_at[group_signed], shown[group_signed], kept),
            "other_people": _sets(group_at[~group_signed], shown[~group_signed], kept),
        }
    )


def _kept(day: Ints, address: Ints, groups: Ints, digests: Digests) -> Ints:
    """Which addresses of each day say what is usual: busy ones, and a sample of the others."""
    kept = groups >= BUSY
    others = np.flatnonzero(~kept)
    crowded = (np.bincount(day[others] - day[0]) > SAMPLE)[day[others] - day[0]]
    kept[others[~crowded]] = True
    if crowded.any():
        others = others[crowded]
        others = others[order_of(day[others], ranks("address", address[others], digests))]
        of_day = np.searchsorted(day[others], day[others])  # where each day begins
        kept[others[np.arange(len(others)) - of_day < SAMPLE]] = True
    return np.flatnonzero(kept)


def _sets(place: Ints, person: Ints, wanted: Ints) -> pa.Array:
    asked = np.zeros(int(place.max(initial=-1)) + 1, bool)
    asked[wanted[: np.searchsorted(wanted, len(asked))]] = True
    named = (person >= 0) & asked[place]
    pairs = distinct_rows(place[named], person[named])
    borders = np.append(np.searchsorted(pairs[0], wanted), len(pairs[1]))
    return pack_runs(pairs[1], borders, fewest=1)
