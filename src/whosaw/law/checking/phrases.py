"""Phrases: how items say what to look for. Compiled to expressions of a bounded shape, so no item can make a search run away.

`change|reset ~ password* / hang up`: words of which any may stand, a gap of up to six words (`~`) or of up to twenty (`~~`), a word that may go on (`*`), words
that stand together (`no_one`), and another way to say it (`/`). In a language that writes words together, a word is looked for inside longer ones.
`@data` are the words of that list of the language's lexicon, `not:vuj*` a stem after the prefixes of that name (Swahili: who, when and whom
stand before the stem), and `막+` every form of a Korean verb by its stem. `#` is a number in figures, and `^` at the front stands for the beginning of what is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from whosaw.packs.languages import Lexicon, Reading

from .hangul import forms_of

__all__ = ["PLACEHOLDERS", "Finder", "phrase_fault"]

PLACEHOLDERS: Final = (
    "{category}",
    "{kind}",
    "{date}",
    "{dated}",
    "{number}",
    "{telephone}",
    "{email}",
    "{link}",
    "{organisation}",
)
_LONGEST: Final = 1500
_MOST_WORDS: Final = 12
_MOST_GAPS: Final = 3
_MOST_CHOICES: Final = 120
_GAPS: Final = {"~": r"(?:\W{1,4}\w{1,30}){0,6}?", "~~": r"(?:\W{1,4}\w{1,30}){0,20}?"}
_UNCHANGED: Final = frozenset(
    {"not", "no", "on", "or", "for"}
)  # notes, noes, ones, ores, fores are other words
_WORD: Final = re.compile(r"\*?[^\s*|~{}/]+\*?(?:\|\*?[^\s*|~{}/]+\*?)*")


def phrase_fault(phrase: str) -> str | None:
    """Why a phrase is refused, or None when it is fine."""
    if phrase in PLACEHOLDERS:
        return None
    if any(len(way) > _LONGEST for way in phrase.split(" / ")):
        return f"is longer than {_LONGEST} characters"
    return next((why for each in phrase.split(" / ") if (why := _way_fault(each)) is not None), None)


def _way_fault(way: str) -> str | None:
    words = way.split()
    if words[:1] == ["^"]:
        words = words[1:]
    if not words or len(words) > _MOST_WORDS:
        return f"is empty, or longer than {_MOST_WORDS} words"
    if sum(word in _GAPS for word in words) > _MOST_GAPS:
        return f"has more than {_MOST_GAPS} gaps"
    if words[0] in _GAPS or words[-1] in _GAPS:
        return "begins or ends with a gap"
    if any(one in _GAPS and other in _GAPS for one, other in pairwise(words)):
        return "has two gaps in a row"
    for word in words:
        if word not in _GAPS and (not _WORD.fullmatch(word) or word.count("|") >= _MOST_CHOICES):
            return f"has a word that cannot be read: {word!r}"
    return None


class Finder:
    """Finds phrases in folded text of one language (see `Passage.folded`)."""

    def __init__(self, reading: Reading) -> None:
        self._joined = reading.joined
        self._endings = reading.endings
        self._lexicon = reading.lexicon

    def first(self, phrases: Iterable[str], text: str) -> re.Match[str] | None:
        """The first place of the first phrase that is found."""
        for phrase in phrases:
            if (found := self.pattern(phrase).search(text)) is not None:
                return found
        return None

    def pattern(self, phrase: str) -> re.Pattern[str]:
        """The expression of a phrase. Raises `ValueError` for one that is refused."""
        return _compiled(phrase, self._joined, self._endings, self._lexicon)

    def names(self, names: Iterable[str]) -> re.Pattern[str]:
        """One expression for plain names, the longest first. Short ones of a joined language begin a word."""
        made = [
            _name(each, joined=self._joined, endings=self._endings)
            for each in sorted(set(names), key=lambda one: (-len(one), one))
        ]
        return re.compile("|".join(made)) if made else re.compile(r"(?!)")


@lru_cache(maxsize=20_000)
def _compiled(phrase: str, joined: bool, endings: tuple[str, ...], lexicon: Lexicon) -> re.Pattern[str]:
    if (fault := phrase_fault(phrase)) is not None:
        raise ValueError(f"{phrase!r} {fault}")
    language = _Words(joined=joined, endings=endings, lexicon=lexicon)
    body = "|".join(language.body(each.split()) for each in phrase.casefold().split(" / "))
    return re.compile(body if joined else rf"(?<!\w)(?:{body})(?!\w)")


@dataclass(frozen=True, kw_only=True)
class _Words:
    """Makes expressions of the words of one language."""

    joined: bool
    endings: tuple[str, ...]
    lexicon: Lexicon

    def body(self, words: list[str]) -> str:
        if words[0] == "^":
            return r"^\W{0,4}" + self.body(words[1:])
        separator = r"\w{0,8}\W{0,4}" if self.joined else r"\W{1,4}"
        parts: list[str] = []
        for word in words:
            if (gap := _GAPS.get(word)) is not None:
                parts.append(r"\w{0,8}" + gap if self.joined else gap)
                continue
            if parts:
                after_gap = self.joined and parts[-1].endswith(tuple(_GAPS.values()))
                parts.append(r"\W{0,4}\w{0,6}" if after_gap else separator)
            parts.append("(?:" + "|".join(dict.fromkeys(self.choices(word.split("|")))) + ")")
        return "".join(parts)

    def choices(self, words: Iterable[str]) -> Iterator[str]:
        for word in words:
            if word.startswith("@"):
                if word[1:] not in self.lexicon.words:
                    raise ValueError(f"there is no list {word} in the lexicon")
                yield from self.choices(self.lexicon.words[word[1:]])
            else:
                yield self.one(word)

    def one(self, word: str) -> str:
        if word == "#":
            return r"\d[\d,.]{0,12}"
        name, stem = word.partition(":")[::2]
        if stem:
            places = self.lexicon.prefixes.get(name)
            if places is None:
                raise ValueError(f"there are no prefixes {name}: in the lexicon")
            before = "".join(f"(?:{'|'.join(map(re.escape, each))})" for each in places)
            return before + self.one(stem)
        if word.endswith("+"):
            return "(?:" + "|".join(map(re.escape, forms_of(word[:-1]))) + ")"
        text = re.escape(word.strip("*")).replace("_", r"\W{0,4}" if self.joined else r"\W{1,4}")
        if self.joined:  # a number is none inside a longer one
            return rf"(?<!\d){text}(?!\d)" if text.isdecimal() else text
        ending = r"\w{0,20}" if word.endswith("*") else "" if text in _UNCHANGED else _ending(self.endings)
        return (r"\w{0,20}" if word.startswith("*") else "") + text + ending


def _ending(endings: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(re.escape(each) for each in endings)})?" if endings else ""


def _name(name: str, *, joined: bool, endings: tuple[str, ...]) -> str:
    words = re.findall(r"\w+", name.casefold())
    if joined:
        text = r"[^\w,;:()|]{0,2}".join(re.escape(each) for each in words)
        return text if len("".join(words)) > 2 else rf"(?<!\w){text}"
    text = r"[^\w,;:()|]{1,3}".join(re.escape(each) for each in words)
    return rf"(?<!\w){text}{_ending(endings)}(?!\w)"
