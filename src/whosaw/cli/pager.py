"""Long answers on a terminal, page by page: through WHOSAW_PAGER, PAGER or less, where one is there and the answer does not fit."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

__all__ = ["PAGED", "paged", "pager"]

# commands that answer and do nothing else; the others show how far they are
PAGED: Final = frozenset(
    (
        "config",
        "coverage",
        "decisions",
        "explain",
        "finding",
        "findings",
        "formats_list",
        "lookups",
        "rejects",
        "what",
        "who",
    )
)
_LESS: Final = "FRX"  # less: ends by itself where all fits, shows bold, leaves the text on the screen


def pager() -> list[str] | None:
    """The program and its arguments; None where there is none, or none is wanted (`cat`, or empty)."""
    said = os.environ.get("WHOSAW_PAGER", os.environ.get("PAGER", "less"))
    words = shlex.split(said)
    if not words or words == ["cat"] or shutil.which(words[0]) is None:
        return None
    return words


def _plain() -> bool:
    """Whether the terminal says of itself that it shows text alone."""
    return os.environ.get("TERM", "") in ("", "dumb", "unknown")


@contextmanager
def paged(*, wanted: bool) -> Iterator[None]:
    """What is written to standard output meanwhile goes through the pager, where it is a terminal."""
    program = pager() if wanted and sys.stdout.isatty() else None
    if program is None:
        yield
        return
    sys.stdout.flush()
    environment = {"LESS": _LESS, **os.environ}
    shown = subprocess.Popen(program, stdin=subprocess.PIPE, env=environment)  # noqa: S603  # the user's own choice
    assert shown.stdin is not None
    out = os.dup(sys.stdout.fileno())
    os.dup2(shown.stdin.fileno(), sys.stdout.fileno())
    shown.stdin.close()
    # what goes through the pager is for the terminal behind it, as coloured as without a pager
    colours = not any(os.environ.get(name) for name in ("NO_COLOR", "FORCE_COLOR")) and not _plain()
    if colours:
        os.environ["FORCE_COLOR"] = "1"
    try:
        yield
    finally:
        if colours:
            os.environ.pop("FORCE_COLOR", None)
        with suppress(BrokenPipeError):  # whoever left the pager early has read enough
            sys.stdout.flush()
        os.dup2(out, sys.stdout.fileno())
        os.close(out)
        shown.wait()
