"""Waiting for what another process or thread does: by its condition, and with a limit that only a hang reaches.

A test that waits says what for. How long it takes is not judged: a machine may be slow, or busy with other work.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from typing import Any

__all__ = ["HANG", "wait_until"]

HANG = 600.0  # seconds after which nobody believes any more that it still comes
_STEP = 0.02


def wait_until(
    happened: Callable[[], bool],
    *,
    what: str = "what was waited for",
    of: subprocess.Popen[Any] | None = None,
) -> None:
    """Return once `happened` says so. A process `of` which it is expected fails the wait as soon as it has ended without."""
    until = time.monotonic() + HANG
    while not happened():
        ended = of is not None and of.poll() is not None
        if ended and not happened():
            raise AssertionError(f"{what} did not happen: {of.args!r} ended with {of.returncode}")  # type: ignore[union-attr]  # it ended
        assert time.monotonic() < until, f"{what} did not happen within {HANG:g} seconds: it hangs"
        time.sleep(_STEP)
