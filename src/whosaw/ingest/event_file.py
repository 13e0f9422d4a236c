"""Reads a Parquet file of canonical events in chunks of rows, each known by its number and the digest of the file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

import pyarrow as pa

from .files.content import CHUNK_BYTES, Chunk, Content
from .files.streams import why

if TYPE_CHECKING:
    import pyarrow.parquet as pq

__all__ = ["EVENT_ROWS", "RowReader", "RowSlice", "holds_rows"]

EVENT_ROWS = 1 << 20  # rows of a chunk at most
_BYTES_OF_ROWS = 8  # what rows unpack to is let grow to so many times the bytes of a chunk of text
_MAGIC = b"PAR1"
_HEAD = 4096
_HASH_STEP = 4 << 20


def holds_rows(content: Content) -> bool:
    """Whether a content is a Parquet file: it begins with the magic, and ends with it or is named as one."""
    if content.path is None or content.packing:
        return False
    try:
        handle = os.open(content.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return False  # the reader that follows meets the same error and names it
    try:
        if os.read(handle, len(_MAGIC)) != _MAGIC:
            return False
        size = os.fstat(handle).st_size
        return content.path.suffix == ".parquet" or os.pread(handle, 4, max(0, size - 4)) == _MAGIC
    except OSError:
        return False
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSlice:
    """Rows of a Parquet file: whole row groups, read when they are asked for, or rows that were read already."""

    path: Path
    groups: tuple[int, ...] = ()
    table: pa.Table | None = None

    def load(self) -> pa.Table:
        """The rows. Raises OSError or `pa.ArrowException` where they are damaged."""
        import pyarrow.parquet as pq

        if self.table is not None:
            return self.table
        if not self.groups:
            raise OSError("the rows are damaged")
        # a handle of its own: chunks are loaded by several threads at once
        with pq.ParquetFile(self.path) as file:
            return file.read_row_groups(list(self.groups), use_threads=False)


class RowReader:
    """Iterates over the chunks of a Parquet file. Use it as a context manager.

    A chunk holds whole row groups, as many as fit `max_rows` rows and 8 times `chunk_bytes` unpacked; a larger
    group is cut. Where a chunk ends depends on the file and on these two only, so a read that starts at
    a border of an earlier one gives the same later chunks. Every chunk's `prefix_digest` is the digest of the
    whole file: a file of rows is written at once, and one that changed is another file. `offset` and `end` are
    shares of its bytes, for progress; the place of a row is its number.

    Damaged input never raises. Without a whole footer there is no row, and `fault` says so; rows of a damaged
    group come as rows that cannot be loaded.
    """

    def __init__(
        self,
        content: Content,
        *,
        start_line: int = 1,
        chunk_bytes: int = CHUNK_BYTES,
        max_rows: int = EVENT_ROWS,
    ) -> None:
        self.content = content
        self.head = b""
        self.size = 0
        self.digest = hashlib.sha256(b"").hexdigest()
        self.schema: pa.Schema | None = None
        self._max_rows, self._max_bytes = max_rows, chunk_bytes * _BYTES_OF_ROWS
        self._line = start_line
        self._problem: str | None = None
        self._handle: IO[bytes] | None = None
        self._file: pq.ParquetFile | None = None
        self._rows = 0

    @property
    def prefix_digest(self) -> str:
        return self.digest

    @property
    def lines(self) -> int:
        """Rows up to here, those before `start_line` included."""
        return self._line - 1

    @property
    def fault(self) -> str | None:
        if self._problem is None:
            return None
        return f"{self._problem}: {self.lines:,} row{'' if self.lines == 1 else 's'} read before"

    def __enter__(self) -> Self:
        import pyarrow.parquet as pq

        assert self.content.path is not None
        try:
            self._handle = self.content.path.open("rb")
            self.head = self._handle.read(_HEAD)
            self._handle.seek(0)
            self._digest_all(self._handle)
        except OSError as error:
            self._problem = f"cannot be read: {why(error)}"
            return self
        try:
            self._file = pq.ParquetFile(
                self.content.path
            )  # no memory map: a file cut short would end the process
            self.schema = self._file.schema_arrow
            self._rows = self._file.metadata.num_rows
        except (OSError, pa.ArrowException):
            self._problem = "the Parquet file is damaged or was cut short"
        return self

    def _digest_all(self, handle: IO[bytes]) -> None:
        digest = hashlib.sha256()
        while data := handle.read(_HASH_STEP):
            digest.update(data)
            self.size += len(data)
        self.digest = digest.hexdigest()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
        if self._handle is not None:
            self._handle.close()
        self._file = self._handle = None

    def __iter__(self) -> Iterator[Chunk]:
        if self._file is None or self._handle is None:
            return
        before = os.fstat(self._handle.fileno())
        for rows, count in self._slices(self._file):
            if self._changed(before):
                self._problem = "the file changed while it was read; scan it again"
                return
            yield self._chunk(rows, count)

    def _changed(self, before: os.stat_result) -> bool:
        assert self.content.path is not None
        try:
            now = os.stat(self.content.path)
        except OSError:
            return True
        return (now.st_size, now.st_mtime_ns, now.st_ino) != (
            self.size,
            before.st_mtime_ns,
            before.st_ino,
        )

    def _slices(self, file: pq.ParquetFile) -> Iterator[tuple[RowSlice, int]]:
        """Slices from `start_line` on with their numbers of rows."""
        assert self.content.path is not None
        metadata, done = file.metadata, self._line - 1
        row, waiting, rows, size = 0, list[int](), 0, 0
        for number in range(metadata.num_row_groups):
            group = metadata.row_group(number)
            whole = group.num_rows <= self._max_rows and group.total_byte_size <= self._max_bytes
            full = rows + group.num_rows > self._max_rows or size + group.total_byte_size > self._max_bytes
            if waiting and (not whole or full):
                if row - rows >= done:
                    yield RowSlice(path=self.content.path, groups=tuple(waiting)), rows
                waiting, rows, size = [], 0, 0
            if whole:
                waiting.append(number)
                rows, size = rows + group.num_rows, size + group.total_byte_size
            elif row + group.num_rows > done:
                yield from self._cut(file, number, max(0, done - row))
            row += group.num_rows
        if waiting and rows and row - rows >= done:
            yield RowSlice(path=self.content.path, groups=tuple(waiting)), rows

    def _cut(self, file: pq.ParquetFile, number: int, skip: int) -> Iterator[tuple[RowSlice, int]]:
        """A group too large for one chunk, as pieces of equal length; the first `skip` rows are known."""
        assert self.content.path is not None
        group = file.metadata.row_group(number)
        fit = group.num_rows * self._max_bytes // max(group.total_byte_size, 1)
        length = max(1, min(self._max_rows, fit))
        batches = iter(
            file.iter_batches(batch_size=min(length, 1 << 16), row_groups=[number], use_threads=False)
        )
        at, kept, held = 0, list[pa.RecordBatch](), 0
        while at + held < group.num_rows:
            try:
                batch = next(batches, None)
            except (OSError, pa.ArrowException):
                batch = None
            if batch is None:
                break
            while batch.num_rows:
                part = batch.slice(0, length - held)
                batch = batch.slice(part.num_rows)
                kept.append(part)
                held += part.num_rows
                if held == length or at + held == group.num_rows:
                    if at >= skip:
                        yield RowSlice(path=self.content.path, table=pa.Table.from_batches(kept)), held
                    at, kept, held = at + held, [], 0
        while at < group.num_rows:  # damaged: the rows are known by their numbers alone
            lost = min(length, group.num_rows - at)
            if at >= skip:
                yield RowSlice(path=self.content.path), lost
            at += lost

    def row(self, line: int) -> pa.RecordBatch | None:
        """The row with this number (from 1), alone, whatever `start_line` was; None where there is none or it is damaged."""
        at = line - 1
        for number in range(self._file.metadata.num_row_groups if self._file else 0):
            assert self._file is not None
            rows = self._file.metadata.row_group(number).num_rows
            if at >= rows:
                at -= rows
                continue
            try:
                for batch in self._file.iter_batches(row_groups=[number], use_threads=False):
                    if at < batch.num_rows:
                        return batch.slice(at, 1)
                    at -= batch.num_rows
            except (OSError, pa.ArrowException, UnicodeDecodeError):
                return None
        return None

    def _chunk(self, rows: RowSlice, count: int) -> Chunk:
        first = self._line
        self._line += count
        share = self.size / max(self._rows, 1)
        return Chunk(
            data=b"",
            offset=int(share * (first - 1)),
            end=self.size if self._line > self._rows else int(share * (self._line - 1)),
            first_line=first,
            lines=count,
            prefix_digest=self.digest,
            rows=rows,
        )
