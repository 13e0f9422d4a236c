"""Parts of a notice and how each is recognised in a language: items of phrases with their own cases, looked for in its passages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from whosaw.core.errors import Fault, FaultsError
from whosaw.packs.languages import Language, language_codes, language_folder, load_language
from whosaw.packs.table import Table
from whosaw.packs.toml_file import load_toml

from .clauses import categories_in, parted
from .dates import days
from .mentions import kinds_in
from .numbers import figures
from .numerals import has_telephone
from .phrases import PLACEHOLDERS, Finder, phrase_fault
from .text import Passage, blocks_of_plain, fold, passages_of

__all__ = ["Part", "PartCase", "Way", "case_fault", "find", "found_in", "load_parts", "read_part", "variants"]

_CODE: Final = "notice-check.item"
_MOST_WITHIN: Final = 6
# an address that nobody reads reaches nobody
_EMAIL: Final = re.compile(
    r"(?<![\w.+-])(?!(?:no|do[._-]?not)[._-]?(?:reply|response))[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}"
)
_LINK: Final = re.compile(
    r"https?://\S{3,}|(?<![\w@.])(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}(?![\w@])(?:/\S{0,200})?"
)
_TELEPHONE: Final = re.compile(r"(?<![\w.,-])\+?\(?\d(?:[\s().-]{0,2}\d){5,16}(?![\w,]\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to say it: all of these phrases, the first of them in the first of at most `within` passages that follow each other,
    and none of `unless`; so many times; and none of `nowhere` in the whole text. `within` 0 is the whole text. With `clause` all of
    that holds of one part of a passage that says one thing (see `clauses.parted`), and none of `beside` stands in the passage."""

    all: tuple[str, ...]
    unless: tuple[str, ...] = ()
    within: int = 1
    times: int = 1
    nowhere: tuple[str, ...] = ()
    clause: bool = False
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCase:
    """A text and whether the part is found in it."""

    text: str
    found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something a notice says, such as advice. Any one way is enough."""

    key: str
    language: str
    about: str
    ways: tuple[Way, ...]
    cases: tuple[PartCase, ...]

    @property
    def id(self) -> str:
        return f"languages/{self.language}/checks/{self.key}"


@cache
def load_parts() -> Mapping[tuple[str, str], Part]:
    """Every shipped part by (language, key). Raises `FaultsError` with all faults."""
    faults: list[Fault] = []
    found: dict[tuple[str, str], Part] = {}
    for code in language_codes():
        folder = language_folder(code) / "checks"
        for path in sorted(folder.glob("*.toml")):
            part = read_part(path, code, faults)
            if part is not None:
                found[code, part.key] = part
    if faults:
        raise FaultsError(_CODE, faults)
    return found


def read_part(path: Path, language: str, faults: list[Fault]) -> Part | None:
    """One item; what is wrong with it is added to `faults`."""
    item = f"languages/{language}/checks/{path.stem}"
    try:
        file = load_toml(path)
    except FaultsError as broken:
        faults.extend(broken.faults)
        return None
    before = len(faults)
    table = Table.top(file, faults, code=_CODE, item=item)
    part = Part(
        key=path.stem,
        language=language,
        about=table.text("about"),
        ways=tuple(_way(each) for each in table.tables("way", required=True)),
        cases=tuple(_case(each) for each in table.tables("case", required=True)),
    )
    table.rest_unknown()
    for wanted, said in ((True, "a text in which it is found"), (False, "a text in which it is not")):
        if not any(case.found is wanted for case in part.cases):
            table.fault(f"has no case with {said}")
    return part if len(faults) == before else None


def _case(table: Table) -> PartCase:
    found = PartCase(text=table.text("text"), found=table.flag("found"))
    table.rest_unknown()
    return found


def _way(table: Table) -> Way:
    phrases = {key: table.texts(key, required=False) for key in ("all", "any", "not", "nowhere", "beside")}
    for key, given in phrases.items():
        for each in given:
            if (why := phrase_fault(each)) is not None:
                table.fault(f"the phrase {each!r} {why}", key)
    # any of `any` is one phrase more that has to stand there
    wanted = (" / ".join(phrases["any"]), *phrases["all"]) if phrases["any"] else phrases["all"]
    if not wanted:
        table.fault("a way has no phrase in all")
    found = Way(
        all=wanted,
        unless=phrases["not"],
        within=table.integer("within", least=0, most=_MOST_WITHIN, default=1),
        times=table.integer("times", most=_MOST_WITHIN, default=1),
        nowhere=phrases["nowhere"],
        clause=table.flag("clause"),
        beside=phrases["beside"],
    )
    table.rest_unknown()
    return found


def variants(part: Part) -> Iterable[tuple[str, Part]]:
    """The part with each clause dropped in turn, and what was dropped. A case must change for every one."""
    for at, way in enumerate(part.ways):
        others = (*part.ways[:at], *part.ways[at + 1 :])
        if others:
            yield f"way {at + 1}", replace(part, ways=others)

        def changed(new: Way, at: int = at) -> Part:
            return replace(part, ways=(*part.ways[:at], new, *part.ways[at + 1 :]))

        for number, phrase in enumerate(way.all if len(way.all) > 1 else ()):
            rest = (*way.all[:number], *way.all[number + 1 :])
            yield f"way {at + 1}: {phrase}", changed(replace(way, all=rest))
        for number, phrase in enumerate(way.unless):
            rest = (*way.unless[:number], *way.unless[number + 1 :])
            yield f"way {at + 1}: not {phrase}", changed(replace(way, unless=rest))
        for number, phrase in enumerate(way.nowhere):
            rest = (*way.nowhere[:number], *way.nowhere[number + 1 :])
            yield f"way {at + 1}: nowhere {phrase}", changed(replace(way, nowhere=rest))
        if way.times > 1:
            yield f"way {at + 1}: times", changed(replace(way, times=way.times - 1))
        for number, phrase in enumerate(way.beside):
            rest = (*way.beside[:number], *way.beside[number + 1 :])
            yield f"way {at + 1}: beside {phrase}", changed(replace(way, beside=rest))
        if way.clause:
            yield f"way {at + 1}: clause", changed(replace(way, clause=False))
        if way.within > 1:
            yield f"way {at + 1}: within", changed(replace(way, within=way.within - 1))


def find(part: Part, passages: Sequence[Passage], *, organisation: str = "") -> Passage | None:
    """The first passage in which the part is said; None where it is said in none."""
    language = load_language(part.language)
    for way in part.ways:
        places = _places(way, passages, language, organisation)
        if len(places) >= way.times:
            return places[0]
    return None


def found_in(part: Part, passages: Sequence[Passage]) -> frozenset[Passage]:
    """Every passage in which the part is said."""
    language = load_language(part.language)
    places = (_places(way, passages, language, "") for way in part.ways)
    return frozenset(
        each
        for way, found in zip(part.ways, places, strict=True)
        if len(found) >= way.times
        for each in found
    )


def _places(way: Way, passages: Sequence[Passage], language: Language, organisation: str) -> list[Passage]:
    found: list[Passage] = []
    if any(_said(phrase, passages, language, organisation) for phrase in way.nowhere):
        return found
    if way.clause:
        return [each for each in passages if _in_a_clause(way, each, language, organisation)]
    for at, first in enumerate(passages):
        window = passages[at : at + way.within] if way.within else passages
        if not _said(way.all[0], [first], language, organisation):
            continue
        if not all(_said(phrase, window, language, organisation) for phrase in way.all):
            continue
        if not any(_said(phrase, window, language, organisation) for phrase in way.unless):
            found.append(first)
    return found


def _in_a_clause(way: Way, passage: Passage, language: Language, organisation: str) -> bool:
    if any(_said(phrase, [passage], language, organisation) for phrase in way.beside):
        return False
    for part in parted(passage, language.code):
        if all(_said(phrase, [part], language, organisation) for phrase in way.all) and not any(
            _said(phrase, [part], language, organisation) for phrase in way.unless
        ):
            return True
    return False


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
        case "{kind}":
            return bool(kinds_in(text, language))
        case "{email}":
            return _EMAIL.search(text) is not None
        case "{telephone}":
            for day in days(passage, language):
                text = text.replace(day.written, " ")
            return _TELEPHONE.search(text) is not None or has_telephone(text, language.reading.numbers)
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
