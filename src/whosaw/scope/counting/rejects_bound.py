"""Lines that could not be read: each may hide views of the actor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .facts import SourceFact

__all__ = ["VIEWS_OF_A_REJECT", "rejects_by_day", "rejects_within"]

VIEWS_OF_A_REJECT: Final = (
    2  # two writers on one file run two lines together, and what stands there then is one reject
)


def rejects_within(source: SourceFact, reach: tuple[int, int]) -> int:
    """Rejects from an hour before the first view to an hour after the last, and all whose hour is not known."""
    placed = sum(each.rejects for each in source.hours)
    near = sum(each.rejects for each in source.hours if reach[0] - 1 <= each.hour <= reach[1] + 1)
    return near + max(0, source.rejects - placed)


def rejects_by_day(sources: Iterable[SourceFact], reach: tuple[int, int]) -> dict[int, dict[str, int]]:
    """By day from 1970 UTC and source, those whose hour is known."""
    found: dict[int, dict[str, int]] = {}
    for source in sources:
        for each in source.hours:
            if each.rejects and reach[0] - 1 <= each.hour <= reach[1] + 1:
                of_day = found.setdefault(each.hour // 24, {})
                of_day[source.name] = of_day.get(source.name, 0) + each.rejects
    return found
