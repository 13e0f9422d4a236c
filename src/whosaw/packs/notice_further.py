"""What a duty asks of a notice beside the contents of its law item: `data/notice/further.toml`, and whom it names: `addresses.toml`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from .toml_file import load_toml

__all__ = ["Addresses", "Further", "Named", "addresses_of", "further_of"]

_FOLDER: Final = Path(__file__).resolve().parent.parent / "data" / "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """Something that a duty asks of a notice beside the contents of its law item; of some categories alone where `only_for` has any.
    `title` and `headings`, by the key of a content, are words that the statute sets for notices in the language `set_in`."""

    key: str
    text: str
    article: str
    only_for: tuple[str, ...] = ()
    set_in: str = ""
    title: str = ""
    headings: Mapping[str, str] = field(default_factory=dict)

    def about(self, categories: Collection[str]) -> bool:
        """Whether it is asked of a notice that names these categories."""
        return not self.only_for or not set(self.only_for).isdisjoint(categories)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One whom a notice names, and the ways to reach it."""

    name: str
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """All that a notice names for one key, and how sure they are."""

    confidence: str
    because: str
    named: tuple[Named, ...]


@cache
def further_of() -> Mapping[str, tuple[Further, ...]]:
    """By the duty, as all its versions are called."""
    found: dict[str, tuple[Further, ...]] = {}
    for row in load_toml(_FOLDER / "further.toml").data["further"]:
        found[row["duty"]] = (*found.get(row["duty"], ()), _further(row))
    return found


@cache
def addresses_of(key: str, jurisdiction: str) -> Addresses | None:
    """Those of a jurisdiction for a key of what is asked further; of a state those of its country and its own. None where there are none."""
    told = load_toml(_FOLDER / "addresses.toml").data.get(key)
    if told is None:
        return None
    places = (jurisdiction.partition("-")[0], jurisdiction)
    named = tuple(
        Named(name=row["name"], ways=tuple(row[way] for way in ("telephone", "page", "post") if way in row))
        for row in told["address"]
        if row["place"] in places
    )
    return Addresses(confidence=told["confidence"], because=told["because"], named=named) if named else None


def _further(row: Mapping[str, Any]) -> Further:
    return Further(
        key=row["key"],
        text=row["text"],
        article=row["article"],
        only_for=tuple(row.get("only_for", ())),
        set_in=row.get("set_in", ""),
        title=row.get("title", ""),
        headings=dict(row.get("headings", {})),
    )
