"""One day of everybody's requests in order of time, and what runs past its midnight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from .dice import Ints
from .traffic import Traffic

__all__ = ["merged"]


def merged(parts: Sequence[Traffic], end: int) -> tuple[Traffic, Traffic]:
    """All requests before `end` in order of time, and those from `end` on. Requests of one moment keep their order."""
    held = [part for part in parts if len(part)]
    if not held:
        nothing = Traffic.joined([])
        return nothing, nothing
    order, time = _sorted(np.concatenate([part.time for part in held]))
    today = int(np.searchsorted(time, end))
    columns: dict[str, Any] = {"time": time}
    for each in fields(Traffic):
        if each.name != "time":
            columns[each.name] = _column(held, each.name, order)
    whole = Traffic(**columns)
    later = whole.take(np.arange(today, len(whole)))  # a copy, so that the day itself can be forgotten
    return whole.take(slice(0, today)), later


def _sorted(time: Ints) -> tuple[Ints | None, Ints]:
    """Positions in order of time, None where they are in order already, and the times in that order."""
    if (np.diff(time) >= 0).all():
        return None, time
    # a stable sort makes use of the long runs in order that a breach consists of
    order = np.argsort(time, kind="stable")
    return order, time.take(order)


def _column(parts: Sequence[Traffic], name: str, order: Ints | None) -> Any:
    """One column of all parts in that order. A value that all requests share is not written out."""
    columns = [getattr(part, name) for part in parts]
    if (
        all(column.strides == (0,) for column in columns)
        and len({column[0].item() for column in columns}) == 1
    ):
        return np.broadcast_to(columns[0][0], sum(map(len, columns)))
    whole = np.concatenate(columns)
    return whole if order is None else whole.take(order)
