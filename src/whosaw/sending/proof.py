"""A tree over all attempts (RFC 6962, section 2.1, SHA-256), and the way from one line to its root (RFC 9162, section 2.1.3).

A leaf is a nonce and the line. The nonce is keyed, so that nobody who sees a neighbour's hash on the way can guess the line behind it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

__all__ = ["EMPTY", "Tree", "leaf_of", "root_by_way"]

EMPTY = hashlib.sha256(b"").digest()


def leaf_of(nonce: bytes, line: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + nonce + line).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """Takes the hashes of leaves in order and keeps the ways from those `wanted` (numbers from 0); all else is one hash for each power of two."""

    def __init__(self, wanted: Iterable[int] = ()) -> None:
        self._peaks: list[
            tuple[int, bytes, tuple[int, ...]]
        ] = []  # leaves, hash, and which wanted ones are below
        self._ways: dict[int, list[bytes]] = {each: [] for each in wanted}
        self.leaves = 0

    def add(self, leaf: bytes) -> None:
        """The next leaf."""
        size, node = 1, leaf
        below: tuple[int, ...] = (self.leaves,) if self.leaves in self._ways else ()
        self.leaves += 1
        while self._peaks and self._peaks[-1][0] == size:
            _, left, others = self._peaks.pop()
            below = self._joined(left, others, node, below)
            node, size = _node(left, node), size * 2
        self._peaks.append((size, node, below))

    def root(self) -> tuple[bytes, dict[int, tuple[bytes, ...]]]:
        """The root, and by number the way from each wanted leaf, from the bottom up. Nothing may be added after."""
        if not self._peaks:
            return EMPTY, {}
        _, node, below = self._peaks.pop()
        while self._peaks:
            _, left, others = self._peaks.pop()
            below = self._joined(left, others, node, below)
            node = _node(left, node)
        return node, {at: tuple(way) for at, way in self._ways.items() if at < self.leaves}

    def _joined(
        self, left: bytes, below_left: tuple[int, ...], right: bytes, below_right: tuple[int, ...]
    ) -> tuple[int, ...]:
        for at in below_left:
            self._ways[at].append(right)
        for at in below_right:
            self._ways[at].append(left)
        return (*below_left, *below_right)


def root_by_way(leaf: bytes, number: int, leaves: int, way: Sequence[bytes]) -> bytes | None:
    """The root that a leaf, its number (from 0) and its way lead to; None where no tree of so many leaves has such a way."""
    if not 0 <= number < leaves:
        return None
    node, at, last = leaf, number, leaves - 1
    for sibling in way:
        if last == 0:
            return None
        if at % 2 or at == last:
            node = _node(sibling, node)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            node = _node(node, sibling)
        at, last = at >> 1, last >> 1
    return node if last == 0 else None
