"""The folder of a replay: fixed bytes, all of it or nothing, and refused before writing where it does not fit."""

from __future__ import annotations

import hashlib
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest

from whosaw.core.errors import WhosawError
from whosaw.replay import disk_room
from whosaw.replay.items import load_replay
from whosaw.replay.make import Made, make_replay
from whosaw.replay.people import make_people
from whosaw.replay.setting import make_setting

SCALE = 0.005  # 100 customers


def made_in(folder: Path, **options: object) -> Made:
    shop, breach = load_replay(breach="forged-token", overrides={"span.days": 45})
    return make_replay(folder, **{"shop": shop, "breach": breach, "seed": 3, "scale": SCALE, **options})  # type: ignore[arg-type]  # options are those of make_replay


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made_in(tmp_path_factory.mktemp("make") / "replay")


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made_in(tmp_path_factory.mktemp("make") / "replay", events=True)


def test_same_seed_same_bytes(made: Made, tmp_path: Path) -> None:
    again = made_in(tmp_path / "again")
    assert digests(made.folder) == digests(again.folder)
    times = [
        {path.name: path.stat().st_mtime_ns for path in (each.folder / "web").iterdir()}
        for each in (made, again)
    ]
    assert times[0] == times[1]


def test_same_seed_same_bytes_as_events(events: Made, tmp_path: Path) -> None:
    assert digests(events.folder) == digests(made_in(tmp_path / "again", events=True).folder)


def test_another_seed_gives_another_log(made: Made, tmp_path: Path) -> None:
    """The folder is there already but empty, a killed run left its own behind, and progress is told."""
    (tmp_path / "other").mkdir()
    left = tmp_path / ".other.unfinished" / "web"
    left.mkdir(parents=True)
    (left / "access.log").write_text("half", encoding="ascii")
    seen: list[tuple[str, int, int]] = []
    other = made_in(
        tmp_path / "other",
        seed=4,
        formats={"web": "jsonl"},
        progress=lambda what, done, total: seen.append((what, done, total)),
    )
    assert [path.name for path in tmp_path.iterdir()] == ["other"]
    assert digests(made.folder)["api/api.log"] != digests(other.folder)["api/api.log"]
    assert (
        (other.folder / "web" / "access.log").read_text(encoding="ascii").startswith('{"time":"2025-04-16T')
    )
    assert other.truth["services"]["web"]["format"] == "jsonl"
    assert [each for each in seen if each[0] == "writing"] == [("writing", day, 45) for day in range(1, 46)]
    assert all(0 <= done <= total for _, done, total in seen)


def test_every_service_has_its_log_and_its_list_of_lines(made: Made) -> None:
    assert sorted(folder.name for folder in made.logs) == ["api", "db", "edge", "office", "web"]
    for folder in made.logs:
        files = [file for file in made.truth["lines"]["files"] if file["service"] == folder.name]
        assert {path.name for path in folder.iterdir()} == {file["name"] for file in files}
        table = pq.read_table(made.folder / "truth" / f"lines-{folder.name}.parquet")
        assert table.num_rows == sum(file["lines"] for file in files)


def test_old_logs_are_packed_and_new_ones_are_not(made: Made) -> None:
    names = {path.name for path in (made.folder / "web").iterdir()}
    assert {"access.log", "access.log.1", "access.log.2.gz", "access.log.44.gz"} <= names
    assert len(names) == 45


def test_events_are_the_same_requests(made: Made, events: Made) -> None:
    assert events.lines == made.lines
    for actor, other in zip(made.truth["actors"], events.truth["actors"], strict=True):
        assert actor == other
    day = pq.read_table(events.folder / "web" / "2025-03-03.parquet")
    oldest = next(file for file in made.truth["lines"]["files"] if file["name"] == "access.log.44.gz")
    assert day.num_rows == oldest["lines"]
    assert events.truth["services"]["web"] == {"folder": "web", "format": "events"}


