"""What is made of views part by part, and who makes it: pure functions over some views, or over rows of a scope, wherever they run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["NOT_HERE", "ROWS_OF_SCOPE", "Acts", "Hands", "OfRows", "OfViews", "ScopeRows", "not_repeated"]

NOT_HERE: Final = 255  # a part has a smaller number
_LATEST: Final = (1 << 63) - 1
ROWS_OF_SCOPE: Final = pa.schema(
    [
        ("content", pa.int32()),
        ("line", pa.int64()),
        ("person", pa.int32()),
        ("client", pa.int32()),
        ("address", pa.int32()),
        ("route", pa.int16()),
        ("time", pa.int64()),
        ("extra", pa.int32()),
        ("part", pa.int32()),
        ("held", pa.bool_()),
        ("unsure", pa.int8()),  # of a view that would be held: why it is only a possible one
    ]
)

Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Parts = npt.NDArray[np.uint8]


class OfViews(Protocol):
    """Work over views that are no duplicates, of which it asks for some columns: what some of them come to hangs on no others."""

    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def arrays(self) -> Mapping[str, npt.NDArray[np.generic]]:
        """What it knows of clients, by number: as many values in each as there are clients."""

    def of(self, views: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]: ...


class OfRows(Protocol):
    """Work over rows of a scope: tables by name."""

    @property
    def tables(self) -> Mapping[str, pa.Table]:
        """What it knows beside the rows."""

    def told(self, rows: pa.Table) -> Mapping[str, pa.Table]: ...


class Hands(Protocol):
    """Whoever does such work over the views of a ledger, part by part. What comes back is in the order of the parts, and the same
    whoever they are."""

    def of_views(self, work: OfViews) -> Iterator[pa.Table]: ...

    def keep(self, work: OfViews | None, others: Iterator[pa.RecordBatch]) -> Sequence[Path]:
        """Files with the rows of a scope, one at least: those that `work` makes, and `others`."""

    def of_rows(self, work: OfRows) -> Iterator[Mapping[str, pa.Table]]:
        """What the files that were kept last come to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """The first and the last view of each of so many `programs`, of clients that are `held`; by client, its `program`."""

    programs: int
    program: Ints
    held: Flags

    @property
    def columns(self) -> tuple[str, ...]:
        return ("client", "time")

    @property
    def arrays(self) -> Mapping[str, npt.NDArray[np.generic]]:
        return {"program": self.program, "held": self.held}

    def of(self, views: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """One batch: program, first, last."""
        first, last = np.full(self.programs, _LATEST), np.full(self.programs, -_LATEST)
        for batch in views:
            client = batch["client"].to_numpy()
            here = self.held[client]
            of, at = self.program[client[here]].astype(np.intp), batch["time"].to_numpy()[here]
            np.minimum.at(first, of, at)
            np.maximum.at(last, of, at)
        met = np.flatnonzero(first != _LATEST)
        yield pa.RecordBatch.from_pydict(
            {"program": pa.array(met, pa.int32()), "first": pa.array(first[met]), "last": pa.array(last[met])}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeRows:
    """Rows of the scope (`ROWS_OF_SCOPE`) of clients every view of whom belongs: by client its `part` of the actor (NOT_HERE: not
    every view belongs), and whether its views are `held`."""

    part: Parts
    held: Flags

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(each for each in ROWS_OF_SCOPE.names if each not in ("part", "held"))

    @property
    def arrays(self) -> Mapping[str, npt.NDArray[np.generic]]:
        return {"part": self.part, "held": self.held}

    def of(self, views: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in views:
            client = batch["client"].to_numpy()
            here = self.part[client] != NOT_HERE
            if not here.any():
                continue
            client, kept = client[here], batch.filter(pa.array(here))
            held, unsure = self.held[client], kept["unsure"].to_numpy()
            yield pa.RecordBatch.from_arrays(
                [
                    *(kept[name] for name in ROWS_OF_SCOPE.names if name not in ("part", "held", "unsure")),
                    pa.array(self.part[client], pa.int32()),
                    pa.array(held & (unsure == 0)),
                    pa.array(np.where(held, unsure, 0), pa.int8()),
                ],
                schema=ROWS_OF_SCOPE,
            )


def not_repeated(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Without duplicates, and without the column that says so."""
    repeated = batch["duplicate"]
    kept = batch.filter(pc.invert(repeated)) if repeated.true_count else batch
    return kept.drop_columns(["duplicate"])
