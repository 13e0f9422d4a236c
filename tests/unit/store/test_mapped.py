"""Large tables lie in files that have no name."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from whosaw.store.mapped import mapped

DIGEST = pa.binary(16)


@pytest.mark.parametrize("rows", [0, 1, 9, 40])
def test_the_rows_are_the_same_and_no_file_is_left(tmp_path: Path, rows: int) -> None:
    some = [None if at % 3 == 0 else bytes([at]) * 16 for at in range(rows)]
    table = pa.table(
        {
            "none": pa.nulls(rows, DIGEST),
            "many": pa.array(range(rows), pa.int64()),
            "some": pa.array(some, DIGEST),
            "lists": pa.array([[each] for each in some], pa.list_(DIGEST)),
            "at": pa.nulls(rows, pa.int64()),
        }
    )
    told = mapped(pa.concat_tables([table.slice(0, rows // 2), table.slice(rows // 2)]), tmp_path / "spill")
    assert told.equals(table)
    told.validate(full=True)
    assert all(each.num_chunks <= 1 for each in told.columns if rows)
    assert told["none"].null_count == rows
    assert told["none"].unique().to_pylist() == [None][:rows]
    assert told.filter(pc.is_valid(told["some"])).equals(table.filter(pc.is_valid(table["some"])))
    other = pa.array(range(0, rows, 2), pa.int64())
    assert told.take(other).equals(table.take(other))
    assert not list(tmp_path.rglob("*.*"))
    assert not [each for each in tmp_path.rglob("*") if each.is_file()]


def test_columns_that_all_hold_nothing_need_no_file(tmp_path: Path) -> None:
    table = pa.table({"none": pa.nulls(5, DIGEST)})
    assert mapped(table, tmp_path / "spill").equals(table)
    assert not (tmp_path / "spill").exists()
