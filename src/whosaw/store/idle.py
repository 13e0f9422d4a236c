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


class _Idle:
    """Several threads ask. A forked process begins its own: it must not touch those of its parent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._kept: list[tuple[Path | None, duckdb.DuckDBPyConnection]] = []

    def take(self, spill: Path | None) -> duckdb.DuckDBPyConnection | None:
        """One that spills into this folder, for the caller alone; None where none is kept."""
        if self._process != os.getpid():
            return None
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
        """Close those that spill into this folder or below it."""
        if self._process != os.getpid():
            return
        with self._lock:
            here = [each for each in self._kept if (at := each[0]) and folder in (at, *at.parents)]
            self._kept = [each for each in self._kept if each not in here]
        for _, database in here:
            database.close()


idle_databases: Final = _Idle()
