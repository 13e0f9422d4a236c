"""Questions in SQL: what the views say is what other commands say, identifiers are masked, and there is no way out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.cli.conftest import call, files_below

from whosaw.app.asking.questions import Ledger, open_ledger
from whosaw.app.asking.sql import _functions, _relations
from whosaw.app.asking.sql_views import LEDGER_COLUMNS, SQL_VIEWS
from whosaw.core.errors import WhosawError
from whosaw.store.ledger import files_by_kind
from whosaw.store.sealed_sql import SealedSql

NOW = datetime(2026, 11, 28, tzinfo=UTC)
VISIBLE = "seen by nobody"  # a variable of this program, which a statement must not see


@pytest.fixture(scope="module")
def ledger(made: Path) -> Iterator[Ledger]:
    opened = open_ledger(made / "whosaw-data", now=NOW)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def sealed(ledger: Ledger) -> Iterator[SealedSql]:
    every = " ".join(each.name for each in SQL_VIEWS)
    views = {each.name: each.sql for each in SQL_VIEWS}
    with SealedSql(_relations(ledger, every), views, _functions(ledger)) as opened:
        yield opened


def rows(sealed: SealedSql, statement: str) -> list[dict[str, object]]:
    _, batches = sealed.ask(statement)
    return [row for batch in batches for row in batch.to_pylist()]


@pytest.mark.parametrize("view", SQL_VIEWS, ids=lambda each: each.name)
def test_a_view_has_the_columns_that_are_written_down(sealed: SealedSql, view) -> None:  # type: ignore[no-untyped-def]
    names = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}
    told = [
        (row["column_name"], names.get(str(row["column_type"]), row["column_type"]))
        for row in rows(sealed, f"DESCRIBE {view.name}")
    ]
    assert told == [(each.name, each.type) for each in view.columns]
    assert all(each.about.endswith(".") for each in view.columns)


def test_views_say_what_the_ledger_says(sealed: SealedSql, ledger: Ledger) -> None:
    number = ledger.person_number("7")
    answer = ledger.who("7")
    (told,) = rows(
        sealed,
        f"SELECT count(*) AS views, min(time) AS first, max(time) AS last FROM views WHERE person = {number} AND sure",
    )
    assert told["views"] == answer.views.lower > 0
    assert told["first"] == min(each.first for each in answer.exposures)
    assert told["last"] == max(each.last for each in answer.exposures)
    found = rows(
        sealed,
        f"SELECT client, category, views, explained, unexplained, cannot_tell FROM exposures WHERE person = {number} ORDER BY first, client, category",
    )
    assert sorted((row["client"], row["category"], row["views"]) for row in found) == sorted(
        (int(each.actor.client[1:]), each.category, each.views) for each in answer.exposures
    )
    assert all(row["explained"] + row["unexplained"] + row["cannot_tell"] == row["views"] for row in found)  # type: ignore[operator]
    (person,) = rows(sealed, f"SELECT * FROM persons WHERE person = {number}")
    assert (person["kind"], person["shown"], person["views"]) == ("customer", "***", told["views"])
    assert person["clients"] == len({each.actor.client for each in answer.exposures})
    locators = [
        row["locator"]
        for row in rows(sealed, f"SELECT locator FROM views WHERE person = {number} ORDER BY time, locator")
    ]
    assert set(answer.locators) <= {*locators, *answer.locators}
    assert set(locators[:1]) <= set(answer.locators)


def test_views_of_findings_and_coverage_are_those_of_other_commands(folder: Path, sealed: SealedSql) -> None:
    (found, *_) = json.loads(call("findings", "--json").stdout)["findings"]
    (told,) = rows(sealed, f"SELECT * FROM findings WHERE finding = '{found['id']}'")
    assert (told["title"], told["views_at_least"]) == (found["title"], found["counts"][0]["lower"])
    lines = rows(sealed, f"SELECT locator FROM finding_views WHERE finding = '{found['id']}'")
    assert set(found["locators"]) <= {row["locator"] for row in lines}
    assert rows(sealed, f"SELECT client FROM finding_clients WHERE finding = '{found['id']}'")
    (source,) = json.loads(call("coverage", "--json").stdout)["sources"]
    (told,) = rows(sealed, "SELECT * FROM sources")
    assert {name: told[name] for name in ("source", "lines", "events", "rejects", "duplicates", "views")} == {
        name: source[name] for name in ("source", "lines", "events", "rejects", "duplicates", "views")
    }
    hours = rows(sealed, "SELECT state, count(*) AS n, sum(events) AS events FROM coverage GROUP BY state")
    assert {row["state"]: row["n"] for row in hours} == {
        state: source[state] for state in ("whole", "partial", "missing", "quiet") if source[state]
    }
    assert sum(int(str(row["events"])) for row in hours) == source["events"]


def test_no_column_of_any_view_shows_an_identifier(sealed: SealedSql) -> None:
    for view in SQL_VIEWS:
        told = str(rows(sealed, f"FROM {view.name}"))
        assert "192.0.2." not in told, view.name
    shown = {row["address_shown"] for row in rows(sealed, "SELECT address_shown FROM clients")}
    assert shown == {f"1***{last}" for last in range(10)}


def test_no_digest_of_an_identifier_is_among_what_views_rest_on() -> None:
    assert not any("digest" in name for names in LEDGER_COLUMNS.values() for name in names)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('{here}/access.log')",
        "SELECT * FROM read_parquet('{ledger}')",
        "SELECT * FROM parquet_metadata('{ledger}')",
        "SELECT * FROM '{ledger}'",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM sniff_csv('{here}/access.log')",
        "SELECT * FROM read_csv('https://example.org/x.csv')",
        "SELECT * FROM read_csv('{here}/whosaw-data/spill/x')",
        "SELECT * FROM VISIBLE",
        "SELECT * FROM duckdb_secrets()",
        "SELECT * FROM enable_logging()",
        "SELECT * FROM query('COPY (SELECT 1) TO ''{here}/out.csv''')",
        "SELECT getenv('HOME')",
        "COPY (SELECT 1) TO '{here}/out.csv'",
        "EXPORT DATABASE '{here}/out'",
        "ATTACH '{here}/out.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET temp_directory = '{here}'",
        "PRAGMA enable_external_access = true",
        "CREATE TABLE t AS SELECT 1",
        "DROP VIEW views",
        "DELETE FROM views",
        "CALL enable_logging()",
        "SELECT 1; SELECT 2",
        "SELECT 1; COPY (SELECT 1) TO '{here}/out.csv'",
        "",
        "-- nothing",
    ],
)
def test_there_is_no_way_out(made: Path, ledger: Ledger, sealed: SealedSql, statement: str) -> None:
    part = files_by_kind(ledger.workspace.journal, ledger.workspace.files)["views"][0]
    before = files_below(made)
    with pytest.raises(WhosawError) as caught:
        rows(sealed, statement.format(here=made, ledger=part))
    assert caught.value.code in ("sql.sealed", "sql.refused", "sql.not-a-question")
    assert "\n" not in str(caught.value)
    assert files_below(made) == before
    assert rows(sealed, "SELECT 1 AS still") == [{"still": 1}]


def test_there_is_no_folder_that_a_statement_may_open(sealed: SealedSql) -> None:
    told = rows(
        sealed,
        "SELECT name, value FROM duckdb_settings() WHERE name IN ('allowed_directories', 'allowed_paths', 'temp_directory')",
    )
    assert {str(row["value"]) for row in told} <= {"[]", ""}
    (locked,) = rows(sealed, "SELECT current_setting('lock_configuration') AS it")
    assert locked["it"] is True


def test_an_unknown_view_is_told_in_one_sentence(sealed: SealedSql) -> None:
    with pytest.raises(WhosawError) as caught:
        rows(sealed, "SELECT * FROM nothing_such")
    assert "does not exist. `whosaw sql` alone lists" in str(caught.value)


def test_too_large_an_answer_is_refused(ledger: Ledger) -> None:
    views = {each.name: each.sql for each in SQL_VIEWS if each.name == "views"}
    many = "SELECT a.range AS x, repeat('x', 100) || a.range AS y FROM range(3000000) a ORDER BY y DESC"
    with (
        SealedSql(_relations(ledger, "views"), views, [], memory_bytes=16 << 20) as small,
        pytest.raises(WhosawError) as caught,
    ):
        rows(small, many)
    assert caught.value.code == "sql.no-memory"


def test_a_statement_that_may_have_come_from_anybody_quotes_no_zone() -> None:
    with pytest.raises(WhosawError, match="is not a zone of SQL"):
        SealedSql({}, {}, [], zone="x'; SET enable_external_access = true; --")


def test_rows_in_all_forms(folder: Path) -> None:
    asked = "SELECT route, count(*) AS n, min(time) AS first, NULL AS none, [1, 2] AS list FROM views GROUP BY route ORDER BY route"
    of_json = json.loads(call("sql", asked, "--json", "--tz", "Asia/Seoul").stdout)
    of_csv = list(csv.reader(io.StringIO(call("sql", asked, "--csv", "--tz", "Asia/Seoul").stdout)))
    of_lines = [
        json.loads(line) for line in call("sql", asked, "--jsonl", "--tz", "+09:00").stdout.splitlines()
    ]
    assert of_json["columns"] == of_csv[0] == list(of_lines[0]) == ["route", "n", "first", "none", "list"]
    assert of_json["rows"] == [list(each.values()) for each in of_lines]
    assert [row[1] for row in of_csv[1:]] == [str(row[1]) for row in of_json["rows"]]
    assert all(row[2].endswith("+09:00") for row in of_json["rows"])
    assert of_csv[1][3:] == ["", "1 2"]
    text = call("sql", asked).stdout
    assert text.splitlines()[0].split() == of_csv[0]
    assert call("sql", "SELECT 1 AS n, 2 AS n", "--jsonl").stdout == '{"n":1,"n_2":2}\n'
    assert "no row" in call("sql", "SELECT * FROM views WHERE false").stdout


def test_the_list_of_views_is_the_reference(folder: Path) -> None:
    text = call("sql").stdout
    for view in SQL_VIEWS:
        assert f"{view.name}: " in text
    listed = json.loads(call("sql", "--json").stdout)["rows"]
    assert listed == [
        [view.name, each.name, each.type, each.about] for view in SQL_VIEWS for each in view.columns
    ]
