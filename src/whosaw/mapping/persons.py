"""How a person is written, why one may be unknown, and how many more a response can have held."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from .route import Route

__all__ = ["KIND_SEPARATOR", "MAX_ID_BYTES", "UNKNOWN_WHY", "Why", "further_at_most", "person_text"]

# between kind and raw id; it cannot stand in a kind, so two pairs never give one text
KIND_SEPARATOR = "\x1f"
MAX_ID_BYTES = 256
_MOST = 2**31 - 1


class Why(IntEnum):
    """Why the subject of a matched event is unknown; indexes `UNKNOWN_WHY`."""

    KNOWN = 0
    NOT_IN_LOG = 1
    ABSENT = 2
    EMPTY = 3
    TOO_LONG = 4
    AMBIGUOUS = 5
    UNREADABLE = 6


UNKNOWN_WHY = ("", "not-in-log", "absent", "empty", "too-long", "ambiguous", "unreadable")


def person_text(kind: str, raw: str) -> str:
    """The one text for a person."""
    return kind + KIND_SEPARATOR + raw


def further_at_most(
    routes: tuple[Route, ...],
    route: npt.NDArray[np.int16],
    *,
    named: npt.NDArray[np.int64],
    unknown: npt.NDArray[np.bool_],
    ambiguous: npt.NDArray[np.int64],
    unnamed: npt.NDArray[np.int64],
    records: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """How many persons beyond the named ones each event can have shown, and whether that is bounded.

    An event is about `subjects` persons at most: those it names; as many as it has records, where the route
    is a list or its subject is unknown; one, where a single subject is not named. Each of them may bring
    `secondary.at_most` others. Rows without a route get 0.
    """
    matched = route >= 0
    if not len(routes):
        return np.zeros(len(route), np.int64), np.ones(len(route), bool)
    at = np.maximum(route, 0)
    lists = np.array([_is_list(r) for r in routes], bool)[at]
    secondary = np.array([_secondary(r) for r in routes], np.int64)[at]
    open_list = np.array([_may_be_many(r) for r in routes], bool)[at]
    single: npt.NDArray[Any] = np.where(ambiguous > 0, ambiguous, 1)
    hidden = np.where(unknown & ~lists, np.where(records >= 0, records, np.where(open_list, -1, single)), 0)
    hidden = np.where(lists, records, hidden)
    bounded = (~matched) | ((hidden >= 0) & (secondary >= 0))
    subjects = named + unnamed + np.maximum(hidden, 0)
    extra = subjects * (1 + np.maximum(secondary, 0)) - named
    return np.where(matched & bounded, np.clip(extra, 0, _MOST), 0), bounded


def _is_list(route: Route) -> bool:
    return route.records is not None


def _may_be_many(route: Route) -> bool:
    """Whether an event that names nobody may have been about more than one person."""
    return route.subject.many or route.subject.source in ("unknown", "statement")


def _secondary(route: Route) -> int:
    if route.secondary is None:
        return 0
    return -1 if route.secondary.at_most is None else route.secondary.at_most
