"""Steps of the ledger that executors make keep the files and findings of those that threads make, and tell nobody more; without Spark, which
`test_spark` has."""

from __future__ import annotations

import json
import pickle
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from pyspark.serializers import CloudPickleSerializer
from tests.chain.shop_log import NOW
from tests.chain.test_by_days import OLD

from whosaw.app.building import step_tasks
from whosaw.app.erasing.reading_key import write_reading_key
from whosaw.app.runners import steps
from whosaw.app.runners.jobs import Jobs
from whosaw.app.runners.session import Cluster
from whosaw.app.runners.steps import drafted_of, run_steps
from whosaw.app.runners.versions import versions
from whosaw.app.scan import ScanReport, scan
from whosaw.build import pieces
from whosaw.core.document import document
from whosaw.core.errors import WhosawError
from whosaw.store.workspace import Workspace


@pytest.fixture(autouse=True)
def by_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_tasks, "LEAST_ROWS", 0)  # the logs are small


def root_of(folder: Path, name: str) -> Path:
    root = folder / name
    root.mkdir()
    (root / "vault.key").write_bytes(bytes(range(32)))
    (root / "vault.key").chmod(0o600)
    return root


def scanned(root: Path, *logs: Path, **how: Any) -> ScanReport:
    paths = [str(each) for each in logs]
    how = {"map_path": OLD / "map.toml", "context": OLD / "context", **how}
    return scan(paths, root, now=NOW, **how)


def files(root: Path) -> dict[str, bytes]:
    found = root / "files"
    return {str(each.relative_to(found)): each.read_bytes() for each in found.rglob("*") if each.is_file()}


def told(report: ScanReport) -> dict[str, Any]:
    return {**document(report), "runner": ""}


@dataclass
class Told:
    """What executors were given, and what they told."""

    setups: list[bytes] = field(default_factory=list)
    tasks: list[steps.StepTask | steps.FactTask] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    before: Callable[[steps.StepTask], None] = lambda _: None
    after: Callable[[dict[str, Any]], None] = lambda _: None


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """Executors without Spark, which make each task twice: what goes to them is packed as Spark packs it."""
    given, threads = Told(), pa.cpu_count()

    def rows(_: Jobs, work: Any, many: int) -> dict[int, list[dict[str, Any]]]:
        work = pickle.loads(CloudPickleSerializer().dumps(work))
        setup, tasks = work.args
        given.setups.append(setup)
        given.tasks += tasks
        found: dict[int, list[dict[str, Any]]] = {}
        for number, task in enumerate(tasks):
            given.before(task)
            once, again = (told_by(setup, task) for _ in range(2))
            assert once == again
            given.rows.append(json.dumps(once))
            given.after(once)
            found[number] = [once]
        assert len(found) == many
        return found

    monkeypatch.setattr(Jobs, "rows", rows)
    monkeypatch.setattr("whosaw.app.scan.open_runner", lambda *_, **__: None)
    session = SimpleNamespace(sparkContext=SimpleNamespace(defaultParallelism=2))
    monkeypatch.setattr(
        "whosaw.app.scan.open_cluster", lambda name: Cluster(None if name == "local" else session)
    )
    yield given
    steps.STEP_WORKERS.clear()
    pa.set_cpu_count(threads)


def told_by(setup: bytes, task: steps.StepTask) -> dict[str, Any]:
    batch = pa.RecordBatch.from_pydict({"id": pa.array([0], pa.int64())})
    (made,) = run_steps(setup, [task], iter([batch]))
    return dict(json.loads(made.to_pylist()[0]["told"]))


