"""Files that follow one another are one source, files beside each other are several; and a source can be named."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.chain.shop_log import NOW

from whosaw.app.scan import ScanReport, scan
from whosaw.core.errors import WhosawError

pytestmark = pytest.mark.usefixtures("without_detection")

Root = Callable[[str], Path]


def write(path: Path, day: int, *, hours: int = 24, start: int = 0, host: int = 1) -> None:
    begin = datetime(2025, 4, 1, tzinfo=UTC) + timedelta(days=day, hours=start)
    lines = [
        f'192.0.2.{host} - - [{begin + timedelta(minutes=10 * n):%d/%b/%Y:%H:%M:%S +0000}] "GET /p/{n} HTTP/1.1" 200 7 "-" "a"\n'
        for n in range(hours * 6)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "".join(lines).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def sources(report: ScanReport) -> list[str]:
    return [each.source for each in report.coverage]


@pytest.mark.parametrize("name", ["access-{:02}.log.gz", "access_{}.log", "access.log-{}"])
@pytest.mark.parametrize("newest_first", [False, True])
def test_numbered_days_are_one_source_without_a_gap(
    tmp_path: Path, new_root: Root, name: str, newest_first: bool
) -> None:
    for day in range(12):
        write(tmp_path / "logs" / name.format(11 - day if newest_first else day), day)
    report = scan([str(tmp_path / "logs")], new_root("w"), now=NOW)
    assert sources(report) == ["access.log"]
    assert {each.source for each in report.contents} == {"access.log"}
    (source,) = report.coverage
    assert (len(source.hours), source.count("missing")) == (12 * 24, 0)
    assert any("12 files such as access" in note for note in report.notes)


def test_the_current_file_is_the_end_of_its_series(tmp_path: Path, new_root: Root) -> None:
    for day in range(3):
        write(tmp_path / f"logs/access-{day}.log", day)
    write(tmp_path / "logs/access.log", 3)
    assert sources(scan([str(tmp_path / "logs")], new_root("w"), now=NOW)) == ["access.log"]


def test_hosts_that_run_beside_each_other_are_two_sources(tmp_path: Path, new_root: Root) -> None:
    for host in (1, 2):
        write(tmp_path / f"logs/web-0{host}.log", 0, hours=48, host=host)
    report = scan([str(tmp_path / "logs")], new_root("w"), now=NOW)
    assert sources(report) == ["web-01.log", "web-02.log"]


def test_a_host_that_began_a_month_after_another_ended_is_another(tmp_path: Path, new_root: Root) -> None:
    write(tmp_path / "logs/web-01.log", 0)
    write(tmp_path / "logs/web-02.log", 30)
    assert sources(scan([str(tmp_path / "logs")], new_root("w"), now=NOW)) == ["web-01.log", "web-02.log"]


def test_numbers_that_do_not_go_with_the_times_are_hosts(tmp_path: Path, new_root: Root) -> None:
    for day, number in enumerate([2, 1, 3]):
        write(tmp_path / f"logs/web-{number}.log", day)
    assert len(sources(scan([str(tmp_path / "logs")], new_root("w"), now=NOW))) == 3


def test_what_was_one_source_is_two_once_its_files_overlap(tmp_path: Path, new_root: Root) -> None:
    root = new_root("w")
    write(tmp_path / "logs/web-1.log", 0)
    write(tmp_path / "logs/web-2.log", 1)
    assert sources(scan([str(tmp_path / "logs")], root, now=NOW)) == ["web.log"]
    write(tmp_path / "logs/web-1.log", 0, hours=48)
    assert sources(scan([str(tmp_path / "logs")], root, now=NOW)) == ["web-1.log", "web-2.log"]


def test_a_source_can_be_named_and_stays_so(tmp_path: Path, new_root: Root) -> None:
    root = new_root("w")
    for host in (1, 2):
        write(tmp_path / f"logs/web-0{host}.log", 0, host=host)
    rules = ["front=web-01.log", "back=*/web-02*"]
    assert sources(scan([str(tmp_path / "logs")], root, now=NOW, sources=rules)) == ["back", "front"]
    write(tmp_path / "logs/web-02-b.log", 1)
    assert sources(scan([str(tmp_path / "logs")], root, now=NOW)) == ["back", "front"]


@pytest.mark.parametrize("text", ["web", "=x", "web="])
def test_a_rule_that_says_nothing_is_refused_before_anything_is_read(
    tmp_path: Path, new_root: Root, text: str
) -> None:
    write(tmp_path / "logs/a.log", 0)
    with pytest.raises(WhosawError, match="does not say which files"):
        scan([str(tmp_path / "logs")], new_root("w"), now=NOW, sources=[text])
