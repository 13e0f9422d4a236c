"""From files to statements about them: what was read, what is there now, and what is usual of each source."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from whosaw.app.reading.file_state import FilesVerified, files_of, told, verify
from whosaw.app.scan import ScanReport, scan
from whosaw.core.instants import to_micros
from whosaw.logs.health import of_ledger
from whosaw.logs.health.of_ledger import health_of
from whosaw.store.workspace import Workspace

pytestmark = pytest.mark.usefixtures("without_detection")

NOW = datetime(2025, 6, 1, tzinfo=UTC)
START = datetime(2025, 3, 3, tzinfo=UTC)


def lines(start: datetime, count: int, step: timedelta = timedelta(hours=1)) -> list[str]:
    return [
        f'192.0.2.{number % 200} - - [{start + number * step:%d/%b/%Y:%H:%M:%S +0000}] "GET /p/{number} HTTP/1.1" 200 17 "-" "agent"'
        for number in range(count)
    ]


def written(path: Path, text: list[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in text))
    return path


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Three files of a source, a day each: of 3, 4 and 5 March."""
    folder = tmp_path / "logs"
    folder.mkdir()
    for days, name in enumerate(("api.log.2", "api.log.1", "api.log")):
        written(folder / name, lines(START + timedelta(days=days), 24))
    return folder


def read(folder: Path, **more: Any) -> ScanReport:
    return scan([str(folder)], folder.parent / "w", now=NOW, **more)


def noticed(report: ScanReport) -> list[tuple[str, str | None]]:
    return [(each.check, each.file) for each in report.health if each.level is not None]


@pytest.fixture
def opened(logs: Path) -> Iterator[Workspace]:
    read(logs)
    workspace = Workspace.open(logs.parent / "w")
    yield workspace
    workspace.close()


