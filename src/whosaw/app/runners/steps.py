"""Steps of the ledger made by executors of Spark: tasks are handed out, and what they wrote is checked before it is entered."""

from __future__ import annotations

import pickle
import re
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Any, Final

import pyarrow as pa

from whosaw.app.building.step_tasks import FactTask, StepSetup, StepTask
from whosaw.build.draft import Drafted
from whosaw.core.errors import WhosawError
from whosaw.store.files import ContentStore
from whosaw.store.parts import Part

from .jobs import AT_ONCE, Jobs, Rows
from .session import Cluster
from .spares import Spares
from .step_worker import StepWorker
from .task import PARTS
from .told import each_told, error_of, line, masked
from .versions import check_versions, unpickled, versions
from .written import check_written

__all__ = ["STEP_WORKERS", "StepExecutors", "open_executors", "run_steps"]

_NAME: Final = re.compile(r"[0-9a-f]{64}\.day-[a-z_]+\Z")


def open_executors(cluster: Cluster, files: ContentStore) -> StepExecutors | None:
    """Executors of a cluster for the steps over these files; None for the threads of this process."""
    return None if cluster.session is None else StepExecutors(cluster, files)


@dataclass(slots=True)
class _Wanted:
    setup: StepSetup
    task: Callable[[], StepTask | FactTask]
    done: Future[Any] = field(default_factory=Future)  # what was drafted or learnt


class StepExecutors:
    """Makes tasks of steps, in jobs of a few tasks each (`building.step_tasks.Executors`)."""

    def __init__(self, cluster: Cluster, files: ContentStore) -> None:
        self._files, self._jobs = files, Jobs(cluster)
        self._waiting: list[_Wanted] = []
        self._under_way, self._lock = 0, RLock()
        self._packed: tuple[StepSetup, bytes] | None = None
        self.folder: Path = files.root / f"{PARTS}{uuid.uuid4().hex}"

    def begin(self, setup: StepSetup, task: Callable[[], StepTask]) -> Future[Drafted]:
        return self._begin(_Wanted(setup, task))

    def learn(self, setup: StepSetup, task: Callable[[], FactTask]) -> Future[Mapping[int, Any]]:
        return self._begin(_Wanted(setup, task))

    def _begin(self, wanted: _Wanted) -> Future[Any]:
        with self._lock:
            self._waiting.append(wanted)
            if len(self._waiting) >= self._jobs.tasks:
                self.send()
        return wanted.done

    def send(self) -> None:
        with self._lock:
            while self._waiting and self._under_way < AT_ONCE:
                many = self._jobs.tasks
                some, self._waiting = self._waiting[:many], self._waiting[many:]
                self._under_way += 1
                self._jobs.begin(partial(self._run, some))

    def _run(self, some: Sequence[_Wanted]) -> None:
        """One job. What becomes of a task is told to whoever waits for it."""
        try:
            some = [each for each in some if each.done.set_running_or_notify_cancel()]
            self._make(some)
        except BaseException as fault:  # noqa: BLE001  # whoever waits raises it
            for each in some:
                if not each.done.done():
                    each.done.set_exception(fault)
        finally:
            with self._lock:
                self._under_way -= 1
                self.send()

    def _make(self, some: Sequence[_Wanted]) -> None:
        tasks = [each.task() for each in some]
        if not tasks:
            return
        work = partial(run_steps, self._setup_of(some[0].setup), tasks)
        rows = self._jobs.rows(work, len(tasks))
        for number, each in enumerate(some):
            try:
                each.done.set_result(self._result(rows[number], tasks[number]))
            except WhosawError as fault:
                each.done.set_exception(fault)

    def _setup_of(self, setup: StepSetup) -> bytes:
        with self._lock:
            if self._packed is None or self._packed[0] is not setup:
                self._packed = setup, packed(setup)
            return self._packed[1]

    def _result(self, rows: Rows, task: StepTask | FactTask) -> Drafted | Mapping[int, Any]:
        (row,) = rows
        if row["kind"] == "error":
            raise error_of(row)
        if isinstance(task, FactTask):
            return learnt_of(row, task)
        told = drafted_of(row, task)
        check_written(self._files, sorted({each.file for each in told.parts}))
        return told

    def close(self) -> None:
        """End with the cluster, where it is of its own."""
        with self._lock:
            self._waiting.clear()
        self._jobs.close()
        self._files.clear_parts_of(PARTS)


def packed(setup: StepSetup) -> bytes:
    return zlib.compress(pickle.dumps((versions(), setup)))


def run_steps(
    setup: bytes, tasks: Sequence[StepTask | FactTask], batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """For each number in the column `id`, the task of that number: a row (number, what is told of it)."""
    return each_told(batches, lambda number: _told(setup, tasks[number]))


def _told(setup: bytes, task: StepTask | FactTask) -> str:
    def work() -> str:
        with STEP_WORKERS.taken(setup) as worker:
            if isinstance(task, FactTask):
                return line("learnt", {"values": sorted(worker.learnt(task).items())})
            return line("drafted", drafted_told(worker.drafted(task)))

    return masked(work, f"the step {task.step}")


def _worker(setup: bytes) -> StepWorker:
    wanted, told = unpickled(zlib.decompress(setup))
    check_versions(wanted, versions())
    return StepWorker(told)


STEP_WORKERS: Final = Spares(_worker, StepWorker.close)


def drafted_told(drafted: Drafted) -> dict[str, Any]:
    """What was made, in JSON's types: digests, counts and names of files."""
    return {
        "kept": [[day, dict(kept)] for day, kept in drafted.kept.items()],
        "changed": [list(each) for each in drafted.changed],
        "parts": [asdict(each) for each in drafted.parts],
        "same": drafted.same,
        "cut": drafted.cut,
    }


def drafted_of(told: Mapping[str, Any], task: StepTask) -> Drafted:
    """What was told of a task. Days that it was not asked for, or a name of a file that is none, raise `WhosawError`."""
    drafted = Drafted(
        kept=dict(told["kept"]),
        changed=[(kind, day) for kind, day in told["changed"]],
        parts=[Part(**each) for each in told["parts"]],
        same=told["same"],
        cut=told["cut"],
    )
    days = {*drafted.kept, *(day for _, day in drafted.changed), *(each.day for each in drafted.parts)}
    if days != set(task.stale) or not all(_NAME.match(each.file) for each in drafted.parts):
        raise WhosawError(
            "runner.names",
            "an executor told of days that it was not asked for, or of a file whose name is no digest",
        )
    return drafted


def learnt_of(told: Mapping[str, Any], task: FactTask) -> dict[int, Any]:
    """The values of a fact by day. Those of days that it was not asked for raise `WhosawError`."""
    values = dict(told["values"])
    if values.keys() != set(task.days):
        raise WhosawError("runner.names", "an executor told a fact of days that it was not asked for")
    return values
