"""How many bytes each response has."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dice import Dice
from .shop_item import Shop

__all__ = ["NOT_FOUND_BYTES", "response_sizes", "sizes_of_page"]

NOT_FOUND_BYTES, _OTHER_BYTES = 1862, 154


def response_sizes(
    shop: Shop, dice: Dice, page: NDArray[Any], status: NDArray[Any] | int = 200
) -> NDArray[np.int32]:
    """Between the page's own bounds for what was answered in full, the size of a short error page for the rest."""
    low = np.asarray([entry.bytes[0] for entry in shop.page], dtype=np.int64)
    spread = np.asarray([entry.bytes[-1] - entry.bytes[0] + 1 for entry in shop.page], dtype=np.int64)
    full = low[page] + dice.below(len(page), spread[page])
    return _cut(full, np.asarray(status), (page == shop.page_at("login")) & (np.asarray(status) == 302))


def sizes_of_page(
    shop: Shop, dice: Dice, count: int, page: int, status: NDArray[Any] | int = 200
) -> NDArray[np.int32]:
    """The same for that many responses of one page."""
    low, high = shop.page[page].bytes[0], shop.page[page].bytes[-1]
    full = low + dice.below(count, high - low + 1)
    return _cut(
        full, np.asarray(status), np.asarray(page == shop.page_at("login")) & (np.asarray(status) == 302)
    )


def _cut(full: NDArray[np.int64], status: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.int32]:
    if status.ndim == 0 and int(status) == 200:
        return full.astype(np.int32)
    short = np.where(status == 404, NOT_FOUND_BYTES, np.where(status == 304, 0, _OTHER_BYTES))
    return np.where((status == 200) | whole, full, short).astype(np.int32)
