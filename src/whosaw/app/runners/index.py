"""Files of the index that executors of Spark make: a group of segments for each task, and what it comes to in files of the store.

All that they read and write are numbers, so that no key is needed: an executor opens none.
"""

from __future__ import annotations

import pickle
import re
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core.errors import WhosawError
from whosaw.store.files import ContentStore
from whosaw.store.handed import hand_over, handed_over
from whosaw.store.index.groups import Group, GroupMaker, LinesOf, SegmentLines, lines_in, lines_table
from whosaw.store.numbers.segments import NumbersFiles
from whosaw.store.workspace import Workspace

from .jobs import Batches, Jobs
from .session import Cluster
from .spares import Spares
from .task import PARTS
from .told import each_told, error_of, line, masked
from .versions import check_versions, unpickled, versions
from .written import check_written

__all__ = ["INDEX_WORKERS", "IndexExecutors", "IndexSetup", "IndexTask", "open_index", "run_index"]

LEAST_ROWS: Final = 1 << 17
"""Segments that have fewer events are gone through here: to hand them out would take longer."""
_DIGEST: Final = re.compile(r"[0-9a-f]{64}\Z")
Routes = Mapping[str, npt.NDArray[np.int16]]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSetup:
    """What all tasks share. `routes` are by map the number of the page at each place of it."""

    root: Path
    routes: Routes


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexTask:
    """A group, and the file with the lines of it that are told apart, where there are any."""

    group: Group
    lines: Path | None


def open_index(cluster: Cluster, workspace: Workspace) -> IndexExecutors | None:
    """Executors of a cluster for the index of a workspace; None for the threads of this process."""
    return None if cluster.session is None else IndexExecutors(cluster, workspace)


class IndexExecutors:
    """Executors of a cluster (`store.index.groups.GroupHands`), in jobs of a few tasks each."""

    def __init__(self, cluster: Cluster, workspace: Workspace) -> None:
        self._files, self._root = workspace.files, workspace.root.resolve()
        self._jobs = Jobs(cluster)
        self._folder = self._files.root / f"{PARTS}{uuid.uuid4().hex}"

    def take(self, rows: int) -> bool:
        return rows >= LEAST_ROWS

    def made(self, groups: Iterable[Group], lines: LinesOf, routes: Routes) -> Iterator[Mapping[str, str]]:
        setup = packed(IndexSetup(root=self._root, routes=routes))
        tasks = (IndexTask(group=each, lines=self._in_file(lines_table(each, lines))) for each in groups)
        for task, row in self._jobs.in_order(partial(run_index, setup), tasks):
            yield self._checked(row, task.group)

    def _in_file(self, lines: pa.Table) -> Path | None:
        return hand_over(self._folder, lines) if lines.num_rows else None

    def _checked(self, row: Mapping[str, Any], group: Group) -> Mapping[str, str]:
        if row["kind"] == "error":
            raise error_of(row)
        names = names_of(row, group)
        check_written(self._files, names.values())
        return names

    def close(self) -> None:
        """Leave the cluster to those who make days, unless executors are still at work: then it ends, where it is of its own."""
        self._jobs.close(keep=True)
        self._files.clear_parts_of(PARTS)


def names_of(row: Mapping[str, Any], group: Group) -> dict[str, str]:
    """By kind the file that was told of a group. A kind that it was not asked for, or a name of a file that is none, raises `WhosawError`."""
    names: dict[str, str] = {}
    for kind, name in row["files"].items():
        digest, _, ends = name.partition(".")
        if kind not in group.kinds or ends != kind or not _DIGEST.match(digest):
            raise WhosawError(
                "runner.names",
                "an executor told of a file that it was not asked for, or whose name is no digest",
            )
        names[kind] = name
    return names


def packed(setup: IndexSetup) -> bytes:
    return zlib.compress(pickle.dumps((versions(), setup)))


def run_index(setup: bytes, tasks: Sequence[IndexTask], batches: Batches) -> Batches:
    """For each number in the column `id`, the task of that number: a row (number, what is told of it)."""
    return each_told(batches, lambda number: _told(setup, tasks[number]))


def _told(setup: bytes, task: IndexTask) -> str:
    def work() -> str:
        with INDEX_WORKERS.taken(setup) as worker:
            return line("files", {"files": worker.files(task)})

    return masked(work, "the index")


def _no_lines(_: int) -> SegmentLines:
    return SegmentLines(repeated=np.zeros(0, np.int64))


class _Worker:
    """Makes the files of groups. It is used by one task at a time."""

    def __init__(self, setup: IndexSetup) -> None:
        pa.set_cpu_count(1)  # a task has one core
        self._files = ContentStore.of(setup.root, parts=f"{PARTS}{uuid.uuid4().hex}")
        self._maker = GroupMaker(self._files, NumbersFiles(self._files), setup.routes)

    def files(self, task: IndexTask) -> dict[str, str]:
        """By kind the name of the file that the task comes to; none where it has no rows."""
        lines = _no_lines if task.lines is None else lines_in(handed_over(task.lines))
        try:
            rows = self._maker.rows(task.group, lines)
        except WhosawError:
            raise
        except Exception:
            for name in sorted(task.group.files):
                with self._files.mapped(name):  # one that is damaged is told of by its name
                    pass
            raise
        made = {
            kind: self._files.put_batches(kind, table.schema, table.to_batches())
            for kind, table in rows.items()
        }
        return {kind: name for kind, name in made.items() if name is not None}


def _worker(setup: bytes) -> _Worker:
    wanted, told = unpickled(zlib.decompress(setup))
    check_versions(wanted, versions())
    return _Worker(told)


INDEX_WORKERS: Final = Spares(_worker, lambda _: None)
