"""The part of an item that only template formats have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol

from whosaw.core.errors import Fault, FaultsError, WhosawError
from whosaw.core.instants import parse_zone

from .canonical import TEXT_COLUMNS
from .format_item import FormatItem
from .template_apache import parse_apache
from .template_envoy import parse_envoy
from .template_layout import Layout, layout_of
from .template_nginx import parse_nginx
from .template_tokens import parse_plain

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


class _Report(Protocol):
    def __call__(self, message: str, *path: str | int, hint: str = "") -> None: ...


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


def read_table(item: FormatItem) -> TemplateTable:
    """The checked table. Raises `FaultsError` with all faults."""
    table = item.table
    faults: list[Fault] = []

    def fault(message: str, *path: str | int, hint: str = "") -> None:
        faults.append(item.fault("format.template", message, *path, hint=hint))

    for name in sorted(table.keys() - _KEYS):
        fault(f"{name} is not a key of a template format", name)
    syntax = table.get("syntax", "plain")
    if syntax not in _SYNTAX:
        fault(f"syntax must be one of {', '.join(sorted(_SYNTAX))}", "syntax")
    header = table.get("header", "")
    if header not in ("", "syslog"):
        fault('header can only be "syslog"', "header")
    zone = None
    if "zone" in table:
        try:
            zone = parse_zone(str(table["zone"]))
        except WhosawError as error:
            fault(error.message, "zone", hint=error.hint)
        if not table.get("zone_source"):
            fault("a format that knows its zone must say where that is written (zone_source)", "zone")
    pairs = table.get("pairs", {})
    if not isinstance(pairs, dict):
        fault("pairs must be a table of key = column", "pairs")
        pairs = {}
    for key, column in pairs.items():
        if column not in TEXT_COLUMNS:
            fault(f"{column!r} is not a text column", "pairs", key)
    spellings = table.get("spellings", {})
    if not isinstance(spellings, dict) or not all(
        name in TEXT_COLUMNS
        and isinstance(words, dict)
        and all(isinstance(word, str) for word in words.values())
        for name, words in spellings.items()
    ):
        fault("spellings must be tables of text columns, each with word = canonical word", "spellings")
    rules = _rules(item, str(syntax), str(header), fault) if syntax in _SYNTAX else []
    if faults:
        raise FaultsError("format.invalid", faults)
    return TemplateTable(
        rules=tuple(rules),
        header=str(header),
        zone=zone,
        pairs=pairs,
        spellings=spellings,
        continuation=str(table.get("continuation", "")).encode("utf-8"),
        quoted=any('"' in rule.layout.strict for rule in rules),
    )


def _rules(item: FormatItem, syntax: str, header: str, fault: _Report) -> list[Rule]:
    raw = item.table.get("template")
    entries = raw if isinstance(raw, list) else [raw]
    rules = []
    for number, entry in enumerate(entries):
        text = entry.get("text") if isinstance(entry, dict) else entry
        constants = entry.get("set", {}) if isinstance(entry, dict) else {}
        path = ("template", number) if isinstance(entry, dict) else ("template",)
        if not isinstance(text, str) or not text:
            fault("template must be a text, a list of texts, or [[template]] tables with a text", *path)
            continue
        for name, value in constants.items():
            if not (name in TEXT_COLUMNS and isinstance(value, str)) and not (
                name == "ok" and isinstance(value, bool)
            ):
                fault(f"{name} cannot be set to {value!r}", *path, "set")
        try:
            layout = layout_of(_SYNTAX[syntax](text))
        except WhosawError as error:
            fault(error.message, *path, hint=error.hint)
            continue
        times = [slot for slot in layout.slots if slot.kind == "time"]
        if len(times) != (0 if header else 1):
            fault("a template needs exactly one time" if not header else "the time is in the header", *path)
            continue
        rules.append(Rule(layout=layout, constants=constants))
    return rules
