"""What the views of a scope add up to: plain numbers out of few passes over the two relations that closure left."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from whosaw.scope.statement import statement
from whosaw.store.schemas import MAYBE_TWIN, UNSURE_PERSON, UNSURE_SPELLED, UNSURE_VIEW
from whosaw.store.sql import Session

from .facts import Facts
from .people import COLUMNS, People, category_sets, groups_of_people

__all__ = ["UNSURE_MARKS", "Tallies", "UnsureViews", "tally"]

UNSURE_MARKS: Final = (UNSURE_SPELLED, MAYBE_TWIN, UNSURE_PERSON)
_ROWS: Final = 1 << 20  # of one batch
_NAMED: Final = f"SELECT {', '.join(COLUMNS)} FROM scope_views JOIN count_sources USING (content) WHERE person IS NOT NULL"


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


def tally(session: Session, facts: Facts) -> Tallies:
    """Aggregate `scope_views` and `scope_clients`. Leaves `count_sources` and `count_routes` in the session."""
    sources = tuple(sorted(set(facts.contents.values())))
    number = {name: at for at, name in enumerate(sources)}
    _keep(
        session,
        "count_sources",
        pa.table(
            {
                "content": pa.array(list(facts.contents), pa.int32()),
                "source": pa.array([number[each] for each in facts.contents.values()], pa.int16()),
            }
        ),
    )
    used = _keep_routes(session, facts)
    lines = "count(DISTINCT (v.content, v.line))" if facts.several else "count(*)"
    session.execute(statement("count_unnamed"))
    session.execute(statement("count_hours").format(views=lines))
    people = _people(session, facts)
    held = people.held_by_route()
    categories = {each: facts.routes[each].categories for each in used}
    by_category = category_sets(held, categories)
    return Tallies(
        sources=sources,
        hours=session.query("SELECT * FROM count_hours ORDER BY ALL"),
        unnamed=tuple(session.query("SELECT * FROM count_unnamed ORDER BY ALL").to_pylist()),
        routes=people.routes(),
        parts=people.accounts_by("part"),
        days=people.accounts_by("day"),
        jurisdictions=people.jurisdictions(),
        repeats=tuple(session.query(statement("count_repeats")).to_pylist()),
        only_within=people.only_within(),
        unsure=_unsure(session, lines),
        sets={
            "held": people.held(),
            "possible": people.possible(),
            **{f"category:{name}": persons for name, persons in by_category.items()},
        },
        groups=groups_of_people(held, categories),
    )


def _unsure(session: Session, lines: str) -> dict[int, UnsureViews]:
    """By mark: what the spelling leaves open, else a twin, else the person alone."""
    found: dict[int, UnsureViews] = {}
    for mark, term in (
        (UNSURE_SPELLED, f"v.unsure & {UNSURE_SPELLED} <> 0"),
        (MAYBE_TWIN, f"v.unsure & {UNSURE_VIEW} = {MAYBE_TWIN}"),
        (UNSURE_PERSON, f"v.unsure = {UNSURE_PERSON}"),
    ):
        sums = f"{lines} AS n, min(time) // 3600000000 AS first, max(time) // 3600000000 AS last"
        (row,) = session.query(f"SELECT {sums} FROM scope_views AS v WHERE {term}").to_pylist()
        if not row["n"]:
            found[mark] = UnsureViews()
            continue
        persons = BitMap()
        sql = f"SELECT DISTINCT person FROM scope_views AS v WHERE {term} AND person IS NOT NULL"
        for batch in session.batches(sql, _ROWS):
            persons |= BitMap(batch["person"].to_numpy())
        found[mark] = UnsureViews(views=row["n"], persons=persons, hours=(row["first"], row["last"]))
    return found


def _people(session: Session, facts: Facts) -> People:
    top = session.query("SELECT max(person) AS top FROM scope_views")["top"][0].as_py()
    people = People(0 if top is None else int(top) + 1, facts.jurisdictions)
    for batch in session.batches(_NAMED, _ROWS):
        people.add(batch)
    return people


def _keep(session: Session, name: str, table: pa.Table) -> None:
    session.register(f"{name}_given", table)
    session.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {name}_given")


def _keep_routes(session: Session, facts: Facts) -> list[int]:
    """The table of the routes that the scope has; returns their numbers."""
    used = [
        int(each)
        for each in session.query("SELECT DISTINCT route FROM scope_views ORDER BY route")[
            "route"
        ].to_pylist()
    ]
    rows = [facts.routes[each] for each in used]
    table = pa.table(
        {
            "route": pa.array([each.number for each in rows], pa.int16()),
            "single": pa.array([each.single for each in rows], pa.bool_()),
            "secondary": pa.array([each.secondary_at_most for each in rows], pa.int64()),
        }
    )
    _keep(session, "count_routes", table)
    return used
