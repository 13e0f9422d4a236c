"""Files are whole or absent; the journal is a chain."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosaw.core.errors import WhosawError
from whosaw.store import statements as sa
from whosaw.store.files import ROW_GROUP, ContentStore, parquet_bytes, write_atomically
from whosaw.store.journal import Journal, tables
from whosaw.store.sql import Session, quote_name, quote_text
from whosaw.store.workspace import Workspace

NOW = datetime(2025, 11, 17, 7, 0, tzinfo=UTC)


def test_file_is_named_by_its_digest_and_checked_on_reading(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    name = store.put("map", b"text")
    assert store.read(name) == b"text"
    assert store.put("map", b"text") == name
    store.path(name).write_bytes(b"forged")
    with pytest.raises(WhosawError, match="does not hold what its name says"):
        store.read(name)


@given(st.lists(st.integers(1, 70_000), min_size=1, max_size=5))
def test_row_groups_do_not_depend_on_batches(sizes: list[int]) -> None:
    import tempfile

    rows = sum(sizes)
    table = pa.table({"person": pa.array(range(rows), pa.int32()), "time": pa.array(range(rows), pa.int64())})
    batches, start = [], 0
    for size in sizes:
        batches.extend(table.slice(start, size).to_batches())
        start += size
    with tempfile.TemporaryDirectory() as folder:
        store = ContentStore(Path(folder))
        name = store.put_batches("views", table.schema, iter(batches))
        assert name is not None
        assert name == store.put_batches("views", table.schema, iter(table.to_batches()))
        assert pq.read_table(store.path(name)).equals(table)
        assert pq.ParquetFile(store.path(name)).num_row_groups == -(-rows // ROW_GROUP)


def test_no_rows_make_no_file(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    assert store.put_batches("views", pa.schema([("person", pa.int32())]), iter([])) is None
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    write_atomically(path, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WhosawError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_equal_tables_have_equal_parquet_bytes() -> None:
    table = pa.table({"line": pa.array([1, 2], pa.int64()), "reason": ["a", "a"]})
    assert bytes(parquet_bytes(table)) == bytes(parquet_bytes(table.slice(0)))


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_quoting_survives_the_engine(text: str) -> None:
    with Session() as session:
        table = session.query(f"SELECT {quote_text(text)} AS {quote_name(text)}")
    assert table.column_names == [text]
    assert table[0][0].as_py() == text


def test_nul_is_not_quoted() -> None:
    with pytest.raises(ValueError, match="identifier"):
        quote_name("a\0")
    with pytest.raises(ValueError, match="literal"):
        quote_text("a\0")


def _journal(path: Path) -> Journal:
    journal = Journal.at(path, who="tester")
    journal.create()
    with journal.transaction() as connection:
        for number in range(4):
            journal.record(connection, "scan.begin", {"scan": number}, now=NOW)
    return journal


def test_journal_is_a_chain(tmp_path: Path) -> None:
    assert _journal(tmp_path / "j.sqlite").broken_at() is None


@pytest.mark.parametrize("damage", ["body", "removed", "swapped", "time"])
def test_tampered_journal_names_the_first_broken_entry(tmp_path: Path, damage: str) -> None:
    journal = _journal(tmp_path / "j.sqlite")
    entry = tables.entry
    with journal.transaction() as connection:
        if damage == "body":
            connection.execute(entry.update().where(entry.c.seq == 2).values(body=json.dumps({"scan": 99})))
        elif damage == "time":
            connection.execute(entry.update().where(entry.c.seq == 2).values(time=1))
        elif damage == "removed":
            connection.execute(entry.delete().where(entry.c.seq == 2))
        else:
            rows = journal.rows(
                sa.select(entry).where(entry.c.seq.in_([2, 3])).order_by(entry.c.seq), connection
            )
            connection.execute(entry.delete().where(entry.c.seq.in_([2, 3])))
            for seq, row in zip((3, 2), rows, strict=True):
                connection.execute(entry.insert().values(**{**row, "seq": seq}))
    assert journal.broken_at() == (3 if damage == "removed" else 2)


def test_workspace_is_made_only_where_nothing_foreign_stands(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(WhosawError, match="is no whosaw workspace"):
        Workspace.open(tmp_path, create=True)
    assert [each.name for each in tmp_path.iterdir()] == ["notes.txt"]


def test_creation_cut_short_is_taken_up_again(tmp_path: Path) -> None:
    root = tmp_path / "w"
    Workspace.open(root, create=True).close()
    (root / "whosaw-workspace.json").unlink()
    Workspace.open(root, create=True).close()
    assert (root / "whosaw-workspace.json").is_file()


def test_creation_cut_short_in_the_first_write_to_the_journal_is_taken_up_again(tmp_path: Path) -> None:
    """SQLite keeps what it undoes in a file beside the database until that has its log, and a kill leaves this file."""
    made, left = tmp_path / "made", tmp_path / "left"
    made.mkdir()
    with closing(sqlite3.connect(made / "journal.sqlite", isolation_level=None)) as first:
        first.execute("BEGIN IMMEDIATE")
        first.execute("CREATE TABLE torn (number INTEGER)")
        shutil.copytree(made, left)
    assert sorted(each.name for each in left.iterdir()) == ["journal.sqlite", "journal.sqlite-journal"]
    Workspace.open(left, create=True).close()
    Workspace.open(left).close()


def test_second_writer_is_refused(tmp_path: Path) -> None:
    one, two = Workspace.open(tmp_path / "w", create=True), Workspace.open(tmp_path / "w", create=True)
    with one.writing(), pytest.raises(WhosawError, match="another scan is writing"), two.writing():
        pass
    with two.writing():
        pass
    one.close()
    two.close()


def test_workspace_of_a_newer_format_is_refused(tmp_path: Path) -> None:
    Workspace.open(tmp_path / "w", create=True).close()
    (tmp_path / "w" / "whosaw-workspace.json").write_text('{"format": 99}')
    with pytest.raises(WhosawError, match="format 99"):
        Workspace.open(tmp_path / "w")
