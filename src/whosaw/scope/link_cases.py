"""Cases inside links: views of a few clients, which of them a finding counts, and how many are held in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from whosaw.core.client import COLUMNS
from whosaw.packs.table import Table

__all__ = ["CaseViews", "LinkCase", "read_cases"]

ARE: Final = ("found", "unexplained", "explained", "cannot tell")
_MOST_VIEWS: Final = 10_000
_MOST_NUMBER: Final = 10**15


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


def read_cases(item: Table) -> tuple[LinkCase, ...]:
    """The cases of an item."""
    return tuple(_case(each) for each in item.tables("case", required=True))


def _case(table: Table) -> LinkCase:
    found = LinkCase(
        title=table.text("title"),
        held=table.integer("held", least=0),
        possible=table.integer("possible", least=0),
        views=tuple(_views(each) for each in table.tables("view", required=True)),
    )
    table.rest_unknown()
    return found


def _views(table: Table) -> CaseViews:
    values = {name: table.text(name) for name in COLUMNS if table.has(name)}
    found = CaseViews(
        are=table.text("are", one_of=ARE),
        finding=table.optional_text("finding") or "f-1",
        count=table.integer("count", most=_MOST_VIEWS, default=1),
        values=values,
        number=table.integer("number", least=-_MOST_NUMBER, most=_MOST_NUMBER, default=None),
        step=table.integer("step", least=-_MOST_NUMBER, most=_MOST_NUMBER, default=1),
        deal=table.integer("deal", default=1),
        at=table.integer("at", least=0, default=None),
        every=table.integer("every", least=0, default=1),
        route=table.integer("route", least=0, default=0),
    )
    table.rest_unknown()
    return found
