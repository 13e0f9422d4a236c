"""Reads one TOML file and knows on which line each key stands, for errors that say where."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from whosaw.core.errors import Fault, FaultsError, Where

__all__ = ["MAX_DEPTH", "MAX_ITEM_BYTES", "TomlFile", "load_toml", "parse_toml"]

MAX_ITEM_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 64
_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_AT_LINE = re.compile(r"at line (\d+)")
_CASES = re.compile(r"^\[\[case\]\]", re.MULTILINE)
_NO_CASE = re.compile(r"^\[(?!\[?case[.\]])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A parsed file. `line_of("route", 2, "match")` gives the 1-based line of a table or key. `given` are the paths of values that
    did not come from it, with the name each was given by: a fault in one is told under that name, and has no line."""

    name: str
    data: dict[str, Any]
    text: str = field(repr=False)
    given: dict[tuple[str | int, ...], str] = field(default_factory=dict)

    def line_of(self, *path: str | int) -> int | None:
        """The line of the longest known prefix of `path`; None when none of it was found."""
        lines = _positions(self.text)
        for end in range(len(path), 0, -1):
            if (line := lines.get(path[:end])) is not None:
                return line
        return None

    def fault(
        self, code: str, message: str, *path: str | int, item: str | None = None, hint: str = ""
    ) -> Fault:
        """A fault at `path` in this file."""
        if name := self._given_at(path):
            return Fault(code=code, message=message, where=Where(item=name), hint=hint)
        where = Where(file=self.name, line=self.line_of(*path), item=item)
        return Fault(code=code, message=message, where=where, hint=hint)

    def _given_at(self, path: tuple[str | int, ...]) -> str | None:
        """The name by which a value was given that stands at `path`, above it, or inside of it."""
        for end in range(len(path), 0, -1):
            if name := self.given.get(path[:end]):
                return name
        return next((name for at, name in self.given.items() if path and at[: len(path)] == path), None)


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in re.split(r"\.(?=(?:[^\"']|[\"'][^\"']*[\"'])*$)", dotted)]


@lru_cache(maxsize=8)  # asked where something is wrong, and then often
def _positions(text: str) -> dict[tuple[str | int, ...], int]:
    lines: dict[tuple[str | int, ...], int] = {}
    current: tuple[str | int, ...] = ()
    seen: dict[tuple[str | int, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            base: tuple[str | int, ...] = ()
            names = _parts(header[2])
            for position, name in enumerate(names):
                base = (*base, name)
                last = position == len(names) - 1
                if last and header[1] == "[[":
                    seen[base] = seen.get(base, -1) + 1
                if base in seen:
                    lines.setdefault(base, number)
                    base = (*base, seen[base])
            current = base
            lines.setdefault(current, number)
        elif key := _KEY.match(line):
            path = current
            for name in _parts(key[1]):
                path = (*path, name)
                lines.setdefault(path, number)
    return lines


def load_toml(path: Path, *, name: str | None = None, cases: bool = True) -> TomlFile:
    """Parse `path`. Raises `FaultsError` with the line when it cannot be read or is no TOML. Without `cases`, what follows the first `[[case]]`
    is not parsed where it is cases alone: they are most of an item, and only its tests read them."""
    shown = name or str(path)
    raw = b""
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= MAX_ITEM_BYTES else b""
        text = raw.decode("utf-8")
    except OSError as fault:
        where = Where(file=shown)
        raise FaultsError(
            "item.unreadable",
            [Fault(code="item.unreadable", message=f"cannot be read ({fault.strerror})", where=where)],
        ) from fault
    except UnicodeDecodeError as fault:
        line = raw[: fault.start].count(b"\n") + 1
        where = Where(file=shown, line=line)
        raise FaultsError(
            "item.not-utf8", [Fault(code="item.not-utf8", message="is not UTF-8", where=where)]
        ) from fault
    if size > MAX_ITEM_BYTES:
        message = f"is larger than {MAX_ITEM_BYTES:,} bytes"
        raise FaultsError(
            "item.too-large", [Fault(code="item.too-large", message=message, where=Where(file=shown))]
        )
    return parse_toml(text if cases else _without_cases(text), name=shown)


def _without_cases(text: str) -> str:
    first = _CASES.search(text)
    return text if first is None or _NO_CASE.search(text, first.end()) else text[: first.start()]


def parse_toml(text: str, *, name: str) -> TomlFile:
    """The same of a text that comes from `name`. Raises `FaultsError` with the line when it is no TOML, or nested too deeply."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        at = _AT_LINE.search(str(fault))
        line_number = int(at[1]) if at else text.count("\n") + 1
        message = f"is not valid TOML: {str(fault).split(' (at')[0]}"
        where = Where(file=name, line=line_number)
        raise FaultsError(
            "item.not-toml", [Fault(code="item.not-toml", message=message, where=where)]
        ) from fault
    except RecursionError as fault:
        raise _too_deep(name) from fault
    if _too_deeply_nested(data):
        raise _too_deep(name)
    return TomlFile(name=name, data=data, text=text)


def _too_deep(name: str) -> FaultsError:
    fault = Fault(code="item.too-deep", message="is nested too deeply", where=Where(file=name))
    return FaultsError("item.too-deep", [fault])


def _too_deeply_nested(data: dict[str, Any]) -> bool:
    """Whether tables and lists stand inside of one another further than whoever reads them goes down. Dotted names nest as
    deeply as they are long, which costs the parser no recursion."""
    level: list[object] = [data]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
