"""Paths and statements of pages with their open places filled: {number}, {records} and {last}."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from whosaw.replay.dice import Ints
from whosaw.replay.traffic import Traffic

from .columns import Piece, Same, fixed, numbers, pick

__all__ = ["PLACES", "Templates", "templates"]

PLACES = ("number", "records", "last")
_PLACE = re.compile(r"\{(number|records|last)\}")


def templates(texts: Iterable[str]) -> Templates:
    """Those templates, made once for as many days as ask for the same."""
    return _made(tuple(texts))


@lru_cache(maxsize=64)
def _made(texts: tuple[str, ...]) -> Templates:
    return Templates(texts)


class Templates:
    """One template for each page of a shop, ready to be filled for many requests at once."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self.texts = texts
        self.is_empty: NDArray[np.bool_] = np.asarray([not text for text in texts], dtype=bool)
        split = [_PLACE.split(text) for text in texts]
        # literals and places take turns: a literal before each place, and one after the last
        literals = [parts[0::2] for parts in split]
        self._places = [[PLACES.index(name) for name in parts[1::2]] for parts in split]
        self.has_places: NDArray[np.bool_] = np.asarray([bool(places) for places in self._places], dtype=bool)
        slots = max(map(len, literals), default=0)
        self._of_slot = [
            fixed(parts[slot] if slot < len(parts) else "" for parts in literals) for slot in range(slots)
        ]
        self.only_number: NDArray[np.bool_] = np.asarray(
            [set(places) <= {0} for places in self._places], dtype=bool
        )

    def fill(self, part: Traffic) -> list[Piece]:
        """The pieces of each request's text."""
        present = np.flatnonzero(np.bincount(part.page, minlength=len(self._places))).tolist()
        slots = max((len(self._places[page]) for page in present), default=0)
        pieces: list[Piece] = []
        for slot in range(slots + 1):
            pieces.append(pick(self._of_slot[slot], part.page))
            if slot < slots:
                pieces.append(self._value(part, slot, present))
        return pieces

    def _value(self, part: Traffic, slot: int, present: list[int]) -> pa.StringArray:
        """The number in that slot; nothing where a page has fewer."""
        none = len(PLACES)
        of_page = np.asarray(
            [places[slot] if slot < len(places) else none for places in self._places], dtype=np.int8
        )
        kinds = set(of_page[present].tolist())
        if len(kinds) == 1:
            return numbers(_values(part, kinds.pop()))
        of_row = of_page[part.page]
        value = np.zeros(len(part), dtype=np.int64)
        for kind in kinds - {none}:
            rows = np.flatnonzero(of_row == kind)
            value[rows] = _values(part.take(rows), kind)
        text = numbers(value)
        return pc.if_else(pa.array(of_row == none), Same(""), text) if none in kinds else text


def _values(part: Traffic, kind: int) -> Ints:
    if kind == PLACES.index("records"):
        return part.records.astype(np.int64)
    if kind == PLACES.index("last"):
        return part.number + part.records - 1
    return part.number
