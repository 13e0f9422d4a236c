"""Canonical events as Parquet through a scan: counts, locators, reading again, and what is refused."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.chain.shop_log import NOW, ledger_bytes, ledger_facts

from whosaw.app.reading.lines import ReasonLines, open_line, rejects_of
from whosaw.app.scan import ScanReport, scan
from whosaw.core.errors import WhosawError
from whosaw.store.journal import tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

pytestmark = pytest.mark.usefixtures("without_detection")

NewRoot = Callable[[str], Path]
START = datetime(2025, 4, 14, tzinfo=UTC)


def events(count: int, *, first: int = 0, coded: bool = True) -> pa.Table:
    """Row n views person n % 50 at second n; every tenth is a page about nobody."""
    numbers = range(first, first + count)
    columns = {
        "time": pa.array([START + timedelta(seconds=n) for n in numbers], pa.timestamp("us", tz="UTC")),
        "address": pa.array([f"192.0.2.{n % 7}" for n in numbers]),
        "method": pa.array(["GET"] * count),
        "path": pa.array(["/about" if n % 10 == 9 else f"/customers/{n % 50}/addresses" for n in numbers]),
        "status": pa.array([200] * count, pa.int16()),
        "token": pa.array([f"{n:016x}" for n in numbers]),
    }
    if coded:
        columns["address"] = columns["address"].dictionary_encode()
        columns["method"] = columns["method"].dictionary_encode()
    return pa.table(columns)


def write(path: Path, table: pa.Table, *, rows: int = 100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, row_group_size=rows, compression="zstd")
    return path


def read(root: Path, map_file: Path, *paths: Path, **options: object) -> ScanReport:
    return scan([str(path) for path in paths], root, now=NOW, map_path=map_file, **options)  # type: ignore[arg-type]


def exposed(root: Path) -> tuple[int, int]:
    """Persons with an exposure and counted views."""
    workspace = Workspace.open(root)
    reader = LedgerReader(workspace)
    try:
        found = reader.session.query(
            "SELECT count(DISTINCT person) AS p, sum(views)::BIGINT AS v FROM exposures"
        )
        return found["p"][0].as_py(), found["v"][0].as_py()
    finally:
        reader.close()
        workspace.close()


def live_segments(root: Path) -> int:
    workspace = Workspace.open(root)
    try:
        return len(workspace.journal.rows(tables.segment.select().where(tables.segment.c.live)))
    finally:
        workspace.close()


def test_rows_become_events_and_views(tmp_path: Path, map_file: Path, new_root: NewRoot) -> None:
    # known by its first and last bytes, whatever its name
    log = write(tmp_path / "gateway" / "2025-04-14.dat", events(1000))
    report = read(new_root("w"), map_file, log)
    assert [(c.outcome, c.format, c.lines, c.events, c.rejects) for c in report.contents] == [
        ("read", "events", 1000, 1000, 0)
    ]
    # of the persons 0 to 49 those that end in 9 only have pages about nobody
    assert exposed(tmp_path / "w") == (45, 900)
    assert report.total("bytes") == log.stat().st_size


def test_plain_and_coded_columns_and_other_row_groups_give_the_same_ledger(
    tmp_path: Path, map_file: Path, new_root: NewRoot
) -> None:
    roots = []
    for name, table, rows, chunk in (
        ("a", events(300), 100, 31 << 20),
        ("b", events(300, coded=False), 37, 31 << 20),
        ("c", events(300), 300, 100),
    ):
        log = write(tmp_path / name / "log.parquet", table, rows=rows)
        read(new_root(f"w{name}"), map_file, log, chunk_bytes=chunk)
        roots.append(tmp_path / f"w{name}")
    assert live_segments(roots[0]) == live_segments(roots[1]) == 1
    assert live_segments(roots[2]) > 1
    assert ledger_facts(roots[0]) == ledger_facts(roots[1]) == ledger_facts(roots[2])


def test_rows_give_the_same_ledger_as_lines(tmp_path: Path, map_file: Path, new_root: NewRoot) -> None:
    table = events(200)
    lines = [
        f'{row["address"]} - - [{row["time"]:%d/%b/%Y:%H:%M:%S} +0000] "GET {row["path"]} HTTP/1.1" 200 7 "-" "-"\n'
        for row in table.to_pylist()
    ]
    text = tmp_path / "access.log"
    text.write_text("".join(lines), encoding="utf-8")
    rows = write(tmp_path / "log.parquet", table.drop_columns(["token"]))
    read(new_root("text"), map_file, text)
    read(new_root("rows"), map_file, rows)
    assert ledger_facts(tmp_path / "text") == ledger_facts(tmp_path / "rows")


def test_a_row_without_a_time_is_a_reject(tmp_path: Path, map_file: Path, new_root: NewRoot) -> None:
    table = events(10)
    times = table["time"].to_pylist()
    times[3] = None
    log = write(tmp_path / "log.parquet", table.set_column(0, "time", pa.array(times, table["time"].type)))
    root = new_root("w")
    report = read(root, map_file, log)
    assert (report.total("lines"), report.total("events"), report.total("rejects")) == (10, 9, 1)
    workspace = Workspace.open(root)
    try:
        told = rejects_of(workspace)
        assert told.reasons == (ReasonLines(reason="no time", lines=1),)
        text = open_line(workspace, told.rejects[0].locator).text
    finally:
        workspace.close()
    assert json.loads(text) == {
        "address": "192.0.2.3",
        "method": "GET",
        "path": "/customers/3/addresses",
        "status": 200,
        "token": "0000000000000003",
    }


def test_a_row_is_printed_as_canonical_json(tmp_path: Path, map_file: Path, new_root: NewRoot) -> None:
    log = write(tmp_path / "log.parquet", events(250))
    root = new_root("w")
    read(root, map_file, log)
    workspace = Workspace.open(root)
    try:
        digest = workspace.journal.rows(tables.segment.select())[0]["digest"]
        found = open_line(workspace, f"{digest}:202")
        assert (found.line, found.format, found.bytes) == (202, "events", log.stat().st_size)
        assert found.text.decode() == (
            '{"address":"192.0.2.5","method":"GET","path":"/customers/1/addresses","status":200,'
            '"time":"2025-04-14T00:03:21Z","token":"00000000000000c9"}'
        )
        with pytest.raises(WhosawError, match="not there"):
            open_line(workspace, f"{digest}:251")
        write(log, events(250, first=1))
        with pytest.raises(WhosawError, match="not the one that was scanned"):
            open_line(workspace, f"{digest}:202")
    finally:
        workspace.close()


def test_a_second_scan_reads_nothing(tmp_path: Path, map_file: Path, new_root: NewRoot) -> None:
    log = write(tmp_path / "log.parquet", events(100))
    root = new_root("w")
    read(root, map_file, log)
    before = ledger_bytes(root)
    assert [c.outcome for c in read(root, map_file, log).contents] == ["unchanged"]
    shutil.copy(log, tmp_path / "copy.parquet")
    assert [c.outcome for c in read(root, map_file, tmp_path / "copy.parquet", log).contents] == [
        "copy",
        "unchanged",
    ]
    assert ledger_bytes(root) == before


def test_a_renamed_file_is_known(tmp_path: Path, map_file: Path, new_root: NewRoot) -> None:
    log = write(tmp_path / "log.parquet", events(100))
    root = new_root("w")
    read(root, map_file, log)
    log.rename(tmp_path / "old.parquet")
    assert [c.outcome for c in read(root, map_file, tmp_path / "old.parquet").contents] == ["renamed"]


def test_a_file_that_grew_is_read_anew_and_its_old_rows_count_once(
    tmp_path: Path, map_file: Path, new_root: NewRoot
) -> None:
    log = write(tmp_path / "log.parquet", events(100))
    root = new_root("w")
    read(root, map_file, log)
    write(log, events(150))
    report = read(root, map_file, log)
    assert [(c.outcome, c.lines) for c in report.contents] == [("read", 150)]
    assert report.coverage[0].duplicates == 100
    assert exposed(root) == (45, 135)


def test_rows_are_counted_once_however_often_they_stand_there(
    tmp_path: Path, map_file: Path, new_root: NewRoot
) -> None:
    table = events(40)
    log = write(tmp_path / "log.parquet", pa.concat_tables([table, table.slice(0, 10)]))
    root = new_root("w")
    report = read(root, map_file, log)
    assert report.coverage[0].duplicates == 10
    assert exposed(root) == (36, 36)


def test_a_scan_cut_short_goes_on_at_a_chunk_border(
    tmp_path: Path, map_file: Path, new_root: NewRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from whosaw.app.reading.commit import Commits

    log = write(tmp_path / "log.parquet", events(400))
    whole = new_root("whole")
    read(whole, map_file, log, chunk_bytes=400)
    root = new_root("w")
    commit, done = Commits.segment, []

    def stop_at_third(self: Commits, *arguments: object) -> int:
        done.append(1)
        if len(done) == 3:
            raise KeyboardInterrupt
        return commit(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Commits, "segment", stop_at_third)
    with pytest.raises(KeyboardInterrupt):
        read(root, map_file, log, chunk_bytes=400)
    monkeypatch.undo()
    report = read(root, map_file, log, chunk_bytes=400)
    assert [c.outcome for c in report.contents] == ["grown"]
    assert 0 < report.total("lines") < 400
    assert ledger_bytes(root) == ledger_bytes(whole)


def test_a_foreign_column_is_refused_before_anything_is_made(
    tmp_path: Path, map_file: Path, new_root: NewRoot
) -> None:
    write(tmp_path / "logs" / "a.parquet", events(10))
    odd = events(10).append_column("colour", pa.array(["red"] * 10))
    write(tmp_path / "logs" / "b.parquet", odd)
    with pytest.raises(WhosawError, match=r"b\.parquet: the column 'colour' is none of an event") as fault:
        read(tmp_path / "w", map_file, tmp_path / "logs")
    assert fault.value.code == "events.foreign-column"
    assert not (tmp_path / "w").exists()


def test_a_wrong_type_is_refused(tmp_path: Path, map_file: Path) -> None:
    table = events(10).drop_columns(["status"]).append_column("status", pa.array(["200"] * 10))
    log = write(tmp_path / "log.parquet", table)
    with pytest.raises(WhosawError, match="'status' is string, not int16") as fault:
        read(tmp_path / "w", map_file, log)
    assert fault.value.code == "events.wrong-type"


def test_a_file_cut_short_is_told_and_the_rest_is_read(
    tmp_path: Path, map_file: Path, new_root: NewRoot
) -> None:
    whole = write(tmp_path / "logs" / "a.parquet", events(100))
    (tmp_path / "logs" / "b.parquet").write_bytes(whole.read_bytes()[:700])
    report = read(new_root("w"), map_file, tmp_path / "logs")
    told = {Path(c.name).name: (c.lines, c.notes) for c in report.contents}
    assert told["a.parquet"] == (100, ())
    assert told["b.parquet"] == (0, ("the Parquet file is damaged or was cut short: 0 rows read before",))


def test_rows_of_a_damaged_group_are_rejects(tmp_path: Path, map_file: Path, new_root: NewRoot) -> None:
    log = write(tmp_path / "log.parquet", events(300))
    data = bytearray(log.read_bytes())
    with pq.ParquetFile(log) as file:
        column = file.metadata.row_group(1).column(3)
        at = column.dictionary_page_offset or column.data_page_offset
        length = column.total_compressed_size
    data[at : at + length] = b"\xff" * length
    log.write_bytes(bytes(data))
    root = new_root("w")
    # small chunks, so that the other row groups are not lost with it
    report = read(root, map_file, log, chunk_bytes=700)
    assert (report.total("lines"), report.total("events"), report.total("rejects")) == (300, 200, 100)
    workspace = Workspace.open(root)
    try:
        assert [each.lines for each in rejects_of(workspace).reasons] == [100]
    finally:
        workspace.close()


def test_packed_parquet_is_told_to_be_unpacked(tmp_path: Path, map_file: Path, new_root: NewRoot) -> None:
    log = write(tmp_path / "log.parquet", events(10))
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "log.parquet.gz").write_bytes(gzip.compress(log.read_bytes()))
    report = read(new_root("w"), map_file, tmp_path / "logs")
    assert [(c.outcome, c.lines) for c in report.contents] == [("empty", 0)]
    assert "unpack it" in report.contents[0].notes[0]
