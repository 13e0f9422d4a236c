"""Contents whose turn has not come: taken from the listing as they are needed, for there may be millions."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice

from whosaw.ingest.files.content import Content

__all__ = ["Queue"]


class Queue:
    """Contents in order, of which only those that are looked at are held."""

    def __init__(self, contents: Iterable[Content] = ()) -> None:
        self._rest = iter(contents)
        self._taken: deque[Content] = deque()

    def first(self, most: int) -> list[Content]:
        """The next ones, up to `most` of them; they stay in the queue."""
        self._taken.extend(islice(self._rest, max(0, most - len(self._taken))))
        return list(islice(self._taken, most))

    def popleft(self) -> Content:
        """Take the next one out. It must be there."""
        self.first(1)
        return self._taken.popleft()
