"""Requests as columns: what visitors, machines and the breach produce and the log text is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dice import Dice, Ints
from .shop_item import Shop

__all__ = ["NOBODY", "Requests", "response_sizes", "staff_code", "staff_index"]

NOBODY = -1  # a request that claims no user


def staff_code(position: int) -> int:
    """How a member of staff stands in `Requests.principal`; customers stand there by number."""
    return -2 - position


def staff_index(code: int) -> int:
    """The inverse of `staff_code`."""
    return -2 - code


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Columns of equal length. `time` is milliseconds since 1970 in UTC."""

    time: Ints
    principal: Ints  # member number, NOBODY, or a staff code
    address: Ints  # code in the address names
    agent: Ints  # code in the agent names
    page: Ints  # position in shop.page
    number: Ints  # what stands for {number} in the path
    status: Ints
    size: Ints
    token: NDArray[np.uint64]  # 0 is none
    key: Ints  # position in shop.key; -1 is none
    step: Ints  # position in breach.step; -1 is honest

    def __len__(self) -> int:
        return len(self.time)

    def take(self, which: Ints | NDArray[np.bool_]) -> Requests:
        """The requests at those positions, or where the mask is true."""
        return Requests(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    @staticmethod
    def of(count: int, **columns: Ints | NDArray[np.uint64] | int) -> Requests:
        """Columns given as arrays or as one value for all; those not given are honest and nobody's."""
        usual = {"principal": NOBODY, "number": -1, "status": 200, "token": 0, "key": -1, "step": -1}
        filled: dict[str, Any] = {}
        for field in fields(Requests):
            kind = np.uint64 if field.name == "token" else np.int64
            given = columns.get(field.name, usual.get(field.name))
            filled[field.name] = np.broadcast_to(np.asarray(given, dtype=kind), count)
        return Requests(**filled)

    @staticmethod
    def joined(parts: Sequence[Requests], start: int, end: int) -> Requests:
        """All parts in order of time, from `start` (in) to `end` (out); ties keep their order."""
        whole = Requests(
            **{
                field.name: np.concatenate([getattr(part, field.name) for part in parts])
                for field in fields(Requests)
            }
        )
        order = np.argsort(whole.time, kind="stable")
        inside = (whole.time[order] >= start) & (whole.time[order] < end)
        return whole.take(order[inside])


def response_sizes(shop: Shop, dice: Dice, page: Ints, status: Ints) -> Ints:
    """Bytes of each response: between the page's own bounds, or a short error page."""
    low = np.asarray([entry.bytes[0] for entry in shop.page], dtype=np.int64)
    high = np.asarray([entry.bytes[-1] for entry in shop.page], dtype=np.int64)
    full = low[page] + dice.below(len(page), high[page] - low[page] + 1)
    whole = (status == 200) | (page == shop.page_at("login"))
    return np.where(whole, full, np.where(status == 404, 1862, 154))
