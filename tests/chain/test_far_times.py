"""A line with a wrong year is a reject, however the log is read; a log that paused for a year is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.chain.shop_log import NOW, ledger_facts
from tests.wide import some

from whosaw.app.reading.lines import rejects_of
from whosaw.app.scan import ScanReport, scan
from whosaw.store.workspace import Workspace

pytestmark = pytest.mark.usefixtures("without_detection")

Root = Callable[[str], Path]
LINE = '192.0.2.1 - - [{day:02}/Apr/{year}:{hour:02}:00:{second:02} +0000] "GET /customers/{n}/addresses HTTP/1.1" 200 7 "-" "a"\n'


def lines(year: int, count: int = 40, day: int = 14) -> list[str]:
    return [LINE.format(day=day, year=year, hour=n // 20, second=n % 20, n=n) for n in range(count)]


def wrong(year: int) -> str:
    return LINE.format(day=14, year=year, hour=3, second=7, n=7)


def run(path: Path, root: Path, map_file: Path, **more: Any) -> ScanReport:
    return scan([str(path)], root, now=NOW, map_path=map_file, **more)


def reasons(root: Path) -> list[tuple[int, str]]:
    workspace = Workspace.open(root)
    try:
        return [
            (int(each.locator.rpartition(":")[2]), each.reason)
            for each in rejects_of(workspace, limit=100).rejects
        ]
    finally:
        workspace.close()


@pytest.mark.parametrize("year", some([1999, 2015, 2077, 9999], of=3))
def test_one_wrong_year_is_one_reject(tmp_path: Path, new_root: Root, map_file: Path, year: int) -> None:
    log = tmp_path / "access.log"
    log.write_text("".join([*lines(2025), wrong(year), *lines(2025, day=15)]))
    root = new_root("w")
    report = run(log, root, map_file)
    (content,), (source,) = report.contents, report.coverage
    assert (content.lines, content.events, content.rejects) == (81, 80, 1)
    told = (
        "no time of a log: before 1980 or after 2099"
        if year == 9999
        else "its time is far from its neighbours"
    )
    assert reasons(root) == [(41, told)]
    assert len(source.hours) == 24 + 2
    assert source.views == 80
    assert source.count("missing") == 22


def test_a_pause_of_a_year_is_honest_and_its_hours_are_missing(
    tmp_path: Path, new_root: Root, map_file: Path
) -> None:
    log = tmp_path / "access.log"
    log.write_text("".join([*lines(2024), *lines(2025)]))
    report = run(log, new_root("w"), map_file)
    assert (report.contents[0].rejects, report.coverage[0].count("missing")) == (0, 365 * 24 - 2)


@pytest.mark.parametrize("chunk_bytes", some([1, 700, 5_000], of=2))
def test_it_does_not_matter_how_a_log_is_cut(
    tmp_path: Path, new_root: Root, map_file: Path, chunk_bytes: int
) -> None:
    log = tmp_path / "access.log"
    log.write_text(
        "".join([wrong(1999), *lines(2025), wrong(2077), wrong(1999), *lines(2025, 30, 15), wrong(2077)])
    )
    whole, cut = new_root("whole"), new_root("cut")
    run(log, whole, map_file)
    report = run(log, cut, map_file, chunk_bytes=chunk_bytes)
    assert (report.contents[0].events, report.contents[0].rejects) == (70, 4)
    assert ledger_facts(cut) == ledger_facts(whole)
    assert reasons(cut) == reasons(whole)


@pytest.mark.parametrize("step", some([33, 7], of=2))
def test_a_log_that_grows_ends_where_one_read_at_once_does(
    tmp_path: Path, new_root: Root, map_file: Path, step: int
) -> None:
    log = tmp_path / "access.log"
    # the clock goes to 2031 for two lines, and later for good: what was far first is not far in the end
    text = [*lines(2025, 18), *lines(2031, 2), *lines(2025, 3, 15), wrong(2077), *lines(2031, 17, 16)]
    whole, grown = new_root("whole"), new_root("grown")
    for end in range(step, len(text) + step, step):
        log.write_text("".join(text[:end]))
        run(log, grown, map_file)
    run(log, whole, map_file)
    assert reasons(grown) == reasons(whole)
    assert ledger_facts(grown) == ledger_facts(whole)
