"""Which visit a request belongs to."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .columns import Ints, keys_of, plain

__all__ = ["last_start", "visit_of", "whole"]

_KEY_BITS: Final = 50
_WIDE: Final = 1 << 62


def whole(visits: pa.Table) -> pa.Table:
    """Without those that stand in the next day again, in order of what they go by and of their start."""
    kinds, keys, starts, days = (plain(visits[each]) for each in ("kind", "visit", "start", "day"))
    order = np.lexsort((days, _in_one(np.asarray(kinds, np.int64) << _KEY_BITS | keys, starts)))
    kinds, keys, starts = kinds[order], keys[order], starts[order]
    again = (kinds[1:] == kinds[:-1]) & (keys[1:] == keys[:-1]) & (starts[1:] == starts[:-1])
    return visits.take(pa.array(order[np.append(~again, True)] if len(order) else order))


def visit_of(rows: pa.Table, visits: pa.Table) -> Ints:
    """Of each row, which of `whole` visits it belongs to; -1 for none."""
    kinds, keys = keys_of(rows)
    at = last_start(
        (plain(visits["kind"]), plain(visits["visit"]), plain(visits["start"])),
        (kinds, keys, plain(rows["time"])),
    )
    if visits.num_rows:
        at[plain(rows["time"]) > plain(visits["end"])[at]] = -1
    return at


def last_start(starts: tuple[Any, Ints, Ints], rows: tuple[Any, Ints, Ints]) -> Ints:
    """Of each row (kind, key, time), the last of `starts`, which are in order, with its kind and key and no later time."""
    known, asked = (np.asarray(of[0], np.int64) << _KEY_BITS | of[1] for of in (starts, rows))
    if not len(known):
        return np.full(len(asked), -1, np.int64)
    order = np.argsort(asked)  # what is looked up in order is found in a fifth of the time
    asked, times = asked[order], rows[2][order]
    first = np.flatnonzero(np.append(True, known[1:] != known[:-1]))
    keys, many = known[first], np.diff(np.append(first, len(known)))
    of = np.searchsorted(keys, asked)
    of[of == len(keys)] = 0
    low = int(starts[2].min())
    wide = int(starts[2].max()) - low + 2
    if len(keys) * wide < _WIDE:
        began = np.repeat(np.arange(len(keys)), many) * wide + (starts[2] - low) + 1
        at = np.searchsorted(began, of * wide + np.clip(times - low + 1, 0, wide - 1), "right") - 1
    else:
        at = np.searchsorted(_in_one(known, starts[2]), _in_one(asked, times), "right") - 1
    at[(keys[of] != asked) | (at < first[of])] = -1
    found = np.empty(len(order), np.int64)
    found[order] = at
    return found


def _in_one(passes: Ints, times: Ints) -> npt.NDArray[np.complex128]:
    """Kind and key, and time as one number each, in the order of all three: complex numbers go by their real part first. Both parts hold whole
    numbers up to 2^53, and keys have no more than 49 bits."""
    found = np.empty(len(passes), np.complex128)
    found.real = passes
    found.imag = times
    return found
