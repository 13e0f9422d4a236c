"""Takes typed values out of the tables of a file that a person wrote, and notes every fault with its line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from whosaw.core.errors import Fault
from whosaw.packs.toml_file import TomlFile

from .moments import Moment

__all__ = ["Table"]

_TIME = "a time with an offset such as 2025-11-17T16:00:00+09:00, a day, or two of them as [from, to]"


@dataclass(slots=True)
class Table:
    """One table of a file. Each method returns what stands there, or an empty value after noting a fault."""

    file: TomlFile
    code: str
    faults: list[Fault]
    item: str | None = None
    at: tuple[str | int, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    @classmethod
    def top(cls, file: TomlFile, code: str, faults: list[Fault], item: str | None = None) -> Table:
        return cls(file=file, code=code, faults=faults, item=item, values=file.data)

    def fault(self, message: str, *path: str | int, hint: str = "") -> None:
        self.faults.append(self.file.fault(self.code, message, *self.at, *path, item=self.item, hint=hint))

    def has(self, key: str) -> bool:
        return key in self.values

    def raw(self, key: str) -> Any:
        """The value as it is, for what has a reader of its own."""
        self._taken.add(key)
        return self.values.get(key)

    def _take(self, key: str, kinds: type | tuple[type, ...], words: str, *, required: bool) -> Any:
        value = self.raw(key)
        if value is None:
            if required:
                self.fault(f"{key} is missing")
            return None
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            self.fault(f"{key} must be {words}", key)
            return None
        return value

    def text(self, key: str, *, required: bool = True, one_of: Iterable[str] = ()) -> str:
        value = self._take(key, str, "a text", required=required)
        if value is None:
            return ""
        if not value.strip():
            self.fault(f"{key} is empty", key)
        elif (known := tuple(one_of)) and value not in known:
            self.fault(f"{key} is {value!r}", key, hint=f"It must be one of {', '.join(known)}")
        return str(value)

    def texts(self, key: str, *, required: bool = True, one_of: Iterable[str] = ()) -> tuple[str, ...]:
        value = self._take(key, list, "a list of texts", required=required)
        if value is None:
            return ()
        if not all(isinstance(each, str) and each.strip() for each in value):
            self.fault(f"{key} must be a list of texts", key)
            return ()
        known = tuple(one_of)
        for each in value:
            if known and each not in known:
                self.fault(f"{key} holds {each!r}", key, hint=f"Known: {', '.join(known)}")
        return tuple(value)

    def whole(self, key: str, *, required: bool = True, least: int = 0) -> int | None:
        value = self._take(key, int, "a whole number", required=required)
        if value is not None and value < least:
            self.fault(f"{key} must be at least {least}", key)
            return None
        return None if value is None else int(value)

    def number(self, key: str, *, required: bool = True) -> Decimal | None:
        """Zero or more. A fraction is read from its written digits, so 0.03 stays 0.03."""
        value = self._take(key, (int, float), "a number", required=required)
        if value is None:
            return None
        found = Decimal(str(value))
        if not found.is_finite() or found < 0:
            self.fault(f"{key} must be zero or more", key)
            return None
        return found

    def flag(self, key: str, *, required: bool = False) -> bool | None:
        value = self._take(key, bool, "true or false", required=required)
        return None if value is None else bool(value)

    def day(self, key: str, *, required: bool = True) -> date | None:
        value = self._take(key, date, "a day such as 2026-09-11", required=required)
        if isinstance(value, datetime):
            self.fault(f"{key} must be a day without a time", key)
            return None
        return None if value is None else date.fromisoformat(value.isoformat())

    def moment(self, key: str, zone: tzinfo, *, required: bool = True) -> Moment | None:
        """A time, a local day of `zone`, or a list of two: from the first to the end of the second."""
        value = self._take(key, (datetime, date, list), _TIME, required=required)
        if value is None:
            return None
        ends = value if isinstance(value, list) else [value]
        if len(ends) > 2 or not ends or not all(isinstance(each, date | datetime) for each in ends):
            self.fault(f"{key} must be {_TIME}", key)
            return None
        found: list[Moment] = []
        for each in ends:
            if not isinstance(each, datetime):
                found.append(Moment.on(each, zone))
            elif each.tzinfo is None:
                self.fault(f"{key} has no offset", key, hint="Add Z or an offset such as +09:00")
                return None
            else:
                found.append(Moment.at(each))
        if found[-1].latest < found[0].earliest:
            self.fault(f"{key} ends before it starts", key)
            return None
        return Moment(earliest=found[0].earliest, latest=found[-1].latest)

    def inner(self, key: str, *, required: bool = False) -> Table:
        """The table under `key`; an empty one when it is absent."""
        value = self._take(key, dict, "a table", required=required)
        return self._child((key,), value or {})

    def each(self, key: str, *, required: bool = False) -> Sequence[Table]:
        """Each table of the array under `key`."""
        value = self._take(key, list, "an array of tables", required=required)
        found = []
        for number, one in enumerate(value or ()):
            if isinstance(one, dict):
                found.append(self._child((key, number), one))
            else:
                self.fault(f"{key} must be an array of tables", key)
        if required and value is not None and not found:
            self.fault(f"{key} is empty", key)
        return found

    def _child(self, path: tuple[str | int, ...], values: dict[str, Any]) -> Table:
        return Table(
            file=self.file,
            code=self.code,
            faults=self.faults,
            item=self.item,
            at=(*self.at, *path),
            values=values,
        )

    def done(self) -> None:
        """Note each key nobody asked for: a misspelt key must not be passed over."""
        for key in self.values:
            if key not in self._taken:
                known = ", ".join(sorted(self._taken))
                self.fault(f"{key} is not known here", key, hint=f"Known: {known}")
