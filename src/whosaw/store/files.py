"""Files named by the digest of what they hold: whole under their final name, or absent.

They are in a folder, or in an object store: then what is read of them is kept in that folder for a while, and a file has its name in the
store before it has it here.
"""

from __future__ import annotations

import ctypes
import hashlib
import io
import os
import platform
import re
import shutil
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from itertools import count
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from whosaw.core import client
from whosaw.core.errors import WhosawError

from .kept import keeping
from .space_address import space_in, space_of
from .sql import Session, out_of_room
from .written_instants import EXPOSURES_APART, as_written, written

if TYPE_CHECKING:
    import pyarrow.parquet as pq

    from .objects.space import Space

__all__ = [
    "ContentStore",
    "Together",
    "flush",
    "held_back",
    "open_parquet",
    "parquet_bytes",
    "write_atomically",
]

_ASKED_AGAIN: Final = 3600  # seconds after which it is noted anew that a file of an object store was wanted
ROW_GROUP = 131_072  # rows; small enough that one person's rows are found without reading the whole file
_RANDOM = frozenset({"hash", "digest"})  # what does not become smaller
# instants in no order: what their bytes have in common says more than what lies between one and the next
_SCATTERED = frozenset({"first", "last", EXPOSURES_APART[0]})
# numbers of which there are many: a dictionary of them saves no room, and whole they take more bits than they have
_MANY = frozenset(
    {"line", "time", "client", "person", "number", "code", "high", "low", *EXPOSURES_APART[1:]}
    | set(client.with_(lambda each: each.numbered and not each.place))
)


def write_atomically(
    path: Path, data: bytes | memoryview, *, mode: int = 0o600, beside: Path | None = None
) -> None:
    """Write to a temporary file (in the folder of `path`, or in `beside`), flush to disk, rename.

    A reader sees the old file or the new one.
    """
    temporary = (beside or path.parent) / f".{path.name}.{os.getpid()}.{threading.get_native_id()}.part"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(temporary, path)
    except OSError as fault:
        temporary.unlink(missing_ok=True)
        raise _not_written(path, fault) from fault


@contextmanager
def held_back(output: Path, pieces: Iterable[bytes], *, code: str, mode: int = 0o600) -> Iterator[str]:
    """Write beside `output`, give the digest so that the journal can name it, and only then give the file its name. A file that
    cannot be written is a `WhosawError` of that code."""
    temporary = output.with_name(f".{output.name}.{os.getpid()}.part")
    digest = hashlib.sha256()
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as handle:
            for piece in pieces:
                digest.update(piece)
                handle.write(piece)
            handle.flush()
            os.fsync(handle.fileno())
        yield digest.hexdigest()
        os.replace(temporary, output)
    except OSError as fault:
        raise WhosawError(
            code,
            f"{output} could not be written ({fault.strerror})",
            hint="Choose another file or free some space",
        ) from fault
    finally:
        temporary.unlink(missing_ok=True)


def _encoding(name: str) -> str | None:
    """How a column of numbers is written; None: by a dictionary, or as it is."""
    if name in _SCATTERED:
        return "BYTE_STREAM_SPLIT"
    return "DELTA_BINARY_PACKED" if name in _MANY else None


def _options(schema: pa.Schema) -> dict[str, object]:
    dictionary = [field.name for field in schema if field.name not in _SCATTERED | _RANDOM | _MANY]
    encodings = {field.name: _encoding(field.name) for field in schema if pa.types.is_integer(field.type)}
    encodings = {name: encoding for name, encoding in encodings.items() if encoding is not None}
    return {
        "compression": {field.name: "NONE" if field.name in _RANDOM else "ZSTD" for field in schema},
        "compression_level": {field.name: 1 for field in schema if field.name not in _RANDOM},
        "use_dictionary": dictionary,
        "column_encoding": encodings or None,
        "store_schema": False,
        "version": "2.6",
    }


