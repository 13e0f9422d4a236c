"""Rows of the context as the rules read them: with ledger numbers for identifiers, keys and routes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.context import FEW_LOGINS
from whosaw.actors.context_schema import table_schemas
from whosaw.core import client
from whosaw.core.canonical_json import canonical_json

__all__ = ["CALLS_BY", "HELD", "NUMBERED_TEXTS", "ContextRows", "Stated", "numbered_schema"]

Bools = npt.NDArray[np.bool_]

HELD: Final = "held"
"""The column of digested logins that says whether the ledger knows whom each was for."""
NUMBERED_TEXTS: Final = ("key", "route")
"""Columns that hold a text of which the ledger knows the number: -1 where it has none, null where the row says nothing."""
CALLS_BY: Final = client.picked(
    "actors.explaining.context_rows",
    "principal",
    "key",
    "address",
    "network",
    why="the table of services names these",
)
"""Columns by any of which a job is known."""


def numbered_schema(name: str) -> pa.Schema:
    """The columns of a table with numbers; of logins also the network of the address, where the ledger knows that."""
    columns = [
        pa.field(each.name, pa.int64() if each.name in NUMBERED_TEXTS else each.type)
        for each in table_schemas()[name].stored
    ]
    return pa.schema([*columns, *([pa.field("network", pa.int64())] if name == "logins" else [])])


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What holds of the whole context beside its rows. `said`: tables that have rows, and columns of which any says something, as
    `subjects.home`; `lacking`: tables that there are none of; `strangers`: the ledger knows nobody whom many logins were issued to;
    `partial`: why logins may have been issued that are not on record; the rest as the user stated it, microseconds since 1970; `wall` says from when on by how much clocks on the wall are
    ahead of UTC."""

    given: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()
    wall: tuple[tuple[int, int], ...] = ((0, 0),)
    sessions_last: int | None = None
    logins_from: int | None = None
    logins_until: int | None = None
    logins_late: int | None = None
    lacking: frozenset[str] = frozenset()
    strangers: bool = False
    partial: tuple[str, ...] = ()

    @classmethod
    def of_text(cls, text: str) -> Stated:
        """From what `text` gave."""
        told = json.loads(text)
        sets = {name: frozenset(told.get(name, ())) for name in ("given", "said", "lacking")}
        wall = tuple((since, ahead) for since, ahead in told["wall"])
        return cls(**{**told, **sets, "wall": wall, "partial": tuple(told.get("partial", ()))})

    @property
    def text(self) -> str:
        """The same as JSON, one text for one thing."""
        told = {
            **asdict(self),
            **{name: sorted(getattr(self, name)) for name in ("given", "said", "lacking")},
        }
        return canonical_json(told).decode()

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pa.Table],
        *,
        wall: tuple[tuple[int, int], ...] = ((0, 0),),
        sessions_last: int | None = None,
        logins_from: int | None = None,
        logins_until: int | None = None,
        logins_late: int | None = None,
        lacking: frozenset[str] = frozenset(),
        partial: tuple[str, ...] = (),
    ) -> Stated:
        """Of tables in hand; of logins with `held` it is known whom the ledger knows."""
        # a table that decides though there is none of it can be asked, too
        said = {name for name, each in tables.items() if each.num_rows or name in lacking}
        said |= {
            f"{name}.{column}"
            for name, each in tables.items()
            for column in each.schema.names
            if each[column].null_count < each.num_rows
        }
        return cls(
            given=frozenset(tables),
            said=frozenset(said),
            wall=wall,
            sessions_last=sessions_last,
            logins_from=logins_from,
            logins_until=logins_until,
            logins_late=logins_late,
            lacking=lacking,
            strangers="logins" in tables and _of_strangers(tables["logins"]),
            partial=partial,
        )

    def lacks(self, need: str) -> bool:
        """Whether a table cannot be asked, or a column of it (`subjects.home`). Of several, as in `staff.subject or subjects.staff`, one is
        enough; `keys.whole` asks for a table of which no row says that others may be missing."""
        return all(
            (table not in self.said or f"{table}.partial" in self.said)
            if column == "whole"
            else each not in self.said or (self.strangers and table == "logins")
            for each in need.split(" or ")
            for table, _, column in (each.partition("."),)
        )


def _of_strangers(logins: pa.Table) -> bool:
    """Whether many logins were issued to somebody, and the ledger knows none of these."""
    if HELD not in logins.schema.names:
        return False
    held = logins[HELD].filter(pc.is_valid(logins["subject"]))
    known = pc.any(held).as_py()
    return known is False and len(held) >= FEW_LOGINS


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextRows:
    """Rows of tables in hand, each with the columns of `numbered_schema`: those of all that was given, or those that views meet. `stated` holds
    of all."""

    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    stated: Stated = field(default_factory=Stated)

    @classmethod
    def whole(cls, tables: Mapping[str, pa.Table]) -> ContextRows:
        """Tables that are all there is."""
        return cls(tables=tables, stated=Stated.of(tables))

    def given(self, name: str) -> bool:
        return name in self.stated.given

    def rows(self, name: str) -> pa.Table:
        """The rows of a table; none of the same columns where it was not given."""
        found = self.tables.get(name)
        return numbered_schema(name).empty_table() if found is None else found

    def says(self, name: str, column: str) -> bool:
        """Whether any row of a table has something in this column."""
        return f"{name}.{column}" in self.stated.said

    def named(self, views: pa.Table, column: str, name: str, of: str | None = None) -> Bools:
        """Whether a table has what stands in this column of each view, in its column of that name or in `of`."""
        known = self.rows(name)[of or column].cast(pa.int64()).drop_null().combine_chunks()
        found: Bools = pc.is_in(views[column].cast(pa.int64()), value_set=known).to_numpy().astype(bool)
        return found
