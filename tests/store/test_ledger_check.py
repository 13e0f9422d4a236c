"""A ledger holds by what its segments say; whatever is changed in it shows."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.chain.shop_log import KEY, MAP, NOW, shop_lines
from tests.chain.test_twins import BY_ID, app, edge, read
from tests.chain.test_twins import CLIENT as AT_EDGE

from whosaw.app.scan import scan
from whosaw.store import ledger_check
from whosaw.store import statements as sa
from whosaw.store.files import ContentStore, parquet_bytes
from whosaw.store.ledger_check import LedgerPart, ledger_parts
from whosaw.store.numbers.history import number_tables
from whosaw.store.workspace import journal_of

SEVERAL = """
[[route]]
id = "names"
match = { method = "GET", path = "/names" }
subject = { from = "query", name = "ids", many = true, separator = "," }
categories = ["identity.name"]
"""


def checked(root: Path, *, every: bool = False) -> dict[str, LedgerPart]:
    journal = journal_of(root)
    try:
        parts = ledger_parts(root, journal, every=every, told=lambda *_: None)
    finally:
        journal.close()
    return {each.name: each for each in parts}


def faults(root: Path) -> dict[str, tuple[str, ...]]:
    return {name: part.faults for name, part in checked(root).items() if part.faults}


def lines_of_shop() -> list[str]:
    """Views of one and of several persons, of nobody, rejects and repeats."""
    return shop_lines(600) + [
        f'192.0.2.{n} - - [14/Apr/2025:09:00:{n:02} +0000] "GET /names?ids={n},{n + 1},7 HTTP/1.1" 200 7 "-" "agent/1"'
        for n in range(30)
    ]


PERSONS = {
    person
    for line in lines_of_shop()
    for found in re.findall(r"/customers/(\d+)/|ids=([\d,]+)", line)
    for person in "".join(found).split(",")
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that read a shop in two scans, the second of which repeats lines of the first."""
    folder = tmp_path_factory.mktemp("made")
    root = folder / "ws"
    root.mkdir()
    (root / "vault.key").write_bytes(KEY)
    (root / "vault.key").chmod(0o600)
    (folder / "map.toml").write_text(MAP + SEVERAL)
    lines = lines_of_shop()
    for number, part in enumerate((lines[:300], lines[250:])):
        log = folder / f"access-{number}.log"
        log.write_text("".join(f"{line}\n" for line in part))
        scan([str(log)], root, now=NOW, map_path=folder / "map.toml")
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "ws"))


def file_of(root: Path, kind: str) -> tuple[str, Path]:
    with sqlite3.connect(root / "journal.sqlite") as database:
        ((name,),) = database.execute(
            "SELECT file FROM index_file WHERE live AND kind = ? ORDER BY rows DESC LIMIT 1", [kind]
        ).fetchall()
    return name, root / "files" / name[:2] / name


def exchange(root: Path, kind: str, changed: Callable[[pa.Table], pa.Table]) -> None:
    """Put another file of a kind in its place, under the right name and with the right number of rows."""
    name, path = file_of(root, kind)
    with pq.ParquetFile(path) as file:
        table = changed(file.read())
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    data = sink.getvalue().to_pybytes()
    other = f"{hashlib.sha256(data).hexdigest()}.{kind}"
    place = root / "files" / other[:2] / other
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(data)
    with sqlite3.connect(root / "journal.sqlite") as database:
        database.execute(
            "UPDATE index_file SET file = ?, rows = ? WHERE file = ?", [other, table.num_rows, name]
        )


def with_first(table: pa.Table, column: str, value: int) -> pa.Table:
    """The table with another value in the first row of a column."""
    at = table.schema.get_field_index(column)
    values = table[column].to_pylist()
    values[0] = value
    return table.set_column(at, table.schema.field(at), pa.array(values, table.schema.field(at).type))


def test_a_ledger_as_it_was_made_holds(root: Path) -> None:
    parts = checked(root)
    assert list(parts) == ["files", "lines", "numbers", "counts", "findings"]
    assert all(not (part.faults or part.unknown) for part in parts.values())
    assert parts["counts"].notes[0].startswith(f"{len(PERSONS)} persons and ")


def test_a_changed_file_shows_and_nothing_is_said_of_the_rest(root: Path) -> None:
    _, path = file_of(root, "views")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    os.chmod(path, 0o600)
    path.write_bytes(data)
    parts = checked(root)
    assert parts["files"].faults == (f"{path} does not hold what its name says",)
    assert all(part.unknown for name, part in parts.items() if name != "files")


def test_a_file_that_is_gone_shows(root: Path) -> None:
    _, path = file_of(root, "clients")
    path.unlink()
    (fault,) = checked(root)["files"].faults
    assert fault.startswith(f"{path} cannot be read")


def test_a_block_of_the_vault_that_is_gone_is_named(root: Path) -> None:
    (block,) = (root / "vault" / "person").glob("*/*.sealed")
    block.unlink()
    (fault,) = checked(root)["numbers"].faults
    assert fault == f"{root / 'vault' / 'person'} lacks 1 of 1 blocks"


