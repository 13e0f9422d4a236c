"""What the views of the index come to by route and day, and which of them only a lax server would have: for those who ask at every scan.

A file is named by what it holds, and all views of a segment lie in one. So each file is looked at once, and what was found stays while it is in
force.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from whosaw.store.live_files import files_of_kinds
from whosaw.store.remembered import recall, remember
from whosaw.store.schemas import UNSURE_METHOD, UNSURE_SPELLED
from whosaw.store.sql import Session, quote_text
from whosaw.store.workspace import Workspace

__all__ = ["PossibleOfRoute", "RouteDay", "ViewCounts", "view_counts"]

_NAME: Final = "views of the index"
_VERSION: Final = 1
_DAY_US: Final = 86_400_000_000
_EXAMPLES: Final = 3  # lines of possible views that are named
_DAYS: Final = (
    f"SELECT segment, route, time // {_DAY_US} AS day, count(DISTINCT line) AS lines FROM read_parquet({{file}}) "
    "GROUP BY ALL ORDER BY ALL"
)
_POSSIBLE: Final = (
    f"SELECT route, count(*) AS views, count(*) FILTER (unsure & {UNSURE_SPELLED} = {UNSURE_METHOD}) AS by_method, "
    f"min({{{{'time': time, 'segment': segment, 'line': line}}}}, {_EXAMPLES}) AS first FROM ("
    "SELECT DISTINCT route, time, segment, line, unsure FROM read_parquet({file}) "
    f"WHERE NOT duplicate AND unsure & {UNSURE_SPELLED} <> 0) GROUP BY route ORDER BY route"
)


@dataclass(frozen=True, slots=True)
class RouteDay:
    """How many lines of a segment are views of a route (by its number) on a day since 1970."""

    segment: int
    route: int
    day: int
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleOfRoute:
    """Possible views of one route, in how many of which only the method is another, and the first lines of them: (segment, line)."""

    route: int
    views: int
    by_method: int
    lines: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewCounts:
    """Of the whole index."""

    days: tuple[RouteDay, ...]
    possible: tuple[PossibleOfRoute, ...]  # by route


def view_counts(workspace: Workspace) -> ViewCounts:
    """What the files of views in force come to. Only for the one who holds the workspace for writing, after the index was brought up to date."""
    journal = workspace.journal
    kept = recall(journal, _NAME)
    told = {} if kept is None else json.loads(kept[0])
    known = told["files"] if told.get("version") == _VERSION else {}
    files = [each.file for each in files_of_kinds(journal, ["views"]) if each.live]
    found = {file: known[file] for file in files if file in known}
    if missing := [file for file in files if file not in found]:
        with Session(spill=workspace.spill) as session:
            found.update((file, _looked_at(session, str(workspace.files.path(file)))) for file in missing)
    if found.keys() != known.keys():
        remember(journal, _NAME, {"version": _VERSION, "files": found}, None)
    days = [RouteDay(*row) for each in found.values() for row in zip(*each["days"], strict=True)]
    return ViewCounts(days=tuple(days), possible=_possible(each["possible"] for each in found.values()))


def _looked_at(session: Session, path: str) -> dict[str, Any]:
    """What one file comes to, in JSON's types."""
    file = quote_text(path)
    days = session.query(_DAYS.format(file=file))
    possible = session.query(_POSSIBLE.format(file=file)).to_pylist()
    return {
        "days": [column.to_pylist() for column in days.columns],
        "possible": [
            [row["route"], row["views"], row["by_method"], [list(at.values()) for at in row["first"]]]
            for row in possible
        ],
    }


def _possible(told: Iterable[Iterable[tuple[int, int, int, list[list[int]]]]]) -> tuple[PossibleOfRoute, ...]:
    """What the files say of each route, put together."""
    of_route: dict[int, list[tuple[int, int, list[list[int]]]]] = {}
    for file in told:
        for route, views, by_method, first in file:
            of_route.setdefault(route, []).append((views, by_method, first))
    return tuple(
        PossibleOfRoute(
            route=route,
            views=sum(views for views, _, _ in found),
            by_method=sum(by_method for _, by_method, _ in found),
            lines=tuple(
                (segment, line)
                for _, segment, line in heapq.nsmallest(
                    _EXAMPLES, (at for *_, first in found for at in first)
                )
            ),
        )
        for route, found in sorted(of_route.items())
    )
