"""The terms of a language: which word stands for an idea of law in drafts, which do not, and where that is from: `terms.toml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from whosaw.core.errors import Fault

from .languages import words_file
from .table import Table
from .toml_file import TomlFile, load_toml

__all__ = ["DRAFTED", "Term", "load_terms", "term_faults"]

_CODE: Final = "language.term"
_CONFIDENCE: Final = ("statute-read", "secondary", "unverified")
# the files whose sentences are sent to people and authorities, or said beside what is sent
DRAFTED: Final = ("draft", "notice", "filing", "preparer", "answer", "lookup")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One idea: the words that are `use`d for it in drafts and those that are `avoid`ed, with their source and how sure it is."""

    idea: str
    use: str
    avoid: tuple[str, ...]
    source: str
    confidence: str


def load_terms(code: str, faults: list[Fault], own: Path | None = None) -> tuple[Term, ...]:
    """The terms of a language, none where it has no such file. Notes every fault of the file."""
    path = words_file(code, "terms", own=own)
    if not path.is_file():
        return ()
    table = Table.top(load_toml(path), faults, code=_CODE)
    found = tuple(_term(each) for each in table.tables("term", required=True))
    table.rest_unknown()
    return found


def _term(table: Table) -> Term:
    found = Term(
        idea=table.text("idea"),
        use=table.text("use"),
        avoid=table.texts("avoid", required=False),
        source=table.text("source"),
        confidence=table.text("confidence", one_of=_CONFIDENCE),
    )
    table.rest_unknown()
    return found


def term_faults(code: str, own: Path | None = None) -> list[Fault]:
    """Every sentence of a language that holds a word its terms avoid."""
    faults: list[Fault] = []
    terms = load_terms(code, faults, own)
    for name in DRAFTED if terms else ():
        path = words_file(code, name, own=own)
        if path.is_file():
            faults.extend(_held(load_toml(path), terms))
    return faults


def _held(file: TomlFile, terms: tuple[Term, ...]) -> Iterator[Fault]:
    for keys, text in _texts(file.data):
        for term in terms:
            for word in term.avoid:
                if word.casefold() in text.casefold():
                    key = ".".join(str(each) for each in keys)
                    yield file.fault(
                        _CODE,
                        f"{key} says {word!r}, and {term.use!r} is the word ({term.source})",
                        *keys,
                        item=key,
                    )


def _texts(value: Any, keys: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield keys, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _texts(each, (*keys, name))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _texts(each, (*keys, number))
