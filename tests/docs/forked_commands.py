"""Runs the plain `whosaw ...` commands of a page in forks of one Python that has whosaw's modules already: no import is paid twice.

Everything with a pipe, a variable or another program in it goes through the shell, as it does for a reader.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from tests.forked import WARM, forking
from tools import console

__all__ = ["running"]

_PLAIN = re.compile(r"whosaw [^|&;<>$`\\()*?\[\]{}~#!\n]*")
_PROGRAM = (
    """
import os, sys, time
os.environ.clear()
os.environ.update({around!r})
time.tzset()
"""
    + WARM
    + """
from whosaw.cli import start

def run(arguments, folder, around):
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(around)
    sys.argv = ["whosaw", *arguments]
    code = 0
    try:
        start.main()
    except SystemExit as end:
        code = end.code or 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
"""
)


@contextmanager
def running() -> Iterator[Callable[[str, str, Mapping[str, str]], tuple[int, str] | None]]:
    """What a command ends with and prints, given the folder and the environment; None for one that a shell has to run."""
    with forking(_PROGRAM.format(around=console.environment("/nowhere", in_tree=False))) as process:

        def run(command: str, folder: str, around: Mapping[str, str]) -> tuple[int, str] | None:
            if not _PLAIN.fullmatch(command.strip()):
                return None
            ended = process.run(shlex.split(command)[1:], folder, dict(around))
            return ended.code, ended.shown

        yield run
