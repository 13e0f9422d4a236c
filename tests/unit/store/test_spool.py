"""Rows that a session keeps in files: gone when it closes or dies, and nobody else's are touched."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from whosaw.core.errors import WhosawError
from whosaw.store.sql import Session

SCHEMA = pa.schema([("n", pa.int64())])


def rows(*numbers: int) -> Iterator[pa.RecordBatch]:
    for number in numbers:
        yield pa.record_batch({"n": pa.array([number], pa.int64())})


def kept(session: Session) -> list[int]:
    found: list[int] = session.query("SELECT n FROM kept ORDER BY n")["n"].to_pylist()
    return found


@pytest.mark.parametrize("spilling", [False, True])
def test_rows_stay_visible_and_are_replaced(tmp_path: Path, spilling: bool) -> None:
    spill = tmp_path / "spill"
    with Session(spill=spill if spilling else None) as session:
        session.keep_rows("kept", rows(3, 1), SCHEMA)
        assert kept(session) == [1, 3]
        session.keep_rows("kept", rows(7), SCHEMA)
        assert kept(session) == [7]
        session.keep_rows("kept", rows(), SCHEMA)
        assert kept(session) == []
        if spilling:
            assert len(list(spill.rglob("*.parquet"))) == 1
    assert not spilling or list(spill.iterdir()) == []


def test_rows_may_come_from_the_session_itself(tmp_path: Path) -> None:
    with Session(spill=tmp_path) as session:
        session.keep_rows("kept", session.batches("SELECT range AS n FROM range(5000)", 1000), SCHEMA)
        session.keep_rows("kept", session.batches("SELECT n FROM kept WHERE n < 3", 1000), SCHEMA)
        assert kept(session) == [0, 1, 2]


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pq.ParquetWriter, "write_batch", full)
    with Session(spill=tmp_path) as session:
        with pytest.raises(WhosawError, match="No space left on device") as fault:
            session.keep_rows("kept", rows(1), SCHEMA)
        assert fault.value.code == "store.io"
        assert list(tmp_path.iterdir()) == []


OTHER = """\
import sys
from pathlib import Path
import pyarrow as pa
from whosaw.store.sql import Session
session = Session(spill=Path(sys.argv[1]))
session.keep_rows("kept", [pa.record_batch({"n": pa.array([1], pa.int64())})], pa.schema([("n", pa.int64())]))
print("ready", flush=True)
sys.stdin.readline()
print(session.query("SELECT n FROM kept")["n"].to_pylist(), flush=True)
sys.stdin.readline()
"""


def test_what_a_killed_session_kept_is_removed_by_the_next_and_what_a_living_one_keeps_is_not(
    tmp_path: Path,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        (living,) = tmp_path.iterdir()
        with Session(spill=tmp_path) as session:
            session.keep_rows("kept", rows(2), SCHEMA)
            assert len(list(tmp_path.iterdir())) == 2
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "[1]\n"
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert list(tmp_path.iterdir()) == [living]
    with Session(spill=tmp_path) as session:
        session.keep_rows("kept", rows(2), SCHEMA)
        assert living not in tmp_path.iterdir()
        assert kept(session) == [2]
