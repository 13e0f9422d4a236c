"""What the local codes of segments stand for: instead of their digests and a look-up of all of them.

Segments that are numbered together share a file, as long as it stays small: first the identifiers of all of them, then the clients, both in
the order of segments and codes. A file of an earlier release is of one segment, and does not name it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core import client
from whosaw.core.errors import WhosawError
from whosaw.store.files import ContentStore
from whosaw.store.kinds import CLIENT_COLUMNS, kind
from whosaw.store.recent import Recent

from .known import Numbers

__all__ = ["CLIENT_ROW", "SEGMENT_NUMBERS", "NumbersFiles", "SegmentNumbers", "segment_numbers"]

SEGMENT_NUMBERS = "numbers"
CLIENT_ROW = -1  # in place of a kind: the row is a client
_SCHEMA = kind(SEGMENT_NUMBERS).columns
_KEPT = 1 << 20  # rows of files that are kept for the next segment or the next who asks
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentNumbers:
    """By local code: kind and number of each identifier; number and traits (`CLIENT_COLUMNS`) of each client."""

    kinds: npt.NDArray[np.int8]
    identities: Numbers
    clients: Numbers
    traits: pa.Table


@dataclass(frozen=True, slots=True)
class _File:
    """The rows of a file; of each row its segment, where it names it. `clients` is the first row of a client."""

    rows: pa.Table
    clients: int
    segments: Ints | None

    def of(self, segment: int) -> SegmentNumbers:
        first, end, start, stop = 0, self.clients, self.clients, self.rows.num_rows
        if self.segments is not None:
            first, end = np.searchsorted(self.segments[: self.clients], (segment, segment + 1)).tolist()
            start, stop = np.searchsorted(self.segments[self.clients :], (segment, segment + 1)).tolist()
            start, stop = self.clients + start, self.clients + stop
        kinds, numbers = self.rows["kind"].to_numpy(), self.rows["number"].to_numpy()
        return SegmentNumbers(
            kinds=kinds[first:end],
            identities=numbers[first:end],
            clients=numbers[start:stop],
            traits=self.rows.slice(start, stop - start).select(list(client.NAMES)),
        )


def segment_numbers(
    kinds: npt.NDArray[np.int8],
    identities: Numbers,
    clients: Numbers,
    traits: Mapping[str, Numbers],
    segments: tuple[Ints, Ints],
) -> pa.Table:
    """The rows of the file of some segments. `traits` give by client a number, -1 for none; `segments` of each identifier and of each client
    its segment: both ascend."""
    none = len(kinds)
    columns: dict[str, pa.Array] = {
        "segment": pa.array(np.concatenate(segments)),
        "kind": pa.array(np.append(kinds, np.full(len(clients), CLIENT_ROW, np.int8))),
        "number": pa.array(np.append(identities, clients)),
    }
    for each in CLIENT_COLUMNS:
        values = traits[each.name]
        column = pa.array(values, pa.int64(), mask=values < 0).cast(each.type)
        columns[each.name] = pa.concat_arrays([pa.nulls(none, each.type), column])
    return pa.table(columns, schema=_SCHEMA)


@dataclass(frozen=True, slots=True)
class NumbersFiles:
    """Reads the files of segments; what was read last is kept, for segments that share a file are asked for one after the other. Several
    threads ask."""

    store: ContentStore
    _read: Recent[str, _File] = field(default_factory=lambda: Recent(_KEPT))

    def of(self, segment: int, name: str) -> SegmentNumbers:
        """What the codes of a segment stand for, whose file is `name`."""
        found = self._read.get(name)
        if found is None:
            found = self._open(name)
            self._read.put(name, found, found.rows.num_rows)
        return found.of(segment)

    def _open(self, name: str) -> _File:
        import pyarrow.parquet as pq

        path = self.store.path(name)
        if not path.is_file():
            raise WhosawError(
                "store.missing", f"{path} is gone", hint="Restore it from a backup, or scan the logs again"
            )
        with pq.ParquetFile(path, pre_buffer=False) as file:
            table = file.read(use_threads=False)
        named = "segment" in table.column_names
        schema = _SCHEMA if named else pa.schema([each for each in _SCHEMA if each.name != "segment"])
        table = table.cast(schema).combine_chunks()
        clients = int(np.count_nonzero(table["kind"].to_numpy() != CLIENT_ROW))
        return _File(table, clients, table["segment"].to_numpy() if named else None)
