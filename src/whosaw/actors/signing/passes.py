"""Passes: on one day, with which devices each token was carried, or each session where there is no token."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from whosaw.core import client
from whosaw.store.distinct import numbered_from_0, order_of
from whosaw.store.kinds import kind

from .columns import CLIENT, PASS_NAMES, Digests, Ints, by_digest, digest_halves, keys_of, plain

__all__ = ["passes"]

_PASSES: Final = kind("passes").in_hand
_DEVICE: Final = client.picked(
    "actors.signing.passes",
    "agent",
    "network",
    "address",
    why="what tells one hand from another while it carries a pass",
)
_NONE: Final = -1
_NEVER: Final = np.iinfo(np.int64).max


def passes(events: pa.Table, *, digests: Digests) -> pa.Table:
    """A row for each device (user agent, network and address) that carried a pass on a day. `events` are `EVENTS`."""
    kinds, keys = keys_of(events)
    rows = np.flatnonzero(kinds < CLIENT)
    columns: dict[str, Ints] = {
        "day": plain(events["day"]).astype(np.int64),
        "kind": kinds.astype(np.int64),
        "pass": keys,
    }
    columns |= {name: plain(events[name], _NONE).astype(np.int64) for name in _DEVICE}
    time = plain(events["time"]).astype(np.int64)[rows]
    view = plain(events["view"]).astype(bool)[rows]
    ranks = {name: each[rows] for name, each in columns.items()}
    ranks |= {name: _by_digest(name, ranks[name], digests) for name in _DEVICE}
    ranks["pass"] = _pass_ranks(ranks["kind"], ranks["pass"], digests)
    names = ("day", "kind", "pass", *_DEVICE)
    order = order_of(*(ranks[name] for name in names))
    at = rows[order]
    same = np.ones(max(len(order) - 1, 0), bool)
    for name in names:
        value = ranks[name][order]
        same &= value[1:] == value[:-1]
    starts = np.flatnonzero(np.append(True, ~same)[: len(order)])
    if not len(starts):
        return _PASSES.empty_table()
    time, view = time[order], view[order]
    viewed = np.minimum.reduceat(np.where(view, time, _NEVER), starts)
    made = {name: pa.array(columns[name][at[starts]]) for name in ("day", "kind", "pass")}
    made |= {
        name: pa.array(columns[name][at[starts]], mask=columns[name][at[starts]] == _NONE) for name in _DEVICE
    }
    made["first"] = pa.array(np.minimum.reduceat(time, starts))
    made["last"] = pa.array(np.maximum.reduceat(time, starts))
    made["viewed"] = pa.array(viewed, mask=viewed == _NEVER)
    made["events"] = pa.array(np.diff(np.append(starts, len(order))))
    made["views"] = pa.array(np.add.reduceat(view.astype(np.int64), starts))
    return pa.table([made[each.name].cast(each.type) for each in _PASSES], schema=_PASSES)


def _by_digest(name: str, numbers: Ints, digests: Digests) -> Ints:
    """Where each number stands among all by its digest; none is the first."""
    known, code = numbered_from_0(numbers)
    none = int(len(known) > 0 and known[0] == _NONE)
    rank = np.full(len(known), _NONE, np.int64)
    if len(known) > none:
        order = by_digest(*digest_halves(digests(name, pa.array(known[none:]))))
        rank[none + order] = np.arange(len(order))
    found: Ints = rank[code]
    return found


def _pass_ranks(kinds: Ints, keys: Ints, digests: Digests) -> Ints:
    found = np.zeros(len(keys), np.int64)
    for number in range(CLIENT):
        mine = np.flatnonzero(kinds == number)
        found[mine] = _by_digest(PASS_NAMES[number], keys[mine], digests)
    return found
