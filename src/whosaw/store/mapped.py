"""Files as pages of memory, of which only what is looked at is read, and large tables as such files without a name: the machine lets go of
their pages where memory is short, a process when it says so, and none leaves a file behind."""

from __future__ import annotations

import mmap
import tempfile
from pathlib import Path
from threading import Lock
from typing import IO, Any, Final
from weakref import WeakSet

import pyarrow as pa

__all__ = ["let_go", "mapped", "pages_of"]

_PAGES: Final[WeakSet[mmap.mmap]] = WeakSet()
_ADDING: Final = Lock()  # a set that grows cannot be gone through


def pages_of(file: IO[Any]) -> mmap.mmap:
    """The pages of a file that nobody writes to; they stay when it is closed. Raises `ValueError` where it is empty."""
    pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    with _ADDING:
        _PAGES.add(pages)
    return pages


def let_go() -> None:
    """Hold no page of these files any longer: who looks at one next has it from the file, or from what the machine still has of that."""
    if hasattr(mmap, "MADV_DONTNEED"):
        with _ADDING:
            every = list(_PAGES)
        for pages in every:
            if not pages.closed:
                pages.madvise(mmap.MADV_DONTNEED)


def mapped(rows: pa.Table, folder: Path) -> pa.Table:
    """The same rows, each column in one piece. The file lies in `folder`, takes what they take in memory, and is gone with the process, however
    that ends. Columns that hold nothing take nothing."""
    rows = rows.combine_chunks()
    empty = {each for each in rows.schema.names if _is_empty(rows.schema.field(each).type, rows[each])}
    held = rows.drop_columns(list(empty))
    columns = {each: _nothing(rows.schema.field(each).type, len(rows)) for each in empty}
    if held.num_columns and len(rows):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            with pa.ipc.new_file(pa.PythonFile(file, mode="w"), held.schema) as writer:
                writer.write_table(held)
            file.flush()
            held = pa.ipc.open_file(pa.BufferReader(pa.py_buffer(pages_of(file)))).read_all()
    columns |= dict(zip(held.schema.names, held.columns, strict=True))
    return pa.table([columns[each] for each in rows.schema.names], schema=rows.schema)


def _is_empty(of: pa.DataType, values: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_fixed_size_binary(of) and 0 < len(values) == values.null_count)


def _nothing(of: pa.DataType, rows: int) -> pa.Array:
    """So many nulls, of which all read zeros of memory that nobody writes to, which takes none."""
    zeros = mmap.mmap(-1, rows * of.byte_width, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    data = pa.py_buffer(zeros)
    return pa.Array.from_buffers(of, rows, [data.slice(0, (rows + 7) // 8), data], null_count=rows)
