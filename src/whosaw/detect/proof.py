"""Which detectors prove each view that they count: those that look it up in a record, and do not only find that there are too many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .detectors import Detector

__all__ = ["proves"]

# Tables of the context that say of single views that nobody had a reason for them.
_PROVING: Final = frozenset(("staff", "tickets", "keys", "services", "canaries", "subjects"))


def proves(detector: Detector) -> bool:
    """Whether such tables are all that it asks for, and it asks for any."""
    asked = _tables(detector.needs)
    return bool(asked) and _PROVING.issuperset(asked)


def _tables(needs: Sequence[str]) -> set[str]:
    """The tables behind needs such as `staff` and `staff.subject or subjects.staff`."""
    return {part.partition(".")[0] for need in needs for part in need.split(" or ")}
