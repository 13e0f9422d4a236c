"""One SQL session for each thread: making one costs more than parsing a small file with it.

A session holds nothing between two statements, so who shares it cannot be told from the results.
"""

from __future__ import annotations

import os
import threading

from whosaw.store.sql import Session

__all__ = ["thread_session"]


class _Held(threading.local):
    session: Session | None = None
    process: int = 0


_HELD = _Held()


def thread_session() -> Session:
    """The session of this thread. A forked process gets its own: it must not touch that of its parent."""
    if _HELD.session is None or _HELD.process != os.getpid():
        _HELD.session, _HELD.process = Session(threads=1), os.getpid()
    return _HELD.session
