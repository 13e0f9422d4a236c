"""A shop with the events of its Keycloak and the log of its nginx, as the page shows it: own views are explained, a stolen token is found."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.chain.test_explaining import compare
from tools import console

from whosaw.app.asking.explain import explain_first
from whosaw.app.asking.questions import open_ledger
from whosaw.app.context_check import check_context_of
from whosaw.app.evidence.parts import configuration_part
from whosaw.app.evidence.rerun import with_none
from whosaw.app.project.file import load_project
from whosaw.app.report_page import context_tables_given
from whosaw.app.scan import ScanReport, scan
from whosaw.app.status import status
from whosaw.app.summary import GivenTable
from whosaw.store.workspace import Workspace

PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "context-from-logs.md"
NOW = datetime(2025, 3, 4, tzinfo=UTC)
PROJECT = 'map = "map.toml"\n\n[context]\nfolder = "context"\nnone = ["services", "staff"]\n\n[[logs]]\nfiles = "logs"\n'


def shop(folder: Path) -> Path:
    for block in console.blocks(PAGE.read_text("utf-8")):
        if block.mark.startswith("file: "):
            path = folder / block.mark.removeprefix("file: ")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
    return folder


def scanned(folder: Path) -> ScanReport:
    return scan(
        [str(folder / "logs")],
        folder / "ledger",
        now=NOW,
        map_path=folder / "map.toml",
        context=folder / "context",
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ScanReport]:
    folder = shop(tmp_path_factory.mktemp("shop"))
    return folder, scanned(folder)


def counted(folder: Path) -> dict[str, tuple[int, int, int]]:
    """By explanation, how many first accesses are explained, unexplained, and cannot be told."""
    told = explain_first(folder / "ledger", context=None, zone=None, now=NOW).first_accesses
    return {each.id or "together": (each.explained, each.unexplained, each.cannot_tell) for each in told}


def test_own_views_are_explained_and_a_stolen_token_is_found(whole: tuple[Path, ScanReport]) -> None:
    """By hand: seven customers look at their own page in two clients each (before and after a refresh), the thief at six others'."""
    folder, report = whole
    assert counted(folder)["own-session"] == (14, 6, 0)
    (finding,) = report.findings
    assert (finding.persons.lower, finding.persons.upper) == (6, 6)
    assert "token-of-another" in {each.detector for each in finding.crossings} | {finding.detector}


def test_both_paths_of_detection_read_them_and_say_the_same(whole: tuple[Path, ScanReport]) -> None:
    """20 views: does not apply, explained, unexplained, cannot tell, never issued. Of a household it is asked where another has the token."""
    folder, _ = whole
    told = compare(Workspace.open(folder / "ledger"), folder / "context")
    assert told == {
        "own-session": [0, 14, 6, 0, 0],
        "same-household": [14, 0, 0, 6, 0],
        "service-job": [20, 0, 0, 0, 0],
        "staff-with-ticket": [20, 0, 0, 0, 0],
    }


def test_the_check_says_what_the_logins_know(whole: tuple[Path, ScanReport]) -> None:
    folder, _ = whole
    found = check_context_of(folder / "ledger", None, zone=None)
    assert {each.trait: (each.shown, each.known) for each in found.passes} == {
        "token": (14, 14),
        "session": (7, 7),
    }
    # used 2 s after the login's token, 3 s after the session, 9 s after the refresh's: by each of seven
    assert found.clock is not None
    assert (found.clock.passes, found.clock.soonest_us, found.clock.middle_us) == (21, 2_000_000, 3_000_000)
    by = {each.table: each for each in found.tables}
    assert (by["logins"].state, by["logins"].rows, by["logins"].whole, by["logins"].gaps) == (
        "given",
        21,
        True,
        (),
    )
    assert {each.column: each.known for each in by["logins"].columns if each.filled and each.known is not None} == {
        "subject": 21, "token": 14, "session": 21, "address": 21,
    }  # fmt: skip
    assert {name for name, each in by.items() if each.state == "none"} == {"services", "staff"}
    detectors = {each.id: each.answer for each in found.detectors}
    assert (detectors["token-never-issued"], detectors["canary-hit"], detectors["contract-ended"]) == (
        "awake", "asleep", "not asked",
    )  # fmt: skip


