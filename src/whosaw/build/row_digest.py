"""The digest of rows: 128 bits and a count that do not depend on files, cuts, order or the writer.

Each value becomes 64 bits that are scrambled under a secret of its column. A row is the sum of its values, each times a secret
number of its column, and is scrambled again, so that values cannot change rows unseen. Rows are added. All that is done twice,
with other secrets, modulo 2^64. The secrets come from the vault key (HKDF), so that nobody who writes logs can aim at a sum.

It decides what is made again, and proves nothing: what is shown to others stands under SHA-256.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.store.vault import Vault

__all__ = ["RowDigest", "RowDigests", "day_starts", "row_secrets"]

Words = npt.NDArray[np.uint64]
_MODULUS = 1 << 64
_ROWS = 1 << 13  # so many at once stay in the cache of a core
_OF_BYTES, _OF_ROWS = "row digest bytes", "row digest rows"  # purposes of secrets
_ROW_SECRET, _COLUMN_SECRET = 32, 48  # bytes
_BYTES = pa.large_binary()
_HALF, _THIRD = np.uint64(32), np.uint64(29)


@dataclass(frozen=True, slots=True)
class RowDigest:
    """What a set of rows sums up to. Rows that are put together add up; those that are taken away are subtracted."""

    rows: int = 0
    first: int = 0
    second: int = 0

    def __add__(self, other: RowDigest) -> RowDigest:
        return RowDigest(
            self.rows + other.rows,
            (self.first + other.first) % _MODULUS,
            (self.second + other.second) % _MODULUS,
        )

    def __sub__(self, other: RowDigest) -> RowDigest:
        return RowDigest(
            self.rows - other.rows,
            (self.first - other.first) % _MODULUS,
            (self.second - other.second) % _MODULUS,
        )

    def __str__(self) -> str:
        return f"{self.rows}:{self.first:016x}{self.second:016x}"

    @classmethod
    def parse(cls, text: str) -> RowDigest:
        """The digest that `str` told so."""
        if text == _OF_NOTHING:  # as of most hours of what few sources tell
            return _NOTHING
        rows, sums = text.split(":")
        return cls(int(rows), int(sums[:16], 16), int(sums[16:], 16))


_NOTHING = RowDigest()
_OF_NOTHING = str(_NOTHING)


@dataclass(frozen=True, slots=True)
class _Secrets:
    """Of one column, or of one half of what is wider than 64 bits: what scrambles a value, what it counts in either sum, and how much more than
    a 0 counts in either where there is none."""

    mask: np.uint64
    factor: np.uint64
    first: np.uint64
    second: np.uint64
    none_first: np.uint64
    none_second: np.uint64


def row_secrets(columns: Iterable[str]) -> dict[str, int]:
    """By purpose how many bytes of secret it takes to digest rows that have any of these columns."""
    halves = (_of_column(f"{half} {name}") for name in sorted(set(columns)) for half in (0, 1))
    return {_OF_BYTES: 32, _OF_ROWS: _ROW_SECRET, **dict.fromkeys(halves, _COLUMN_SECRET)}


def _of_column(key: str) -> str:
    return f"row digest column {key}"


class RowDigests:
    """Digests rows under the secrets of one vault."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._keyed = hashlib.blake2b(digest_size=16, key=vault.secret(_OF_BYTES))
        self._columns: dict[str, _Secrets] = {}
        self._rows = [_odd(each) for each in _words(vault.secret(_OF_ROWS, _ROW_SECRET))]

    def of(self, table: pa.Table) -> RowDigest:
        """The digest of all rows of a table. The order of its columns does not matter, their names do."""
        first, second = self._of_rows(table)
        return RowDigest(table.num_rows, int(first.sum(dtype=np.uint64)), int(second.sum(dtype=np.uint64)))

    def by_day(self, table: pa.Table) -> dict[int, RowDigest]:
        """The digests of the days of a table whose first column `day` ascends; of the other columns alone."""
        starts, days = day_starts(table)
        if not days:
            return {}
        first, second = (np.add.reduceat(each, starts) for each in self._of_rows(table.drop_columns(["day"])))
        rows = np.diff([*starts, table.num_rows])
        return {
            day: RowDigest(int(many), int(one), int(other))
            for day, many, one, other in zip(days, rows, first, second, strict=True)
        }

    def _of_rows(self, table: pa.Table) -> tuple[Words, Words]:
        """Of each row, what it adds to the two sums."""
        sums = np.zeros((2, table.num_rows), np.uint64)
        for name in table.column_names:
            for half, (words, none) in enumerate(self._values(table[name])):
                self._add(sums, self._secrets(name, half), words, none)
        for total, factors in zip(sums, (self._rows[:2], self._rows[2:]), strict=True):
            for at in range(0, len(total), _ROWS):
                part = total[at : at + _ROWS]
                for factor in factors:
                    part ^= part >> _HALF
                    part *= factor
                part ^= part >> _THIRD
        return sums[0], sums[1]

    def _add(
        self,
        sums: npt.NDArray[np.uint64],
        secrets: _Secrets,
        words: Words,
        none: npt.NDArray[np.bool_] | None,
    ) -> None:
        room = np.empty((2, min(_ROWS, len(words))), np.uint64)
        for at in range(0, len(words), _ROWS):
            here = sums[:, at : at + _ROWS]
            value, product = room[:, : here.shape[1]]
            np.bitwise_xor(words[at : at + _ROWS], secrets.mask, out=value)
            value *= secrets.factor
            value ^= np.right_shift(value, _HALF, out=product)
            here[0] += np.multiply(value, secrets.first, out=product)
            here[1] += np.multiply(value, secrets.second, out=product)
            if none is not None:
                lacking = none[at : at + _ROWS]
                here[0] += np.multiply(lacking, secrets.none_first, out=product)
                here[1] += np.multiply(lacking, secrets.none_second, out=product)

    def _secrets(self, name: str, half: int) -> _Secrets:
        key = f"{half} {name}"
        found = self._columns.get(key)
        if found is None:
            words = _words(self._vault.secret(_of_column(key), _COLUMN_SECRET))
            mask, factor, first, second, *nothing = (int(each) for each in words)
            factor |= 1
            zero = mask * factor % _MODULUS
            zero ^= zero >> int(_HALF)
            more = (one - zero * of for one, of in zip(nothing, (first, second), strict=True))
            found = self._columns[key] = _Secrets(
                *(np.uint64(each % _MODULUS) for each in (mask, factor, first, second, *more))
            )
        return found

    def _values(self, column: pa.ChunkedArray) -> Iterator[tuple[Words, npt.NDArray[np.bool_] | None]]:
        """The 64 bits of each value, and where there is none; of bytes and texts the two halves of a keyed digest."""
        chunks = column.chunks or [pa.array([], column.type)]
        array = chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks)
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        none = array.is_null().to_numpy(zero_copy_only=False) if array.null_count else None
        if pa.types.is_list(array.type):
            array = _listed(array)
        if _is_bytes(array.type):
            halves = self._digested(array)
            yield halves[:, 0], none
            yield halves[:, 1], none
        else:
            yield _whole(array), none

    def _digested(self, array: pa.Array) -> npt.NDArray[np.uint64]:
        coded = array.dictionary_encode()
        texts = []
        for each in coded.dictionary.cast(_BYTES).to_pylist():
            keyed = self._keyed.copy()
            keyed.update(each)
            texts.append(keyed.digest())
        digests = np.frombuffer(b"".join([*texts, bytes(16)]), "<u8").reshape(-1, 2)
        codes = pc.fill_null(coded.indices, len(texts)).to_numpy(zero_copy_only=False)
        found: npt.NDArray[np.uint64] = digests[codes]
        return found


