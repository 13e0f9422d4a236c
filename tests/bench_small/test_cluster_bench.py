"""What a cluster's measurement reads, and what is told of it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from bench.apart import cluster_of, told_by
from bench.cluster import joined, processor_seconds, task_seconds
from bench.handed import ALONE, Handed, Job, Ran, parts_of, timed, watched
from tests.wide import wide
from tools import scale_section

from whosaw.app.runners.jobs import Jobs
from whosaw.app.runners.session import Cluster


def test_time_of_tasks_is_that_of_tasks_begun_in_between() -> None:
    def ended(launched: int, took: int) -> str:
        told = {"Launch Time": launched}
        return json.dumps(
            {"Event": "SparkListenerTaskEnd", "Task Info": told, "Task Metrics": {"Executor Run Time": took}}
        )

    rows = [
        ended(999, 70),
        ended(1_000, 1_500),
        json.dumps({"Event": "SparkListenerJobEnd"}),
        ended(3_000, 250),
        ended(3_001, 9),
    ]
    assert task_seconds("\n".join(rows), 1.0, 3.0) == (2, 1.75)


def test_processor_seconds_are_those_of_all_that_a_process_started() -> None:
    busy = "import time\nwhile time.process_time() < 0.6: pass\nprint('so', flush=True)\nimport sys; sys.stdin.read()"
    before = processor_seconds([os.getpid()])
    with subprocess.Popen(
        [sys.executable, "-c", busy], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        alone = processor_seconds([process.pid])
        both = processor_seconds([os.getpid()]) - before
        process.communicate()
    after = processor_seconds([os.getpid()]) - before
    assert 0.55 < alone < 60
    tick = 2 / os.sysconf("SC_CLK_TCK")  # each is a difference of two that are cut to a tick
    assert both >= alone - tick
    assert after >= alone - tick, "of what has ended, too"


def test_a_gain_under_what_is_wanted_is_said_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one(seconds: float, tasks: float) -> dict[str, Any]:
        return {
            "load": [1.0, 7.0],
            "seconds": seconds,
            "tasks": 4,
            "task_seconds": tasks,
            "driver_cpu_seconds": 1,
            "workers_cpu_seconds": 9,
        }

    told = {
        "cores": 2,
        "memory": [
            {"scale": 0.002, "lines": 1000, "driver_bytes": 200e6, "jvm_bytes": 3e8, "tasks": 4},
            {"scale": 0.01, "lines": 5000, "driver_bytes": 220e6, "jvm_bytes": 3e8, "tasks": 9},
        ],
        "steps": {
            "reading": {"scale": 0.002, "1": one(10, 9), "2": one(5, 9)},
            "scan": {"scale": 0.002, "1": one(10, 9), "2": one(5, 9)},
            "making": {"scale": 0.002, "1": one(10, 8), "2": one(8, 8)},
        },
        "listing": {"objects": 2_000_000, "wall_s": 20.0, "processor_s": 15.0, "peak_mb": 700},
    }  # fmt: skip
    file = tmp_path / "cluster.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    monkeypatch.setattr(scale_section, "CLUSTER", file)
    for scans in ("SMALL", "MIDDLE", "LARGE"):
        monkeypatch.setattr(scale_section, scans, tmp_path / f"{scans}.json")
    text = scale_section._cluster()
    assert "reading: 2.00 times as much task time a second of the clock, in 0.50 of the time" in text
    assert "`replay make`: 1.25 times as much" in text
    assert "Under it: `replay make`." in text
    assert "| 10% |" in text
    assert "5.0 times the lines, 1.10 times the memory" in text
    assert "2,000,000 listed objects" in text
    assert "waiting for a core" not in text
    assert "Not measured" not in text
    del told["steps"]["making"], told["memory"], told["listing"]  # type: ignore[attr-defined]
    file.write_text(json.dumps(told), encoding="utf-8")
    text = scale_section._cluster()
    assert text.endswith("Not measured on one and two workers: `replay make`.\n")
    assert "times the memory" not in text


def test_the_driver_of_whole_scans_is_shown_where_two_sizes_were_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scanned(name: str, scale: float, lines: int, held: float) -> None:
        file = tmp_path / f"{name}.json"
        told = {"scale": scale, "lines": lines, "runners": {"spark-2": {"driver_bytes": held}}}
        file.write_text(json.dumps(told), encoding="utf-8")
        monkeypatch.setattr(scale_section, name, file)

    for missing in ("MIDDLE", "LARGE"):
        monkeypatch.setattr(scale_section, missing, tmp_path / "none.json")
    scanned("SMALL", 0.002, 1_000, 250e6)
    assert not [*scale_section._driver_of_scans()], "one size says nothing of growth"
    scanned("LARGE", 0.05, 20_000, 500e6)
    shown, told = scale_section._driver_of_scans()
    assert "| 250 MB |" in shown
    assert "20.0 times the lines, 2.00 times the memory" in told


def test_by_whom_the_same_files_were_kept_is_shown_once_it_was_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "equal.json"
    monkeypatch.setattr(scale_section, "EQUAL", file)
    assert scale_section._equal() == ""
    told = {"lines": 5_000, "files": 1_200, "runners": {"threads-1": {}, "cluster-2": {}}}
    file.write_text(json.dumps(told), encoding="utf-8")
    assert (
        "1,200 files and the same findings of 5,000 lines were kept by each of `cluster-2`, `threads-1`"
        in scale_section._equal()
    )


def test_every_moment_belongs_to_what_runs_or_waits_or_to_the_driver() -> None:
    """Two tasks at once, one alone, a job that waits, and nothing; 0.5 of the driver's processor a second all along."""

    def ran(family: str, began: float, ended: float) -> Ran:
        return Ran(family=family, began=began, ended=ended, processor=(ended - began) / 2)

    handed = Handed(
        tasks=[ran("sum", 11, 15), ran("sign", 11, 13)],
        jobs=[Job(began=10, ended=16, families={"sum": 1, "sign": 1})],
        driver=[(8.0, 100.0), (18.0, 105.0)],
    )
    found = parts_of(handed, 9.0, 18.0)
    assert found.keys() == {"sum", "sign", ALONE}
    assert found["sum"] == {
        "tasks": 1, "task_seconds": 4, "tasks_cpu_seconds": 2, "longest_seconds": 4,
        "seconds": 4,  # half of 10 to 11 and of 11 to 13, all of 13 to 15, half of 15 to 16
        "single_seconds": 2, "idle_seconds": 1, "driver_cpu_seconds": 2,
    }  # fmt: skip
    assert (found["sign"]["seconds"], found["sign"]["single_seconds"], found["sign"]["idle_seconds"]) == (
        2,
        0,
        1,
    )
    assert (found[ALONE]["seconds"], found[ALONE]["idle_seconds"]) == (3, 3)
    assert sum(each["seconds"] for each in found.values()) == 9
    assert sum(each["driver_cpu_seconds"] for each in found.values()) == pytest.approx(4.5)


