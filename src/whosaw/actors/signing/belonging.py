"""Which visit a request belongs to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from .columns import Ints, keys_of, plain

__all__ = ["last_start", "visit_of", "whole"]


def whole(visits: pa.Table) -> pa.Table:
    """Without those that stand in the next day again, in order of what they go by and of their start."""
    kinds, keys, starts, days = (plain(visits[each]) for each in ("kind", "visit", "start", "day"))
    order = np.lexsort((days, starts, keys, kinds))
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
    known = len(starts[0])
    both = [np.concatenate(pair) for pair in zip(starts, rows, strict=True)]
    number = np.arange(len(both[0]))
    order = np.lexsort((number >= known, both[2], both[1], both[0]))
    last = np.maximum.accumulate(np.where(order < known, order, -1)) if len(order) else order
    found = np.full(len(number), -1, np.int64)
    found[order] = last
    found = found[known:]
    same = found >= 0
    for column, of_row in zip(starts[:2], rows[:2], strict=True):
        same[same] = column[found[same]] == of_row[same]
    found[~same] = -1
    return found
