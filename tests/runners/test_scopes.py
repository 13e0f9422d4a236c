"""A scope whose views threads or executors go through is the same, file by file; without Spark, which `test_spark` has."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.serializers import CloudPickleSerializer
from tests.chain.shop_log import NOW
from tests.chain.test_by_days import OLD
from tests.runners.test_steps import files, root_of, scanned
from typer.testing import CliRunner

from whosaw.app.cases.making import make_version
from whosaw.app.runners import scopes
from whosaw.app.runners.jobs import Jobs
from whosaw.app.runners.session import Cluster
from whosaw.app.runners.versions import versions
from whosaw.app.view_parts import cut
from whosaw.app.view_parts.threads import ThreadHands
from whosaw.cli.main import app
from whosaw.core.document import object_of
from whosaw.core.errors import WhosawError
from whosaw.scope.hands import ScopeRows
from whosaw.store import files as store_files


@dataclass(frozen=True, slots=True)
class Ledger:
    """A workspace with a finding; `copied` gives one more of it."""

    root: Path
    finding: str

    def copied(self, name: str) -> Path:
        return Path(shutil.copytree(self.root, self.root.parent / name))


def ledger_in(folder: Path) -> Ledger:
    """Its views lie in several row groups."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_files, "ROW_GROUP", 64)
        root = root_of(folder, "ledger")
        return Ledger(root, scanned(root, OLD / "access.log").findings[0].id)


def counted(ledger: Ledger, name: str, **how: Any) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The files of the workspace afterwards, and the answer."""
    root = ledger.copied(name)
    told = object_of(make_version(root, "spring", findings=[ledger.finding], now=NOW, **how))
    assert not list((root / "spill").glob("*/*"))
    return files(root), {**told, "runner": ""}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return ledger_in(tmp_path_factory.mktemp("scopes"))


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The names of the files of rows, for each time that some were kept."""
    monkeypatch.setattr(cut, "_PART_ROWS", 64)
    return watched(monkeypatch)


