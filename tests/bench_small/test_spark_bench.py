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
    (told,) = spark.measure(tmp_path, replay, RUNNERS, 1)
    lines = len((OLD / "access.log").read_bytes().splitlines())
    assert (told["turns"], told["lines"]) == (1, lines)
    assert told["runners"].keys() == set(RUNNERS)
    for taken in told["runners"].values():
        assert taken["seconds"] > taken["reading_seconds"] + taken["steps_seconds"]
        assert min(taken[part] for part in spark.PARTS) > 0
        assert taken["cpu_seconds"] > 0
    assert told["scan_over_threads"].keys() == ({"2"} if WIDE else set())


def test_runners_that_keep_other_files_or_find_something_else_are_refused(
    replay: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {
        "threads-1": {"a": "1", "b": "2"},
        "threads-2": {"a": "1", "b": "3"},
        "spark-1": {"a": "1", "b": "2"},
    }
    said = {"spark-1": ["w1"]}

    def run(words: list[str], *_: object) -> dict[str, object]:
        return {"files": told[words[2]], "findings": said.get(words[2], [])}

    monkeypatch.setattr(spark, "told_by", run)
    with pytest.raises(
        SystemExit, match="threads-2 did not keep the same files as threads-1: 1 differ, b first"
    ):
        list(spark.measure(tmp_path, replay, ("threads-1", "threads-2"), 1))
    with pytest.raises(SystemExit, match="spark-1 did not find the same as threads-1"):
        list(spark.measure(tmp_path, replay, ("threads-1", "spark-1"), 1))


def test_each_turn_is_told_and_none_begins_that_has_no_time(
    replay: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    took = dict.fromkeys((*spark.PARTS, "cpu_seconds", "driver_bytes", "lines", "bytes"), 1)
    monkeypatch.setattr(spark, "told_by", lambda *_: {**took, "files": {}, "findings": []})
    told = list(spark.measure(tmp_path, replay, ("threads-2", "spark-2"), 3))
    assert [each["turns"] for each in told] == [1, 2, 3]
    told = list(spark.measure(tmp_path, replay, ("threads-2", "spark-2"), 3, minutes=0))
    assert [each["turns"] for each in told] == [1]


def test_turns_alternate_and_parts_are_held_against_the_same_number_of_threads() -> None:
    assert [spark.turn_of(("a", "b"), turn) for turn in range(3)] == [("a", "b"), ("b", "a"), ("a", "b")]

    def took(seconds: float, reading: float, steps: float) -> dict[str, float]:
        return {"seconds": seconds, "reading_seconds": reading, "steps_seconds": steps}

    middle = {"threads-2": took(10, 4, 4), "spark-2": took(13, 5, 6), "spark-1": took(20, 9, 9)}
    assert spark.ratios(middle) == {
        "spark_over_threads": {"2": 1.25}, "scan_over_threads": {"2": 1.3}, "steps_over_threads": {"2": 1.5},
    }  # fmt: skip