def test_numbers_of_a_segment_that_are_those_of_others_show(root: Path) -> None:
    with closing(journal_of(root)) as journal, journal.transaction() as connection:
        table = number_tables.segment_numbers
        rows = journal.rows(sa.select(table), connection)
        store = ContentStore.of(root)
        for name in sorted({row["file"] for row in rows}):
            held = pq.read_table(store.path(name))
            person = pc.and_(pc.equal(held["kind"], 0), pc.less(held["number"], 2))
            other = pc.if_else(person, pc.subtract(1, held["number"]), held["number"])
            at = held.schema.get_field_index("number")
            new = store.put("numbers", parquet_bytes(held.set_column(at, "number", other)))
            connection.execute(table.update().values(file=new).where(table.c.file == name))
    assert "persons are not what the events of the segments say" in " ".join(checked(root)["counts"].faults)


@pytest.mark.parametrize(
    ("kind", "changed", "part", "said"),
    [
        ("views", lambda table: table.slice(1), "counts", "the views of 1 persons are not what the events"),
        (
            "views",
            lambda table: with_first(table, "client", table["client"][0].as_py() + 1),
            "counts",
            "the views of 1 persons are not what the events",
        ),
        (
            "exposures",
            lambda table: with_first(table, "views", 1_000),
            "counts",
            "the exposures of 1 persons are not what their views add up to",
        ),
        (
            "activity",
            lambda table: with_first(table, "views", 1_000),
            "counts",
            "the activity of 1 clients has another number of views",
        ),
        (
            "identities",
            lambda table: with_first(table, "number", table["number"][1].as_py()),
            "numbers",
            "the numbers of ",
        ),
        (
            "clients",
            lambda table: table.filter(pc.not_equal(table["client"], 0)),
            "numbers",
            "clients of segments have no number",
        ),
        (
            "views",
            lambda table: with_first(table, "route", 99),
            "numbers",
            "1 views name a person, a client or a route",
        ),
    ],
    ids=["view lost", "other client", "exposure", "activity", "number twice", "client lost", "route"],
)
def test_what_is_changed_in_a_file_shows(
    root: Path, kind: str, changed: Callable[[pa.Table], pa.Table], part: str, said: str
) -> None:
    exchange(root, kind, changed)
    assert any(said in fault for fault in faults(root)[part]), faults(root)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE segment SET events = events - 1 WHERE id = 1", "events, rejects and comments"),
        (
            "UPDATE segment SET rejects = rejects + 1, lines = lines + 1 WHERE id = 1",
            "rejects by the manifest",
        ),
        ("UPDATE hour SET events = events + 1 WHERE segment = 1", "of them in its hours"),
        ("UPDATE index_file SET rows = rows + 1 WHERE kind = 'views'", "rows by the manifest"),
    ],
)
def test_what_is_changed_in_the_manifest_shows(root: Path, sql: str, said: str) -> None:
    with sqlite3.connect(root / "journal.sqlite") as database:
        database.execute(sql)
    assert any(said in fault for fault in faults(root)["lines"])


def test_a_share_of_a_large_ledger_is_looked_at_and_all_of_it_on_demand(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_check, "ENOUGH", 30)
    (note,) = checked(root)["counts"].notes
    assert not faults(root)
    assert 0 < int(note.split()[0]) < len(PERSONS)
    assert note.endswith("(--all: every one)")
    exchange(root, "exposures", with_one_view_more)
    some, every = checked(root)["counts"], checked(root, every=True)["counts"]
    assert every.notes[0].startswith(f"{len(PERSONS)} persons and ")
    found, all_found = (
        int(part.faults[0].split()[3]) for part in (some, every)
    )  # the exposures of N persons
    assert 0 < found < all_found


def with_one_view_more(table: pa.Table) -> pa.Table:
    """One view more in each exposure."""
    at = table.schema.get_field_index("views")
    return table.set_column(at, table.schema.field(at), pc.add(table["views"], 1))


def test_what_a_scan_writes_meanwhile_is_no_fault(root: Path, tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(MAP + SEVERAL)
    log = tmp_path / "later.log"
    log.write_text("".join(f"{line}\n" for line in shop_lines(300, seed=5)))
    scanned: list[bool] = []

    def told(_what: str, done: int, total: int) -> None:
        if done == total and not scanned:
            scanned.append(True)
            scan([str(log)], root, now=NOW, map_path=tmp_path / "map.toml")

    journal = journal_of(root)
    try:
        parts = ledger_parts(root, journal, every=False, told=told)
    finally:
        journal.close()
    assert scanned
    assert not any(part.faults for part in parts)
    assert {part.name for part in parts if part.unknown} == {"lines", "numbers", "counts", "findings"}
    assert not any(part.unknown for part in checked(root).values())


def test_lines_of_one_act_count_once_and_the_ledger_holds(tmp_path: Path) -> None:
    lines = range(40)
    read(
        tmp_path / "logs",
        tmp_path / "ws",
        BY_ID,
        edge=[edge(n, n % 9, f"r{n}", address=AT_EDGE if n % 2 else "192.0.2.77") for n in lines],
        app=[app(n, n % 9, f"r{n}") for n in lines if n % 5],
    )
    assert not faults(tmp_path / "ws")
    assert not any(part.unknown for part in checked(tmp_path / "ws").values())
