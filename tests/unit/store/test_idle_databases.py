"""A database goes from one session to the next with nothing in it, and is closed with its workspace."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from whosaw.store import sql
from whosaw.store.idle import idle_databases
from whosaw.store.sql import LASTING, Session

NAMES = "SELECT table_name AS name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal"


@pytest.fixture(autouse=True)
def none_kept() -> Iterator[None]:
    """Nothing is left of tests before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(idle_databases, "_kept", [])
        yield


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many databases were begun so far."""
    made: list[int] = []
    begin = sql._begun
    monkeypatch.setattr(sql, "_begun", lambda *of: made.append(1) or begin(*of))
    return lambda: len(made)


def _set(session: Session, name: str) -> str:
    return str(session.query("SELECT current_setting(?) AS told", [name])["told"][0].as_py())


def test_the_next_session_has_the_database_and_nothing_that_was_in_it(
    tmp_path: Path, begun: Callable[[], int]
) -> None:
    rows = pa.table({"a": [1, 2]})
    with Session(spill=tmp_path, memory_bytes=300 << 20, threads=2) as session:
        session.register("registered", rows)
        session.make("made", rows)
        session.keep("kept", "SELECT * FROM made", rows=2)
        session.run_all(["CREATE TABLE plain (a INTEGER)", "CREATE VIEW seen AS SELECT * FROM made"])
        assert session.query(f"SELECT count(*) AS n FROM {LASTING}.seen")["n"].to_pylist() == [2]
        session.execute("SET TimeZone = 'Asia/Seoul'")
        assert len(session.query(NAMES)["name"]) == 5
    with Session(spill=tmp_path, memory_bytes=200 << 20) as session:
        assert session.query(NAMES)["name"].to_pylist() == []
        assert _set(session, "TimeZone") == "UTC"
        assert _set(session, "memory_limit") == "200.0 MiB"
        assert _set(session, "threads") == "1"
        with Session(spill=tmp_path):  # this one is not free
            assert begun() == 2
        with Session(spill=tmp_path / "other"):  # nor does any spill there
            assert begun() == 3
    idle_databases.close(tmp_path)


def test_one_that_never_spilled_goes_to_the_next_workspace_and_one_that_did_is_closed(
    tmp_path: Path, begun: Callable[[], int]
) -> None:
    folders = [tmp_path / name for name in ("one", "the other's", "third")]
    with Session(spill=folders[0]):
        pass
    idle_databases.close(folders[0])
    with Session(spill=folders[1], memory_bytes=100 << 20) as session:
        assert (begun(), _set(session, "temp_directory")) == (1, str(folders[1]))
        session.execute(
            "CREATE TABLE wide AS SELECT md5(range::VARCHAR) AS a FROM range(4_000_000) ORDER BY a"
        )
        assert any(each.name.endswith(".tmp") for each in folders[1].iterdir())
    idle_databases.close(folders[1])
    with Session(spill=folders[2]) as session:
        assert (begun(), _set(session, "temp_directory")) == (2, str(folders[2]))
    idle_databases.close(folders[2])
    with Session() as session:  # where there is no folder it would not spill at all
        assert begun() == 3


def test_a_database_with_a_session_beside_is_nobody_elses(tmp_path: Path, begun: Callable[[], int]) -> None:
    first = Session(spill=tmp_path)
    first.make("made", pa.table({"a": [1]}))
    beside = first.beside()
    assert beside.query("SELECT a FROM made")["a"].to_pylist() == [1]
    beside.close()
    first.close()
    with Session(spill=tmp_path) as session:
        assert begun() == 2
        assert session.query(NAMES)["name"].to_pylist() == []
    idle_databases.close(tmp_path)


def test_after_a_statement_that_failed_the_next_session_has_an_empty_database(tmp_path: Path) -> None:
    with Session(spill=tmp_path) as session:
        session.execute("CREATE TABLE plain (a INTEGER)")
        session.execute("BEGIN TRANSACTION")
        with pytest.raises(Exception, match="nowhere"):
            session.query("SELECT * FROM nowhere")
    with Session(spill=tmp_path) as session:
        assert session.query(NAMES)["name"].to_pylist() == []
    idle_databases.close(tmp_path)


def test_a_forked_process_begins_its_own(
    tmp_path: Path, begun: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    Session(spill=tmp_path).close()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert idle_databases.take(tmp_path) is None
    Session(spill=tmp_path).close()
    assert begun() == 2
    monkeypatch.undo()
    assert idle_databases.take(tmp_path) is not None
    assert idle_databases.take(tmp_path) is None