def test_with_a_reading_key_they_make_the_same_and_neither_keys_nor_people_go_there(
    here: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, log = tmp_path / "reading.key", OLD / "access.log"
    scanned(root_of(tmp_path, "one"), log)
    Workspace.open(root := root_of(tmp_path, "far"), create=True).close()
    write_reading_key(root, key, reason="executors", now=NOW)
    monkeypatch.setenv("WHOSAW_READING_KEY", str(key))
    seen: list[str] = []
    real = steps.StepWorker.__init__

    def opened(self: steps.StepWorker, setup: Any) -> None:
        real(self, setup)
        seen.append(type(self._vault).__name__)

    monkeypatch.setattr(steps.StepWorker, "__init__", opened)
    scanned(root, log, runner="spark")
    assert set(seen) == {"ReadingVault"}
    assert len(here.tasks) > 30
    assert files(root) == files(tmp_path / "one")
    assert not list((root / "files").glob("part-runner-*"))
    assert_nobody_is_in(here, root)


def assert_nobody_is_in(given: Told, root: Path) -> None:
    """Neither keys nor anything of anybody, in what goes there and what comes back."""
    workspace = Workspace.open(root)
    try:
        vault = workspace.vault
        keys = [vault._master, *vault._seals, *vault._block_keys, *vault._place_keys, *vault._pairs]
        keys += [vault._handing, vault.sealer.drawing, vault.secret("row digest bytes")]
    finally:
        workspace.close()
    sent = b"".join([pickle.dumps(unpacked(each)) for each in given.setups] + [pickle.dumps(given.tasks)])
    assert not [each for each in keys if each in sent or each.hex().encode() in sent]
    lines = (OLD / "access.log").read_text().splitlines()
    addresses = {each.partition(" ")[0] for each in lines if each[:1].isdigit()}
    paths = {
        found
        for each in lines
        if len(found := each.partition('"')[2].partition('"')[0].partition(" ")[2].partition(" ")[0]) > 12
    }
    assert addresses
    assert paths
    told = sent + "".join(given.rows).encode()
    assert not [each for each in (*addresses, *paths) if each.encode() in told]


def unpacked(setup: bytes) -> Any:
    return pickle.loads(zlib.decompress(setup))


def test_what_goes_wrong_there_is_said_in_one_line(
    here: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other versions, other steps, a key that makes no steps, an error of a step, and one of a library."""
    log, turn = OLD / "access.log", iter(range(100))

    def said(code: str) -> str:
        root = root_of(tmp_path, f"far-{next(turn)}")
        with pytest.raises(WhosawError) as fault:
            scanned(root, log, runner="spark")
        assert fault.value.code == code
        assert "\n" not in str(fault.value)
        return fault.value.message

    with monkeypatch.context() as patch:
        patch.setattr(
            steps,
            "packed",
            lambda setup: zlib.compress(pickle.dumps(({**versions(), "duckdb": "1.9.9"}, setup))),
        )
        assert said("runner.versions") == f"an executor has duckdb {versions()['duckdb']} instead of 1.9.9"
    with monkeypatch.context() as patch:
        patch.setattr(
            steps,
            "packed",
            lambda setup: zlib.compress(pickle.dumps((versions(), replace(setup, program="0")))),
        )
        assert said("runner.versions") == "an executor has other steps than this machine"
    root = root_of(tmp_path, "other")
    Workspace.open(root, create=True).close()
    write_reading_key(root, tmp_path / "reading.key", reason="executors", now=NOW)
    known = json.loads((tmp_path / "reading.key").read_text())
    (tmp_path / "reading.key").write_text(json.dumps({**known, "secrets": {}}))
    with monkeypatch.context() as patch:
        patch.setenv("WHOSAW_READING_KEY", str(tmp_path / "reading.key"))
        assert said("vault.reading-key").endswith("this one lacks what is asked of it")
    with monkeypatch.context() as patch:
        patch.setattr(pieces.Pieces, "_asked", lambda *_, **__: None)  # no memory does
        assert re.fullmatch(
            r"the step \S+ of 20\d\d-\d\d-\d\d did not fit \d+ MiB of memory, and cannot be cut further",
            said("build.no-memory"),
        )

    def broken(*_: object, **__: object) -> None:
        raise ValueError("could not convert 'mary@example.org'")

    with monkeypatch.context() as patch:
        patch.setattr("whosaw.app.runners.step_worker.drafted_elsewhere", broken)
        with pytest.raises(
            RuntimeError, match=r"whosaw: ValueError at test_steps.py:\d+ in the step \S+\Z"
        ) as fault:
            scanned(root_of(tmp_path, "broken"), log, runner="spark")
        assert fault.value.__suppress_context__


def test_a_damaged_file_is_named_by_whoever_meets_it(here: Told, tmp_path: Path) -> None:
    """A run that an executor reads, and one that it wrote; what it tells of days that nobody asked for is refused."""
    log, spoilt = OLD / "access.log", "does not hold what its name says"

    def damage(root: Path, names: Sequence[str]) -> None:
        for name in names:
            path = root / "files" / name[:2] / name
            data = path.read_bytes()
            path.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))

    root = root_of(tmp_path, "read")
    here.before = lambda task: (
        task.step == "explain" and damage(root, sorted({each.file for each in task.parts}))
    )
    with pytest.raises(WhosawError, match=spoilt):
        scanned(root, log, runner="spark")
    root = root_of(tmp_path, "wrote")
    here.before = lambda _: None
    here.after = lambda told: damage(root, [each["file"] for each in told.get("parts", ())])
    with pytest.raises(WhosawError, match=spoilt):
        scanned(root, log, runner="spark")
    told = json.loads(here.rows[-1])
    days = [day for day, _ in told["kept"]]
    assert drafted_of(told, replace(here.tasks[-1], stale=tuple(days))).kept.keys() == set(days)
    with pytest.raises(WhosawError, match="was not asked for"):
        drafted_of(told, replace(here.tasks[-1], stale=(1, *days)))
    told["parts"] = [
        {
            "kind": "views",
            "day": days[0],
            "range": "",
            "file": "../../vault.key",
            "first": 0,
            "rows": 1,
            "digest": "",
            "edges": {},
        }
    ]
    with pytest.raises(WhosawError, match="whose name is no digest"):
        drafted_of(told, replace(here.tasks[-1], stale=tuple(days)))


def test_facts_are_learnt_there_of_the_days_that_were_asked(here: Told, tmp_path: Path) -> None:
    scanned(root_of(tmp_path, "one"), OLD / "access.log")
    scanned(root_of(tmp_path, "far"), OLD / "access.log", runner="spark")
    assert files(tmp_path / "far") == files(tmp_path / "one")
    facts = [each for each in here.tasks if isinstance(each, step_tasks.FactTask)]
    assert {each.fact.partition(".")[0] for each in facts} >= {"usual", "actors"}
    setup = here.setups[-1]
    task = next(each for each in reversed(facts) if each.parts)
    told = told_by(setup, task)
    assert steps.learnt_of(told, task).keys() == set(task.days)
    for days in (task.days[1:], (*task.days, task.days[-1] + 1)):
        with pytest.raises(WhosawError, match="of days that it was not asked for"):
            steps.learnt_of(told, replace(task, days=days))
    damaged = replace(task, parts=tuple(replace(each, file=f"{'0' * 64}.day-places") for each in task.parts))
    assert told_by(setup, damaged)["kind"] == "error"
