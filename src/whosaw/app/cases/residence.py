"""Where a person lives, by the country and the state that a table of people gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from whosaw.packs.languages import language_codes, read_words

__all__ = ["place_of"]

_COUNTRY: Final = re.compile(r"[A-Z]{2}\Z")
_STATE: Final = re.compile(r"[A-Z0-9]{1,3}\Z")
_FULL: Final = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}\Z")


def place_of(country: str, state: str) -> str | None:
    """A country (KR), a state (US-CA), or None where neither says it. Names of countries and states are known as the shipped languages
    write them; what else is not a code is kept as it is, for its people live somewhere that somebody can name."""
    told, part = _code(country), _code(state)
    if _FULL.match(part):
        return part
    if _COUNTRY.match(told) and _STATE.match(part):
        return f"{told}-{part}"
    return told or None


def _code(text: str) -> str:
    shown = " ".join(text.split())
    return _names().get(shown.casefold(), shown.upper() if len(shown) <= len("US-ABC") else shown)


@cache
def _names() -> Mapping[str, str]:
    """Codes by name, in all languages that write the names of places; a code of two letters comes before one that says the same."""
    found: dict[str, str] = {}
    for code in language_codes():
        for place, name in sorted(read_words(code, "filing").under("place").items()):
            found.setdefault(name.casefold(), place)
    return found
