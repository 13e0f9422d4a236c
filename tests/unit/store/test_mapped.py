"""Files are pages of memory that can be let go of; large tables lie in files that have no name."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from mmap import mmap
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from whosaw.store.mapped import let_go, mapped, pages_of

DIGEST = pa.binary(16)
MANY = 1 << 24  # bytes


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


def test_pages_that_are_let_go_of_say_the_same_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(os.urandom(MANY))
    with open(tmp_path / "file", "rb") as file:
        pages, other = pages_of(file), pages_of(file)
    told = np.frombuffer(pages, np.uint8)
    before = int(told.sum())
    held = _held()
    other.close()
    let_go()
    if held is not None:
        assert (_held() or 0) < held - MANY // 2
    assert int(told.sum()) == before


def test_an_empty_file_has_no_pages(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with open(tmp_path / "file", "rb") as file, pytest.raises(ValueError, match="empty"):
        pages_of(file)


def _held() -> int | None:
    """The bytes of files that this process has in hand; None where the machine does not say."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    lines = dict(each.split(":", 1) for each in status.read_text().splitlines())
    return sum(int(lines[each].split()[0]) for each in ("RssFile", "RssShmem")) * 1024


def test_pages_are_let_go_of_while_other_files_are_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1")

    def opened() -> list[mmap]:
        pages = []
        for _ in range(1_000):
            with open(tmp_path / "file", "rb") as file:
                pages.append(pages_of(file))
        return pages

    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(opened)
        while not opening.done():
            let_go()
        assert {each[:] for each in opening.result()} == {b"1"}
