"""Cases inside links: views of a few clients, which of them a finding counts, and how many are held in the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .clue import COLUMNS

__all__ = ["CaseViews", "LinkCase", "read_cases"]

ARE: Final = ("found", "unexplained", "explained", "cannot tell")
_MOST_VIEWS: Final = 10_000
_WHOLE: Final = ("number", "step", "deal", "at", "every", "route")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseViews:
    """`count` views, each of another person. `are`: counted by `finding`, or how the record answers. `{n}` in a value is
    the number of the view, from 0; `{d}` counts from 0 to `deal` and begins again. The person of view n has the number
    `number` + n * `step`, where a number is given. The first view is in second `at`, the others `every` seconds apart; where no
    `at` is given, each view is one second after the one before it in the case. `route` is the number of the page."""

    are: str
    finding: str
    count: int
    values: Mapping[str, str]
    number: int | None = None
    step: int = 1
    deal: int = 1
    at: int | None = None
    every: int = 1
    route: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCase:
    """With this link alone, a case made from the first finding holds `held` views and says that `possible` more may be the actor's."""

    title: str
    held: int
    possible: int
    views: tuple[CaseViews, ...]


def read_cases(given: Any, wrong: Callable[..., None]) -> tuple[LinkCase, ...]:
    """The cases of an item. What does not fit is told to `wrong` with its place."""
    if not isinstance(given, list) or not given:
        wrong("case must be an array of tables", "case")
        return ()
    cases = []
    for number, table in enumerate(given):
        try:
            cases.append(_case(table))
        except (KeyError, TypeError, ValueError) as fault:
            wrong(f"case {number + 1}: {fault}", "case", number)
    return tuple(cases)


def _case(table: dict[str, Any]) -> LinkCase:
    _only(table, ("title", "held", "possible", "view"))
    return LinkCase(
        title=str(table["title"]),
        held=int(table["held"]),
        possible=int(table["possible"]),
        views=tuple(_views(each) for each in table["view"]),
    )


def _views(table: dict[str, Any]) -> CaseViews:
    _only(table, ("are", "count", "finding", *_WHOLE, *COLUMNS))
    if table["are"] not in ARE:
        raise ValueError(f"are must be one of {', '.join(ARE)}")
    count = int(table.get("count", 1))
    if not 1 <= count <= _MOST_VIEWS:
        raise ValueError(f"count must be from 1 to {_MOST_VIEWS:,}")
    values: dict[str, str] = {name: str(table[name]) for name in COLUMNS if name in table}
    whole: dict[str, Any] = {name: int(table[name]) for name in _WHOLE if name in table}
    return CaseViews(
        are=table["are"], finding=str(table.get("finding", "f-1")), count=count, values=values, **whole
    )


def _only(table: dict[str, Any], known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            raise ValueError(f"{key} is not known here; known: {', '.join(known)}")