def test_the_map_is_one_that_whosaw_reads_and_names_the_pages_of_the_case(made: Made) -> None:
    routes = {route["id"]: route for route in tomllib.loads(made.map.read_text(encoding="utf-8"))["route"]}
    assert routes["my-addresses"]["secondary"]["at_most"] == 20
    assert "access.entrance-code" in routes["my-address-edit"]["categories"]
    assert routes["my-info"]["subject"] == {"from": "principal"}
    assert routes["member-profile"]["match"]["path"] == "/api/members/{id}/profile"
    assert routes["partner-orders"]["subject"] == {"from": "unknown"}
    assert routes["partner-orders"]["records"]["name"] == "size"
    assert routes["select-members"]["subject"] == {"from": "statement", "name": "id"}


@pytest.mark.parametrize(
    ("formats", "code"),
    [
        ({"shop": "jsonl"}, "replay.unknown-service"),
        ({"web": "papyrus"}, "replay.unknown-format"),
        ({"web": "postgresql-csvlog"}, "replay.wrong-format"),
        ({"db": "combined"}, "replay.wrong-format"),
    ],
)
def test_formats_that_do_not_fit_are_refused(tmp_path: Path, formats: dict[str, str], code: str) -> None:
    with pytest.raises(WhosawError) as caught:
        made_in(tmp_path / "replay", formats=formats)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_a_shop_without_a_breach(tmp_path: Path) -> None:
    shop, _ = load_replay()
    made = make_replay(tmp_path / "replay", shop=shop, breach=None, seed=3, scale=SCALE)
    assert (made.first_view, made.truth["breach"]) == (None, None)
    assert {actor["kind"] for actor in made.truth["actors"]} <= {"nosy"}


def test_what_does_not_fit_the_disk_is_refused_before_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**5))
    seen: list[str] = []
    with pytest.raises(WhosawError, match=r"needs about [\d,.]+ MB, and 0 MB are free") as caught:
        made_in(tmp_path / "far" / "replay", progress=lambda what, done, total: seen.append(what))
    assert caught.value.code == "replay.no-room"
    assert "writing" not in seen
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("as_events", [False, True])
def test_the_plan_foresees_about_as_much_as_there_is(made: Made, events: Made, as_events: bool) -> None:
    shop, breach = load_replay(breach="forged-token")
    setting = make_setting(shop, breach, 3, SCALE)
    formats = [service.format for service in shop.service]
    room = disk_room.room_needed(
        setting, make_people(setting), formats, events=as_events, packed=not as_events
    )
    assert 0.75 * made.lines < sum(room.requests.values()) < 1.3 * made.lines
    folder = (events if as_events else made).folder
    used = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert used < room.bytes * 2  # small files of Parquet are mostly frame


def test_a_failure_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    def fail(what: str, done: int, total: int) -> None:
        if what == "writing" and done == 3:
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        made_in(tmp_path / "replay", progress=fail)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_is_said_so(tmp_path: Path) -> None:
    def fill(what: str, done: int, total: int) -> None:
        if what == "writing" and done == 3:
            raise OSError(28, "No space left on device")

    with pytest.raises(WhosawError, match="the disk is full"):
        made_in(tmp_path / "replay", progress=fill)
    assert list(tmp_path.iterdir()) == []


INTERRUPTED = """
import os, signal, sys
from pathlib import Path
from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay
def interrupt(what, done, total):
    if (what, done) == ("writing", 5):
        os.kill(os.getpid(), signal.SIGINT)
shop, breach = load_replay(breach="forged-token")
make_replay(Path(sys.argv[1]), shop=shop, breach=breach, scale=0.005, progress=interrupt)
"""


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path / "replay")], capture_output=True, check=False
    )
    assert done.returncode in (-signal.SIGINT, 130, 1)
    assert b"KeyboardInterrupt" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf")])
def test_a_scale_out_of_range_is_refused(tmp_path: Path, scale: float) -> None:
    with pytest.raises(WhosawError, match="out of range"):
        made_in(tmp_path / "replay", scale=scale)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="ascii")
    with pytest.raises(WhosawError, match="is there already"):
        made_in(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
