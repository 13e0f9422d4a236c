"""Sentences that are always made alike, said in another language: `data/languages/LANGUAGE/law.toml` gives each as it is in English, by
its kind, with places for what is filled in."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from .languages import read_words

__all__ = ["PLACE", "Retold", "law_sentences", "places_of"]

PLACE: Final = re.compile(r"\{([a-z-]+)(\d*)(\?)?(?:\|([^}]*))?\}")
_ANY: Final = r"(.+?)"
_SHAPES: Final = {"number": r"(\S+)", "id": r"(\S+)"}  # these hold no blank
_FEW: Final = 25
# texts whose answers are kept: those of many pages, and no more however long a console runs
_KEPT: Final = 20_000
_Asked = tuple[str, str]
Sections = Mapping[str, Mapping[str, str]]
Name = Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What is filled in: of one kind, or anything where no section has that name. `many` is what stands between several."""

    name: str
    kind: str
    optional: bool
    many: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    """How a sentence is known, and what it is here: texts, and in between the names of places with what joins several of each."""

    known: re.Pattern[str]
    places: tuple[_Place, ...]
    says: str


class Retold:
    """Sentences by kind. `names` tell by kind what no section lists, such as countries; a place of a kind takes nothing else."""

    def __init__(self, sections: Sections, names: Mapping[str, Name] | None = None) -> None:
        self._names = names or {}
        self._exact: dict[str, dict[str, str]] = {}
        self._made: dict[str, list[_Sentence]] = {}
        for kind, texts in sections.items():
            self._exact[kind] = {each: says for each, says in texts.items() if not PLACE.search(each)}
            self._made[kind] = [
                _sentence(each, says, sections, self._names)
                for each, says in texts.items()
                if PLACE.search(each)
            ]
        self._told: dict[tuple[str, str], str | None] = {}

    def tell(self, text: str, kind: str = "") -> str | None:
        """A text of a kind, or of any, in this language; None where it is none of those that are known."""
        return self._tell(text, kind, frozenset())

    def _tell(self, text: str, kind: str, within: frozenset[_Asked]) -> str | None:
        """`within` is what is being told around it: what leads back to itself tells nothing."""
        asked = kind, text
        if asked in self._told:
            return self._told[asked]
        if asked in within:
            return None
        told = next(self._ways(text, kind, within | {asked}), None)
        if told is not None or not within:
            if len(self._told) >= _KEPT:
                self._told.clear()
            self._told[asked] = told
        return told

    def _ways(self, text: str, kind: str, within: frozenset[_Asked]) -> Iterator[str]:
        kinds = (kind,) if kind else tuple(self._exact)
        for each in kinds:
            if (exact := self._exact.get(each, {}).get(text)) is not None:
                yield exact
        if kind in self._names and (named := self._names[kind](text)) is not None:
            yield named
        for each in kinds:
            for sentence in self._made.get(each, ()):
                if (made := self._filled(sentence, text, within)) is not None:
                    yield made

    def _filled(self, sentence: _Sentence, text: str, within: frozenset[_Asked]) -> str | None:
        match = sentence.known.fullmatch(text)
        if match is None:
            return None
        filled: dict[str, str | tuple[str, ...]] = {}
        for place, value in zip(sentence.places, match.groups(), strict=True):
            told = self._placed(place, value, within)
            if told is None:
                return None
            filled[place.name] = told
        return PLACE.sub(lambda at: _joined(filled[at[1] + at[2]], at[4]), sentence.says)

    def _placed(self, place: _Place, value: str, within: frozenset[_Asked]) -> str | tuple[str, ...] | None:
        if not value:
            return "" if place.optional else None
        if place.many is not None:
            return self._several(place, value.split(place.many), within)
        told = self._tell(value, place.kind, within)
        return value if told is None and not place.kind else told

    def _several(self, place: _Place, parts: list[str], within: frozenset[_Asked]) -> tuple[str, ...] | None:
        """Each of several; what joins them may stand inside one of them, too, so that as much as is one is taken for one."""
        found: list[str] = []
        at = 0
        while at < len(parts):
            ends = range(len(parts), at, -1)
            joined = (((place.many or "").join(parts[at:end]), end) for end in ends)
            told = next(
                ((said, end) for text, end in joined if (said := self._tell(text, place.kind, within))), None
            )
            if told is None and place.kind:
                return None
            said, at = told or (parts[at], at + 1)
            found.append(said)
        return tuple(found)


def _sentence(english: str, says: str, sections: Sections, names: Collection[str]) -> _Sentence:
    places: list[_Place] = []
    known, at = "", 0
    for each in PLACE.finditer(english):
        name, number, optional, many = each.groups()
        shape = _ANY if many is not None else _shape(name, sections.get(name, ()), optional=bool(optional))
        known, at = f"{known}{re.escape(english[at : each.start()])}{shape}", each.end()
        kind = name if name in sections or name in names else ""
        places.append(_Place(name=name + number, kind=kind, optional=bool(optional), many=many))
    return _Sentence(
        known=re.compile(known + re.escape(english[at:]), re.DOTALL), places=tuple(places), says=says
    )


def _shape(name: str, texts: Collection[str], *, optional: bool) -> str:
    """What a place holds: one of a few texts, where its kind has no more, so that the place beside it ends where this one begins."""
    few = bool(texts) and not any(PLACE.search(each) for each in texts) and len(texts) <= _FEW
    if not (optional or few):
        return _SHAPES.get(name, _ANY)
    each = (".*?".join(map(re.escape, PLACE.split(text)[:: PLACE.groups + 1])) for text in texts)
    return f"((?:{'|'.join(each)}){'?' if optional else ''})"


def _joined(told: str | tuple[str, ...], many: str | None) -> str:
    return told if isinstance(told, str) else (many or "").join(told)


def places_of(text: str) -> list[str]:
    """The names of the places of a sentence, in order of the alphabet: those of a translation are the same."""
    return sorted(f"{each[1]}{each[2]}" for each in PLACE.finditer(text))


@cache
def law_sentences(language: str) -> Sections:
    """What is said of law, by kind and English text. Raises `FaultsError` with every fault."""
    found: dict[str, dict[str, str]] = {}
    for (kind, english), says in read_words(language, "law").texts.items():
        found.setdefault(kind, {})[english] = says
    return found
