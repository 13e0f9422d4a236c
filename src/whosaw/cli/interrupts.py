"""Ctrl-C: which exit code it gives, and whether one has come."""

from __future__ import annotations

import os
from types import FrameType

__all__ = ["EXIT_INTERRUPTED", "leave_at_once", "seen"]

EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells count it
seen: list[int] = []  # the signals that stopped a command of this process


def leave_at_once(_number: int, _frame: FrameType | None) -> None:
    """End the process where nothing has begun yet, or all is done."""
    os.write(2, b"whosaw: stopped\n")
    os._exit(EXIT_INTERRUPTED)
