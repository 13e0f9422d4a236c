"""Rows that are read several times and are too many to be held: files in a folder of their own, which goes with its owner."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TextIO

import pyarrow as pa

from whosaw.core.errors import WhosawError

__all__ = ["Spool"]

_PREFIX: Final = "kept-"
_LOCK: Final = "lock"


class Spool:
    """A folder below `parent`, made when it is first written to. Folders whose owners were killed are removed then."""

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self._folder: Path | None = None
        self._lock: TextIO | None = None
        self._files: dict[str, Path] = {}
        self._made = 0

    def write(self, name: str, rows: Iterable[pa.RecordBatch], schema: pa.Schema) -> Path:
        """The file that holds the rows, which may come from the one that `name` had before: that goes when this is whole."""
        import pyarrow.parquet as pq  # who only reads writes none

        old = self._files.pop(name, None)
        path = self.place(name)
        try:
            with pq.ParquetWriter(path, schema, compression="snappy", use_dictionary=False) as out:
                for batch in rows:
                    out.write_batch(batch)
            if old is not None:
                old.unlink()
        except OSError as fault:
            self.close()
            raise self._fault(fault) from fault
        return path

    def place(self, name: str) -> Path:
        """A file for `name` that is still to be written. What stood under the name before is removed."""
        self.forget(name)
        try:
            path = self._open() / f"{self._made}.parquet"
        except OSError as fault:
            self.close()
            raise self._fault(fault) from fault
        self._made += 1
        self._files[name] = path
        return path

    @property
    def folder(self) -> Path:
        """The folder, for files that others write there and that go with it."""
        try:
            return self._open()
        except OSError as fault:
            self.close()
            raise self._fault(fault) from fault

    def forget(self, name: str) -> None:
        """Remove the file of `name`, if there is one."""
        if (path := self._files.pop(name, None)) is not None:
            path.unlink(missing_ok=True)

    def _fault(self, fault: OSError) -> WhosawError:
        return WhosawError(
            "store.io",
            f"{self._parent} cannot be written to ({fault.strerror or fault})",
            hint="Check free space; nothing that was kept before is changed",
        )

    def close(self) -> None:
        """Remove the folder."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
        self._folder = self._lock = None

    def _open(self) -> Path:
        while self._folder is None:
            self._parent.mkdir(parents=True, exist_ok=True)
            _remove_left(self._parent)
            folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._parent))
            lock = _locked(folder)
            if lock is None or not os.path.lexists(
                folder / _LOCK
            ):  # taken for a dead one's before it was locked
                continue
            self._folder, self._lock = folder, lock
        return self._folder


def _locked(folder: Path) -> TextIO | None:
    """An open lock that dies with this process; None where somebody else holds it."""
    try:
        handle = open(folder / _LOCK, "a", encoding="ascii")  # noqa: SIM115  # open as long as the folder is used
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def _remove_left(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        if (lock := _locked(folder)) is not None:
            shutil.rmtree(folder, ignore_errors=True)
            lock.close()
