"""Parts of the views of a ledger, cut alike whoever goes through them, and files with rows that were made of them."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from whosaw.core.errors import WhosawError
from whosaw.scope.hands import ROWS_OF_SCOPE, OfViews, not_repeated
from whosaw.store.files import ROW_GROUP, ContentStore, open_parquet
from whosaw.store.ledger import LedgerReader

__all__ = ["ViewPart", "cut_views", "others_in_files", "read_rows", "views_of", "write_rows"]

_PART_ROWS: Final = 2 * ROW_GROUP  # of the ledger's views; one file of rows comes of them
_MOST_PARTS: Final = 1 << 12  # of a larger ledger they are longer
_NAMES: Final = {"content": "segment"}  # columns that files call otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPart:
    """Row groups of one file of views, from `first` up to, not including, `end`."""

    file: str
    first: int
    end: int


def cut_views(reader: LedgerReader) -> tuple[ViewPart, ...]:
    """The views of an open ledger, in parts. They hang on its files alone."""
    groups = []
    for path in reader.files["views"]:
        meta = open_parquet(path).metadata
        groups.append((path.name, [meta.row_group(at).num_rows for at in range(meta.num_row_groups)]))
    every = sum(sum(rows) for _, rows in groups)
    wanted = max(_PART_ROWS, -(-every // _MOST_PARTS))
    found = []
    for name, rows in groups:
        first = many = 0
        for at, each in enumerate(rows):
            if many and many + each > wanted:
                found.append(ViewPart(file=name, first=first, end=at))
                first, many = at, 0
            many += each
        if many:
            found.append(ViewPart(file=name, first=first, end=len(rows)))
    return tuple(found)


def views_of(files: ContentStore, part: ViewPart, work: OfViews) -> Iterator[pa.RecordBatch]:
    """The views of a part, as work over views asks for them."""
    columns = [*work.columns, "duplicate"]
    stored = {_NAMES.get(each, each): each for each in columns}
    file = open_parquet(files.path(part.file))
    there = [each for each in stored if each in file.schema_arrow.names]
    for batch in file.iter_batches(
        ROW_GROUP, row_groups=range(part.first, part.end), columns=there, use_threads=False
    ):
        views = batch.rename_columns([stored[each] for each in batch.schema.names])
        if "unsure" in columns and "unsure" not in there:  # what is only possible was not told apart then
            views = views.append_column("unsure", pa.array(np.zeros(len(views), np.int8)))
        yield not_repeated(views.select(columns))


def write_rows(folder: Path, rows: Iterable[pa.RecordBatch]) -> Path:
    """Rows of a scope in a file of that folder, under the digest of its bytes: equal rows are equal bytes under one name."""
    import pyarrow.parquet as pq  # who only reads writes none

    beside = folder / f"{uuid.uuid4().hex}.part"
    try:
        with pq.ParquetWriter(beside, ROWS_OF_SCOPE, compression="snappy", use_dictionary=False) as out:
            for batch in rows:
                out.write_batch(batch)
        with beside.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        path = folder / f"{digest}.parquet"
        os.replace(beside, path)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        raise WhosawError(
            "store.io",
            f"{folder} cannot be written to ({fault.strerror or fault})",
            hint="Check free space; nothing that was kept before is changed",
        ) from fault
    return path


def others_in_files(folder: Path, rows: Iterator[pa.RecordBatch]) -> Sequence[Path]:
    """Rows that were made in one go, as many in each file as a part has at most; one at least. How they come in batches makes no
    difference."""
    found, left = [], ROWS_OF_SCOPE.empty_table()
    for batch in rows:
        left = pa.concat_tables([left, pa.Table.from_batches([batch])])
        while len(left) >= _PART_ROWS:
            found.append(_in_file(folder, left.slice(0, _PART_ROWS)))
            left = left.slice(_PART_ROWS)
    return [*found, _in_file(folder, left)] if len(left) or not found else found


def _in_file(folder: Path, rows: pa.Table) -> Path:
    return write_rows(folder, rows.combine_chunks().to_batches())


def read_rows(path: Path) -> pa.Table:
    """The rows of such a file."""
    return open_parquet(path).read(use_threads=False)
