"""One scan of logs that a project describes: each group in its own format, zone and source, with its quiet hours and twins."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from whosaw.app.project.file import load_project
from whosaw.app.scan import ScanReport, scan
from whosaw.logs.coverage.quiet_hours import quiet_rules
from whosaw.store.workspace import Workspace

pytestmark = pytest.mark.usefixtures("without_detection")

NOW = datetime(2025, 3, 4, tzinfo=UTC)
JSON = '{{"when":"2025-03-03 {h:02}:00:00","who":"{who}","ip":"192.0.2.{h}","url":"/customers/{h}","status":200,"method":"GET"}}\n'
FORMAT = "json:time=when,principal=who,address=ip,method=method,path={url|path},status=status"
EDGE = '192.0.2.10 - - [03/Mar/2025:09:00:0{n} +0000] "GET /customers/{n} HTTP/1.1" 200 512 "-" "Firefox/136.0" rid=5f1{n}\n'
APP = '198.51.100.1 - - [03/Mar/2025:09:00:0{n} +0000] "GET /customers/{n} HTTP/1.1" 200 512 "-" "-" sub=anna rid=5f1{n}\n'
MAP = """\
[[route]]
id = "customer"
match = { path = "/customers/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]
"""
PROJECT = f"""\
map = "map.toml"
zone = "Africa/Nairobi"

[[logs]]
files = "logs/seoul"
zone = "Asia/Seoul"
source = "seoul"
format = "{FORMAT}"
quiet = "22:00-06:00"

[[logs]]
files = "logs/nairobi/*.jsonl"
format = "{FORMAT}"

[[logs]]
files = "logs/edge.log"
source = "edge"
twins = {{ with = "app", by = "request_id", within = "2s" }}

[[logs]]
files = "logs/app.log"
source = "app"
"""


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ScanReport]:
    folder = tmp_path_factory.mktemp("project")
    for city in ("seoul", "nairobi"):
        (folder / "logs" / city).mkdir(parents=True)
        for hour in (10, 11, 12):
            (folder / "logs" / city / f"{hour}.jsonl").write_text(JSON.format(h=hour, who=city))
    (folder / "logs" / "edge.log").write_text("".join(EDGE.format(n=n) for n in (1, 2)))
    (folder / "logs" / "app.log").write_text("".join(APP.format(n=n) for n in (1, 2)))
    (folder / "map.toml").write_text(MAP)
    (folder / "whosaw.toml").write_text(PROJECT)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        project = load_project(Path("whosaw.toml"))
        report = scan(project.patterns, Path("ledger"), now=NOW, map_path=project.map, project=project)
    return folder, report


def hours(report: ScanReport, city: str) -> list[int]:
    """The hours of 3 March, in UTC, in which a source has events."""
    start = int(datetime(2025, 3, 3, tzinfo=UTC).timestamp()) // 3600
    names = {each.source for each in report.contents if f"/{city}/" in each.name}
    return sorted(
        each.hour - start
        for source in report.coverage
        if source.source in names
        for each in source.hours
        if each.events
    )


def test_files_that_are_read_together_keep_their_own_zones(scanned: tuple[Path, ScanReport]) -> None:
    _, report = scanned
    # 10:00 in Seoul is 01:00 UTC, in Nairobi it is 07:00
    assert hours(report, "seoul") == [1, 2, 3]
    assert hours(report, "nairobi") == [7, 8, 9]
    assert sum(each.events for each in report.contents) == 10


def test_twins_of_the_project_are_one_act(scanned: tuple[Path, ScanReport]) -> None:
    _, report = scanned
    (pair,) = report.twins
    assert (pair.sources, pair.joined, pair.alone) == (("edge", "app"), 2, (0, 0))


def test_sources_and_quiet_hours_are_kept_for_later_scans(scanned: tuple[Path, ScanReport]) -> None:
    folder, _ = scanned
    workspace = Workspace.open(folder / "ledger")
    try:
        (rule,) = quiet_rules(workspace.journal)
    finally:
        workspace.close()
    assert (rule.source, rule.start, rule.end, rule.zone) == ("seoul", 22 * 60, 6 * 60, "Asia/Seoul")


def test_another_scan_of_the_same_reads_nothing_and_another_zone_reads_its_files_anew(
    scanned: tuple[Path, ScanReport], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(scanned[0])
    project = load_project(Path("whosaw.toml"))
    again = scan(project.patterns, Path("ledger"), now=NOW, map_path=project.map, project=project)
    assert {each.outcome for each in again.contents} == {"unchanged"}
    # what the tests share goes on saying what it said
    folder = shutil.copytree(scanned[0], tmp_path / "project")
    monkeypatch.chdir(folder)
    (folder / "whosaw.toml").write_text(
        PROJECT.replace('zone = "Asia/Seoul"\nsource', 'zone = "UTC"\nsource')
    )
    project = load_project(Path("whosaw.toml"))
    moved = scan(project.patterns, Path("ledger"), now=NOW, map_path=project.map, project=project)
    assert sorted(each.name for each in moved.contents if each.lines) == [
        f"logs/seoul/{h}.jsonl" for h in (10, 11, 12)
    ]
    assert hours(moved, "seoul") == [10, 11, 12]
    assert hours(moved, "nairobi") == [7, 8, 9]


def test_one_text_in_two_places_is_read_once_and_not_anew_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for city in ("seoul", "nairobi"):
        (tmp_path / "logs" / city).mkdir(parents=True)
        (tmp_path / "logs" / city / "10.jsonl").write_text(JSON.format(h=10, who="anna"))
    (tmp_path / "whosaw.toml").write_text(
        PROJECT.split('\n[[logs]]\nfiles = "logs/edge', maxsplit=1)[0].replace('map = "map.toml"', "")
    )
    monkeypatch.chdir(tmp_path)
    project = load_project(Path("whosaw.toml"))
    reports = [scan(project.patterns, Path("ledger"), now=NOW, project=project) for _ in range(2)]
    assert sorted(each.outcome for each in reports[0].contents) == ["copy", "read"]
    assert sum(each.lines for each in reports[1].contents) == 0
    assert reports[1].coverage == reports[0].coverage
