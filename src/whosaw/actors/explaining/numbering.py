"""Rows of the context with ledger numbers, from rows with digests.

Whom the ledger never met keeps a number below -1 that follows from the digest, the same in every table: two such people may live
together, or one hold leave that the other gave. Of all else it is only said that the ledger does not know it: -1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.context_schema import RESOLVED, UNKNOWN, table_schemas

from .context_rows import NUMBERED_TEXTS, numbered_schema
from .digested import ALIKE, DIGEST

__all__ = ["Numbers", "numbered", "numbers_known", "word_of"]

Numbers = Callable[[str, pa.Array], pa.Array]
"""Ledger numbers of identifiers of a kind (digests; of `key` and `route` texts), null where the ledger has none."""
_NAMED = ("person", "principal")  # whoever is told apart also where the ledger never met them


def numbered(name: str, rows: pa.Table, spellings: pa.Table, numbers: Numbers) -> pa.Table:
    """Rows of a table (with the columns of `digested_schema`, and others that are passed over) as the rules read them. Of several spellings the
    first that the ledger knows is meant."""
    kinds = {"network": "network"} | {each.name: each.kind for each in table_schemas()[name].columns}
    schema = numbered_schema(name)
    columns = []
    for column in schema.names:
        values = rows[column].combine_chunks()
        kind = kinds[column]
        if column in NUMBERED_TEXTS:
            values = _beside(values, column, partial(numbers, column))
        elif kind == ALIKE:
            values = word_of(values)
        elif kind == "principals":
            told = _identifiers(values.flatten(), "principal", spellings, numbers)
            lengths = pc.fill_null(pc.list_value_length(values), 0).to_numpy()
            offsets = pa.array(np.append(0, np.cumsum(lengths)).astype(np.int32))
            values = pa.ListArray.from_arrays(offsets, told, mask=values.is_null())
        elif kind in RESOLVED:
            values = _identifiers(values, kind, spellings, numbers)
        columns.append(values)
    return pa.table(columns, schema=schema)


def numbers_known(kind: str, distinct: pa.Array, spellings: pa.Table, numbers: Numbers) -> pa.Array:
    """The ledger's number of each of these digests, under the first of its spellings that the ledger knows; null where it knows none."""
    known = numbers(kind, distinct).cast(pa.int64())
    others = spellings.filter(pc.equal(spellings["kind"], kind))
    for rank in others["rank"].unique().sort().to_pylist() if len(others) else ():
        own = others.filter(pc.equal(others["rank"], rank))
        at = pc.index_in(distinct, value_set=own["digest"].combine_chunks())
        known = pc.coalesce(known, numbers(kind, own["spelled"].combine_chunks()).cast(pa.int64()).take(at))
    return known


def _identifiers(values: pa.Array, kind: str, spellings: pa.Table, numbers: Numbers) -> pa.Array:
    def known(distinct: pa.Array) -> pa.Array:
        found = numbers_known(kind, distinct, spellings, numbers)
        if kind not in _NAMED:
            return found
        # of 62 bits, so that none is -1, a number of the ledger, or too small for a column
        strangers = -2 - (np.abs(word_of(distinct).to_numpy(zero_copy_only=False).astype(np.int64) >> 2))
        return pc.coalesce(found, pa.array(strangers, pa.int64()))

    return _beside(values, kind, known)


def _beside(values: pa.Array, kind: str, known: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Beside each value its number, as `known` tells those of the distinct values in order."""
    coded = values.dictionary_encode()
    found = known(coded.dictionary).cast(pa.int64())
    if len(found) != len(coded.dictionary):
        raise ValueError(f"every {kind} has to be answered")
    return pc.fill_null(found, UNKNOWN).take(coded.indices)


def word_of(digests: pa.Array) -> pa.Array:
    """The first 64 bits of each digest."""
    filled = digests.cast(DIGEST).fill_null(bytes(DIGEST.byte_width))
    words = np.frombuffer(
        filled.buffers()[1], np.int64, count=2 * len(filled), offset=filled.offset * DIGEST.byte_width
    )
    return pa.array(words[::2].copy(), pa.int64(), mask=digests.is_null().to_numpy(zero_copy_only=False))
