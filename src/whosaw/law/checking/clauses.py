"""Parts of a passage with their own yes or no: what was seen, what was not, what is not known, and what is said by the way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from whosaw.packs.languages import Language

from .phrases import Finder
from .text import Passage

__all__ = ["Clause", "Named", "categories_in", "clauses_of", "named", "parted"]

_LIST_WORDS: Final = 16
_SEMICOLON: Final = re.compile(r"[;]\s")
_MARKS: Final = re.compile(r"[;,:]\s|\s-\s")
_ASIDE: Final = re.compile(r"\([^()]{3,200}\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A part of a passage. `says` is "seen", "not seen", "unsure", "aside" or "" (nothing of the kind)."""

    passage: Passage
    text: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A category that a text names, and what it says of it: "seen", "not seen" or "unsure"."""

    category: str
    says: str
    word: str
    passage: Passage


@lru_cache(maxsize=8)
def _category_names(language_code: str) -> tuple[re.Pattern[str], dict[str, str]]:
    from whosaw.packs.languages import load_language

    language = load_language(language_code)
    key_of: dict[str, str] = {}
    for key, words in language.categories.items():
        for name in (words.name, *words.also):
            key_of[_key(name)] = key
    names = [name for words in language.categories.values() for name in (words.name, *words.also)]
    return Finder(language.reading).names(names), key_of


def _key(name: str) -> str:
    return "".join(re.findall(r"\w+", name.casefold()))


def categories_in(text: str, language: Language) -> list[tuple[str, str]]:
    """(category, word) of every name of a category in folded text; of several that begin at one place the longest."""
    return list(_categories_in(text, language.code))


@lru_cache(maxsize=16_384)  # parts of one text are asked again and again
def _categories_in(text: str, code: str) -> tuple[tuple[str, str], ...]:
    from whosaw.packs.languages import load_language

    language = load_language(code)
    pattern, key_of = _category_names(code)
    found: list[tuple[str, str]] = []
    for each in pattern.finditer(text):
        word = each[0]
        key = key_of.get(_key(word))
        for ending in language.reading.endings if key is None else ():
            key = key or key_of.get(_key(word.removesuffix(ending)))
        if key is not None:
            found.append((key, word))
    return tuple(found)


def clauses_of(passage: Passage, language: Language) -> list[Clause]:
    """The passage cut where another yes or no begins."""
    finder = Finder(language.reading)
    return [
        Clause(passage=passage, text=part, says=_says(part, language, finder))
        for part in _cut(passage.folded, language, finder)
    ]


@lru_cache(maxsize=4096)
def parted(passage: Passage, language_code: str) -> tuple[Passage, ...]:
    """The passage in parts that each say one thing: cut at marks, where another yes or no begins, and at words that join sentences."""
    from whosaw.packs.languages import load_language

    language = load_language(language_code)
    finder = Finder(language.reading)
    phrases = (*language.reading.clauses, *language.reading.breaks)
    parts = _cut(passage.folded, language, finder, phrases, _MARKS)
    return (
        tuple(replace(passage, folded=part.strip(" ,")) for part in parts) if len(parts) > 1 else (passage,)
    )


def _cut(
    text: str,
    language: Language,
    finder: Finder,
    phrases: tuple[str, ...] = (),
    marks: re.Pattern[str] = _SEMICOLON,
) -> list[str]:
    places = [0]
    for phrase in phrases or language.reading.clauses:
        ends_word = language.reading.joined and phrase.startswith("*")
        for found in finder.pattern(phrase.strip("*")).finditer(text):
            place = found.end() if ends_word else found.start()
            if not ends_word or text[place : place + 1] in ("", " ", ",", "."):
                places.append(place)
    places += [found.end() for found in marks.finditer(text)]
    for found in _ASIDE.finditer(text):  # what stands in brackets denies for itself alone
        if finder.first(language.reading.denied, found[0]):
            places += [found.start(), found.end()]
    places = sorted({each for each in places if each < len(text)})
    return [
        text[start:end]
        for start, end in zip(places, [*places[1:], len(text)], strict=True)
        if text[start:end].strip()
    ]


def _says(text: str, language: Language, finder: Finder) -> str:
    reading = language.reading
    if finder.first(reading.aside, text):
        return "aside"
    if finder.first(reading.unsure, text):
        return "unsure"
    if finder.first(reading.denied, text):
        return "not seen"
    return "seen" if finder.first(reading.disclosed, text) else ""


def named(passages: Sequence[Passage], language: Language) -> tuple[Named, ...]:
    """Every category that passages of one language name as seen or as not seen.

    A list speaks as the passage before it does: `This was seen:` makes seen what its items name.
    """
    finder = Finder(language.reading)
    found: list[Named] = []
    leading = ""
    for passage in passages:
        clauses = clauses_of(passage, language)
        lists = _lists(passage, language, clauses)
        for at, clause in enumerate(clauses):
            said = clause.says
            here = categories_in(clause.text, language)
            if said == "" and lists:
                said = leading
            elif said == "" and at:
                said = _after(clauses[at - 1].says, turned=finder.first(language.reading.elided, clause.text))
            if said in ("seen", "not seen", "unsure"):
                found += [Named(category=key, says=said, word=word, passage=passage) for key, word in here]
        if not lists:
            leading = _leads(clauses)
    return tuple(found)


def _after(before: str, *, turned: re.Match[str] | None) -> str:
    """What a clause without a word of its own says after another one."""
    if turned is not None:
        return {"seen": "not seen", "not seen": "seen"}.get(before, "")
    return before if before != "not seen" else ""


def _lists(passage: Passage, language: Language, clauses: Sequence[Clause]) -> bool:
    """Whether a passage goes on with what the one before it began: names without a word of its own about seeing."""
    short = len(passage.folded.split()) <= _LIST_WORDS and not passage.folded.endswith((".", "!", "?"))
    quiet = (
        all(each.says == "" for each in clauses) and "|" not in passage.folded
    )  # a row has a name of its own
    return (
        quiet
        and not passage.heading
        and (passage.item or short)
        and bool(categories_in(passage.folded, language))
    )


def _leads(clauses: Sequence[Clause]) -> str:
    told = [each.says for each in clauses if each.says]
    return told[-1] if told and told[-1] != "aside" else ""
