"""Texts that are kept in clear, by number: user agents, keys, TLS fingerprints, ways of reading.

They stand in files and not in the journal: whoever sends requests chooses their user agent, so there may be as many as lines, and
every transaction would carry them. Numbers only ever grow, so new texts are a file behind the others; two files become one when the
later has an eighth of the rows of the one before.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from whosaw.core.errors import WhosawError
from whosaw.store.files import ROW_GROUP, ContentStore, parquet_bytes

from .history import TextFile
from .known import Numbers

__all__ = ["TEXT_FILES", "texts_of", "with_texts"]

TEXT_FILES = "texts"  # the kind of these files in the store
_MERGE_AT = 8


def with_texts(
    store: ContentStore, files: Sequence[TextFile], first: int, texts: pa.Array
) -> tuple[TextFile, ...]:
    """The files with these texts behind them, which have the numbers from `first` on. They are written when it returns."""
    if not len(texts):
        return tuple(files)
    held, table = list(files), pa.table({"text": texts.cast(pa.string())})
    while held and _MERGE_AT * table.num_rows >= held[-1].rows:
        before = held.pop()
        first = before.first
        table = pa.concat_tables([_table(store, before), table]).combine_chunks()
    name = store.put(TEXT_FILES, parquet_bytes(table))
    return (*held, TextFile(first=first, rows=table.num_rows, file=name))


def texts_of(store: ContentStore, files: Sequence[TextFile], numbers: Numbers) -> pa.Array:
    """The texts with these numbers, in their order. A number that no text has is an error of the caller."""
    import pyarrow.parquet as pq

    parts = [pa.array([], pa.string())]
    at = np.zeros(len(numbers), np.int64)
    done = 0
    for each in files:
        here = np.flatnonzero((numbers >= each.first) & (numbers < each.first + each.rows))
        if not len(here):
            continue
        wanted = numbers[here] - each.first
        groups = np.unique(wanted // ROW_GROUP)
        with pq.ParquetFile(_path(store, each)) as file:
            column = file.read_row_groups(groups.tolist(), columns=["text"], use_threads=False)["text"]
        row = (
            wanted
            - (groups * ROW_GROUP - np.arange(len(groups)) * ROW_GROUP)[
                np.searchsorted(groups, wanted // ROW_GROUP)
            ]
        )
        parts.append(pa.concat_arrays(column.take(pa.array(row)).cast(pa.string()).chunks))
        at[here] = np.arange(done, done + len(here))
        done += len(here)
    if done != len(numbers):
        raise IndexError("a text was asked for that has no number")
    return pa.concat_arrays(parts).take(pa.array(at))


def _table(store: ContentStore, each: TextFile) -> pa.Table:
    import pyarrow.parquet as pq

    with pq.ParquetFile(_path(store, each)) as file:
        return file.read(columns=["text"], use_threads=False).cast(pa.schema([("text", pa.string())]))


def _path(store: ContentStore, each: TextFile) -> str:
    path = store.path(each.file)
    if not path.is_file():
        raise WhosawError(
            "store.missing", f"{path} is gone", hint="Restore it from a backup, or scan the logs again"
        )
    return str(path)
