"""Ctrl-C: which exit code it gives, whether one has come, and that none is lost."""

from __future__ import annotations

import _thread
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer, current_thread, main_thread
from types import FrameType

__all__ = ["EXIT_INTERRUPTED", "interrupts", "leave_at_once", "seen"]

EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells count it
seen: list[int] = []  # the signals that stopped a command of this process
_AGAIN = 0.5  # seconds until it is looked whether a KeyboardInterrupt got through


def leave_at_once(_number: int, _frame: FrameType | None) -> None:
    """End the process where nothing has begun yet, or all is done."""
    os.write(2, b"whosaw: stopped\n")
    os._exit(EXIT_INTERRUPTED)


@contextmanager
def interrupts() -> Iterator[list[int]]:
    """Every Ctrl-C as it comes. A library may turn the KeyboardInterrupt into an error of its own, and native code that is being
    imported may drop it: it is raised anew until it gets through."""
    before = signal.getsignal(signal.SIGINT)
    if current_thread() is not main_thread() or before not in (signal.default_int_handler, leave_at_once):
        yield []
        return
    seen.clear()
    timers: list[Timer] = []
    looking = False

    def look() -> None:
        nonlocal looking
        looking = True
        _thread.interrupt_main()

    def note(number: int, _: FrameType | None) -> None:
        nonlocal looking
        looks, looking = looking, False
        if not looks:
            seen.append(number)
        for each in timers:
            each.cancel()
        timers[:] = [Timer(_AGAIN, look)]
        timers[0].daemon = True
        timers[0].start()
        if not (looks and _on_its_way(sys.exception())):
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, note)
    try:
        yield seen
    finally:
        for each in timers:
            each.cancel()
        signal.signal(signal.SIGINT, before if not seen or before is not leave_at_once else signal.SIG_IGN)


def _on_its_way(handled: BaseException | None) -> bool:
    """Whether what is being handled, such as by a `finally`, is a KeyboardInterrupt or came of one."""
    while handled is not None:
        if isinstance(handled, KeyboardInterrupt):
            return True
        handled = handled.__cause__ or handled.__context__
    return False
