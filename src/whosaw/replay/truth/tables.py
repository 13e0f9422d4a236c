"""The truth as tables: who was seen by whom in which category, and which line was whose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from whosaw.replay.dice import Bools, Ints
from whosaw.replay.people import People
from whosaw.replay.setting import Setting
from whosaw.replay.traffic import HONEST

from .count import BLOCK, ActorTally

__all__ = ["LINES", "SEEN", "LinesTable", "write_seen"]

SEEN = pa.schema(
    {
        "actor": pa.dictionary(pa.int16(), pa.string()),
        "person": pa.int64(),
        "category": pa.dictionary(pa.int16(), pa.string()),
        "views": pa.int64(),
        "first": pa.timestamp("s", tz="UTC"),
        "last": pa.timestamp("s", tz="UTC"),
    }
)
LINES = pa.schema(
    {
        "file": pa.dictionary(pa.int32(), pa.string()),
        "line": pa.int32(),
        "time_ms": pa.int64(),
        "part": pa.dictionary(pa.int16(), pa.string()),
        "views": pa.bool_(),
    }
)
_ROWS = 1 << 17
_DELTA = "DELTA_BINARY_PACKED"


def write_seen(path: Path, setting: Setting, people: People, actors: Iterable[ActorTally]) -> int:
    """A row for each actor, member and category, in that order; returns how many."""
    rows = 0
    with pq.ParquetWriter(
        path,
        SEEN,
        version="2.6",
        compression="zstd",
        compression_level=1,
        use_dictionary=["actor", "category"],
        column_encoding={"person": _DELTA, "views": _DELTA, "first": _DELTA, "last": _DELTA},
        store_schema=False,
    ) as writer:
        for actor in sorted(actors, key=lambda actor: actor.id):
            for table in _blocks(setting, people, actor):
                rows += table.num_rows
                writer.write_table(table, row_group_size=_ROWS)
    return rows


def _blocks(setting: Setting, people: People, actor: ActorTally) -> Iterator[pa.Table]:
    shop, start = setting.shop, setting.calendar.start // 1000
    categories = sorted({each for page in actor.pages for each in shop.page[page].categories})
    for low in range(0, len(people), BLOCK):
        high = min(low + BLOCK, len(people))
        tallies = {page: tally.between(low, high) for page, tally in actor.pages.items()}
        shape = (high - low, len(categories))
        views, first, last = (
            np.empty(shape, np.uint32),
            np.empty(shape, np.uint32),
            np.empty(shape, np.uint32),
        )
        for at, category in enumerate(categories):
            of = [tally for page, tally in tallies.items() if category in shop.page[page].categories]
            views[:, at] = sum(count for count, _, _ in of)
            first[:, at] = np.minimum.reduce([begin for _, begin, _ in of])
            last[:, at] = np.maximum.reduce([end for _, _, end in of])
        seen = views > 0
        who, which = np.nonzero(seen)
        if len(who):
            yield pa.table(
                [
                    _coded(np.zeros(len(who), np.int16), [actor.id]),
                    pa.array(people.numbers[low + who]),
                    _coded(which.astype(np.int16), categories),
                    pa.array(views[seen].astype(np.int64)),
                    pa.array(start + first[seen].astype(np.int64), SEEN.field("first").type),
                    pa.array(start + last[seen].astype(np.int64), SEEN.field("last").type),
                ],
                schema=SEEN,
            )


class LinesTable:
    """Says of every line of one service's files whose it was. Use it as a context manager; files come in order."""

    def __init__(self, path: Path) -> None:
        self._writer = pq.ParquetWriter(
            path,
            LINES,
            version="2.6",
            compression="none",  # encoded columns are small as they are
            use_dictionary=["file", "part"],
            column_encoding={"line": _DELTA, "time_ms": _DELTA},
            write_statistics=["line", "time_ms", "file"],
            store_schema=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def add(self, file: str, time: Ints, part: NDArray[np.int16], actors: list[str], carries: Bools) -> None:
        """The lines of one file in order: the request's time, its part's code, and whether it showed personal data.

        `actors` holds the actor of each code.
        """
        names = sorted(set(actors))
        codes = np.asarray([*(names.index(actor) for actor in actors), 0], dtype=np.int16)
        for low in range(0, len(time), _ROWS):
            rows = slice(low, low + _ROWS)
            many, honest = len(time[rows]), part[rows] == HONEST
            whose = codes[part[rows]]  # HONEST takes the last one, which is masked
            table = pa.table(
                [
                    _coded(np.zeros(many, np.int32), [file]),
                    pa.array(np.arange(low + 1, low + many + 1, dtype=np.int32)),
                    pa.array(time[rows]),
                    _coded(whose, names, honest),
                    pa.array(carries[rows]),
                ],
                schema=LINES,
            )
            self._writer.write_table(table, row_group_size=_ROWS)


def _coded(codes: NDArray[np.integer], texts: list[str], none: Bools | None = None) -> pa.DictionaryArray:
    indices = pa.array(codes, mask=none if none is not None and none.any() else None)
    return pa.DictionaryArray.from_arrays(indices, pa.array(texts, pa.string()))
