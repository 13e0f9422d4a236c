"""Runs a toy ledger again and again, each time killed at another moment: `python -m tests.build.killed_toy FOLDER EVERY`, with EVERY 1
for all moments there are.

A moment is one of the things done with files of the ledger, as the interpreter tells of them, so that it is the same part of the
work on every machine; the kill comes by chance a little later, so that it meets native code, too. Each child is a fork of this
process, which has loaded everything and begun nothing.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from tests.build import toys
from tests.build.toys import HOUR, Toy

from whosaw.store.journal import tables

COUNTED = {"open", "os.mkdir", "os.remove", "os.rename", "sqlite3.connect"}
BEGUN = {20510: [(1, 12 * HOUR), (2, 7)], 20511: [(1, 9)], 20513: [(2, 9)]}
FIRST = {
    **BEGUN,
    20510: [(1, 12 * HOUR), (3, 7)],
    20512: [(1, 1), (2, 2)],
}  # what is being done when the kill comes
THEN = {**FIRST, 20513: [(2, 10), (4, 11)], 20514: [(4, 4)]}


def _run(root: Path, seen: Any) -> None:
    toy = Toy(root)
    toy.run(seen, threads=2)
    toy.close()


def _child(root: Path, number: int) -> int:
    """Run until the moment comes, if it does; returns how many moments there were, or 0 where it was killed."""
    told, say = os.pipe()
    child = os.fork()
    if child == 0:
        counter, dice = itertools.count(1), random.Random(number)
        done = [0]

        def strike() -> None:
            threading.Event().wait(dice.random() * 0.003)
            os.kill(os.getpid(), signal.SIGKILL)

        def count(event: str, arguments: Any) -> None:
            if event in COUNTED and str(arguments[0]).startswith((str(root), f"file:{root}")):
                done[0] = next(counter)
                if done[0] == number:
                    threading.Thread(target=strike, daemon=True).start()

        sys.addaudithook(count)
        _run(root, FIRST)
        os.write(say, str(done[0]).encode())
        os._exit(0)
    os.close(say)
    os.waitpid(child, 0)
    with os.fdopen(told) as answer:
        return int(answer.read() or 0)


def _state(root: Path) -> Any:
    toy = Toy(root)
    parts = [[each.kind, each.day, each.range, each.file, each.first, each.digest] for each in toy.parts()]
    rounds = toy.workspace.journal.rows(tables.rounds.select().order_by(tables.rounds.c.id))
    toy.close()
    return {
        "parts": parts,
        "rounds": [row["id"] for row in rounds],
        "open": [row["id"] for row in rounds if row["ended"] is None],
    }


def _told(parts: Any, *, files: bool) -> Any:
    return parts if files else [(kind, day, range_, digest) for kind, day, range_, _, _, digest in parts]


def _forked(work: Any) -> Any:
    """What `work` returns, made in a child, so that this process begins no thread."""
    told, say = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(say, json.dumps(work()).encode())
        os._exit(0)
    os.close(say)
    with os.fdopen(told) as answer:
        found = json.loads(answer.read())
    os.waitpid(child, 0)
    return found


def main(folder: Path, every: int) -> None:
    toys.in_haste(setattr)
    begun, whole = folder / "begun", folder / "whole"
    _forked(lambda: _run(begun, BEGUN))
    shutil.copytree(begun, whole)
    _forked(lambda: _run(whole, FIRST))
    _forked(lambda: _run(whole, THEN))
    wanted = _forked(lambda: _state(whole))
    killed, found = 0, []
    for number in itertools.count(1, every):
        root = folder / f"killed-{number}"
        shutil.copytree(begun, root)
        reached = _child(root, number)
        killed += not reached
        left = _forked(lambda root=root: _state(root))["open"]
        _forked(lambda root=root: _run(root, THEN))
        state = _forked(lambda root=root: _state(root))
        # where the kill came before the round was written down, all is done in one round, and stands in other files
        begun_at = bool(left) or state["rounds"] == wanted["rounds"]
        same = [_told(each["parts"], files=begun_at) for each in (state, wanted)]
        found.append({"moment": number, "begun": begun_at, "same": same[0] == same[1], "open": state["open"]})
        shutil.rmtree(root)
        if reached and reached < number:
            break
    sys.stdout.write(json.dumps({"killed": killed, "runs": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
