"""What is worked out of a group of segments that stand together, of its rows and of numbers alone: nothing is kept, and nothing is written.

Each of these may be worked out in any thread, or on any machine that reads the files of its segments.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core import client
from whosaw.core.errors import WhosawError
from whosaw.store.digest_words import Places, Words, halves
from whosaw.store.files import parquet_bytes
from whosaw.store.vault import KINDS, Vault, as_column

from .allot import in_order_of_digest
from .known import Known, Numbers
from .segments import segment_numbers

__all__ = [
    "Digests",
    "KindRuns",
    "digests_of",
    "distinct",
    "numbers_file",
    "numbers_of",
    "raws",
    "text_digests",
]

Ints = npt.NDArray[np.int32]
Digests = tuple[Words, Words, Places]
"""Digests, as two words each, and the place of each."""


@dataclass(frozen=True, slots=True)
class KindRuns:
    """The kinds of identifiers in a row: those of one kind stand together in each segment."""

    kinds: npt.NDArray[np.int8]
    lengths: Numbers

    @classmethod
    def of(cls, kinds: npt.NDArray[np.int8]) -> KindRuns:
        if not len(kinds):
            return cls(kinds, np.zeros(0, np.int64))
        starts = np.flatnonzero(np.append(True, kinds[1:] != kinds[:-1]))
        return cls(kinds[starts], np.diff(np.append(starts, len(kinds))))

    @property
    def each(self) -> npt.NDArray[np.int8]:
        """The kind of each."""
        return np.repeat(self.kinds, self.lengths)

    def many(self, kind: int) -> int:
        """How many there are of a kind."""
        return int(self.lengths[self.kinds == kind].sum())


def numbers_of(known: Known, high: Words, low: Words) -> Numbers:
    """The numbers of digests in any order; -1 of those that are not known."""
    order = in_order_of_digest(high, low)
    numbers = np.empty(len(order), np.int64)
    numbers[order] = known.find(high[order], low[order])
    return numbers


def digests_of(rows: pa.Table, start: int, kinds: Collection[str]) -> dict[str, Digests]:
    """By kind the digests of identifiers (`kind`, `digest`) whose places begin at `start`."""
    codes = rows["kind"].to_numpy()
    high, low = halves(rows["digest"])
    made = {}
    for kind in kinds:
        at = np.flatnonzero(codes == KINDS[kind])
        made[kind] = high[at], low[at], start + at
    return made


def distinct(rows: pa.Table) -> dict[str, pa.Array]:
    """By column of clients its texts, each once, in the order in which they come."""
    return {name: _coded(rows[name]).dictionary for name in client.CLEAR}


def text_digests(vault: Vault, name: str, texts: pa.Array, start: int) -> Digests:
    """The digests of texts of a column, whose places begin at `start`."""
    high, low = halves(as_column(vault.digest_all(name, texts)))
    return high, low, np.arange(start, start + len(texts))


def raws(secrets: pa.Table, codes: Ints, place: object) -> pa.Array:
    """The raw identifiers of a segment's codes, of the rows (`code`, `raw`) that its file in `place` holds."""
    held = secrets["code"].to_numpy()
    at = np.searchsorted(held, codes)
    if not np.array_equal(held[np.minimum(at, len(held) - 1)], codes):
        raise WhosawError(
            "store.damaged", f"{place} lacks identifiers of its segment", hint="Restore it from a backup"
        )
    return _whole(secrets["raw"].take(pa.array(at)))


def numbers_file(
    ids: Ints,
    kinds: npt.NDArray[np.int8],
    identities: Numbers,
    clients: Numbers,
    texts: Mapping[str, Numbers],
    rows: Sequence[pa.Table],
    many: Numbers,
) -> memoryview:
    """The bytes of the file of numbers of the segments `ids`. `kinds` and numbers of identifiers and of clients stand in the order of segments
    and codes, those of `texts` as `distinct` gives the texts; `rows` are the clients of each segment, and `many` says how many identifiers it
    has."""
    each = np.array([len(table) for table in rows], np.int64)
    before = np.repeat(np.cumsum(many) - many, each)  # of each client, the identifiers of other segments
    whole = pa.concat_tables(rows)
    traits: dict[str, Numbers] = {}
    for name in client.NUMBERED:
        code = whole[name].fill_null(-1).to_numpy()
        traits[name] = np.append(identities, -1)[np.where(code < 0, -1, code + before)]
    for name in client.CLEAR:
        at = _coded(whole[name]).indices.fill_null(-1).to_numpy()
        traits[name] = np.append(texts[name], -1)[at]
    of_segments = np.repeat(ids, many), np.repeat(ids, each)
    return parquet_bytes(segment_numbers(kinds, identities, clients, traits, of_segments))


def _coded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    return pc.dictionary_encode(_whole(column))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # no row at all
        return pa.array([], pa.string())
    return array.cast(pa.string())
