"""From identifiers as an address book writes them to the numbers and keyed digests of the ledger, a batch at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.mapping.persons import KIND_SEPARATOR
from whosaw.mapping.subject_form import Form, forms_of
from whosaw.store import statements as sa
from whosaw.store.digest_words import halves
from whosaw.store.journal import tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.vault import DIGEST_BYTES, KINDS, as_column
from whosaw.store.workspace import Workspace

__all__ = ["KnownPersons"]

Numbers = npt.NDArray[np.int64]
Digests = npt.NDArray[np.uint8]
_BATCH = 1 << 20
_MEMORY = (
    256 << 20
)  # bytes for the engine: rows are only read past, and it would keep what it read as long as there is room


class KnownPersons:
    """Which identifiers the ledger knows as people, under any kind and form of the data map. Twenty bytes of memory for each person known, and
    sixteen more while they are put in order."""

    def __init__(self, workspace: Workspace) -> None:
        self._vault = workspace.vault
        self._high, self._low, self._numbers = _persons(workspace)
        bodies = workspace.journal.rows(sa.select(tables.route.c.body))
        routes = [json.loads(row["body"]) for row in bodies]
        self._kinds: Sequence[str] = sorted({body["subject"]["kind"] for body in routes}) or ["customer"]
        self._forms: Mapping[str, Sequence[Form]] = forms_of(routes)

    def find(self, texts: pa.Array) -> tuple[Numbers, Digests]:
        """The number of each text, -1 where the ledger never met it, and the digest that it is known by (n, 16)."""
        numbers = np.full(len(texts), -1, np.int64)
        digests = np.zeros((len(texts), DIGEST_BYTES), np.uint8)
        open_ = np.flatnonzero(np.asarray(texts.is_valid()))
        plain = texts.take(pa.array(open_))
        for kind in self._kinds:
            for spelled in (plain, *(form.read(plain)[0] for form in self._forms.get(kind, ()))):
                here = np.flatnonzero(np.asarray(spelled.is_valid()) & (numbers[open_] < 0))
                if not len(here):
                    continue
                told = pc.binary_join_element_wise(
                    pa.scalar(kind), spelled.take(pa.array(here)), KIND_SEPARATOR
                )
                made = self._vault.digest_all("person", told)
                found = self._find(made)
                hit = found >= 0
                numbers[open_[here[hit]]] = found[hit]
                digests[open_[here[hit]]] = made[hit]
        return numbers, digests

    def _find(self, digests: Digests) -> Numbers:
        found = np.full(len(digests), -1, np.int64)
        if not len(self._high):
            return found
        high, low = halves(as_column(digests))
        order = np.argsort(high)  # so that the places that are looked at follow each other
        at = np.empty(len(high), np.int64)
        at[order] = np.searchsorted(self._high, high[order])
        while len(open_ := np.flatnonzero((found < 0) & (at < len(self._high)))):
            here = at[open_]
            same = self._high[here] == high[open_]
            hit = same & (self._low[here] == low[open_])
            found[open_[hit]] = self._numbers[here[hit]]
            at[open_] = np.where(same & ~hit, here + 1, len(self._high))
        return found


def _persons(
    workspace: Workspace,
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """Digests of all known people in two halves, sorted by the first, and their numbers."""
    reader = LedgerReader(workspace, memory_bytes=_MEMORY)
    try:
        count = int(
            reader.session.query(f"SELECT count(*) AS n FROM identities WHERE kind = {KINDS['person']}")["n"][
                0
            ].as_py()
        )
        high, low = np.empty(count, np.uint64), np.empty(count, np.uint64)
        numbers = np.empty(count, np.int32)
        at = 0
        for batch in reader.session.batches(
            f"SELECT digest, number FROM identities WHERE kind = {KINDS['person']}", _BATCH
        ):
            stop = at + batch.num_rows
            high[at:stop], low[at:stop] = halves(batch.column("digest").cast(pa.binary(DIGEST_BYTES)))
            numbers[at:stop] = batch.column("number").to_numpy()
            at = stop
    finally:
        reader.close()
    if count and (high[1:] < high[:-1]).any():
        order = np.argsort(high, kind="stable")
        # one after the other, each in the place of what it came from: of a nation every copy is a quarter of a gigabyte
        high = high[order]
        low = low[order]
        numbers = numbers[order]
    return high, low, numbers
