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
from .table import Table
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
        _language(Table.top(read["language"], faults, code=_CODE), code)
    if "categories" in read:
        _categories(Table.top(read["categories"], faults, code=_CODE))
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


def _language(table: Table, code: str) -> None:
    if not _TAG.match(code):
        table.fault(f"{code!r} is no language", hint="Name the folder like fr or swa (ISO 639)")
    for key in ("name", "native"):
        table.text(key)
    leak = table.table("leak", required=True)
    for key in ("words", "euphemisms"):
        leak.texts(key, some=True)


def _categories(table: Table) -> None:
    seen: set[str] = set()
    for each in table.tables("category", required=True):
        key = each.text("key")
        each.item = key or None
        if key and key in seen:
            each.fault(f"{key} is named twice", "key")
        seen.add(key)
        each.text("name")


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
