"""Which parts of a path are words of an application, and which may be somebody's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from whosaw.core.name_words import folded, words_of

from .toml_file import load_toml

__all__ = ["may_be_somebody", "names_owner", "names_people", "only_known_words", "script_of", "words_of_page"]

_FOLDER = Path(__file__).resolve().parents[1] / "data" / "hints"
_PEOPLE = ("subject", "behind")
_KNOWN = ("subject", "own", "path", "size", "owner", "nobody", "page")
_OF_PEOPLE = frozenset({"person", "other"})
_ENDING = re.compile(r"\.(?:html?|php\d?|jspx?|aspx?|ashx|asmx|axd|cgi|pl|do|action|json|xml|csv|tsv|xlsx?|docx?|pdf|txt|zip|gz|js|mjs|css|map|png|jpe?g|gif|svg|webp|ico|woff2?|svc)$", re.IGNORECASE)  # fmt: skip
_PLAIN = re.compile(r"[\w-]*")
# of programs that answer under their own name: PHP, ASP, JSP, CGI, ColdFusion, Struts
_SCRIPT = re.compile(r"\.(?:php\d?|phtml|aspx?|ashx|asmx|jspx?|cgi|pl|cfm|do|action)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    people: frozenset[str]
    people_within: tuple[str, ...]  # of scripts that part no words
    owners: frozenset[str]
    owners_within: tuple[str, ...]
    known: frozenset[str]
    known_within: tuple[str, ...]
    of_a_page: frozenset[str]


@lru_cache(maxsize=65536)
def may_be_somebody(part: str, before: str = "", after: str = "") -> bool:
    """Whether a part of a path may name a person, for `before` stands in front of it and `after` behind: a name behind a word for people
    (`/users/anna`), one at the root before what only people have (`/anna/profile`), or one with marks that no word has (`anna.kim`,
    `~anna`). Words of an application do not."""
    bare = _ENDING.sub("", part)
    words = words_of(bare.partition(".")[0])
    held = _words()
    if words and all(word in held.known for word in folded(words)):
        return False
    if any(each in bare for each in held.known_within):
        return False
    named = names_people(before) or (not before and names_owner(after))
    return bool(bare) and (named or _PLAIN.fullmatch(bare) is None)


@lru_cache(maxsize=65536)
def names_people(part: str) -> bool:
    """Whether what stands behind this part of a path may be one of the people that it speaks of."""
    held = _words()
    return any(word in held.people for word in folded(words_of(part))) or any(
        each in part for each in held.people_within
    )


@lru_cache(maxsize=65536)
def names_owner(part: str) -> bool:
    """Whether what stands before this part, at the root of a path, may be whom it belongs to."""
    held = _words()
    return any(word in held.owners for word in folded(words_of(part))) or any(
        each in part for each in held.owners_within
    )


def script_of(path: str) -> str | None:
    """The name of the program that a path ends with, without its ending: `customer` of `/shop/customer.php`. None for any other path."""
    last = path.rpartition("/")[2]
    bare = _SCRIPT.sub("", last)
    return bare if bare != last else None


def words_of_page(name: str) -> tuple[str, ...]:
    """The words of a page's name without what is done there, before and behind the rest: `customer` of `showCustomer` and
    `customer_detail`; none of `index`."""
    words, done = words_of(name), _words().of_a_page
    first, last = 0, len(words)
    while first < last and folded(words[first : first + 1])[0] in done:
        first += 1
    while first < last and folded(words[last - 1 : last])[0] in done:
        last -= 1
    return words[first:last]


@lru_cache(maxsize=65536)
def only_known_words(text: str) -> bool:
    """Whether every word is one of an application or stands for people or things, so that it is nobody's name."""
    words = folded(words_of(text))
    return bool(words) and all(word in _words().known for word in words)


@cache
def _words() -> _Words:
    people: set[str] = set()
    within: list[str] = []
    owners: set[str] = set()
    owners_within: list[str] = []
    known: set[str] = set()
    known_within: list[str] = []
    of_a_page: set[str] = set()
    for file in ("paths.toml", "words.toml"):
        data = load_toml(_FOLDER / file, name=f"hints/{file}").data
        for row in data.get("ahead", ()):
            owners |= _single(row)
            owners_within += row.get("contains", ())
        for name in {*_PEOPLE, *_KNOWN}:
            for row in data.get(name, ()):
                words = _single(row)
                of_a_page |= words if name == "page" else set()
                if name in _KNOWN:
                    known |= words
                    known_within += row.get("contains", ())
                if name in _PEOPLE or row.get("role") in _OF_PEOPLE:
                    people |= words
                    within += row.get("contains", ())
    return _Words(
        people=frozenset(people),
        people_within=tuple(within),
        owners=frozenset(owners),
        owners_within=tuple(owners_within),
        known=frozenset(known),
        known_within=tuple(known_within),
        of_a_page=frozenset(of_a_page),
    )


def _single(row: Mapping[str, Any]) -> set[str]:
    """The words of a row by themselves: of several that belong together, each."""
    return {word for phrase in row.get("words", ()) for word in folded(words_of(phrase))}
