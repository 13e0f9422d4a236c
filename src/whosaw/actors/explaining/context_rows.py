"""Rows of the context as the rules read them: with ledger numbers for identifiers, keys and routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from whosaw.actors.context_schema import table_schemas

__all__ = ["NUMBERED_TEXTS", "ContextRows", "numbered_schema"]

NUMBERED_TEXTS: Final = ("key", "route")
"""Columns that hold a text of which the ledger knows the number: -1 where it has none, null where the row says nothing."""


def numbered_schema(name: str) -> pa.Schema:
    """The columns of a table with numbers."""
    return pa.schema(
        [
            pa.field(each.name, pa.int64() if each.name in NUMBERED_TEXTS else each.type)
            for each in table_schemas()[name].stored
        ]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextRows:
    """The tables that were given, each with the columns of `numbered_schema`, and what the user stated beside them: microseconds since
    1970; `wall` says from when on by how much clocks on the wall are ahead of UTC."""

    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    wall: tuple[tuple[int, int], ...] = ((0, 0),)
    sessions_last: int | None = None
    logins_from: int | None = None
    logins_until: int | None = None

    def given(self, name: str) -> bool:
        return name in self.tables

    def rows(self, name: str) -> pa.Table:
        """The rows of a table; none of the same columns where it was not given."""
        found = self.tables.get(name)
        return numbered_schema(name).empty_table() if found is None else found

    def says(self, name: str, column: str) -> bool:
        """Whether any row of a table has something in this column."""
        found = self.tables.get(name)
        return found is not None and found[column].null_count < found.num_rows

    def of_all_days(self) -> dict[str, object]:
        """What answers follow from beside rows that are met and facts of the day, in JSON's types: what each day is made under as well."""
        return {
            "given": sorted(self.tables),
            "homes": self.says("subjects", "home"),
            "wall": [list(each) for each in self.wall],
        }
