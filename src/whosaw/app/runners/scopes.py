"""Scopes that executors of Spark go through the views for: a part of the views for each task, and what it comes to in a file.

Views hold numbers, so that no key is needed: an executor opens none.
"""

from __future__ import annotations

import os
import pickle
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from whosaw.app.view_parts.cut import ViewPart, others_in_files, read_rows, views_of, write_rows
from whosaw.core.errors import WhosawError
from whosaw.scope.hands import OfRows, OfViews
from whosaw.store.files import ContentStore
from whosaw.store.handed import check_handed, hand_over, handed_over
from whosaw.store.spool import Spool

from .jobs import Jobs
from .session import Cluster
from .spares import Spares
from .told import each_told, error_of, line, masked
from .versions import check_versions, unpickled, versions

__all__ = ["SCOPE_WORKERS", "ScopeHands", "ScopeTask", "run_scope"]

_NAME: Final = re.compile(r"[0-9a-f]{64}\.(?:arrow|parquet)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeSetup:
    """What all tasks of one kind of work share. `given` are files with what the `work` lacks, by name; `folder` is where files are
    written that go with whoever asked."""

    root: Path
    folder: Path
    work: Any
    given: Mapping[str, Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeTask:
    """A part of the views, whose rows of the scope are to be kept or not; or a file of rows."""

    part: ViewPart | None = None
    keep: bool = False
    rows: str = ""


class ScopeHands:
    """Executors of a cluster (`scope.hands.Hands`), in jobs of a few tasks each."""

    def __init__(self, cluster: Cluster, root: Path, parts: Sequence[ViewPart], spool: Spool) -> None:
        self._jobs, self._spool, self._parts, self._root = Jobs(cluster), spool, parts, root.resolve()
        self._rows: Sequence[Path] = ()

    @property
    def _folder(self) -> Path:
        return self._spool.folder.resolve()

    def of_views(self, work: OfViews) -> Iterator[pa.Table]:
        tasks = [ScopeTask(part=each) for each in self._parts]
        return (handed_over(path) for path in self._made(_of_arrays(work, self._folder), tasks))

    def keep(self, work: OfViews | None, others: Iterator[pa.RecordBatch]) -> Sequence[Path]:
        tasks = [ScopeTask(part=each, keep=True) for each in (() if work is None else self._parts)]
        made = list[Path]() if work is None else list(self._made(_of_arrays(work, self._folder), tasks))
        for path in made:
            check_handed(path)
        self._rows = [*made, *others_in_files(self._folder, others)]
        return self._rows

    def of_rows(self, work: OfRows) -> Iterator[Mapping[str, pa.Table]]:
        tasks = [ScopeTask(rows=each.name) for each in self._rows]
        return (_unpacked(handed_over(path)) for path in self._made(_of_tables(work, self._folder), tasks))

    def _made(self, given: tuple[Any, Mapping[str, Path]], tasks: Sequence[ScopeTask]) -> Iterator[Path]:
        """The files that tasks wrote, in order."""
        work, files = given
        setup = packed(ScopeSetup(root=self._root, folder=self._folder, work=work, given=files))
        for _, row in self._jobs.in_order(partial(run_scope, setup), tasks):
            # a folder that was looked at anew shows what another machine put there
            os.listdir(self._folder)
            yield self._file(row)

    def _file(self, row: Mapping[str, Any]) -> Path:
        if row["kind"] == "error":
            raise error_of(row)
        if not _NAME.match(row["file"]):
            raise WhosawError("runner.names", "an executor told of a file whose name is no digest")
        return self._folder / str(row["file"])

    def close(self) -> None:
        """End with the cluster, where it is of its own, and remove the files."""
        self._jobs.close()
        self._spool.close()


def _of_arrays(work: OfViews, folder: Path) -> tuple[Any, Mapping[str, Path]]:
    """Work without its arrays, and the file that has them."""
    # one byte for each flag: what is mapped need not be unpacked
    columns = {
        name: pa.array(each.view(np.uint8) if each.dtype == np.bool_ else each)
        for name, each in work.arrays.items()
    }
    bare: Any = work
    return replace(bare, **dict.fromkeys(columns)), {"": hand_over(folder, pa.table(columns))}


def _of_tables(work: OfRows, folder: Path) -> tuple[Any, Mapping[str, Path]]:
    """Work without its tables, and files that have them."""
    files = {name: hand_over(folder, each) for name, each in work.tables.items()}
    bare: Any = work
    return replace(bare, **dict.fromkeys(files)), files


def packed(setup: ScopeSetup) -> bytes:
    return zlib.compress(pickle.dumps((versions(), setup)))


def run_scope(
    setup: bytes, tasks: Sequence[ScopeTask], batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """For each number in the column `id`, the task of that number: a row (number, what is told of it)."""
    return each_told(batches, lambda number: _told(setup, tasks[number]))


def _told(setup: bytes, task: ScopeTask) -> str:
    def work() -> str:
        with SCOPE_WORKERS.taken(setup) as worker:
            return line("file", {"file": worker.file(task).name})

    return masked(work, "a scope")


class _Worker:
    """Goes through parts for one kind of work. It is used by one task at a time."""

    def __init__(self, setup: ScopeSetup) -> None:
        pa.set_cpu_count(1)  # a task has one core
        self._files, self._folder = ContentStore.of(setup.root), setup.folder
        given: dict[str, Any] = {}
        for name, path in setup.given.items():
            rows = handed_over(path)
            given |= {name: rows} if name else _arrays(rows)
        self._work = replace(setup.work, **given)

    def file(self, task: ScopeTask) -> Path:
        """The file that the task comes to."""
        if task.part is None:
            path = self._folder / task.rows
            check_handed(path)
            return hand_over(self._folder, _packed(self._work.told(read_rows(path))))
        try:
            made = self._work.of(views_of(self._files, task.part, self._work))
            if task.keep:
                return write_rows(self._folder, made)
            return hand_over(self._folder, pa.Table.from_batches(list(made)))
        except WhosawError:
            raise
        except Exception:
            with self._files.mapped(task.part.file):  # one that is damaged is told of by its name
                pass
            raise


def _arrays(rows: pa.Table) -> dict[str, Any]:
    found = {name: rows[name].combine_chunks().to_numpy() for name in rows.column_names}
    return {name: each.view(np.bool_) if name == "held" else each for name, each in found.items()}


def _packed(told: Mapping[str, pa.Table]) -> pa.Table:
    """Tables as one."""
    rows = []
    for name, table in told.items():
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        rows.append({"name": name, "rows": sink.getvalue().to_pybytes()})
    return pa.Table.from_pylist(rows, schema=pa.schema([("name", pa.string()), ("rows", pa.large_binary())]))


def _unpacked(rows: pa.Table) -> Mapping[str, pa.Table]:
    return {
        name.as_py(): pa.ipc.open_stream(each.as_buffer()).read_all()
        for name, each in zip(rows["name"], rows["rows"], strict=True)
    }


def _worker(setup: bytes) -> _Worker:
    wanted, told = unpickled(zlib.decompress(setup))
    check_versions(wanted, versions())
    return _Worker(told)


SCOPE_WORKERS: Final = Spares(_worker, lambda _: None)
