"""The comparison of Spark with threads, in its small form: a scan by each runner, in turns, all of which keep the same files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from bench import spark
from tests.wide import WIDE

OLD = Path(__file__).parents[1] / "store" / "old_workspaces"
RUNNERS = ("threads-1", "threads-2", "spark-2", "cluster-2") if WIDE else ("threads-1", "threads-2")


@pytest.fixture
def replay(tmp_path: Path) -> Path:
    folder = tmp_path / "replay"
    (folder / "web").mkdir(parents=True)
    shutil.copyfile(OLD / "access.log", folder / "web" / "access.log")
    shutil.copyfile(OLD / "map.toml", folder / "map.toml")
    shutil.copytree(OLD / "context", folder / "context")
    return folder


def test_each_runner_scans_in_a_process_of_its_own_and_keeps_the_same_files(
    replay: Path, tmp_path: Path
) -> None:
    told = spark.measure(tmp_path, replay, RUNNERS, 1)
    lines = len((OLD / "access.log").read_bytes().splitlines())
    assert (told["turns"], told["lines"]) == (1, lines)
    assert told["runners"].keys() == set(RUNNERS)
    for taken in told["runners"].values():
        assert taken["seconds"] > taken["reading_seconds"] + taken["steps_seconds"]
        assert min(taken[part] for part in spark.PARTS) > 0
        assert taken["cpu_seconds"] > 0
    assert told["scan_over_threads"].keys() == ({"2"} if WIDE else set())


def test_runners_that_keep_other_files_are_refused(
    replay: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(words: list[str], _: object) -> dict[str, object]:
        return {"files": words[0], "findings": []}

    monkeypatch.setattr(spark, "_run", run)
    with pytest.raises(SystemExit, match="the same files"):
        spark.measure(tmp_path, replay, ("threads-1", "threads-2"), 1)


def test_turns_alternate_and_parts_are_held_against_the_same_number_of_threads() -> None:
    assert list(spark.alternating(("a", "b"), 3)) == ["a", "b", "b", "a", "a", "b"]

    def took(seconds: float, reading: float, steps: float) -> dict[str, float]:
        return {"seconds": seconds, "reading_seconds": reading, "steps_seconds": steps}

    middle = {"threads-2": took(10, 4, 4), "spark-2": took(13, 5, 6), "spark-1": took(20, 9, 9)}
    assert spark.ratios(middle) == {
        "spark_over_threads": {"2": 1.25}, "scan_over_threads": {"2": 1.3}, "steps_over_threads": {"2": 1.5},
    }  # fmt: skip
