"""Where a structured format keeps each canonical column: paths, templates, filters and the rule of success.

A source of a column is a path (`a.b`, `a[0].b`, `"a.b"` for one name with a dot, or a column name) or a
template with paths in braces (`{bucket}/{key}`, `{url|path}`). Several sources are alternatives: the first
that is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from whosaw.core.errors import Fault, FaultsError

from .canonical import CANONICAL
from .format_item import FormatItem

__all__ = [
    "FILTERS",
    "FieldRules",
    "Missing",
    "OkRule",
    "Part",
    "Source",
    "parse_path",
    "read_rules",
    "read_source",
]

FILTERS = {
    "before": True,
    "after": True,
    "first": False,
    "lower": False,
    "upper": False,
    "unplus": False,
    "unpercent": False,
    "path": False,
    "query": False,
    "host": False,
    "method": False,
    "target": False,
    "protocol": False,
}
"""Name of a filter, and whether it takes an argument (`before:.` keeps what stands before the first dot)."""

UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 0.001}
Missing = str
_MISSING = ("skip", "fail", "unknown")
_STEP = re.compile(r'\.?(?:"(?P<quoted>[^"]+)"|(?P<name>[^."\[\]{}|]+))|\[(?P<index>\d{1,6})\]')
_PIECE = re.compile(r"\{([^{}]+)\}")
_COLUMNS = frozenset(CANONICAL) - {"line", "offset", "fields"}
KEYS = frozenset(
    {
        "columns",
        "fields",
        "ok",
        "require",
        "absent",
        "where",
        "where_not",
        "duration_unit",
        "zone",
        "null_texts",
        "generic",
        "guessed",
        "assumes",
    }
)
"""Keys of an item that rule its columns; the rest belongs to one kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One path in a template, with what is done to its value."""

    ref: str
    filters: tuple[tuple[str, str], ...] = ()


Source = tuple[str | Part, ...]
"""A template: fixed text and parts. A plain path is one part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OkRule:
    """A condition of success. All that apply must hold; where none applies, success cannot be told.

    `missing` says what a value that is not there means: the rule does not apply (skip), no success (fail) or
    cannot tell (unknown). `otherwise` says what a value that does not fit means: fail or unknown.
    """

    ref: str
    equals: tuple[str, ...] = ()
    between: tuple[int, int] | None = None
    absent: bool = False
    missing: Missing = "skip"
    otherwise: Missing = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRules:
    """All rules of one format."""

    columns: Mapping[str, tuple[Source, ...]]
    fields: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)
    ok: tuple[OkRule, ...] = ()
    require: tuple[tuple[str, ...], ...] = ()
    absent: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    where_not: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    duration_factor: float = 1
    guessed: frozenset[str] = frozenset()
    """Columns found by commonly used names: a status that is no number is then no status, and the event
    stays."""
    null_texts: tuple[str, ...] = ("", "-")
    nested: bool = False
    """Whether a value may itself be an object or a list, which is then no value of a guessed column."""

    def within(self, may_hold: Callable[[str], bool]) -> FieldRules:
        """The same rules, or, where some path that every event needs cannot be there at all, only those that
        say why nothing is an event. `may_hold` tells whether a path can be there."""
        needed = [*self.require, *((name,) for name in self.where)]
        needed.append(
            tuple(part.ref for source in self.columns["time"] for part in source if isinstance(part, Part))
        )
        if all(any(may_hold(name) for name in names) for names in needed):
            return self
        return replace(self, columns={}, fields={}, ok=())

    def refs(self) -> list[str]:
        """Every path that is asked for, each once, in a fixed order."""
        return list(dict.fromkeys(self._refs()))

    def _refs(self) -> Iterator[str]:
        for sources in (*self.columns.values(), *self.fields.values()):
            for source in sources:
                yield from (part.ref for part in source if isinstance(part, Part))
        yield from (rule.ref for rule in self.ok)
        for names in self.require:
            yield from names
        yield from self.absent
        yield from self.where
        yield from self.where_not


def parse_path(text: str) -> tuple[str | int, ...]:
    """The steps of a path: names and list positions. Raises `ValueError` for anything else."""
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None or (found[0].startswith(".") != bool(steps) and found["index"] is None):
            raise ValueError(text)
        steps.append(int(found["index"]) if found["index"] else found["quoted"] or found["name"])
        at = found.end()
    if not steps or isinstance(steps[0], int):
        raise ValueError(text)
    return tuple(steps)


