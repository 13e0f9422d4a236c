"""What an address does, and how fast: the clause of a link, as its item writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from .walk_clause import micros_of

__all__ = ["HabitClause", "read_habit"]

_KNOWN: Final = ("least_steps", "within")


@dataclass(frozen=True, slots=True, kw_only=True)
class HabitClause:
    """A step is a view with the one before it, at most `within` microseconds apart. An address has a habit with a user agent
    where it made at least `least_steps`: which pages followed which, and the middle one of the pauses, to a factor of two."""

    least_steps: int
    within: int


def read_habit(given: Any, wrong: Callable[..., None]) -> HabitClause | None:
    """The table `habit` of an item; None where there is none, or it is at fault, which is told to `wrong`."""
    if given is None:
        return None
    if not isinstance(given, dict):
        wrong("habit must be a table", "habit")
        return None
    unknown = sorted(given.keys() - set(_KNOWN))
    for key in unknown:
        wrong(f"{key} is not known here; known: {', '.join(_KNOWN)}", "habit", key)
    least, within = given.get("least_steps"), micros_of(given.get("within"))
    fits = isinstance(least, int) and not isinstance(least, bool) and least >= 1
    if not fits:
        wrong("least_steps must be a whole number from 1 on", "habit", "least_steps")
    if within is None:
        wrong("within must be a length of time such as 30s, 10m or 1h", "habit", "within")
    if unknown or not fits or within is None:
        return None
    return HabitClause(least_steps=int(least or 0), within=within)
