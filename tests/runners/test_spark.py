"""A scan whose logs executors read has the files and the answers of one whose logs threads read, and tells nobody more."""

from __future__ import annotations

import json
import pickle
import re
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from pyspark.serializers import CloudPickleSerializer
from tests.chain import test_by_days
from tests.runners import mixed_logs, spark_cluster, test_index, test_scopes, test_steps
from tests.wide import WIDE
from typer.testing import CliRunner

from whosaw.app.building import step_tasks
from whosaw.app.reading.segments import SegmentMaker
from whosaw.app.runners import index
from whosaw.app.runners import task as tasks
from whosaw.app.runners.session import Cluster, check_runner
from whosaw.app.runners.spark import SparkRunner
from whosaw.app.runners.steps import StepExecutors
from whosaw.app.runners.told import segment_of
from whosaw.app.runners.versions import check_versions, versions
from whosaw.app.scan import ScanReport, scan
from whosaw.app.view_parts import cut
from whosaw.cli.main import app
from whosaw.core.document import document
from whosaw.core.errors import WhosawError
from whosaw.store.index import update
from whosaw.store.reading_key import write_reading_key
from whosaw.store.vault import ReadingVault
from whosaw.store.workspace import Workspace

NOW = datetime(2025, 4, 1, tzinfo=UTC)
CHUNK = 64 << 10
THREADS = (1, 2, 4) if WIDE else (1, 4)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    answers = signal.getsignal(signal.SIGINT)
    with spark_cluster.local_session("local[2]", tmp_path_factory.mktemp("spark")) as found:
        assert signal.getsignal(signal.SIGINT) is answers, "Ctrl-C is answered as before"
        yield found


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return with_key(tmp_path)


def with_key(folder: Path) -> Path:
    """The logs in a folder, beside the key that all of its workspaces have: under equal keys equal rows are equal bytes."""
    (folder / "key").write_bytes(bytes(range(32)))
    (folder / "key").chmod(0o600)
    return mixed_logs.write_logs(folder / "logs")


def scanned(logs: Path, name: str, **how: Any) -> ScanReport:
    return scan(
        [str(logs / each) for each in how.pop("below", ("web", "db", "api", "damaged"))],
        logs.parent / name,
        now=NOW,
        map_path=logs / "map.toml",
        key_file=logs.parent / "key",
        chunk_bytes=CHUNK,
        **how,
    )


def files(root: Path) -> dict[str, bytes]:
    found = root / "files"
    return {str(each.relative_to(found)): each.read_bytes() for each in found.rglob("*") if each.is_file()}


def told(report: ScanReport) -> dict[str, Any]:
    return {**document(report), "runner": ""}


