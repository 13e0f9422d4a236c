"""Looks for a part in the passages of one language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from whosaw.packs.languages import Language, load_language

from .clauses import categories_in
from .dates import days
from .numbers import figures
from .parts import Part, PartCase, Way
from .phrases import PLACEHOLDERS, Finder
from .text import Passage, blocks_of_plain, fold, passages_of

__all__ = ["case_fault", "find"]

_EMAIL: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_LINK: Final = re.compile(
    r"https?://\S{3,}|(?<![\w@.])(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}(?![\w@])(?:/\S{0,200})?"
)
_TELEPHONE: Final = re.compile(r"(?<![\w.,-])\+?\(?\d(?:[\s().-]{0,2}\d){5,16}(?![\w,]\d)")


def find(part: Part, passages: Sequence[Passage], *, organisation: str = "") -> Passage | None:
    """The first passage in which the part is said; None where it is said in none."""
    language = load_language(part.language)
    for way in part.ways:
        places = _places(way, passages, language, organisation)
        if len(places) >= way.times:
            return places[0]
    return None


def _places(way: Way, passages: Sequence[Passage], language: Language, organisation: str) -> list[Passage]:
    found: list[Passage] = []
    for at, first in enumerate(passages):
        window = passages[at : at + way.within]
        if not _said(way.all[0], [first], language, organisation):
            continue
        if not all(_said(phrase, window, language, organisation) for phrase in way.all):
            continue
        if not any(_said(phrase, window, language, organisation) for phrase in way.unless):
            found.append(first)
    return found


def _said(phrase: str, window: Sequence[Passage], language: Language, organisation: str) -> bool:
    if phrase in PLACEHOLDERS:
        return any(_holds(phrase, each, language, organisation) for each in window)
    finder = Finder(language.reading)
    return any(finder.pattern(phrase).search(each.folded) is not None for each in window)


def _holds(placeholder: str, passage: Passage, language: Language, organisation: str) -> bool:
    text = passage.folded
    match placeholder:
        case "{date}":
            return bool(days(passage, language))
        case "{dated}":
            return any(day.at == 0 for day in days(passage, language)[:1])
        case "{number}":
            return bool(figures(passage, language))
        case "{category}":
            return bool(categories_in(text, language))
        case "{email}":
            return _EMAIL.search(text) is not None
        case "{telephone}":
            for day in days(passage, language):
                text = text.replace(day.written, " ")
            return _TELEPHONE.search(text) is not None
        case "{link}":
            return _LINK.search(_EMAIL.sub(" ", text)) is not None
        case _:
            return bool(organisation) and fold(organisation) in text


def case_fault(part: Part, case: PartCase) -> str | None:
    """Why a case of a part does not give what it states; None where it does."""
    passages = passages_of(blocks_of_plain(case.text))
    found = find(part, passages) is not None
    if found is case.found:
        return None
    return f"{'is found' if found else 'is not found'} in {case.text.strip()[:80]!r}"
