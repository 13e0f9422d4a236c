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

from whosaw.store.kinds import CLIENT_COLUMNS, kind
from whosaw.store.person_sets import pack_runs

from .held import Late
from .plan import Plan
from .who import Digests, column, ranks, rows_once, who_was_seen

__all__ = ["BUSY", "SAMPLE", "places"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_NEEDED = ["client", *(each.name for each in CLIENT_COLUMNS)]
BUSY = 3  # groups at an address on a day, from which on it is always kept
SAMPLE = 1_024  # of the other addresses of a day so many are


def places(
    views: pa.Table, answers: pa.Table, plan: Plan, digests: Digests, late: Late | None = None
) -> pa.Table:
    """The rows of `places` of one day, without the day. Their sets are never absent; whom no log names is in the numbers alone."""
    columns = kind("places").columns
    parts = [columns.empty_table()]
    rows = views.select(_NEEDED)
    if late is not None:
        rows = pa.concat_tables([rows, late.views.select(_NEEDED)])
    who = who_was_seen(views, digests)
    if late is not None:
        who = np.concatenate([who, late.who])
    address, client = column(rows, "address"), column(rows, "client")
    bare = (column(rows, "token") < 0) & (column(rows, "session") < 0)
    order_of_client, order_of_person = ranks("client", client, digests), _person_ranks(who, digests)
    order = np.lexsort((order_of_client, who, address))
    order = order[address[order] >= 0]
    for at, pair in enumerate(plan.pairs):
        if at not in plan.usual:
            continue
        known, bears = plan.told.sign(answers, pair.sign)
        taken = known & (bears | plan.told.honest(answers, pair))
        if late is not None:
            its = late.sign == plan.told.signs.index(pair.sign)
            taken, bears = np.concatenate([taken, its]), np.concatenate([bears, its])
        some = order[taken[order]]
        if len(some):
            parts.append(
                _of_pair(
                    at, address[some], who[some], bears[some], client[some], bare[some], order_of_person[some],
                    digests,
                ).cast(columns)
            )  # fmt: skip
    return pa.concat_tables(parts)


def _person_ranks(who: Ints, digests: Digests) -> Ints:
    """The order of people by digest; those whom nobody names come last, in any order: they are in no set."""
    out = np.full(len(who), np.iinfo(np.int64).max)
    out[who >= 0] = ranks("person", who[who >= 0], digests)
    return out


def _of_pair(
    pair: int,
    address: Ints,
    who: Ints,
    bears: Bools,
    client: Ints,
    bare: Bools,
    by_person: Ints,
    digests: Digests,
) -> pa.Table:
    """Rows by address, by whom it saw, and by the digest of the client."""
    # whom an address saw: whether they bear the sign, and the client with the smallest digest
    first = _starts(address, who)
    signed = np.logical_or.reduceat(bears, first)
    at, alone = address[first], bare[first]
    group = np.where(
        alone, who[first], client[first]
    )  # one token or session is one group, else one person is
    order = np.lexsort((by_person[first], group, alone, signed, at))
    starts = _starts(at[order], signed[order], alone[order], group[order])
    group_at, group_signed = at[order][starts], signed[order][starts]
    person = who[first][order][starts]
    addresses, inverse = np.unique(group_at, return_inverse=True)
    with_it = np.bincount(inverse[group_signed], minlength=len(addresses))
    without = np.bincount(inverse[~group_signed], minlength=len(addresses))
    kept = _kept(addresses, with_it + without, digests)
    return pa.table(
        {
            "pair": np.full(int(kept.sum()), pair),
            "address": addresses[kept],
            "signed": with_it[kept],
            "others": without[kept],
            "signed_people": _sets(group_at[group_signed], person[group_signed], addresses[kept]),
            "other_people": _sets(group_at[~group_signed], person[~group_signed], addresses[kept]),
        }
    )


def _kept(addresses: Ints, groups: Ints, digests: Digests) -> Bools:
    """Which addresses of a day say what is usual: busy ones, and a sample of the others."""
    kept = groups >= BUSY
    others = np.flatnonzero(~kept)
    if len(others) > SAMPLE:
        others = others[ranks("address", addresses[others], digests) < SAMPLE]
    kept[others] = True
    return np.asarray(kept)


def _sets(address: Ints, person: Ints, wanted: Ints) -> pa.Array:
    named = (person >= 0) & np.isin(address, wanted)
    pairs = rows_once(address[named], person[named])
    borders = np.append(np.searchsorted(pairs[0], wanted), len(pairs[1]))
    return pack_runs(pairs[1], borders, fewest=1)


def _starts(*keys: npt.NDArray[np.generic]) -> Ints:
    changed = np.zeros(len(keys[0]), bool)
    changed[:1] = True
    for key in keys:
        changed[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(changed)
