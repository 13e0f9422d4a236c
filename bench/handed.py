"""What executors were handed, a family of steps at a time: how long its tasks took, by the clock and of a processor, and how much of the clock.

Each task tells its own seconds beside what it was asked for (not in it). Every moment of a run belongs to the tasks that run in it, in equal
parts; where none runs, to those of the jobs under way; and where there is no job, to the machine that scans alone. So parts add up to the whole.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import pairwise
from threading import Event, Thread
from typing import Any, Final
from unittest.mock import patch

import numpy as np
import pyarrow as pa

__all__ = ["ALONE", "Handed", "Job", "Part", "Ran", "name_of", "parts_of", "timed", "watched"]

ALONE: Final = "alone"
"""The part of the machine that scans while nothing is handed out."""
_TOOK: Final = "took"
_EVERY: Final = 0.1  # seconds between two looks at the driver's processor


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One task. `began` and `ended` in seconds since 1970; `processor` seconds of its process of Python."""

    family: str
    began: float
    ended: float
    processor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """From when it was handed out until all that was told of it was there, in seconds since 1970; and how many tasks of each family it had."""

    began: float
    ended: float
    families: Mapping[str, int]


@dataclass(slots=True, kw_only=True)
class Handed:
    """All that was handed out, and by moment how many processor seconds the driver had spent."""

    tasks: list[Ran] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    driver: list[tuple[float, float]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Part:
    """What one family came to. Of its seconds of the clock (`seconds`) one task ran in `single_seconds`, and none in `idle_seconds`, while it
    was handed out and told of. `driver_cpu_seconds`: of the driver, in these seconds."""

    tasks: int = 0
    task_seconds: float = 0.0
    tasks_cpu_seconds: float = 0.0
    longest_seconds: float = 0.0
    seconds: float = 0.0
    single_seconds: float = 0.0
    idle_seconds: float = 0.0
    driver_cpu_seconds: float = 0.0


def name_of(task: Any) -> str:
    """The family of a task: of a step, its own; of a replay, what is made; of the index, that; else it is reading."""
    if hasattr(task, "step"):
        return str(task.step).partition(".")[0]
    return {"DaysShare": "days of a replay", "LinesShare": "lines of a replay", "IndexTask": "index"}.get(
        type(task).__name__, "reading"
    )


def timed(work: Any, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What `work` tells of the one number that a task is given, and a row more: how long it took."""
    numbers: list[int] = []

    def seen() -> Iterator[pa.RecordBatch]:
        for batch in batches:
            numbers.extend(batch.column("id").to_pylist())
            yield batch

    began, processor = time.time(), time.process_time()
    yield from work(seen())
    told = {
        "kind": _TOOK,
        "began": began,
        "ended": time.time(),
        "processor": time.process_time() - processor,
    }
    for number in numbers:
        yield pa.RecordBatch.from_pydict(
            {"id": pa.array([number], pa.int64()), "told": pa.array([json.dumps(told)], pa.string())}
        )


@contextmanager
def watched(processor: Callable[[], float]) -> Iterator[Handed]:
    """Keeps what is handed out until the block ends. `processor` tells how many seconds the driver has spent so far."""
    from whosaw.app.runners.jobs import Jobs

    pickling: Any = importlib.import_module("pyspark.cloudpickle")
    here, handed, ended, real = sys.modules[__name__], Handed(), Event(), Jobs.rows

    def rows(self: Jobs, work: Any, many: int) -> dict[int, list[dict[str, Any]]]:
        names, began = [name_of(each) for each in work.args[-1]], time.time()
        found = real(self, partial(timed, work), many)
        handed.jobs.append(Job(began=began, ended=time.time(), families=Counter(names)))
        for number, told in found.items():
            took = [each for each in told if each["kind"] == _TOOK]
            told[:] = [each for each in told if each["kind"] != _TOOK]
            for each in took:
                del each["kind"]
                handed.tasks.append(Ran(family=names[number], **each))
        return found

    def look() -> None:
        while not ended.wait(_EVERY):
            handed.driver.append((time.time(), processor()))

    handed.driver.append((time.time(), processor()))
    looking = Thread(target=look, daemon=True)
    pickling.register_pickle_by_value(here)  # executors need not have this folder
    looking.start()
    try:
        with patch.object(Jobs, "rows", rows):
            yield handed
    finally:
        ended.set()
        looking.join()
        handed.driver.append((time.time(), processor()))
        pickling.unregister_pickle_by_value(here)


def parts_of(handed: Handed, since: float, until: float) -> dict[str, dict[str, Any]]:
    """By family, and of the driver alone, what became of the clock between two moments (seconds since 1970)."""
    parts: dict[str, Part] = defaultdict(Part)
    for each in handed.tasks:
        part, took = parts[each.family], each.ended - each.began
        part.tasks += 1
        part.task_seconds += took
        part.tasks_cpu_seconds += each.processor
        part.longest_seconds = max(part.longest_seconds, took)
    moments, spent = zip(*handed.driver, strict=True)
    for first, last, running, waiting in _moments(handed, since, until):
        driver = float(np.interp(last, moments, spent) - np.interp(first, moments, spent))
        whose = running or waiting or {ALONE: 1}
        for name, share in _shares(whose):
            part = parts[name]
            part.seconds += share * (last - first)
            part.driver_cpu_seconds += share * driver
            if running.total() == 1:
                part.single_seconds += share * (last - first)
            elif not running:
                part.idle_seconds += share * (last - first)
    return {name: asdict(part) for name, part in sorted(parts.items())}


def _shares(of: Mapping[str, int]) -> Iterable[tuple[str, float]]:
    total = sum(of.values())
    return [(name, many / total) for name, many in of.items()]


def _moments(
    handed: Handed, since: float, until: float
) -> Iterator[tuple[float, float, Counter[str], Counter[str]]]:
    """The stretches in which nothing begins or ends: from, to, tasks that run, and tasks of the jobs under way, by family."""
    turns: list[tuple[float, int, bool, Mapping[str, int]]] = []
    for task in handed.tasks:
        turns += [(task.began, 1, True, {task.family: 1}), (task.ended, -1, True, {task.family: 1})]
    for job in handed.jobs:
        turns += [(job.began, 1, False, job.families), (job.ended, -1, False, job.families)]
    running, waiting = Counter[str](), Counter[str]()
    ends: Sequence[tuple[float, int, bool, Mapping[str, int]]] = [
        (since, 0, False, {}),
        (until, 0, False, {}),
    ]
    for (begins, sign, runs, names), (ends_at, *_) in pairwise(
        sorted([*turns, *ends], key=lambda turn: turn[0])
    ):
        for name, many in names.items():
            (running if runs else waiting)[name] += sign * many
        first, last = max(begins, since), min(ends_at, until)
        if last > first:
            yield first, last, +running, +waiting
