"""What is wrong with a language: everything that notices need of it, all faults at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from whosaw.core.errors import Fault, FaultsError

from .filing_faults import filing_faults
from .languages import read_language, read_words, words_file
from .notice_words import load_notice_words
from .table import Table
from .terms import term_faults
from .toml_file import load_toml
from .words import strange_places, words_of

__all__ = ["NEEDED", "language_faults"]

_CODE: Final = "language.invalid"
# the files that a notice is made from
NEEDED: Final = ("language", "categories", "draft", "notice")


def language_faults(code: str, own: Path | None = None) -> list[Fault]:
    """Every fault of the files of a language that notices are made from: `language`, `categories`, `draft`, `notice`; and of
    `filing`, `answer` and `lookup`, where the language has one; and every sentence of them that holds a word which its `terms` avoid."""
    faults: list[Fault] = []
    read_language(code, faults, own)
    faults.extend(_like_english("draft", words_file(code, "draft", own=own)))
    for name in ("answer", "lookup"):
        if (path := words_file(code, name, own=own)).is_file():
            faults.extend(_like_english(name, path))
    try:
        load_notice_words(code, words_file(code, "notice", own=own))
    except FaultsError as fault:
        faults.extend(fault.faults)
    return [*faults, *filing_faults(code, own), *term_faults(code, own)]


def _like_english(name: str, path: Path) -> Iterator[Fault]:
    """Held against the shipped English, which has every key and place."""
    faults: list[Fault] = []
    try:
        file = load_toml(path)
    except FaultsError as fault:
        yield from fault.faults
        return
    told = words_of(Table.top(file, faults, code=_CODE))
    yield from faults
    for keys, wanted in read_words("en", name).texts.items():
        key = ".".join(keys)
        if keys not in told.texts:
            yield file.fault(_CODE, f"{key} is missing", *keys, item=key)
        for place in strange_places(told.texts.get(keys) or wanted, wanted):
            yield file.fault(
                _CODE, f"{key}: {{{place}}} stands in it or not, unlike in English", *keys, item=key
            )
