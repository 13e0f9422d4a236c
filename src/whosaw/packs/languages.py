"""The words of a language, as items under `data/languages/LANGUAGE`: its names for categories, its words for a leak, and how
texts in it are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from whosaw.core.errors import WhosawError

from .toml_file import load_toml

__all__ = [
    "CategoryWords",
    "DateWords",
    "Language",
    "NumberWords",
    "Reading",
    "language_codes",
    "language_folder",
    "load_language",
    "read_words",
    "words_file",
]

_FOLDER = Path(__file__).resolve().parent.parent / "data" / "languages"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryWords:
    """What people call a category of data: `name` for our own texts, `also` for reading those of others."""

    name: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberWords:
    """How numbers are written. `scales` stand before the number they multiply where `scale_first`. The words in `about`, `least`,
    `most` and `only` stand before a number, or after it too where `after`."""

    thousands: tuple[str, ...]
    decimal: str
    scales: Mapping[str, int]
    scale_first: bool
    small: Mapping[str, int]
    hundred: str
    joiner: str
    about: tuple[str, ...]
    least: tuple[str, ...]
    most: tuple[str, ...]
    only: tuple[str, ...]
    after: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DateWords:
    """How days are written. `months` hold the names of each month in turn. `slashed` is the order of 6/11/2025, empty where it
    cannot be told. `aware` and `happened` are phrases that say what a date is of."""

    months: tuple[tuple[str, ...], ...]
    slashed: str
    aware: tuple[str, ...]
    happened: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How texts in a language are read. All but `script`, `endings` and `common` are phrases.

    `joined`: words are written together with others. `common` are the words by which the language is recognised.
    `clauses` begin a part of a sentence with its own yes or no; `denied` says that something was not seen, `elided` turns what was
    said just before into its opposite ("but codes were not"), `unsure` that it is not
    known, `disclosed` that it was, and a part with `aside` speaks of something else than what was seen.
    """

    script: str
    joined: bool
    endings: tuple[str, ...]
    common: frozenset[str]
    clauses: tuple[str, ...]
    denied: tuple[str, ...]
    elided: tuple[str, ...]
    unsure: tuple[str, ...]
    disclosed: tuple[str, ...]
    aside: tuple[str, ...]
    numbers: NumberWords
    units: Mapping[str, tuple[str, ...]]
    dates: DateWords


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language. `leak_word` is the word that the law uses and `leak` phrases that say it; `euphemisms` stand in for it and
    must not."""

    code: str
    name: str
    native: str
    leak_word: str
    leak: tuple[str, ...]
    euphemisms: tuple[str, ...]
    categories: Mapping[str, CategoryWords]
    how_read: Reading | None = None

    @property
    def reading(self) -> Reading:
        """How its texts are read. Raises `WhosawError` for a language that is only written."""
        if self.how_read is None:
            raise WhosawError("language.reading", f"nothing says how texts in {self.name} are read")
        return self.how_read

    def category(self, key: str) -> CategoryWords:
        """The words for a category; of its nearest parent where it has none of its own. Raises `WhosawError`."""
        part = key
        while part:
            if part in self.categories:
                return self.categories[part]
            part = part.rpartition(".")[0]
        raise WhosawError("language.category", f"{self.name} has no word for the category {key}")


def language_folder(code: str) -> Path:
    """Where the items of a shipped language are."""
    return _FOLDER / code


def language_codes(own: Path | None = None) -> tuple[str, ...]:
    """Every language that is shipped, and those in the folder `own`."""
    folders = [_FOLDER, *([own] if own is not None else [])]
    found = {
        each.name for folder in folders for each in folder.iterdir() if (each / "language.toml").is_file()
    }
    return tuple(sorted(found))


def words_file(code: str, *parts: str, own: Path | None = None) -> Path:
    """A file of a language: that in the folder `own` where it is there, else the shipped one where there is one."""
    shipped = _FOLDER.joinpath(code, *parts).with_suffix(".toml")
    if own is None:
        return shipped
    mine = own.joinpath(code, *parts).with_suffix(".toml")
    return shipped if shipped.is_file() and not mine.is_file() else mine


def read_words(code: str, *parts: str, own: Path | None = None) -> dict[str, Any]:
    """A further file of a language as it is, such as `read_words("ko", "notice", "letter")`."""
    return load_toml(words_file(code, *parts, own=own)).data


@cache
def load_language(code: str, own: Path | None = None) -> Language:
    """A shipped language, or one in the folder `own`, whose files go before. Raises `WhosawError` for any other."""
    if code not in language_codes(own):
        raise WhosawError(
            "language.unknown",
            f"there are no words for the language {code!r}",
            hint=f"Known: {', '.join(language_codes(own))}",
        )
    told = read_words(code, "language", own=own)
    rows = read_words(code, "categories", own=own)["category"]
    return Language(
        code=code,
        name=told["name"],
        native=told["native"],
        leak_word=told["leak"].get("word", next(iter(told["leak"]["words"]), "")),
        leak=tuple(told["leak"]["words"]),
        euphemisms=tuple(told["leak"]["euphemisms"]),
        categories={
            row["key"]: CategoryWords(name=row["name"], also=tuple(row.get("also", ()))) for row in rows
        },
        how_read=_reading(told) if "reading" in told else None,
    )


def _reading(told: Mapping[str, Any]) -> Reading:
    reading, numbers, dates = told["reading"], told["numbers"], told["dates"]
    return Reading(
        script=reading["script"],
        joined=reading["joined"],
        endings=tuple(reading["endings"]),
        common=frozenset(reading["common"]),
        clauses=tuple(reading["clauses"]),
        denied=tuple(reading["denied"]),
        elided=tuple(reading["elided"]),
        unsure=tuple(reading["unsure"]),
        disclosed=tuple(reading["disclosed"]),
        aside=tuple(reading["aside"]),
        numbers=NumberWords(
            thousands=tuple(numbers["thousands"]),
            decimal=numbers["decimal"],
            scales=dict(numbers["scales"]),
            scale_first=numbers["scale_first"],
            small=dict(numbers["small"]),
            hundred=numbers["hundred"],
            joiner=numbers["joiner"],
            about=tuple(numbers["about"]),
            least=tuple(numbers["least"]),
            most=tuple(numbers["most"]),
            only=tuple(numbers["only"]),
            after=numbers["after"],
        ),
        units={unit: tuple(words) for unit, words in told["units"].items()},
        dates=DateWords(
            months=tuple(tuple(names) for names in dates["months"]),
            slashed=dates["slashed"],
            aware=tuple(dates["aware"]),
            happened=tuple(dates["happened"]),
        ),
    )