def test_a_task_tells_how_long_it_took_beside_what_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told goes to whoever asked without it."""

    def work(_: bytes, tasks: list[Any], batches: Any) -> Any:
        for batch in batches:
            for number in batch.column("id").to_pylist():
                told = json.dumps({"kind": "drafted", "of": tasks[number].step})
                yield pa.RecordBatch.from_pydict({"id": [number], "told": [told]})

    def rows(_: Jobs, work: Any, many: int) -> dict[int, list[dict[str, Any]]]:
        assert work.func is timed
        found: dict[int, list[dict[str, Any]]] = {}
        for number in range(many):
            batches = list(work(iter([pa.RecordBatch.from_pydict({"id": pa.array([number], pa.int64())})])))
            assert len(batches) == 2
            found[number] = [json.loads(row["told"]) for batch in batches for row in batch.to_pylist()]
        return found

    monkeypatch.setattr(Jobs, "rows", rows)
    tasks = [SimpleNamespace(step=each) for each in ("sum.person", "sum.client", "mark")]
    jobs = Jobs(Cluster())
    with watched(lambda: 1.0) as handed:
        told = jobs.rows(partial(work, b"", tasks), len(tasks))
    jobs.close()
    assert told == {number: [{"kind": "drafted", "of": each.step}] for number, each in enumerate(tasks)}
    assert [each.family for each in handed.tasks] == ["sum", "sum", "mark"]
    assert [each.families for each in handed.jobs] == [{"sum": 2, "mark": 1}]
    assert all(each.began <= each.ended for each in handed.tasks)
    assert Jobs.rows is rows


def test_what_was_not_measured_again_stays() -> None:
    before = {"cores": 2, "steps": {"making": {"scale": 1}, "scan": {"scale": 1}}, "listing": {"objects": 1}, "memory": [{"scale": 2, "lines": 5}, {"scale": 3, "lines": 9}]}  # fmt: skip
    told = {"cores": 4, "steps": {"scan": {"scale": 2}}, "memory": [{"scale": 2, "lines": 6}]}
    assert joined(before, told) == {
        "cores": 4, "steps": {"making": {"scale": 1}, "scan": {"scale": 2}}, "listing": {"objects": 1},
        "memory": [{"scale": 2, "lines": 6}, {"scale": 3, "lines": 9}],
    }  # fmt: skip
    assert joined({}, {"cores": 2}) == {"cores": 2}


def test_a_family_that_gains_too_little_is_named_with_where_its_clock_went() -> None:
    def part(seconds: float, single: float, idle: float, took: float) -> dict[str, float]:
        return {
            "tasks": 4, "task_seconds": took, "tasks_cpu_seconds": took, "longest_seconds": 2, "seconds": seconds,
            "single_seconds": single, "idle_seconds": idle, "driver_cpu_seconds": took / 4,
        }  # fmt: skip

    alone = {ALONE: {**part(3, 0, 3, 0), "tasks": 0}}
    of = {
        "1": {"seconds": 23, "families": {"sum": part(10, 10, 0, 10), "walk": part(10, 10, 0, 10), "tiny": part(0.05, 0, 0, 0.05), **alone}},
        "2": {"seconds": 16, "families": {"sum": part(5, 0, 0, 10), "walk": part(8, 4, 2, 10), "tiny": part(0.06, 0, 0, 0.06), **alone}},
    }  # fmt: skip
    text = "\n".join(scale_section._families("scan", of))
    assert "| `sum` | 4 | 10.0 s | 10.0 s | 10.0 s | 10.0 s | 10.0 s | 5.0 s | 2.00 | 2.00 | 20% |" in text
    assert "| 1.25 | 1.25 | 20% |" in text
    assert "`tiny`" not in text
    assert "took 0.1 s of tasks together" in text
    assert "3.0 s of 23.0 s with one worker, and in 3.0 s of 16.0 s with two" in text
    assert text.endswith(
        "Under 1.6 times: `walk` (50% of its clock one task ran alone, 25% none; the longest of 4 tasks took 25% of it).\n"
    )


def test_a_measurement_that_fails_ends_with_one_line() -> None:
    with pytest.raises(SystemExit, match=r"bench: calendar nowhere ended with [1-9]"):
        told_by(["calendar", "nowhere"], os.environ)


_STAYS = ["http.server", "--bind", "127.0.0.1", "0"]


def test_a_measurement_whose_cluster_ends_is_not_waited_for() -> None:
    cluster: Any = SimpleNamespace(ended=["worker 1 (process 7) ended with -9"])
    with pytest.raises(SystemExit, match=r"worker 1 \(process 7\) ended with -9 while http.server ran"):
        told_by(_STAYS, os.environ, cluster)


@wide
def test_a_port_that_is_taken_and_a_worker_that_is_killed_end_with_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(SystemExit, match=r"there is no cluster: the master .* ended with [1-9]"),
            cluster_of(tmp_path / "taken", 1, port=port),
        ):
            pass
    with cluster_of(tmp_path / "killed", 2) as (cluster, environment):
        os.kill(cluster.workers[1], signal.SIGKILL)
        with pytest.raises(SystemExit, match=r"worker 2 .* ended with -9"):
            told_by(_STAYS, environment, cluster)


def test_a_gain_that_came_of_waiting_for_a_core_is_none() -> None:
    text = scale_section._why({"scan": (1.97, 1.28), "making": (1.86, 0.92)})
    assert text == (
        "1.6 times is wanted. Of a whole scan it says nothing: the whole was no faster, so tasks waited for a core meanwhile."
    )


def test_what_was_not_measured_follows_from_the_results() -> None:
    findings, not_measured = scale_section._of_steps({"steps": {"scan": {"1": {}}}})
    assert "of steps in executors none was measured" in findings
    assert "not for time" in not_measured
    part = {"tasks_cpu_seconds": 4.0}
    two = {
        "families": {"sum": part, "look": part, "reading": part, ALONE: part},
        "driver_cpu_seconds": 20.0,
        "workers_cpu_seconds": 12.5,
    }
    findings, not_measured = scale_section._of_steps(
        {"steps": {"scan": {"lines": 285_000, "1": {}, "2": two}}}
    )
    assert "none was measured" not in findings
    assert (
        "285,000 lines on two, those that executors made took 8.0 of 32.5 processor seconds" in not_measured
    )
    assert "and more than one turn" in scale_section._of_turns({"cores": 2, "turns": 1})
    assert "**More than 4 cores.** That 256 cores read 64 times" in scale_section._of_turns(
        {"cores": 4, "turns": 5}
    )
