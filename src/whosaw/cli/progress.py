"""Progress bars on standard error, where it is a terminal: of reading, and of work that counts its own steps."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from whosaw.app.progress import Progress as Told
from whosaw.app.progress import Silent

from .loudness import is_quiet

__all__ = ["Steps", "bars", "steps"]

_DONE = "✓"

Steps = Callable[[str, int, int], None]  # what is done, how much of it, out of how much


@contextmanager
def bars(*, quiet: bool) -> Iterator[Told]:
    """A progress display; silent when `quiet` is set or nobody watches."""
    if quiet or is_quiet() or not sys.stderr.isatty():
        yield Silent()
        return
    columns = (
        SpinnerColumn(finished_text=_DONE),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TextColumn("{task.fields[lines]:,} lines"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        yield _Bars(shown)


class _Bars:
    """One bar for all contents by their size on disk; packed contents move it when they are done."""

    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self._task: TaskID | None = None
        self._lines = 0
        self._moved = 0

    def begin(self, contents: int, total: int) -> None:
        self._task = self._shown.add_task(f"reading {contents:,} files", total=total or None, lines=0)

    def reading(self, name: str, size: int | None) -> None:  # noqa: ARG002  # the protocol's shape
        self._moved = 0
        if self._task is not None:
            self._shown.update(self._task, description=name if len(name) <= 40 else "…" + name[-39:])

    def advance(self, unpacked: int, lines: int) -> None:
        self._lines += lines
        if self._task is not None:
            self._moved += unpacked
            self._shown.update(self._task, advance=unpacked, lines=self._lines)

    def done(self, size: int | None) -> None:
        if self._task is not None and size is not None:
            self._shown.update(self._task, advance=size - self._moved)

    def stage(self, text: str) -> None:
        """A phase begins, so the one before it is done and gets its tick."""
        for task in self._shown.tasks:
            if not task.finished:
                self._shown.update(task.id, total=task.total or 1, completed=task.total or 1)
        self._shown.add_task(text, total=None, lines=self._lines)


def _quiet(what: str, done: int, total: int) -> None:
    """Nobody looks."""


@contextmanager
def steps(*, quiet: bool) -> Iterator[Steps]:
    """A function that is told (what, done, total), with one bar for each `what`; silent when nobody watches."""
    if quiet or is_quiet() or not sys.stderr.isatty():
        yield _quiet
        return
    columns = (
        SpinnerColumn(finished_text=_DONE),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        tasks: dict[str, TaskID] = {}

        def told(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = shown.add_task(what, total=total or None)
            shown.update(tasks[what], completed=done, total=total or None)

        yield told
