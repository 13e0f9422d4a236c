"""A server of Spark Connect hands out the same tasks, and whosaw says what is wrong with an address without its token."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.servers import free_port
from tests.runners import mixed_logs, spark_cluster
from tests.waiting import HANG
from typer.testing import CliRunner

from whosaw.app.runners.session import shown
from whosaw.cli.main import app

OLD = Path(__file__).parents[1] / "store" / "old_workspaces"
_READ = """
import json, sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from whosaw.app.building import step_tasks
from whosaw.app.erasing.reading_key import write_reading_key
from whosaw.app.replay import Order, make
from tests.runners import test_scopes
from whosaw.app.runners import index, replays, session, spark, steps
from whosaw.app.view_parts import cut
from whosaw.app.scan import scan
from whosaw.core.errors import WhosawError
from whosaw.store.workspace import Workspace

folder, address, old = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
logs = folder / "logs"
step_tasks.LEAST_ROWS = index.LEAST_ROWS = 0
sent, real_result = [], steps.StepExecutors._result

def result(self, rows, task):
    sent.append(task.step.partition(".")[0])
    return real_result(self, rows, task)

steps.StepExecutors._result = result

def with_reading_key(name):
    Workspace.open(folder / name, create=True, key_file=folder / "key").close()
    write_reading_key(
        folder / name, folder / "reading.key", reason="executors", now=datetime(2025, 4, 1, tzinfo=UTC), key_file=folder / "key"
    )

def days(name, runner):
    # with its context, so that findings come from all steps that executors make
    with_reading_key(name)
    done = scan(
        [str(old / "access.log")], folder / name, now=datetime(2025, 4, 1, tzinfo=UTC), map_path=old / "map.toml", context=old / "context",
        key_file=folder / "key", runner=runner,
    )
    (folder / "reading.key").unlink()
    return [each.id for each in done.findings]

def read(name, runner, below, chunk=64 << 10):
    try:
        return scan(
            [str(logs / each) for each in below], folder / name, now=datetime(2025, 4, 1, tzinfo=UTC), map_path=logs / "map.toml",
            key_file=folder / "key", chunk_bytes=chunk, runner=runner,
        ).runner
    except WhosawError as fault:
        return [fault.code, fault.message]

told = {}
for name, runner in (("one", "local"), ("far", address + "/;user_id=karani")):
    read(name, "local", ["api"])
    with_reading_key(name)
    told[name] = read(name, runner, ["web", "db", "api", "damaged"])
    (folder / "reading.key").unlink()
told["sent while reading"], sent[:] = sorted({*sent}), []
told["days"] = [days(*each) for each in (("days-one", "local"), ("days-far", address))]
told["sent"] = sorted({*sent})
told["no key there"] = read("refused", address, ["api"])
real = spark.versions()
spark.versions = lambda: {**real, "duckdb": "1.9.9"}
told["other versions"] = read("refused", address, ["api"])
order = Order(breach="own-login", scale=0.002, events=True)
for name, runner in (("replay-one", "local"), ("replay-far", address)):
    make(folder / name, order, runner=runner)
spark.versions = real
cut._PART_ROWS = 64
ledger = test_scopes.ledger_in(folder)
scopes = [test_scopes.counted(ledger, f"scope-{len(runner)}", runner=runner) for runner in ("local", address)]
told["scopes"] = [len(scopes[0][0]), scopes[0] == scopes[1]]
cluster = session.open_cluster(address)
told["cores"], told["own"] = cluster.cores, cluster.own
told["open"] = [session.open_session(each)[1] for each in ("spark", address)]
try:
    session.open_session("sc://192.0.2.1/;token=hush")
except WhosawError as fault:
    told["another"] = fault.message
cluster.close()
print(json.dumps(told))
"""


def files(root: Path) -> dict[str, bytes]:
    return {str(each.relative_to(root)): each.read_bytes() for each in root.rglob("*") if each.is_file()}


@pytest.mark.skipif(not os.environ.get("WHOSAW_WIDE"), reason="a server that is started: WHOSAW_WIDE runs it")
def test_a_connect_server_reads_and_makes_what_threads_do(tmp_path: Path) -> None:
    """Executors hold the reading key alone, which lies where they look for it."""
    if importlib.util.find_spec("grpc") is None:
        pytest.fail("pip install 'whosaw[spark]'")
    (tmp_path / "key").write_bytes(bytes(range(32)))
    (tmp_path / "key").chmod(0o600)
    mixed_logs.write_logs(tmp_path / "logs")
    (tmp_path / "spark").mkdir()
    key = {"WHOSAW_READING_KEY": str(tmp_path / "reading.key")}
    with spark_cluster.connect_server(tmp_path / "spark", key) as address:
        done = subprocess.run(
            [sys.executable, "-c", _READ, str(tmp_path), address, str(OLD)],
            capture_output=True,
            text=True,
            timeout=HANG,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-4000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert told["scopes"][0] > 60
    assert told["scopes"][1], "the same files and the same answer"
    assert (told["one"], told["far"]) == ("local", address)
    assert len(files(tmp_path / "one" / "files")) > 30
    assert files(tmp_path / "far" / "files") == files(tmp_path / "one" / "files")
    assert {*told["sent while reading"]} >= {"view", "sum"}
    assert {*told["sent"]} >= {"view", "meet", "learn", "explain", "sign", "sum", "bound", "look", "mark"}
    assert told["days"][0]
    assert told["days"][0] == told["days"][1]
    assert len(files(tmp_path / "days-one" / "files")) > 60
    assert files(tmp_path / "days-far" / "files") == files(tmp_path / "days-one" / "files")
    assert files(tmp_path / "replay-far") == files(tmp_path / "replay-one")
    assert told["no key there"][0] == "vault.reading-key"
    assert told["other versions"][0] == "runner.versions"
    assert re.search(r"duckdb \S+ instead of 1\.9\.9", told["other versions"][1])
    assert (told["cores"], told["own"]) == (2, True)
    assert told["open"] == [False, False], "an open session is taken, by its address, too"
    assert told["another"] == (
        f"a Spark session of {address} is open in this process, and sc://192.0.2.1:15002 is asked for"
    )


def test_an_address_is_refused_at_once_and_shown_without_its_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pyspark.sql.SparkSession.getActiveSession", lambda: None)
    (tmp_path / "a.log").write_bytes(mixed_logs._web(0, 3))
    port = free_port()
    runner = f"sc://127.0.0.1:{port}/;token=hush"
    (tmp_path / "whosaw.toml").write_text(
        f'runner = "{runner}"\n[[logs]]\nfiles = "a.log"\n', encoding="utf-8"
    )
    for command in (["scan"], ["replay", "make", "drill", "--runner", runner]):
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 2
        said = re.sub(r"\s+", " ", done.output)
        assert f"no Spark Connect server answers at sc://127.0.0.1:{port}. Start one" in said
        assert "hush" not in said
    assert not (tmp_path / "drill").exists()
    assert "hush" not in (said := CliRunner().invoke(app, ["config"]).output)
    assert f"sc://127.0.0.1:{port}" in said
    for name, wanted in {
        "sc://spark.example.org/;token=x": "sc://spark.example.org:15002",
        "sc://[::1]:15003": "sc://[::1]:15003",
        "sc://[2001:db8::1]": "sc://[2001:db8::1]:15002",
        "spark://h:7077": "spark://h:7077",
        "local": "local",
    }.items():
        assert shown(name) == wanted
