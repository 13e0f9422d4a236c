"""What the views of a scope add up to: plain numbers out of few passes over the two relations that closure left."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from whosaw.scope.hands import Hands
from whosaw.scope.statement import statement
from whosaw.store.sql import Session

from .facts import Facts
from .people import People, category_sets, groups_of_people
from .rows_tally import (
    NAMED,
    ROWS,
    UNSURE_MARKS,
    RowsTally,
    add_up,
    hours_of,
    sorted_places,
    unnamed_of,
    unsure_of,
)

__all__ = ["UNSURE_MARKS", "Tallies", "UnsureViews", "tally"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsureViews:
    """Views that would be held if they were sure, and whom they show."""

    views: int = 0
    persons: BitMap = field(default_factory=BitMap)
    hours: tuple[int, int] | None = None  # of the first and the last


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallies:
    """Rows as small tables. `sources` names what `source` numbers.

    `hours`: source, route, part, hour, held, views, first, last. `unnamed`: route, part, source, held, hour, views, first, last,
    subjects, people, most, open_subjects, open_people. `routes`: route, accounts, possible, others, every_other, open_held,
    open_every, most. `repeats`: source, route, day, repeats. `only_within`: source, first, last (hours), persons. `sets` of persons: "held", "possible" (further ones),
    and "category:NAME"; `unsure`: by mark, what is possible only because of it;
    `groups`: disjoint groups of held persons by all categories seen of them, each with how many.
    """

    sources: tuple[str, ...]
    hours: pa.Table
    unnamed: tuple[Mapping[str, Any], ...]
    routes: Mapping[int, Mapping[str, Any]]
    parts: Mapping[int, Mapping[str, Any]]
    days: Mapping[int, Mapping[str, Any]]
    jurisdictions: tuple[Mapping[str, Any], ...]
    repeats: tuple[Mapping[str, Any], ...]
    only_within: pa.Table | None
    unsure: Mapping[int, UnsureViews] = field(
        default_factory=lambda: {each: UnsureViews() for each in UNSURE_MARKS}
    )
    sets: Mapping[str, BitMap]
    groups: tuple[tuple[tuple[str, ...], int], ...]

    def of(self, *, routes: Collection[int] | None = None, part: int | None = None) -> Self:
        """What was done on some routes, or in one part, for what gaps may hold of it. Whoever was seen there alone is not known:
        `only_within` is None."""
        kept = self.hours
        if routes is not None:
            kept = kept.filter(pc.field("route").isin(sorted(routes)))
        if part is not None:
            kept = kept.filter(pc.field("part") == part)
        return replace(
            self,
            hours=kept,
            unnamed=tuple(
                row
                for row in self.unnamed
                if (routes is None or row["route"] in routes) and (part is None or row["part"] == part)
            ),
            only_within=None,
        )


def tally(session: Session, facts: Facts, hands: Hands | None = None) -> Tallies:
    """Aggregate `scope_views` and `scope_clients`. Leaves `count_sources` in the session. `hands` count the rows that they kept; without any
    this session does."""
    sources = tuple(sorted(set(facts.contents.values())))
    number = {name: at for at, name in enumerate(sources)}
    work = RowsTally(
        sources=pa.table(
            {
                "content": pa.array(sorted(facts.contents), pa.int32()),
                "source": pa.array(
                    [number[facts.contents[each]] for each in sorted(facts.contents)], pa.int16()
                ),
            }
        ),
        routes=_routes(facts),
        jurisdictions=sorted_places(facts.jurisdictions),
        several=facts.several,
    )
    _keep(session, "count_sources", work.sources)
    top = session.query("SELECT max(person) AS top FROM scope_views")["top"][0].as_py()
    people = People(0 if top is None else int(top) + 1, work.jurisdictions)
    tables = _tables(session, work, people, hands)
    hours = tables["hours"]
    held = people.held_by_route()
    categories = {each: facts.routes[each].categories for each in hours["route"].unique().to_pylist()}
    by_category = category_sets(held, categories)
    return Tallies(
        sources=sources,
        hours=hours,
        unnamed=tuple(tables["unnamed"].to_pylist() if "unnamed" in tables else ()),
        routes=people.routes(),
        parts=people.accounts_by("part"),
        days=people.accounts_by("day"),
        jurisdictions=people.jurisdictions(),
        repeats=tuple(session.query(statement("count_repeats")).to_pylist()),
        only_within=people.only_within(),
        unsure=_unsure(tables.get("unsure")),
        sets={
            "held": people.held(),
            "possible": people.possible(),
            **{f"category:{name}": persons for name, persons in by_category.items()},
        },
        groups=groups_of_people(held, categories),
    )


def _tables(session: Session, work: RowsTally, people: People, hands: Hands | None) -> Mapping[str, pa.Table]:
    """Hours, and unnamed and unsure views where there are any; fills `people`."""
    if hands is not None:
        told = add_up(hands.of_rows(work), people)
    else:
        for batch in session.batches(NAMED, ROWS):
            people.add(batch)
        told = {"unnamed": unnamed_of(session, count_routes=work.routes)}
    if hands is None or work.several:
        told["hours"] = hours_of(session, several=work.several)
        told["unsure"] = unsure_of(session, several=work.several)
    return told


def _unsure(rows: pa.Table | None) -> dict[int, UnsureViews]:
    found = {each: UnsureViews() for each in UNSURE_MARKS}
    for row in () if rows is None else rows.to_pylist():
        known, hours = found[row["mark"]], (row["first"], row["last"])
        found[row["mark"]] = UnsureViews(
            views=known.views + row["views"],
            persons=known.persons | BitMap.deserialize(row["persons"]),
            hours=hours
            if known.hours is None
            else (min(known.hours[0], hours[0]), max(known.hours[1], hours[1])),
        )
    return found


def _keep(session: Session, name: str, table: pa.Table) -> None:
    session.register(f"{name}_given", table)
    session.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {name}_given")


def _routes(facts: Facts) -> pa.Table:
    rows = sorted(facts.routes.values(), key=lambda each: each.number)
    return pa.table(
        {
            "route": pa.array([each.number for each in rows], pa.int16()),
            "single": pa.array([each.single for each in rows], pa.bool_()),
            "secondary": pa.array([each.secondary_at_most for each in rows], pa.int64()),
        }
    )
