"""What is wrong with the words of filings in a language: all faults at once, held against the shipped English."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from whosaw.core.errors import Fault, FaultsError

from .languages import words_file
from .toml_file import TomlFile, load_toml

__all__ = ["filing_faults"]

_CODE: Final = "language.filing"
_FACT: Final = re.compile(r"\{([a-z_]+)\}")
# what every language says; authorities, titles, rights and articles are those that it needs for its own authorities
_SHARED: Final = ("time", "count", "reason", "label", "sentence", "need", "heading", "place")
_OWN: Final = ("title", "rights", "citation", "article", "authority")
_CLOSING: Final = frozenset({"date", "organisation"})


def filing_faults(code: str, own: Path | None = None) -> list[Fault]:
    """Every fault of `filing.toml` of a language; none where the language has no such file, for it then drafts no filings."""
    path = words_file(code, "filing", own=own)
    if not path.is_file():
        return []
    try:
        file = load_toml(path)
    except FaultsError as fault:
        return list(fault.faults)
    english = load_toml(words_file("en", "filing")).data
    found = [each for section in _SHARED for each in _texts(file, (section,), english[section])]
    return [*found, *_lists(file), *_tables(file)]


def _at(file: TomlFile, path: tuple[str, ...]) -> Any:
    told: Any = file.data
    for each in path:
        told = told.get(each) if isinstance(told, Mapping) else None
    return told


def _texts(file: TomlFile, path: tuple[str, ...], wanted: Any) -> Iterator[Fault]:
    if isinstance(wanted, Mapping):
        for key, value in wanted.items():
            yield from _texts(file, (*path, key), value)
        return
    if not isinstance(wanted, str):
        return
    told, key = _at(file, path), ".".join(path)
    if not isinstance(told, str) or not told.strip():
        yield file.fault(_CODE, f"{key} is missing", *path, item=key)
        return
    for fact in sorted(set(_FACT.findall(wanted)) ^ set(_FACT.findall(told))):
        message = f"{key}: {{{fact}}} stands in it or not, unlike in English"
        yield file.fault(_CODE, message, *path, item=key)


def _lists(file: TomlFile) -> Iterator[Fault]:
    months, lines = _at(file, ("time", "months")), _at(file, ("closing", "lines"))
    if not (isinstance(months, list) and len(months) == 12 and all(isinstance(each, str) for each in months)):
        yield file.fault(_CODE, "time.months is no list of twelve names", "time", "months")
    if not (isinstance(lines, list) and lines and all(isinstance(each, str) for each in lines)):
        yield file.fault(_CODE, "closing.lines is no list of lines", "closing", "lines")
    elif set(_FACT.findall(" ".join(lines))) != _CLOSING:
        yield file.fault(
            _CODE, "closing.lines has {date} and {organisation}, and nothing else", "closing", "lines"
        )


def _tables(file: TomlFile) -> Iterator[Fault]:
    for section in _OWN:
        told = file.data.get(section)
        if not isinstance(told, Mapping):
            yield file.fault(_CODE, f"[{section}] is missing", section, hint="It may be empty")
            continue
        for key, value in told.items():
            if not _fits(section, value):
                yield file.fault(_CODE, f"{section}.{key} is no text", section, key, item=key)
    for key in ("default", "supplement"):
        if not isinstance(_at(file, ("title", key)), str):
            yield file.fault(_CODE, f"title.{key} is missing", "title", key)


def _fits(section: str, value: Any) -> bool:
    if section == "rights":
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return isinstance(value, str) and bool(value.strip())