def test_executors_write_the_files_of_threads(
    session: Any, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = {threads: scanned(logs, f"local-{threads}", threads=threads) for threads in THREADS}
    sent: list[tasks.Task] = []
    made_here: list[str] = []
    real_run, real_make = SparkRunner._run, SegmentMaker.make

    def run(self: SparkRunner, given: list[tasks.Task]) -> object:
        sent.extend(given)
        return real_run(self, given)

    def make(self: SegmentMaker, chunk: Any, parsed: Any, *, format_name: str) -> object:
        made_here.append(format_name)
        return real_make(self, chunk, parsed, format_name=format_name)

    monkeypatch.setattr(SparkRunner, "_run", run)
    monkeypatch.setattr(SegmentMaker, "make", make)
    far = scanned(logs, "far", runner="local[2]")

    of_one = files(logs.parent / "local-1")
    assert len(of_one) > 30
    for name in (*(f"local-{threads}" for threads in THREADS), "far"):
        assert files(logs.parent / name) == of_one, name
    assert told(far) == told(reports[1]) == told(reports[4])
    assert any("Cloudflare's edge" in each for each in far.notes), (
        "what addresses are shared is told from there, too"
    )
    assert (far.runner, reports[1].runner) == ("local[2]", "local")
    assert {each.outcome for each in far.contents} == {"read", "copy", "empty"}
    kinds = [type(each).__name__ for each in sent]
    assert kinds.count("TogetherTask") >= 1
    assert kinds.count("ContentTask") >= 6
    assert kinds.count("CutTask") == 2
    ranges = [each for each in sent if isinstance(each, tasks.RangeTask)]
    assert len([each for each in ranges if len(each.cuts) > 1]) >= 4
    assert sorted(
        (len(far), len(never)) for each in ranges for _, far, never in each.cuts if far or never
    ) == [(4, 2)]
    assert len(made_here) == 3, "the members of an archive are read by who scans, and nothing else"

    mixed_logs.more_of(logs)  # and so it goes on
    again = {
        name: scanned(logs, name, runner=runner) for name, runner in (("local-1", "local"), ("far", "spark"))
    }
    assert files(logs.parent / "far") == files(logs.parent / "local-1") != of_one
    assert told(again["far"]) == told(again["local-1"])
    assert [each.outcome for each in again["far"].contents].count("grown") == 2
    assert not list((logs.parent / "far" / "files").glob(f"{tasks.PARTS}*"))


@pytest.fixture(scope="module")
def opened(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Workspace, tasks.Setup, list[tasks.Task]]]:
    """A workspace with what executors would be given of the logs, and no Spark."""
    logs = with_key(tmp_path_factory.mktemp("opened"))
    given: list[tasks.Task] = []
    setups: list[tasks.Setup] = []
    threads = pa.cpu_count()

    class Kept(SparkRunner):
        def __init__(self, cluster: Cluster, setup: tasks.Setup, workspace: Workspace) -> None:
            setups.append(setup)
            super().__init__(cluster, setup, workspace)

        def _run(self, many: list[tasks.Task]) -> dict[int, list[dict[str, Any]]]:
            given.extend(many)
            rows: dict[int, list[dict[str, Any]]] = {number: [] for number in range(len(many))}
            for batch in tasks.run_tasks(self._setup, many, iter([ids(len(many))])):
                for row in batch.to_pylist():
                    rows[row["id"]].append(json.loads(row["told"]))
            return rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("whosaw.app.runners.spark.SparkRunner", Kept)
        patch.setattr(
            "whosaw.app.scan.open_cluster",
            lambda _: Cluster(SimpleNamespace(sparkContext=SimpleNamespace(defaultParallelism=2))),
        )
        patch.setattr("whosaw.app.runners.steps.open_executors", lambda *_: None)  # threads make the days
        scanned(logs, "far", runner="spark")
    workspace = Workspace.open(logs.parent / "far", key_file=logs.parent / "key")
    yield workspace, setups[0], given
    workspace.close()
    tasks.WORKERS.clear()
    pa.set_cpu_count(threads)


def ids(many: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"id": pa.array(range(many), pa.int64())})


def run(setup: tasks.Setup, task: tasks.Task) -> list[dict[str, Any]]:
    batches = tasks.run_tasks(setup.packed(), [task], iter([ids(1)]))
    return [json.loads(row["told"]) for batch in batches for row in batch.to_pylist()]


def test_a_task_holds_no_key_and_no_line_and_a_row_nobody(
    opened: tuple[Workspace, tasks.Setup, list[tasks.Task]],
) -> None:
    workspace, setup, given = opened
    logs = workspace.root.parent / "logs"
    sent = pickle.dumps(setup) + CloudPickleSerializer().dumps(partial(tasks.run_tasks, b"", given))
    vault = workspace.vault
    keys = [vault._master, *vault._seals, *vault._block_keys, *vault._place_keys, *vault._pairs]
    keys += [vault._handing, vault.sealer.drawing]
    assert not [each for each in keys if each in sent or each.hex().encode() in sent]
    rows = [row for task in given for row in run(setup, task)]
    assert {each["kind"] for each in rows} >= {"segment", "end", "one", "cut"}
    text = json.dumps(rows).encode()
    log = (logs / "web" / "access.log").read_bytes() + (logs / "db" / "postgresql.csv").read_bytes()
    for word in (b"wanjiru1", b"karani1", b"mbuni/1"):
        assert word in log
        assert word not in sent, word
        assert word not in text, word
    state = next(each["state"] for each in rows if each.get("state"))
    assert "times:" in (vault.open_text(state) or "")


