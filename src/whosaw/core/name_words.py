"""The words of a name such as `customerId`, and their singular."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["folded", "words_of"]

_BREAK = re.compile(r"[^0-9A-Za-z\u0080-\U0010ffff]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ITEM = re.compile(r"\[\d*\]$")
_SHORTEST_PLURAL = 4


def words_of(name: str) -> tuple[str, ...]:
    """The words of `customerId`, `customer_id`, `CUSTOMER-ID`: customer, id."""
    return tuple(word.lower() for word in _BREAK.split(_ITEM.sub("", name[:200])) if word)


def folded(words: Iterable[str]) -> tuple[str, ...]:
    """Words without a plural s, so that `customers` and `customer` are one."""
    return tuple(_singular(word) for word in words)


def _singular(word: str) -> str:
    if len(word) < _SHORTEST_PLURAL or not word.isascii() or not word.endswith("s") or word.endswith("ss"):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("sses", "ches", "shes", "xes")) else word[:-1]
