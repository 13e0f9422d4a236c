"""What rows of a scope come to: tables by name, of some of the rows or of all, and those of some added up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from whosaw.scope.statement import statement
from whosaw.store.schemas import MAYBE_TWIN, UNSURE_PERSON, UNSURE_SPELLED, UNSURE_VIEW
from whosaw.store.sql import thread_session

from .people import COLUMNS, People

__all__ = [
    "NAMED",
    "ROWS",
    "UNSURE_MARKS",
    "RowsTally",
    "add_up",
    "hours_of",
    "sorted_places",
    "unnamed_of",
    "unsure_of",
]

UNSURE_MARKS: Final = (UNSURE_SPELLED, MAYBE_TWIN, UNSURE_PERSON)
NAMED: Final = f"SELECT {', '.join(COLUMNS)} FROM scope_views JOIN count_sources USING (content) WHERE person IS NOT NULL"
ROWS: Final = 1 << 20  # of one batch
_TERMS: Final = {
    UNSURE_SPELLED: f"v.unsure & {UNSURE_SPELLED} <> 0",
    MAYBE_TWIN: f"v.unsure & {UNSURE_VIEW} = {MAYBE_TWIN}",
    UNSURE_PERSON: f"v.unsure = {UNSURE_PERSON}",
}
_UNSURE: Final = pa.schema(
    [
        ("mark", pa.int64()),
        *((name, pa.int64()) for name in ("views", "first", "last")),
        ("persons", pa.binary()),
    ]
)


class Asked(Protocol):
    """A session, as far as questions go."""

    def query(self, sql: str, /, **tables: pa.Table) -> pa.Table: ...
    def batches(self, sql: str, rows: int, /, **tables: pa.Table) -> Iterator[pa.RecordBatch]: ...


def hours_of(session: Asked, *, several: bool, **tables: pa.Table) -> pa.Table:
    """Views by source, route, part, hour and whether they are held."""
    return session.query(statement("count_hours").format(views=_lines(several=several)), **tables)


def unnamed_of(session: Asked, **tables: pa.Table) -> pa.Table:
    """The same of views whose person the log does not name, and how many people they can be of."""
    return session.query(statement("count_unnamed"), **tables)


def unsure_of(session: Asked, *, several: bool, **tables: pa.Table) -> pa.Table:
    """By mark: what the spelling leaves open, else a twin, else the person alone."""
    found: list[dict[str, Any]] = []
    for mark, term in _TERMS.items():
        sums = f"{_lines(several=several)} AS views, min(time) // 3600000000 AS first, max(time) // 3600000000 AS last"
        (row,) = session.query(f"SELECT {sums} FROM scope_views AS v WHERE {term}", **tables).to_pylist()
        if not row["views"]:
            continue
        persons = BitMap()
        sql = f"SELECT DISTINCT person FROM scope_views AS v WHERE {term} AND person IS NOT NULL"
        for batch in session.batches(sql, ROWS, **tables):
            persons |= BitMap(batch["person"].to_numpy())
        found.append({"mark": mark, **row, "persons": persons.serialize()})
    return pa.Table.from_pylist(found, schema=_UNSURE)


def _lines(*, several: bool) -> str:
    return "count(DISTINCT (v.content, v.line))" if several else "count(*)"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsTally:
    """What of some rows adds up with that of others. With `several` persons to a view its lines are told apart, which only who has all of
    them can: then neither hours nor unsure views are counted."""

    sources: pa.Table
    routes: pa.Table
    jurisdictions: pa.Table | None
    several: bool

    @property
    def tables(self) -> Mapping[str, pa.Table]:
        given = {"sources": self.sources, "routes": self.routes, "jurisdictions": self.jurisdictions}
        return {name: each for name, each in given.items() if each is not None}

    def told(self, rows: pa.Table) -> dict[str, pa.Table]:
        named = self._named(rows)
        low, high = _span(named["person"])
        people = People(high - low + 1, self._places(low, high), first=low)
        for batch in named.to_batches():
            people.add(batch)
        session, told = thread_session(), people.told()
        given = {"count_sources": self.sources, "count_routes": self.routes}
        if (nobody := rows.filter(pc.is_null(rows["person"]))).num_rows:
            told["unnamed"] = unnamed_of(session, scope_views=nobody, **given)
        if not self.several:
            told["hours"] = hours_of(session, several=False, scope_views=rows, **given)
            if (unsure := rows.filter(pc.not_equal(rows["unsure"], 0))).num_rows:
                told["unsure"] = unsure_of(session, several=False, scope_views=unsure)
        return told

    def _named(self, rows: pa.Table) -> pa.Table:
        """NAMED in some rows."""
        known, content = self.sources["content"].to_numpy(), rows["content"].to_numpy()
        at = np.minimum(np.searchsorted(known, content), max(len(known) - 1, 0))
        source = pa.array(self.sources["source"].to_numpy()[at], pa.int16())
        wanted = pc.and_(pc.is_valid(rows["person"]), pa.array(known[at] == content))
        rows = rows.append_column("source", source).select(COLUMNS)
        return rows if pc.all(wanted, min_count=0).as_py() else rows.filter(wanted)

    def _places(self, low: int, high: int) -> pa.Table | None:
        if self.jurisdictions is None:
            return None
        start, end = np.searchsorted(self.jurisdictions["person"].to_numpy(), (low, high + 1)).tolist()
        return self.jurisdictions.slice(start, end - start)


def sorted_places(jurisdictions: pa.Table | None) -> pa.Table | None:
    """Person and name in the order of persons; each name is written once."""
    if jurisdictions is None:
        return None
    name = jurisdictions["name"].combine_chunks().dictionary_encode()
    person = jurisdictions["person"].combine_chunks()
    return pa.table({"person": person, "name": name}).sort_by("person").combine_chunks()


def _span(person: pa.ChunkedArray) -> tuple[int, int]:
    if not len(person):
        return 0, -1
    numbers = person.to_numpy()
    return int(numbers.min()), int(numbers.max())


def add_up(told: Iterable[Mapping[str, pa.Table]], people: People) -> dict[str, pa.Table]:
    """What was told of all rows: people into `people`, other tables by name, none of which nothing was told."""
    found: dict[str, list[pa.Table]] = {"hours": [], "unnamed": [], "unsure": []}
    for each in told:
        people.take(each)
        for name, tables in found.items():
            if name in each:
                tables.append(each[name])
    return {name: _added(name, tables) for name, tables in found.items() if tables}


def _added(name: str, tables: list[pa.Table]) -> pa.Table:
    rows = pa.concat_tables(tables)
    return rows if name == "unsure" else thread_session().query(statement(f"sum_{name}"), rows=rows)
