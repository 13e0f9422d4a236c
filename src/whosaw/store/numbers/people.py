"""People as history has them: by known digests and the vault by number, without an index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.digest_words import halves
from whosaw.store.sql import Session
from whosaw.store.vault import as_column
from whosaw.store.workspace import Workspace

from .allot import in_order_of_digest
from .commit import sealed_raws
from .history import History

__all__ = ["OfHistory"]


class OfHistory:
    """Where facts find people and their identifiers, once numbers are history (`facts.People`)."""

    def __init__(self, workspace: Workspace, history: History, session: Session) -> None:
        self.workspace, self.session = workspace, session
        self._history, self._raws = history, sealed_raws(workspace, "person")

    def since(self, number: int, rows: int) -> Iterator[pa.Table]:
        given = self._history.given("person")
        for start in range(number, given, rows):
            yield self._raws.get(np.arange(start, min(start + rows, given)))

    def raw(self, numbers: Sequence[int]) -> Mapping[int, str]:
        rows = self._raws.get(np.unique(np.asarray(numbers, np.int64)))
        return dict(zip(rows["number"].to_pylist(), rows["raw"].to_pylist(), strict=True))

    def numbers_of(self, texts: pa.Array) -> frozenset[int]:
        high, low = halves(as_column(self.workspace.vault.digest_all("person", texts)))
        order = in_order_of_digest(high, low)
        found = self._history.known["person"].find(high[order], low[order])
        return frozenset(found[found >= 0].tolist())

    def numbers_by(self, digests: pa.Array) -> Sequence[int | None]:
        return [number if number >= 0 else None for number in self._found("person", digests).tolist()]

    def principals_by(self, digests: pa.Array) -> npt.NDArray[np.int64]:
        return self._found("principal", digests)

    def _found(self, kind: str, digests: pa.Array) -> npt.NDArray[np.int64]:
        high, low = halves(digests)
        order = in_order_of_digest(high, low)
        found = np.empty(len(order), np.int64)
        found[order] = self._history.known[kind].find(high[order], low[order])
        return found
