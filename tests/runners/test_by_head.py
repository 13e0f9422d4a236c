"""Who scans reads the first bytes of what executors read, and they say whether it is what was expected: the files are those of threads."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from tests.runners import mixed_logs
from tests.runners.test_spark import files, ids, run, scanned, told, with_key

from whosaw.app.reading import together
from whosaw.app.runners import task as tasks
from whosaw.app.runners.session import Cluster
from whosaw.app.runners.spark import SparkRunner
from whosaw.store.workspace import Workspace


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What executors are given, who are this process."""
    found = SimpleNamespace(tasks=[], setups=[])

    class Here(SparkRunner):
        def __init__(self, cluster: Cluster, setup: tasks.Setup, workspace: Workspace) -> None:
            found.setups.append(setup)
            super().__init__(cluster, setup, workspace)

        def _run(self, many: list[tasks.Task]) -> dict[int, list[dict[str, Any]]]:
            found.tasks.extend(many)
            rows: dict[int, list[dict[str, Any]]] = {number: [] for number in range(len(many))}
            for batch in tasks.run_tasks(self._setup, many, iter([ids(len(many))])):
                for row in batch.to_pylist():
                    rows[row["id"]].append(json.loads(row["told"]))
            return rows

    monkeypatch.setattr("whosaw.app.runners.spark.SparkRunner", Here)
    two = Cluster(SimpleNamespace(sparkContext=SimpleNamespace(defaultParallelism=2)))
    monkeypatch.setattr("whosaw.app.scan.open_cluster", {"local": Cluster(), "spark": two}.get)
    monkeypatch.setattr("whosaw.app.runners.steps.open_executors", lambda *_: None)
    threads = pa.cpu_count()
    yield found
    tasks.WORKERS.clear()
    pa.set_cpu_count(threads)


def logs_of(folder: Path) -> Path:
    """Logs of one folder, of which some are not what the ones before them were."""
    logs = with_key(folder)
    web = logs / "many"
    web.mkdir()
    for number in range(4):
        (web / f"access.log.{9 - number}.gz").write_bytes(
            gzip.compress(mixed_logs._web(30_000 + 400 * number, 400), mtime=0)
        )
    half = mixed_logs._web(40_000, 30) + mixed_logs._audit(5_000, 300)
    (web / "access.log.5").write_bytes(half)  # begins as the others do, and goes on otherwise
    (web / "access.log.4").write_bytes(mixed_logs._document(80))
    for number in range(3):
        (web / f"access.log.{3 - number}").write_bytes(mixed_logs._web(50_000 + 5_000 * number, 4_000))
    (web / "access.log").write_bytes(mixed_logs._web(70_000, 500)[:-9])
    return logs


BELOW = ("web", "many", "damaged")


def test_what_is_expected_by_its_first_bytes_becomes_what_it_is(
    given: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = logs_of(tmp_path)
    monkeypatch.setattr(together, "_SMALL_BYTES", 1 << 14)
    here = scanned(logs, "here", below=BELOW)
    assert not given.tasks
    far = scanned(logs, "far", below=BELOW, runner="spark")
    assert files(tmp_path / "far") == files(tmp_path / "here")
    assert told(far) == told(here)

    seen = [each for each in given.tasks if isinstance(each, tasks.ContentTask | tasks.CutTask)]
    by_head = [each for each in seen if each.seen.head is not None]
    assert {type(each) for each in by_head} == {tasks.ContentTask, tasks.CutTask}
    assert all((each.seen.head is None) != (each.seen.chunk is None) for each in seen)
    (setup,) = given.setups
    rows = {Path(each.plan.content.name).name: run(setup, each)[0]["kind"] for each in by_head}
    assert rows["access.log.5"] == "other", "its first lines are those of the ones before it"
    assert rows["access.log.8.gz"] == "segment"
    anew = [each for each in seen if each.seen.chunk is not None]
    assert "access.log.5" in {Path(each.plan.content.name).name for each in anew}

    good = next(each for each in by_head if each.plan.content.name.endswith("access.log.8.gz"))
    other = replace(good, seen=tasks.Seen(head=("0" * 64, good.seen.head[1])))
    assert run(setup, other) == [{"kind": "other"}]
    path = good.plan.content.path
    path.write_bytes(path.read_bytes()[:-40])
    assert run(setup, good) == [{"kind": "other"}], "fewer bytes than were listed"
    path.unlink()
    assert run(setup, good) == [{"kind": "other"}]


def test_small_contents_are_told_apart_by_who_reads_them(given: Any, tmp_path: Path) -> None:
    logs = logs_of(tmp_path)
    twice = gzip.compress(mixed_logs._web(90_000, 20_000), mtime=0) + gzip.compress(b"", mtime=0)
    (logs / "many" / "access.log.2.gz").write_bytes(twice)  # which says at its end that it is empty
    here = scanned(logs, "here", below=BELOW)
    far = scanned(logs, "far", below=BELOW, runner="spark")
    assert files(tmp_path / "far") == files(tmp_path / "here")
    assert told(far) == told(here)
    (setup,) = given.setups
    groups = [each for each in given.tasks if isinstance(each, tasks.TogetherTask)]
    kinds = [[row["kind"] for row in run(setup, each)] for each in groups]
    named = {Path(each.name): kind for group, of_it in zip(groups, kinds, strict=True) for (each, _), kind in zip(group.contents, of_it, strict=True)}  # fmt: skip
    many = logs / "many"
    assert named[many / "access.log.8.gz"] == "one"
    assert {named[many / each] for each in ("access.log.5", "access.log.2.gz")} == {"alone"}

    group, of_it = groups[0], kinds[0]
    at = of_it.index("one")
    path = group.contents[at][0].path
    path.write_bytes(path.read_bytes()[:-40])
    assert [row["kind"] for row in run(setup, group)] == [*of_it[:at], "alone", *of_it[at + 1 :]]
