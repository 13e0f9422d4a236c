"""What is wrong with the words of filings in a language: all faults at once, held against the shipped English."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from whosaw.core.errors import Fault, FaultsError

from .languages import read_words, words_file
from .table import Table
from .toml_file import TomlFile, load_toml
from .words import Words, strange_places, words_of

__all__ = ["filing_faults"]

_CODE: Final = "language.filing"
# what every language says; authorities, titles, rights and articles are those that it needs for its own authorities
_SHARED: Final = ("time", "count", "reason", "label", "sentence", "need", "heading", "place")
_OWN: Final = ("title", "rights", "citation", "article", "authority")
_CLOSING: Final = "{date} {organisation}"


def filing_faults(code: str, own: Path | None = None) -> list[Fault]:
    """Every fault of `filing.toml` of a language; none where the language has no such file, for it then drafts no filings."""
    path = words_file(code, "filing", own=own)
    if not path.is_file():
        return []
    faults: list[Fault] = []
    try:
        file = load_toml(path)
    except FaultsError as fault:
        return list(fault.faults)
    table = Table.top(file, faults, code=_CODE)
    told = words_of(table)
    return [*faults, *_shared(file, told), *_lists(file, told), *_own(table, told)]


def _shared(file: TomlFile, told: Words) -> Iterator[Fault]:
    for keys, wanted in read_words("en", "filing").texts.items():
        if keys[0] not in _SHARED:
            continue
        key = ".".join(keys)
        if keys not in told.texts:
            yield file.fault(_CODE, f"{key} is missing", *keys, item=key)
        for fact in strange_places(told.texts.get(keys) or wanted, wanted):
            message = f"{key}: {{{fact}}} stands in it or not, unlike in English"
            yield file.fault(_CODE, message, *keys, item=key)


def _lists(file: TomlFile, told: Words) -> Iterator[Fault]:
    if len(told.lists.get(("time", "months"), ())) != 12:
        yield file.fault(_CODE, "time.months is no list of twelve names", "time", "months")
    lines = told.lists.get(("closing", "lines"), ())
    if not lines:
        yield file.fault(_CODE, "closing.lines is no list of lines", "closing", "lines")
    elif strange_places(" ".join(lines), _CLOSING):
        yield file.fault(
            _CODE, "closing.lines has {date} and {organisation}, and nothing else", "closing", "lines"
        )


def _own(table: Table, told: Words) -> Iterator[Fault]:
    for section in _OWN:
        if not isinstance(table.values.get(section), dict):
            yield table.file.fault(_CODE, f"[{section}] is missing", section, hint="It may be empty")
        for keys in (*told.texts, *told.lists):
            if keys[0] == section and (len(keys) > 2 or (keys in told.lists) is not (section == "rights")):
                kind = "list of texts" if section == "rights" else "text"
                key = ".".join(keys)
                yield table.file.fault(_CODE, f"{key} is no {kind}", *keys, item=keys[-1])
    for key in ("default", "supplement"):
        if ("title", key) not in told.texts:
            yield table.file.fault(_CODE, f"title.{key} is missing", "title", key)
