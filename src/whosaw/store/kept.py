"""What one process keeps of a workspace between questions, as long as it is what a fresh look would find.

A command opens what it needs and ends. A console is asked all day: it would follow the custody journal, list the files of the ledger and
begin a database anew for every page. Kept are: the tables of the ledger, while the same files and routes are in force; how far the journal
was followed, which is held against the journal again; one connection to the journal, so that the last one to leave does not put its log in
each time; the key that a command printed, until the vault is rotated; which files were found whole, while nobody writes to them; and sets
of people that were asked for last. Nothing of it is used by who does not say so (`keeping`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from pyroaring import BitMap

from .recent import Recent

if TYPE_CHECKING:  # what is kept is made by others
    from whosaw.core.custody import Standing

    from .custody_key import Checkpoint
    from .sql import Session

__all__ = ["Kept", "KeptLedger", "keeping"]


_MOST_OF_SETS: Final = 64 << 20  # bytes of them on disk


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLedger:
    """A database whose tables are those of a ledger in one state, and the routes of that state by number."""

    state: Hashable
    database: Session
    routes: dict[int, dict[str, Any]]


class Kept:
    """What is kept of workspaces, by their folder. Several threads ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ledgers: dict[Path, KeptLedger] = {}
        self._followed: dict[Path, Checkpoint] = {}
        self._keys: dict[tuple[Path, str], tuple[Hashable, bytes]] = {}
        self._open: dict[Path, Any] = {}
        self._whole: dict[str, Hashable] = {}
        self.sets: Recent[str, BitMap] = Recent(_MOST_OF_SETS)

    def ledger(
        self, root: Path, state: Hashable, made: Callable[[], tuple[Session, dict[int, dict[str, Any]]]]
    ) -> tuple[Session, dict[int, dict[str, Any]]]:
        """A session of its own, for the caller to close, of the ledger in `root` as it stands in this state, and its routes; `made` opens
        that state where it is not the one that is kept."""
        with self._lock:
            found = self._ledgers.get(root)
            if found is None or found.state != state:
                database, routes = (
                    made()
                )  # the one before goes with the last session of it that is open: closed, it would end them
                found = self._ledgers[root] = KeptLedger(state=state, database=database, routes=routes)
            return found.database.beside(), found.routes

    def standing(
        self, root: Path, follow: Callable[[Checkpoint | None], tuple[Standing, Checkpoint | None]]
    ) -> Standing:
        """How a journal stands, followed from where it was followed to before, as long as it holds."""
        with self._lock:
            known = self._followed.get(root)
        standing, point = follow(known)
        with self._lock:
            if point is not None and standing.answer == "holds":
                self._followed[root] = point
            else:
                self._followed.pop(root, None)
        return standing

    def key(self, root: Path, command: str, state: Hashable, printed: Callable[[], bytes]) -> bytes:
        """The key that a command prints, asked for once as long as what it opens is the same."""
        with self._lock:
            known = self._keys.get((root, command))
        if known is None or known[0] != state:
            known = state, printed()
            with self._lock:
                self._keys[root, command] = known
        return known[1]

    def is_whole(self, name: str, state: Hashable) -> bool:
        """Whether a file was found to hold what its name says when it was in this state on disk."""
        return self._whole.get(name) == state

    def whole(self, name: str, state: Hashable) -> None:
        """It was found so."""
        self._whole[name] = state

    def hold(self, root: Path, opened: Callable[[], Any]) -> None:
        """Keep something of the workspace open until all is closed; nothing where something is already."""
        with self._lock:
            if root not in self._open:
                self._open[root] = opened()

    def close(self) -> None:
        """Close all of it."""
        with self._lock:
            for each in self._ledgers.values():
                each.database.close()
            for held in self._open.values():
                held.close()
            for of in (self._ledgers, self._followed, self._keys, self._open, self._whole, self.sets):
                of.clear()


keeping: ContextVar[Kept | None] = ContextVar("keeping", default=None)
