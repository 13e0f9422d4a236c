"""What a scan says of the whole ledger although nothing or little is new is what a scan of everything says."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.chain.shop_log import MAP, NOW, shop_lines

from whosaw.app.scan import ScanReport, scan
from whosaw.store.remembered import forget_remembered
from whosaw.store.workspace import Workspace

LAX = '192.0.2.7 - - [14/Apr/2025:0{}:00:00 +0000] "{} /customers/7/addresses HTTP/1.1" 200 7 "-" "a"'


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Three logs that follow one another, in which a server may have taken two requests for a page."""
    folder = tmp_path / "logs"
    folder.mkdir()
    (tmp_path / "map.toml").write_text(MAP)
    lines = [*shop_lines(1500), LAX.format(5, "POST"), LAX.format(6, "PUT")]
    for number, start in ((2, 0), (1, 700), (0, 1400)):
        part = lines[start : start + 700 if number else None]
        (folder / f"access.log{f'.{number}' if number else ''}").write_text(
            "".join(f"{each}\n" for each in part)
        )
    return folder


def run(logs: Path, root: str, **more: object) -> ScanReport:
    folder = logs.parent
    return scan([str(logs)], folder / root, now=NOW, map_path=folder / "map.toml", **more)  # type: ignore[arg-type]


def told(report: ScanReport) -> object:
    """What is said of the whole ledger, but for lines that name what changed between scans."""
    hours = [(each.source, each.lines, each.views, each.hours) for each in report.coverage]
    views = [(each.route, each.views, each.by_method, len(each.locators)) for each in report.possible]
    return hours, report.map, views


def new_line(logs: Path) -> None:
    with (logs / "access.log").open("a") as log:
        log.write(LAX.format(7, "PATCH") + "\n")


def late_lines(logs: Path) -> None:
    (logs / "other.log").write_text(LAX.format(1, "GET") + "\n" + LAX.format(2, "DELETE") + "\n")


@pytest.mark.parametrize("change", [new_line, late_lines])
def test_what_came_since_is_in_all_that_is_told(logs: Path, change: Callable[[Path], None]) -> None:
    before = run(logs, "w")
    assert [(each.views, each.by_method) for each in before.possible] == [(2, 2)]
    change(logs)
    again = run(logs, "w")
    assert told(again) == told(run(logs, "fresh")) != told(before)
    assert sum(each.outcome == "unchanged" for each in again.contents) >= 2


def test_nothing_new_is_told_as_before(logs: Path) -> None:
    first, again = run(logs, "w"), run(logs, "w")
    assert {each.outcome for each in again.contents} == {"unchanged"}
    assert (told(again), again.health, again.findings) == (told(first), first.health, first.findings)


def test_what_is_remembered_of_views_may_be_lost(logs: Path) -> None:
    first = run(logs, "w")
    workspace = Workspace.open(logs.parent / "w")
    try:
        with workspace.journal.transaction() as connection:
            forget_remembered(connection, workspace.journal)
    finally:
        workspace.close()
    assert told(run(logs, "w")) == told(first)


def test_quiet_hours_that_are_stated_since_are_heeded(logs: Path) -> None:
    (logs / "access.log").unlink()
    (logs / "access.log.1").unlink()
    with (logs / "access.log.2").open("a") as log:
        log.write(LAX.format(9, "GET") + "\n")
    hours = [(each.missing, each.quiet) for each in run(logs, "w").coverage]
    stated = [(each.missing, each.quiet) for each in run(logs, "w", quiet=["00:00-09:00"]).coverage]
    assert hours[0][0] > 0
    assert stated == [(0, hours[0][0])]


def test_a_file_that_was_written_over_is_read(logs: Path) -> None:
    run(logs, "w")
    path = logs / "access.log.1"
    path.write_bytes(path.read_bytes().replace(b"/p/", b"/q/"))
    os.utime(path, ns=(1, 1))
    outcomes = {each.name.rpartition("/")[2]: each.outcome for each in run(logs, "w").contents}
    assert outcomes["access.log.1"] != "unchanged"
    assert outcomes["access.log.2"] == outcomes["access.log"] == "unchanged"


def test_a_file_that_is_gone_is_told(logs: Path) -> None:
    run(logs, "w")
    (logs / "access.log.1").unlink()
    assert any("access.log.1" in str(each) for each in run(logs, "w").health)
