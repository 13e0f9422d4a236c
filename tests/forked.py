"""A Python that has its modules already and forks for each run: what is killed is a process of its own, and no import is paid twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["KILLING", "WARM", "Ended", "Forking", "forking"]

_LOOP = """
import json as _json, os as _os, sys as _sys, tempfile as _tempfile, traceback as _traceback
for _line in _sys.stdin:
    with _tempfile.TemporaryFile("w+") as _told:
        _child = _os.fork()
        if not _child:
            _os.dup2(_told.fileno(), 1)
            _os.dup2(_told.fileno(), 2)
            try:
                run(*_json.loads(_line))
            except BaseException:
                _traceback.print_exc()
                _sys.stderr.flush()
                _os._exit(1)
            _sys.stdout.flush()
            _os._exit(0)
        _, _status = _os.waitpid(_child, 0)
        _told.seek(0)
        print(_json.dumps([_os.waitstatus_to_exitcode(_status), _told.read()]), flush=True)
"""

KILLING = """
import inspect as _inspect, os as _os, signal as _signal

class Killing:
    # kills its own process at the so manyth step: right before or right after one of the calls that it is set around
    def __init__(self, kill_at):
        self.kill_at, self.steps = kill_at, 0

    def step(self):
        self.steps += 1
        if self.steps == self.kill_at:
            _os.kill(_os.getpid(), _signal.SIGKILL)

    def around(self, owner, *names):
        for name in names:
            setattr(owner, name, self._told(getattr(owner, name)))

    def _told(self, real):
        def told(*args, **kwargs):
            self.step()
            result = real(*args, **kwargs)
            self.step()
            return result

        async def awaited(*args, **kwargs):
            self.step()
            result = await real(*args, **kwargs)
            self.step()
            return result

        return awaited if _inspect.iscoroutinefunction(real) else told
"""
"""For the front of a program: `Killing(kill_at)` with `around(owner, *names)`, and `steps` that were counted."""

WARM = """
import functools as _functools, importlib as _importlib, pkgutil as _pkgutil, rich.markdown, typer.main, typer.rich_utils, whosaw
for _each in _pkgutil.walk_packages(whosaw.__path__, "whosaw."):
    if _each.name.split(".")[1] not in ("__main__", "web", "notebook"):  # what serves or is imported by itself
        _importlib.import_module(_each.name)
import whosaw.app.findings.detection as _detection, whosaw.app.settings as _settings, whosaw.cli.main as _main, whosaw.law as _law
_detection.load_detection(), _settings._shipped(), _law.load_law()
typer.main.get_command = _functools.cache(typer.main.get_command)
typer.main.get_command(_main.app)
"""
"""For the front of a program whose runs are commands: every module that one may load, the shipped items that most of them read, and the
command line put together. None of it starts a thread or looks at the folder or the environment of a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run ended: its exit code, less than nothing for a signal, and what it printed."""

    code: int
    shown: str


@dataclass(frozen=True, slots=True)
class Forking:
    """The process that forks."""

    process: subprocess.Popen[str]

    def run(self, *arguments: object) -> Ended:
        """`run` of the program with these arguments (values of JSON), in a process of its own."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        print(json.dumps(arguments), file=stdin, flush=True)
        code, shown = json.loads(stdout.readline())
        return Ended(code=code, shown=shown)


@contextmanager
def forking(program: str, *, by: Sequence[str] = ()) -> Iterator[Forking]:
    """Begin one with a program, which imports what it needs, starts no thread and defines `run`; `by` is what starts the Python."""
    with subprocess.Popen(
        [*by, sys.executable, "-c", program + _LOOP], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Forking(process)
