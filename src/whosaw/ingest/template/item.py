"""The part of an item that only template formats have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from whosaw.core.errors import Fault, FaultsError, WhosawError
from whosaw.core.instants import parse_zone
from whosaw.ingest.canonical import TEXT_COLUMNS
from whosaw.ingest.format_item import FormatItem, once_for_item
from whosaw.packs.table import Table

from .apache import parse_apache
from .envoy import parse_envoy
from .layout import Layout, layout_of
from .nginx import parse_nginx
from .tokens import parse_plain

__all__ = ["Rule", "TemplateTable", "read_table"]

_SYNTAX = {"plain": parse_plain, "nginx": parse_nginx, "apache": parse_apache, "envoy": parse_envoy}
_KEYS = frozenset(
    {
        "syntax",
        "template",
        "header",
        "zone",
        "zone_source",
        "pairs",
        "continuation",
        "spellings",
        "generic",
        "assumes",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One template and the columns that it sets by itself."""

    layout: Layout
    constants: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateTable:
    """`header` is "syslog" where time and host stand in a syslog header and the templates are for what
    follows it. `continuation` is the first byte of a further line of the record above."""

    rules: tuple[Rule, ...]
    header: str
    zone: tzinfo | None
    pairs: Mapping[str, str]
    spellings: Mapping[str, Mapping[str, str]]
    continuation: bytes
    quoted: bool


@once_for_item
def read_table(item: FormatItem) -> TemplateTable:
    """The checked table. Raises `FaultsError` with all faults."""
    faults: list[Fault] = []
    table = item.reader("format.template", faults)
    for name in _KEYS:
        table.raw(name)  # some are read elsewhere
    table.rest_unknown()
    syntax = table.optional_text("syntax", one_of=_SYNTAX) or "plain"
    header = table.optional_text("header", one_of=("syslog",)) or ""
    zone = None
    if (text := table.optional_text("zone")) is not None:
        try:
            zone = parse_zone(text)
        except WhosawError as error:
            table.fault(error.message, "zone", hint=error.hint)
        if table.optional_text("zone_source") is None:
            table.fault("a format that knows its zone must say where that is written (zone_source)", "zone")
    pairs = table.table("pairs")
    columns = {key: pairs.text(key, one_of=TEXT_COLUMNS) for key in pairs.values}
    spellings = table.table("spellings")
    for name in spellings.values:
        if name not in TEXT_COLUMNS:
            spellings.fault(f"{name} is not a text column", name)
    words = {name: _words(spellings.table(name)) for name in spellings.values}
    rules = _rules(item, syntax, header, table)
    continuation = table.optional_text("continuation", blank=True) or ""
    if faults:
        raise FaultsError("format.invalid", faults)
    return TemplateTable(
        rules=tuple(rules),
        header=header,
        zone=zone,
        pairs=columns,
        spellings=words,
        continuation=continuation.encode("utf-8"),
        quoted=any('"' in rule.layout.strict for rule in rules),
    )


def _words(table: Table) -> dict[str, str]:
    """Each word and the canonical word for it, which may be empty."""
    found = {}
    for word in table.values:
        meant = table.take(word, str, "a text")
        if meant is not None:
            found[word] = str(meant)
    return found


def _rules(item: FormatItem, syntax: str, header: str, table: Table) -> list[Rule]:
    raw = item.table.get("template")
    entries = raw if isinstance(raw, list) else [raw]
    rules = []
    for number, entry in enumerate(entries):
        text = entry.get("text") if isinstance(entry, dict) else entry
        constants = entry.get("set", {}) if isinstance(entry, dict) else {}
        path = ("template", number) if isinstance(entry, dict) else ("template",)
        if not isinstance(text, str) or not text:
            table.fault("template must be a text, a list of texts, or [[template]] tables with a text", *path)
            continue
        for name, value in constants.items():
            if not (name in TEXT_COLUMNS and isinstance(value, str)) and not (
                name == "ok" and isinstance(value, bool)
            ):
                table.fault(f"{name} cannot be set to {value!r}", *path, "set")
        try:
            layout = layout_of(_SYNTAX[syntax](text))
        except WhosawError as error:
            table.fault(error.message, *path, hint=error.hint)
            continue
        times = [slot for slot in layout.slots if slot.kind == "time"]
        if len(times) != (0 if header else 1):
            table.fault(
                "a template needs exactly one time" if not header else "the time is in the header", *path
            )
            continue
        rules.append(Rule(layout=layout, constants=constants))
    return rules
