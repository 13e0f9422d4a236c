"""Requests of a look-up page, from the moment they came until their answer left, and what its limits count. It survives a restart.

Contacts stand in it sealed, and networks and devices as keyed digests, so that the file alone does not say who asked. Instants are
microseconds since 1970 UTC.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from threading import RLock
from typing import Any, Final
from urllib.parse import quote

from whosaw.core.errors import WhosawError
from whosaw.store import statements as sa

__all__ = [
    "ANSWERED",
    "FAILED",
    "HANDED",
    "MERGED",
    "NEW",
    "UNKNOWN",
    "WAITING",
    "Asked",
    "LookupStore",
    "Request",
    "Turn",
]

NEW: Final = "new"
WAITING: Final = "waiting"
MERGED: Final = "merged"  # another request for the same contact is under way; one answer is for both
HANDED: Final = "handed over"
ANSWERED: Final = "answered"
FAILED: Final = "failed"
UNKNOWN: Final = "unknown"
_FILE: Final = "lookup.sqlite"
_AT_ONCE: Final = 400  # values of one statement
# many rows in one statement, for a harvest is when this has to be quick
_JUDGED: Final = """\
UPDATE request SET state = told.state, due = told.due, turn = told.turn FROM (
  SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS state, json_extract(value, '$[2]') AS due,
    json_extract(value, '$[3]') AS turn FROM json_each(:given)
) AS told WHERE request.id = told.id
"""
_RATED: Final = """\
INSERT INTO rate ("key", until) SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:given) WHERE true
ON CONFLICT ("key") DO UPDATE SET until = excluded.until
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came: the sealed contact, keyed digests (hexadecimal) of it, of the network and of the device, and the language."""

    time: int
    contact: str = field(repr=False)
    key: str
    network: str
    device: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Asked):
    """The same on disk. `turn`: how many came from its network before it in the last day; `due`: not answered before; `tries`: how often
    its answer was put off."""

    id: int
    state: str
    due: int
    turn: int
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """When a request is answered at the earliest, and in which order among all that are due."""

    id: int
    state: str
    due: int
    turn: int


_ASKED: Final = tuple(each.name for each in fields(Asked))
_REQUEST: Final = sa.Table(
    "request",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
    sa.Column("key", sa.String, nullable=False),
    sa.Column("network", sa.String, nullable=False),
    sa.Column("device", sa.String, nullable=False),
    sa.Column("language", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False, default=NEW),
    sa.Column("due", sa.BigInteger, nullable=False, default=0),
    sa.Column("turn", sa.Integer, nullable=False, default=0),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("ended", sa.BigInteger),
    sa.Column("reply", sa.Text),  # of the mail server, without addresses
)
_RATE: Final = sa.Table(
    "rate",
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("until", sa.BigInteger, nullable=False),
)
_SETTING: Final = sa.Table(
    "setting", sa.Column("name", sa.String, primary_key=True), sa.Column("value", sa.Text, nullable=False)
)
_INDEXES: Final = (
    "CREATE INDEX IF NOT EXISTS request_new ON request(id) WHERE state = 'new'",
    "CREATE INDEX IF NOT EXISTS request_due ON request(turn, id) WHERE state = 'waiting'",
    "CREATE INDEX IF NOT EXISTS request_key ON request(\"key\") WHERE state IN ('waiting', 'handed over')",
    "CREATE INDEX IF NOT EXISTS rate_until ON rate(until)",
)


class LookupStore:
    """The requests in the folder `root`, which is made where it is not there. Close it when done. Threads that share one wait for each other
    where they write; what one writes by what it read before it holds `alone`."""

    def __init__(self, root: Path) -> None:
        self._one = RLock()
        with _clear_faults():
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._connection = sa.Connection.open(f"file:{quote(os.fsencode(root / _FILE))}")
            for setting in ("journal_mode = WAL", "synchronous = FULL"):
                self._connection.run(f"PRAGMA {setting}")
            with self._writing() as connection:
                for table in (_REQUEST, _RATE, _SETTING):
                    table.create(connection)
                for each in _INDEXES:
                    connection.run(each)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other thread reads or writes until this ends."""
        with self._one:
            yield

    def add(self, asked: Sequence[Asked]) -> None:
        """Put requests down, all at once; they are on disk when this returns."""
        if asked:
            with self._writing() as connection:
                rows = [{name: getattr(each, name) for name in _ASKED} for each in asked]
                connection.execute(_REQUEST.insert(), rows)

    def new(self, most: int) -> list[Request]:
        """Those that have no turn yet, in the order in which they came."""
        return self._requests(f"state = '{NEW}' ORDER BY id LIMIT {int(most)}")

    def due(self, now: int, most: int) -> list[Request]:
        """Those that may be answered: who comes from a network that asked for few is first."""
        return self._requests(
            f"state = '{WAITING}' AND due <= {int(now)} ORDER BY turn, id LIMIT {int(most)}"
        )

    def waiting(self) -> int:
        """How many wait for their answer."""
        return int(
            self._connection.execute(
                sa.text(f"SELECT count(*) FROM request WHERE state IN ('{NEW}', '{WAITING}')")
            ).scalar()
        )

    def states(self) -> dict[str, int]:
        """How many requests are in each state."""
        found = self._connection.execute(
            sa.text("SELECT state, count(*) FROM request GROUP BY state ORDER BY state")
        )
        return {str(state): int(many) for state, many in found}

    def open_keys(self, keys: Iterable[str]) -> set[str]:
        """Contacts of these for which an answer is under way."""
        found: set[str] = set()
        for part in _parts(keys):
            marks = ", ".join(f":k{at}" for at in range(len(part)))
            rows = self._connection.execute(
                sa.text(
                    f"SELECT DISTINCT \"key\" FROM request WHERE state IN ('{WAITING}', '{HANDED}') AND \"key\" IN ({marks})"
                ),
                {f"k{at}": each for at, each in enumerate(part)},
            )
            found.update(str(row[0]) for row in rows)
        return found

    def rates(self, keys: Iterable[str]) -> dict[str, int]:
        """Until when each of these has used its share; who has not is not in it."""
        found: dict[str, int] = {}
        for part in _parts(keys):
            table = _RATE.c
            rows = self._connection.execute(
                sa.select(table.key, table.until).where(table.key.in_(part))
            ).mappings()
            found.update({row["key"]: row["until"] for row in rows})
        return found

    def settings(self) -> dict[str, str]:
        """Everything that was set."""
        return {row["name"]: row["value"] for row in self._connection.execute(sa.select(_SETTING)).mappings()}

    def judged(self, turns: Sequence[Turn], rates: Mapping[str, int], settings: Mapping[str, str]) -> None:
        """What the limits decided, and what they count, together."""
        with self._writing() as connection:
            given = [[each.id, each.state, each.due, each.turn] for each in turns]
            connection.execute(sa.text(_JUDGED), {"given": json.dumps(given)})
            connection.execute(sa.text(_RATED), {"given": json.dumps(list(rates.items()))})
            self._set(connection, settings)

    def set(self, settings: Mapping[str, str]) -> None:
        """Keep settings."""
        with self._writing() as connection:
            self._set(connection, settings)

    def move(self, request: int, state: str, *, now: int, due: int | None = None, reply: str = "") -> None:
        """A request is in another state from now on; with `due` it is tried again then."""
        again = due is not None
        ended = now if state in (ANSWERED, FAILED, UNKNOWN) else None
        with self._writing() as connection:
            connection.execute(
                sa.text(
                    "UPDATE request SET state = :state, due = coalesce(:due, due), tries = tries + :more, ended = :ended, reply = :reply "
                    "WHERE id = :id"
                ),
                {
                    "id": request,
                    "state": state,
                    "due": due,
                    "more": int(again),
                    "ended": ended,
                    "reply": reply,
                },
            )

    def recover(self, *, now: int) -> int:
        """Answers that were being handed over when a run was killed: whether they left is not known, and none goes again by itself."""
        with self._writing() as connection:
            found = connection.execute(
                sa.text(f"SELECT count(*) FROM request WHERE state = '{HANDED}'")
            ).scalar()
            connection.execute(
                sa.text(f"UPDATE request SET state = '{UNKNOWN}', ended = :now WHERE state = '{HANDED}'"),
                {"now": now},
            )
        return int(found or 0)

    def forget(self, *, before: int, now: int) -> None:
        """Delete what ended before an instant, and shares that are whole again."""
        with self._writing() as connection:
            connection.execute(
                sa.text(
                    f"DELETE FROM request WHERE (ended < :before) OR (state = '{MERGED}' AND time < :before)"
                ),
                {"before": before},
            )
            connection.execute(sa.text("DELETE FROM rate WHERE until < :now"), {"now": now})

    @staticmethod
    def _set(connection: sa.Connection, settings: Mapping[str, str]) -> None:
        for name, value in settings.items():
            connection.execute(
                sa.text(
                    "INSERT INTO setting (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = :value"
                ),
                {"name": name, "value": value},
            )

    def _requests(self, where: str) -> list[Request]:
        names = 'id, time, contact, "key", network, device, language, state, due, turn, tries'
        found = self._connection.execute(sa.text(f"SELECT {names} FROM request WHERE {where}"))
        return [
            Request(
                id=row[0], time=row[1], contact=row[2], key=row[3], network=row[4], device=row[5], language=row[6],
                state=row[7], due=row[8], turn=row[9], tries=row[10],
            )
            for row in found
        ]  # fmt: skip

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with self._one, _clear_faults():
            self._connection.begin(write=True)
            try:
                yield self._connection
                self._connection.commit()
            finally:
                self._connection.rollback()  # where it did not come to its end


def _parts(keys: Iterable[str]) -> Iterator[Sequence[Any]]:
    every = sorted(set(keys))
    for start in range(0, len(every), _AT_ONCE):
        yield every[start : start + _AT_ONCE]


@contextmanager
def _clear_faults() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as fault:
        reason = (str(fault) or type(fault).__name__).splitlines()[0]
        raise WhosawError(
            "lookup.store",
            f"what the look-up page keeps could not be used ({reason})",
            hint="Check free space and the rights of the folder, and that one process alone serves from it",
        ) from fault
