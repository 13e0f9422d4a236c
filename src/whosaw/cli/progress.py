"""Progress on standard error, where it is a terminal: of reading, and of work that counts its own steps."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.filesize import decimal
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TaskID
from rich.text import Text

from whosaw.app.progress import Progress as Told
from whosaw.app.progress import Silent

from .loudness import is_quiet

__all__ = ["Steps", "bars", "steps"]

_DONE: Final = "✓"
_NAME: Final = 16  # columns that a name keeps, whatever else is told
_BAR: Final = 12
_SPINNER: Final = 2

Steps = Callable[[str, int, int], None]  # what is done, how much of it, out of how much


class _Row(ProgressColumn):
    """One line for each task: what is done, a bar where there is room for one, and as much of the numbers as fits, none cut."""

    def __init__(self, console: Console, told: Callable[[Task], Sequence[str]]) -> None:
        super().__init__()
        self._console, self._told = console, told

    def render(self, task: Task) -> Text:
        room = self._console.width - _SPINNER
        told = list(self._told(task))
        while told and room - cell_len(_joined(told)) < _NAME:
            told.pop()
        numbers = _joined(told)
        room -= cell_len(numbers)
        part = None if task.total is None or task.finished else task.completed / max(1, task.total)
        bar = _BAR if part is not None and room >= _NAME + _BAR + 1 else 0
        row = Text(_shortened(task.description, room - (bar + 1 if bar else 0)), no_wrap=True)
        if bar:
            done = round(bar * min(1.0, part or 0.0))
            row.append(" ").append("━" * done, "bar.complete").append("━" * (bar - done), "bar.back")
        return row.append(numbers)


def _joined(told: Sequence[str]) -> str:
    return "".join(f"  {each}" for each in told)


def _shortened(name: str, room: int) -> str:
    """The end of a long name, which tells files apart."""
    return name if cell_len(name) <= room else "…" + name[-(room - 1) :]


def _clock(task: Task) -> Iterator[str]:
    """How long is left, or how long it took."""
    if task.finished or task.total is None:
        took = task.finished_time if task.finished else task.elapsed
        if took is not None and took >= 1:
            yield str(timedelta(seconds=int(took)))
    elif task.time_remaining is not None:
        yield f"{timedelta(seconds=int(task.time_remaining))} left"


@contextmanager
def _shown(told: Callable[[Task], Sequence[str]]) -> Iterator[Progress]:
    console = Console(stderr=True)
    columns = (SpinnerColumn(finished_text=_DONE), _Row(console, told))
    with Progress(*columns, console=console, transient=True) as shown:
        yield shown


@contextmanager
def bars(*, quiet: bool) -> Iterator[Told]:
    """A progress display; silent when `quiet` is set or nobody watches."""
    if quiet or is_quiet() or not sys.stderr.isatty():
        yield Silent()
        return
    with _shown(_of_reading) as shown:
        yield _Bars(shown)


def _of_reading(task: Task) -> list[str]:
    told = []
    if task.fields["of"]:
        told.append(f"{task.fields['at']:,} of {task.fields['of']:,}")
    elif task.total and task.fields["files"]:
        told.append(f"{task.percentage:.0f}% of {decimal(int(task.total))}")
    if task.fields["lines"]:
        told.append(f"{task.fields['lines']:,} lines")
    return [*told, *_clock(task)]


class _Bars:
    """One line for all contents by their size on disk, where that is known, else by their number; one for each phase after that.
    Packed contents move it when they are done."""

    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self._task: TaskID | None = None
        self._contents = 0
        self._begun = 0
        self._lines = 0
        self._moved = 0

    def begin(self, contents: int, total: int) -> None:
        self._contents = contents
        self._task = self._shown.add_task(
            self._every("reading"),
            total=total or contents or None,
            files=True,
            at=0,
            of=0 if total else contents,
            lines=0,
        )

    def _every(self, word: str) -> str:
        return f"{word} {self._contents:,} file{'' if self._contents == 1 else 's'}"

    def reading(self, name: str, size: int | None) -> None:  # noqa: ARG002  # the protocol's shape
        self._moved = 0
        if self._task is not None:
            counted = self._shown.tasks[self._task].fields["of"]
            self._shown.update(
                self._task, description=name, at=self._begun + 1, advance=1 if counted and self._begun else 0
            )
        self._begun += 1

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
        if self._task is not None:
            self._shown.update(self._task, description=self._every("read"))
        self._shown.add_task(text, total=None, files=False, at=0, of=0, lines=0)


def _quiet(what: str, done: int, total: int) -> None:
    """Nobody looks."""


@contextmanager
def steps(*, quiet: bool) -> Iterator[Steps]:
    """A function that is told (what, done, total), with one line for each `what`; silent when nobody watches."""
    if quiet or is_quiet() or not sys.stderr.isatty():
        yield _quiet
        return
    with _shown(_of_steps) as shown:
        tasks: dict[str, TaskID] = {}

        def told(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = shown.add_task(what, total=total or None)
            shown.update(tasks[what], completed=done, total=total or None)

        yield told


def _of_steps(task: Task) -> list[str]:
    return [
        *([] if task.total is None else [f"{task.completed:,.0f} of {task.total:,.0f}"]),
        *_clock(task),
    ]
