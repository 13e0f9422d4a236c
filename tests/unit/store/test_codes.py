"""Codes stand for values by first appearance, whatever form a column comes in."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from whosaw.store.codes import as_int32, encode, encode_together, tuples

TEXTS = st.lists(st.none() | st.sampled_from(["a", "b", "", "c"]), max_size=30)


def _slow(values: list[str | None]) -> tuple[list[int], list[str]]:
    seen: list[str] = []
    codes = []
    for value in values:
        if value is not None and value not in seen:
            seen.append(value)
        codes.append(-1 if value is None else seen.index(value))
    return codes, seen


@given(TEXTS)
def test_codes_count_by_first_appearance(values: list[str | None]) -> None:
    codes, distinct = encode(pa.chunked_array([pa.array(values, pa.string())]))
    assert (codes.tolist(), distinct.to_pylist()) == _slow(values)


@given(TEXTS, st.integers(0, 4))
def test_dictionary_columns_give_the_same_codes(values: list[str | None], shift: int) -> None:
    dictionary = ["c", "b", "unused", "", "a", "b"]  # unordered, with a value twice and one unused
    places = {"a": 4, "b": 5 if shift % 2 else 1, "": 3, "c": 0}
    indices = pa.array([None if value is None else places[value] for value in values], pa.int32())
    column = pa.DictionaryArray.from_arrays(indices, pa.array(dictionary))
    codes, distinct = encode(pa.chunked_array([column]))
    assert (codes.tolist(), distinct.to_pylist()) == _slow(values)


def test_columns_of_one_kind_share_their_values() -> None:
    (first, second), distinct = encode_together([pa.array(["x", "y"]), pa.array(["y", None, "z"])])
    assert distinct.to_pylist() == ["x", "y", "z"]
    assert (first.tolist(), second.tolist()) == ([0, 1], [1, -1, 2])


@given(
    st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 2), st.integers(-1, 1)), min_size=1, max_size=40)
)
def test_tuples_are_numbered_by_first_appearance(rows: list[tuple[int, int, int]]) -> None:
    columns = [np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)]
    codes, first = tuples(columns)
    seen = list(dict.fromkeys(rows))
    assert codes.tolist() == [seen.index(row) for row in rows]
    assert first.tolist() == [rows.index(row) for row in seen]


def test_tuples_of_very_many_columns_do_not_overflow() -> None:
    columns = [np.arange(5, dtype=np.int64) * (1 << 20) for _ in range(8)]
    codes, first = tuples(columns)
    assert codes.tolist() == first.tolist() == [0, 1, 2, 3, 4]


def test_missing_code_is_null() -> None:
    assert as_int32(np.array([0, -1, 7])).to_pylist() == [0, None, 7]
