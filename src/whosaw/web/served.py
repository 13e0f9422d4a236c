"""What an application serves, and who came to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from litestar.connection import ASGIConnection

from whosaw.app.console.accounts import who_is
from whosaw.app.console.desk import Desk
from whosaw.app.console.gate import Somebody
from whosaw.app.console.jobs import Worker
from whosaw.store.workspace import journal_of

__all__ = [
    "COOKIE",
    "PUBLIC",
    "Came",
    "Served",
    "at_desk",
    "desk_of",
    "served_by",
    "somebody",
    "still_here",
    "wake",
]

COOKIE: Final = "whosaw-login"
EVENTS: Final = "/events"  # asked by a page that is open, not by somebody at work: it keeps no login alive
PUBLIC: Final = "public"  # in place of a verb: whoever comes may see it
AnyDesk = TypeVar("AnyDesk", bound=Desk)
Came = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The workspace that is served, and how it is asked what time it is. `secure`: it is reached through TLS."""

    root: Path
    key_file: Path | None
    now: Callable[[], datetime]
    secure: bool
    worker: Worker


def served_by(came: Came) -> Served:
    """What this application serves."""
    served: Served = came.app.state.served
    return served


def somebody(came: Came) -> Somebody | None:
    """Who is logged in, by the cookie; asked once a request."""
    state = came.scope.setdefault("state", {})
    if "who" not in state:
        state["who"] = _who(came, used=came.scope["path"] != EVENTS)
    found: Somebody | None = state["who"]
    return found


def still_here(came: Came) -> bool:
    """Whether the login of a page that is open still holds."""
    return _who(came, used=False) is not None


def _who(came: Came, *, used: bool) -> Somebody | None:
    token, served = came.cookies.get(COOKIE), served_by(came)
    if not token:
        return None
    journal = journal_of(served.root)
    try:
        return who_is(journal, token, now=served.now(), used=used)
    finally:
        journal.close()


def desk_of(came: Came) -> Desk:
    """Who came, at work in the workspace."""
    return at_desk(came, Desk)


def at_desk(came: Came, kind: type[AnyDesk]) -> AnyDesk:
    """The same at another desk."""
    served = served_by(came)
    return kind(root=served.root, who=somebody(came), now=served.now(), key_file=served.key_file)


def wake(came: Came) -> None:
    """There is work to be done."""
    served_by(came).worker.wake()
