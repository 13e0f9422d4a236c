"""Logs that lie badly, in a store: one object with nine tenths of the lines, one huge gzip, and tasks that are tried again."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from tests.objects import s3_server
from tests.runners import mixed_logs, spark_cluster
from tests.waiting import HANG, wait_until

from whosaw.app.building import step_tasks
from whosaw.app.runners import task as tasks
from whosaw.app.runners.session import Cluster
from whosaw.app.runners.spark import SparkRunner
from whosaw.app.scan import ScanReport, scan

CHUNK = 16 << 10
HUGE, GZIP = "web/access.log", "api/older.log.gz"


def logs(many: int) -> dict[str, bytes]:
    """Nine tenths of `many` lines in one object, and most of the rest in a gzip that does not pack well."""
    rest = mixed_logs._web(40_000, many // 12).splitlines(keepends=True)
    noise = b"".join(line.replace(b"mbuni/", b"mbuni/%b" % os.urandom(600).hex().encode()) for line in rest)
    small = {f"web/access.log.{number}": mixed_logs._web(1000 * number, 20) for number in range(2, 6)}
    return {HUGE: mixed_logs._web(100_000, many), GZIP: gzip.compress(noise, mtime=0), **small}


@pytest.fixture(scope="module")
def store() -> Iterator[s3_server.Server]:
    with s3_server.started() as server:
        yield server


@pytest.fixture
def bucket(store: s3_server.Server, monkeypatch: pytest.MonkeyPatch) -> s3_server.Bucket:
    for name, value in store.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return store.bucket()


def put(bucket: s3_server.Bucket, folder: Path, many: int) -> None:
    for name, body in logs(many).items():
        bucket.put(f"in/{name}", body)
    (folder / "key").write_bytes(bytes(range(32)))
    (folder / "key").chmod(0o600)
    (folder / "map.toml").write_text(mixed_logs.MAP, encoding="utf-8")


def scanned(folder: Path, name: str, address: str, runner: str = "local") -> ScanReport:
    return scan(
        [address],
        folder / name,
        now=datetime(2025, 4, 1, tzinfo=UTC),
        map_path=folder / "map.toml",
        key_file=folder / "key",
        chunk_bytes=CHUNK,
        runner=runner,
    )


def files(root: Path) -> dict[str, bytes]:
    found = root / "files"
    return {str(each.relative_to(found)): each.read_bytes() for each in found.rglob("*") if each.is_file()}


def test_a_huge_object_is_read_in_ranges_a_huge_gzip_by_one_task_and_every_task_may_run_twice(
    bucket: s3_server.Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each task runs here, from the last to the first, and once more: what a second attempt, or speculation, comes to."""
    put(bucket, tmp_path, 2000)
    given: list[tasks.Task] = []
    threads = pa.cpu_count()

    def run(self: SparkRunner, many: list[tasks.Task]) -> dict[int, list[dict[str, Any]]]:
        given.extend(many)
        told: list[dict[int, list[dict[str, Any]]]] = []
        for _ in range(2):
            rows: dict[int, list[dict[str, Any]]] = {number: [] for number in range(len(many))}
            for number in reversed(range(len(many))):
                ids = pa.RecordBatch.from_pydict({"id": pa.array([number], pa.int64())})
                for batch in tasks.run_tasks(self._setup, many, iter([ids])):
                    rows[number] += [json.loads(each) for each in batch.column("told").to_pylist()]
            told.append(rows)
        assert told[0] == told[1]
        return told[1]

    of_threads = scanned(tmp_path, "threads", bucket.address("in/"))
    monkeypatch.setattr(step_tasks, "LEAST_ROWS", 1 << 60)  # they read, and make nothing
    monkeypatch.setattr(SparkRunner, "_run", run)
    monkeypatch.setattr(
        "whosaw.app.scan.open_cluster",
        lambda _: Cluster(SimpleNamespace(sparkContext=SimpleNamespace(defaultParallelism=2))),
    )
    monkeypatch.setattr(Cluster, "cores", 2)
    far = scanned(tmp_path, "far", bucket.address("in/"), "spark")
    tasks.WORKERS.clear()
    pa.set_cpu_count(threads)
    assert files(tmp_path / "far") == files(tmp_path / "threads")
    lines = [each.lines for each in far.contents]
    assert lines == [each.lines for each in of_threads.contents]
    assert max(lines) > 0.88 * sum(lines)
    ranges = [each for each in given if isinstance(each, tasks.RangeTask)]
    assert len(ranges) > 5, "no task has the huge object to itself"
    assert {each.plan.content.name for each in ranges} == {bucket.address(f"in/{HUGE}")}
    whole = [each.plan.content.name for each in given if isinstance(each, tasks.ContentTask)]
    assert whole.count(bucket.address(f"in/{GZIP}")) == 1
    (note,) = [each for each in far.notes if "one task" in each]
    assert re.match(re.escape(bucket.address(f"in/{GZIP}")) + r" \(0\.\d MB\): read by one task from", note)
    assert not [each for each in of_threads.notes if "one task" in each]


_SCAN = """
import sys
from pathlib import Path
from tests.runners.test_skew import scanned
print(len(scanned(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]).contents))
"""


@pytest.mark.skipif(
    not os.environ.get("WHOSAW_WIDE"), reason="a cluster that is started and killed: WHOSAW_WIDE runs it"
)
def test_executors_die_over_a_huge_object_and_the_driver_too(
    bucket: s3_server.Bucket, store: s3_server.Server, tmp_path: Path
) -> None:
    """Five kills of executors, then one of who scans, all while the ranges of one object are read; then it is scanned again."""
    put(bucket, tmp_path, 12_000)
    address = bucket.address("in/")
    scanned(tmp_path, "threads", address)
    wanted = files(tmp_path / "threads")
    (tmp_path / "conf").mkdir()
    told = {f"spark.executorEnv.{name}": value for name, value in store.environment.items()}
    settings = {
        "spark.task.maxFailures": "64", "spark.speculation": "true", "spark.executor.memory": "512m",
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false", **told,
    }  # fmt: skip
    text = "".join(f"{name} {value}\n" for name, value in settings.items())
    (tmp_path / "conf" / "spark-defaults.conf").write_text(text, encoding="utf-8")
    (tmp_path / "spark").mkdir()
    environment = {**os.environ, "SPARK_CONF_DIR": str(tmp_path / "conf"), "SPARK_LOCAL_IP": "127.0.0.1"}
    root = tmp_path / "far"

    def written() -> int:
        return sum(1 for _ in (root / "files").glob("[0-9a-f][0-9a-f]/*"))

    with spark_cluster.started(tmp_path / "spark") as cluster:
        command = [sys.executable, "-c", _SCAN, str(tmp_path), "far", cluster.address]
        command[-1:] = [address, cluster.address]
        process = subprocess.Popen(command, env=environment, start_new_session=True)
        kills, seen = 0, 10
        while kills < 5:
            wait_until(lambda: written() > seen, of=process)  # noqa: B023  # asked at once
            seen = written() + len(wanted) // 12
            kills += cluster.kill_executor()
        wait_until(lambda: written() > seen, of=process)
        os.killpg(process.pid, 9)
        process.wait(HANG)
        assert 0 < written() < len(wanted)
        subprocess.run(command, env=environment, check=True, timeout=HANG)
    assert files(root) == wanted
