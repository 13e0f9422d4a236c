"""The truth about lines: which line of which file was whose, and when it happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from whosaw.core.errors import WhosawError

from .input import HONEST_LINE

__all__ = ["TruthLines"]

_BATCH = 1 << 20
_UNKNOWN = -2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """Where the lines of one file stand among all lines, half open; `table` is the file that lists them."""

    start: int
    end: int
    table: Path
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthLines:
    """Every line of a replay's logs, file after file. `parties` holds the position of its party, or HONEST_LINE."""

    parties: NDArray[np.int16]
    files: Mapping[str, _Placed]  # by path below the folder of the logs, parts apart by /

    def __len__(self) -> int:
        return len(self.parties)

    @staticmethod
    def load(tables: Mapping[str, Path], parties: Sequence[str]) -> TruthLines:
        """The lines of these tables (by folder of the service), with the positions of their parties."""
        places: dict[str, _Placed] = {}
        total = 0
        for folder, table in sorted(tables.items()):
            for name, lines in sorted(_lengths(table).items()):
                placed = _Placed(start=total, end=total + lines, table=table, name=name)
                places[f"{folder}/{name}" if folder else name] = placed
                total += lines
        whose = np.full(total, HONEST_LINE, np.int16)
        for folder, table in sorted(tables.items()):
            for batch in _batches(table, ["file", "line", "part"]):
                files, part = batch["file"], _encoded(batch["part"])
                names = pa.array(
                    [f"{folder}/{each}" if folder else each for each in files.dictionary.to_pylist()]
                )
                starts = np.asarray([places[each].start for each in names.to_pylist()], np.int64)
                # a name that the truth does not count has no lines; one that has is refused below
                known = {name: code for code, name in enumerate(parties)}
                codes = [*(known.get(each, _UNKNOWN) for each in part.dictionary.to_pylist()), HONEST_LINE]
                ours = np.asarray(codes, np.int16)[pc.fill_null(part.indices, len(codes) - 1).to_numpy()]
                if (ours == _UNKNOWN).any():
                    raise ValueError(f"{table.name} names somebody whom truth.json does not")
                at = starts[files.indices.to_numpy()] + batch["line"].to_numpy().astype(np.int64) - 1
                whose[at] = ours
        return TruthLines(parties=whose, files=places)

    def span_of(self, name: str) -> tuple[int, int] | None:
        """Where the lines of the file with this path stand, half open; None for a file that the truth does not know."""
        pieces = name.replace("\\", "/").split("/")
        for at in range(len(pieces)):  # the longest ending of the path that is known
            if (placed := self.files.get("/".join(pieces[at:]))) is not None:
                return placed.start, placed.end
        return None

    def time_of(self, position: int) -> int | None:
        """When the request of this line was made, in milliseconds since 1970 in UTC; None for lines of no request."""
        for placed in self.files.values():
            if placed.start <= position < placed.end:
                term = (pc.field("file") == placed.name) & (pc.field("line") == position - placed.start + 1)
                found = pq.read_table(placed.table, columns=["time_ms"], filters=term)["time_ms"].to_pylist()
                return int(found[0]) if found and found[0] is not None else None
        return None


def _encoded(column: pa.Array) -> pa.DictionaryArray:
    return column if isinstance(column, pa.DictionaryArray) else column.dictionary_encode()


def _batches(table: Path, columns: list[str]) -> Iterator[dict[str, pa.Array]]:
    try:
        with pq.ParquetFile(table, read_dictionary=["file", "part"]) as file:
            for batch in file.iter_batches(_BATCH, columns=columns):
                found = {name: batch.column(name) for name in columns}
                yield {**found, "file": _encoded(found["file"])}
    except (OSError, pa.ArrowException, KeyError) as fault:
        raise WhosawError(
            "score.bad-truth",
            f"{table} cannot be read as a replay's list of lines",
            hint="Make the replay again",
        ) from fault


def _lengths(table: Path) -> dict[str, int]:
    """The last line number of each file."""
    lengths: dict[str, int] = {}
    for batch in _batches(table, ["file", "line"]):
        files = batch["file"]
        last = np.zeros(len(files.dictionary), np.int64)
        np.maximum.at(last, files.indices.to_numpy(), batch["line"].to_numpy().astype(np.int64))
        for name, line in zip(files.dictionary.to_pylist(), last.tolist(), strict=True):
            lengths[name] = max(line, lengths.get(name, 0))
    return lengths
