"""Matches the rows of a claim with the people of the ledger: one pass, exact numbers, nothing raw kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyroaring import BitMap

from whosaw.core.masked import Masked

from .fields import looks_like_times
from .file import Claim, Rows
from .person_column import Tally, kind_of_values

__all__ = ["Matched", "Naming", "Resolve", "by_contact", "match_rows", "tally_columns"]

_FIRST = 20_000  # rows from which the column with people in it is found
_SHOWN = 200  # values of a column that are looked at for what they are
_UNKNOWN = -1  # a value that the ledger does not know
_NONE = -2  # no value

# Ledger numbers of people for texts, null where the ledger knows nobody by it.
Resolve = Callable[[pa.Array], pa.Array]
# Of the name of a column: whether it says that it numbers people, and whether it says that it holds no identifier.
Naming = Callable[[str], tuple[bool, bool]]


@dataclass(slots=True, kw_only=True)
class Matched:
    """What a pass over a claim found. Numbers of people are those of the ledger."""

    rows: int = 0
    repeated_rows: int = 0  # rows that are, cell by cell, another row again
    without_person: int = 0
    claimed: BitMap = field(default_factory=BitMap)
    more_than_once: int = 0  # different people in more than one row
    unknown: int = 0  # different values that the ledger does not know
    unknown_values: list[str] = field(default_factory=list)  # of these, in plain; for matching only
    unknown_shown: list[str] = field(default_factory=list)  # the first of them, masked
    filled_rows: dict[str, int] = field(default_factory=dict)
    filled_persons: dict[str, BitMap] = field(default_factory=dict)


def tally_columns(claim: Claim, resolve: Resolve, naming: Naming) -> tuple[list[Tally], list[str]]:
    """How many values of each column the ledger knows as people, in the first rows; and the columns that hold times.

    Where it knows none in the first rows, those that follow are tried until it does.
    """
    first: tuple[list[Tally], list[str]] = ([], [])
    for chunk in claim.chunks(_FIRST):
        found = _tallies(claim.columns, chunk, resolve, naming)
        if any(each.likely for each in found[0]):
            return found
        first = first if first[0] else found
    return first


def match_rows(claim: Claim, person: str | None, resolve: Resolve, *, samples: int) -> Matched:
    """All rows against the ledger; without a `person` column nobody is matched, and rows and values are counted all the same."""
    out = Matched(
        filled_rows=dict.fromkeys(claim.columns, 0),
        filled_persons={name: BitMap() for name in claim.columns},
    )
    place = claim.columns.index(person) if person is not None else None
    digests: list[bytes] = []
    numbers: list[npt.NDArray[np.int64]] = []
    strange: dict[str, int] = {}
    for chunk in claim.chunks():
        digests.append(b"".join(map(_row_digest, chunk.values)))
        found = _numbers(chunk, place, resolve)
        numbers.append(found)
        if place is not None:
            for at in np.flatnonzero(found == _UNKNOWN).tolist():
                text = str(chunk.values[at][place])
                strange[text] = strange.get(text, 0) + 1
        _fill(out, claim.columns, chunk, found)
    everybody = np.concatenate(numbers) if numbers else np.zeros(0, np.int64)
    out.rows = len(everybody)
    out.repeated_rows = out.rows - _distinct(b"".join(digests))
    out.without_person = int(np.count_nonzero(everybody == _NONE))
    known, times = np.unique(everybody[everybody >= 0], return_counts=True)
    out.claimed = BitMap(known.astype(np.uint32))
    out.more_than_once = int(np.count_nonzero(times > 1)) + sum(each > 1 for each in strange.values())
    out.unknown = len(strange)
    out.unknown_values = sorted(strange)
    out.unknown_shown = [str(Masked(each)) for each in out.unknown_values[:samples]]
    return out


def _tallies(
    columns: Sequence[str], chunk: Rows, resolve: Resolve, naming: Naming
) -> tuple[list[Tally], list[str]]:
    tallies, times = [], []
    for place, column in enumerate(columns):
        filled = [row[place] for row in chunk.values if row[place] is not None]
        values = list(dict.fromkeys(filled))
        named, foreign = naming(column)
        found = resolve(pa.array(values, pa.string()))
        first = [str(each) for each in values[:_SHOWN]]
        tallies.append(
            Tally(
                column=column,
                filled=len(filled),
                distinct=len(values),
                known=len(values) - found.null_count,
                named=named,
                foreign=foreign,
                kind=kind_of_values(first),
            )
        )
        if looks_like_times(first):
            times.append(column)
    return tallies, times


def _row_digest(row: Sequence[str | None]) -> bytes:
    # the length of a cell stands before it, so that no two rows run together into the same text
    text = "".join("-" if each is None else f"{len(each)}:{each}" for each in row)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _distinct(digests: bytes) -> int:
    halves = np.frombuffer(digests, np.uint64).reshape(-1, 2)
    if not len(halves):
        return 0
    ordered = halves[np.lexsort((halves[:, 1], halves[:, 0]))]
    return int(np.count_nonzero((ordered[1:] != ordered[:-1]).any(axis=1))) + 1


def _numbers(chunk: Rows, place: int | None, resolve: Resolve) -> npt.NDArray[np.int64]:
    if place is None:
        return np.full(len(chunk.values), _NONE, np.int64)
    texts = pa.array([row[place] for row in chunk.values], pa.string())
    coded = texts.dictionary_encode()
    known = resolve(coded.dictionary).cast(pa.int64()).fill_null(_UNKNOWN)
    return np.asarray(known.take(coded.indices).fill_null(_NONE).to_numpy(zero_copy_only=False), np.int64)


def _fill(out: Matched, columns: Sequence[str], chunk: Rows, numbers: npt.NDArray[np.int64]) -> None:
    known = numbers >= 0
    for place, column in enumerate(columns):
        filled = np.fromiter((row[place] is not None for row in chunk.values), bool, len(chunk.values))
        out.filled_rows[column] += int(np.count_nonzero(filled))
        out.filled_persons[column] |= BitMap(np.unique(numbers[filled & known]).astype(np.uint32))


def by_contact(contacts: Mapping[str, str], resolve: Resolve, form: Callable[[str], str]) -> Resolve:
    """Resolves contacts by way of the ids that `contacts` (in one spelling) lead to."""

    def through(texts: pa.Array) -> pa.Array:
        ids = [None if each is None else contacts.get(form(each)) for each in texts.to_pylist()]
        return resolve(pa.array(ids, pa.string()))

    return through
