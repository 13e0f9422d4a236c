"""The words of a file of a language: texts and lists of texts, each under the path of its keys, as in `("label", "law")`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from .table import Table

__all__ = ["Words", "strange_places", "words_of"]

_PLACE: Final = re.compile(r"\{([a-z_]+)\}")
Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a file says. A place to be filled in stands in braces."""

    texts: Mapping[Keys, str] = field(default_factory=dict)
    lists: Mapping[Keys, tuple[str, ...]] = field(default_factory=dict)

    def text(self, *path: str) -> str:
        """The text of that path, which must be there."""
        return self.texts[path]

    def under(self, *path: str) -> Mapping[str, str]:
        """The texts that stand right under that path, by their key."""
        return {keys[-1]: text for keys, text in self.texts.items() if keys[:-1] == path}


def words_of(table: Table) -> Words:
    """All words of a table and of those in it; what is neither a text nor a list of texts is noted as a fault, and is empty."""
    texts: dict[Keys, str] = {}
    lists: dict[Keys, tuple[str, ...]] = {}
    for inside in _tables(table):
        for key, value in inside.values.items():
            path = (*(str(part) for part in inside.at), key)
            if isinstance(value, list):
                lists[path] = inside.texts(key)
            elif not isinstance(value, dict):
                texts[path] = inside.text(key)
    return Words(texts=texts, lists=lists)


def strange_places(told: str, wanted: str) -> list[str]:
    """The places that stand in one of two texts only, in order."""
    return sorted(set(_PLACE.findall(told)) ^ set(_PLACE.findall(wanted)))


def _tables(table: Table) -> Iterator[Table]:
    yield table
    for key, value in table.values.items():
        if isinstance(value, dict):
            yield from _tables(table.table(key))
