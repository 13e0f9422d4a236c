"""Reads one table of a user's TOML file and notes every fault with its line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from whosaw.core.errors import Fault
from whosaw.packs.suggestion import did_you_mean
from whosaw.packs.toml_file import TomlFile

__all__ = ["TableReader"]

_MAX_COUNT = 2**31 - 1


@dataclass(slots=True, kw_only=True)
class TableReader:
    """One table at `path` in `file`; faults go to `faults`, and a faulty value reads as None."""

    file: TomlFile
    table: dict[str, Any]
    path: tuple[str | int, ...]
    item: str | None
    faults: list[Fault]
    _asked: set[str] = field(default_factory=set)

    def wrong(self, name: str, message: str, *, hint: str = "", code: str = "map.invalid") -> None:
        """Note a fault at `name`."""
        self.faults.append(self.file.fault(code, message, *self.path, name, item=self.item, hint=hint))

    def has(self, name: str) -> bool:
        return name in self.table

    def text(self, name: str, *, needed: bool = False, most: int = 1000) -> str | None:
        """A text that is not empty."""
        value = self._get(name, needed)
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            self.wrong(name, f"{name} must be a text")
            return None
        if len(value) > most:
            self.wrong(name, f"{name} is longer than {most} characters")
            return None
        return value

    def choice(self, name: str, known: Sequence[str], *, needed: bool = False) -> str | None:
        value = self.text(name, needed=needed)
        if value is not None and value not in known:
            hint = did_you_mean(value, known) or f"Use one of {', '.join(known)}"
            self.wrong(name, f"{value!r} is no {name} known here", hint=hint)
            return None
        return value

    def flag(self, name: str) -> bool:
        value = self._get(name, needed=False)
        if value is not None and not isinstance(value, bool):
            self.wrong(name, f"{name} is true or false")
            return False
        return bool(value)

    def count(self, name: str) -> int | None:
        """A whole number from 0 to 2,147,483,647."""
        value = self._get(name, needed=False)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_COUNT:
            self.wrong(name, f"{name} is a whole number from 0 to {_MAX_COUNT:,}")
            return None
        return value

    def texts(self, name: str, *, needed: bool = False, one: bool = False) -> tuple[str, ...]:
        """A list of texts; where `one`, a single text will do."""
        value = self._get(name, needed)
        if value is None:
            return ()
        if one and isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(entry, str) and entry for entry in value):
            self.wrong(name, f"{name} must be {'a text or ' if one else ''}a list of texts")
            return ()
        if not value:
            self.wrong(name, f"{name} is an empty list", hint="Leave it out, or name at least one")
        for entry in sorted({entry for entry in value if value.count(entry) > 1}):
            self.wrong(name, f"{name} names {entry!r} twice")
        return tuple(value)

    def inner(self, name: str, *, needed: bool = False) -> TableReader | None:
        """The reader of a table inside this one."""
        value = self._get(name, needed)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.wrong(name, f"{name} must be a table such as {name} = {{ ... }}")
            return None
        return TableReader(
            file=self.file, table=value, path=(*self.path, name), item=self.item, faults=self.faults
        )

    def instant(self, name: str, zone: tzinfo) -> datetime | None:
        """A date or time; one without an offset is read in `zone`."""
        value = self._get(name, needed=False)
        if value is None:
            return None
        if not isinstance(value, datetime) and isinstance(value, date):
            value = datetime.combine(value, time())
        if not isinstance(value, datetime):
            self.wrong(
                name, f"{name} must be a date or time without quotes", hint=f"Write {name} = 2024-01-31"
            )
            return None
        try:
            return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
        except (OverflowError, ValueError):
            self.wrong(name, f"{name} is out of range")
            return None

    def done(self, known: Iterable[str] = ()) -> None:
        """Note every key that nobody asked for."""
        known_names = {*self._asked, *known}
        for name in self.table:
            if name not in known_names:
                hint = did_you_mean(name, known_names) or f"Known are {', '.join(sorted(known_names))}"
                self.wrong(name, f"{name!r} is not known here", hint=hint, code="map.unknown-key")

    def _get(self, name: str, needed: bool) -> Any:
        self._asked.add(name)
        if name not in self.table and needed:
            self.wrong(name, f"{name} is missing")
        return self.table.get(name)
