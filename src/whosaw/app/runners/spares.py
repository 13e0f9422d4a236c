"""What tasks set up and the next ones take over. Spark runs one task at a time in a process, other engines several, in threads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["Spares"]

T = TypeVar("T")


class Spares(Generic[T]):
    """Each is used by one task at a time, and those of an earlier setup are closed."""

    def __init__(self, make: Callable[[bytes], T], close: Callable[[T], None]) -> None:
        self._make, self._close = make, close
        self._lock, self._key = Lock(), ""
        self.free: list[T] = []

    @contextmanager
    def taken(self, setup: bytes) -> Iterator[T]:
        """One that was made from that setup."""
        key = hashlib.sha256(setup).hexdigest()
        with self._lock:
            if key != self._key:
                self._forget()
                self._key = key
            one = self.free.pop() if self.free else None
        if one is None:
            one = self._make(setup)
        try:
            yield one
        finally:
            with self._lock:
                if key == self._key:
                    self.free.append(one)
                else:
                    self._close(one)

    def clear(self) -> None:
        """Close those that nobody has taken."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        for each in self.free:
            self._close(each)
        self.free.clear()
