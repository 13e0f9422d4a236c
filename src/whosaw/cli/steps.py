"""A progress bar for work that counts its own steps."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

__all__ = ["Told", "steps"]

Told = Callable[[str, int, int], None]


def _quiet(what: str, done: int, total: int) -> None:
    """Nobody looks."""


@contextmanager
def steps(*, quiet: bool) -> Iterator[Told]:
    """A function that is told (what, done, total), with one bar for each `what`; silent when nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield _quiet
        return
    columns = (
        SpinnerColumn(),
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
