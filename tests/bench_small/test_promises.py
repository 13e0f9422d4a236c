"""The benchmarks themselves, small: they run, and they measure what they say.

Nothing here is judged by the clock, for the machine may be slow or busy: what is held is that the work was done, and how much of
it. `make bench` holds the promises.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from bench import make_log, measure, promises
from bench.promises import Result, Size
from tests.waiting import HANG
from tests.wide import wide

EVENING = Path(__file__).resolve().parents[1] / "cli" / "evening.toml"  # a breach of two days
SMALL = Size(
    lines=20_000, times_more=4, files=40, lines_per_file=200, exposures=20_000, repeats=1, starts=2,
    scale=0.0002, replayed=("--breach", str(EVENING), "--set", "span.days=2"),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


def _value(result: Result) -> float:
    assert result.value is not None, result.why
    return result.value


def test_the_same_arguments_make_the_same_log(tmp_path: Path) -> None:
    for name, workers in (("a", 1), ("b", 2)):
        make_log.write_log(tmp_path / name, 30_000, workers=workers)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_log_is_a_shops(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    make_log.write_log(path, 50_000)
    lines = path.read_text(encoding="ascii").splitlines()
    assert len(lines) == 50_000
    personal = sum("/my/info/" in line or "/my/orders/" in line or "/addresses" in line for line in lines)
    assert 0.15 < personal / len(lines) < 0.21
    days = [line.split("[")[1][:11] for line in lines]
    assert (days[0], days[-1], len(set(days))) == ("03/Mar/2025", "02/Apr/2025", 31)
    addresses = {line.split(" ")[0] for line in lines}
    assert all(address.startswith(("198.18.", "198.19.", "2001:db8:")) for address in addresses)


def test_a_finished_log_is_left_alone_and_an_unfinished_one_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    make_log.write_log(path, 1_000)
    path.write_bytes(b"x")
    make_log.write_log(path, 1_000)
    assert path.read_bytes() == b"x"
    (tmp_path / "a.log.lines").unlink()
    make_log.write_log(path, 1_000)
    assert path.read_bytes().count(b"\n") == 1_000


def test_memory_of_children_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # the child ends once its memory was seen
    child = f"import os, time; a = bytearray(120_000_000)\nwhile not os.path.exists({str(tmp_path / 'seen')!r}): time.sleep(0.02)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    whole = measure._highest

    def highest(pids: list[int]) -> int:
        found = whole(pids)
        if found > 120e6:
            (tmp_path / "seen").touch()
        return found

    monkeypatch.setattr(measure, "_highest", highest)
    done = measure.run([sys.executable, "-c", parent], limit=HANG)
    assert 120e6 < done.peak_bytes < 300e6
    assert done.seconds > 0


def test_a_failing_command_is_no_measurement() -> None:
    with pytest.raises(SystemExit, match="ended with 3: broken"):
        measure.run([sys.executable, "-c", "import sys; sys.stderr.write('broken'); sys.exit(3)"])


def test_what_could_not_be_measured_is_neither_kept_nor_broken(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    result = promises.against_lnav(folder, SMALL)
    assert result.kept is None
    assert "lnav is not installed" in result.why


def test_start(folder: Path) -> None:
    result = promises.start(folder, SMALL)
    assert 0 < _value(result) <= float(result.parts["slowest_ms"])
    assert result.parts["starts"] == SMALL.starts


def test_scan_against_a_bare_split(folder: Path) -> None:
    result = promises.against_split(folder, SMALL)
    assert _value(result) > 0
    assert result.parts["lines"] == SMALL.lines


def test_memory(folder: Path) -> None:
    assert _value(promises.memory(folder, SMALL)) < 2.0


@wide
def test_memory_does_not_follow_the_lines(folder: Path) -> None:
    assert _value(promises.memory_grows(folder, SMALL)) < 2.5


def test_a_second_scan_reads_no_file_again(folder: Path) -> None:
    result = promises.unchanged_folder(folder, SMALL)
    assert _value(result) > 0
    assert (result.parts["files"], result.parts["unchanged_files"]) == (SMALL.files, SMALL.files)


def test_who_answers_from_the_index(folder: Path) -> None:
    result = promises.who(folder, SMALL)
    assert int(result.parts["exposures"]) >= SMALL.exposures
    assert 0 < _value(result) <= float(result.parts["slowest_ms"])


@wide
@pytest.mark.slow
def test_detection_is_held_against_reading(folder: Path) -> None:
    result = promises.detection(folder, SMALL)
    assert int(result.parts["events"]) > 10_000
    assert int(result.parts["findings"]) >= 1
    assert float(result.parts["reading_seconds"]) > 0
    assert float(result.parts["detection_seconds"]) > 0
    assert _value(result) > 0
