"""Where a structured format keeps each canonical column: paths, templates, filters and the rule of success.

A source of a column is a path (`a.b`, `a[0].b`, `a[kind=user].b` for the first of a list whose `kind` is `user`, `a[kind!=x,y].b` for the first that has another, `"a.b"` for one
name with a dot, or a column name) or a template with paths in braces (`{bucket}/{key}`, `{url|path}`). Several sources are alternatives: the first
that is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from whosaw.core.errors import Fault, FaultsError
from whosaw.ingest.canonical import CANONICAL
from whosaw.ingest.format_item import FormatItem, once_for_item
from whosaw.packs.table import Table

__all__ = [
    "FILTERS",
    "FieldRules",
    "Member",
    "Missing",
    "OkRule",
    "Part",
    "Source",
    "Step",
    "parse_path",
    "read_rules",
    "read_source",
    "sql_path",
]

FILTERS = {
    "before": True,
    "after": True,
    "first": False,
    "last": False,
    "lower": False,
    "upper": False,
    "unplus": False,
    "unpercent": False,
    "dmy": False,
    "mdy": False,
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
_STEP = re.compile(
    r'\.?(?:"(?P<quoted>[^"]+)"|(?P<name>[^."\[\]{}|]+))|\[(?P<index>\d{1,6})\]|\[(?P<key>[^\[\]="]+)=(?P<value>[^\[\]"]+)\]'
)
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
        "besides",
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


@dataclass(frozen=True, slots=True)
class Member:
    """The step of a path to the first object of a list in which `key` (names with dots between them) is `value`; or, where `other`
    is set, in which it is there and none of the values with commas between them."""

    key: tuple[str, ...]
    value: str
    other: bool = False

    def takes(self, value: str | None) -> bool:
        """Whether an object with this value is one."""
        return (
            (value is not None and value not in self.value.split(",")) if self.other else value == self.value
        )


Step = str | int | Member
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
    besides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values that say that a record is of this log and no event of it: it is counted as a comment line is."""
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
        yield from self.besides


@lru_cache(maxsize=4_096)
def parse_path(text: str) -> tuple[Step, ...]:
    """The steps of a path: names, list positions and members. Raises `ValueError` for anything else."""
    steps: list[Step] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        bracket = found is not None and (found["index"] or found["key"])
        if found is None or (found[0].startswith(".") != bool(steps) and not bracket):
            raise ValueError(text)
        if found["key"]:
            key = found["key"]
            steps.append(Member(tuple(key.removesuffix("!").split(".")), found["value"], key.endswith("!")))
        else:
            steps.append(int(found["index"]) if found["index"] else found["quoted"] or found["name"])
        at = found.end()
    if not steps or not isinstance(steps[0], str):
        raise ValueError(text)
    return tuple(steps)


def sql_path(path: tuple[Step, ...]) -> str:
    """A path without members as the SQL engine writes it."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{step}"' for step in path)


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


@once_for_item
def read_rules(item: FormatItem, *, paths: bool, extra: frozenset[str]) -> FieldRules:
    """The rules of an item. Raises `FaultsError` with everything that is wrong. `paths` checks each path
    as one of JSON, `extra` names the keys that the kind itself reads."""
    faults: list[Fault] = []
    table = item.reader("format.rules", faults)
    for name in KEYS | extra:
        table.raw(name)  # each has its reader, here or where its kind is known
    table.rest_unknown()
    columns = _sources(table, "columns")
    for name in sorted(set(columns) - _COLUMNS):
        table.fault(f"{name} is not a canonical column", "columns", name)
    if "time" not in columns:
        table.fault("columns must say where the time stands", "columns")
    where, where_not, besides = (table.table(name) for name in ("where", "where_not", "besides"))
    require = table.take("require", list, "a list", required=False) or []
    unit = table.optional_text("duration_unit", one_of=UNITS) or "us"
    rules = FieldRules(
        columns=columns,
        fields=_sources(table, "fields"),
        ok=tuple(rule for each in table.tables("ok") if (rule := _ok_rule(each)) is not None),
        require=tuple(_texts(table, "require", one) for one in require),
        absent=_texts(table, "absent", table.raw("absent")),
        where={name: _texts(where, name, value) for name, value in where.values.items()},
        where_not={name: _texts(where_not, name, value) for name, value in where_not.values.items()},
        besides={name: _texts(besides, name, value) for name, value in besides.values.items()},
        duration_factor=UNITS[unit],
        guessed=frozenset(
            _texts(table, "guessed", table.raw("guessed"))
            if table.has("guessed")
            else columns
            if table.flag("generic")
            else ()
        ),
        null_texts=_texts(table, "null_texts", table.raw("null_texts"))
        if table.has("null_texts")
        else ("", "-"),
        nested=paths,
    )
    for ref in rules.refs() if paths else ():
        try:
            parse_path(ref)
        except ValueError:
            table.fault(f"{ref} is not a path", "columns")
    if faults:
        raise FaultsError("format.invalid", faults)
    return rules


def _texts(table: Table, key: str, value: object) -> tuple[str, ...]:
    """A value or several, as texts; none where nothing is given."""
    if value is None:
        return ()
    several = value if isinstance(value, list | tuple) else (value,)
    if not all(isinstance(one, str | int | float) for one in several):
        table.fault(f"{key} must be a text or a list of texts", key)
        return ()
    return tuple(str(one) for one in several)


def _sources(table: Table, key: str) -> dict[str, tuple[Source, ...]]:
    found: dict[str, tuple[Source, ...]] = {}
    inner = table.table(key)
    for name in inner.values:
        try:
            if texts := inner.texts(name, some=True, or_one=True):
                found[name] = tuple(read_source(text) for text in texts)
        except ValueError as wrong:
            inner.fault(f"{name}: {wrong}", name)
    return found


def _ok_rule(table: Table) -> OkRule | None:
    between = table.take("between", list, "two whole numbers", required=False)
    if between is not None and not (len(between) == 2 and all(type(each) is int for each in between)):
        table.fault("between must be two whole numbers", "between")
        return None
    rule = OkRule(
        ref=table.text("path"),
        equals=_texts(table, "equals", table.raw("equals")),
        between=(between[0], between[1]) if between else None,
        absent=table.flag("absent"),
        missing=table.optional_text("missing", one_of=_MISSING) or "skip",
        otherwise=table.optional_text("otherwise", one_of=_MISSING[1:]) or "fail",
    )
    table.rest_unknown()
    if sum(table.has(name) for name in ("equals", "between", "absent")) != 1:
        table.fault("a rule of ok has one of equals, between, absent")
        return None
    return rule
