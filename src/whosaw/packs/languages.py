"""The words of a language, as items under `data/languages/LANGUAGE`: its names for categories, and its words for a leak."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from whosaw.core.errors import WhosawError

from .toml_file import load_toml

__all__ = ["CategoryWords", "Language", "language_codes", "load_language", "read_words", "words_file"]

_FOLDER = Path(__file__).resolve().parent.parent / "data" / "languages"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryWords:
    """What people call a category of data: `name` for our own texts, `also` for reading those of others."""

    name: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language. `leak` is the word that the law uses, `euphemisms` are words that stand in for it and must not."""

    code: str
    name: str
    native: str
    leak: tuple[str, ...]
    euphemisms: tuple[str, ...]
    categories: Mapping[str, CategoryWords]

    def category(self, key: str) -> CategoryWords:
        """The words for a category; of its nearest parent where it has none of its own. Raises `WhosawError`."""
        part = key
        while part:
            if part in self.categories:
                return self.categories[part]
            part = part.rpartition(".")[0]
        raise WhosawError("language.category", f"{self.name} has no word for the category {key}")


def language_codes(own: Path | None = None) -> tuple[str, ...]:
    """Every language that is shipped, and those in the folder `own`."""
    folders = [_FOLDER, *([own] if own is not None else [])]
    found = {
        each.name for folder in folders for each in folder.iterdir() if (each / "language.toml").is_file()
    }
    return tuple(sorted(found))


def words_file(code: str, *parts: str, own: Path | None = None) -> Path:
    """The file of a language: that in the folder `own` where the language is there, else the shipped one."""
    inside = own if own is not None and (own / code / "language.toml").is_file() else _FOLDER
    return inside.joinpath(code, *parts).with_suffix(".toml")


def read_words(code: str, *parts: str, own: Path | None = None) -> dict[str, Any]:
    """A further file of a language as it is, such as `read_words("ko", "notice", "letter")`."""
    return load_toml(words_file(code, *parts, own=own)).data


@cache
def load_language(code: str, own: Path | None = None) -> Language:
    """A shipped language, or one in the folder `own`, which goes before. Raises `WhosawError` for any other."""
    if code not in language_codes(own):
        raise WhosawError(
            "language.unknown",
            f"there are no words for the language {code!r}",
            hint=f"Known: {', '.join(language_codes(own))}",
        )
    told = read_words(code, "language", own=own)
    rows = read_words(code, "categories", own=own)["category"]
    return Language(
        code=code,
        name=told["name"],
        native=told["native"],
        leak=tuple(told["leak"]["words"]),
        euphemisms=tuple(told["leak"]["euphemisms"]),
        categories={
            row["key"]: CategoryWords(name=row["name"], also=tuple(row.get("also", ()))) for row in rows
        },
    )