def test_before_a_scan_it_says_what_the_tables_say(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    found = check_context_of(folder / "ledger", folder / "context", zone=None)
    assert not found.ledger
    assert (found.passes, found.clock) == ((), None)
    assert next(each.rows for each in found.tables if each.table == "logins") == 21
    assert all(column.known is None for each in found.tables for column in each.columns)
    assert not (folder / "ledger").exists()
    nothing = check_context_of(folder / "ledger", None, zone=None, none=["logins"])
    assert nothing.folder is None
    assert [each.table for each in nothing.tables if each.state == "none"] == ["logins"]


def test_the_report_counts_rows_that_came_out_of_logs(whole: tuple[Path, ScanReport]) -> None:
    folder, _ = whole
    ledger = open_ledger(folder / "ledger", now=NOW)
    try:
        assert context_tables_given(ledger) == {"logins": GivenTable(file="", rows=21, digest="")}
    finally:
        ledger.close()


def test_without_refreshes_on_record_no_token_is_said_to_be_never_issued(tmp_path: Path) -> None:
    """The same shop, whose Keycloak keeps what it keeps by default, and whose nginx writes no session: tokens of refreshes cannot be told."""
    folder = shop(tmp_path)
    events = folder / "auth" / "events.json"
    events.write_text(
        "".join(each for each in events.read_text().splitlines(keepends=True) if "REFRESH" not in each)
    )
    log = folder / "logs" / "access.log"
    log.write_text(
        "".join(
            " ".join(part for part in each.split(" ") if not part.startswith("sid="))
            for each in log.read_text().splitlines(keepends=True)
        )
    )
    report = scanned(folder)
    assert counted(folder)["own-session"] == (
        7,
        0,
        13,
    )  # the first token of each; seven refreshed ones, six in the thief's hands
    assert not any(
        each.detector == "token-never-issued" for finding in report.findings for each in finding.crossings
    )
    assert any("token-never-issued: cannot tell: logins may be missing" in note for note in report.notes)


def test_people_by_other_ids_are_nobody_elses(tmp_path: Path) -> None:
    """A Keycloak that names people by ids of its own: each customer's token would be somebody else's, and is not held against anybody."""
    folder = shop(tmp_path)
    events = folder / "auth" / "events.json"
    events.write_text(events.read_text().replace('"userId":"', '"userId":"0815-'))
    report = scanned(folder)
    assert counted(folder)["own-session"] == (0, 0, 20)
    assert any("are people named by other ids there?" in note for note in report.notes)
    detectors = {each.id: each for each in check_context_of(folder / "ledger", None, zone=None).detectors}
    assert detectors["token-of-another"].why == "none of the people in logins is known to these logs"


def test_a_project_says_that_there_is_none_and_a_log_that_grew_is_a_change(
    whole: tuple[Path, ScanReport], tmp_path: Path
) -> None:
    folder = shop(tmp_path)
    (folder / "context" / "context.toml").write_text('[[from]]\nfiles = "../auth/*.json"\n')
    (folder / "whosaw.toml").write_text(PROJECT)
    project = load_project(folder / "whosaw.toml")
    report = scan(
        project.patterns,
        folder / "ledger",
        now=NOW,
        map_path=project.map,
        context=project.context,
        project=project,
    )
    assert [each.persons for each in report.findings] == [each.persons for each in whole[1].findings]
    assert counted(folder) == counted(whole[0])
    assert status(folder / "ledger").findings.answer == "up to date"
    sealed = configuration_part(Workspace.open(folder / "ledger"))
    assert isinstance(sealed.context, dict)
    assert sealed.context["none"] == ["services", "staff"]
    files = sealed.context["files"]
    assert isinstance(files, list)
    assert [each["name"] for each in files if isinstance(each, dict)] == [
        "context.toml",
        "../auth/events.json",
    ]
    again = with_none(None, sealed)  # whoever counts it again is told so, too
    assert again is not None
    assert again.none == ("services", "staff")
    with (folder / "auth" / "events.json").open("a") as file:
        file.write("\n")
    assert "the context" in status(folder / "ledger").findings.changed
