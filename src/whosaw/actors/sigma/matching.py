"""Which rules match which events of one chunk. The same events give the same rows.

First one test for all rules: does the line hold any of the texts that some rule needs? Rules with such texts are asked
about the few lines that are left, the others about every line.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.store.sql import Session, quote_name

from .field_form import NUMBERS, TEXTS
from .narrowing import one_test
from .pack import CompiledRule, RulePack, SourceColumns

__all__ = ["ASKED", "MATCHES", "Matched", "lacking_in", "match_events"]

# a line that a rule matches, and digests of the values that a correlation needs of it
MATCHES = pa.schema([("line", pa.int64()), ("rule", pa.int16()), ("values", pa.list_(pa.binary(16)))])
# how many events were of each log source that a rule asks for; and, with a rule, of how many that one is not told, because their log lacks
# these columns
ASKED = pa.schema(
    [("source", pa.string()), ("events", pa.int64()), ("rule", pa.int16()), ("lacks", pa.string())]
)
_KINDS = {
    **dict.fromkeys(TEXTS, "VARCHAR"),
    **dict.fromkeys(NUMBERS, "BIGINT"),
    "ok": "BOOLEAN",
    "fields": "VARCHAR",
}
SAMPLE = 2_000  # lines that tell how often a text stands in a log
OFTEN = 0.05  # of the lines
_HAS = re.compile("\0([a-z_,]+)\0")  # as the conditions have it
_SHORT = re.compile(r"\b(?:[rln]|net)\d+\b")
Digests = Callable[[pa.Array], npt.NDArray[np.uint8]]  # (n, 16) for texts without nulls


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Rows of MATCHES by line and rule, and of ASKED."""

    matches: pa.Table
    asked: pa.Table


def match_events(
    pack: RulePack,
    events: pa.Table,
    format_name: str,
    session: Session,
    digests: Digests,
    *,
    guessed: bool = False,
) -> Matched:
    """Ask every rule of the pack whose log source this format can hold. `digests` keys the values of correlations. `guessed`: the format
    looks for columns that its log may not have, so that one without any value is not there."""
    parts: list[pa.Table] = []
    asked: list[tuple[str, int, int | None, str | None]] = []
    lacking = lacking_in(events, guessed=guessed)
    for name, columns in sorted(pack.columns.items()):
        rules = [rule for rule in pack.rules if rule.source == name]
        if not columns.source.reads(format_name) or not rules or not events.num_rows:
            continue
        table = _with_networks(events, columns)
        number = session.query(
            f"SELECT count(*) AS n FROM ({_events(table, [])}) WHERE {columns.source.when}",
            sigma_events=table,
        )["n"][0].as_py()
        asked.append((name, number, None, None))
        if number:
            asked += [
                (name, number, rule.number, lacks) for rule in rules if (lacks := _lacks(rule, lacking))
            ]
            rules = [replace(rule, condition=_as_had(rule.condition, lacking)) for rule in rules]
            narrow, wide = _split(session, table, columns, rules)
            parts.append(session.query(_statement(table, columns, narrow, wide), sigma_events=table))
    return Matched(
        matches=_rows(parts, digests),
        asked=pa.Table.from_pylist([dict(zip(ASKED.names, row, strict=True)) for row in asked], schema=ASKED),
    )


def lacking_in(events: pa.Table, *, guessed: bool) -> frozenset[str]:
    """The canonical columns that the log of these events does not have."""
    return frozenset(
        name
        for name in _KINDS
        if name not in events.column_names or (guessed and events[name].null_count == events.num_rows)
    )


def _lacks(rule: CompiledRule, lacking: frozenset[str]) -> str:
    """The columns of the fields of a rule that the log has nothing of."""
    fields = [found[1].split(",") for found in _HAS.finditer(rule.condition)]
    return ", ".join(sorted({name for names in fields if lacking.issuperset(names) for name in names}))


def _as_had(condition: str, lacking: frozenset[str]) -> str:
    """The condition for a log that has all columns but those."""
    return _HAS.sub(
        lambda found: "false" if lacking.issuperset(found[1].split(",")) else "true",
        condition,
    )


def _events(table: pa.Table, more: Sequence[str]) -> str:
    """All canonical columns, those that the format lacks as null."""
    columns = [
        quote_name(name) if name in table.column_names else f"CAST(NULL AS {kind}) AS {quote_name(name)}"
        for name, kind in _KINDS.items()
        if name != "line"
    ]
    return f"SELECT {', '.join(['line', *columns, *more])} FROM sigma_events"


def _split(
    session: Session, table: pa.Table, columns: SourceColumns, rules: Sequence[CompiledRule]
) -> tuple[list[CompiledRule], list[CompiledRule]]:
    """Rules that are asked about lines with a needed text, and those about every line.

    A rule whose texts stand in many of the first lines belongs to the second, or all others would be asked about those
    lines, too. Which group it is in changes no match.
    """
    narrow = [rule for rule in rules if rule.needed is not None]
    wide = [rule for rule in rules if rule.needed is None]
    tests = ", ".join(f"avg(({_narrowed(columns, [rule])})::INT) AS s{rule.number}" for rule in narrow)
    if tests:
        first = table.slice(0, SAMPLE)
        shown = ", ".join(f"{sql} AS {name}" for name, sql in sorted(columns.raw.items())) or "1 AS nothing"
        found = session.query(
            f"SELECT {tests} FROM (SELECT *, {shown} FROM ({_events(first, [])}) WHERE {columns.source.when})",
            sigma_events=first,
        ).to_pylist()[0]
        often = {rule.number for rule in narrow if (found[f"s{rule.number}"] or 0) > OFTEN}
        wide += [rule for rule in narrow if rule.number in often]
        narrow = [rule for rule in narrow if rule.number not in often]
    return narrow, wide


