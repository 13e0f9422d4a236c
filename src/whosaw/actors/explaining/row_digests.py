"""A digest of each row of a context table, from what stands in it: 128 bits, keyed, so that nobody who writes tables can aim at one.

Digests of rows may be added: the sum over some rows depends neither on their order nor on who holds them.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["LANES", "Words", "mixed", "row_digests", "salt"]

Words = npt.NDArray[np.uint64]
LANES: Final = ("high", "low")


def salt(key: bytes, *words: str) -> np.uint64:
    """64 bits that follow from the key and these words."""
    return np.uint64(
        int.from_bytes(blake2b("\0".join(words).encode(), key=key[:64], digest_size=8).digest(), "little")
    )


def row_digests(name: str, rows: pa.Table, key: bytes) -> tuple[Words, Words]:
    """The high and the low half of the digest of each row of the table of this name."""
    columns = {each: rows[each].combine_chunks() for each in rows.schema.names}
    words = {each: _words(each, column, key) for each, column in columns.items()}
    halves = []
    for lane in LANES:
        total = np.full(rows.num_rows, salt(key, lane, name), np.uint64)
        for each, column in words.items():
            own = np.full(rows.num_rows, salt(key, lane, name, each), np.uint64)
            for part in column:
                own = mixed(own ^ part)
            nothing = mixed(np.array([salt(key, lane, name, each, "nothing")], np.uint64))
            total += np.where(_valid(columns[each]), own, nothing)
        halves.append(mixed(total))
    return halves[0], halves[1]


def _valid(column: pa.Array) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = column.is_valid().to_numpy(zero_copy_only=False)
    return found


def _words(name: str, column: pa.Array, key: bytes) -> list[Words]:
    """What stands in a column, 64 bits at a time; of null anything."""
    if pa.types.is_list(column.type):
        inner = _words(name, column.flatten(), key)
        parent = np.repeat(np.arange(len(column)), np.diff(column.offsets.to_numpy()) * _valid(column))
        out = [np.zeros(len(column), np.uint64) for _ in inner]
        for into, part in zip(out, inner, strict=True):
            np.add.at(into, parent, mixed(part))
        return out
    if pa.types.is_fixed_size_binary(column.type):
        width = column.type.byte_width
        column = column.fill_null(bytes(width))
        start = column.offset * width
        halves = np.frombuffer(
            column.buffers()[1], np.uint64, count=len(column) * width // 8, offset=start
        ).reshape(len(column), width // 8)
        return [np.ascontiguousarray(halves[:, at]) for at in range(halves.shape[1])]
    if pa.types.is_string(column.type):
        coded = column.dictionary_encode()
        own = key[:64]
        known = [
            blake2b(each.encode(), key=own, digest_size=8).digest() for each in coded.dictionary.to_pylist()
        ]
        numbers = np.append(np.frombuffer(b"".join(known), np.uint64), np.uint64(0))
        return [numbers[coded.indices.fill_null(len(known)).to_numpy()]]
    return [column.cast(pa.int64()).fill_null(0).to_numpy().view(np.uint64)]


def mixed(words: Words) -> Words:
    """Each bit of a word depends on all bits of it (the end of SplitMix64)."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
