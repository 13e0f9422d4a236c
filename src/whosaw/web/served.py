"""What an application serves, and who came to it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from litestar.connection import ASGIConnection

from whosaw.app.console.accounts import who_is
from whosaw.app.console.desk import Desk
from whosaw.app.console.gate import Somebody
from whosaw.app.console.jobs import Worker
from whosaw.app.console.reading_desk import ReadingDesk
from whosaw.app.gating.tokens import whose_token
from whosaw.app.own.desk import OwnDesk
from whosaw.app.own.subjects import BEGINS, oneself
from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal
from whosaw.store.kept import Kept
from whosaw.store.repositories.finding_ids import newest_name
from whosaw.store.repositories.judgments import judgments_given
from whosaw.store.repositories.remarks import talked
from whosaw.store.workspace import journal_of

__all__ = [
    "API",
    "COOKIE",
    "ME",
    "METRICS",
    "OWN",
    "OWN_COOKIE",
    "PUBLIC",
    "PURPOSE",
    "Came",
    "News",
    "Served",
    "at_desk",
    "by_api",
    "by_oneself",
    "cookie_of",
    "desk_of",
    "own_desk_of",
    "own_sent",
    "reading_desk_of",
    "served_by",
    "somebody",
    "wake",
]

COOKIE: Final = "whosaw-login"
API: Final = "/api/"
METRICS: Final = "/metrics"  # asked by a program, too, or by an administrator with a browser
PURPOSE: Final = "whosaw-purpose"  # the header in which a program says what people are looked at for
EVENTS: Final = "/events"  # asked by a page that is open, not by somebody at work: it keeps no login alive
ME: Final = "/me"
OWN: Final = "own"  # in place of a verb: somebody with a token of a person may see it, and nobody else
OWN_COOKIE: Final = "whosaw-me"
PUBLIC: Final = "public"  # in place of a verb: whoever comes may see it
AnyDesk = TypeVar("AnyDesk", bound=Desk)
Came = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The workspace that is served, and how it is asked what time it is. `secure`: it is reached through TLS. `zone`: the one in which times
    are told to whoever chose none."""

    root: Path
    key_file: Path | None
    now: Callable[[], datetime]
    secure: bool
    worker: Worker
    kept: Kept
    zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """How far a page is that is made now: the number of the newest finding, and how many judgments, remarks and remarks taken back there
    are. As text it is opaque, and equal where nothing came."""

    finding: int = 0
    judgments: int = 0
    remarks: tuple[int, int] = (0, 0)

    def __str__(self) -> str:
        return f"{self.finding}-{self.judgments}-{self.remarks[0]}-{self.remarks[1]}"

    @classmethod
    def of(cls, journal: Journal) -> News:
        return cls(finding=newest_name(journal), judgments=judgments_given(journal), remarks=talked(journal))


def served_by(came: Came) -> Served:
    """What this application serves."""
    served: Served = came.app.state.served
    return served


def by_api(came: Came) -> bool:
    """Whether a program came, with a token, and no person with a browser."""
    path = came.url.path
    return path.startswith(API) or (path == METRICS and "authorization" in came.headers)


def cookie_of(came: Came) -> str:
    """The name of the cookie of a login. Through TLS it begins so that browsers take it from this very host alone, and through TLS alone."""
    return f"__Host-{COOKIE}" if served_by(came).secure else COOKIE


def by_oneself(came: Came) -> bool:
    """Whether an address is of those on which people look at who saw themselves."""
    path: str = came.scope["path"]
    return path == ME or path.startswith(f"{ME}/")


def own_sent(came: Came) -> str:
    """The token of a person that was sent; nothing else is open to whoever sends one."""
    sent = _bearer(came)
    if sent.startswith(BEGINS):
        return sent
    if by_oneself(came) or cookie_of(came) not in came.cookies:
        return came.cookies.get(OWN_COOKIE, "")
    return ""


def own_desk_of(came: Came) -> OwnDesk:
    """Whoever came with a token of a person, at what concerns themself. Raises `WhosawError` where it ended."""
    served = served_by(came)
    with closing(journal_of(served.root, unasked=True)) as journal:
        who = oneself(journal, own_sent(came), now=served.now())
    if who is None:
        raise WhosawError(
            "own.nobody", "you are not signed in, or no longer", hint="Sign in at the organisation again"
        )
    return OwnDesk(root=served.root, who=who, now=served.now(), key_file=served.key_file)


def somebody(came: Came) -> Somebody | None:
    """Who came: who is logged in by the cookie, or whom the token of a program speaks for; asked once a request."""
    state = came.scope.setdefault("state", {})
    if "who" not in state:
        state["who"] = _who(came)
    found: Somebody | None = state["who"]
    return found


def _who(came: Came) -> Somebody | None:
    served, by_token = served_by(came), by_api(came)
    sent = _bearer(came) if by_token else came.cookies.get(cookie_of(came))
    if not sent:
        return None
    with closing(journal_of(served.root, unasked=True)) as journal:
        if not by_token:
            # before the page reads anything: what comes later is told to it
            came.scope["state"]["news"] = News.of(journal)
            return who_is(journal, sent, now=served.now(), used=came.scope["path"] != EVENTS)
        return whose_token(journal, sent, now=served.now(), purpose=came.headers.get(PURPOSE, ""))


def _bearer(came: Came) -> str:
    scheme, _, sent = came.headers.get("authorization", "").partition(" ")
    return sent.strip() if scheme.lower() == "bearer" else ""


def desk_of(came: Came) -> Desk:
    """Who came, at work in the workspace."""
    return at_desk(came, Desk)


def at_desk(came: Came, kind: type[AnyDesk]) -> AnyDesk:
    """The same at another desk."""
    served = served_by(came)
    door = "api" if by_api(came) else "console"
    return kind(root=served.root, who=somebody(came), now=served.now(), key_file=served.key_file, door=door)


def reading_desk_of(came: Came) -> ReadingDesk:
    """Whose program came, at work in the workspace."""
    return at_desk(came, ReadingDesk)


def wake(came: Came) -> None:
    """There is work to be done."""
    served_by(came).worker.wake()
