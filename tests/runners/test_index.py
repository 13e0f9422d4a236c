"""Files of the index that executors make are those that threads make, and tell nobody more; without Spark, which `test_spark` has."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyspark.serializers import CloudPickleSerializer
from tests.chain.shop_log import NOW
from tests.chain.test_by_days import OLD
from tests.chain.test_twins import BY_ID, PROXY, app, edge
from tests.runners.test_steps import files, root_of, scanned

from whosaw.app.building import step_tasks
from whosaw.app.runners import index
from whosaw.app.runners.jobs import Jobs
from whosaw.app.runners.session import Cluster
from whosaw.app.runners.versions import versions
from whosaw.app.scan import scan
from whosaw.core.errors import WhosawError
from whosaw.store.index import update
from whosaw.store.index.groups import VIEW_KINDS, Group, GroupSegment, SegmentLines, lines_in, lines_table
from whosaw.store.index.twin_lines import TwinLines

_MANY = """
[[route]]
id = "batch"
match = { path = "/batch" }
subject = { from = "query", name = "ids", many = true }
categories = ["identity.name"]
"""


@dataclass
class Told:
    """What executors were given, and what they told."""

    setups: list[bytes] = field(default_factory=list)
    tasks: list[index.IndexTask] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    before: Callable[[index.IndexTask], None] = lambda _: None
    after: Callable[[dict[str, Any]], None] = lambda _: None


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """Executors without Spark, which make each task twice: what goes to them is packed as Spark packs it. They make nothing but the index."""
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
            given.rows.append(once)
            found[number] = [once]
        assert len(found) == many
        return found

    monkeypatch.setattr(index, "LEAST_ROWS", 0)  # the logs are small
    monkeypatch.setattr(step_tasks, "LEAST_ROWS", 1 << 60)
    monkeypatch.setattr(update, "FULL_ROWS", 60)
    monkeypatch.setattr(Jobs, "rows", rows)
    monkeypatch.setattr("whosaw.app.scan.open_runner", lambda *_, **__: None)
    session = SimpleNamespace(sparkContext=SimpleNamespace(defaultParallelism=2))
    monkeypatch.setattr(
        "whosaw.app.scan.open_cluster", lambda name: Cluster(None if name == "local" else session)
    )
    yield given
    index.INDEX_WORKERS.clear()
    pa.set_cpu_count(threads)


def told_by(setup: bytes, task: index.IndexTask) -> dict[str, Any]:
    batch = pa.RecordBatch.from_pydict({"id": pa.array([0], pa.int64())})
    (made,) = index.run_index(setup, [task], iter([batch]))
    return dict(json.loads(made.to_pylist()[0]["told"]))


def twins_in(folder: Path) -> dict[str, Any]:
    """Two sources that log the same acts, a file that has lines of another one again, and one whose lines name several: what to scan, and how."""
    rng = range(1, 151)
    logs = {
        "edge": [edge(second, 7 + second % 9, f"r{second}") for second in rng],
        "app": [
            app(second, 7 + second % 9, f"r{second}", status=401 if second % 5 == 0 else 200)
            for second in rng
        ],
    }
    logs["again"] = [*logs["edge"][20:90], edge(200, 3, "r900")]
    logs["many"] = [
        each.replace("/members/", f"/batch?ids={at % 7},{at % 5},") for at, each in enumerate(logs["edge"])
    ]
    (folder / "map.toml").write_text(BY_ID + _MANY)
    for name, lines in logs.items():
        (folder / f"{name}.log").write_text("".join(lines))
    return {
        "paths": [str(folder / f"{name}.log") for name in logs],
        "map_path": folder / "map.toml",
        "chunk_bytes": 4 << 10,
    }


def test_executors_make_the_files_of_threads(here: Told, tmp_path: Path) -> None:
    """Twins, repeats over files, and responses that name several; in several groups. No key goes there, and nobody."""
    how = twins_in(tmp_path)
    made = {}
    for name, runner in (("one", {"threads": 1}), ("four", {"threads": 4}), ("far", {"runner": "spark"})):
        root = root_of(tmp_path, name)
        scan(how["paths"], root, now=NOW, map_path=how["map_path"], chunk_bytes=how["chunk_bytes"], **runner)
        made[name] = files(root)
    assert made["four"] == made["one"]
    assert made["far"] == made["one"]
    kinds = [each.group.kinds for each in here.tasks]
    assert kinds.count(("views", "exposures")) > 2
    assert kinds.count(("activity", "tries")) > 2
    assert any(each.lines is not None for each in here.tasks)
    assert any(each.more for task in here.tasks for each in task.group.segments)
    assert not list((tmp_path / "far" / "files").glob("part-runner-*"))
    sent = b"".join([*here.setups, pickle.dumps(here.tasks), json.dumps(here.rows).encode()])
    assert bytes(range(32)) not in sent
    assert PROXY.encode() not in sent


def test_few_rows_are_not_handed_out(here: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = len((OLD / "access.log").read_text().splitlines())
    monkeypatch.setattr(index, "LEAST_ROWS", lines + 1)
    scanned(root_of(tmp_path, "few"), OLD / "access.log", runner="spark")
    assert not here.tasks


def test_what_goes_wrong_there_is_said_in_one_line(
    here: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other versions, names that are none, files that are not what their names say, and an error of a library."""
    turn = iter(range(9))

    def said() -> WhosawError:
        root = root_of(tmp_path, f"far-{next(turn)}")
        with pytest.raises(WhosawError) as fault:
            scanned(root, OLD / "access.log", runner="spark")
        assert "\n" not in str(fault.value)
        assert not list((root / "files").glob("part-runner-*"))
        return fault.value

    with monkeypatch.context() as patch:
        patch.setattr(index, "versions", lambda: {**versions(), "duckdb": "1.9.9"})
        real = index.check_versions
        patch.setattr(index, "check_versions", lambda wanted, _: real(wanted, versions()))
        assert said().message == f"an executor has duckdb {versions()['duckdb']} instead of 1.9.9"
    wrong: tuple[dict[str, str], ...] = (
        {"views": "../../vault.key"},
        {"tries": "ab" * 32 + ".views"},
        {"clients": "ab" * 32 + ".clients"},
    )
    for names in wrong:
        here.after = lambda told, names=names: told.update(files=names)
        assert said().code == "runner.names"
    here.after = lambda told: told.update(
        files={"views": "ab" * 32 + ".views"} if "views" in told["files"] else {}
    )
    assert said().code == "store.missing"

    def damage(names: Any) -> None:
        for name in names:
            for path in tmp_path.glob(f"far-*/files/*/{name}"):
                path.write_bytes(path.read_bytes()[:40] + bytes(path.stat().st_size - 40))

    here.after = lambda told: damage(told["files"].values())
    assert said().code == "store.damaged"
    here.after = lambda _: None
    here.before = lambda task: damage({each.events for each in task.group.segments})
    assert said().code == "store.damaged"
    here.before = lambda _: None

    def broken(*_: object) -> None:
        raise ValueError("could not convert 'mary@example.org'")

    monkeypatch.setattr("whosaw.store.index.groups.views_of", broken)
    with pytest.raises(
        RuntimeError, match=r"whosaw: ValueError at test_index.py:\d+ in the index\Z"
    ) as fault:
        scanned(root_of(tmp_path, "broken"), OLD / "access.log", runner="spark")
    assert fault.value.__suppress_context__


def test_lines_that_are_handed_over_are_told_again() -> None:
    def lines(*of: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.array(of, np.int64)

    numbers = np.array([4, 5], np.int32)
    twins = TwinLines(
        witnesses=lines(1), merged=lines(2, 9), clients=numbers, addresses=-numbers, possible=lines(), refused=lines(9),
    )  # fmt: skip
    known = {
        3: SegmentLines(repeated=lines(7, 8)),
        5: SegmentLines(repeated=lines(), twins=twins),
        4: SegmentLines(repeated=lines()),
    }
    group = Group(
        kinds=VIEW_KINDS,
        segments=tuple(GroupSegment(id=each, events="", more=None, numbers="", map=None) for each in known),
    )
    found = lines_in(lines_table(group, known.__getitem__))
    for segment, told in known.items():
        again = found(segment)
        assert again.repeated.tolist() == told.repeated.tolist()
        assert (again.twins is None) == (told.twins is None)
    again = found(5).twins
    assert again is not None
    for name in TwinLines.__slots__:
        assert getattr(again, name).tolist() == getattr(twins, name).tolist()
        assert getattr(again, name).dtype == getattr(twins, name).dtype
