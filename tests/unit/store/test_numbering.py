"""Digests get dense numbers in their order, whatever parts they come in, and keep those that they have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whosaw.store.index import partitions
from whosaw.store.index.numbering import Fresh, halves, number_all
from whosaw.store.index.partitions import Partitions, scratch

DIGESTS = st.lists(st.integers(0, 9), max_size=12)


def _column(values: list[int], *, far: int = 8) -> pa.Array:
    """Digests that differ in their first bytes (`far` 8) or in their last (`far` 0)."""
    return pa.array([(value << 8 * far + 56).to_bytes(16, "big") for value in values], pa.binary(16))


def _number(
    known: dict[int, int], local: list[list[int]], folder: Path, far: int = 8
) -> tuple[list[int], list[tuple[int, int]]]:
    """Numbers of the local digests in order, and (number, place) of the new ones."""
    starts = np.cumsum([0, *map(len, local)])
    out = np.full(int(starts[-1]), -1, np.int32)

    def keep(places: np.ndarray, numbers: np.ndarray) -> None:  # type: ignore[type-arg]
        out[places] = numbers

    column = halves(_column(list(known), far=far))
    fresh: list[Fresh] = list(
        number_all(
            [(*column, np.array(list(known.values()), np.int32))],
            [
                (*halves(_column(each, far=far)), int(start))
                for each, start in zip(local, starts[:-1], strict=True)
            ],
            expected=len(out) + len(known),
            keep=keep,
            folder=folder,
        )
    )
    told = [(part.number + at, int(place)) for part in fresh for at, place in enumerate(part.places)]
    return out.tolist(), told


def test_new_ones_follow_the_known_in_order_of_digest(tmp_path: Path) -> None:
    # known: 5 has number 0 and 2 has number 1; new are 3 (first at place 1) and 7 (first at place 0)
    assert _number({5: 0, 2: 1}, [[7, 3, 5], [3, 2]], tmp_path) == ([3, 2, 0, 2, 1], [(2, 1), (3, 0)])


@settings(deadline=None)  # writes files
@given(
    st.lists(DIGESTS, max_size=4),
    st.lists(st.integers(0, 9), unique=True, max_size=5),
    st.sampled_from([0, 8]),
)
def test_numbers_are_those_of_a_sorted_list(local: list[list[int]], known: list[int], far: int) -> None:
    numbers = {value: at for at, value in enumerate(known)}
    new = sorted({value for each in local for value in each} - set(known))
    numbers |= {value: len(known) + at for at, value in enumerate(new)}
    flat = [value for each in local for value in each]
    found, told = _number(dict(zip(known, range(len(known)), strict=True)), local, Path(), far)
    assert found == [numbers[value] for value in flat]
    assert told == [(numbers[value], flat.index(value)) for value in new]


def test_many_parts_give_the_same_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = np.random.default_rng(3)
    local = [dice.integers(0, 250, 90).tolist() for _ in range(5)]
    whole = _number({}, local, tmp_path)
    monkeypatch.setattr(partitions, "PART_ROWS", 8)
    assert _number({}, local, tmp_path) == whole
    assert list(tmp_path.iterdir()) == []


def test_parts_come_in_order_of_the_key_and_leave_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "PART_ROWS", 2)
    rows = Partitions(tmp_path, "x", np.int64, 8)
    keys = np.array([3 << 62, 0, 1 << 62, 0, 2 << 62], np.uint64)
    rows.add(keys, np.arange(5))
    assert [part.tolist() for part in rows.parts()] == [[1, 3], [2], [4], [0]]
    rows.close()
    assert list(tmp_path.iterdir()) == []


def test_scratch_in_a_file_is_like_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whosaw.store.index.partitions.PART_ROWS", 4)
    numbers = scratch(tmp_path / "n.rows", 9, fill=-1)
    numbers[[2, 8]] = [5, 6]
    assert numbers.tolist() == [-1, -1, 5, -1, -1, -1, -1, -1, 6]
    assert list(tmp_path.iterdir()) == []
