"""Which look-up pages a workspace follows: scan, watch and the console look at them by themselves (`looking`)."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Final

from whosaw.store.journal import Connection, Journal

__all__ = ["follow", "followed"]

_PAGES: Final = "lookup.pages"


def followed(journal: Journal) -> dict[str, str]:
    """The folder of each page that is followed, with the file that the key of its table is in."""
    kept: dict[str, str] = json.loads(journal.setting(_PAGES) or "{}")
    return kept


def follow(
    journal: Journal, connection: Connection, folder: Path, table_key: Path, *, on: bool, now: datetime
) -> None:
    """From now on look at a page, or no longer. The change is in the custody journal."""
    pages, name = followed(journal), str(folder.resolve())
    before = pages.pop(name, None)
    if on:
        pages[name] = str(table_key.resolve())
    if before != pages.get(name):
        journal.set_setting(connection, _PAGES, json.dumps(pages, sort_keys=True))
        journal.record(connection, "lookup.followed", {"page": name, "on": on}, now=now)
