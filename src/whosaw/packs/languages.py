"""The words of a language, as items under `data/languages/LANGUAGE`: its names for categories, its words for a leak, and how
texts in it are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from whosaw.core.errors import Fault, FaultsError, WhosawError

from .table import Table
from .toml_file import load_toml
from .words import Words, words_of

__all__ = [
    "CategoryWords",
    "DateWords",
    "Language",
    "Lexicon",
    "NumberWords",
    "Reading",
    "language_codes",
    "language_folder",
    "load_language",
    "read_language",
    "read_words",
    "words_file",
]

_CODE: Final = "language.invalid"
_TAG: Final = re.compile(r"[a-z]{2,3}\Z")
_LARGEST: Final = 10**15  # of a word such as million
_MONTHS: Final = 12
_FOLDER = Path(__file__).resolve().parent.parent / "data" / "languages"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryWords:
    """What people call a category of data: `name` for our own texts, `also` for reading those of others, `listed` for reading where
    data are listed and nowhere else, such as `phone`."""

    name: str
    also: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Lexicon:
    """Words that phrases share. `words` are lists of words by a name, written `@name` in a phrase. `prefixes` are what stands before
    the stem of a verb, as the choices of each place in turn, written `name:stem`."""

    words: Mapping[str, tuple[str, ...]]
    prefixes: Mapping[str, tuple[tuple[str, ...], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberWords:
    """How numbers are written. `small` are words for numbers, zero too. Without a `joiner` words are written together. `scales` stand before
    the number they multiply where `scale_first`. The words in `about`, `least`,
    `most` and `only` stand before a number, or after it too where `after`. Phrases in `others` tell that people are counted who got the
    data, or answered, and not those whose data they are, unless one of `included` counts the reader in. Beside a word in `totals` a number is the sum of others.
    `vague` are words for many of a unit, such as hundreds, with that unit. Phrases in `whose` tell whose data the text counts. Beside a word
    in `ordinal`, before a number or in a joined language after it, a number counts nobody: it is that of a class or a room. Words in
    `counters` count people after a number whose word begins with one of `own`, and after no other: Korean `서른 분` are thirty people, `삼십 분`
    and `30분` half an hour."""

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
    others: tuple[str, ...]
    included: tuple[str, ...]
    totals: tuple[str, ...]
    vague: Mapping[str, int]
    whose: tuple[str, ...]
    ordinal: tuple[str, ...]
    own: tuple[str, ...]
    counters: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DateWords:
    """How days are written. `months` hold the names of each month in turn. `slashed` is the order of 6/11/2025, empty where it
    cannot be told, and `short` that of 6/11. `between` are words from one day to another, and `weekdays` may
    stand before a day. `aware` and `happened` are phrases that say
    what a date is of; beside `other` it is of neither, such as the hours of an office, and beside `issued` of the text itself."""

    months: tuple[tuple[str, ...], ...]
    slashed: str
    short: str
    between: tuple[str, ...]
    weekdays: tuple[str, ...]
    aware: tuple[str, ...]
    happened: tuple[str, ...]
    other: tuple[str, ...]
    issued: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How texts in a language are read. All but `script`, `endings` and `common` are phrases.

    `joined`: words are written together with others. `common` are the words by which the language is recognised.
    `clauses` begin a part of a sentence with its own yes or no, and `breaks` begin or end one that stands for itself; `denied` says that something was not seen, `elided` turns what was
    said just before into its opposite ("but codes were not"), `unsure` that it is not
    known, `others` that other people than the reader are meant, `disclosed` that it was, and a part with `aside` speaks of something else than what was seen. `joins` stand
    between the things of a list (one with `*` in front ends a word), and `closed` says that it names no other, as does `closed_after` in
    the sentence behind it.
    """

    script: str
    joined: bool
    endings: tuple[str, ...]
    common: frozenset[str]
    clauses: tuple[str, ...]
    breaks: tuple[str, ...]
    denied: tuple[str, ...]
    elided: tuple[str, ...]
    unsure: tuple[str, ...]
    others: tuple[str, ...]
    disclosed: tuple[str, ...]
    aside: tuple[str, ...]
    joins: tuple[str, ...]
    closed: tuple[str, ...]
    closed_after: tuple[str, ...]
    numbers: NumberWords
    units: Mapping[str, tuple[str, ...]]
    dates: DateWords
    lexicon: Lexicon


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


def read_words(code: str, *parts: str, own: Path | None = None) -> Words:
    """The words of a further file of a language, such as `read_words("ko", "draft")`. Raises `FaultsError` with every fault."""
    faults: list[Fault] = []
    words = words_of(Table.top(load_toml(words_file(code, *parts, own=own)), faults, code=_CODE))
    if faults:
        raise FaultsError(_CODE, faults)
    return words


@cache
def load_language(code: str, own: Path | None = None) -> Language:
    """A shipped language, or one in the folder `own`, whose files go before. Raises `WhosawError` for any other, and `FaultsError`
    with every fault of its files `language` and `categories`."""
    if code not in language_codes(own):
        raise WhosawError(
            "language.unknown",
            f"there are no words for the language {code!r}",
            hint=f"Known: {', '.join(language_codes(own))}",
        )
    faults: list[Fault] = []
    language = read_language(code, faults, own)
    if language is None or faults:
        raise FaultsError(_CODE, faults)
    return language


