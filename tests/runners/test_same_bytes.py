"""The same logs give the same files, byte by byte, and the same findings, whoever reads them and makes their days: one, two and four threads,
two threads of Spark, and a cluster of two workers on loopback.

Logs are those of the demo, of every breach in a small shop, and of damaged twins: there steps over days and files of the index go to executors
however few rows they have. One replay of a fiftieth of a nation is scanned as it is at work.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bench.replayed import make_replay
from bench.spark import measure
from tests.chain import replay_digest
from tests.runners import spark_cluster
from tests.waiting import HANG
from tests.wide import wide

from whosaw.app.replay import Order, damage_replay, made_at, make
from whosaw.replay.damage.item import damage_names
from whosaw.replay.items import breach_names

DEMO = "forged-token"
SCALE = replay_digest.SCALE
DAMAGED = [*((DEMO, name) for name in damage_names()), ("own-login", "rough")]
_SETTINGS = """
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.ui.enabled false
spark.executor.memory 512m
"""
_SCANS = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from whosaw.app.building import step_tasks
from whosaw.app.replay import made_at
from whosaw.app.runners import index
from whosaw.app.runners.session import open_cluster
from whosaw.app.runners.steps import StepExecutors
from whosaw.app.scan import scan
from whosaw.core.document import document
step_tasks.LEAST_ROWS = index.LEAST_ROWS = 0
sent, real, real_checked = [], StepExecutors._result, index.IndexExecutors._checked

def result(self, rows, task):
    sent.append(task.step)
    return real(self, rows, task)

def checked(self, row, group):
    sent.append("index")
    return real_checked(self, row, group)

StepExecutors._result, index.IndexExecutors._checked = result, checked
cluster = open_cluster(sys.argv[1])
for line in sys.stdin:
    sent.clear()
    folder, root, threads = json.loads(line)
    made = made_at(Path(folder))
    done = scan(
        [str(each) for each in made.logs], Path(root), now=datetime(2026, 1, 1, tzinfo=UTC), map_path=made.map, context=made.context,
        key_file=Path(root).parent / "key", threads=threads, runner=sys.argv[1],
    )
    print(json.dumps(["told", {**document(done), "runner": "", "seconds": 0}, sorted({each.partition(".")[0] for each in sent})]), flush=True)
cluster.close()
"""
Scan = Callable[[Path, Path, int], tuple[Any, list[str]]]
"""Replay, workspace, threads; what is told, and the families of steps that executors made, with `index` where they made files of it."""

pytestmark = wide


@pytest.fixture(scope="module")
def runners(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Scan]]:
    """Of each runner a process that scans what it is told to, with its session open all along."""
    folder = tmp_path_factory.mktemp("spark")
    (folder / "conf").mkdir()
    (folder / "conf" / "spark-defaults.conf").write_text(_SETTINGS, encoding="ascii")
    environment = {
        **os.environ, "SPARK_CONF_DIR": str(folder / "conf"), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_DIRS": str(folder),
    }  # fmt: skip
    begun: list[subprocess.Popen[str]] = []

    def opened(runner: str) -> Scan:
        process = subprocess.Popen(
            [sys.executable, "-c", _SCANS, runner], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )  # fmt: skip
        begun.append(process)
        assert process.stdin is not None
        assert process.stdout is not None
        given, answers = process.stdin, process.stdout

        def scan(replay: Path, root: Path, threads: int) -> tuple[Any, list[str]]:
            given.write(json.dumps([str(replay), str(root), threads]) + "\n")
            given.flush()
            for line in answers:
                if line.startswith('["told"'):
                    _, told, families = json.loads(line)
                    return told, families
            raise AssertionError(f"{runner} ended with {process.wait(HANG)}")

        return scan

    with spark_cluster.started(folder) as cluster:
        try:
            yield {name: opened(name) for name in ("local", "local[2]")} | {
                "cluster": opened(cluster.address)
            }
        finally:
            for process in begun:
                process.communicate(timeout=HANG)


def digests(root: Path) -> dict[str, str]:
    found = root / "files"
    return {
        str(each.relative_to(found)): hashlib.sha256(each.read_bytes()).hexdigest()
        for each in found.rglob("*")
        if each.is_file()
    }


def hold(runners: dict[str, Scan], folder: Path, replay: Path) -> list[str]:
    """Hold all runners against one thread; returns the families of steps that executors made."""
    (folder / "key").write_bytes(bytes(range(32)))
    (folder / "key").chmod(0o600)
    asked = [("local", 1), ("local", 2), ("local", 4), ("local[2]", 2), ("cluster", 2)]
    said: dict[tuple[str, int], Any] = {}
    kept: dict[tuple[str, int], dict[str, str]] = {}
    families: list[str] = []
    for each in asked:
        root = folder / "workspace"
        said[each], made = runners[each[0]](replay, root, each[1])
        kept[each] = digests(root)
        shutil.rmtree(root)
        assert bool(made) == (each[0] != "local")
        families = made
    first = asked[0]
    assert len(kept[first]) > 60
    for each in asked[1:]:
        assert kept[each] == kept[first], each
        assert said[each] == said[first], each
    return families


@pytest.mark.parametrize("breach", [pytest.param(None, id="demo"), *breach_names()])
def test_of_each_breach(runners: dict[str, Scan], tmp_path: Path, breach: str | None) -> None:
    order = Order(breach=DEMO) if breach is None else Order(breach=breach, scale=SCALE)
    made = make(tmp_path / "replay", order)
    families = hold(runners, tmp_path, made.folder)
    assert {*families} >= {"view", "explain", "sign", "sum", "usual", "look", "mark", "index"}
    assert "visit" not in families, "numbers for life are given in one place"


@pytest.mark.parametrize(("breach", "damage"), DAMAGED, ids=lambda each: each)
def test_of_damaged_twins(runners: dict[str, Scan], tmp_path: Path, breach: str, damage: str) -> None:
    made = make(tmp_path / "replay", Order(breach=breach, scale=SCALE))
    damage_replay(made.folder, tmp_path / "twin", [damage], seed=7)
    hold(runners, tmp_path, made_at(tmp_path / "twin").folder)


@pytest.mark.timeout(7200)
def test_of_a_replay_of_a_fiftieth_of_a_nation(tmp_path: Path) -> None:
    """What has few rows is made by whoever scans, as it is at work."""
    make_replay(tmp_path / "replay", 0.02, text=True)
    runners = ("threads-1", "threads-2", "threads-4", "spark-2", "cluster-2")
    (told,) = measure(tmp_path, tmp_path / "replay", runners, 1)
    assert told["runners"].keys() == {*runners}
    assert told["lines"] > 5_000_000
    assert told["files"] > 1_000
