"""Where the `whosaw` command begins and ends: Ctrl-C is answered from the first import on, and no thread outlives the end."""

from __future__ import annotations

import os
import signal
import sys
import threading

from whosaw.core.pandas_out import keep_pandas_out

from .interrupts import EXIT_INTERRUPTED, leave_at_once, seen

__all__ = ["main"]


def main() -> None:
    """Entry point of the `whosaw` command."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(
            signal.SIGINT, leave_at_once
        )  # until a command answers by itself there is nothing to clean up
    keep_pandas_out()
    code: str | int | None = 0
    try:
        from .colours import settle_colours

        settle_colours(os.environ)
        from .main import run

        completes = any(name.endswith("_COMPLETE") for name in os.environ)
        run(None if completes else sys.argv[1:])
    except SystemExit as end:
        code = end.code
    _leave(EXIT_INTERRUPTED if seen else code)


def _leave(code: str | int | None) -> None:
    """End the process. Where a thread is still at work, the interpreter is not taken down around it: a thread that comes back
    from native code then is killed inside it, which ends the process with SIGABRT."""
    if signal.getsignal(signal.SIGINT) is not None:
        signal.signal(
            signal.SIGINT, signal.SIG_IGN
        )  # all is done; Ctrl-C while the interpreter goes down changes nothing
    others = [each for each in threading.enumerate() if each is not threading.main_thread()]
    if not others or not (seen or any(each.daemon for each in others)):
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue  # whoever read it went away
    os._exit(code if isinstance(code, int) else int(code is not None))
