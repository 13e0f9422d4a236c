"""What lines of one act share, as twins are declared: the request id, or client and page."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.store.sql import Session

from .normal_path import ODD, normal_path
from .subject_values import field_values
from .twins import Twins

__all__ = ["key_texts"]

_SEPARATOR = "\x1f"


def key_texts(events: pa.Table, twins: Sequence[Twins], session: Session) -> dict[str, pa.Array]:
    """By column name, the text that lines of one act share; null where a line does not say it."""
    found = {}
    if asked := [each for each in twins if each.rule.by == "request"]:
        names = dict.fromkeys(name for each in asked for name in each.fields)
        found[asked[0].rule.column] = _request_ids(events, tuple(names), session)
    if asked := [each for each in twins if each.rule.by == "page"]:
        found[asked[0].rule.column] = _pages(events)
    return found


def _request_ids(events: pa.Table, names: Sequence[str], session: Session) -> pa.Array:
    found = _texts(events, "request_id")
    for name in names:
        if not found.null_count or "fields" not in events.column_names:
            break
        table = pa.table({"fields": events["fields"].cast(pa.string())})
        found = pc.coalesce(found, field_values(table, name, session, header=True).first.cast(pa.string()))
    found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    return pc.if_else(pc.is_in(found, pa.array(["", "-"])), pa.scalar(None, pa.string()), found)


def _pages(events: pa.Table) -> pa.Array:
    """Client, method and page in its one spelling."""
    path = _normal(_texts(events, "path"))
    method = pc.fill_null(pc.utf8_upper(_texts(events, "method")), "")
    return pc.binary_join_element_wise(_texts(events, "address"), method, path, _SEPARATOR)


def _texts(events: pa.Table, name: str) -> pa.Array:
    if name not in events.column_names:
        return pa.nulls(events.num_rows, pa.string())
    column = events[name].cast(pa.string())
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _normal(paths: pa.Array) -> pa.Array:
    """Paths in their one spelling."""
    odd = pc.fill_null(pc.match_substring_regex(paths, ODD), pa.scalar(value=False))
    if not pc.any(odd).as_py():
        return paths
    coded = paths.filter(odd).dictionary_encode()
    normal = pa.array([normal_path(each) for each in coded.dictionary.to_pylist()], pa.string())
    return pc.replace_with_mask(paths, odd, normal.take(coded.indices))
