"""The buckets of one run: each opened once, and threads that fetch from them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import Final, TypeVar

from .address import ObjectAddress
from .bucket import Bucket, ObjectFacts, Patience
from .listing import pages_of

__all__ = ["Buckets"]

_THREADS: Final = 16  # an answer takes some hundredths of a second, nearly all of it waiting
Made = TypeVar("Made")
_Key = tuple[str, str, str, str | None]


class Buckets:
    """Opens buckets when they are first asked for. Safe for threads. Its threads end with it, and hold up no exit."""

    def __init__(self, *, patience: Patience | None = None) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._open: dict[tuple[str, str], Bucket] = {}
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads = 0
        self._ready: dict[_Key, Future[tuple[bytes, ObjectFacts]]] = {}

    def of(self, scheme: str, bucket: str) -> Bucket:
        """Raises `WhosawError` where the library or credentials are missing."""
        with self._lock:
            if (scheme, bucket) not in self._open:
                self._open[scheme, bucket] = Bucket(scheme, bucket, patience=self._patience)
            return self._open[scheme, bucket]

    def pages(self, address: ObjectAddress) -> Iterator[list[ObjectFacts]]:
        """Every object below the key of an address, each once, in no order."""
        return pages_of(self.of(address.scheme, address.bucket), address.key, self.submit)

    def fetch_ahead(self, wanted: Sequence[tuple[ObjectAddress, int, str | None]]) -> None:
        """Begin to fetch small objects that are read soon: address, size and ETag of each. What is not read is forgotten by the next
        call."""
        for key in set(self._ready) - {_key(address, etag) for address, _, etag in wanted}:
            self._ready.pop(key).cancel()
        for address, size, etag in wanted:
            key = _key(address, etag)
            if key not in self._ready:
                bucket = self.of(address.scheme, address.bucket)
                self._ready[key] = self.submit(partial(bucket.fetch, address.key, 0, size, etag=etag))

    def take_ready(self, address: ObjectAddress, etag: str | None) -> tuple[bytes, ObjectFacts] | None:
        """What was fetched of an object, once it is there; None where it was not asked for. Raises what `Bucket.fetch` raises."""
        begun = self._ready.pop(_key(address, etag), None)
        return None if begun is None or begun.cancelled() else begun.result()

    def submit(self, job: Callable[[], Made]) -> Future[Made]:
        """What becomes of a job that a thread does."""
        made: Future[Made] = Future()

        def done() -> None:
            if not made.set_running_or_notify_cancel():
                return
            try:
                made.set_result(job())
            except BaseException as fault:  # noqa: BLE001  # raised where the result is asked for
                made.set_exception(fault)

        with self._lock:
            if self._threads < _THREADS:
                self._threads += 1
                # a daemon: Ctrl-C does not wait for a network that is away
                threading.Thread(target=self._run, name="objects", daemon=True).start()
        self._work.put(done)
        return made

    def _run(self) -> None:
        while (job := self._work.get()) is not None:
            job()

    def close(self) -> None:
        """End the threads, each after what it is doing."""
        with self._lock:
            threads, self._threads = self._threads, 0
            self._open.clear()
            for each in self._ready.values():
                each.cancel()
            self._ready.clear()
        for _ in range(threads):
            self._work.put(None)


def _key(address: ObjectAddress, etag: str | None) -> _Key:
    return address.scheme, address.bucket, address.key, etag
