"""Threads of this process that go through the views of a ledger, a part each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from whosaw.scope.hands import OfRows, OfViews
from whosaw.store.files import ContentStore
from whosaw.store.free_memory import give_back
from whosaw.store.spool import Spool

from .cut import ViewPart, others_in_files, read_rows, views_of, write_rows

__all__ = ["ThreadHands"]

Given = TypeVar("Given")
Told = TypeVar("Told")


class ThreadHands:
    """So many threads (`scope.hands.Hands`)."""

    def __init__(self, files: ContentStore, parts: Sequence[ViewPart], spool: Spool, *, threads: int) -> None:
        self._files, self._parts, self._spool = files, parts, spool
        self._threads = threads
        self._rows: Sequence[Path] = ()

    def of_views(self, work: OfViews) -> Iterator[pa.Table]:
        return self._each(partial(self._views, work), self._parts)

    def _views(self, work: OfViews, part: ViewPart) -> pa.Table:
        return pa.Table.from_batches(list(work.of(views_of(self._files, part, work))))

    def keep(self, work: OfViews | None, others: Iterator[pa.RecordBatch]) -> Sequence[Path]:
        folder = self._spool.folder
        made = () if work is None else self._each(partial(self._kept, work, folder), self._parts)
        self._rows = [*made, *others_in_files(folder, others)]
        return self._rows

    def _kept(self, work: OfViews, folder: Path, part: ViewPart) -> Path:
        return write_rows(folder, work.of(views_of(self._files, part, work)))

    def of_rows(self, work: OfRows) -> Iterator[Mapping[str, pa.Table]]:
        return self._each(lambda path: work.told(read_rows(path)), self._rows)

    def _each(self, make: Callable[[Given], Told], given: Iterable[Given]) -> Iterator[Told]:
        """What is made of each, in order; a few are made ahead of who takes them."""
        under_way: deque[Future[Told]] = deque()
        # what threads hold goes with them: closing and counting needs the memory in between
        with ThreadPoolExecutor(self._threads, thread_name_prefix="scope") as pool:
            try:
                for each in given:
                    under_way.append(pool.submit(_made, make, each))
                    if len(under_way) > 2 * self._threads:
                        yield under_way.popleft().result()
                while under_way:
                    yield under_way.popleft().result()
            finally:
                for left in under_way:
                    left.cancel()
        give_back()

    def close(self) -> None:
        """Remove the files."""
        self._spool.close()


def _made(make: Callable[[Given], Told], given: Given) -> Told:
    try:
        return make(given)
    finally:
        pa.default_memory_pool().release_unused()  # what a thread holds for its next part is lost to whoever closes and counts
