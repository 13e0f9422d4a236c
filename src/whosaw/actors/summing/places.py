"""Groups of people at each address, with and without a sign: what is usual is learnt from them.

The many whom one token or session read count as one. Where a sign comes from an explanation, unexplained views without it are left
out: somebody who reads thousands by other means says nothing of what is usual.

Of an address with one group or two a day says little; but in 28 days strangers come through it, and a small shop has no others. There are
as many of these as homes, so of a day no more than a sample is kept: those with the smallest digests, which are mostly the same ones
on each day, so that the people of an address add up.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.kinds import kind
from whosaw.store.person_sets import pack_runs

from .plan import Plan
from .seen import Seen
from .who import Digests, by_day, ranks, rows_once, starts_of

__all__ = ["BUSY", "SAMPLE", "places"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
BUSY = 3  # groups at an address on a day, from which on it is always kept
SAMPLE = 1_024  # of the other addresses of a day so many are


def places(seen: Seen, plan: Plan, digests: Digests) -> pa.Table:
    """The rows of `places`. Their sets are never absent; whom no log names is in the numbers alone."""
    day, who, address, client = seen.days, seen.whom, seen.numbers("address"), seen.numbers("client")
    bare = (seen.numbers("token") < 0) & (seen.numbers("session") < 0)
    of_client, of_person = ranks("client", client, digests), _person_ranks(who, digests)
    order = np.lexsort((of_client, who, address, day))
    order = order[address[order] >= 0]
    columns = kind("places").in_hand
    parts = [columns.empty_table()]
    for at, pair in enumerate(plan.pairs):
        if at not in plan.usual:
            continue
        known, bears = seen.told(plan, at)
        honest = plan.told.honest(seen.answers, pair)
        some = order[(known & (bears | np.append(honest, np.ones(len(seen.late.day), bool))))[order]]
        if len(some):
            rows = (each[some] for each in (day, address, who, bears, client, bare, of_person))
            parts.append(_of_pair(digests, at, *rows).cast(columns))
    return by_day(parts)


def _person_ranks(who: Ints, digests: Digests) -> Ints:
    """The order of people by digest; those whom nobody names come last, in any order: they are in no set."""
    out = np.full(len(who), np.iinfo(np.int64).max)
    out[who >= 0] = ranks("person", who[who >= 0], digests)
    return out


def _of_pair(
    digests: Digests,
    pair: int,
    day: Ints,
    address: Ints,
    who: Ints,
    bears: Bools,
    client: Ints,
    bare: Bools,
    of_person: Ints,
) -> pa.Table:
    """Rows by day, by address, by whom it saw, and by the digest of the client."""
    begins = starts_of(day, address)
    place = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(day))))
    # whom an address saw: whether they bear the sign, and the client with the smallest digest
    first = starts_of(place, who)
    signed = np.logical_or.reduceat(bears, first)
    at, alone = place[first], bare[first]
    group = np.where(
        alone, who[first], client[first]
    )  # one token or session is one group, else one person is
    order = np.lexsort((of_person[first], group, alone, signed, at))
    starts = starts_of(at[order], signed[order], alone[order], group[order])
    group_at, group_signed = at[order][starts], signed[order][starts]
    person = who[first][order][starts]
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
            "signed_people": _sets(group_at[group_signed], person[group_signed], kept),
            "other_people": _sets(group_at[~group_signed], person[~group_signed], kept),
        }
    )


def _kept(day: Ints, address: Ints, groups: Ints, digests: Digests) -> Ints:
    """Which addresses of each day say what is usual: busy ones, and a sample of the others."""
    kept = groups >= BUSY
    others = np.flatnonzero(~kept)
    days, many = np.unique(day[others], return_counts=True)
    crowded = np.isin(day[others], days[many > SAMPLE])
    kept[others[~crowded]] = True
    if crowded.any():
        others = others[crowded]
        others = others[np.lexsort((ranks("address", address[others], digests), day[others]))]
        of_day = np.searchsorted(day[others], day[others])  # where each day begins
        kept[others[np.arange(len(others)) - of_day < SAMPLE]] = True
    return np.flatnonzero(kept)


def _sets(place: Ints, person: Ints, wanted: Ints) -> pa.Array:
    named = (person >= 0) & np.isin(place, wanted)
    pairs = rows_once(place[named], person[named])
    borders = np.append(np.searchsorted(pairs[0], wanted), len(pairs[1]))
    return pack_runs(pairs[1], borders, fewest=1)