def _statement(
    table: pa.Table, columns: SourceColumns, narrow: Sequence[CompiledRule], wide: Sequence[CompiledRule]
) -> str:
    """One row for each rule that matches a line: line, rule, vals (texts)."""
    # a rule that needs values of a match takes them from the columns under their own short names
    values = sorted({text for rule in (*narrow, *wide) for text in rule.values})
    kept = {text: f"v{at}" for at, text in enumerate(values)}
    shown = [
        *(f"{sql} AS {name}" for name, sql in sorted(columns.raw.items())),
        *(f"{sql} AS {name}" for sql, name in kept.items()),
        *sorted(columns.networks),
    ]
    parts = [
        f"SELECT line, {rule.number}::SMALLINT AS rule, {_values(rule, kept)} AS vals FROM {where} WHERE {rule.condition}"
        for where, group in (("narrowed", narrow), ("everything", wide))
        for rule in group
    ]
    with_parts = [
        f"sources AS (SELECT line, {', '.join(shown) or 'true AS nothing'} FROM ({_events(table, sorted(columns.networks))}) WHERE {columns.source.when})"
    ]
    if narrow:
        test = _narrowed(columns, narrow)
        with_parts.append(
            f"narrowed AS MATERIALIZED (SELECT {_needs(columns, narrow, kept)} FROM sources WHERE {test})"
        )
    if wide:
        with_parts.append(f"everything AS MATERIALIZED (SELECT {_needs(columns, wide, kept)} FROM sources)")
    return f"WITH {', '.join(with_parts)} {' UNION ALL '.join(parts)}"


def _needs(columns: SourceColumns, rules: Sequence[CompiledRule], kept: dict[str, str]) -> str:
    """The columns that these rules name; lower case costs time, so it is made for no other."""
    named = {word for rule in rules for word in _SHORT.findall(rule.condition)}
    named |= {kept[text] for rule in rules for text in rule.values}
    raw = [name for name in (*columns.raw, *columns.networks, *kept.values()) if name in named]
    lower = [f"lower({raw}) AS {name}" for name, raw in columns.lower.items() if name in named]
    return ", ".join(["line", *sorted(raw), *sorted(lower)])


def _values(rule: CompiledRule, kept: dict[str, str]) -> str:
    if not rule.values:
        return "CAST(NULL AS VARCHAR[])"
    return "[" + ", ".join(kept[text] for text in rule.values) + "]"


def _narrowed(columns: SourceColumns, rules: Sequence[CompiledRule]) -> str:
    texts: dict[str, set[str]] = {}
    for rule in rules:
        for field, text in rule.needed or ():
            texts.setdefault(field, set()).add(text)
    raw_of = {sql: name for name, sql in columns.raw.items() if name.startswith("r")}
    tests = []
    for field, wanted in sorted(texts.items()):
        sql = columns.texts[field]
        tests.append(one_test(raw_of.get(sql, sql), wanted))
    return " OR ".join(tests)


def _with_networks(events: pa.Table, columns: SourceColumns) -> pa.Table:
    """The events with one column of booleans for each network that a rule tests."""
    for name, (column, network) in sorted(columns.networks.items()):
        if column in events.column_names:
            inside = _in_network(events[column], network)
        else:
            inside = pa.nulls(events.num_rows, pa.bool_())
        events = events.append_column(name, inside)
    return events


def _in_network(column: pa.ChunkedArray, network: str) -> pa.Array:
    array = column.combine_chunks()
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    wanted = ipaddress.ip_network(network)
    found = pa.array([_lies_in(text, wanted) for text in encoded.dictionary.to_pylist()], pa.bool_())
    return found.take(encoded.indices)


def _lies_in(text: str | None, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    try:
        address = ipaddress.ip_address((text or "").partition("%")[0])
    except ValueError:
        return False
    return address.version == network.version and address in network


def _rows(parts: Sequence[pa.Table], digests: Digests) -> pa.Table:
    tables = [
        pa.table({"line": p["line"], "rule": p["rule"], "values": _digested(p["vals"], digests)})
        for p in parts
    ]
    if not tables:
        return MATCHES.empty_table()
    table = pa.concat_tables([table.cast(MATCHES) for table in tables])
    return table.sort_by([("line", "ascending"), ("rule", "ascending")]).combine_chunks()


def _digested(column: pa.ChunkedArray, digests: Digests) -> pa.Array:
    """Lists of texts as lists of keyed digests; null stays null."""
    chunks = [_digested_list(chunk, digests) for chunk in column.chunks]
    return pa.chunked_array(chunks, pa.list_(pa.binary(16)))


def _digested_list(lists: pa.ListArray, digests: Digests) -> pa.Array:
    kind = pa.list_(pa.binary(16))
    if lists.null_count == len(lists):
        return pa.nulls(len(lists), kind)
    encoded = lists.flatten().dictionary_encode()
    known = digests(encoded.dictionary.cast(pa.string()))
    dense = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(known), [None, pa.py_buffer(np.ascontiguousarray(known))]
    )
    flat = dense.take(encoded.indices)
    lengths = pc.list_value_length(lists).fill_null(0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    mask = pa.array(lists.is_null().to_numpy(zero_copy_only=False))
    return pa.ListArray.from_arrays(pa.array(offsets), flat, type=kind, mask=mask)