def read_language(code: str, faults: list[Fault], own: Path | None = None) -> Language | None:
    """The same, after noting all faults of both files; None where one of them cannot be read."""
    read: list[Table] = []
    for name in ("language", "categories"):
        try:
            read.append(Table.top(load_toml(words_file(code, name, own=own)), faults, code=_CODE))
        except FaultsError as fault:
            faults.extend(fault.faults)
    if len(read) < 2:
        return None
    table, categories = read
    if not _TAG.match(code):
        table.fault(f"{code!r} is no language", hint="Name the folder like fr or swa (ISO 639)")
    leak = table.table("leak", required=True)
    words = leak.texts("words", some=True)
    return Language(
        code=code,
        name=table.text("name"),
        native=table.text("native"),
        leak_word=leak.text("word", required=False) or next(iter(words), ""),
        leak=words,
        euphemisms=leak.texts("euphemisms", some=True),
        categories=_categories(categories),
        how_read=_reading(table, _lexicon(code, faults, own)) if table.has("reading") else None,
    )


def _lexicon(code: str, faults: list[Fault], own: Path | None) -> Lexicon:
    path = words_file(code, "lexicon", own=own)
    if not path.is_file():
        return Lexicon(words={}, prefixes={})
    table = Table.top(load_toml(path), faults, code=_CODE)
    words, prefixes = table.table("words", required=True), table.table("prefixes")
    return Lexicon(
        words={name: words.texts(name) for name in words.values},
        prefixes={name: tuple(tuple(each) for each in prefixes.raw(name)) for name in prefixes.values},
    )


def _categories(table: Table) -> Mapping[str, CategoryWords]:
    found: dict[str, CategoryWords] = {}
    for each in table.tables("category", required=True):
        key = each.text("key")
        each.item = key or None
        if key and key in found:
            each.fault(f"{key} is named twice", "key")
        found[key] = CategoryWords(
            name=each.text("name"),
            also=each.texts("also", required=False),
            listed=each.texts("listed", required=False),
        )
    return found


def _reading(table: Table, lexicon: Lexicon) -> Reading:
    reading, units = table.table("reading"), table.table("units", required=True)
    return Reading(
        script=reading.text("script"),
        joined=reading.flag("joined", required=True),
        endings=reading.texts("endings"),
        common=frozenset(reading.texts("common")),
        clauses=reading.texts("clauses"),
        breaks=reading.texts("breaks", required=False),
        denied=reading.texts("denied"),
        elided=reading.texts("elided"),
        others=reading.texts("others", required=False),
        unsure=reading.texts("unsure"),
        disclosed=reading.texts("disclosed"),
        aside=reading.texts("aside"),
        joins=reading.texts("joins", required=False),
        closed=reading.texts("closed", required=False),
        closed_after=reading.texts("closed_after", required=False),
        numbers=_numbers(table.table("numbers", required=True)),
        units={unit: units.texts(unit) for unit in units.values},
        dates=_dates(table.table("dates", required=True)),
        lexicon=lexicon,
    )


def _numbers(table: Table) -> NumberWords:
    thousands = table.entries("thousands", required=True)
    scales, small = table.table("scales", required=True), table.table("small", required=True)
    vague = table.table("vague")
    return NumberWords(
        thousands=tuple(thousands.text(at, blank=True) for at in thousands.values),
        decimal=table.text("decimal"),
        scales={word: scales.integer(word, most=_LARGEST) for word in scales.values},
        scale_first=table.flag("scale_first", required=True),
        small={word: small.integer(word, least=0) for word in small.values},
        hundred=_if_any(table, "hundred"),
        joiner=_if_any(table, "joiner"),
        about=table.texts("about"),
        least=table.texts("least"),
        most=table.texts("most"),
        only=table.texts("only"),
        after=table.flag("after", required=True),
        others=table.texts("others", required=False),
        included=table.texts("included", required=False),
        totals=table.texts("totals", required=False),
        vague={word: vague.integer(word, most=_LARGEST) for word in vague.values},
        whose=table.texts("whose", required=False),
        ordinal=table.texts("ordinal", required=False),
        own=table.texts("own", required=False),
        counters=table.texts("counters", required=False),
    )


def _dates(table: Table) -> DateWords:
    months = table.entries("months", required=True)
    if months.values and len(months.values) != _MONTHS:
        table.fault(f"{table.called('months')} holds {len(months.values)} months and not {_MONTHS}", "months")
    return DateWords(
        months=tuple(months.texts(at) for at in months.values),
        slashed=_if_any(table, "slashed"),
        short=_if_any(table, "short") if table.has("short") else "",
        between=table.texts("between", required=False),
        weekdays=table.texts("weekdays", required=False),
        aware=table.texts("aware"),
        happened=table.texts("happened"),
        other=table.texts("other", required=False),
        issued=table.texts("issued", required=False),
    )


def _if_any(table: Table, key: str) -> str:
    """A text that is empty where a language has no such word."""
    return table.take(key, str, "a text, which may be empty") or ""
