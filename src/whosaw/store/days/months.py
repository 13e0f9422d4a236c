"""Runs of closed days lie together in one file for each kind and month, whole, one behind the other.

What a run holds stays as it is, and so does its digest; it is found in another file. A file depends on the runs in it and on
nothing else: the same runs give the same bytes in whatever order days came and however often they were moved before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Final

import pyarrow as pa

from whosaw.store.files import ROW_GROUP, ContentStore
from whosaw.store.parts import Part
from whosaw.store.run_files import RunWriter, read_parts

__all__ = ["SMALL", "first_of_month", "moves", "put_together"]

SMALL: Final = 2 * ROW_GROUP  # rows; a longer run is a good file by itself
_LONE: Final = 8  # files of a month that is not over before they are put together
_EPOCH: Final = date(1970, 1, 1)


def first_of_month(day: int) -> int:
    """The first day of the month in which a day lies, both as days since 1970."""
    return ((_EPOCH + timedelta(days=day)).replace(day=1) - _EPOCH).days


def moves(parts: Iterable[Part], open_day: int) -> list[tuple[Part, ...]]:
    """Which runs are to be put together, those of one new file each: small whole ones of closed days (before the open one) of one kind
    and month that lie in several files. Of a month that is not over, once these are many."""
    first_of = cache(first_of_month)  # of few days, for many runs
    months: dict[tuple[str, int], list[Part]] = {}
    for each in parts:
        if each.day < open_day and each.rows <= SMALL and not each.range:
            months.setdefault((each.kind, first_of(each.day)), []).append(each)
    found = []
    for (_, month), runs in sorted(months.items()):
        least = 2 if first_of(open_day) != month else _LONE
        if len({each.file for each in runs}) >= least:
            found.append(tuple(sorted(runs, key=lambda part: part.day)))
    return found


def put_together(store: ContentStore, schema: pa.Schema, runs: Sequence[Part]) -> list[Part]:
    """Runs of one kind in one new file. Their old files stay: they go once nothing names them."""
    ordered = sorted(runs, key=lambda each: each.day)
    writer = RunWriter(store, ordered[0].kind, schema)
    for each in ordered:
        (table,) = read_parts(store, [each], schema.names)
        writer.add(each.day, each.range, table)
    return [
        replace(each, file=placed.file, first=placed.first)
        for each, placed in zip(ordered, writer.close(), strict=True)
    ]