def read_source(text: str) -> Source:
    """A path or template. Raises `ValueError` with what is wrong."""
    if "{" not in text:
        return (Part(ref=_ref(text)),)
    parts: list[str | Part] = []
    at = 0
    for found in _PIECE.finditer(text):
        if found.start() > at:
            parts.append(text[at : found.start()])
        ref, *filters = found[1].split("|")
        parts.append(Part(ref=_ref(ref), filters=tuple(_filter(one) for one in filters)))
        at = found.end()
    if at < len(text):
        parts.append(text[at:])
    if any(isinstance(part, str) and re.search(r"[{}]", part) for part in parts):
        raise ValueError("a brace is not closed")
    return tuple(parts)


def _ref(text: str) -> str:
    if not text.strip() or "\0" in text:
        raise ValueError("a path is empty")
    return text


def _filter(text: str) -> tuple[str, str]:
    name, _, argument = text.partition(":")
    if name not in FILTERS or bool(argument) != FILTERS[name] or "\0" in argument:
        raise ValueError(f"there is no filter {text}")
    return name, argument


def read_rules(item: FormatItem, *, paths: bool, extra: frozenset[str]) -> FieldRules:
    """The rules of an item. Raises `FaultsError` with everything that is wrong. `paths` checks each path
    as one of JSON, `extra` names the keys that the kind itself reads."""
    faults: list[Fault] = []
    table = item.table

    def fault(message: str, *path: str | int) -> None:
        faults.append(item.fault("format.rules", message, *path))

    for name in sorted(set(table) - KEYS - extra):
        fault(f"{name} is not a key of this kind of format", name)
    columns = _sources(table.get("columns", {}), "columns", fault)
    for name in sorted(set(columns) - _COLUMNS):
        fault(f"{name} is not a canonical column", "columns", name)
    if "time" not in columns:
        fault("columns must say where the time stands", "columns")
    ok = tuple(rule for rule in (_ok_rule(raw, fault) for raw in _tables(table.get("ok", []))) if rule)
    if (unit := table.get("duration_unit", "us")) not in UNITS:
        fault(f"duration_unit must be one of {', '.join(UNITS)}", "duration_unit")
    rules = FieldRules(
        columns=columns,
        fields=_sources(table.get("fields", {}), "fields", fault),
        ok=ok,
        require=tuple(_texts(one) for one in table.get("require", [])),
        absent=_texts(table.get("absent", [])),
        where={name: _texts(values) for name, values in table.get("where", {}).items()},
        where_not={name: _texts(values) for name, values in table.get("where_not", {}).items()},
        duration_factor=UNITS.get(unit, 1),
        guessed=frozenset(_texts(table.get("guessed", list(columns) if table.get("generic") else []))),
        null_texts=_texts(table.get("null_texts", ["", "-"])),
        nested=paths,
    )
    for ref in rules.refs() if paths else ():
        try:
            parse_path(ref)
        except ValueError:
            fault(f"{ref} is not a path", "columns")
    if faults:
        raise FaultsError("format.invalid", faults)
    return rules


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else (str(value),)


def _tables(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _sources(raw: object, key: str, fault: Any) -> dict[str, tuple[Source, ...]]:
    found: dict[str, tuple[Source, ...]] = {}
    if not isinstance(raw, Mapping):
        fault(f"{key} must be a table", key)
        return found
    for name, value in raw.items():
        texts = value if isinstance(value, list) else [value]
        if not texts or not all(isinstance(text, str) for text in texts):
            fault(f"{name} must be a text or a list of texts", key, name)
            continue
        try:
            found[name] = tuple(read_source(text) for text in texts)
        except ValueError as wrong:
            fault(f"{name}: {wrong}", key, name)
    return found


def _ok_rule(raw: Mapping[str, Any], fault: Any) -> OkRule | None:
    between = raw.get("between")
    if between is not None and not (isinstance(between, list) and len(between) == 2):
        fault("between must be two numbers", "ok")
        return None
    wanted = [name for name in ("equals", "between", "absent") if name in raw]
    rest = raw.keys() - {"path", "equals", "between", "absent", "missing", "otherwise"}
    if not isinstance(raw.get("path"), str) or len(wanted) != 1 or rest:
        fault("a rule of ok needs a path and one of equals, between, absent", "ok")
        return None
    if raw.get("missing", "skip") not in _MISSING or raw.get("otherwise", "fail") not in _MISSING[1:]:
        fault("missing is skip, fail or unknown; otherwise is fail or unknown", "ok")
        return None
    return OkRule(
        ref=raw["path"],
        equals=_texts(raw.get("equals", [])),
        between=(int(between[0]), int(between[1])) if between else None,
        absent=bool(raw.get("absent", False)),
        missing=raw.get("missing", "skip"),
        otherwise=raw.get("otherwise", "fail"),
    )
