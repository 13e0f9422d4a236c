"""What a view, another request and a context row are; the total order of all; which repeat counts.

Rows hold raw texts. A *digest* stands for a text where an order needs one: whoever compares with a ledger gives the ledger's
keyed digest, everybody else takes the text's SHA-256.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

__all__ = [
    "DAY", "HOUR", "SECOND", "Client", "Context", "Log", "Request", "View", "day_of", "duration", "hour_of", "log_of", "plain_digest",
]  # fmt: skip

SECOND = 1_000_000  # times are microseconds since 1970, UTC
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
_UNITS = {"s": SECOND, "m": 60 * SECOND, "h": HOUR, "d": DAY}

Digest = Callable[[str, str], bytes]  # of a kind of identifier and its text


class Client(NamedTuple):
    """What a request says of its sender."""

    address: str | None = None
    agent: str | None = None
    principal: str | None = None
    session: str | None = None
    token: str | None = None
    key: str | None = None
    tls: str | None = None
    network: str | None = None

    @property
    def sent(self) -> tuple[str | None, ...]:
        """What tells clients apart: all but the network, which follows from the address."""
        return self[:-1]

    @property
    def passes(self) -> tuple[str, str] | None:
        """What it shows as its pass: a token, or a session where there is no token."""
        if self.token is not None:
            return ("token", self.token)
        return ("session", self.session) if self.session is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One person shown by one line, or a line that showed people without a name (`person` None)."""

    time: int
    file: bytes  # digest of the file
    line: int
    client: Client
    person: str | None = None
    route: str | None = None
    extra: int | None = None  # how many more people the answer can have held; None: no bound is known

    @property
    def order(self) -> tuple[int, bytes, int]:
        return (self.time, self.file, self.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that showed nobody. It is a *try* where it asked for a person's page or was answered with 401."""

    time: int
    file: bytes
    line: int
    client: Client
    person: str | None = None
    status: int | None = None

    @property
    def order(self) -> tuple[int, bytes, int]:
        return (self.time, self.file, self.line)

    @property
    def is_try(self) -> bool:
        return self.person is not None or self.status == 401


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What other systems recorded, by table; a table that is not there was not given. Times are microseconds."""

    tables: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    sessions_last: int | None = None
    logins_from: int | None = None
    logins_until: int | None = None
    logins_late: int | None = None
    wall: Sequence[tuple[int, int]] = ((0, 0),)  # from when on clocks on the wall are how far ahead of UTC

    def rows(self, table: str) -> Sequence[Mapping[str, Any]]:
        return self.tables.get(table, ())

    def says(self, table: str, column: str) -> bool:
        """Whether any row has something in this column."""
        return any(row.get(column) is not None for row in self.rows(table))


class Log:
    """All views that count and all other requests, in their total order, with the context."""

    def __init__(
        self,
        views: Iterable[View],
        others: Iterable[Request] = (),
        context: Context | None = None,
        digest: Digest | None = None,
    ) -> None:
        self.views = sorted(views, key=lambda each: (each.order, each.person is None, each.person or ""))
        self.others = sorted(others, key=lambda each: each.order)
        self.context = context or Context()
        self.digest = digest or plain_digest

    @cached_property
    def tries(self) -> list[Request]:
        return [each for each in self.others if each.is_try]

    @cached_property
    def persons(self) -> set[str]:
        """Everybody whose page was shown or asked for."""
        return {each.person for each in (*self.views, *self.others) if each.person is not None}

    @cached_property
    def clients(self) -> set[Client]:
        return {each.client for each in (*self.views, *self.others)}

    def client_digest(self, client: Client) -> bytes:
        """What orders clients: the digest of all that they sent."""
        return self.digest(
            "client", "\x00".join(f"={each}" if each is not None else "-" for each in client.sent)
        )

    def stand_in(self, view: View) -> str:
        """Whom a view counts for. One without a name counts for somebody its client saw by name on that day, the one with the
        smallest digest; else for one person of the client's own."""
        if view.person is not None:
            return view.person
        return self._stand_ins.get((day_of(view.time), view.client.sent)) or f"nobody\x00{view.client.sent}"

    @cached_property
    def _stand_ins(self) -> dict[tuple[int, tuple[str | None, ...]], str]:
        found: dict[tuple[int, tuple[str | None, ...]], str] = {}
        for view in self.views:
            if view.person is not None:
                key = (day_of(view.time), view.client.sent)
                found[key] = min(
                    found.get(key, view.person), view.person, key=lambda p: (self.digest("person", p), p)
                )
        return found


def log_of(
    views: Iterable[Mapping[str, Any]],
    others: Iterable[Mapping[str, Any]] = (),
    tables: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    digest: Digest | None = None,
    **stated: Any,
) -> Log:
    """A log from dicts: `time`, what the client sent, `person`, `route` and `extra` of views, `status` of requests; `file` and `line`
    where they are known, else the order in which the rows stand. What is `stated` of the context goes with its tables."""
    made = [_row(View, each, at) for at, each in enumerate(views, start=1)]
    asked = [_row(Request, each, len(made) + at) for at, each in enumerate(others, start=1)]
    return Log(made, asked, Context(tables=tables or {}, **stated), digest)


R = TypeVar("R", View, Request)


def _row(of: type[R], said: Mapping[str, Any], line: int) -> R:
    client = Client(**{name: said[name] for name in Client._fields if said.get(name) is not None})
    names = {each.name for each in fields(of)} - {"client"}
    return of(
        **{"file": b"", "line": line, **{name: said[name] for name in names if name in said}}, client=client
    )


def day_of(time: int) -> int:
    return time // DAY


def hour_of(time: int) -> int:
    return time // HOUR


def plain_digest(kind: str, text: str) -> bytes:
    return hashlib.sha256(f"{kind}:{text}".encode()).digest()[:16]


def duration(text: str) -> int:
    """Microseconds of `5m` or `30d`."""
    number, unit = re.fullmatch(r"(\d+)([smhd])", text).groups()  # type: ignore[union-attr]
    return int(number) * _UNITS[unit]
