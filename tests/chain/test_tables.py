"""Tables for others: what they hold, what they do not, and that another engine takes them over as they lie."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from tests.chain.shop_log import MAP, shop_lines

from whosaw.app.asking.sql import ask_sql
from whosaw.app.asking.sql_views import SQL_VIEWS
from whosaw.app.asking.tables import TABLES, ExportedTables, export_tables, whose_number
from whosaw.app.erasing.rotate import rotate
from whosaw.app.gating.two import Rules, set_rules
from whosaw.app.scan import scan
from whosaw.core.errors import WhosawError
from whosaw.store.published import PublishedNumbers
from whosaw.store.repositories.entries import by_whom
from whosaw.store.workspace import journal_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WHY = "order 2025-118"


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    (folder / "access.log").write_text("".join(f"{line}\n" for line in shop_lines(900)))
    (folder / "map.toml").write_text(MAP)
    scan([str(folder / "access.log")], folder / "ws", now=NOW, map_path=folder / "map.toml")
    return folder / "ws"


@pytest.fixture(scope="module")
def made(ws: Path) -> ExportedTables:
    return export_tables(ws, ws.parent / "all", now=NOW, reason=WHY, lines=True)


def table(folder: str | Path, name: str) -> pa.Table:
    return pq.read_table(Path(folder) / f"{name}.parquet")


def asked(ws: Path, statement: str) -> list[dict[str, Any]]:
    with ask_sql(ws, statement, zone=UTC, now=NOW) as answer:
        return [row for batch in answer.batches for row in batch.to_pylist()]


def exported(ws: Path) -> list[dict[str, Any]]:
    with closing(journal_of(ws)) as journal:
        return [json.loads(each.body) for each in by_whom(journal, ("exported",))]


def test_each_row_of_each_view_is_there_with_what_it_counts(ws: Path, made: ExportedTables) -> None:
    assert [each.name for each in made.tables] == list(TABLES)
    for each in made.tables:
        rows = table(made.folder, each.name)
        known = asked(ws, f"SELECT * FROM {each.name}")
        assert rows.num_rows == each.rows == len(known), each.name
        kept = {
            "views",
            "possible_views",
            "unexplained",
            "events",
            "first",
            "last",
            "time",
            "route",
            "locator",
        }
        for column in kept.intersection(rows.column_names):
            told = sorted(str(row[column]) for row in known)
            assert sorted(map(str, rows[column].to_pylist())) == told, (each.name, column)
        assert hashlib.sha256((Path(made.folder) / each.file).read_bytes()).hexdigest() == each.sha256


def test_a_person_is_one_number_in_every_table_and_nobody_elses(ws: Path, made: ExportedTables) -> None:
    persons = table(made.folder, "persons")["person"].to_pylist()
    assert len(set(persons)) == len(persons) == made.persons == len(asked(ws, "SELECT person FROM persons"))
    seen: dict[str | None, int] = {}
    for row in table(made.folder, "views").to_pylist():
        seen[row["person"]] = seen.get(row["person"], 0) + 1
    known = {
        row["person"]: row["views"]
        for row in asked(ws, "SELECT person, count(*) AS views FROM views GROUP BY person")
    }
    assert len(seen) == len(known)
    assert seen.pop(None) == known.pop(None)  # views of people whom the log does not name
    for published, views in seen.items():
        assert published is not None
        found = whose_number(ws, made.publication, published, now=NOW)
        assert (found.kind, known[found.number]) == ("person", views)
    client = table(made.folder, "clients").to_pylist()[0]
    assert whose_number(ws, made.publication, client["client"], now=NOW).kind == "client"
    assert whose_number(ws, made.publication, client["address"], now=NOW).kind == "address"


def test_no_ledger_number_no_mask_and_no_line_is_in_them_and_their_order_tells_nothing(
    ws: Path, tmp_path: Path
) -> None:
    made = export_tables(ws, tmp_path / "out", now=NOW, reason=WHY)
    assert "finding_views" not in {each.name for each in made.tables}
    listed = json.loads((tmp_path / "out" / "tables.json").read_text())
    for each, about in zip(made.tables, listed["tables"], strict=True):
        rows = table(made.folder, each.name)
        assert rows.column_names == [column["name"] for column in about["columns"]]
        assert not {"locator", "shown"} & set(rows.column_names)
        assert not [name for name in rows.column_names if name.endswith("_shown")]
        of_number = {c.name for view in SQL_VIEWS if view.name == each.name for c in view.columns if c.number}
        for column in of_number:
            assert rows[column].type == pa.string()
            assert {len(value) for value in rows[column].to_pylist() if value is not None} <= {32}
    ordered = [
        whose_number(ws, made.publication, each, now=NOW).number
        for each in table(made.folder, "persons")["person"].to_pylist()[:40]
    ]
    assert ordered != sorted(ordered)


def test_numbers_of_two_publications_have_nothing_in_common(
    ws: Path, made: ExportedTables, tmp_path: Path
) -> None:
    again = export_tables(ws, tmp_path / "again", now=NOW, reason=WHY, tables=["persons", "clients"])
    assert [each.name for each in again.tables] == ["persons", "clients"]
    for name, column in (("persons", "person"), ("clients", "client"), ("clients", "address")):
        first, second = (set(table(each.folder, name)[column].to_pylist()) for each in (made, again))
        assert len(first) == len(second)
        assert not first & second - {None}
    with pytest.raises(WhosawError) as caught:
        whose_number(ws, made.publication, table(again.folder, "persons")["person"][0].as_py(), now=NOW)
    assert caught.value.code == "published.not-of-it"
    for bad in ("", "12", "zz" * 16, "ab" * 17):
        with pytest.raises(WhosawError) as caught:
            whose_number(ws, made.publication, bad, now=NOW)
        assert caught.value.code == "published.not-of-it"
    with pytest.raises(WhosawError) as caught:
        whose_number(ws, "0" * 16, "ab" * 16, now=NOW)
    assert caught.value.code == "published.unknown"


def test_the_journal_says_what_left_and_for_whom(ws: Path, made: ExportedTables) -> None:
    (entry,) = [each for each in exported(ws) if each["publication"] == made.publication]
    listed = (Path(made.folder) / "tables.json").read_bytes()
    assert entry["list"] == hashlib.sha256(listed).hexdigest()
    assert (entry["reason"], entry["lines"], entry["counts"]) == (WHY, True, {"person": made.persons})
    assert [each["sha256"] for each in entry["tables"]] == [each.sha256 for each in made.tables]


def test_what_is_refused_leaves_no_folder_and_no_entry(ws: Path, tmp_path: Path) -> None:
    before = len(exported(ws))
    out = tmp_path / "out"
    for code, more in (
        ("export.no-reason", {"reason": " "}),
        ("export.unknown-table", {"reason": WHY, "tables": ["views", "people"]}),
        ("export.table-of-lines", {"reason": WHY, "tables": ["finding_views"]}),
    ):
        with pytest.raises(WhosawError) as caught:
            export_tables(ws, out, now=NOW, **more)
        assert caught.value.code == code
    (tmp_path / "file").write_text("")
    with pytest.raises(WhosawError) as caught:
        export_tables(ws, tmp_path / "file" / "out", now=NOW, reason=WHY)
    assert caught.value.code == "export.write-failed"
    with pytest.raises(WhosawError) as caught:
        export_tables(ws, tmp_path / "file", now=NOW, reason=WHY)
    assert caught.value.code == "export.there"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    assert len(exported(ws)) == before


def test_where_exports_take_two_people_one_alone_writes_nothing(ws: Path, tmp_path: Path) -> None:
    shutil.copytree(ws, tmp_path / "ws")
    with closing(journal_of(tmp_path / "ws")) as journal, journal.transaction() as connection:
        set_rules(journal, connection, Rules(export=True))
    with pytest.raises(WhosawError) as caught:
        export_tables(tmp_path / "ws", tmp_path / "out", now=NOW, reason=WHY)
    assert caught.value.code == "gate.second-person"
    assert not (tmp_path / "out").exists()


def test_a_number_is_found_back_after_the_vault_was_rotated(
    ws: Path, made: ExportedTables, tmp_path: Path
) -> None:
    shutil.copytree(ws, tmp_path / "ws")
    published = table(made.folder, "persons")["person"][0].as_py()
    before = whose_number(tmp_path / "ws", made.publication, published, now=NOW)
    rotate(tmp_path / "ws", reason="yearly", digests=True, now=NOW)
    assert whose_number(tmp_path / "ws", made.publication, published, now=NOW) == before


def test_iceberg_takes_over_each_table_as_it_lies(ws: Path, made: ExportedTables, tmp_path: Path) -> None:
    bytes_before = {each.file: (Path(made.folder) / each.file).read_bytes() for each in made.tables}
    catalog = SqlCatalog(
        "local", uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=f"file://{tmp_path}/warehouse"
    )
    try:
        catalog.create_namespace("whosaw")
        for each in made.tables:
            file = Path(made.folder) / each.file
            taken = catalog.create_table(f"whosaw.{each.name}", schema=pq.read_schema(file))
            if each.rows:
                taken.add_files([f"file://{file}"])
            read = taken.scan().to_arrow()
            assert read.num_rows == each.rows
            assert sorted(read.column_names) == sorted(pq.read_schema(file).names)
        views = catalog.load_table("whosaw.views").scan(selected_fields=("person",)).to_arrow()
        known = asked(ws, "SELECT count(DISTINCT person) AS n FROM views")[0]["n"]
        assert len(set(views["person"].to_pylist()) - {None}) == known
    finally:
        catalog.engine.dispose()
    assert {each.file: (Path(made.folder) / each.file).read_bytes() for each in made.tables} == bytes_before


def test_published_numbers_are_one_to_one_and_of_a_kind() -> None:
    of = PublishedNumbers(bytes(range(32)))
    numbers = [0, 1, 2, (1 << 31) - 1, -1, (1 << 63) - 1, -(1 << 63)]
    told = of.of("person")([*numbers, None])
    assert told[-1] is None
    assert len(set(told)) == len(told)
    assert [of.back(each, ("client", "person")) for each in told[:-1] if each] == [
        ("person", each) for each in numbers
    ]
    assert not set(told[:-1]) & set(of.of("client")(numbers))
    many = of.of("token")(np.arange(50_000).tolist())
    assert len(set(many)) == 50_000
