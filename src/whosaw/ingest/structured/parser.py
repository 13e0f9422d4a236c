"""Parsers of structured formats (kinds json, xml, pairs and delimited), and formats that the user spells out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import tzinfo
from typing import Any

from whosaw.core.errors import Fault, FaultsError, Where, WhosawError
from whosaw.core.instants import parse_zone
from whosaw.ingest.canonical import CANONICAL
from whosaw.ingest.canonical_rows import Zone
from whosaw.ingest.format_item import FormatItem
from whosaw.ingest.parser import Parser

from .delimited import KEYS as DELIMITED_KEYS
from .delimited import DelimitedParser, Layout
from .field_rules import UNITS, parse_path, read_rules, read_source
from .json_lines import JsonParser
from .pairs import PairsParser
from .unfolding import paths_in
from .xml_parser import XmlParser

__all__ = ["build", "item_from_text"]

_XML_KEYS = frozenset({"element", "lists"})
_JSON_KEYS = frozenset({"records", "embedded"})
_KINDS = {"json": "jsonl", "csv": "csv", "tsv": "tsv", "pairs": "logfmt"}
_SPELLED = {"json": "json", "delimited": "csv", "pairs": "pairs"}


def build(
    item: FormatItem,
    zone: tzinfo | None,
    year_hint: int | None,  # noqa: ARG001 -- one signature for the builders of all kinds
) -> Parser:
    """The parser of a json, xml, pairs or delimited item. `year_hint` is not needed: these times carry their year.
    Raises `FaultsError` with every fault of the item."""
    own = item.table.get("zone")
    if own is not None:
        try:
            zone = parse_zone(str(own))
        except WhosawError as wrong:
            raise FaultsError("format.invalid", [item.fault("format.zone", wrong.message, "zone")]) from wrong
    if item.kind == "json":
        return _json(item, Zone(zone=zone, own=own is not None))
    if item.kind == "xml":
        return _xml(item, Zone(zone=zone, own=own is not None))
    if item.kind == "pairs":
        rules = read_rules(item, paths=False, extra=frozenset())
        return PairsParser(item.id, rules, Zone(zone=zone, own=own is not None))
    rules = read_rules(item, paths=False, extra=DELIMITED_KEYS)
    return DelimitedParser(item.id, rules, Layout.read(item), Zone(zone=zone, own=own is not None))


def item_from_text(text: str, formats: Mapping[str, FormatItem]) -> FormatItem:
    """The format of a text such as `json:time=ts,principal=user.id,field.tenant=org.id`, `csv:time=When`,
    `pairs:time=at` or `tsv:duration_us=took,duration_unit=ms`. Columns that it does not name are found by the commonly
    used names of the shipped formats jsonl, csv, tsv and logfmt, which `formats` must hold. `w3c:principal=X-Employee-Id` is a known
    format whose other columns stay as they are. All faults are raised at once."""
    named, colon, rest = text.partition(":")
    base = formats[_KINDS[named]] if named in _KINDS else formats.get(named)
    kind = _SPELLED.get(base.kind, "") if base is not None else ""
    if base is None or not kind or not colon:
        raise WhosawError(
            "format.text",
            f"{named!r} is not json, csv, tsv or pairs, and no format with named fields",
            hint="Write it like json:time=ts,principal=user.id",
        )
    if not rest.strip():
        raise WhosawError(
            "format.text",
            f"{text!r} names no column",
            hint=f"Write it like {named}:time=ts,principal=user, or use {base.id} to find columns by their names",
        )
    columns: dict[str, str] = {}
    fields: dict[str, str] = {}
    records: list[str] = []
    unit: str | None = None
    faults: list[Fault] = []
    for piece in rest.split(",") if rest else []:
        name, equals, source = (part.strip() for part in piece.partition("="))
        why = ""
        if not equals or not source:
            why = f"{name} is not followed by = and a path"
        elif name == "records" and kind == "json":
            records.append(source)
        elif name == "duration_unit" and source in UNITS:
            unit = source
        elif name.startswith("field.") and len(name) > 6:
            fields[name[6:]] = source
        elif name in CANONICAL and name not in ("line", "offset", "fields"):
            columns[name] = source
        else:
            why = f"{name} is not a canonical column"
        if not why and name not in ("duration_unit", "records"):
            why = _wrong_source(source, kind)
        if why:
            faults.append(Fault(code="format.text", message=why, where=Where(item=kind)))
    if faults:
        raise FaultsError("format.invalid", faults)
    table: dict[str, Any] = dict(base.table)
    known = table["columns"] if named in _KINDS else table.get("guessed", ())
    guessed = [name for name in known if name not in columns]
    table |= {"columns": {**table["columns"], **columns}, "fields": {**table.get("fields", {}), **fields}}
    table |= {"guessed": guessed, "generic": False} | ({"duration_unit": unit} if unit else {})
    table |= {"records": records} if records else {}
    return replace(
        base, id=text, title=f"{base.title}, with columns named by the user", table=table, cases=(), file=None
    )


def _wrong_source(source: str, kind: str) -> str:
    try:
        read_source(source)
        if kind == "json" and "{" not in source:
            parse_path(source)
    except ValueError:
        return f"{source} is not a path"
    return ""


def _xml(item: FormatItem, zone: Zone) -> Parser:
    rules = read_rules(item, paths=True, extra=_XML_KEYS)
    faults: list[Fault] = []
    table = item.reader("format.rules", faults)
    element, lists = table.text("element"), table.texts("lists", required=False)
    if not re.fullmatch(r"[A-Za-z_][\w.-]*", element):
        table.fault("element must be the name of an element, without a prefix", "element")
    if faults:
        raise FaultsError("format.invalid", faults)
    return XmlParser(item.id, rules, zone, element=element, lists=frozenset(lists))


def _json(item: FormatItem, zone: Zone) -> Parser:
    rules = read_rules(item, paths=True, extra=_JSON_KEYS)
    faults: list[Fault] = []
    table = item.reader("format.rules", faults)
    names = table.texts("records", required=False, or_one=True)
    try:
        paths_in(tuple(names))
    except ValueError as wrong:
        table.fault(f"{wrong} is not a path to a list, such as a.b[].c[]", "records")
    embedded = table.optional_text("embedded")
    if embedded is not None:
        try:
            parse_path(embedded)
        except ValueError:
            table.fault("embedded must be a path", "embedded")
    if faults:
        raise FaultsError("format.invalid", faults)
    return JsonParser(item.id, rules, zone, records=names, embedded=embedded)
