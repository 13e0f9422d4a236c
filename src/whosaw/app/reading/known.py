"""What the manifest says of contents whose turn comes, asked of many at once where nothing is new: a ledger may have a million of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, Final

from whosaw.ingest.event_file import holds_rows
from whosaw.ingest.files.content import Content
from whosaw.store.journal import Journal
from whosaw.store.repositories.manifest import (
    NewestContent,
    all_rejected,
    find_begun,
    head_sizes,
    newest_contents,
    read_contents,
)

from .content import HEAD_BYTES, Opener, heads_of, stamp_of
from .queue import Queue

__all__ = ["KnownContents"]

_MOST: Final = 512  # contents that are asked about at once
_SECOND: Final = 1_000_000_000  # in nanoseconds


class KnownContents:
    """Of each name the content in the manifest that was read last. Whoever commits anything but new names says `forget`."""

    def __init__(self, journal: Journal, opener: Opener) -> None:
        self._journal, self._opener = journal, opener
        self._rows: dict[str, NewestContent] = {}
        self._asked: dict[str, Content] = {}
        self._rejected: frozenset[int] | None = None  # of the rows; None: nobody asked
        self._moved: dict[Content, dict[str, Any]] | None = None  # the same
        self._many = 1

    def expect(self, contents: Queue) -> None:
        """Contents are asked about in this order. More and more of them are looked up at once, while nothing is read."""
        if any(each.name in self._asked for each in contents.first(1)):
            return
        self._asked = {each.name: each for each in contents.first(self._many)}
        self._rows = newest_contents(self._journal, list(self._asked))
        self._rejected = self._moved = None
        self._many = min(2 * self._many, _MOST)

    def forget(self) -> None:
        """What is known may be so no longer."""
        self._rows, self._asked, self._moved, self._many = {}, {}, None, 1

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

    def moved(self, content: Content) -> dict[str, Any] | None:
        """The row of the one known content that has the size and the time of change of this file and begins as it does; None where there
        is none, or more than one file may be it. Only those that are expected are looked for."""
        if self._moved is None:
            self._moved = self._find_moved()
        return self._moved.get(content)

    def _find_moved(self) -> dict[Content, dict[str, Any]]:
        sizes = head_sizes(self._journal, HEAD_BYTES)
        heads: dict[Content, list[str]] = {}
        for content in self._asked.values():
            if _tells_by_stamp(content) and self.unchanged(content) is None:
                look = self._opener.look(content)
                if look is not None:
                    heads[content] = heads_of(look.head, [size for size in sizes if size <= len(look.head)])
        begun = find_begun(self._journal, [each for own in heads.values() for each in own])
        read = read_contents(self._journal, [row["id"] for row in begun])
        alike = defaultdict[tuple[str, str], list[dict[str, Any]]](list)
        for row in begun:
            if row["complete"] and row["fault"] is None and row["id"] in read:
                alike[row["stamp"], row["head"]].append(row)
        found: dict[Content, dict[str, Any]] = {}
        for content, own in heads.items():
            rows = [row for head in own for row in alike[stamp_of(content), head]]
            if len(rows) == 1:
                found[content] = rows[0]
        files = Counter(row["id"] for row in found.values())
        return {content: row for content, row in found.items() if files[row["id"]] == 1}


def _tells_by_stamp(content: Content) -> bool:
    """Whether two files of one size and time of change are one: a file system that tells whole seconds gives many the same."""
    alone = content.path is not None and content.member is None and not holds_rows(content)
    return alone and content.mtime_ns is not None and content.mtime_ns % _SECOND != 0
