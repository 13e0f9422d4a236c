"""Text columns to small numbers: local codes in order of first appearance, and tuples of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["encode", "encode_together", "tuples"]

Codes = npt.NDArray[np.int64]


def encode(column: pa.ChunkedArray | pa.Array) -> tuple[Codes, pa.Array]:
    """Codes (-1 for null) and the distinct values they stand for, in order of first appearance."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):  # what combine_chunks returns for no chunks at all
        array = pa.array([], column.type)
    if pa.types.is_dictionary(array.type):
        return _tidy(array)
    encoded = array.dictionary_encode()
    return _indices(encoded), encoded.dictionary


def _indices(encoded: pa.DictionaryArray) -> Codes:
    return np.asarray(encoded.indices.fill_null(-1), dtype=np.int64)


def _tidy(array: pa.DictionaryArray) -> tuple[Codes, pa.Array]:
    """A dictionary as it came may hold values twice, or unused, or null: renumber by first appearance."""
    values = array.dictionary.dictionary_encode()
    inner = np.append(_indices(values), -1)  # index -1 (null) stays -1
    codes = inner[_indices(array)]
    first = np.full(len(values.dictionary) + 1, -1, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)  # what is written last stays: the first row
    kept = np.flatnonzero(first[:-1] >= 0)
    kept = kept[np.argsort(first[kept], kind="stable")]
    rank = np.full(len(first), -1, dtype=np.int64)
    rank[kept] = np.arange(len(kept))
    return rank[codes], values.dictionary.take(pa.array(kept, pa.int64()))


def encode_together(columns: list[pa.ChunkedArray | pa.Array]) -> tuple[list[Codes], pa.Array]:
    """Encode several columns of one kind with one set of values."""
    plain: list[pa.Array] = []
    for column in columns:
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        cast = column.cast(kind) if kind != column.type else column
        plain.extend(cast.chunks if isinstance(cast, pa.ChunkedArray) else [cast])
    joined = pa.chunked_array(plain, pa.string()) if plain else pa.chunked_array([], pa.string())
    codes, values = encode(joined)
    cuts = np.cumsum([len(column) for column in columns])[:-1]
    return np.split(codes, cuts), values


def tuples(columns: list[Codes]) -> tuple[Codes, npt.NDArray[np.int64]]:
    """Number the distinct tuples over equally long columns of codes (-1 allowed), by first appearance.

    Returns the number of each row and, per tuple, the row where it appeared first.
    """
    rows = len(columns[0])
    mixed = np.zeros(rows, dtype=np.int64)
    size = 1
    for column in columns:
        if not len(column) or column.max() < 0:
            continue  # nothing tells rows apart here
        width = int(column.max(initial=-1)) + 2
        if size * width >= 1 << 62:
            _, mixed = np.unique(mixed, return_inverse=True)
            size = int(mixed.max(initial=-1)) + 1
        mixed = mixed * width + (column + 1)
        size *= width
    encoded = pa.array(mixed).dictionary_encode()
    codes = np.asarray(encoded.indices, dtype=np.int64)
    count = len(encoded.dictionary)
    first = np.full(count, rows, dtype=np.int64)
    np.minimum.at(first, codes, np.arange(rows)) if rows < 4096 else _first_rows(codes, first)
    return codes, first


def _first_rows(codes: Codes, first: npt.NDArray[np.int64]) -> None:
    """Codes are numbered by first appearance, so the first row of each is where the running maximum rises."""
    running = np.maximum.accumulate(codes)
    rises = np.flatnonzero(np.diff(running, prepend=-1))
    first[codes[rises]] = rises


def as_int32(codes: Codes) -> pa.Array:
    """Codes as a column of 32-bit numbers with null for -1."""
    return pa.array(codes.astype(np.int32), mask=codes < 0)
