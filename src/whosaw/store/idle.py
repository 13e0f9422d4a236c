"""Databases without a session, kept for the next: to begin one takes longer than all that a small ledger is asked."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # who only closes a workspace has no database
    import duckdb

__all__ = ["idle_databases"]

_MOST: Final = 2  # each keeps some ten megabytes of what it had
_NOWHERE: Final = Path(
    os.devnull
)  # in place of a folder: of a database that never spilled, and whose workspace was closed


class _Idle:
    """Several threads ask. A forked process begins its own: it must not touch those of its parent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._kept: list[tuple[Path | None, duckdb.DuckDBPyConnection]] = []

    def take(self, spill: Path | None) -> duckdb.DuckDBPyConnection | None:
        """One that spills into this folder, or into none so far, for the caller alone; None where none is kept."""
        if self._process != os.getpid():
            return None
        found = self._taken(spill)
        if found is None and spill is not None and (found := self._taken(_NOWHERE)) is not None:
            _spill_into(found, str(spill))
        return found

    def _taken(self, spill: Path | None) -> duckdb.DuckDBPyConnection | None:
        with self._lock:
            for at, (its, _) in enumerate(self._kept):
                if its == spill:
                    return self._kept.pop(at)[1]
        return None

    def put(self, spill: Path | None, database: duckdb.DuckDBPyConnection) -> None:
        """Keep one that holds nothing. Where there are many, the one that waits for the longest is closed."""
        oldest = None
        if self._process == os.getpid():
            with self._lock:
                self._kept.append((spill, database))
                if len(self._kept) > _MOST:
                    _, oldest = self._kept.pop(0)
        if oldest is not None:
            oldest.close()

    def close(self, folder: Path) -> None:
        """None spills into this folder or below it any more: who never did is kept for another one, and the others are closed."""
        if self._process != os.getpid():
            return
        with self._lock:
            here = [each for each in self._kept if (at := each[0]) and folder in (at, *at.parents)]
            self._kept = [each for each in self._kept if each not in here]
        for _, database in here:
            if _spill_into(database, ""):
                self.put(_NOWHERE, database)
            else:
                database.close()


def _spill_into(database: duckdb.DuckDBPyConnection, folder: str) -> bool:
    """Have a database spill into this folder; false where it had to before, and cannot be told of another one."""
    import duckdb

    try:
        database.execute("SET temp_directory = '" + folder.replace("'", "''") + "'")
    except duckdb.Error:
        return False
    return True


idle_databases: Final = _Idle()
