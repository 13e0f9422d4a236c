"""The one reader of what a person wrote as TOML: takes typed values out of tables and notes every fault with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, overload

from whosaw.core.errors import Fault

from .durations import duration_micros
from .suggestion import did_you_mean
from .toml_file import TomlFile

__all__ = ["Key", "Table", "dotted"]

Key = str | int
MOST_CHARACTERS: Final = 10_000
MOST_ENTRIES: Final = 10_000
MOST: Final = 2**31 - 1
_SHOWN: Final = 60  # characters of a text in a fault
_OFFSET: Final = "Add Z or an offset such as +09:00"


def dotted(path: Iterable[Key]) -> str:
    """A path as a person writes it: `clause.0.id`."""
    return ".".join(str(part) for part in path) or "the file"


@dataclass(slots=True, kw_only=True)
class Table:
    """One table of a file. Each method returns what stands there, or an empty value after noting a fault; whoever reads a file
    raises all faults together at its end. `code` is that of the faults, `unknown_code` that of keys nobody asked for; `most` characters has a
    text."""

    file: TomlFile
    faults: list[Fault]
    code: str = "item.invalid"
    unknown_code: str = ""
    most: int = MOST_CHARACTERS
    item: str | None = None
    at: tuple[Key, ...] = ()
    values: Mapping[Any, Any] = field(default_factory=dict)
    _taken: set[Key] = field(default_factory=set)

    @classmethod
    def top(
        cls,
        file: TomlFile,
        faults: list[Fault],
        *,
        code: str = "item.invalid",
        unknown_code: str = "",
        most: int = MOST_CHARACTERS,
        item: str | None = None,
    ) -> Table:
        """The table of a whole file."""
        return cls(
            file=file,
            faults=faults,
            code=code,
            unknown_code=unknown_code,
            most=most,
            item=item,
            values=file.data,
        )

    @classmethod
    def of_item(cls, file: TomlFile, faults: list[Fault], *, code: str = "item.invalid") -> Table:
        """The same of an item, whose id must be the name of its file."""
        stem = Path(file.name).stem
        table = cls.top(file, faults, code=code, item=stem)
        given = table.text("id")
        if given and given != stem:
            table.fault(f"id is {_found(given)}, and the file is named {stem!r}", "id")
        return table

    def under(self, code: str) -> Table:
        """The same table, whose faults have another code."""
        return replace(self, code=code)

    @property
    def name(self) -> str:
        """The id of the item that this is a part of."""
        return self.item or ""

    def fault(self, message: str, *path: Key, hint: str = "", code: str = "") -> None:
        """Note a fault at `path` inside of this table."""
        self.faults.append(
            self.file.fault(code or self.code, message, *self.at, *path, item=self.item, hint=hint)
        )

    def has(self, key: Key) -> bool:
        return key in self.values

    def raw(self, key: Key) -> Any:
        """The value as it is, for what has a reader of its own."""
        self._taken.add(key)
        return self.values.get(key)

    def take(self, key: Key, kinds: type | tuple[type, ...], words: str, *, required: bool = True) -> Any:
        """The value if it is of one of these kinds, called `words` where it is not; else None."""
        value = self.raw(key)
        if value is None:
            if required:
                self.fault(f"{self.called(key)} is missing", hint=f"It must be {words}")
            return None
        allowed = kinds if isinstance(kinds, tuple) else (kinds,)
        if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
            self._not(key, words, value)
            return None
        return value

    def text(
        self,
        key: Key,
        *,
        required: bool = True,
        one_of: Iterable[str] = (),
        most: int | None = None,
        blank: bool = False,
    ) -> str:
        """A text that says something, of at most so many characters; one of those known, where they are named. Where `blank`,
        it may be white space."""
        value = self.take(key, str, "a text", required=required)
        if value is None:
            return ""
        if not (value if blank else value.strip()):
            self.fault(f"{self.called(key)} is empty", key, hint="It must be a text")
            return ""
        if len(value) > (longest := self.most if most is None else most):
            self.fault(f"{self.called(key)} is longer than {longest:,} characters", key)
            return ""
        return str(value) if self._known(key, value, tuple(one_of), "is") else ""

    def optional_text(
        self,
        key: str,
        *,
        one_of: Iterable[str] = (),
        most: int | None = None,
        blank: bool = False,
    ) -> str | None:
        """The same of a text that may be left out; None where it is, or is at fault."""
        return self.text(key, required=False, one_of=one_of, most=most, blank=blank) or None

    def texts(
        self,
        key: Key,
        *,
        required: bool = True,
        one_of: Iterable[str] = (),
        some: bool = False,
        or_one: bool = False,
    ) -> tuple[str, ...]:
        """A list of texts, none of them twice; at least one where `some`. Where `or_one`, a single text will do."""
        words = f"{'a text or ' if or_one else ''}a list of texts"
        value = self.take(key, (list, str) if or_one else list, words, required=required)
        if value is None:
            return ()
        found: list[Any] = [value] if isinstance(value, str) else value
        if not all(isinstance(each, str) and each.strip() for each in found):
            wrong = next(each for each in found if not (isinstance(each, str) and each.strip()))
            self.fault(f"{self.called(key)} must be {words}, and holds {_found(wrong)}", key)
            return ()
        if len(found) > MOST_ENTRIES or any(len(each) > self.most for each in found):
            self.fault(
                f"{self.called(key)} holds more than {MOST_ENTRIES:,} texts, or one longer than {self.most:,} characters",
                key,
            )
            return ()
        if some and not found:
            self.fault(f"{self.called(key)} is an empty list", key, hint="Name at least one")
        known, seen = tuple(one_of), set()
        for each in found:
            if each in seen:
                self.fault(f"{self.called(key)} names {_found(each)} twice", key)
            seen.add(each)
            self._known(key, each, known, "holds")
        return tuple(found)

    @overload
    def integer(self, key: str, *, least: int = ..., most: int = ..., default: int = ...) -> int: ...
    @overload
    def integer(self, key: str, *, least: int = ..., most: int = ..., default: None) -> int | None: ...
    def integer(self, key: str, *, least: int = 1, most: int = MOST, default: Any = ...) -> int | None:
        """A whole number from `least` to `most`; `default` where there is none, which else is a fault."""
        words = f"a whole number from {_plain(least)} {'on' if most == MOST else f'to {_plain(most)}'}"
        value = self.take(key, int, words, required=default is ...)
        if value is None:
            return least if default is ... else default
        if not least <= value <= most:
            self._not(key, words, value)
            return least
        return int(value)

    def number(self, key: str, *, required: bool = True) -> Decimal | None:
        """Zero or more. A fraction is read from its written digits, so 0.03 stays 0.03."""
        value = self.take(key, (int, float), "a number, zero or more", required=required)
        if value is None:
            return None
        found = Decimal(str(value))
        if not found.is_finite() or found < 0:
            self._not(key, "a number, zero or more", value)
            return None
        return found

    def flag(self, key: str, *, required: bool = False) -> bool:
        """True or false; false where it is left out."""
        return bool(self.take(key, bool, "true or false", required=required))

    def optional_flag(self, key: str) -> bool | None:
        """True or false; None where it is left out, or no such thing."""
        value = self.take(key, bool, "true or false", required=False)
        return None if value is None else bool(value)

    def day(self, key: Key, *, required: bool = True) -> date | None:
        """A day without a time."""
        value = self.take(key, date, "a day such as 2026-09-11", required=required)
        if isinstance(value, datetime):
            self._not(key, "a day without a time", value)
            return None
        return None if value is None else date.fromisoformat(value.isoformat())

    def instant(self, key: str, *, required: bool = True, zone: tzinfo | None = None) -> datetime | None:
        """A time with its offset. Where there is a `zone`, a day or a time without an offset will do, and is read in it."""
        words = (
            "a time with an offset, such as 2025-11-17T16:00:00+09:00"
            if zone is None
            else "a day or time without quotes, such as 2024-01-31"
        )
        value = self.take(key, datetime if zone is None else date, words, required=required)
        if value is None:
            return None
        if not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if value.tzinfo is None and zone is None:
            self.fault(f"{self.called(key)} has no offset", key, hint=_OFFSET)
            return None
        try:
            return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
        except (OverflowError, ValueError):
            self.fault(f"{self.called(key)} is out of range", key)
            return None

    def duration(self, key: str, *, default: str | None = None, least: int = 0) -> int:
        """A length of time such as 90s, 5m, 1h or 30d, in microseconds, and at least so long."""
        text = self.text(key, required=default is None) or default
        if not text:
            return 0
        try:
            found = duration_micros(text)
        except ValueError:
            found = -1
        if found < least:
            self._not(key, "a length of time such as 30s, 5m, 1h or 30d", text)
            return 0
        return found

    def micros(self, text: str, *path: Key) -> int:
        """A length of time that is the name of what stands at `path`."""
        try:
            return duration_micros(text)
        except ValueError as fault:
            self.fault(str(fault), *path)
            return 0

    def chance(self, key: str, *, required: bool = True) -> float:
        """How often luck alone does something, written `1 in 1000`; 0 where it is left out."""
        text = self.text(key, required=required)
        head, _, tail = text.partition(" in ")
        if text and (
            head != "1" or not (tail.isascii() and tail.isdigit()) or len(tail) > 12 or int(tail) < 1
        ):
            self._not(key, "written as in 1 in 1000", text)
            return 0.0
        return 1 / int(tail) if text else 0.0

    def pattern(self, key: str, check: Callable[[str], str | None], *, most: int = 1000) -> str:
        """A regular expression that `check` finds nothing wrong with; empty where there is none."""
        text = self.text(key, required=False, most=most)
        if text and (wrong := check(text)):
            self.fault(f"{self.called(key)} {wrong}", key)
            return ""
        return text

    def table(self, key: Key, *, required: bool = False) -> Table:
        """The table under `key`; an empty one where it is left out."""
        value = self.take(key, dict, "a table", required=required)
        return self._child((key,), value or {})

    def optional_table(self, key: Key, *, required: bool = False) -> Table | None:
        """The table under `key`; None where there is none."""
        value = self.take(key, dict, f"a table such as {key} = {{ ... }}", required=required)
        return None if value is None else self._child((key,), value)

    def tables(self, key: str, *, required: bool = False, most: int = MOST_ENTRIES) -> Sequence[Table]:
        """Each table of the array under `key`; at least one where it is required."""
        words = f"an array of tables, each under [[{dotted((*self._names(), key))}]]"
        value = self.take(key, list, words, required=required)
        if value is None:
            return ()
        if len(value) > most:
            self.fault(f"{self.called(key)} holds more than {most:,} tables", key)
            return ()
        found = []
        for number, one in enumerate(value):
            if isinstance(one, dict):
                found.append(self._child((key, number), one))
            else:
                self.fault(f"{self.called(key)} must be {words}, and holds {_found(one)}", key)
        if required and not value:
            self.fault(f"{self.called(key)} is empty", key, hint=f"It must be {words}")
        return found

    def entries(self, key: Key, *, required: bool = False) -> Table:
        """The list under `key` as a table of its positions; an empty one where it is left out."""
        value = self.take(key, list, "a list", required=required)
        return self._child((key,), dict(enumerate(value or ())))

    def words(self) -> None:
        """Take the words of other languages, `[text.ko]`: `whosaw.packs.item_words` reads them for pages."""
        self.take("text", dict, "a table of languages", required=False)

    def rest_unknown(self) -> None:
        """Note each key nobody asked for: a misspelt key must not be passed over."""
        for key in self.values:
            if key not in self._taken:
                known = sorted(str(each) for each in self._taken)
                hint = did_you_mean(key, known) or (f"Known: {', '.join(known)}" if known else "")
                self.fault(
                    f"{_cut(self.called(key))} is not known here", key, hint=hint, code=self.unknown_code
                )

    def _known(self, key: Key, value: str, known: Sequence[str], verb: str) -> bool:
        unknown = bool(known) and value not in known
        if unknown:
            near = did_you_mean(value, known)
            hint = f"{near + ' ' if near else ''}It must be one of {', '.join(known)}"
            self.fault(f"{self.called(key)} {verb} {_found(value)}", key, hint=hint)
        return not unknown

    def _not(self, key: Key, words: str, value: object) -> None:
        self.fault(f"{self.called(key)} must be {words}, and is {_found(value)}", key)

    def called(self, key: Key) -> str:
        """The value under `key` as a person writes its path."""
        return dotted((*self.at, key))

    def _names(self) -> tuple[str, ...]:
        return tuple(part for part in self.at if isinstance(part, str))

    def _child(self, path: tuple[Key, ...], values: Mapping[Any, Any]) -> Table:
        return Table(
            file=self.file,
            faults=self.faults,
            code=self.code,
            unknown_code=self.unknown_code,
            most=self.most,
            item=self.item,
            at=(*self.at, *path),
            values=values,
        )


def _found(value: object) -> str:
    """What stands there, short: a text, number, day or truth as it is written, or what kind of thing it is."""
    if isinstance(value, str):
        return repr(_cut(value)) if value.strip() else "an empty text"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "a list"
    return "a table" if isinstance(value, dict) else _cut(str(value))


def _plain(number: int) -> str:
    return f"{number:,}" if number >= 10_000 else str(number)  # a year has no comma


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
