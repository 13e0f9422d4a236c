"""Parts of a notice and how each is recognised in a language: items of phrases with their own cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from whosaw.core.errors import Fault, FaultsError
from whosaw.packs.languages import language_codes, language_folder
from whosaw.packs.table import Table
from whosaw.packs.toml_file import load_toml

from .phrases import phrase_fault

__all__ = ["Part", "PartCase", "Way", "load_parts", "read_part", "variants"]

_CODE: Final = "notice-check.item"
_MOST_WITHIN: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to say it: all of these phrases, the first of them in the first of at most `within` passages that follow each other,
    and none of `unless`; so many times."""

    all: tuple[str, ...]
    unless: tuple[str, ...] = ()
    within: int = 1
    times: int = 1


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
    phrases = {key: table.texts(key, required=False) for key in ("all", "not")}
    for key, given in phrases.items():
        for each in given:
            if (why := phrase_fault(each)) is not None:
                table.fault(f"the phrase {each!r} {why}", key)
    if not phrases["all"]:
        table.fault("a way has no phrase in all")
    found = Way(
        all=phrases["all"],
        unless=phrases["not"],
        within=table.integer("within", most=_MOST_WITHIN, default=1),
        times=table.integer("times", most=_MOST_WITHIN, default=1),
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
        if way.times > 1:
            yield f"way {at + 1}: times", changed(replace(way, times=way.times - 1))
        if way.within > 1:
            yield f"way {at + 1}: within", changed(replace(way, within=way.within - 1))
