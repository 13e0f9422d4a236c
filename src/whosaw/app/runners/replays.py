"""Replays made by executors: shares of some days each, which write into the folder of the replay and tell what they wrote."""

from __future__ import annotations

import pickle
import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

import pyarrow as pa

from whosaw.core.errors import WhosawError
from whosaw.replay.shares import Maker, Plan, Share

from .jobs import AT_ONCE, Jobs, Rows
from .session import LOCAL, check_runner, open_cluster
from .spares import Spares
from .told import error_of, error_told, line
from .versions import check_versions, unpickled, versions

__all__ = ["ExecutorHands", "make_shares"]


class ExecutorHands:
    """Has shares made by the executors of a cluster, which is looked for when the first is."""

    def __init__(self, runner: str) -> None:
        self._runner = check_runner(runner)
        self._jobs: Jobs | None = None

    @staticmethod
    def of(runner: str) -> ExecutorHands | None:
        """The hands of a runner; None for the threads of this process. Raises `WhosawError` where there is none of that name."""
        return None if check_runner(runner) == LOCAL else ExecutorHands(runner)

    @property
    def _open(self) -> Jobs:
        if self._jobs is None:
            self._jobs = Jobs(open_cluster(self._runner))
        return self._jobs

    @property
    def many(self) -> int:
        return self._open.tasks

    def make(self, plan: Plan, shares: Sequence[Share]) -> Iterator[Mapping[str, Any]]:
        """What was told of each, in order. Raises what making them here would have raised."""
        setup, jobs, waiting = _packed(plan), self._open, deque(shares)
        under_way: deque[Future[dict[int, Rows]]] = deque()
        while waiting or under_way:
            while waiting and len(under_way) < AT_ONCE:
                some = [waiting.popleft() for _ in range(min(len(waiting), jobs.tasks))]
                work = partial(make_shares, setup, some)
                under_way.append(jobs.begin(partial(jobs.rows, work, len(some))))
            for (row,) in under_way.popleft().result().values():
                if row["kind"] == "error":
                    raise error_of(row)
                yield row

    def close(self) -> None:
        if self._jobs is not None:
            self._jobs.close()


def _packed(plan: Plan) -> bytes:
    return zlib.compress(pickle.dumps((_versions(), plan)))


def _versions() -> dict[str, str]:
    """Packed logs are bytes of zlib, of which there is more than one."""
    return {**versions(), "zlib": zlib.ZLIB_RUNTIME_VERSION}


def make_shares(
    setup: bytes, shares: Sequence[Share], batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """For each number in the column `id`, the share of that number: a row (number, what is told of it)."""
    for batch in batches:
        for number in batch.column("id").to_pylist():
            try:
                with _MAKERS.taken(setup) as maker:
                    told = line("share", maker.told(shares[number]))
            except WhosawError as fault:
                told = line("error", error_told(fault))
            yield pa.RecordBatch.from_pydict(
                {"id": pa.array([number], pa.int64()), "told": pa.array([told], pa.string())}
            )


def _maker(setup: bytes) -> Maker:
    """A maker for a replay, with its customers drawn."""
    wanted, plan = unpickled(zlib.decompress(setup))
    check_versions(wanted, _versions())
    pa.set_cpu_count(1)  # a task has one core
    return Maker(plan)


_MAKERS = Spares(_maker, lambda _: None)
