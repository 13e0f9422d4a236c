"""Sentences of the use cases in the language of whoever reads them.

What was found, counted and sealed is kept as English sentences, byte for byte, and old workspaces and other people's bundles hold them as
well. So a page knows a sentence by its form: `data/web/sentences.toml` has each English form with places, and the same in each language;
items bring the words of their own beside the English (`[text.ko]`). What a place holds is read out of the sentence and written anew.

Places: `{n}` a number, `{at}` an instant or a day, `{x}` something that is told as it stands (a name, an identifier, somebody's own words),
`{who}` and `{people}` as titles of findings have them, `{s}` a sentence or part of one that has a form itself. Digits tell places of one
kind apart: `{n2}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Final

from babel.dates import format_skeleton

from whosaw.core.client import NAMES
from whosaw.core.errors import WhosawError
from whosaw.core.instants import MONTHS, parse_instant
from whosaw.packs.item_words import item_words
from whosaw.packs.toml_file import load_toml

from .reader import CATALOGUES, Reader

__all__ = ["FORMS", "PLACE", "sentence"]

FORMS: Final = CATALOGUES.parent / "sentences.toml"
PLACE: Final = re.compile(r"\{((n|at|x|s|who|people)\d?)\}")
_MONTH: Final = f"(?:{'|'.join(MONTHS)})"
_ISO: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"
_WRITTEN: Final = rf"\d{{1,2}} {_MONTH} \d{{4}}(?:, \d\d:\d\d(?::\d\d)?)?"
_HOLDS: Final = {
    "n": r"\d[\d,]*(?:\.\d+)?",
    "at": rf"{_ISO}|{_WRITTEN}",
    "x": r"(?:(?!\. ).)+?",
    "s": r".+?",
    "who": r"(?:One|[\d,]+) [^:;.]+?",
    "people": r"(?:(?:at least |up to )?[\d,]+|unnamed) (?:people|person)",
}
_LONGEST: Final = 4_000  # characters; no use case says more at once, and somebody else's bundle may
_NESTED: Final = ("s", "who", "people")
_PARTS: Final = ("; ", ". ")
_TRAIT: Final = re.compile(rf"(: |, )({'|'.join(NAMES)}) ")
_CLIENT: Final = re.compile(rf"c\d+: (?:{'|'.join(NAMES)}) [^:]*(?::[^ ][^:]*)*")
_DAY: Final = re.compile(rf"(\d{{1,2}}) ({_MONTH})|({_MONTH}) (\d{{4}})")


class _Form:
    """An English form and what it is in one language."""

    __slots__ = ("_pattern", "_told", "mark")

    def __init__(self, english: str, told: str) -> None:
        parts = PLACE.split(english)
        pattern = "".join(
            re.escape(part) if at % 3 == 0 else f"(?P<{part}>{_HOLDS[parts[at + 1]]})" if at % 3 == 1 else ""
            for at, part in enumerate(parts)
        )
        self.mark = max(parts[::3], key=len)  # asked for first: it costs less than the pattern
        self._pattern = re.compile(pattern, re.DOTALL)
        self._told = told

    def said(self, text: str, reader: Reader) -> str | None:
        """None where the text is of another form."""
        if (found := self._pattern.fullmatch(text)) is None:
            return None
        told = {}
        for name, held in found.groupdict().items():
            kind = name.rstrip("0123456789")
            inner = (
                sentence(reader, held)
                if kind in _NESTED
                else _instant(held, reader)
                if kind == "at"
                else held
            )
            if inner is None:
                return None
            told[name] = inner
        return PLACE.sub(lambda place: told[place[1]], self._told)


@lru_cache(maxsize=1 << 13)
def sentence(reader: Reader, text: str) -> str | None:
    """The text in the language of the reader; None where it is in no form that is known, so that it has to be shown as the English that it
    is. A text of several sentences is one where each of them is."""
    if reader.language == "en":
        return text
    if len(text) > _LONGEST:
        return None
    text = " ".join(text.split())
    whole = reader.place(text) or reader.words.gettext(text)
    if whole != text:
        return whole
    plain, forms = _forms(reader.language)
    if text in plain:
        return plain[text]
    for form in forms:
        if form.mark in text and (said := form.said(text, reader)) is not None:
            return said
    return _day(text, reader) or _client(text, reader) or _in_parts(reader, text)


def _in_parts(reader: Reader, text: str) -> str | None:
    if text.endswith(".") and (told := sentence(reader, text[:-1])) is not None:
        return f"{told}."
    for between in _PARTS:
        first, found, rest = text.partition(between)
        while found:
            head = sentence(reader, first + between.rstrip() if between == ". " else first)
            if head is not None and (tail := sentence(reader, rest)) is not None:
                return f"{head}{' ' if between == '. ' else between}{tail}"
            more, found, rest = rest.partition(between)
            first = f"{first}{between}{more}"
    return None


@cache
def _forms(language: str) -> tuple[Mapping[str, str], list[_Form]]:
    """Sentences without places, and forms with some: those with most words of their own first, so that the closest one is taken."""
    plain, placed = {}, []
    for english, told in _words(language):
        if PLACE.search(english):
            placed.append((english, told))
        else:
            plain[english] = told
    placed.sort(key=lambda each: (-len(PLACE.sub("", each[0])), each[0]))
    return plain, [_Form(*each) for each in placed]


def _words(language: str) -> Iterator[tuple[str, str]]:
    for english, told in load_toml(FORMS).data.items():
        yield english, told[language]
    for english, told in item_words():
        if language in told:
            yield english, told[language]


def _instant(text: str, reader: Reader) -> str | None:
    """An instant as the reader writes it: one of UTC on their clock, one that was written for a picture on the clock it is on."""
    try:
        if text[4] == "-":
            return reader.instant(parse_instant(text))
        return reader.written(_read(text), parts=text.count(":"))
    except (WhosawError, OverflowError, ValueError):
        return None


def _read(text: str) -> datetime:
    """What a picture says, of whatever zone that is: it is written again and never reckoned with."""
    day, month, year, *clock = re.split(r",? |:", text)
    hour, minute, second = [*(int(each) for each in clock), 0, 0, 0][:3]
    return datetime(int(year), MONTHS.index(month) + 1, int(day), hour, minute, second, tzinfo=UTC)


def _client(text: str, reader: Reader) -> str | None:
    """A client by its number with what is known of it: c79: address 1***4, agent agent/1."""
    if _CLIENT.fullmatch(text) is None:
        return None
    return _TRAIT.sub(lambda trait: f"{trait[1]}{sentence(reader, trait[2]) or trait[2]} ", text)


def _day(text: str, reader: Reader) -> str | None:
    """What stands below a picture: 3 Mar, Mar 2025."""
    if (found := _DAY.fullmatch(text)) is None:
        return None
    day, month, other, year = found.groups()
    at = datetime(int(year or 2000), MONTHS.index(month or other) + 1, int(day or 1), tzinfo=UTC)
    return str(format_skeleton("yMMM" if year else "MMMd", at, locale=reader.locale))