def watched(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    found: list[list[str]] = []
    for hands in (ThreadHands, scopes.ScopeHands):

        def keep(self: Any, *given: Any, real: Callable[..., Sequence[Path]] = hands.keep) -> Sequence[Path]:
            paths = real(self, *given)
            found.append([each.name for each in paths])
            return paths

        monkeypatch.setattr(hands, "keep", keep)
    return found


@dataclass
class Told:
    """What executors were given."""

    setups: list[bytes] = field(default_factory=list)
    tasks: list[scopes.ScopeTask] = field(default_factory=list)
    before: Callable[[scopes.ScopeTask], None] = lambda _: None
    after: Callable[[dict[str, Any]], None] = lambda _: None


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """Executors without Spark, which make each task twice: what goes to them is packed as Spark packs it."""
    given, threads = Told(), pa.cpu_count()

    def rows(_: Jobs, work: Any, many: int) -> dict[int, list[dict[str, Any]]]:
        setup, tasks = pickle.loads(CloudPickleSerializer().dumps(work)).args
        given.setups.append(setup)
        given.tasks += tasks
        found: dict[int, list[dict[str, Any]]] = {}
        for number, task in enumerate(tasks):
            given.before(task)
            once, again = (told_by(setup, task) for _ in range(2))
            assert once == again
            given.after(once)
            found[number] = [once]
        assert len(found) == many
        return found

    monkeypatch.setattr(Jobs, "rows", rows)
    session = SimpleNamespace(sparkContext=SimpleNamespace(defaultParallelism=2))
    monkeypatch.setattr(
        "whosaw.app.cases.making.open_cluster", lambda name: Cluster(None if name == "local" else session)
    )
    yield given
    scopes.SCOPE_WORKERS.clear()
    pa.set_cpu_count(threads)


def told_by(setup: bytes, task: scopes.ScopeTask) -> dict[str, Any]:
    batch = pa.RecordBatch.from_pydict({"id": pa.array([0], pa.int64())})
    (made,) = scopes.run_scope(setup, [task], iter([batch]))
    return dict(json.loads(made.to_pylist()[0]["told"]))


def test_threads_and_executors_make_the_same_files(
    here: Told, ledger: Ledger, kept: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And executors open no key: none is told where it is."""
    made = {
        name: counted(ledger, name, **how)
        for name, how in {
            "one": {"threads": 1}, "two": {"threads": 2}, "four": {"threads": 4}, "far": {"runner": "spark"},
        }.items()
    }  # fmt: skip
    assert len(kept[0]) > 4
    assert kept == [kept[0]] * 4
    of_one, told = made["one"]
    (views,) = [each for each in told["counts"] if each["unit"] == "views"]
    assert views["upper"] > views["lower"] > 0
    assert all(each == (of_one, told) for each in made.values())
    assert sum(1 for each in here.tasks if each.part is not None and not each.keep) > 2, "acts"
    assert len([each for each in here.tasks if each.rows]) == len(kept[0])
    secret = (ledger.root / "vault.key").read_bytes()
    assert not [each for each in here.setups if secret in each]
    with monkeypatch.context() as patch:
        patch.setattr(cut, "_PART_ROWS", 1 << 20)  # in one part
        whole, answer = counted(ledger, "whole")
    assert (whole, answer) == (of_one, told)
    assert len(kept[-1]) == 2


def test_what_goes_wrong_there_is_said_in_one_line(
    here: Told, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = iter(range(9))

    def said() -> WhosawError:
        with pytest.raises(WhosawError) as fault:
            counted(ledger, f"wrong-{next(turn)}", runner="spark")
        assert "\n" not in str(fault.value)
        return fault.value

    with monkeypatch.context() as patch:
        patch.setattr(scopes, "versions", lambda: {**versions(), "duckdb": "1.9.9"})
        real = scopes.check_versions
        patch.setattr(scopes, "check_versions", lambda wanted, _: real(wanted, versions()))
        assert said().message == f"an executor has duckdb {versions()['duckdb']} instead of 1.9.9"
    here.after = lambda told: told.update(file="../../vault.key")
    assert said().code == "runner.names"

    def spoil(told: dict[str, Any]) -> None:
        for path in ledger.root.parent.glob(f"wrong-*/spill/*/{told['file']}"):
            path.write_bytes(path.read_bytes()[:-1] + b"x")

    here.after = spoil
    assert said().code == "store.damaged"
    here.after = lambda _: None

    def damage(task: scopes.ScopeTask) -> None:
        if task.part is not None:
            for path in ledger.root.parent.glob(f"wrong-*/files/*/{task.part.file}"):
                path.write_bytes(path.read_bytes()[:40] + bytes(path.stat().st_size - 40))

    here.before = damage
    assert said().code == "store.damaged"
    here.before = lambda _: None

    def broken(*_: object) -> None:
        raise ValueError("could not convert 'mary@example.org'")

    monkeypatch.setattr(scopes, "views_of", broken)
    with pytest.raises(RuntimeError, match=r"whosaw: ValueError at test_scopes.py:\d+ in a scope\Z"):
        counted(ledger, "broken", runner="spark")


def test_a_runner_that_is_none_is_refused_before_anything(ledger: Ledger) -> None:
    asked = [
        "scope",
        "new",
        "--case",
        "spring",
        "--finding",
        ledger.finding,
        "-w",
        str(ledger.copied("none")),
    ]
    done = CliRunner().invoke(app, [*asked, "--runner", "sparc"])
    assert done.exit_code == 2
    assert "there is no runner 'sparc'. One of local, spark, spark://HOST:PORT" in " ".join(
        done.output.split()
    )


def test_views_of_a_file_that_tells_nothing_unsure_are_sure(tmp_path: Path) -> None:
    """As an earlier release wrote it; lines that are there twice are left out."""
    row = {"person": 1, "time": 5, "segment": 2, "line": 3, "client": 0, "address": 4, "route": 0, "extra": 0}
    store, name = store_files.ContentStore(tmp_path), "ab" * 32 + ".views"
    store.place(name).parent.mkdir()
    rows = [{**row, "duplicate": False}, {**row, "line": 4, "duplicate": True}]
    pq.write_table(pa.Table.from_pylist(rows), store.place(name))
    work = ScopeRows(part=np.zeros(1, np.uint8), held=np.ones(1, np.bool_))
    (batch,) = cut.views_of(store, cut.ViewPart(file=name, first=0, end=1), work)
    assert batch.select(["content", "line", "person", "unsure"]).to_pylist() == [
        {"content": 2, "line": 3, "person": 1, "unsure": 0}
    ]
