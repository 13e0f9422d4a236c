"""A row digest says which rows there are, and nothing of how they came."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.build.row_digest import RowDigest, RowDigests
from whosaw.store.kinds import KINDS
from whosaw.store.vault import Vault

SCHEMA = pa.schema(
    [
        ("time", pa.int64()),
        ("person", pa.int32()),
        ("client", pa.int64()),
        ("route", pa.int16()),
        ("signs", pa.uint64()),
        ("view", pa.bool_()),
        ("people", pa.binary()),
        ("key", pa.binary(16)),
        ("text", pa.string()),
    ]
)
DIGESTS = RowDigests(Vault(bytes(range(32))))


def _signed(bits: int) -> st.SearchStrategy[int]:
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1)


_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "time": _signed(64),
    "person": st.none() | st.integers(0, 4),
    "client": st.none() | _signed(64),
    "route": _signed(16),
    "signs": st.none() | st.integers(0, (1 << 64) - 1),
    "view": st.none() | st.booleans(),
    "people": st.none() | st.binary(max_size=40),
    "key": st.none() | st.binary(min_size=16, max_size=16),
    "text": st.none() | st.text(max_size=5),
}
_ROWS = st.lists(st.fixed_dictionaries(_VALUES), max_size=12)


def _in_order(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in SCHEMA.names)


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, SCHEMA)


@settings(max_examples=examples(40))
@given(rows=_ROWS, data=st.data())
def test_order_and_cuts_do_not_matter(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    whole = DIGESTS.of(_table(rows))
    shuffled = data.draw(st.permutations(rows))
    at = data.draw(st.integers(0, len(rows)))
    front, back = _table(shuffled[:at]), _table(shuffled[at:])
    assert DIGESTS.of(front) + DIGESTS.of(back) == whole
    assert whole - DIGESTS.of(front) == DIGESTS.of(back)
    assert DIGESTS.of(pa.concat_tables([front, back])) == whole  # two chunks
    assert DIGESTS.of(pa.concat_tables([back, front]).slice(0)) == whole
    assert RowDigest.parse(str(whole)) == whole


@settings(max_examples=examples(40))
@given(rows=_ROWS)
def test_how_arrow_holds_a_column_does_not_matter(rows: list[dict[str, Any]]) -> None:
    table = _table(rows)
    whole = DIGESTS.of(table)
    assert DIGESTS.of(table.select(table.column_names[::-1])) == whole
    coded = pa.table({name: table[name].dictionary_encode() for name in table.column_names})
    assert DIGESTS.of(coded) == whole
    wide = {"person": pa.int64(), "route": pa.int32(), "people": pa.large_binary(), "key": pa.binary(), "text": pa.large_string()}  # fmt: skip
    assert DIGESTS.of(pa.table({name: table[name].cast(wide.get(name, table[name].type)) for name in table.column_names})) == whole  # fmt: skip
    # a null bitmap that says of all that they are there
    padded = pa.concat_tables([pa.Table.from_pylist([dict.fromkeys(SCHEMA.names)], SCHEMA), table])
    assert DIGESTS.of(padded.combine_chunks().slice(1)) == whole


@settings(max_examples=examples(40))
@given(rows=_ROWS.filter(bool), data=st.data())
def test_every_changed_cell_changes_it(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(st.sampled_from(SCHEMA.names))
    value = data.draw(_VALUES[name].filter(lambda each: each != rows[at][name]))
    changed = [{**row, name: value} if each == at else row for each, row in enumerate(rows)]
    assert DIGESTS.of(_table(changed)) != DIGESTS.of(_table(rows))


@settings(max_examples=examples(40))
@given(rows=_ROWS.filter(lambda rows: len(rows) > 1), data=st.data())
def test_values_that_change_rows_change_it(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    one, other = data.draw(st.permutations(range(len(rows))))[:2]
    names = data.draw(st.sets(st.sampled_from(SCHEMA.names), min_size=1, max_size=len(SCHEMA) - 1))
    moved = [dict(row) for row in rows]
    for name in names:
        moved[one][name], moved[other][name] = rows[other][name], rows[one][name]
    same = Counter(map(_in_order, moved)) == Counter(map(_in_order, rows))
    assert (DIGESTS.of(_table(moved)) == DIGESTS.of(_table(rows))) is same


def test_columns_that_change_places_change_it() -> None:
    table = pa.table({"first": pa.array([1, 2], pa.int64()), "last": pa.array([3, 4], pa.int64())})
    assert DIGESTS.of(table) != DIGESTS.of(table.rename_columns(["last", "first"]))
    halves = pa.table({"a": pa.array([1], pa.int64()), "b": pa.array([2], pa.int64())})
    swapped = pa.table({"a": pa.array([2], pa.int64()), "b": pa.array([1], pa.int64())})
    assert DIGESTS.of(halves) != DIGESTS.of(swapped)


def test_nothing_is_no_value() -> None:
    values = [None, 0, -1, 1, 1 << 62]
    seen = {str(DIGESTS.of(pa.table({"client": pa.array([each], pa.int64())}))) for each in values}
    seen |= {
        str(DIGESTS.of(pa.table({"people": pa.array([each], pa.binary())}))) for each in (None, b"", b"\0")
    }
    seen.add(str(DIGESTS.of(pa.table({"client": pa.array([], pa.int64())}))))
    assert len(seen) == len(values) + 4


def test_a_row_twice_is_not_a_row_once() -> None:
    """What x-or would lose: two equal rows."""
    once = pa.table({"person": pa.array([7], pa.int32())})
    assert DIGESTS.of(pa.concat_tables([once, once])) not in (DIGESTS.of(once), RowDigest(2, 0, 0))


def test_the_top_bits_of_two_columns_do_not_cancel() -> None:
    """A product of whole numbers keeps the change of the highest bit in the highest bit, whatever it is multiplied with."""
    top = -(1 << 63)

    def table(one: int, other: int) -> pa.Table:
        return pa.table({"time": pa.array([one], pa.int64()), "line": pa.array([other], pa.int64())})

    for one, other in ((5, 9), (0, 0), (1 << 30, 3)):
        assert DIGESTS.of(table(one, other)) != DIGESTS.of(table(one ^ top, other ^ top))


def test_rows_are_added_up_by_day() -> None:
    table = pa.table({"day": pa.array([3, 3, 5], pa.int32()), "person": pa.array([1, 2, 2], pa.int32())})
    by_day = DIGESTS.by_day(table)
    assert by_day == {
        3: DIGESTS.of(table.slice(0, 2).select(["person"])),
        5: DIGESTS.of(table.slice(2, 1).select(["person"])),
    }
    assert DIGESTS.by_day(table.slice(0, 0)) == {}
    with pytest.raises(ValueError, match="ascend"):
        DIGESTS.by_day(table.take(pa.array([2, 0, 1])))


def test_another_vault_gives_another_digest() -> None:
    table = _table([{"time": 1, "person": 2, "client": 3, "route": 4, "signs": 5, "view": True}])
    assert RowDigests(Vault(bytes(32))).of(table) != DIGESTS.of(table)


def test_every_kind_of_run_can_be_digested() -> None:
    for kind in KINDS.values():
        row = pa.Table.from_arrays([pa.nulls(1, each.type) for each in kind.columns], schema=kind.columns)
        assert DIGESTS.of(row).rows == 1


def test_a_column_of_real_numbers_is_refused() -> None:
    with pytest.raises(TypeError, match="double"):
        DIGESTS.of(pa.table({"share": pa.array([0.5])}))


def test_many_rows_are_no_other_rows() -> None:
    """More rows than are taken at once, in one column with gaps: each of 100,000 rows counts by itself."""
    numbers = np.arange(100_000, dtype=np.int64)
    table = pa.table({"client": pa.array(numbers, mask=numbers % 7 == 0), "line": pa.array(numbers % 1000)})
    parts = [DIGESTS.of(table.slice(at, 33_333)) for at in range(0, len(numbers), 33_333)]
    assert sum(parts, RowDigest()) == DIGESTS.of(table)
    single = {str(DIGESTS.of(table.slice(int(at), 1))) for at in numbers[:2000]}
    assert len(single) == len(
        set(zip(table["client"].to_pylist()[:2000], table["line"].to_pylist()[:2000], strict=True))
    )
