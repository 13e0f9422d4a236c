"""What the ledger has of identifiers that a context names, on any machine that has its files and its key of digests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.store.digest_words import halves
from whosaw.store.numbers.allot import in_order_of_digest
from whosaw.store.numbers.history import History
from whosaw.store.vault import Vault, as_column

__all__ = ["NumbersOf"]

_TEXTS: Final = "key"  # the kind of identifier that tables name by its text, as logs do


class NumbersOf:
    """Numbers of digests, of keys by text, of routes by their id in a map."""

    def __init__(self, vault: Vault, history: History, routes: Mapping[str, int]) -> None:
        self._vault, self.history, self._routes = vault, history, routes

    def numbers(self, kind: str, values: pa.Array) -> pa.Array:
        """Numbers of digests (of keys and routes, of texts), in their order; null where it has none."""
        if kind == "route":
            return pa.array([self._routes.get(each) for each in values.to_pylist()], pa.int64())
        has = values.is_valid()
        asked = values.drop_null()
        digests = self.digests_of(kind, asked) if kind == _TEXTS else asked
        high, low = halves(digests)
        order = in_order_of_digest(high, low)
        found = np.empty(len(order), np.int64)
        found[order] = self.history.known[kind].find(high[order], low[order])
        told = pa.array(found, mask=found < 0)
        if len(asked) == len(values):
            return told
        place = pc.subtract(pc.cumulative_sum(has.cast(pa.int64())), 1)
        return pc.if_else(
            has, told.take(pc.if_else(has, place, pa.scalar(None, pa.int64()))), pa.scalar(None, pa.int64())
        )

    def digests_at(self, kind: str, numbers: npt.NDArray[np.int64]) -> pa.Array:
        """The digests that have these numbers."""
        return as_column(self.history.known[kind].digests(numbers))

    def digests_of(self, kind: str, texts: pa.Array) -> pa.Array:
        """The keyed digests of texts."""
        told = as_column(self._vault.digest_all(kind, pc.fill_null(texts, "")))
        return (
            told if not texts.null_count else pc.if_else(texts.is_valid(), told, pa.scalar(None, told.type))
        )
