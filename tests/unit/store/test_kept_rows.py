"""Rows that are kept for later statements: in memory while they are few, in the spill folder where they are many."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from whosaw.store.sql import Session


@pytest.mark.parametrize("rows", [3, 10**9])
def test_what_is_kept_reads_the_same_wherever_it_stands(tmp_path: Path, rows: int) -> None:
    with Session(spill=tmp_path / "spill") as session:
        session.keep("kept", "SELECT range AS n, range + ? AS m FROM range(3)", [7], rows=rows)
        assert session.query("SELECT * FROM kept ORDER BY n").to_pylist() == [
            {"n": 0, "m": 7},
            {"n": 1, "m": 8},
            {"n": 2, "m": 9},
        ]


def test_many_rows_stand_in_a_file_that_goes_when_they_are_forgotten(tmp_path: Path) -> None:
    with Session(spill=tmp_path / "spill") as session:
        session.keep("kept", "SELECT 1 AS n", rows=10**9)
        assert len(list((tmp_path / "spill").rglob("*.parquet"))) == 1
        session.forget("kept")
        assert not list((tmp_path / "spill").rglob("*.parquet"))
        assert not session.query("SELECT * FROM duckdb_views() WHERE view_name = 'kept'").num_rows


def test_kept_rows_take_the_place_of_others_of_the_name(tmp_path: Path) -> None:
    with Session(spill=tmp_path) as session:
        for rows in (1, 10**9, 1, 10**9, 10**9):
            session.keep("kept", "SELECT ? AS n", [rows], rows=rows)
            assert session.query("SELECT n FROM kept").to_pylist() == [{"n": rows}]


def test_without_a_folder_rows_stay_in_memory(tmp_path: Path) -> None:
    with Session() as session:
        session.keep("kept", "SELECT 1 AS n", rows=10**9)
        assert session.query("SELECT n FROM kept").to_pylist() == [{"n": 1}]


def test_rows_of_a_stream_come_in_the_order_of_the_statement_with_a_table_of_the_caller(
    tmp_path: Path,
) -> None:
    with Session(spill=tmp_path) as session:
        wanted = pa.table({"n": pa.array([5, 3, 9], pa.int64())})
        batches = session.batches("SELECT n FROM wanted WHERE n > ? ORDER BY n DESC", 2, [3], wanted=wanted)
        assert [n for batch in batches for n in batch["n"].to_pylist()] == [9, 5]
        assert session.query(
            "SELECT count(*) AS n FROM duckdb_views() WHERE view_name = 'wanted'"
        ).to_pylist() == [{"n": 0}]