def parquet_bytes(table: pa.Table) -> memoryview:
    """The one Parquet form of a table: the same rows give the same bytes."""
    import pyarrow.parquet as pq  # who only reads writes none

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, row_group_size=ROW_GROUP, **_options(table.schema))
    return memoryview(sink.getvalue())


def open_parquet(path: Path | str) -> pq.ParquetFile:
    """A Parquet file of this machine. Columns are read when they are asked for: to fetch them ahead in other threads, as pyarrow
    does by itself, helps on a far store and costs a small file more than its rows."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(path, pre_buffer=False)


class ContentStore:
    """A folder of immutable files, each named `<sha256>.<kind>`, spread over 256 subfolders.

    Files that are being written stand in the subfolder `parts`: one for each kind of writer, so that none clears away
    what another is writing. With `space` they are there, and the folder holds what was read or written last.
    """

    def __init__(self, root: Path, *, parts: str = "part", space: Space | None = None) -> None:
        self.root = root
        self.parts = root / parts
        self.space = space

    @classmethod
    def of(cls, workspace: Path, *, parts: str = "part") -> ContentStore:
        """The files of the workspace in a folder, wherever they are."""
        address = space_in(workspace)
        space = None if address is None else space_of(address.address, address.copy)
        return cls(workspace / "files", parts=parts, space=space)

    def beside(self, parts: str) -> ContentStore:
        """The same files, for another kind of writer."""
        return ContentStore(self.root, parts=parts, space=self.space)

    def clear_parts(self) -> None:
        """Remove what a killed write left. Only for the one who holds the workspace for writing."""
        if self.parts.is_dir():
            for path in self.parts.iterdir():
                path.unlink(missing_ok=True)  # an executor of a scan that was killed may end only now

    def clear_parts_of(self, begin: str) -> None:
        """The same of all writers whose subfolders begin so, together with these."""
        for folder in self.root.glob(f"{begin}*"):
            shutil.rmtree(folder, ignore_errors=True)

    def path(self, name: str) -> Path:
        """Where the file `name` (`<sha256>.<kind>`) can be read on this machine; a file that is gone is not there."""
        self.bring([name])
        return self.place(name)

    def place(self, name: str) -> Path:
        """Where it stands on this machine, once it does."""
        return self.root / name[:2] / name

    def bring(self, names: Iterable[str]) -> None:
        """Fetch all of these that are not on this machine, many at once. Raises `WhosawError` where the object store does not answer, or
        one does not hold what its name says."""
        if self.space is None:
            return
        lacking = {}
        for name in names:
            place = self.place(name)
            try:
                if time.time() - place.stat().st_mtime > _ASKED_AGAIN:
                    os.utime(place)  # it was wanted now: the oldest leave first
            except OSError:
                lacking[name] = place
        if lacking:
            self.space.bring(lacking)

    def names(self) -> dict[str, int]:
        """Every file that has its name, and how many bytes it has."""
        if self.space is not None:
            return self.space.sizes()
        return {name: found.st_size for name, found in self.on_this_machine()}

    def on_this_machine(self) -> Iterator[tuple[str, os.stat_result]]:
        """What stands in the folder under its name; of files in an object store those that were read or written last."""
        for folder in self.root.glob("[0-9a-f][0-9a-f]"):
            for entry in os.scandir(folder):
                with suppress(FileNotFoundError):  # it went away meanwhile
                    found = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(found.st_mode) and not entry.name.startswith("."):
                        yield entry.name, found

    def remove(self, names: Sequence[str]) -> list[str]:
        """Remove files; returns those that went. For files in an object store ask the workspace, which tells other machines of it."""
        if self.space is not None:
            self.space.drop(names)
        gone = []
        for name in names:
            try:
                self.place(name).unlink()
            except FileNotFoundError:
                if self.space is None:
                    continue
            except OSError:
                continue
            gone.append(name)
        return gone

    def put(self, kind: str, data: bytes | memoryview) -> str:
        """Store `data` and return its name. Storing the same bytes again changes nothing."""
        name = f"{hashlib.sha256(data).hexdigest()}.{kind}"
        path = self.place(name)
        if not path.exists():
            if self.space is not None:
                self.space.keep({name: data})
            for folder in (path.parent, self.parts):
                _make_folder(folder)
            write_atomically(path, data, beside=self.parts)
        return name

    def put_batches(self, kind: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> str | None:
        """Store a stream of rows as one Parquet file with fixed row groups; None when there are no rows."""
        import pyarrow.parquet as pq

        self.parts.mkdir(parents=True, exist_ok=True)
        temporary = self.parts / f".{kind}.{os.getpid()}.part"
        rows = 0
        pending: list[pa.RecordBatch] = []
        columns = written(kind, schema)
        try:
            with open(temporary, "wb") as handle:
                digest = _DigestingFile(handle)
                with pq.ParquetWriter(digest, columns, **_options(columns)) as writer:
                    for batch in batches:
                        pending.append(as_written(batch, columns))
                        rows += batch.num_rows
                        if sum(each.num_rows for each in pending) >= ROW_GROUP:
                            pending = _write_full_groups(writer, columns, pending)
                    if pending:
                        writer.write_table(pa.Table.from_batches(pending, columns), row_group_size=ROW_GROUP)
                handle.flush()
                os.fsync(handle.fileno())
            name = f"{digest.hexdigest()}.{kind}" if rows else None
            if name is not None:
                if self.space is not None:
                    self.space.keep({name: temporary})
                self.place(name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(temporary, self.place(name))
        except OSError as fault:
            raise _not_written(self.root, fault) from fault
        finally:
            temporary.unlink(missing_ok=True)
        return name

    def put_query(
        self, kind: str, schema: pa.Schema, session: Session, sql: str, values: list[object] | None = None
    ) -> tuple[str | None, int]:
        """Store the rows of a query, cast to `schema`; returns the name (None for no rows) and how many rows."""
        rows = 0

        def cast() -> Iterator[pa.RecordBatch]:
            nonlocal rows
            for batch in session.batches(sql, ROW_GROUP, values):
                rows += batch.num_rows
                yield from pa.Table.from_batches([batch]).select(schema.names).cast(schema).to_batches()

        with out_of_room():
            name = self.put_batches(kind, schema, cast())
        return name, rows

    def read(self, name: str) -> bytes:
        """The bytes of `name`, checked against the digest in it."""
        path = self.path(name)
        try:
            data = path.read_bytes()
        except OSError as fault:
            raise _gone(path) from fault
        self._check(name, data)
        return data

    @contextmanager
    def mapped(self, name: str) -> Iterator[memoryview]:
        """The bytes of `name`, of which only what is looked at is read; checked against the digest in it, by a process that keeps what
        it knows once as long as nobody wrote to the file."""
        kept, path = keeping.get(), self.path(name)
        try:
            with open(path, "rb") as handle:
                found = os.fstat(handle.fileno())
                held = mmap(handle.fileno(), 0, access=ACCESS_READ)
        except (OSError, ValueError) as fault:
            raise _gone(path) from fault
        with held, memoryview(held) as data:
            state = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
            if kept is None or not kept.is_whole(name, state):
                self._check(name, data)
                if kept is not None:
                    kept.whole(name, state)
            yield data

    def _check(self, name: str, data: bytes | memoryview) -> None:
        if hashlib.sha256(data).hexdigest() != name.partition(".")[0]:
            raise WhosawError(
                "store.damaged",
                f"{self.place(name)} does not hold what its name says",
                hint="Restore it from a backup",
            )


def _gone(path: Path) -> WhosawError:
    return WhosawError(
        "store.missing", f"{path} is gone", hint="Restore it from a backup, or scan the logs again"
    )


_NUMBERS = count()  # of groups of this process


class Together:
    """Files of a store that reach the disk in one flush. None of them stands under its name before `land`."""

    def __init__(self, store: ContentStore) -> None:
        self._store = store
        self._waiting: dict[str, Path] = {}
        self._number = next(_NUMBERS)

    def put(self, kind: str, data: bytes | memoryview) -> str:
        """Write `data` beside the store and return the name that it will have."""
        name = f"{hashlib.sha256(data).hexdigest()}.{kind}"
        if name in self._waiting or self._store.place(name).exists():
            return name
        if not self._waiting:
            _make_folder(self._store.parts)
        # another group that is under way may hold the same bytes
        temporary = self._store.parts / f".{name}.{os.getpid()}.{self._number}.part"
        self._waiting[name] = temporary
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb", buffering=0) as handle:
                rest = memoryview(data)
                while rest:
                    rest = rest[handle.write(rest) :]
        except OSError as fault:
            self.discard()
            raise _not_written(self._store.root, fault) from fault
        return name

    def land(self) -> None:
        """Flush all of them, then give them their names."""
        try:
            flush(list(self._waiting.values()))
            if self._store.space is not None:
                self._store.space.keep(self._waiting)
            for name, temporary in self._waiting.items():
                path = self._store.place(name)
                if not path.parent.is_dir():
                    _make_folder(path.parent)
                os.replace(temporary, path)
        except OSError as fault:
            self.discard()
            raise _not_written(self._store.root, fault) from fault
        except WhosawError:
            self.discard()
            raise
        self._waiting.clear()

    def discard(self) -> None:
        """Remove those that have no name yet."""
        for temporary in self._waiting.values():
            temporary.unlink(missing_ok=True)
        self._waiting.clear()


def _not_written(path: Path, fault: OSError) -> WhosawError:
    there = path.parent.is_dir()
    return WhosawError(
        "store.write-failed",
        f"{path} could not be written ({fault.strerror})",
        hint="Free some space or choose another --workspace; what was written before is intact"
        if there
        else f"There is no folder {path.parent}; make it first",
    )


def flush(paths: Sequence[Path]) -> None:
    """Make sure that files of one file system are on the disk."""
    if not paths:
        return
    if (flush_all := _flush_of_file_system()) is not None:
        descriptor = os.open(paths[0].parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if flush_all(descriptor) == 0:
                return
        finally:
            os.close(descriptor)
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@cache
def _flush_of_file_system() -> Callable[[int], int] | None:
    """The call that flushes a whole file system, where it says whether it failed: Linux from 5.8 on, syncfs(2)."""
    version = re.match(r"(\d+)\.(\d+)", platform.release())
    if sys.platform != "linux" or version is None or tuple(map(int, version.groups())) < (5, 8):
        return None
    found: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "syncfs", None)
    return found


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise WhosawError(
            "store.write-failed",
            f"{path} could not be made ({fault.strerror})",
            hint="Free some space or choose another --workspace; what was written before is intact",
        ) from fault


def _write_full_groups(
    writer: pq.ParquetWriter, schema: pa.Schema, pending: list[pa.RecordBatch]
) -> list[pa.RecordBatch]:
    """Write every whole row group and return the rows left over, so that borders never depend on batches."""
    table = pa.Table.from_batches(pending, schema)
    whole = table.num_rows - table.num_rows % ROW_GROUP
    writer.write_table(table.slice(0, whole), row_group_size=ROW_GROUP)
    rest: list[pa.RecordBatch] = table.slice(whole).to_batches()
    return rest


class _DigestingFile(io.RawIOBase):
    """A file that digests what passes through it."""

    def __init__(self, handle: io.BufferedWriter) -> None:
        self._handle = handle
        self._digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(data)  # type: ignore[arg-type]  # pyarrow hands over buffers
        self._digest.update(view)
        return self._handle.write(view)

    def tell(self) -> int:
        return self._handle.tell()

    def hexdigest(self) -> str:
        return self._digest.hexdigest()
