"""Rows of an answer with named and typed columns: as an Arrow table, or as a pandas frame where pandas is installed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from whosaw.core import client
from whosaw.core.errors import WhosawError
from whosaw.core.extras import load_extra
from whosaw.core.instants import parse_instant

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ACTOR", "COUNTED", "INSTANT", "Rows", "counted_columns", "instant"]

INSTANT = pa.timestamp("us", tz="UTC")
ACTOR = [(name, pa.string()) for name in ("client", *client.SENT)]
_UNITS = ("views", "accounts", "persons")
COUNTED = [(f"{unit}_{bound}", pa.int64()) for unit in _UNITS for bound in ("at_least", "at_most")]


class Rows:
    """Rows of an answer. `document` is what the command prints with `--json`, with all that no column holds.

    Identifiers are masked unless they were asked for with `reveal`, and `repr` shows none.
    """

    __slots__ = ("_table", "document")

    def __init__(
        self,
        schema: Iterable[tuple[str, pa.DataType]],
        rows: Iterable[Mapping[str, Any]],
        document: Mapping[str, Any],
    ) -> None:
        self._table = pa.Table.from_pylist([dict(row) for row in rows], schema=pa.schema(list(schema)))
        self.document = document

    @classmethod
    def of_table(cls, table: pa.Table, document: Mapping[str, Any]) -> Rows:
        """Rows that are a table already."""
        made = cls([], [], document)
        made._table = table
        return made

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self._table.column_names)

    def arrow(self) -> pa.Table:
        """The rows as an Arrow table. Times are of UTC; a bound or a value that cannot be told is null."""
        return self._table

    def pandas(self) -> pd.DataFrame:
        """The rows as a pandas frame. Raises `WhosawError` where pandas is not installed."""
        load_extra(
            "pandas",
            WhosawError(
                "notebook.no-pandas",
                "pandas is not installed",
                hint="Install it with `pip install 'whosaw[pandas]'`, or take `.arrow()`",
            ),
        )
        # a number that cannot be told stays missing: as a float it would be NaN, and every other one a float, too
        return self._table.to_pandas(types_mapper=_nullable)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Arrow's own protocol, by which Polars and others take the rows as they are."""
        return self._table.__arrow_c_stream__(requested_schema)

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._table.to_pylist())

    def __repr__(self) -> str:
        return f"Rows({len(self):,}: {', '.join(self.columns)})"


def _nullable(kind: pa.DataType) -> Any:
    """pandas' own type of whole numbers with missing ones; anything else as Arrow gives it."""
    import pandas as pd

    return pd.Int64Dtype() if pa.types.is_integer(kind) else None


def instant(text: str | None) -> datetime | None:
    """An instant of a document."""
    return None if text is None else parse_instant(text)


def counted_columns(counts: Mapping[str, Mapping[str, Any]]) -> dict[str, int | None]:
    """The columns of `COUNTED` from counts by unit."""
    return {
        f"{unit}_{name}": count[bound]
        for unit, count in counts.items()
        for name, bound in (("at_least", "lower"), ("at_most", "upper"))
    }
