"""Replays of the national breach at some scale, made and scanned for a measurement, each in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.measure import Run, run

__all__ = ["made_and_scanned", "make_replay"]

WHOSAW = str(Path(sys.executable).parent / "whosaw")


def make_replay(
    folder: Path, scale: float, *, text: bool = False, more: Sequence[str] = ()
) -> tuple[dict[str, float], str]:
    """Make the replay of `scale` in `folder`; returns the seconds and processor seconds it took, and what was made, as JSON."""
    command = [
        WHOSAW,
        "replay",
        "make",
        str(folder),
        "--like",
        "coupang",
        "--scale",
        str(scale),
        *more,
        "--json",
    ]
    before = os.times()
    done = run([*command, *([] if text else ["--events"])], watch=False)
    after = os.times()
    processor = after.children_user - before.children_user + after.children_system - before.children_system
    return {"making_seconds": done.seconds, "making_cpu_seconds": processor}, done.output


def made_and_scanned(
    folder: Path,
    scale: float,
    *,
    text: bool = False,
    large: bool = False,
    keep: bool = False,
    more: Sequence[str] = (),
) -> tuple[dict[str, float], Run, dict[str, Any]]:
    """Make one replay, scan it, count, and remove both again: what making took, the run, and what it told.

    With `large`, the engine gets twice the memory and the logs are removed as soon as they are read. With `keep`, the ledger
    stays in `folder`/workspace. `more` are further arguments of `whosaw replay make`.
    """
    replay, root = folder / "replay", folder / "workspace"
    for each in (replay, root):
        shutil.rmtree(each, ignore_errors=True)
    making, made = make_replay(replay, scale, text=text, more=more)
    (replay / "made.json").write_text(made, encoding="utf-8")
    memory = ["--memory", "8", "--once"] if large else []
    done = run([sys.executable, "-m", "bench.national_run", str(replay / "made.json"), str(root), *memory])
    for each in (replay,) if keep else (replay, root):
        shutil.rmtree(each, ignore_errors=True)
    return making, done, json.loads(done.output.splitlines()[-1])
