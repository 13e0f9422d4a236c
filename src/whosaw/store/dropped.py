"""Files that were removed from an object store, told to every machine: none of them keeps here what is gone there.

Who removes puts the names down first. Every machine follows, and lets go of those it has, before it reads or writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from whosaw.core.errors import WhosawError

from . import statements as sa
from .files import ContentStore, write_atomically
from .journal import Journal

__all__ = ["SPACE_SETTING", "drop", "dropped", "follow"]

SPACE_SETTING: Final = "space"
"""The setting that says in which object store the files are, for all machines."""
_SEEN: Final = "dropped"  # a file beside those that were read: up to which row this machine followed

dropped = sa.Table(
    "dropped_file",
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("file", sa.String, nullable=False),
)


def drop(journal: Journal, files: ContentStore, names: Sequence[str]) -> list[str]:
    """Remove files wherever they are; returns those that went."""
    if files.space is not None and names:
        with journal.transaction() as connection:
            dropped.create(connection)
            connection.execute(dropped.insert(), [{"file": each} for each in names])
    return files.remove(names)


def follow(journal: Journal, files: ContentStore) -> None:
    """Let go of what other machines removed since this one looked last. Raises `WhosawError` where the files are elsewhere by now."""
    if files.space is None or not journal.has(dropped):
        return
    seen = files.root / _SEEN
    try:
        known = int(seen.read_bytes())
    except (OSError, ValueError):
        known = 0
    query = sa.select(dropped).where(dropped.c.seq > known).order_by(dropped.c.seq)
    rows = journal.rows(query)
    for row in rows:
        try:
            files.place(row["file"]).unlink(missing_ok=True)
        except OSError as fault:
            raise WhosawError(
                "store.write-failed",
                f"{files.place(row['file'])} could not be removed ({fault.strerror})",
                hint="It is gone from the object store; run whosaw as the user who owns this folder",
            ) from fault
    if rows:
        files.root.mkdir(parents=True, exist_ok=True)
        write_atomically(seen, str(rows[-1]["seq"]).encode())
