"""What was asked for last, as long as it weighs no more than so much together; several threads ask."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["Recent"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """What was not asked for longest goes first; what weighs more than all may together is not kept."""

    def __init__(self, most: int) -> None:
        self._most, self._weight, self._lock = most, 0, Lock()
        self._held: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        with self._lock:
            if key not in self._held:
                return None
            self._held.move_to_end(key)
            return self._held[key][0]

    def put(self, key: K, value: V, weight: int) -> None:
        with self._lock:
            if weight > self._most or key in self._held:
                return
            self._held[key] = value, weight
            self._weight += weight
            while self._weight > self._most:
                self._weight -= self._held.popitem(last=False)[1][1]

    def __iter__(self) -> Iterator[K]:
        """The keys of what is held, what was asked for last first."""
        with self._lock:
            return iter(list(reversed(self._held)))

    def clear(self) -> None:
        with self._lock:
            self._held.clear()
            self._weight = 0
