"""Requests as columns: what everyone in a replay sends, and what logs and truth are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .dice import Ints

__all__ = [
    "COLUMNS",
    "HONEST",
    "NOBODY",
    "Actor",
    "Day",
    "Issued",
    "Tickets",
    "Traffic",
    "staff_code",
    "staff_index",
]

NOBODY = -1  # a request that claims no user
HONEST = -1  # a request that belongs to no party whose views somebody should find

COLUMNS: dict[str, Any] = {
    "time": np.int64,  # milliseconds since 1970 in UTC
    "principal": np.int64,  # member number, NOBODY, or the code of a claimant that is no customer
    "address": np.int64,  # below 2**32 an IPv4 address as a number; from there on the host of a household's IPv6 network
    "agent": np.int32,  # code in the agent names
    "page": np.int16,  # position in shop.page
    "number": np.int64,  # what stands for {number} in the path or statement
    "records": np.int32,  # what stands for {records}: members in a list or numbers in a range; 0 elsewhere
    "status": np.int16,
    "size": np.int32,  # bytes of the response
    "token": np.uint64,  # 0 is none
    "key": np.int16,  # position in the setting's keys; -1 is none
    "part": np.int16,  # position in the setting's parts; HONEST is none
}
_USUAL = {
    "principal": NOBODY,
    "number": -1,
    "records": 0,
    "status": 200,
    "token": 0,
    "key": -1,
    "part": HONEST,
}


def staff_code(position: int) -> int:
    """How a claimant that is no customer stands in `Traffic.principal`; customers stand there by number."""
    return -2 - position


def staff_index(code: int) -> int:
    """The inverse of `staff_code`: a position in the setting's claimants."""
    return -2 - code


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Columns of equal length, named and typed as in `COLUMNS`."""

    time: Ints
    principal: Ints
    address: Ints
    agent: NDArray[np.int32]
    page: NDArray[np.int16]
    number: Ints
    records: NDArray[np.int32]
    status: NDArray[np.int16]
    size: NDArray[np.int32]
    token: NDArray[np.uint64]
    key: NDArray[np.int16]
    part: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.time)

    def take(self, which: NDArray[Any] | slice) -> Traffic:
        """The requests at those positions, in that slice, or where the mask is true."""
        return Traffic(**{each.name: getattr(self, each.name)[which] for each in fields(self)})

    @staticmethod
    def of(count: int, **columns: NDArray[Any] | int) -> Traffic:
        """Columns given as arrays or as one value for all; those not given are honest, nobody's, and 200."""
        filled: dict[str, Any] = {}
        for name, kind in COLUMNS.items():
            given = np.asarray(columns[name] if name in columns else _USUAL[name], dtype=kind)
            filled[name] = given if given.shape == (count,) else _spread(given, count)
        return Traffic(**filled)

    @staticmethod
    def joined(parts: Sequence[Traffic]) -> Traffic:
        """All parts in order of time; ties keep their order."""
        if not parts:
            return Traffic.of(0, time=0, address=0, agent=0, page=0, size=0)
        time = np.concatenate([part.time for part in parts])
        order = np.argsort(time, kind="stable")
        columns: dict[str, Any] = {"time": time[order]}
        for each in fields(Traffic):
            if each.name != "time":
                columns[each.name] = np.concatenate([getattr(part, each.name) for part in parts])[order]
        return Traffic(**columns)


def _spread(value: NDArray[Any], count: int) -> NDArray[Any]:
    """One value for all, held once: what `np.broadcast_to` gives for a single one, in a fraction of its time."""
    if value.size != 1:
        raise ValueError(f"{value.size} values for {count} requests")
    spread: NDArray[Any] = np.ndarray((count,), value.dtype, value, strides=(0,))
    spread.flags.writeable = False
    return spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """Tokens that the login service issued. `refresh` marks those that replaced an earlier token of the same session."""

    time: Ints
    subject: Ints  # as Traffic.principal
    token: NDArray[np.uint64]
    key: NDArray[np.int16]
    address: Ints
    refresh: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tickets:
    """Reasons on record: which claimant had which customer's ticket open, in milliseconds since 1970 in UTC."""

    agent: Ints  # position in the setting's claimants
    who: Ints  # position among the customers
    opened: Ints
    closed: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What one actor did on one day of the calendar."""

    traffic: tuple[Traffic, ...] = field(default=())
    issued: tuple[Issued, ...] = field(default=())
    tickets: tuple[Tickets, ...] = field(default=())


class Actor(Protocol):
    """Someone who sends requests. Days are asked for in order, each once, so an actor may keep state between them."""

    def day(self, day: int) -> Day:
        """Requests that begin on that day, in any order. They may run past midnight, never begin before the day does."""
        ...
