"""Links: what two views must share to be taken for the same party's, and when sharing it says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from whosaw.core.client import COLUMNS
from whosaw.core.errors import Fault, FaultsError, Where
from whosaw.packs.items import item_files, shipped
from whosaw.packs.table import Table

from .habit_clause import HabitClause, read_habit
from .link_cases import LinkCase, read_cases
from .walk_clause import WalkClause, read_walk

__all__ = ["Link", "load_links", "shipped_links"]

_LEVELS: Final = ("high", "medium", "low")
_JOINS: Final = ("views", "findings", "nothing")
_COLUMNS: Final = (*COLUMNS, "habit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Views whose clients have the same values in the columns `by` belong together where at least `least_views` of them are
    held, and of every thousand held ones at most `others_per_thousand` views are explained or cannot be told.

    `joins` "views": findings, and views that no finding counts and nothing explains. "findings": these alone. "nothing": what else would join is no
    more than possible.
    `possible`: where there are more, those that are not explained may still be the actor's, and count as possible.
    `walk`: views of an address belong where they stand at turns of the actor's number walk that chance does not explain;
    `least_views` is then how many stand there, and the others are all of that address that do not.
    `habit`: what the column of that name is.
    """

    id: str
    title: str
    why: str
    limits: tuple[str, ...]
    confidence: str
    by: tuple[str, ...]
    joins: str
    least_views: int
    others_per_thousand: int
    possible: bool
    walk: WalkClause | None = None
    habit: HabitClause | None = None
    cases: tuple[LinkCase, ...] = ()

    def accepts(self, *, held: int, others: int) -> bool:
        """Whether so many views in common say that it is the same party. `others` are explained or cannot be told."""
        return held >= self.least_views and others * 1000 <= self.others_per_thousand * held


def shipped_links() -> Path:
    """The folder of the items that come with whosaw."""
    return shipped("links")


def load_links(folders: Sequence[Path] | None = None) -> dict[str, Link]:
    """The links of `folders` (None: those shipped) by id. Raises `FaultsError` with every fault."""
    faults: list[Fault] = []
    read = [
        _read(Table.of_item(file, faults))
        for file in item_files([shipped_links()] if folders is None else folders, faults)
    ]
    found = {each.id: each for each in read}
    for table in ("walk", "habit"):
        having = sorted(each.id for each in found.values() if getattr(each, table) is not None)
        faults.extend(
            Fault(code="item.invalid", message=f"only one link can have a table {table}; {having[0]} has one", where=Where(item=each))
            for each in having[1:]
        )  # fmt: skip
    if faults:
        raise FaultsError("links.invalid", faults)
    return found


def _read(table: Table) -> Link:
    by = table.texts("by", one_of=_COLUMNS, some=True)
    walk, habit = table.optional_table("walk"), table.optional_table("habit")
    if ("habit" in by) != table.has("habit"):
        table.fault("by must name habit where there is a table habit, and only there", "by")
    if table.has("walk") and by != ("address",):
        table.fault('by must be ["address"] where there is a walk', "by")
    found = Link(
        id=table.name,
        title=table.text("title"),
        why=" ".join(table.text("why").split()),
        limits=table.texts("limits", some=True),
        confidence=table.text("confidence", one_of=_LEVELS),
        by=by,
        joins=table.text("joins", one_of=_JOINS),
        least_views=table.integer("least_views"),
        others_per_thousand=table.integer("others_per_thousand", least=0),
        possible=table.flag("possible", required=True),
        walk=None if walk is None else read_walk(walk),
        habit=None if habit is None else read_habit(habit),
        cases=read_cases(table),
    )
    table.words()
    table.rest_unknown()
    return found
