"""What the manifest says of contents whose turn comes, asked of many at once where nothing is new: a ledger may have a million of them."""

from __future__ import annotations

from typing import Any, Final

from whosaw.ingest.files.content import Content
from whosaw.store.journal import Journal
from whosaw.store.repositories.manifest import all_rejected, newest_contents

from .content import stamp_of
from .queue import Queue

__all__ = ["KnownContents"]

_MOST: Final = 512  # contents that are asked about at once


class KnownContents:
    """Of each name the content in the manifest that was read last. Whoever commits anything says `forget`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._rows: dict[str, dict[str, Any]] = {}
        self._asked: set[str] = set()
        self._many = 1

    def expect(self, contents: Queue) -> None:
        """Contents are asked about in this order. More and more of them are looked up at once, while nothing is committed."""
        if any(each.name in self._asked for each in contents.first(1)):
            return
        names = [each.name for each in contents.first(self._many)]
        self._asked, self._rows = set(names), newest_contents(self._journal, names)
        self._many = min(2 * self._many, _MOST)

    def forget(self) -> None:
        """What is known may be so no longer."""
        self._rows, self._asked, self._many = {}, set(), 1

    def unchanged(self, content: Content) -> dict[str, Any] | None:
        """The known content of this name whose file on disk did not change since it was read whole; else None."""
        if not content.lasting or content.mtime_ns is None:
            return None
        if content.name not in self._asked:
            self._rows, self._asked = newest_contents(self._journal, [content.name]), {content.name}
        row = self._rows.get(content.name)
        return row if row is not None and row["complete"] and row["stamp"] == stamp_of(content) else None

    def refused(self, row: dict[str, Any]) -> bool:
        """Whether every line that was ever read of a content was rejected."""
        if "refused" not in row:
            held = [each["id"] for each in self._rows.values()]
            refused = all_rejected(self._journal, held)
            for each in self._rows.values():
                each["refused"] = each["id"] in refused
        return bool(row["refused"])