def test_an_executor_that_cannot_open_the_vault_tells_the_same(
    opened: tuple[Workspace, tasks.Setup, list[tasks.Task]], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, setup, given = opened
    file = workspace.root.parent / "reading.key"
    write_reading_key(file, workspace.vault, setup.mark)
    wanted = [run(setup, task) for task in given]
    monkeypatch.setenv("WHOSAW_READING_KEY", str(file))
    bare = replace(setup, key_file=Path("/nowhere/key"))
    assert [run(bare, task) for task in given] == wanted
    (worker,) = tasks.WORKERS.free
    assert isinstance(worker.vault, ReadingVault)
    rows = pa.table({"text": ["mary"]})
    assert workspace.vault.open(worker.vault.seal(rows)).equals(rows)
    with pytest.raises(WhosawError, match="it opens nothing"):
        worker.vault.open(workspace.vault.seal(rows))

    def refused(asked: tasks.Setup) -> str:
        (row,) = run(asked, given[0])
        assert row["code"] in ("vault.reading-key", "vault.other-key")
        return row["message"]

    assert "rotated since" in refused(replace(bare, mark="12345678"))
    assert "another vault key" in refused(replace(bare, proof=b"\0" * 48))
    other = replace(bare, chunk_bytes=bare.chunk_bytes + 1)  # a worker of its own
    file.chmod(0o644)
    assert "others may read or write the reading key" in run(other, given[0])[0]["message"]
    file.chmod(0o600)
    file.write_text("{}")
    assert "none that this whosaw can read" in refused(other)
    monkeypatch.setenv("WHOSAW_READING_KEY_COMMAND", "false")
    assert "ended with 1" in refused(other)


def test_what_an_executor_lacks_is_one_line(
    opened: tuple[Workspace, tasks.Setup, list[tasks.Task]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, setup, given = opened
    task = next(each for each in given if isinstance(each, tasks.ContentTask))

    def said(changed: tasks.Setup, asked: tasks.Task = task) -> tuple[str, str]:
        (row,) = run(changed, asked)
        return row["code"], row["message"]

    other = {**setup.versions, "duckdb": "1.9.9"}
    code, message = said(replace(setup, versions=other))
    assert (code, message) == (
        "runner.versions",
        f"an executor has duckdb {versions()['duckdb']} instead of 1.9.9",
    )
    assert said(replace(setup, proof=b"\0" * 16))[0] == "vault.other-key"
    assert said(replace(setup, key_file=Path("/nowhere/key")))[0] == "vault.no-key"
    code, message = said(setup, replace(task, seen=tasks.Seen(chunk="0" * 64)))
    assert code == "runner.other-bytes"
    assert Path(task.plan.content.name).name in message
    ranges = next(each for each in given if isinstance(each, tasks.RangeTask))
    cut, far, never = ranges.cuts[0]
    changed = replace(ranges, cuts=((replace(cut, sum=cut.sum ^ 1), far, never),))
    assert said(setup, changed)[0] == "runner.other-bytes"
    gone = replace(ranges.plan, content=replace(ranges.plan.content, path=Path("/nowhere/a.log")))
    assert said(setup, replace(ranges, plan=gone))[0] == "runner.other-bytes"
    with pytest.raises(WhosawError, match="none instead of"):
        check_versions({"numpy": "3"}, {})

    def broken(*_: object, **__: object) -> None:
        raise ValueError("could not convert 'mary@example.org'")

    monkeypatch.setattr(SegmentMaker, "make", broken)
    monkeypatch.setattr(SegmentMaker, "make_together", broken)
    with pytest.raises(RuntimeError, match=r"whosaw: ValueError at test_spark.py:\d+\Z") as fault:
        run(setup, task)
    assert fault.value.__suppress_context__
    assert "mary" not in str(fault.value)


def test_a_file_that_is_not_what_its_name_says_is_not_entered(
    session: Any, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SparkRunner._run

    def spoilt(self: SparkRunner, given: list[tasks.Task]) -> dict[int, list[dict[str, Any]]]:
        rows = real(self, given)
        row = next(row for of_one in rows.values() for row in of_one if row["kind"] in ("segment", "one"))
        path = self.files.path(row["files"]["events"])
        path.write_bytes(path.read_bytes() + b"!")
        return rows

    monkeypatch.setattr(SparkRunner, "_run", spoilt)
    with pytest.raises(WhosawError, match="does not hold what its name says"):
        scanned(logs, "far", runner="local[2]", below=["api/export.json"])
    row = {"files": {"events": "../../vault.key"}}
    with pytest.raises(WhosawError, match="is no digest"):
        segment_of(row)


def test_where_there_is_no_spark_it_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.log").write_bytes(mixed_logs._web(0, 3))
    monkeypatch.chdir(tmp_path)

    def refused(runner: str) -> str:
        done = CliRunner().invoke(app, ["scan", "a.log", "--runner", runner, "-w", str(tmp_path / "w")])
        assert done.exit_code == 2, done.output
        return re.sub(r"\s+", " ", done.output)

    assert "there is no runner 'flink'" in refused("flink")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setattr("pyspark.sql.SparkSession.getActiveSession", lambda: None)
    assert "Spark needs Java, and there is none here. Install Java 17" in refused("local[1]")
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    assert "Spark is not installed here. pip install 'whosaw[spark]'" in refused("spark")
    assert not (tmp_path / "w").exists()
    for good in (
        "local",
        "spark",
        "local[*]",
        "local[2]",
        "yarn",
        "spark://a:7077,b:7077",
        "sc://h:15002/;token=x",
        "k8s://https://h:6443",
    ):
        assert check_runner(good) == good
    (tmp_path / "whosaw.toml").write_text('runner = "storm"\n[[logs]]\nfiles = "a.log"\n', encoding="utf-8")
    done = CliRunner().invoke(app, ["config"])
    assert "whosaw.toml:1" in done.output
    assert "there is no runner 'storm'" in re.sub(r"\s+", " ", done.output)
    (tmp_path / "whosaw.toml").write_text(
        'runner = "local[3]"\n[[logs]]\nfiles = "a.log"\n', encoding="utf-8"
    )
    found = json.loads(CliRunner().invoke(app, ["config", "--json"]).output)
    assert [each for each in found["settings"] if each["key"] == "runner"] == [
        {"key": "runner", "value": ["local[3]"], "why": "file", "line": 1}
    ]


def test_executors_make_the_days_of_threads(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Findings by steps over days: a first scan, and one of a day more."""
    monkeypatch.setattr(step_tasks, "LEAST_ROWS", 0)  # the logs are small
    sent: list[str] = []
    real = StepExecutors._result

    def result(self: StepExecutors, rows: Any, task: step_tasks.StepTask | step_tasks.FactTask) -> Any:
        sent.append(task.step)
        return real(self, rows, task)

    monkeypatch.setattr(StepExecutors, "_result", result)
    days = test_by_days.by_day(tmp_path / "days")
    ways: dict[str, dict[str, Any]] = {
        "one": {"threads": 1},
        "two": {"threads": 2},
        "far": {"runner": "local[2]"},
    }
    for name in ways:
        test_steps.root_of(tmp_path, name)
    for asked, read in ((("one", "two", "far"), days[:-1]), (("one", "far"), days)):
        reports = {name: test_steps.scanned(tmp_path / name, *read, **ways[name]) for name in asked}
        kept = {name: files(tmp_path / name) for name in asked}
        assert len(kept["one"]) > 30
        for name in asked:
            assert kept[name] == kept["one"], name
            assert told(reports[name]) == told(reports["one"]), name
            assert test_by_days.stored(tmp_path / name) == test_by_days.stored(tmp_path / "one"), name
    families = {each.partition(".")[0] for each in sent}
    assert families >= {"view", "meet", "learn", "explain", "sign", "sum", "bound", "look", "mark"}
    assert families >= {"usual", "actors", "walkers", "walked"}, "what is usual is learnt there, too"
    assert "visit" not in families, "numbers for life are given in one place"


def test_executors_make_the_index_of_threads(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first scan, and one of more lines; what a worker cannot read is said in one line."""
    monkeypatch.setattr(index, "LEAST_ROWS", 0)  # the logs are small
    monkeypatch.setattr(update, "FULL_ROWS", 60)
    entered: list[tuple[str, ...]] = []
    real = index.IndexExecutors._checked

    def checked(self: index.IndexExecutors, row: Any, group: Any) -> Any:
        entered.append(group.kinds)
        return real(self, row, group)

    monkeypatch.setattr(index.IndexExecutors, "_checked", checked)
    how = test_index.twins_in(tmp_path)
    paths, asked = how.pop("paths"), {**how, "now": NOW}
    for name in ("one", "far", "spoilt"):
        test_steps.root_of(tmp_path, name)
    for some in (paths[:-1], paths):
        for name, runner in (("one", "local"), ("far", "local[2]")):
            scan(some, tmp_path / name, runner=runner, **asked)
        assert files(tmp_path / "far") == files(tmp_path / "one")
        assert len({*entered}) == 2
        assert len(entered) >= 4
        entered.clear()
    real_made = index.IndexExecutors.made

    def spoilt(self: index.IndexExecutors, groups: Any, *of: Any) -> Any:
        for name in groups[-1].files:
            path = self._files.path(name)
            path.write_bytes(path.read_bytes()[:40] + bytes(path.stat().st_size - 40))
        return real_made(self, groups, *of)

    monkeypatch.setattr(index.IndexExecutors, "made", spoilt)
    with pytest.raises(WhosawError, match=r"\A[^\n]* does not hold what its name says[^\n]*\Z"):
        scan(paths, tmp_path / "spoilt", runner="local[2]", **asked)


def test_executors_count_the_scope_of_threads(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the command says who did. It is refused in one line where there is no Spark; then nothing is written."""
    monkeypatch.setattr(cut, "_PART_ROWS", 64)
    kept, ledger = test_scopes.watched(monkeypatch), test_scopes.ledger_in(tmp_path)
    made = {
        name: test_scopes.counted(ledger, name, **how)
        for name, how in {"one": {"threads": 1}, "far": {"runner": "local[2]"}}.items()
    }
    assert len(kept[0]) > 4
    assert kept[1] == kept[0]
    assert made["far"] == made["one"]
    asked = ["scope", "new", "--case", "spring", "--finding", ledger.finding, "-w", str(ledger.root)]
    done = CliRunner().invoke(app, [*asked, "--runner", "spark", "--json"])
    assert json.loads(done.output)["runner"] == "spark"
    before = files(ledger.root)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    done = CliRunner().invoke(app, [*asked, "--runner", "spark"])
    assert done.exit_code == 2
    assert "Spark is not installed here. pip install 'whosaw[spark]'" in re.sub(r"\s+", " ", done.output)
    assert files(ledger.root) == before


def test_executors_make_the_replay_of_threads(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text and its context, and the command that asks for it; who has another zlib packs other bytes, and is refused."""
    monkeypatch.chdir(tmp_path)
    asked = ["--breach", "stolen-sessions", "--scale", "0.002", "--json"]
    for name, runner in (("one", "local"), ("far", "local[2]")):
        done = CliRunner().invoke(app, ["replay", "make", name, *asked, "--runner", runner])
        assert done.exit_code == 0, done.output
    made = {name: {str(each.relative_to(name)): each.read_bytes() for each in Path(name).rglob("*") if each.is_file()} for name in ("one", "far")}  # fmt: skip
    assert len(made["one"]) > 100
    assert made["far"] == made["one"]
    monkeypatch.setattr("whosaw.app.runners.replays.zlib.ZLIB_RUNTIME_VERSION", "0.9")
    done = CliRunner().invoke(app, ["replay", "make", "other", *asked, "--runner", "spark"])
    assert done.exit_code == 2
    assert re.search(r"an executor has\s+zlib \S+ instead of 0\.9", done.output)
    assert not Path("other").exists()
