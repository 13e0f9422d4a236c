"""What the local codes of a segment stand for: one file a segment, instead of its digests and a look-up of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from whosaw.core import client
from whosaw.core.errors import WhosawError
from whosaw.store.files import ContentStore, Together, parquet_bytes
from whosaw.store.kinds import CLIENT_COLUMNS, kind

from .known import Numbers

__all__ = ["CLIENT_ROW", "SEGMENT_NUMBERS", "SegmentNumbers", "put_segment_numbers", "segment_numbers"]

SEGMENT_NUMBERS = "numbers"
CLIENT_ROW = -1  # in place of a kind: the row is a client
_SCHEMA = kind(SEGMENT_NUMBERS).columns


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentNumbers:
    """By local code: kind and number of each identifier; number and traits (`CLIENT_COLUMNS`) of each client."""

    kinds: npt.NDArray[np.int8]
    identities: Numbers
    clients: Numbers
    traits: pa.Table


def put_segment_numbers(
    store: ContentStore | Together,
    kinds: npt.NDArray[np.int8],
    identities: Numbers,
    clients: Numbers,
    traits: Mapping[str, Numbers],
) -> str:
    """Write the file of one segment; returns its name. `traits` give by client a number, -1 for none."""
    none = len(kinds)
    columns: dict[str, pa.Array] = {
        "kind": pa.array(np.append(kinds, np.full(len(clients), CLIENT_ROW, np.int8))),
        "number": pa.array(np.append(identities, clients)),
    }
    for each in CLIENT_COLUMNS:
        values = traits[each.name]
        column = pa.array(values, pa.int64(), mask=values < 0).cast(each.type)
        columns[each.name] = pa.concat_arrays([pa.nulls(none, each.type), column])
    return store.put(SEGMENT_NUMBERS, parquet_bytes(pa.table(columns, schema=_SCHEMA)))


def segment_numbers(store: ContentStore, name: str) -> SegmentNumbers:
    """Read the file of one segment."""
    path = store.path(name)
    if not path.is_file():
        raise WhosawError(
            "store.missing", f"{path} is gone", hint="Restore it from a backup, or scan the logs again"
        )
    with pq.ParquetFile(path) as file:
        table = file.read(use_threads=False).cast(_SCHEMA).combine_chunks()
    kinds = table["kind"].to_numpy()
    numbers = table["number"].to_numpy()
    first = int(np.count_nonzero(kinds != CLIENT_ROW))
    return SegmentNumbers(
        kinds=kinds[:first],
        identities=numbers[:first],
        clients=numbers[first:],
        traits=table.slice(first).select(list(client.NAMES)),
    )
