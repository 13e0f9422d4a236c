"""Reads the TOML items of one kind: every file of every folder, every fault at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from whosaw.core.errors import Fault, FaultsError
from whosaw.packs.durations import duration_micros
from whosaw.packs.toml_file import TomlFile, load_toml

__all__ = ["Reader", "item_files", "shipped"]

Key = str | int


def shipped(kind: str) -> Path:
    """The folder of shipped items of one kind (`detectors`, `explanations`, `context`)."""
    return Path(str(files("whosaw") / "data" / kind))


def item_files(folders: Iterable[Path], faults: list[Fault]) -> list[TomlFile]:
    """Every `*.toml` of the folders by name; unreadable ones, and ids used twice, become faults."""
    found: dict[str, TomlFile] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            try:
                file = load_toml(path)
            except FaultsError as fault:
                faults.extend(fault.faults)
                continue
            if path.stem in found:
                first = found[path.stem].name
                faults.append(
                    file.fault("item.twice", f"{path.stem} is already defined by {first}", item=path.stem)
                )
                continue
            found[path.stem] = file
    return list(found.values())


@dataclass(slots=True)
class Reader:
    """Takes typed values out of one table of an item and notes a fault for each that does not fit."""

    file: TomlFile
    item: str
    faults: list[Fault]
    at: tuple[Key, ...] = ()
    table: dict[str, Any] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, file: TomlFile, faults: list[Fault]) -> Reader:
        """A reader at the top of a file; the item's id must be the file's name."""
        stem = Path(file.name).stem
        reader = cls(file=file, item=stem, faults=faults, table=file.data)
        given = reader.text("id")
        if given and given != stem:
            reader.fault(f"id is {given!r} but the file is named {stem!r}", "id")
        return reader

    def fault(self, message: str, *path: Key, hint: str = "") -> None:
        self.faults.append(
            self.file.fault("item.invalid", message, *self.at, *path, item=self.item, hint=hint)
        )

    def _take(self, key: str, kind: type, words: str, *, required: bool) -> Any:
        self._taken.add(key)
        value = self.table.get(key)
        if value is None:
            if required:
                self.fault(f"{key} is missing")
        elif not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.fault(f"{key} must be {words}", key)
        else:
            return value
        return None

    def text(self, key: str, *, required: bool = True, one_of: Sequence[str] = ()) -> str:
        value = self._take(key, str, "a text", required=required)
        if value is None:
            return ""
        if not str(value).strip():
            self.fault(f"{key} is empty", key)
        if one_of and value not in one_of:
            self.fault(f"{key} must be one of {', '.join(one_of)}", key)
        return str(value)

    def texts(self, key: str, *, required: bool = True, one_of: Sequence[str] = ()) -> tuple[str, ...]:
        value = self._take(key, list, "a list of texts", required=required)
        if value is None:
            return ()
        if not all(isinstance(part, str) and part.strip() for part in value):
            self.fault(f"{key} must be a list of texts", key)
            return ()
        for part in value:
            if one_of and part not in one_of:
                self.fault(f"{key} holds {part!r}, which is not one of {', '.join(one_of)}", key)
        return tuple(value)

    def whole(self, key: str, *, least: int = 1, default: int | None = None) -> int:
        value = self._take(key, int, "a whole number", required=default is None)
        if value is None:
            return least if default is None else default
        if value < least:
            self.fault(f"{key} must be at least {least}", key)
        return int(value)

    def flag(self, key: str) -> bool:
        return bool(self._take(key, bool, "true or false", required=False))

    def duration(self, key: str, *, default: str | None = None) -> int:
        text = self.text(key, required=default is None) or default
        return self.micros(text, key) if text else 0

    def micros(self, text: str, *path: Key) -> int:
        try:
            return duration_micros(text)
        except ValueError as fault:
            self.fault(str(fault), *path)
            return 0

    def instant(self, key: str, *, required: bool = True) -> datetime | None:
        value = self._take(
            key, datetime, "a time with an offset, such as 2025-11-17T16:00:00+09:00", required=required
        )
        if value is None:
            return None
        moment: datetime = value
        if moment.tzinfo is None:
            self.fault(f"{key} has no offset", key, hint="Add Z or an offset such as +09:00")
            return None
        return moment

    def mapping(self, key: str, *, required: bool = False) -> dict[str, Any]:
        value = self._take(key, dict, "a table", required=required)
        return dict(value) if value is not None else {}

    def inner(self, key: str, *, required: bool = False) -> Reader:
        """A reader of the table under `key` (an empty one when it is absent)."""
        table = self.mapping(key, required=required)
        return Reader(file=self.file, item=self.item, faults=self.faults, at=(*self.at, key), table=table)

    def each(self, key: str, *, required: bool = False) -> list[Reader]:
        """A reader for each table of the array under `key`."""
        value = self._take(key, list, "an array of tables", required=required)
        readers = []
        for number, table in enumerate(value or ()):
            if not isinstance(table, dict):
                self.fault(f"{key} must be an array of tables", key)
                continue
            at = (*self.at, key, number)
            readers.append(Reader(file=self.file, item=self.item, faults=self.faults, at=at, table=table))
        return readers

    def done(self) -> None:
        """Note a fault for each key nobody asked for: a misspelt key must not be ignored."""
        for key in self.table:
            if key not in self._taken:
                known = ", ".join(sorted(self._taken))
                self.fault(f"{key} is not known here", key, hint=f"Known: {known}")
