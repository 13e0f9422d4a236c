"""Who called, where the log names nobody: a partner's key in the query, a header or a field of the line."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.packs.table import Table
from whosaw.store.sql import Session

from .subject_values import field_values, query_parameter

__all__ = ["Caller", "read_caller", "with_callers"]

_SOURCES = ("query", "header", "field")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Where the name of the caller stands."""

    source: str
    name: str


def read_caller(top: Table) -> Caller | None:
    """The table `[caller]` of a map, if it has one."""
    table = top.optional_table("caller")
    if table is None:
        return None
    source, name = table.text("from", one_of=_SOURCES), table.text("name")
    table.rest_unknown()
    return Caller(source=source, name=name) if source and name else None


def with_callers(events: pa.Table, caller: Caller, session: Session) -> pa.Table:
    """The events with the caller as principal of those that have none. Where a parameter stands twice, the first counts."""
    count = events.num_rows
    own = events["principal"] if "principal" in events.column_names else pa.nulls(count, pa.string())
    if not own.null_count:
        return events
    texts = own.cast(pa.string())
    found = pc.coalesce(texts, _named(events, caller, session))
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    if "principal" in events.column_names:
        return events.set_column(events.schema.get_field_index("principal"), "principal", found)
    return events.append_column("principal", found)


def _named(events: pa.Table, caller: Caller, session: Session) -> pa.Array:
    column = "query" if caller.source == "query" else "fields"
    if column not in events.column_names:
        return pa.nulls(events.num_rows, pa.string())
    if caller.source == "query":
        query = events["query"].cast(pa.string()).combine_chunks()
        found = query_parameter(query, caller.name, session).first
    else:
        table = pa.table({"fields": events["fields"].cast(pa.string())})
        found = field_values(table, caller.name, session, header=caller.source == "header").first
    return pc.if_else(pc.equal(found, ""), pa.scalar(None, pa.string()), found.cast(pa.string()))
