"""Twins: two sources that log one act, as a map declares them, and what their lines share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.packs.table import Table
from whosaw.store.index.twin_rules import TwinRule
from whosaw.store.sql import Session

from .normal_path import ODD, normal_path
from .subject_values import field_values

__all__ = ["Twins", "key_texts", "read_apart", "read_twins"]

_BY: Final[dict[str, Literal["request", "page"]]] = {"request_id": "request", "client-path-time": "page"}
_UNITS = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}
# what is taken where the map says nothing, and the longest: an id is one act's alone, a page is asked for again and again
_USUAL = {"request": 300_000_000, "page": 2_000_000}
_LONGEST = {"request": 24 * 3_600_000_000, "page": 60_000_000}
_WORDS = {"request": "24h", "page": "60s"}
_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """The rule, and the named fields that hold the request id where the format has no place of its own for it."""

    rule: TwinRule
    fields: tuple[str, ...] = ()


def read_twins(top: Table) -> tuple[Twins, ...]:
    """The tables `[[twins]]` of a map."""
    found: list[Twins] = []
    seen: dict[str, int] = {}
    for position, reader in enumerate(top.tables("twins")):
        reader.item = f"twins {position + 1}"
        if (twins := _read(reader)) is not None:
            found.append(twins)
        for source in reader.values["sources"] if isinstance(reader.values.get("sources"), list) else ():
            if isinstance(source, str) and seen.setdefault(source, position) != position:
                reader.fault(
                    f"{source!r} has a twin already", "sources", hint="A source is in one [[twins]] at most"
                )
    return tuple(found)


def read_apart(top: Table) -> tuple[tuple[str, str], ...]:
    """Pairs of sources of which somebody says that they log different requests, however alike they look."""
    found = []
    for reader in top.tables("apart"):
        sources = reader.texts("sources", some=True)
        if sources and len(set(sources)) == len(sources) != 2:
            reader.fault(f"names {len(sources)} sources; it is always said of two", "sources")
        reader.rest_unknown()
        if len(set(sources)) == 2:
            found.append((min(sources), max(sources)))
    return tuple(sorted(set(found)))


def _read(reader: Table) -> Twins | None:
    before = len(reader.faults)
    sources = reader.texts("sources", some=True)
    if sources and len(set(sources)) == len(sources) != 2:
        reader.fault(
            f"names {len(sources)} sources; twins are always two",
            "sources",
            hint='Name the two in the order in which a request passes them: sources = ["edge.log", "app.log"]',
        )
    said = reader.text("by", one_of=tuple(_BY))
    by = _BY[said] if said else None
    within = _within(reader, by)
    fields = reader.texts("field", required=False, some=True, or_one=True)
    if fields and by == "page":
        reader.fault(
            "field names where the request id stands, and these twins are joined without it", "field"
        )
    reader.rest_unknown()
    if len(reader.faults) > before or by is None:
        return None
    return Twins(
        rule=TwinRule(sources=(sources[0], sources[1]), by=by, within=within),
        fields=fields or ("request_id",),
    )


def _within(reader: Table, by: Literal["request", "page"] | None) -> int:
    text = reader.optional_text("within")
    if text is None or by is None:
        return _USUAL[by or "page"]
    digits = text.rstrip("msh")
    unit = text[len(digits) :]
    if not (digits.isascii() and digits.isdigit() and len(digits) < 8 and unit in _UNITS):
        reader.fault(f"{text!r} is no length of time", "within", hint='Write it like "500ms", "2s" or "5m"')
        return _USUAL[by]
    micros = int(digits) * _UNITS[unit]
    if not 0 < micros <= _LONGEST[by]:
        reader.fault(f"{text} is not between 1ms and {_WORDS[by]}", "within")
    return micros


def key_texts(events: pa.Table, twins: Sequence[Twins], session: Session) -> dict[str, pa.Array]:
    """By column name, the text that lines of one act share (the request id, or client and page); null where a line does not say it."""
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
