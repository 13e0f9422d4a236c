"""A TOML item turned into dataclasses, with values overridden by dotted name; all faults gather before any is told."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date
from ipaddress import ip_network
from math import isfinite
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from whosaw.core.errors import Fault, FaultsError, Where
from whosaw.packs.suggestion import did_you_mean
from whosaw.packs.table import dotted
from whosaw.packs.toml_file import TomlFile, parse_toml

__all__ = ["CODE", "Reading", "finish", "flat", "parse_overrides"]

CODE = "replay-item.invalid"
T = TypeVar("T")
_Path = tuple[str | int, ...]
_KINDS = {
    int: "a whole number",
    float: "a number",
    str: "a text",
    date: "a date (2025-03-03)",
    bool: "true or false",
}


@dataclass(slots=True)
class Reading:
    """One file being turned into dataclasses; faults gather, nothing is raised before `finish`."""

    file: TomlFile
    faults: list[Fault] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    _given: dict[_Path, str] = field(
        default_factory=dict
    )  # where a value was overridden, and under which name

    def __post_init__(self) -> None:
        self.data = copy.deepcopy(self.file.data)

    def wrong(self, message: str, path: Iterable[str | int], hint: str = "") -> None:
        """Note a fault at `path`; one in an overridden value is told under the name it was given by."""
        path = tuple(path)
        if name := self._given_at(path):
            self.faults.append(Fault(code=CODE, message=message, where=Where(item=name), hint=hint))
            return
        item = str(self.file.data.get("id", "")) or None
        self.faults.append(self.file.fault(CODE, message, *path, item=item, hint=hint))

    def _given_at(self, path: _Path) -> str | None:
        """The name of the override that put a value at `path`, above it, or inside of it."""
        for end in range(len(path), 0, -1):
            if name := self._given.get(path[:end]):
                return name
        return next((name for at, name in self._given.items() if path and at[: len(path)] == path), None)

    def override(self, name: str, value: object) -> None:
        """Put `value` in place of what stands at a dotted name; elements of lists go by position or id."""
        at: Any = self.data
        path: _Path = ()
        parts = name.split(".")
        for depth, part in enumerate(parts):
            key: str | int = part
            last = depth == len(parts) - 1
            if isinstance(at, list):
                found = _element(at, part)
                if found is None:
                    return self._unknown(name, part, path, _labels(at))
                key = found
            elif not isinstance(at, dict) or (part not in at and not last):
                return self._unknown(name, part, path, sorted(at) if isinstance(at, dict) else [])
            path = (*path, key)
            if last:
                at[key] = list(value) if isinstance(value, tuple) else value
                self._given[path] = name
            else:
                at = at[key]
        return None

    def _unknown(self, name: str, part: str, path: _Path, known: Sequence[str]) -> None:
        hint = f"Known: {', '.join(known)}" if known else ""
        message = f"{name} names {part!r}, which {dotted(path)} does not have"
        self.faults.append(Fault(code=CODE, message=message, where=Where(item=name), hint=hint))

    def table(self, kind: type[T], value: object, path: _Path = ()) -> T | None:
        """A dataclass from a table, or None after noting what is wrong with it."""
        if not isinstance(value, dict):
            self.wrong(f"{dotted(path)} must be a table", path)
            return None
        hints = get_type_hints(kind)
        known = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # callers pass dataclasses only
        for key in value:
            if key not in known:
                hint = did_you_mean(key, known) or f"Known: {', '.join(sorted(known))}"
                self.wrong(f"{dotted((*path, key))} is not known here", (*path, key), hint)
        filled: dict[str, Any] = {}
        before = len(self.faults)
        for each in fields(kind):  # type: ignore[arg-type]  # as above
            if each.name in value:
                filled[each.name] = self.value(hints[each.name], value[each.name], (*path, each.name))
            elif each.default is MISSING and each.default_factory is MISSING:
                self.wrong(f"{dotted((*path, each.name))} is missing", path)
        return kind(**filled) if len(self.faults) == before else None

    def value(self, kind: Any, value: object, path: _Path) -> Any:
        """A value of that type, or None after noting that it is of another."""
        origin, inner = get_origin(kind), get_args(kind)
        if kind is object:
            return value
        if origin is UnionType:
            return self.value(next((each for each in inner if type(value) is each), inner[0]), value, path)
        if origin is tuple:
            if not isinstance(value, list):
                return self.wrong(f"{dotted(path)} must be a list", path)
            return tuple(self.value(inner[0], entry, (*path, at)) for at, entry in enumerate(value))
        if origin is dict:
            if not isinstance(value, dict):
                return self.wrong(f"{dotted(path)} must be a table", path)
            return {key: self.value(inner[1], entry, (*path, key)) for key, entry in value.items()}
        if is_dataclass(kind):
            return self.table(kind, value, path)  # type: ignore[arg-type]  # is_dataclass also covers instances
        if kind is float and type(value) is int:
            return float(value)
        if type(value) is float and not isfinite(value):
            return self.wrong(f"{dotted(path)} must be a number that is not endless", path)
        if type(value) is not kind:
            return self.wrong(f"{dotted(path)} must be {_KINDS.get(kind, kind.__name__)}", path)
        return value

    def share(self, value: float, *path: str | int) -> None:
        """A share lies between 0 and 1."""
        if not 0 <= value <= 1:
            self.wrong(f"{dotted(path)} is {value}, a share lies between 0 and 1", path)

    def at_least(self, least: float, value: float, *path: str | int) -> None:
        """A count or size is not below `least`."""
        if not least <= value:
            self.wrong(f"{dotted(path)} is {value}, it is at least {least}", path)

    def between(self, least: float, value: float, most: float, *path: str | int) -> None:
        """A count or size lies from `least` to `most`."""
        if not least <= value <= most:
            self.wrong(f"{dotted(path)} is {value}, it lies from {least} to {most}", path)

    def rising(self, values: tuple[int, ...], *path: str | int) -> None:
        """Quantiles rise from 0 or above."""
        if not values or min(values) < 0 or list(values) != sorted(values):
            self.wrong(f"{dotted(path)} must hold quantiles: rising, not below 0, at least one", path)

    def weights(self, values: tuple[float, ...], length: int | None, *path: str | int) -> None:
        """Weights are not below 0 and not all 0; `length` is how many there must be, if that is fixed."""
        if (
            (length is not None and len(values) != length)
            or not values
            or min(values) < 0
            or sum(values) <= 0
        ):
            many = f"{length} weights" if length else "weights"
            self.wrong(f"{dotted(path)} must hold {many}, none below 0 and not all 0", path)

    def network(self, text: str, addresses: int, *path: str | int) -> None:
        """A network that has room for so many addresses besides its own and its broadcast address."""
        try:
            network = ip_network(text)
        except ValueError as fault:
            self.wrong(f"{dotted(path)} is no network: {fault}", path)
            return
        if addresses < 1 or addresses > network.num_addresses - 2:
            self.wrong(f"{dotted(path)}: {addresses:,} addresses do not fit in {text}", path)

    def known(self, value: str, known: Iterable[str], *path: str | int) -> None:
        """A name is one of those known."""
        if value not in (names := set(known)):
            self.wrong(f"{dotted(path)} names {value!r}", path, f"Known: {', '.join(sorted(names))}")

    def once(self, values: Sequence[str], *path: str | int) -> None:
        """No name stands twice."""
        for value in sorted({value for value in values if values.count(value) > 1}):
            self.wrong(f"{dotted(path)} has {value!r} more than once", path)


def _element(entries: list[Any], part: str) -> int | None:
    if part.isdecimal():
        return int(part) if int(part) < len(entries) else None
    for at, entry in enumerate(entries):
        if isinstance(entry, dict) and entry.get("id") == part:
            return at
    return None


def _labels(entries: list[Any]) -> list[str]:
    ids = [str(entry["id"]) for entry in entries if isinstance(entry, dict) and "id" in entry]
    return ids or [f"0 to {len(entries) - 1}"]


def flat(table: Mapping[str, Any], before: str = "") -> dict[str, object]:
    """Nested tables as one table of dotted names."""
    out: dict[str, object] = {}
    for key, value in table.items():
        name = f"{before}.{key}" if before else key
        if isinstance(value, Mapping):
            out |= flat(value, name)
        else:
            out[name] = value
    return out


def parse_overrides(texts: Iterable[str]) -> dict[str, object]:
    """`KEY=VALUE` as a dotted name and a TOML value; what is no TOML value is a text.

    Raises `FaultsError` naming each that has no key or no value.
    """
    out: dict[str, object] = {}
    faults = []
    for text in texts:
        key, equals, value = text.partition("=")
        key, value = key.strip(), value.strip()
        if not key or not equals or not value:
            hint = "Write KEY=VALUE, as in device.app.share=0.3"
            fault = Fault(code=CODE, message="is no KEY=VALUE", where=Where(item=text), hint=hint)
            faults.append(fault)
            continue
        try:
            parsed = parse_toml(f"value = {value}", name=key).data
            out[key] = parsed["value"] if len(parsed) == 1 else value
        except FaultsError:
            out[key] = value
    if faults:
        raise FaultsError(CODE, faults)
    return out


def finish(item: T | None, *readings: Reading) -> T:
    """The item, or `FaultsError` with every fault of all readings."""
    faults = [fault for reading in readings for fault in reading.faults]
    if item is None or faults:
        raise FaultsError(CODE, faults)
    return item
