"""Phrases of words, found again in names that are taken apart into words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from whosaw.core.name_words import folded, words_of

__all__ = ["Found", "Phrases"]

_DIGITS = re.compile(r"(?<=[^\d])\d+$")
_MOST_WORDS = 6
_MOST_ASKED = 20_000  # names whose phrases are kept, for documents name the same fields again and again
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[Row]):
    """A phrase that stands in a name, from word `start` to `end` (out), and what it says."""

    start: int
    end: int
    letters: int
    row: Row


@dataclass(slots=True)
class Phrases(Generic[Row]):
    """Phrases with what each says. The first row that gives a phrase keeps it."""

    rows: dict[tuple[str, ...], Row] = field(default_factory=dict)
    joined: dict[str, Row] = field(default_factory=dict)
    inside: dict[str, Row] = field(default_factory=dict)  # of scripts that part no words
    asked: dict[tuple[str, ...], list[Found[Row]]] = field(default_factory=dict, repr=False)

    def add(self, row: Row, phrases: Iterable[str], inside: Iterable[str] = ()) -> None:
        for phrase in phrases:
            words = folded(words_of(phrase))
            self.rows.setdefault(words, row)
            self.joined.setdefault("".join(words), row)
        for part in inside:
            self.inside.setdefault(part, row)
        self.asked.clear()

    def all_in(self, words: tuple[str, ...]) -> list[Found[Row]]:
        """Every phrase in a name, by where it ends, then the longer ones last."""
        if (held := self.asked.get(words)) is not None:
            return held
        found = self._all_in(words)
        if len(self.asked) < _MOST_ASKED:
            self.asked[words] = found
        return found

    def _all_in(self, words: tuple[str, ...]) -> list[Found[Row]]:
        plain = folded(words)
        found = self._in(plain)
        if not found:
            bare = folded(_DIGITS.sub("", word) for word in words)
            found = self._in(bare) if bare != plain else []
        whole = "".join(plain)
        if not found and len(words) >= 1 and (row := self.joined.get(whole)) is not None:
            found = [Found(start=0, end=len(words), letters=len(whole), row=row)]
        for part, row in self.inside.items():
            if (at := whole.find(part)) >= 0:
                # where words are not parted, letters stand for them
                found.append(Found(start=at, end=at + len(part), letters=len(part), row=row))
        return sorted(found, key=lambda each: (each.end, each.letters))

    def _in(self, words: tuple[str, ...]) -> list[Found[Row]]:
        return [
            Found(start=start, end=end, letters=sum(map(len, words[start:end])), row=row)
            for start in range(len(words))
            for end in range(start + 1, min(len(words), start + _MOST_WORDS) + 1)
            if (row := self.rows.get(words[start:end])) is not None
        ]

    def longest(self, words: tuple[str, ...]) -> Found[Row] | None:
        """The phrase that explains most letters; of two, the one that ends later."""
        return max(self.all_in(words), key=lambda each: (each.letters, each.end), default=None)

    def whole(self, words: tuple[str, ...]) -> Row | None:
        """What the name says as a whole: nothing stands beside the phrase but a number."""
        plain = folded(words)
        for tried in (plain, folded(_DIGITS.sub("", word) for word in words)):
            if (row := self.rows.get(tuple(word for word in tried if word))) is not None:
                return row
        return self.joined.get("".join(plain)) or self.inside.get("".join(plain))
