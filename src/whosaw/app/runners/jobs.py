"""Jobs of a cluster: tasks are handed out, and what each tells comes back in rows."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Any, Final, TypeVar

import pyarrow as pa

from whosaw.core.errors import WhosawError

from .session import Cluster

__all__ = ["AT_ONCE", "Batches", "Jobs", "Rows"]

AT_ONCE: Final = 2
"""Jobs under way, so that no core waits for the last task of one."""
_TASKS_A_CORE = 2  # of one job
_SCHEMA = "id long, told string"

Rows = list[dict[str, Any]]
Batches = Iterator[pa.RecordBatch]
T = TypeVar("T")


class Jobs:
    """Runs jobs on a cluster, and ends it where it is of its own."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="spark")
        self._begun: list[Future[Any]] = []  # of which some may be under way

    @property
    def tasks(self) -> int:
        """How many one job should have."""
        return _TASKS_A_CORE * self._cluster.cores

    def begin(self, job: Callable[[], T]) -> Future[T]:
        """Have a job run beside others, of which so many are under way at once."""
        self._begun = [each for each in self._begun if not each.done()]
        future = self._pool.submit(job)
        self._begun.append(future)
        return future

    def rows(self, work: Callable[[Batches], Batches], many: int) -> dict[int, Rows]:
        """What `work`, given numbers in the column `id`, tells of each from 0 up to, not including, `many`: one task for each.

        Raises `WhosawError` where Spark gave up.
        """
        frame = self._cluster.session.range(0, many, 1, many).mapInArrow(work, _SCHEMA)
        rows: dict[int, Rows] = {number: [] for number in range(many)}
        try:
            for number, told in frame.collect():
                rows[number].append(json.loads(told))
        except Exception as fault:  # noqa: BLE001  # whatever Spark raises, in its own ways
            raise _failed(fault) from None
        return rows

    def in_order(
        self, work: Callable[[Sequence[T], Batches], Batches], tasks: Iterable[T]
    ) -> Iterator[tuple[T, Mapping[str, Any]]]:
        """Each task, in order, and the one row that `work` tells of it, given some tasks and the numbers of those it is to do. Tasks are asked
        for as their turn comes."""
        waiting, under_way = iter(tasks), deque[tuple[list[T], Future[dict[int, Rows]]]]()
        while True:
            while len(under_way) < AT_ONCE and (some := list(islice(waiting, self.tasks))):
                under_way.append((some, self.begin(partial(self.rows, partial(work, some), len(some)))))
            if not under_way:
                return
            some, job = under_way.popleft()
            for number, told in job.result().items():
                (row,) = told
                yield some[number], row

    def close(self, *, keep: bool = False) -> None:
        """End with the cluster, where it is of its own; `keep` it for others, unless a job is under way."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        if not keep or any(not each.done() for each in self._begun):
            self._cluster.close()  # which ends the jobs under way
        self._pool.shutdown(wait=True)


def _failed(fault: Exception) -> WhosawError:
    """What a person is told of a job that failed, without what Spark quotes of it."""
    text = str(fault)
    if "PYTHON_VERSION_MISMATCH" in text:
        why = "executors have another Python than this machine"
    elif "No module named 'whosaw" in text:
        why = "executors have no whosaw"
    else:
        at = text.find("RuntimeError: whosaw: ")
        why = (
            text[at:].partition("\n")[0].removeprefix("RuntimeError: whosaw: ")
            if at >= 0
            else type(fault).__name__
        )
    return WhosawError(
        "runner.failed",
        f"Spark gave up on a job ({why})",
        hint="What was committed stays; the same command goes on from there. The logs of the executors say more",
    )
