"""Hours without traffic are proposed where a whole log shows them, and only there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from whosaw.app.init.look import look, write_draft
from whosaw.app.init.quiet import proposed_quiet
from whosaw.app.project.file import load_project

START = datetime(2025, 3, 3, tzinfo=UTC)


def events(busy: Callable[[int], bool], *, days: int = 7, minutes: int = 5) -> pa.Table:
    """An event every so many minutes of the hours (UTC) that are busy."""
    times = [START + timedelta(minutes=n) for n in range(0, days * 1440, minutes)]
    return pa.table(
        {"time": pa.array([each for each in times if busy(each.hour)], pa.timestamp("us", tz="UTC"))}
    )


@pytest.mark.parametrize(
    ("table", "zone", "said"),
    [
        (events(lambda hour: 7 <= hour < 22), "UTC", "22:00-07:00"),
        (events(lambda hour: 7 <= hour < 22), "Asia/Seoul", "07:00-16:00"),
        (events(lambda hour: hour not in (3, 4, 5, 12, 13)), "UTC", "03:00-06:00"),
        (events(lambda hour: hour not in (3, 4)), "UTC", None),  # too short to be a night
        (events(lambda hour: True), "UTC", None),
        (events(lambda hour: 7 <= hour < 22, days=4), "UTC", None),  # four days
        (
            events(lambda hour: 7 <= hour < 22, minutes=15),
            "UTC",
            None,
        ),  # 420 events: an hour may be empty by chance
        (pa.table({"path": ["/"]}), "UTC", None),
    ],
)
def test_what_no_day_has(table: pa.Table, zone: str, said: str | None) -> None:
    assert proposed_quiet(table, zone) == said


def test_a_draft_proposes_it_in_a_comment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    line = '192.0.2.7 - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET /member/{n} HTTP/1.1" 200 5 "-" "a"\n'
    times = events(lambda hour: 7 <= hour < 22)["time"].to_pylist()
    (tmp_path / "access.log").write_text("".join(line.format(at=at, n=n) for n, at in enumerate(times)))
    (tmp_path / "other.log").write_text(line.format(at=START, n=1))
    found = look(["."], here=Path(), day=date(2025, 3, 10))
    assert [each.quiet_proposed for each in found.groups] == ["22:00-07:00", None]
    write_draft(found, here=Path())
    text = (tmp_path / "whosaw.toml").read_text()
    assert '# quiet = ["22:00-07:00"]  # no event stands in these hours on any day' in text
    assert '# language = "en"  # of letters and drafts: en, ko, sw' in text
    (tmp_path / "whosaw.toml").write_text(
        text.replace('# quiet = ["22', 'quiet = ["22')
        .replace("# language", "language")
        .replace("# context = {", "context = {")
    )
    project = load_project(tmp_path / "whosaw.toml")
    assert [each.quiet for each in project.logs] == [("22:00-07:00",), ()]
    assert (project.language, project.none) == ("en", ("canaries",))
