"""Instants as files have them: whole seconds with the microseconds beside them, which most logs do not have; and how far one lies behind
another of its row, where it mostly says the same."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from .sql import quote_name

__all__ = [
    "EXPOSURES_APART",
    "FIRST",
    "LAST",
    "SECOND",
    "as_written",
    "cut",
    "exposures_in",
    "named_behind",
    "parts_of",
    "rows_in",
    "written",
]

SECOND: Final = pa.scalar(1_000_000, pa.int64())


def cut(name: str) -> tuple[str, str]:
    """The names of the two columns that an instant has in the file."""
    return f"{name} in seconds", f"{name} beside them"


def named_behind(name: str, first: str) -> str:
    """The name that a column has in the file where it is written as how far it lies behind another one."""
    return f"{name} behind {first}"


def parts_of(instants: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Whole seconds, towards 1970, and microseconds beside them, which bear the same sign."""
    import pyarrow.compute as pc  # a command that only reads does without

    seconds = pc.divide(instants, SECOND)
    return seconds, pc.subtract(instants, pc.multiply(seconds, SECOND))


_SECONDS, _BESIDE = cut("first")
_BEHIND: Final = named_behind("last", "first")
EXPOSURES_APART: Final = (_SECONDS, _BESIDE, _BEHIND)
"""The columns of files of exposures that tell `first` and `last`; those of earlier releases have these as they are."""
_APART: Final = f"{quote_name(_SECONDS)} * 1000000 + {quote_name(_BESIDE)}"
_LAST_APART: Final = f"{_APART} + {quote_name(_BEHIND)}"
FIRST: Final = f"coalesce(first, {_APART})"
LAST: Final = f"coalesce(last, {_LAST_APART})"
"""Both in SQL, of rows that have all five columns, those that are not written null."""
_SUMS: Final = "views, extra, unbounded"
_MORE: Final = ", ".join(
    f"NULL::BIGINT AS {quote_name(each)}" for each in ("first", "last", *EXPOSURES_APART, "possible")
)


def written(kind: str, schema: pa.Schema) -> pa.Schema:
    """The columns that files of a kind of the index have."""
    if kind != "exposures":
        return schema
    told = {"first": EXPOSURES_APART[:2], "last": EXPOSURES_APART[2:]}
    return pa.schema([each.with_name(name) for each in schema for name in told.get(each.name, (each.name,))])


def as_written(batch: pa.RecordBatch, columns: pa.Schema) -> pa.RecordBatch:
    """Rows in these columns."""
    if columns.equals(batch.schema):
        return batch
    import pyarrow.compute as pc  # the same

    seconds, beside = parts_of(batch["first"])
    told = {_SECONDS: seconds, _BESIDE: beside, _BEHIND: pc.subtract(batch["last"], batch["first"])}
    return pa.record_batch(
        [told[name] if name in told else batch[name] for name in columns.names], schema=columns
    )


def exposures_in(listed: str, *, apart: bool) -> str:
    """The rows of files of exposures, whose paths are `listed` in SQL, as SQL. `apart`: all of them have their instants so."""
    if apart:
        return (
            f"(SELECT person, client, route, {_APART} AS first, {_LAST_APART} AS last, {_SUMS}, possible "
            f"FROM read_parquet([{listed}]))"
        )
    # views could not be only possible before there was a column for it
    return (
        f"(SELECT person, client, route, {FIRST} AS first, {LAST} AS last, {_SUMS}, coalesce(possible, 0) AS possible "
        f"FROM (FROM read_parquet([{listed}], union_by_name = true) UNION ALL BY NAME SELECT {_MORE} WHERE false))"
    )


def rows_in(kind: str, listed: str) -> str:
    """The rows of files of a kind of the index as SQL."""
    return exposures_in(listed, apart=False) if kind == "exposures" else f"read_parquet([{listed}])"
