"""What a cluster's measurement reads, and what is told of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bench.cluster import processor_seconds, task_seconds
from tools import scale_section


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
    def one(seconds: float, tasks: float) -> dict[str, float]:
        return {
            "seconds": seconds,
            "tasks": 4,
            "task_seconds": tasks,
            "driver_cpu_seconds": 1,
            "workers_cpu_seconds": 9,
        }

    told = {
        "cores": 2, "load": [1.0, 7.0],
        "memory": [
            {"scale": 0.002, "lines": 1000, "driver_bytes": 200e6, "jvm_bytes": 3e8, "tasks": 4},
            {"scale": 0.01, "lines": 5000, "driver_bytes": 220e6, "jvm_bytes": 3e8, "tasks": 9},
        ],
        "steps": {
            "reading": {"scale": 0.002, "1": one(10, 9), "2": one(5, 9)},
            "making": {"scale": 0.002, "1": one(10, 8), "2": one(8, 8)},
        },
        "listing": {"objects": 2_000_000, "wall_s": 20.0, "processor_s": 15.0, "peak_mb": 700},
    }  # fmt: skip
    file = tmp_path / "cluster.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    monkeypatch.setattr(scale_section, "CLUSTER", file)
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
    assert "memory" not in text
