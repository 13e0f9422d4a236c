"""`whosaw picture`: its numbers are those of the other commands, every one of them opens, and what cannot be drawn is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.unit.cli.conftest import call

from whosaw.app.asking.questions import Ledger, open_ledger
from whosaw.app.picturing.pictures import How, lines_behind, picture_of
from whosaw.app.picturing.seen_lines import LineBehind
from whosaw.app.picturing.steps import steps_for
from whosaw.app.reading.lines import open_line
from whosaw.core.finding import Finding
from whosaw.report.pictures.files import told_numbers
from whosaw.report.pictures.kinds import Kind
from whosaw.store.repositories.findings import stored_findings

KINDS: tuple[Kind, ...] = ("timeline", "week", "order", "networks")


def told(*args: str) -> Any:
    done = call("picture", *args, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def ledger(made: Path) -> Iterator[Ledger]:
    opened = open_ledger(made / "whosaw-data", now=datetime(2026, 11, 28, tzinfo=UTC))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def found(ledger: Ledger) -> Finding:
    return next(each for each in stored_findings(ledger.workspace.journal) if each.views.lower > 1)


def rows_of(ledger: Ledger, kind: Kind, what: str | None, zone: str = "UTC") -> list[Any]:
    how = How(zone=ZoneInfo(zone), zone_name=zone, workspace="whosaw-data")
    return told_numbers(picture_of(ledger, kind, what, how))["rows"]  # type: ignore[return-value]


def lines(ledger: Ledger, kind: Kind, what: str | None, row: str, zone: str = "UTC") -> list[LineBehind]:
    return list(lines_behind(ledger, kind, what, row, ZoneInfo(zone)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_views_of_a_picture_are_those_of_its_finding(ledger: Ledger, found: Finding, kind: Kind) -> None:
    rows = rows_of(ledger, kind, found.id)
    if kind != "order":  # which is of people, not of lines
        assert sum(each["views"] for each in rows) == found.views.lower
        assert sum(each["views"] + each["possible_views"] for each in rows) == found.views.upper
    if kind == "timeline":
        assert rows[-1]["persons_so_far"] == sum(each["new_persons"] for each in rows) == found.accounts.lower


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
def test_every_row_opens_to_as_many_lines_as_it_counts(
    folder: Path, ledger: Ledger, found: Finding, kind: Kind, zone: str
) -> None:
    rows = rows_of(ledger, kind, found.id, zone)
    for row in rows[:4]:
        behind = lines(ledger, kind, found.id, row["row"], zone)
        if kind == "order":
            assert row["views"] == sum(len(each.persons) for each in behind)
        else:
            assert row["views"] == sum(each.sure for each in behind)
            assert row["possible_views"] == sum(not each.sure for each in behind)
        assert row["lines"] == [each.locator for each in behind][: len(row["lines"])]
        assert open_line(ledger.workspace, row["lines"][0]).text


def test_all_rows_together_are_the_lines_that_the_finding_counts(
    folder: Path, ledger: Ledger, found: Finding
) -> None:
    every = [each.locator for each in lines(ledger, "timeline", found.id, "all")]
    statement = f"SELECT locator FROM finding_views WHERE finding = '{found.id}'"
    counted = [json.loads(each)["locator"] for each in call("sql", statement, "--jsonl").stdout.splitlines()]
    assert sorted(every) == sorted(counted)
    assert len(every) == found.views.upper


def test_an_actor_is_drawn_as_what_says_of_it(folder: Path, ledger: Ledger) -> None:
    seen = json.loads(call("what", "192.0.2.5", "--json").stdout)
    rows = rows_of(ledger, "week", "192.0.2.5")
    assert sum(each["views"] for each in rows) == seen["counts"][0]["lower"]


def test_a_person_is_drawn_as_who_says_of_them(folder: Path, ledger: Ledger) -> None:
    seen = json.loads(call("who", "7", "--json").stdout)
    rows = rows_of(ledger, "person", "7")
    assert sum(each["views"] for each in rows) == seen["views"]["lower"]
    behind = lines(ledger, "person", "7", rows[0]["row"])
    assert [each.locator for each in behind][:2] == rows[0]["lines"]
    assert "192.0.2" not in json.dumps(rows)


def test_categories_are_those_of_findings(ledger: Ledger, found: Finding) -> None:
    rows = rows_of(ledger, "categories", found.id)
    assert sorted(each["views"] for each in rows) == sorted(each.views for each in found.categories)
    behind = lines(ledger, "categories", None, rows[0]["row"])
    assert sum(each.sure for each in behind) == rows[0]["views"]


def test_coverage_is_what_coverage_says(folder: Path) -> None:
    (source,) = json.loads(call("coverage", "--json").stdout)["sources"]
    (row,) = told("--of", "coverage")["rows"]
    assert {name: row[name] for name in ("events", "rejects", "whole", "partial", "missing")} == {
        name: source[name] for name in ("events", "rejects", "whole", "partial", "missing")
    }


def test_files_in_three_forms_and_a_folder_of_all(folder: Path, tmp_path: Path) -> None:
    for name, head in (("x.svg", b"<svg"), ("x.png", b"\x89PNG"), ("x.json", b"{")):
        assert call("picture", "--out", str(tmp_path / name)).exit_code == 0
        assert (tmp_path / name).read_bytes().startswith(head)
    again = call("picture", "--of", "week", "--out", str(tmp_path / "y.svg"), "--json")
    assert json.loads(again.stdout)["file"] == str(tmp_path / "y.svg")
    done = call("picture", "--out", str(tmp_path / "pictures"))
    assert done.exit_code == 0
    written = {path.name for path in (tmp_path / "pictures").iterdir()}
    assert {"coverage.svg", "coverage.json", "categories.svg"} <= written
    assert sorted(done.stdout.split()) == sorted(str(tmp_path / "pictures" / name) for name in written)


def test_text_says_the_numbers_and_how_to_open_them(folder: Path, found: Finding) -> None:
    shown = call("picture", found.id, "--of", "networks", "--tz", "Asia/Seoul").stdout
    assert "Times in Asia/Seoul." in shown
    assert f"whosaw picture {found.id} --of networks --open n" in shown
    (one, *_) = call("picture", found.id, "--of", "networks", "--open", "all", "--jsonl").stdout.splitlines()
    assert set(json.loads(one)) == {"time", "sure", "client", "persons", "locator"}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--of", "versions"), "there is no case"),
        (("--of", "person"), "a person's picture needs a person"),
        (("--of", "week", "--open", "mon-25"), "the picture has no row 'mon-25'"),
        (("--of", "coverage", "--open", "access.log"), "a row of coverage is no set of lines"),
        (("--out", "x.gif"), "x.gif ends in no form of a picture"),
        (("--of", "pie"), "'pie' is not one of"),
        (("f-ffffffffffffffff",), "f-ffffffffffffffff"),
    ],
)
def test_what_cannot_be_drawn_is_one_clear_line(folder: Path, args: tuple[str, ...], said: str) -> None:
    done = call("picture", *args)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "second"), (99, "second"), (100, "5 seconds"), (3_600, "minute"), (2 * 86_400, "hour"), (42 * 86_400, "day"), (400 * 86_400, "week")],
)  # fmt: skip
def test_stretches_are_as_long_as_needed(seconds: int, words: str) -> None:
    """At most 100: 100 s need 101 stretches of a second where the last one lies on its edge, so they are of 5 s."""
    steps = steps_for(0, seconds * 1_000_000, UTC)
    assert steps.words == words
    assert (seconds / steps.seconds) + 1 <= 100


def test_stretches_begin_on_the_clock_of_the_zone_also_where_it_is_turned_back() -> None:
    """In Berlin 26 October 2025 has 25 hours; 2:00 to 3:00 is there twice."""
    berlin = ZoneInfo("Europe/Berlin")
    begin = datetime(2025, 10, 25, 22, tzinfo=UTC)  # midnight in Berlin
    hour = steps_for(0, 90 * 3_600_000_000, berlin)
    assert hour.words == "hour"
    starts = [hour.start_of(begin + timedelta(minutes=30 + 60 * at)) for at in range(4)]
    assert [each.astimezone(UTC).hour for each in starts] == [22, 23, 0, 1]
    assert [hour.name_of(each) for each in starts] == [
        "2025-10-26T00:00", "2025-10-26T01:00", "2025-10-26T02:00+0200", "2025-10-26T02:00+0100",
    ]  # fmt: skip
    day = steps_for(0, 50 * 86_400_000_000, berlin)
    start = day.start_of(begin + timedelta(hours=24, minutes=30))
    assert (day.name_of(start), day.end_of(start)) == ("2025-10-26", datetime(2025, 10, 26, 23, tzinfo=UTC))
