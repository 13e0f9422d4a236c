"""A TOML item turned into dataclasses, with values overridden by dotted name; all faults gather before any is told."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from datetime import date
from ipaddress import ip_network
from math import isfinite
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from whosaw.core.errors import Fault, FaultsError, Where
from whosaw.packs.table import Key, Table, dotted
from whosaw.packs.toml_file import TomlFile, parse_toml

__all__ = ["CODE", "Reading", "finish", "flat", "parse_overrides"]

CODE = "replay-item.invalid"
T = TypeVar("T")
_KINDS: dict[type, tuple[type | tuple[type, ...], str]] = {
    int: (int, "a whole number"),
    float: ((int, float), "a number"),
    str: (str, "a text"),
    bool: (bool, "true or false"),
}


@dataclass(slots=True)
class Reading:
    """One file being turned into dataclasses; faults gather, nothing is raised before `finish`."""

    file: TomlFile
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.file = replace(self.file, data=copy.deepcopy(self.file.data), given={})

    @property
    def top(self) -> Table:
        """The whole file, as it stands after overriding."""
        return Table.top(self.file, self.faults, code=CODE, item=str(self.file.data.get("id", "")) or None)

    def wrong(self, message: str, path: Iterable[Key], hint: str = "") -> None:
        """Note a fault at `path`."""
        self.top.fault(message, *path, hint=hint)

    def override(self, name: str, value: object) -> None:
        """Put `value` in place of what stands at a dotted name; elements of lists go by position or id."""
        at: Any = self.file.data
        path: tuple[Key, ...] = ()
        parts = name.split(".")
        for depth, part in enumerate(parts):
            key: Key = part
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
                self.file.given[path] = name
            else:
                at = at[key]
        return None

    def _unknown(self, name: str, part: str, path: tuple[Key, ...], known: Sequence[str]) -> None:
        hint = f"Known: {', '.join(known)}" if known else ""
        message = f"{name} names {part!r}, which {dotted(path)} does not have"
        self.faults.append(Fault(code=CODE, message=message, where=Where(item=name), hint=hint))

    def whole(self, kind: type[T]) -> T | None:
        """A dataclass from the whole file, or None after noting what is wrong with it."""
        return self.filled(kind, self.top)

    def filled(self, kind: type[T], table: Table) -> T | None:
        """A dataclass from a table, or None after noting what is wrong with it."""
        hints = get_type_hints(kind)
        before = len(self.faults)
        found: dict[str, Any] = {}
        for each in fields(kind):  # type: ignore[arg-type]  # callers pass dataclasses only
            if not table.has(each.name):
                required = each.default is MISSING and each.default_factory is MISSING
                table.take(each.name, object, _words(hints[each.name]), required=required)
                continue
            found[each.name] = self._value(hints[each.name], table, each.name)
        table.rest_unknown()
        return kind(**found) if len(self.faults) == before else None

    def _value(self, kind: Any, table: Table, key: Key) -> Any:
        """The value under `key` as that type, or None after noting that it is of another."""
        origin, inner = get_origin(kind), get_args(kind)
        if kind is object:
            return table.raw(key)
        if origin is UnionType:
            value = table.raw(key)
            return self._value(next((each for each in inner if type(value) is each), inner[0]), table, key)
        if origin is tuple:
            entries = table.entries(key)
            return tuple(self._value(inner[0], entries, at) for at in entries.values)
        if origin is dict:
            named = table.table(key)
            return {each: self._value(inner[1], named, each) for each in named.values}
        if is_dataclass(kind):
            inside = table.optional_table(key)
            return None if inside is None else self.filled(kind, inside)  # type: ignore[arg-type]  # is_dataclass also covers instances
        if kind is date:
            return table.day(key)
        value = table.take(key, *_KINDS[kind])
        if isinstance(value, float) and not isfinite(value):
            return table.fault(f"{table.called(key)} must be a number that is not endless", key)
        return float(value) if kind is float and value is not None else value

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


def _words(kind: Any) -> str:
    """What stands under a key of that type, in words."""
    if get_origin(kind) is tuple:
        return "a list"
    return _KINDS[kind][1] if kind in _KINDS else "a day such as 2025-03-03" if kind is date else "a table"


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
