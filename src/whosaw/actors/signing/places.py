"""The place of a person among all whose identifiers hold a number, as of the end of a day.

Numbers lie in sorted lists that share nobody: those known at first, and those of each day since. How many stand before somebody
in all of them is the sum of how many do in each, so no list is ever made again. Places of different kinds are never near.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .columns import Digests, Ints, plain

__all__ = ["NUMBERS", "Places", "SortedNumbers"]

NUMBERS: Final = pa.schema([("person", pa.int32()), ("kind", pa.string()), ("value", pa.int64())])
"""People whose identifiers hold one whole number, and what stands around it."""
_APART: Final = 1000
_KEY: Final = 24  # bytes: the number and the digest

Keys = npt.NDArray[np.bytes_]


def _keys(numbers: pa.Table, digests: Digests) -> Keys:
    """Texts of bytes that sort by number, and those of one number by digest."""
    found = np.zeros((numbers.num_rows, _KEY), np.uint8)
    if numbers.num_rows:
        found[:, :8] = plain(numbers["value"]).astype(">u8").view(np.uint8).reshape(-1, 8)
        told = b"".join(digests("person", numbers["person"].combine_chunks()).to_pylist())
        found[:, 8:] = np.frombuffer(told, np.uint8).reshape(-1, _KEY - 8)
    keys: Keys = found.view(f"S{_KEY}").reshape(-1)
    return keys


class SortedNumbers:
    """Numbers (`NUMBERS`) by kind, each kind's in order."""

    def __init__(self, numbers: pa.Table, digests: Digests) -> None:
        keys = _keys(numbers, digests)
        self._kinds: dict[str, Keys] = {}
        kinds = np.asarray(numbers["kind"].to_pylist(), object)
        for kind in sorted(set(kinds.tolist())):
            self._kinds[kind] = np.sort(keys[kinds == kind])

    @property
    def kinds(self) -> Mapping[str, Keys]:
        return self._kinds

    def before(self, kind: str, keys: Keys) -> Ints:
        """How many stand before each of these, those of earlier kinds among them."""
        earlier = sum(len(each) for name, each in self._kinds.items() if name < kind)
        if kind not in self._kinds:
            return np.full(len(keys), earlier, np.int64)
        return np.searchsorted(self._kinds[kind], keys, "left").astype(np.int64) + earlier


class Places:
    """Places in lists that share nobody."""

    def __init__(self, lists: Sequence[SortedNumbers], digests: Digests) -> None:
        self._lists, self._digests = tuple(lists), digests
        self._kinds = sorted({kind for each in lists for kind in each.kinds})

    def of(self, numbers: pa.Table) -> Ints:
        """The places of people (`NUMBERS`) who stand in the lists, from 1 on."""
        keys = _keys(numbers, self._digests)
        kinds = np.asarray(numbers["kind"].to_pylist(), object)
        found = np.zeros(numbers.num_rows, np.int64)
        for rank, kind in enumerate(self._kinds, 1):
            mine = np.flatnonzero(kinds == kind)
            if len(mine):
                found[mine] = 1 + _APART * rank + sum(each.before(kind, keys[mine]) for each in self._lists)
        return found
