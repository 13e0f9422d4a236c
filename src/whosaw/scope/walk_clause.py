"""What makes an address one that takes turns in a number walk: the clause of a link, as its item writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["WalkClause", "micros_of", "read_walk"]

_UNITS: Final = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}
_KNOWN: Final = ("near", "within", "acquainted", "chance")


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkClause:
    """Numbers are near from the same stretch of `near` numbers in a row to the one beside it, and times from the same `within`
    microseconds to the ones beside it. People whose numbers lie within `acquainted` of one another may come together. Honest
    addresses pass as takers of turns in one ledger of `chance`."""

    near: int
    within: int
    acquainted: int
    chance: float

    @property
    def block(self) -> int:
        """How many stretches hold people who may come together."""
        return max(1, self.acquainted // self.near)


def read_walk(given: Any, wrong: Callable[..., None]) -> WalkClause | None:
    """The table `walk` of an item; None where there is none, or it is at fault, which is told to `wrong`."""
    if given is None:
        return None
    if not isinstance(given, dict):
        wrong("walk must be a table", "walk")
        return None
    faults = len(given.keys() - set(_KNOWN))
    for key in given.keys() - set(_KNOWN):
        wrong(f"{key} is not known here; known: {', '.join(_KNOWN)}", "walk", key)
    numbers = [given.get(name) for name in ("near", "acquainted")]
    for name, value in zip(("near", "acquainted"), numbers, strict=True):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            wrong(f"{name} must be a whole number from 1 on", "walk", name)
            faults += 1
    within, chance = micros_of(given.get("within")), _chance(given.get("chance"))
    if within is None:
        wrong("within must be a length of time such as 30s, 10m or 1h", "walk", "within")
    if chance is None:
        wrong("chance must be written as in 1 in 1000000", "walk", "chance")
    if faults or within is None or chance is None:
        return None
    return WalkClause(near=given["near"], within=within, acquainted=given["acquainted"], chance=chance)


def micros_of(text: Any) -> int | None:
    """A length of time such as 30s, 10m or 1h; None where it is none."""
    if (
        not isinstance(text, str)
        or text[-1:] not in _UNITS
        or not text[:-1].isdecimal()
        or not int(text[:-1])
    ):
        return None
    return int(text[:-1]) * _UNITS[text[-1]]


def _chance(text: Any) -> float | None:
    if not isinstance(text, str) or not text.startswith("1 in ") or not text[5:].isdecimal():
        return None
    return 1 / int(text[5:]) if int(text[5:]) else None
