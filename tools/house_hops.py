"""How far one command of whosaw goes through the house: `python house_hops.py SRC WHAT`, run by tools/house.py on its own, so that
the tree to be measured is the one that is imported.

It makes a small log of 289 lines, runs the command in this process, and counts each call that goes from a function of one module of
whosaw to a function of another, once however often it is made. What lies between the two (the standard library, DuckDB, a generated
`__init__`) is passed over; what runs while a module is imported is not counted. The answer is one JSON object.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import CodeType, FrameType

__all__ = ["COMMANDS", "LINES", "Hops", "traced"]

LINES = 289
_WALK = 49  # the last lines, by which one address reads one customer after another
_MAP = """\
[[route]]
id = "customer"
match = { method = "GET", path = "/customers/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name", "contact.address"]
"""
_CANARY = "person\n7260\n"  # one of them is nobody's number, so the scan has a finding
_CASE = """\
case = "shop"
zone = "Africa/Nairobi"
[organisation]
roles = ["controller"]
established = ["KE"]
[people]
unplaced = "KE"
because = "the shop delivers inside Kenya alone"
[[event]]
kind = "aware"
at = 2026-03-07T17:00:00+03:00
said_by = "the shop"
[[scope]]
file = "scope.json"
"""
_SCOPE = {
    "case": "shop",
    "version": 1,
    "made": "2026-03-07T16:30:00Z",
    "final": None,
    "open": [],
    "counts": [
        {"unit": "accounts", "lower": 49, "upper": 49},
        {"unit": "persons", "lower": 49, "upper": 60},
    ],
    "by": {
        "category": [],
        "jurisdiction": [
            {"name": "KE", "accounts": {"lower": 49, "upper": 49}, "persons": {"lower": 49, "upper": 60}}
        ],
    },
    "categories_held": [{"category": "contact.address", "answer": "seen"}],
}
COMMANDS = {
    "scan": ["scan", "access.log", "--map", "map.toml", "--context", "context"],
    "who": ["who", "5000"],
    "scope new": ["scope", "new", "--case", "shop", "--indicator", "ip=198.51.100.7"],
    "duties": ["duties", "case.toml"],
}


def _log() -> Iterator[str]:
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    for number in range(LINES):
        at += timedelta(seconds=7)
        if number < LINES - _WALK:
            who, where, agent = 5000 + 17 * (number % 60), f"192.0.2.{1 + number % 60}", "Firefox/136.0"
        else:
            who, where, agent = 7000 + number, "198.51.100.7", "okhttp/4.12.0"
        yield f'{where} - - [{at:%d/%b/%Y:%H:%M:%S +0000}] "GET /customers/{who} HTTP/1.1" 200 2310 "-" "{agent}"\n'


_Function = tuple[str, str, int]


def _function(code: CodeType) -> _Function:
    return code.co_filename, code.co_qualname, code.co_firstlineno


class Hops:
    """Told of each call while a command runs. `pairs`: calling and called function, by file, name and line."""

    def __init__(self, home: str) -> None:
        self._home = home
        self.pairs: set[tuple[_Function, _Function]] = set()

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event != "call" or not self._counts(code):
            return
        caller = frame.f_back
        while caller is not None and not caller.f_code.co_filename.startswith(self._home):
            caller = caller.f_back
        if caller is None or not self._counts(caller.f_code):
            return
        if caller.f_code.co_filename == code.co_filename:
            return
        pair = (_function(caller.f_code), _function(code))
        if pair not in self.pairs and not self._imports(caller):
            self.pairs.add(pair)

    def _counts(self, code: CodeType) -> bool:
        """A function of whosaw: the bodies of modules and classes are no functions."""
        return code.co_filename.startswith(self._home) and bool(code.co_flags & inspect.CO_OPTIMIZED)

    def _imports(self, frame: FrameType | None) -> bool:
        while frame is not None:
            if frame.f_code.co_name == "<module>" and frame.f_code.co_filename.startswith(self._home):
                return True
            frame = frame.f_back
        return False

    def modules(self) -> set[str]:
        return {function[0] for pair in self.pairs for function in pair}


def _run(main: Callable[[], None], arguments: list[str]) -> None:
    """The command as a user runs it, and its exit code as an error where it is none."""
    sys.argv = ["whosaw", *arguments]
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            main()
    except SystemExit as end:
        if end.code not in (0, None):
            raise RuntimeError(
                f"whosaw {' '.join(arguments)} ended with {end.code}: {said.getvalue()}"
            ) from end


def traced(home: str, main: Callable[[], None], arguments: list[str]) -> Hops:
    """The hops of one command; `home` is how the names of the files begin that are looked at."""
    hops = Hops(home)
    threading.setprofile(hops)
    sys.setprofile(hops)
    try:
        _run(main, arguments)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return hops


def _measure(source: Path, what: str) -> dict[str, int]:
    from whosaw.cli.main import app

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("access.log").write_text("".join(_log()), encoding="utf-8")
        Path("map.toml").write_text(_MAP, encoding="utf-8")
        Path("context").mkdir()
        Path("context", "canaries.csv").write_text(_CANARY, encoding="utf-8")
        Path("case.toml").write_text(_CASE, encoding="utf-8")
        Path("scope.json").write_text(json.dumps(_SCOPE), encoding="utf-8")
        if what not in ("scan", "duties"):
            _run(app, COMMANDS["scan"])
        hops = traced(f"{source / 'whosaw'}{os.sep}", app, COMMANDS[what])
        os.chdir("/")
    return {"hops": len(hops.pairs), "modules": len(hops.modules())}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure(Path(sys.argv[1]), sys.argv[2])))
