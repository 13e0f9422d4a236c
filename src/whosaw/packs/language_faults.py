"""What is wrong with a language: everything that notices need of it, all faults at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from whosaw.core.errors import Fault, FaultsError

from .filing_faults import filing_faults
from .languages import words_file
from .notice_words import load_notice_words
from .toml_file import TomlFile, load_toml

__all__ = ["NEEDED", "language_faults"]

_CODE: Final = "language.invalid"
_TAG: Final = re.compile(r"[a-z]{2,3}\Z")
_PLACE: Final = re.compile(r"\{([a-z_]+)\}")
# the files that a notice is made from
NEEDED: Final = ("language", "categories", "draft", "notice")


def language_faults(code: str, own: Path | None = None) -> list[Fault]:
    """Every fault of the files of a language that notices are made from: `language`, `categories`, `draft`, `notice`; and of
    `filing`, where the language has one."""
    faults: list[Fault] = []
    read: dict[str, TomlFile] = {}
    for name in NEEDED:
        try:
            read[name] = load_toml(words_file(code, name, own=own))
        except FaultsError as fault:
            faults.extend(fault.faults)
    if "language" in read:
        faults.extend(_language(read["language"], code))
    if "categories" in read:
        faults.extend(_categories(read["categories"]))
    if "draft" in read:
        faults.extend(_draft(read["draft"]))
    if "notice" in read:
        try:
            load_notice_words(code, words_file(code, "notice", own=own))
        except FaultsError as fault:
            faults.extend(fault.faults)
    return [*faults, *filing_faults(code, own)]


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _language(file: TomlFile, code: str) -> Iterator[Fault]:
    if not _TAG.match(code):
        yield file.fault(_CODE, f"{code!r} is no language", hint="Name the folder like fr or swa (ISO 639)")
    for key in ("name", "native"):
        if not _text(file.data.get(key)):
            yield file.fault(_CODE, f"{key} is missing", key)
    leak = file.data.get("leak")
    for key in ("words", "euphemisms"):
        told = leak.get(key) if isinstance(leak, Mapping) else None
        if not (isinstance(told, list) and told and all(_text(each) for each in told)):
            yield file.fault(_CODE, f"leak.{key} is no list of words", "leak", key)


def _categories(file: TomlFile) -> Iterator[Fault]:
    rows = file.data.get("category")
    if not isinstance(rows, list) or not rows:
        yield file.fault(_CODE, "there is no [[category]]")
        return
    seen: set[str] = set()
    for at, row in enumerate(rows):
        key = row.get("key") if isinstance(row, Mapping) else None
        if not _text(key):
            yield file.fault(_CODE, "a category has no key", "category", at)
            continue
        if key in seen:
            yield file.fault(_CODE, f"{key} is named twice", "category", at, item=key)
        seen.add(str(key))
        if not _text(row.get("name")):
            yield file.fault(_CODE, f"{key} has no name", "category", at, item=key)


def _draft(file: TomlFile) -> Iterator[Fault]:
    """Held against the shipped English, which has every key and place."""
    pattern = load_toml(words_file("en", "draft")).data
    for path, wanted in _leaves(pattern):
        told: Any = file.data
        for each in path:
            told = told.get(each) if isinstance(told, Mapping) else None
        key = ".".join(path)
        if not _text(told):
            yield file.fault(_CODE, f"{key} is missing", *path, item=key)
            continue
        lost = set(_PLACE.findall(wanted)) ^ set(_PLACE.findall(told))
        for place in sorted(lost):
            yield file.fault(
                _CODE, f"{key}: {{{place}}} stands in it or not, unlike in English", *path, item=key
            )


def _leaves(table: Mapping[str, Any], above: Iterable[str] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    for key, value in table.items():
        path = (*above, key)
        if isinstance(value, Mapping):
            yield from _leaves(value, path)
        elif isinstance(value, str):
            yield path, value
