"""People as history has them: by known digests and the vault by number, without an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from whosaw.store.digest_words import halves
from whosaw.store.sql import Session
from whosaw.store.vault import as_column
from whosaw.store.workspace import Workspace

from .allot import in_order_of_digest
from .commit import sealed_raws
from .facts import Facts
from .history import History
from .known import Known

__all__ = ["OfHistory", "claims_of"]

_CLAIMS = pa.schema([("principal", pa.int32()), ("person", pa.int32())])


class OfHistory:
    """Where facts find people and their identifiers, once numbers are history (`facts.People`)."""

    def __init__(self, workspace: Workspace, history: History, session: Session) -> None:
        self.workspace, self.session = workspace, session
        self._history, self._raws = history, sealed_raws(workspace, "person")

    def since(self, number: int) -> pa.Table:
        return self._raws.get(np.arange(number, self._history.given("person")))

    def raw(self, numbers: Sequence[int]) -> Mapping[int, str]:
        rows = self._raws.get(np.unique(np.asarray(numbers, np.int64)))
        return dict(zip(rows["number"].to_pylist(), rows["raw"].to_pylist(), strict=True))

    def numbers_of(self, texts: pa.Array) -> frozenset[int]:
        high, low = halves(as_column(self.workspace.vault.digest_all("person", texts)))
        order = in_order_of_digest(high, low)
        found = self._history.known["person"].find(high[order], low[order])
        return frozenset(found[found >= 0].tolist())

    def numbers_by(self, digests: pa.Array) -> Sequence[int | None]:
        high, low = halves(digests)
        order = in_order_of_digest(high, low)
        found = np.empty(len(order), np.int64)
        found[order] = self._history.known["person"].find(high[order], low[order])
        return [number if number >= 0 else None for number in found.tolist()]


def claims_of(facts: Facts, principals: Known) -> pa.Table:
    """(principal, person): which principals have the text of exactly one person's id; by principal."""
    high, low = halves(facts.rows["claim"])
    order = in_order_of_digest(high, low)
    found = principals.find(high[order], low[order])
    numbers, first, many = np.unique(found, return_index=True, return_counts=True)
    one = (numbers >= 0) & (many == 1)
    person = facts.rows["person"].to_numpy()[order[first[one]]]
    return pa.table({"principal": pa.array(numbers[one]), "person": pa.array(person)}).cast(_CLAIMS)
