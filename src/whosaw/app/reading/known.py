"""What the manifest says of contents whose turn comes, asked of many at once where nothing is new: a ledger may have a million of them."""

from __future__ import annotations

from typing import Final

from whosaw.ingest.files.content import Content
from whosaw.store.journal import Journal
from whosaw.store.repositories.manifest import NewestContent, all_rejected, newest_contents

from .content import stamp_of
from .queue import Queue

__all__ = ["KnownContents"]

_MOST: Final = 512  # contents that are asked about at once


class KnownContents:
    """Of each name the content in the manifest that was read last. Whoever commits anything says `forget`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._rows: dict[str, NewestContent] = {}
        self._asked: set[str] = set()
        self._rejected: frozenset[int] | None = None  # of the rows; None: nobody asked
        self._many = 1

    def expect(self, contents: Queue) -> None:
        """Contents are asked about in this order. More and more of them are looked up at once, while nothing is committed."""
        if any(each.name in self._asked for each in contents.first(1)):
            return
        names = [each.name for each in contents.first(self._many)]
        self._asked, self._rows, self._rejected = set(names), newest_contents(self._journal, names), None
        self._many = min(2 * self._many, _MOST)

    def forget(self) -> None:
        """What is known may be so no longer."""
        self._rows, self._asked, self._many = {}, set(), 1

    def unchanged(self, content: Content) -> NewestContent | None:
        """The known content of this name whose file on disk did not change since it was read whole; else None."""
        if not content.lasting or content.mtime_ns is None:
            return None
        asked = content.name in self._asked
        known = (self._rows if asked else newest_contents(self._journal, [content.name])).get(content.name)
        return known if known is not None and known.complete and known.stamp == stamp_of(content) else None

    def refused(self, known: NewestContent) -> bool:
        """Whether every line that was ever read of one that is known was rejected."""
        if known.name not in self._asked:
            return bool(all_rejected(self._journal, [known.id]))
        if self._rejected is None:
            self._rejected = all_rejected(self._journal, [each.id for each in self._rows.values()])
        return known.id in self._rejected
