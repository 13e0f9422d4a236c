"""Signals at counted moments: a whosaw counts what it does with files, and sends itself a signal at the one that is asked for.

A moment that is counted is the same part of the work on a slow machine and on a fast one; a moment of the clock is not. The
signal comes a little later than the moment, by chance, so that it meets native code at work, too.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Moment", "begin"]

# what the interpreter tells of files: https://docs.python.org/3/library/audit_events.html
_PROGRAM = """\
import itertools, json, os, random, sys, threading, time
asked = json.loads(sys.argv.pop(1))
counts = {"open", "os.listdir", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.scandir", "os.truncate", "sqlite3.connect"}
counter = itertools.count(1)  # whose next() no other thread and no signal divides
done = 0
over = False
dice = random.Random(asked["number"])
def strike():
    time.sleep(dice.random() * asked["spread"])
    os.kill(os.getpid(), asked["signal"])
def count(event, arguments):
    global done
    if event not in counts or over or not str(arguments[0]).startswith(asked["inside"]):
        return
    done = next(counter)
    if done == asked["number"]:
        if asked["spread"]:
            threading.Thread(target=strike, daemon=True).start()
        else:
            os.kill(os.getpid(), asked["signal"])
sys.addaudithook(count)
from whosaw.cli.start import main
sys.argv[0] = "whosaw"
try:
    main()
finally:
    over = True
    if asked["told"]:
        open(asked["told"], "w").write(str(done))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Where a signal comes: at which of the things done with files, and at most how many seconds after it."""

    signal: signal.Signals
    number: int
    spread: float = 0.0


def begin(
    *arguments: str | Path,
    at: Moment | None = None,
    inside: Path | None = None,
    told: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    """A whosaw that meets its moment. It counts what it does with all files from the first import on, or with those `inside` a
    folder alone; how much, stands in the file `told` if it comes to its end."""
    asked = {
        "signal": at.signal if at else 0,
        "number": at.number if at else -1,
        "spread": at.spread if at else 0.0,
        "inside": str(inside or ""),
        "told": str(told) if told else None,
    }
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, json.dumps(asked), *map(str, arguments)],
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
