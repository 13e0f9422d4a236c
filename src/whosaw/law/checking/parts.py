"""Parts of a notice and how each is recognised in a language: items of phrases with their own cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from whosaw.core.errors import Fault, FaultsError
from whosaw.packs.languages import language_codes, language_folder
from whosaw.packs.toml_file import TomlFile, load_toml

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
    _known(file, item, file.data, {"about", "way", "case"}, (), faults)
    ways = tuple(
        _way(file, item, table, ("way", at), faults)
        for at, table in enumerate(_tables(file, item, "way", faults))
    )
    cases = tuple(
        PartCase(text=str(table.get("text", "")), found=bool(table.get("found")))
        for table in _tables(file, item, "case", faults)
    )
    if not str(file.data.get("about", "")).strip():
        faults.append(file.fault(_CODE, "has no about", item=item))
    for wanted, said in ((True, "a text in which it is found"), (False, "a text in which it is not")):
        if not any(case.found is wanted for case in cases):
            faults.append(file.fault(_CODE, f"has no case with {said}", item=item))
    if len(faults) > before:
        return None
    return Part(key=path.stem, language=language, about=str(file.data["about"]), ways=ways, cases=cases)


def _tables(file: TomlFile, item: str, key: str, faults: list[Fault]) -> list[dict[str, Any]]:
    rows = file.data.get(key)
    if isinstance(rows, list) and rows and all(isinstance(each, dict) for each in rows):
        return rows
    faults.append(file.fault(_CODE, f"has no [[{key}]]", item=item))
    return []


def _known(
    file: TomlFile,
    item: str,
    table: Mapping[str, Any],
    keys: set[str],
    at: tuple[str | int, ...],
    faults: list[Fault],
) -> None:
    faults.extend(
        file.fault(_CODE, f"has {key!r}, which nothing reads", *at, key, item=item)
        for key in sorted(table.keys() - keys)
    )


def _way(
    file: TomlFile, item: str, table: Mapping[str, Any], at: tuple[str | int, ...], faults: list[Fault]
) -> Way:
    _known(file, item, table, {"all", "not", "within", "times"}, at, faults)
    phrases: dict[str, tuple[str, ...]] = {}
    for key in ("all", "not"):
        given = table.get(key, [])
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            faults.append(file.fault(_CODE, f"{key} is no list of phrases", *at, key, item=item))
            given = []
        faults.extend(
            file.fault(_CODE, f"the phrase {each!r} {why}", *at, key, item=item)
            for each in given
            if (why := phrase_fault(each)) is not None
        )
        phrases[key] = tuple(given)
    if not phrases["all"]:
        faults.append(file.fault(_CODE, "a way has no phrase in all", *at, item=item))
    numbers = {key: table.get(key, 1) for key in ("within", "times")}
    for key, value in numbers.items():
        if not isinstance(value, int) or not 1 <= value <= _MOST_WITHIN:
            faults.append(file.fault(_CODE, f"{key} is not 1 to {_MOST_WITHIN}", *at, key, item=item))
            numbers[key] = 1
    return Way(all=phrases["all"], unless=phrases["not"], within=numbers["within"], times=numbers["times"])


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