def test_a_first_day_works_and_says_what_it_cannot_know(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    written(tmp_path / "logs" / "api.log", lines(START, 24))
    assert [each.sentence for each in read(tmp_path / "logs").health] == [
        "api.log: cannot tell whether it went quiet: there is no other source to compare it with",
        "api.log: cannot tell whether it shrank: fewer than 2 weeks before a whole day are known",
    ]


def test_files_in_place_are_what_was_read(opened: Workspace) -> None:
    counts = told(verify(opened, now=NOW))
    assert counts == FilesVerified(same=3, changed=0, shorter=0, gone=0, cannot_tell=0, files=())


def test_what_was_appended_since_is_no_change(opened: Workspace, logs: Path) -> None:
    with (logs / "api.log").open("a") as handle:
        handle.write("more\n")
    assert told(verify(opened, now=NOW)).same == 3


def test_one_byte_changed_in_place_is_found_by_reading_again(opened: Workspace, logs: Path) -> None:
    path = logs / "api.log.1"
    path.write_bytes(path.read_bytes().replace(b"/p/7 ", b"/p/8 "))
    assert [each.level for each in health_of(opened, files_of(opened.journal))] == [None, None]
    found = verify(opened, now=NOW)
    (each,) = told(found).files
    assert (each.outcome, each.from_byte, each.from_line) == ("changed", 0, 1)
    (said, *_) = health_of(opened, files_of(opened.journal, found))
    assert (said.check, said.level, said.file) == ("edited-after-intake", "high", str(path))


def test_a_change_is_found_from_the_segment_on_in_which_it_lies(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    text = lines(START, 40)
    path = written(tmp_path / "logs" / "api.log", text)
    read(tmp_path / "logs", chunk_bytes=sum(len(line) + 1 for line in text[:10]) + 5)
    path.write_bytes(path.read_bytes().replace(b"/p/33 ", b"/p/34 "))
    workspace = Workspace.open(tmp_path / "w")
    try:
        (each,) = verify(workspace, now=NOW)
    finally:
        workspace.close()
    assert each.outcome == "changed"
    assert each.from_line is not None
    assert 24 < each.from_line <= 34  # segments are about ten lines long
    assert each.from_byte == sum(len(line) + 1 for line in text[: each.from_line - 1])


def test_a_file_cut_short_is_shorter_and_not_changed(opened: Workspace, logs: Path) -> None:
    path = logs / "api.log.1"
    size = path.stat().st_size
    written(path, lines(START + timedelta(days=1), 10))
    (each,) = told(verify(opened, now=NOW)).files
    assert (each.outcome, each.then, each.now) == ("shorter", size, path.stat().st_size)


def test_a_packed_file_is_read_again_unpacked(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    path = tmp_path / "logs" / "api.log.1.gz"
    path.write_bytes(gzip.compress("\n".join(lines(START, 24)).encode()))
    read(tmp_path / "logs")
    path.write_bytes(gzip.compress("\n".join(lines(START, 24)).encode().replace(b"/p/7 ", b"/p/8 ")))
    workspace = Workspace.open(tmp_path / "w")
    try:
        assert told(verify(workspace, now=NOW)).changed == 1
    finally:
        workspace.close()


def test_a_file_gone_from_the_middle_is_noticed(opened: Workspace, logs: Path) -> None:
    (logs / "api.log.1").unlink()
    assert noticed(read(logs)) == [("file-lost", str(logs / "api.log.1"))]
    assert told(verify(opened, now=NOW)).gone == 1


def test_rotation_that_drops_the_oldest_file_is_not_noticed(opened: Workspace, logs: Path) -> None:
    (logs / "api.log.1").replace(logs / "api.log.2")
    (logs / "api.log").replace(logs / "api.log.1")
    written(logs / "api.log", lines(START + timedelta(days=3), 24))
    assert noticed(read(logs)) == []
    counts = told(verify(opened, now=NOW))
    assert (counts.same, counts.gone, counts.changed) == (3, 1, 0)


def test_a_file_cut_short_is_named_by_the_next_scan(opened: Workspace, logs: Path) -> None:
    assert opened.root.is_dir()
    written(logs / "api.log.1", lines(START + timedelta(days=1), 10))
    assert noticed(read(logs)) == [("file-lost", str(logs / "api.log.1"))]


def test_a_file_rewritten_under_its_name_is_named_by_the_next_scan(opened: Workspace, logs: Path) -> None:
    assert opened.root.is_dir()
    path = logs / "api.log.1"
    path.write_bytes(path.read_bytes().replace(b"/p/7 ", b"/p/8888 "))
    assert noticed(read(logs)) == [("edited-after-intake", str(path))]


def test_a_folder_that_is_not_there_is_not_a_loss(opened: Workspace, logs: Path) -> None:
    logs.rename(logs.parent / "elsewhere")
    (said, *_) = [each for each in health_of(opened, files_of(opened.journal)) if each.check == "file-lost"]
    assert (said.level, said.sources) == (None, ("api.log",))
    assert told(verify(opened, now=NOW)).cannot_tell == 3


def test_late_events_are_counted_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    text = lines(START, 20)
    written(tmp_path / "logs" / "api.log", [*text[:10], *text[15:], *text[10:15]])
    (said,) = [each for each in read(tmp_path / "logs").health if each.check == "out-of-order"]
    # the last of the first fifteen lines is at 19:00, the five that follow are at 10:00 to 14:00
    assert said.numbers == {"largest_step_seconds": 9 * 3600, "late_events": 5, "events": 20}
    assert said.level == "high"


def test_a_source_that_stops_is_named_and_compared_with_the_others(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    written(tmp_path / "logs" / "api.log", lines(START, 6 * 24 * 17, timedelta(minutes=10)))
    written(tmp_path / "logs" / "web.log", lines(START, 24 * 20))
    (said,) = [each for each in read(tmp_path / "logs").health if each.level is not None]
    assert (said.check, said.sources, said.since) == (
        "gone-quiet",
        ("api.log",),
        to_micros(datetime(2025, 3, 19, 23, 50, tzinfo=UTC)),
    )


def test_what_is_usual_is_kept_with_its_window_and_is_the_same_when_learnt_again(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    written(tmp_path / "logs" / "api.log", lines(START, 6 * 24 * 17, timedelta(minutes=10)))
    kept = []
    for name in ("w", "v"):
        scan(
            [str(tmp_path / "logs")], tmp_path / name, now=NOW, chunk_bytes=60_000 if name == "v" else 1 << 20
        )
        workspace = Workspace.open(tmp_path / name)
        kept.append(workspace.journal.setting("usual-of-sources"))
        workspace.close()
    assert kept[0] == kept[1] is not None
    usual = json.loads(str(kept[0]))["api.log"]
    assert (usual["by"], usual["from"], usual["to"]) == (
        "hour-of-week",
        "2025-03-03T01:00:00Z",
        "2025-03-19T23:00:00Z",
    )
    assert usual["rates"] == [6.0] * 168
    assert usual["longest_pause_minutes"] == 10


def test_what_is_usual_is_learnt_again_when_more_was_read_and_not_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs, root = tmp_path / "logs", tmp_path / "w"
    logs.mkdir()
    written(logs / "api.log", lines(START, 6 * 24 * 17, timedelta(minutes=10)))
    learnt: list[str] = []
    usual = of_ledger.usual_of
    monkeypatch.setattr(
        of_ledger, "usual_of", lambda check, source: [learnt.append(source.name), usual(check, source)][1]
    )
    for more in (0, 0, 6, 0):
        if more:
            written(logs / "b.log", lines(START + timedelta(days=17), more, timedelta(minutes=10)))
        scan([str(logs)], root, now=NOW)
        learnt.append("scanned")
    assert learnt[:3] == ["api.log", "scanned", "scanned"]
    assert learnt[-1] == "scanned"
    assert len(learnt) > 5
    assert learnt[-2] == "scanned"


def test_the_journal_records_that_files_were_read_again(opened: Workspace) -> None:
    verify(opened, now=NOW)
    assert opened.journal.broken_at() is None


def test_one_source_is_asked_for_and_still_compared_with_the_others(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    written(tmp_path / "logs" / "api.log", lines(START, 6 * 24 * 17, timedelta(minutes=10)))
    written(tmp_path / "logs" / "web.log", lines(START, 24 * 20))
    read(tmp_path / "logs")
    workspace = Workspace.open(tmp_path / "w")
    try:
        assert [
            each.check for each in health_of(workspace, files_of(workspace.journal), source="web.log")
        ] == []
        assert [
            each.check for each in health_of(workspace, files_of(workspace.journal), source="api.log")
        ] == ["gone-quiet"]
    finally:
        workspace.close()