def day_starts(table: pa.Table) -> tuple[list[int], list[int]]:
    """Where each day of a table begins whose column `day` ascends, and which day it is."""
    day = table["day"].to_numpy()
    if not len(day):
        return [], []
    steps = np.diff(day)
    if (steps < 0).any():
        raise ValueError("days do not ascend")
    starts = [0, *(np.flatnonzero(steps) + 1).tolist()]
    return starts, day[starts].tolist()


def _whole(array: pa.Array) -> Words:
    """Whole numbers, truth values and instants as 64 bits, whatever their width: the same number is the same bits."""
    kind = array.type
    if pa.types.is_boolean(kind):
        array = array.cast(pa.uint8())
    elif pa.types.is_timestamp(kind):
        array = array.cast(pa.int64())
    elif not pa.types.is_integer(kind):
        raise TypeError(
            f"{kind} has no place in a run: only whole numbers, truth values, instants, texts and bytes"
        )
    wide = pa.uint64() if pa.types.is_uint64(array.type) else pa.int64()
    filled = pc.fill_null(array.cast(wide), 0) if array.null_count else array.cast(wide)
    words: Words = filled.to_numpy(zero_copy_only=False).view(np.uint64)
    return words


def _listed(array: pa.Array) -> pa.Array:
    """Lists of whole numbers as bytes: the same lists are the same bytes, whatever the width of their numbers."""
    held = _whole(array.flatten()).astype("<u8").tobytes()
    ends = np.cumsum(pc.fill_null(array.value_lengths(), 0).to_numpy(zero_copy_only=False)).tolist()
    told = [held[8 * start : 8 * end] for start, end in zip([0, *ends], ends, strict=False)]
    return pa.array(told, pa.binary(), mask=array.is_null().to_numpy(zero_copy_only=False))


def _is_bytes(kind: pa.DataType) -> bool:
    types = pa.types
    return any(
        test(kind)
        for test in (
            types.is_binary, types.is_large_binary, types.is_fixed_size_binary, types.is_string, types.is_large_string,
        )
    )  # fmt: skip


def _words(secret: bytes) -> list[np.uint64]:
    return list(np.frombuffer(secret, "<u8"))


def _odd(word: np.uint64) -> np.uint64:
    return word | np.uint64(1)
