"""Ways of reading: on which pages a visit was, in which order it opened them, and how far apart its views were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from .columns import Ints

__all__ = ["way_texts"]

_SECOND: Final = 1_000_000
_LONGEST: Final = 20  # powers of four seconds: a million years
_PACKED: Final = 3  # so many pages and the pause fit into one number


def way_texts(
    visit: Ints, route: Ints, span: Ints, rows: Ints, routes: Mapping[int, str]
) -> tuple[list[str], Ints]:
    """Ways, each once, and which of them is that of each visit (-1: it read nothing). `visit` and `route` are pages in the order in
    which visits opened them; of visit n, `rows[n]` views lie `span[n]` microseconds apart in all."""
    count = len(rows)
    pages = np.bincount(visit, minlength=count)
    place = np.arange(len(visit)) - (np.cumsum(pages) - pages)[visit]
    code = _pauses(span, rows).astype(np.int64) + 2  # 0: one view, 1: less than a second
    for at in range(_PACKED):
        here = place == at
        code[visit[here]] |= (route[here] + 1) << (8 + 18 * at)
    read, longer = np.flatnonzero((pages > 0) & (pages <= _PACKED)), np.flatnonzero(pages > _PACKED)
    known, which = np.unique(code[read], return_inverse=True)
    found: dict[str, int] = {}
    mask = (1 << 18) - 1
    numbers = np.zeros(len(known), np.int64)
    for n, each in enumerate(known.tolist()):
        opened = [(each >> (8 + 18 * at) & mask) - 1 for at in range(_PACKED)]
        numbers[n] = _add(found, [each for each in opened if each >= 0], each & 255, routes)
    text = np.full(count, -1, np.int64)
    text[read] = numbers[which]
    ends = np.cumsum(pages)
    for each in longer.tolist():
        text[each] = _add(
            found, route[ends[each] - pages[each] : ends[each]].tolist(), int(code[each]) & 255, routes
        )
    return list(found), text


def _add(found: dict[str, int], opened: list[int], pause: int, routes: Mapping[int, str]) -> int:
    return found.setdefault(" > ".join(routes[each] for each in opened) + _pause_text(pause - 2), len(found))


def _pauses(span: Ints, rows: Ints) -> Ints:
    """The mean pause, from one power of four seconds to the next: -1 is less than a second, -2 says that there was one view."""
    between = np.maximum(rows - 1, 1)
    bounds = np.array([_SECOND * 4**power for power in range(_LONGEST)], np.int64)
    # bound * between <= span, without a fraction
    power = np.searchsorted(bounds, span // between, "right") - 1
    return np.where(rows < 2, -2, power)


def _pause_text(pause: int) -> str:
    if pause == -2:
        return ""
    return ", less than 1 s apart" if pause == -1 else f", {4**pause} s to {4 ** (pause + 1)} s apart"
