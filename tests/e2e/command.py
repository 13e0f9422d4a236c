"""The installed command, as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.waiting import HANG

__all__ = ["whosaw", "whosaw_json"]

_PROGRAM = Path(sys.executable).parent / "whosaw"


def whosaw(*arguments: str | int | Path) -> str:
    """What it prints; a failure shows what it said."""
    command = [str(_PROGRAM), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG, check=False)
    assert done.returncode == 0, f"{command} ended with {done.returncode}: {done.stderr}"
    return done.stdout


def whosaw_json(*arguments: str | int | Path) -> Any:
    return json.loads(whosaw(*arguments, "--json"))
