"""Which sources log one act, and how two of their lines are known for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from whosaw.store import statements as sa
from whosaw.store.journal import Journal, tables
from whosaw.store.overlaps import LiveSegment

__all__ = ["KEYED", "SETTING", "Side", "TwinRule", "changed", "late_partner", "sides_of", "twins_told"]

SETTING = "twins"  # what the ledger was joined by, and what was seen then
Side = tuple[int, int]  # which rule, and 0 for the outer source, 1 for the inner one


_COLUMNS: Final = {"request": "request_key", "page": "page_key"}
KEYED: Final = tuple(_COLUMNS.values())
"""The columns of a segment's events that hold digests of what lines of one act share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinRule:
    """Two sources, in the order in which a request passes them, and by what their lines are one act: the request id, or client
    and page, at most `within` microseconds apart."""

    sources: tuple[str, str]
    by: Literal["request", "page"]
    within: int

    @property
    def reach(self) -> int:
        """How far from a line one may stand that could be its twin."""
        return self.within if self.by == "request" else 2 * self.within

    @property
    def column(self) -> str:
        """The column of a segment's events that lines of one act share."""
        return _COLUMNS[self.by]

    def as_json(self) -> list[object]:
        return [list(self.sources), self.by, self.within]


def sides_of(
    journal: Journal, rules: Sequence[TwinRule], connection: sa.Connection | None = None
) -> dict[int, Side]:
    """By content: the side on which it stands. A source is in one rule at most."""
    places = {source: (at, side) for at, rule in enumerate(rules) for side, source in enumerate(rule.sources)}
    rows = journal.rows(sa.select(tables.content.c.id, tables.content.c.source), connection) if places else []
    return {row["id"]: places[row["source"]] for row in rows if row["source"] in places}


def twins_told(rules: Sequence[TwinRule], sides: Mapping[int, Side]) -> dict[str, object]:
    """The rules and the sides of contents as they are kept."""
    return {
        "rules": [rule.as_json() for rule in rules],
        "contents": {str(content): list(side) for content, side in sorted(sides.items())},
    }


def changed(
    kept: str | None, rules: Sequence[TwinRule], sides: Mapping[int, Side], counted: Sequence[int]
) -> bool:
    """Whether the contents that are counted stand on other sides than when they were, or under other rules."""
    before = json.loads(kept) if kept else {"rules": [], "contents": {}}
    now = twins_told(rules, {each: sides[each] for each in counted if each in sides})
    known = {str(each) for each in counted}
    then = {each: side for each, side in before["contents"].items() if each in known}
    return bool((then or now["contents"]) and (before["rules"], then) != (now["rules"], now["contents"]))


def late_partner(
    rules: Sequence[TwinRule], sides: Mapping[int, Side], live: Sequence[LiveSegment], new: set[int]
) -> bool:
    """Whether a new segment may hold twins of lines that are counted already, or change which of them are twins."""
    fresh = [each for each in live if each.id in new and each.content in sides]
    old = [each for each in live if each.id not in new and each.content in sides]
    return any(
        _meet(_spans(fresh, sides, at), _spans(old, sides, at), rule.reach) for at, rule in enumerate(rules)
    )


def _spans(segments: Sequence[LiveSegment], sides: Mapping[int, Side], rule: int) -> list[tuple[int, int]]:
    return [
        (each.first_time, each.last_time)
        for each in segments
        if sides[each.content][0] == rule and each.first_time is not None and each.last_time is not None
    ]


def _meet(some: list[tuple[int, int]], others: list[tuple[int, int]], reach: int) -> bool:
    """Whether any of the spans lies within reach of one of the others."""
    every = sorted([(first, last, 0) for first, last in some] + [(first, last, 1) for first, last in others])
    ends: dict[int, int] = {}
    for first, last, which in every:
        end = ends.get(1 - which)
        if end is not None and first - end <= reach:
            return True
        ends[which] = max(last, ends.get(which, last))
    return False
