"""What every command shares: the workspace, JSON or text, errors as one clear line, exit codes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from threading import current_thread, main_thread
from typing import Annotated, Any, ParamSpec, TypeVar

import typer

from .door import by_terminal
from .from_project import FromProject, with_project
from .interrupts import EXIT_INTERRUPTED, interrupts
from .loudness import is_quiet, is_verbose, where_to_read
from .pager import PAGED, paged
from .surroundings import DEFAULT_WORKSPACE, WORKSPACE, now, secret

__all__ = [
    "EXIT_CANNOT_TELL",
    "EXIT_DONE",
    "EXIT_FAILED",
    "EXIT_FOUND",
    "EXIT_INTERRUPTED",
    "WORKSPACE",
    "JsonFlag",
    "KeyFile",
    "Reason",
    "Reveal",
    "WorkspaceDir",
    "fail_clearly",
    "now",
    "print_json",
    "secret",
]

EXIT_DONE, EXIT_FOUND, EXIT_FAILED, EXIT_CANNOT_TELL = 0, 1, 2, 3
_STOPPED = "stopped"
_GOES_ON = frozenset(("scan", "watch", "demo"))  # commands that read logs
_KEPT = "; what was read so far is kept. Run the same command again to go on"
_INTERNAL = "internal error ({}); please report it with the output of WHOSAW_TRACEBACK=1"
P = ParamSpec("P")  # Python 3.11 has no other spelling
R = TypeVar("R")

WorkspaceDir = Annotated[
    Path,
    typer.Option(
        "--workspace",
        "-w",
        envvar="WHOSAW_WORKSPACE",
        help="Folder that holds the ledger.",
        show_default=f"that of whosaw.toml, or ./{DEFAULT_WORKSPACE}",
    ),
    FromProject("workspace"),
]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        envvar="WHOSAW_KEY_FILE",
        help="File with the vault key, where it is not in the workspace.",
    ),
]
Reveal = Annotated[
    bool, typer.Option("--reveal", help="Show raw identifiers. Each look goes into the custody journal.")
]
Reason = Annotated[
    str, typer.Option("--reason", help="Why identifiers are revealed; kept in the custody journal.")
]


def print_json(document: Any, *, custody: bool = True) -> None:
    """One JSON document and a newline on standard output. It says what was journalled, and of a journal that does not hold, why;
    without `custody` it is the stored document and nothing else."""
    from whosaw.core.canonical_json import pretty_json
    from whosaw.core.document import object_of

    from .custody_heard import as_field

    field = as_field() if custody else None
    whole = document
    if field is not None and isinstance(document, dict):
        whole = {**document, "custody": object_of(field)}
    sys.stdout.write(pretty_json(whole) + "\n")


def fail_clearly(command: Callable[P, R]) -> Callable[P, R]:
    """Turn errors into one clear text on standard error and exit code 2. Nothing else leaves a command."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        from whosaw.core.errors import WhosawError

        from .custody_heard import listening

        json = bool(kwargs.get("json"))
        with interrupts() as interrupted, listening(_say, quiet=json or is_quiet()):
            try:
                with (
                    with_project(command, kwargs) as filled,
                    by_terminal(str(kwargs.get("reason") or "")),
                    paged(wanted=command.__name__ in PAGED and not json),
                ):
                    answer = command(*args, **filled)
                sys.stdout.flush()  # here, where a reader that went away can still be answered
            except WhosawError as fault:
                if interrupted:
                    raise _stopped(command.__name__) from fault
                _say(str(fault))
                if page := where_to_read(fault.code):
                    _say(f"more: {page}")
                raise typer.Exit(EXIT_FAILED) from fault
            except KeyboardInterrupt as fault:
                raise _stopped(command.__name__) from fault
            except BrokenPipeError as fault:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise typer.Exit(EXIT_DONE) from fault
            except MemoryError as fault:
                _say(
                    "out of memory; nothing is half written. Run it again with fewer other programs beside it"
                )
                raise typer.Exit(EXIT_FAILED) from fault
            except (typer.Exit, typer.Abort):
                raise
            except Exception as fault:
                if interrupted:
                    raise _stopped(command.__name__) from fault
                # The outer edge: a fault of whosaw itself, said as such. The traceback is for those who ask for it.
                if is_verbose():
                    raise
                _say(_INTERNAL.format(type(fault).__name__))
                raise typer.Exit(EXIT_FAILED) from fault
            else:
                return answer

    return wrapped


def _stopped(command: str) -> typer.Exit:
    """Say that Ctrl-C ended the command, and what that means; from now on another one changes nothing."""
    if current_thread() is main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    _say(_STOPPED + (_KEPT if command in _GOES_ON else ""))
    return typer.Exit(EXIT_INTERRUPTED)


def _say(text: str) -> None:
    from .complaints import complain

    complain(text)
