"""A cluster of two workers writes what one machine writes, whoever of it is killed on the way."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.runners import mixed_logs, spark_cluster, test_scopes
from tests.waiting import HANG, wait_until

KILLS = 20
_SETTINGS = """
spark.task.maxFailures 64
spark.speculation true
spark.speculation.quantile 0.5
spark.speculation.multiplier 1.1
spark.executor.memory 512m
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.ui.enabled false
"""
_SCAN = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from whosaw.app.scan import scan
logs, root, runner = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
paths = [str(logs / each) for each in ("web", "db", "api", "damaged")]
done = scan(
    paths, root, now=datetime(2025, 4, 1, tzinfo=UTC), map_path=logs / "map.toml",
    key_file=logs.parent / "key", chunk_bytes=16 << 10, runner=runner,
)
print(json.dumps([done.number, [each.outcome for each in done.contents]]))
"""
_DAYS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from whosaw.app.building import step_tasks
from whosaw.app.runners import index
from whosaw.app.scan import scan
step_tasks.LEAST_ROWS = index.LEAST_ROWS = 0
old, root, runner = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
done = scan(
    [str(old / "access.log")], root, now=datetime(2025, 4, 1, tzinfo=UTC), map_path=old / "map.toml", context=old / "context",
    key_file=root.parent / "key", runner=runner,
)
print([each.id for each in done.findings])
"""
OLD = Path(__file__).parents[1] / "store" / "old_workspaces"

pytestmark = pytest.mark.skipif(
    not os.environ.get("WHOSAW_WIDE"), reason="a cluster that is started and killed: WHOSAW_WIDE runs it"
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[spark_cluster.Cluster]:
    with spark_cluster.started(tmp_path_factory.mktemp("cluster")) as found:
        yield found


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    (folder / "key").write_bytes(bytes(range(32)))
    (folder / "key").chmod(0o600)
    (folder / "conf").mkdir()
    (folder / "conf" / "spark-defaults.conf").write_text(_SETTINGS, encoding="ascii")
    return mixed_logs.write_logs(folder / "logs")


@pytest.fixture(scope="module")
def of_threads(logs: Path) -> dict[str, bytes]:
    ended(begin(logs, "threads", "local"))
    return files(logs.parent / "threads")


def begin(logs: Path, name: str, runner: str, *, days: bool = False) -> subprocess.Popen[str]:
    environment = {**os.environ, "SPARK_CONF_DIR": str(logs.parent / "conf"), "SPARK_LOCAL_IP": "127.0.0.1"}
    return subprocess.Popen(
        [sys.executable, "-c", _DAYS if days else _SCAN, str(OLD if days else logs), str(logs.parent / name), runner],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment, start_new_session=True,
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> list[object]:
    out, _ = process.communicate(timeout=HANG)
    assert process.returncode == 0, out
    return list(ast.literal_eval(out.splitlines()[-1]))


def files(root: Path) -> dict[str, bytes]:
    found = root / "files"
    return {str(each.relative_to(found)): each.read_bytes() for each in found.rglob("*") if each.is_file()}


def written(root: Path) -> int:
    """How many files of segments have their names."""
    return sum(1 for _ in (root / "files").glob("[0-9a-f][0-9a-f]/*"))


def test_two_workers_write_what_threads_write(
    cluster: spark_cluster.Cluster, logs: Path, of_threads: dict[str, bytes]
) -> None:
    ended(begin(logs, "whole", cluster.address))
    assert len(of_threads) > 100
    assert files(logs.parent / "whole") == of_threads


def test_killed_executors_change_nothing(
    cluster: spark_cluster.Cluster, logs: Path, of_threads: dict[str, bytes]
) -> None:
    """One is killed whenever some more files are written, until so many were."""
    kills, turn = 0, 0
    while kills < KILLS:
        root = logs.parent / f"killed-{turn}"
        process, seen = begin(logs, root.name, cluster.address), 0
        while process.poll() is None and kills < KILLS:
            wait_until(
                lambda process=process, root=root, seen=seen: (
                    process.poll() is not None or written(root) > seen
                )
            )
            seen = written(root) + 12
            kills += cluster.kill_executor()
        ended(process)
        assert files(root) == of_threads, f"after {kills} kills"
        turn += 1


def test_a_killed_scan_goes_on_where_it_was(
    cluster: spark_cluster.Cluster, logs: Path, of_threads: dict[str, bytes]
) -> None:
    root = logs.parent / "driver"
    process = begin(logs, root.name, cluster.address)
    wait_until(lambda: written(root) > 40, of=process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=HANG)
    assert 0 < written(root) < len(of_threads)
    ended(begin(logs, root.name, cluster.address))
    assert files(root) == of_threads


_SCOPE = """
import sys
from pathlib import Path
from tests.chain.shop_log import NOW
from whosaw.app.cases.making import make_version
from whosaw.app.view_parts import cut
cut._PART_ROWS = 64
made = make_version(Path(sys.argv[2]), "spring", findings=[sys.argv[1]], now=NOW, runner=sys.argv[3])
print([str(each) for each in made.version.counts])
"""


def test_two_workers_count_the_scope_of_threads(
    cluster: spark_cluster.Cluster, logs: Path, tmp_path: Path
) -> None:
    """An executor is killed while they do."""
    ledger = test_scopes.ledger_in(tmp_path)
    environment = {**os.environ, "SPARK_CONF_DIR": str(logs.parent / "conf"), "SPARK_LOCAL_IP": "127.0.0.1"}
    told: dict[str, list[object]] = {}
    for name, runner in (("here", "local"), ("far", cluster.address), ("killed", cluster.address)):
        process = subprocess.Popen(
            [sys.executable, "-c", _SCOPE, ledger.finding, str(ledger.copied(name)), runner],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment, start_new_session=True,
        )  # fmt: skip
        if name == "killed":
            wait_until(lambda: any((tmp_path / "killed" / "spill").glob("*/*.arrow")), of=process)
            cluster.kill_executor()
        told[name] = ended(process)
    assert told["far"] == told["killed"] == told["here"]
    assert files(tmp_path / "far") == files(tmp_path / "killed") == files(tmp_path / "here")


_MAKE = """
import sys
from pathlib import Path
from whosaw.app.replay import Order, make
print([make(Path(sys.argv[1]), Order(breach="credential-stuffing-then-read", scale=0.004), runner=sys.argv[2]).lines])
"""


def test_a_replay_whose_makers_are_killed_is_the_same(
    cluster: spark_cluster.Cluster, logs: Path, tmp_path: Path
) -> None:
    """Executors die while days are made; whoever asked dies; and it is made anew where half of it lay."""

    def begin_making(name: str, runner: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "SPARK_CONF_DIR": str(logs.parent / "conf"),
            "SPARK_LOCAL_IP": "127.0.0.1",
        }
        return subprocess.Popen(
            [sys.executable, "-c", _MAKE, str(tmp_path / name), runner],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment, start_new_session=True,
        )  # fmt: skip

    def made(name: str) -> dict[str, bytes]:
        found = tmp_path / name
        return {
            str(each.relative_to(found)): each.read_bytes() for each in found.rglob("*") if each.is_file()
        }

    def days() -> int:
        return sum(1 for _ in tmp_path.glob(".far.unfinished/.shares/*.account"))

    ended(begin_making("one", "local"))
    process = begin_making("far", cluster.address)
    for least in (0, 2, 4):
        wait_until(lambda least=least: days() > least, of=process)
        cluster.kill_executor()
    wait_until(lambda: days() > 5, of=process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=HANG)
    assert not (tmp_path / "far").exists()
    process = begin_making("far", cluster.address)
    wait_until(lambda: days() > 1, of=process)
    cluster.kill_executor()
    ended(process)
    assert made("far") == made("one")
    assert not list(tmp_path.glob(".*"))


def test_killed_executors_make_the_same_days(cluster: spark_cluster.Cluster, logs: Path) -> None:
    """Steps over days: two workers; one of them killed whenever some more files are written; the machine that scans killed."""
    found = ended(begin(logs, "days", "local", days=True))
    of_threads = files(logs.parent / "days")
    assert found
    assert len(of_threads) > 30
    assert ended(begin(logs, "days-whole", cluster.address, days=True)) == found
    assert files(logs.parent / "days-whole") == of_threads
    killed, seen, kills = logs.parent / "days-killed", 10, 0
    process = begin(logs, killed.name, cluster.address, days=True)
    while process.poll() is None:
        wait_until(lambda seen=seen: process.poll() is not None or written(killed) > seen)
        if process.poll() is None:
            kills += cluster.kill_executor()
            seen = written(killed) + 10
    assert ended(process) == found
    assert kills >= 3
    assert files(killed) == of_threads
    root = logs.parent / "days-driver"
    process = begin(logs, root.name, cluster.address, days=True)
    wait_until(lambda: written(root) > 40, of=process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=HANG)
    assert ended(begin(logs, root.name, cluster.address, days=True)) == found
    assert files(root) == of_threads
