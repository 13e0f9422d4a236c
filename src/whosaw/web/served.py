"""What an application serves, and who came to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from litestar.connection import ASGIConnection

from whosaw.app.console.accounts import who_is
from whosaw.app.console.desk import Desk
from whosaw.app.console.gate import Somebody
from whosaw.store.workspace import journal_of

__all__ = ["COOKIE", "PUBLIC", "Came", "Served", "desk_of", "served_by", "somebody"]

COOKIE: Final = "whosaw-login"
PUBLIC: Final = "public"  # in place of a verb: whoever comes may see it
Came = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The workspace that is served, and how it is asked what time it is. `secure`: it is reached through TLS."""

    root: Path
    key_file: Path | None
    now: Callable[[], datetime]
    secure: bool


def served_by(came: Came) -> Served:
    """What this application serves."""
    served: Served = came.app.state.served
    return served


def somebody(came: Came) -> Somebody | None:
    """Who is logged in, by the cookie; asked once a request."""
    state = came.scope.setdefault("state", {})
    if "who" not in state:
        token, served = came.cookies.get(COOKIE), served_by(came)
        state["who"] = None
        if token:
            journal = journal_of(served.root, unasked=True)
            try:
                state["who"] = who_is(journal, token, now=served.now())
            finally:
                journal.close()
    found: Somebody | None = state["who"]
    return found


def desk_of(came: Came) -> Desk:
    """Who came, at work in the workspace."""
    served = served_by(came)
    return Desk(root=served.root, who=somebody(came), now=served.now(), key_file=served.key_file)
