"""How much of an object store's files is kept on this machine: what was wanted last, up to so many bytes."""

from __future__ import annotations

import fcntl
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from .files import ContentStore
from .readers import nobody_reads

__all__ = ["let_go"]

_SPARED: Final = 600  # seconds in which what was wanted is not let go: it may be about to be opened


def let_go(root: Path, files: ContentStore, most: int) -> None:
    """Remove from this machine what was not wanted for longest until at most so many bytes are left, where nobody on it reads or writes
    just now. The object store keeps all of it."""
    with suppress(OSError), open(root / "lock", "a", encoding="ascii") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with nobody_reads(root, everywhere=False) as alone:
            if alone:
                _let_go(files, most)


def _let_go(files: ContentStore, most: int) -> None:
    held = sorted((found.st_mtime, found.st_size, name) for name, found in files.on_this_machine())
    size, until = sum(each for _, each, _ in held), time.time() - _SPARED
    for wanted, each, name in held:
        if size <= most or wanted > until:
            return
        files.place(name).unlink(missing_ok=True)
        size -= each
