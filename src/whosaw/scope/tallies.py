"""What the views of a scope add up to: plain numbers out of few passes over the two relations that closure left."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core.errors import WhosawError
from whosaw.store.sql import Session

from .by_day import accounts_by_day
from .facts import Facts
from .statement import statement

__all__ = ["KINDS_AT_MOST", "Tallies", "tally"]

KINDS_AT_MOST: Final = 120  # bits of the widest whole number that the engine has
_NARROW: Final = 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallies:
    """Rows as small tables. `sources` names what `source` numbers; `kinds` are the sets of categories that bits stand for.

    `hours`: source, route, part, hour, held, views, first, last. `unnamed`: route, part, source, held, hour, views, first, last,
    subjects, people, most, open_subjects, open_people. `routes`: route, accounts, possible, others, every_other, open_held,
    open_every, most. `repeats`: source, route, day, repeats. `only_within`: source, first, last (hours), persons.
    """

    sources: tuple[str, ...]
    kinds: tuple[frozenset[str], ...]
    hours: pa.Table
    unnamed: tuple[Mapping[str, Any], ...]
    routes: Mapping[int, Mapping[str, Any]]
    parts: Mapping[int, Mapping[str, Any]]
    days: Mapping[int, Mapping[str, Any]]
    jurisdictions: tuple[Mapping[str, Any], ...]
    repeats: tuple[Mapping[str, Any], ...]
    only_within: pa.Table | None

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
    """Aggregate `scope_views` and `scope_clients`. Leaves `count_people` and `count_routes` in the session."""
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
    kinds = _keep_routes(session, facts)
    session.execute(statement("count_cells"))
    session.execute(statement("count_unnamed"))
    lines = "count(DISTINCT (v.content, v.line))" if facts.several else "count(*)"
    session.execute(statement("count_hours").format(views=lines))
    session.execute(statement("count_pairs"))
    session.execute(statement("count_people"))
    return Tallies(
        sources=sources,
        kinds=kinds,
        hours=session.query("SELECT * FROM count_hours ORDER BY ALL"),
        unnamed=tuple(session.query("SELECT * FROM count_unnamed ORDER BY ALL").to_pylist()),
        routes=_by(session, "route", statement("count_by_route")),
        parts=_by(session, "part", statement("count_by_part")),
        days=accounts_by_day(session),
        jurisdictions=_jurisdictions(session, facts),
        repeats=tuple(session.query(statement("count_repeats")).to_pylist()),
        only_within=session.query(statement("count_only_within") + " ORDER BY ALL"),
    )


def _keep(session: Session, name: str, table: pa.Table) -> None:
    session.register(f"{name}_given", table)
    session.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {name}_given")


def _keep_routes(session: Session, facts: Facts) -> tuple[frozenset[str], ...]:
    """The table of routes, with one bit for each set of categories among the routes that the scope has."""
    used = [
        int(each)
        for each in session.query("SELECT DISTINCT route FROM scope_views ORDER BY route")[
            "route"
        ].to_pylist()
    ]
    kinds = sorted({tuple(sorted(facts.routes[each].categories)) for each in used})
    if len(kinds) > KINDS_AT_MOST:
        raise WhosawError(
            "scope.too-many-kinds",
            f"the routes of this scope return {len(kinds):,} different sets of categories, more than {KINDS_AT_MOST}",
            hint="Give routes that return the same data the same categories",
        )
    bits = "HUGEINT" if len(kinds) > _NARROW else "BIGINT"
    place = {kind: at for at, kind in enumerate(kinds)}
    rows = [facts.routes[each] for each in used]
    session.register(
        "count_routes_given",
        pa.table(
            {
                "route": pa.array([each.number for each in rows], pa.int16()),
                "single": pa.array([each.single for each in rows], pa.bool_()),
                "secondary": pa.array([each.secondary_at_most for each in rows], pa.int64()),
                "place": pa.array([place[tuple(sorted(each.categories))] for each in rows], pa.int32()),
            }
        ),
    )
    session.execute(
        "CREATE OR REPLACE TEMP TABLE count_routes AS "
        f"SELECT route, single, secondary, 1::{bits} << place AS bit FROM count_routes_given"
    )
    return tuple(frozenset(each) for each in kinds)


def _by(session: Session, key: str, sql: str) -> dict[int, Mapping[str, Any]]:
    return {int(row[key]): row for row in session.query(sql).to_pylist()}


def _jurisdictions(session: Session, facts: Facts) -> tuple[Mapping[str, Any], ...]:
    if facts.jurisdictions is None:
        return ()
    _keep(session, "count_jurisdictions", facts.jurisdictions)
    return tuple(session.query(statement("count_by_jurisdiction")).to_pylist())
