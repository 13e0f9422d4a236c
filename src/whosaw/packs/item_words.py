"""What items say, in other languages: each has it beside its English, as `[text.ko]`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from .items import shipped
from .toml_file import load_toml

__all__ = ["SPEAKING", "item_words", "words_of"]

SPEAKING: Final = ("detectors", "explanations", "links")  # whose items are told of on pages


def item_words() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every English text of a shipped item that has words in another language, with these by language."""
    for kind in SPEAKING:
        for path in sorted(shipped(kind).glob("*.toml")):
            yield from words_of(path)


def words_of(path: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Those of one item, each English text in one line. A table within `[text.ko]` is named as the list it speaks of, and has the ids of that list's rows."""
    item = load_toml(path).data
    found: dict[str, dict[str, str]] = {}
    for language, told in item.get("text", {}).items():
        for key, text in told.items():
            for english, said in _pairs(item, key, text):
                found.setdefault(" ".join(english.split()), {})[language] = said
    yield from found.items()


def _pairs(item: Mapping[str, Any], key: str, text: Any) -> Iterator[tuple[str, str]]:
    if isinstance(text, str):
        yield str(item[key]), text
        return
    english = {row["id"]: row["why"] for row in item[key]}
    for row, said in text.items():
        yield english[row], said
