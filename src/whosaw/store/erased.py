"""Whose identifiers were erased: their keyed digests, kept so that nothing that is read later brings an identifier back.

A digest with its key is pseudonymous and no more: who has the key can try identifiers against it. It is kept for a stated ground, so that
a person who comes again has the number that they had, and no count doubles.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from . import statements as sa
from .journal import Connection, Journal
from .keyed_digest import DIGEST_BYTES, Bytes

__all__ = [
    "BEGUN",
    "CONTACT",
    "DONE",
    "Erased",
    "ErasedDigest",
    "ErasureRow",
    "add_erasure",
    "end_erasure",
    "erasure_tables",
    "erasures",
    "move_files",
    "moved_files",
]

BEGUN: Final = "begun"
DONE: Final = "done"
CONTACT: Final = "contact"
"""The kind of an address of somebody who has no account."""
_AT_ONCE: Final = 10_000


class erasure_tables:  # noqa: N801  # a namespace, as `journal.tables`
    """Tables of the journal that erasing needs. Instants are microseconds since 1970 UTC."""

    erasure = sa.Table(
        "erasure",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("ground", sa.String, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("entry", sa.Integer, nullable=False),  # of the journal, where it began
        sa.Column("state", sa.String, nullable=False),  # begun, done
    )
    digest = sa.Table(
        "erased_digest",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("digest", sa.String(32), primary_key=True),
        sa.Column("erasure", sa.Integer, nullable=False, index=True),
        sa.Column("facts", sa.Text),  # JSON, of a person: what detectors know of the identifier without it
    )
    moved = sa.Table(
        "sealed_again",  # files that others name and that were written anew, without somebody or with another key
        sa.Column("old", sa.String, primary_key=True),
        sa.Column("new", sa.String, nullable=False),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedDigest:
    """The keyed digest of an erased identifier; of a person with `facts`, which single nobody out."""

    kind: str
    digest: bytes
    facts: Mapping[str, str | int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRow:
    """An erasure. `time` is in microseconds since 1970 UTC."""

    id: int
    time: int
    who: str
    ground: str
    reason: str
    entry: int
    state: str


class Erased:
    """The erased identifiers of one workspace, read when they are first asked for."""

    def __init__(self, journal: Journal | None) -> None:
        self._journal = journal
        self._read: dict[str, dict[bytes, Mapping[str, Any] | None]] | None = None
        self._high: dict[str, npt.NDArray[np.uint64]] = {}
        self._moved: Mapping[str, str] | None = None

    @classmethod
    def none(cls) -> Erased:
        """Nobody was erased."""
        return cls(None)

    @classmethod
    def of_these(cls, digests: Mapping[str, Iterable[bytes]]) -> Erased:
        """Those of these digests, by kind, without a journal: for who keeps identifiers out and looks nobody up."""
        found = cls(None)
        found._read = {kind: dict.fromkeys(those) for kind, those in digests.items()}
        return found

    def digests(self) -> dict[str, tuple[bytes, ...]]:
        """All of them by kind, in order."""
        if self._read is None:
            self._read = _read(self._journal)
        return {kind: tuple(sorted(those)) for kind, those in sorted(self._read.items())}

    def forget(self) -> None:
        """Read them again: somebody may have been erased meanwhile."""
        self._read, self._moved = None, None
        self._high.clear()

    def of(self, kind: str) -> Mapping[bytes, Mapping[str, Any] | None]:
        """The digests of a kind, with their facts."""
        if self._read is None:
            self._read = _read(self._journal)
        return self._read.get(kind, {})

    def has(self, kind: str, digest: bytes) -> bool:
        """Whether this one was erased."""
        return digest in self.of(kind)

    def among(self, kind: str, digests: Bytes) -> npt.NDArray[np.bool_]:
        """Which of these rows of 16 bytes were erased."""
        found = np.zeros(len(digests), np.bool_)
        known = self.of(kind)
        if not known or not len(digests):
            return found
        if kind not in self._high:
            self._high[kind] = _high(np.frombuffer(b"".join(known), np.uint8).reshape(-1, DIGEST_BYTES))
        rows = np.ascontiguousarray(digests)
        for at in np.flatnonzero(np.isin(_high(rows), self._high[kind])).tolist():
            found[at] = rows[at].tobytes() in known
        return found

    def file(self, name: str) -> str:
        """The file that stands for one which was written anew; the same one where it was not."""
        if self._moved is None:
            self._moved = {} if self._journal is None else moved_files(self._journal)
        return self._moved.get(name, name)


def _high(digests: Bytes) -> npt.NDArray[np.uint64]:
    """The first half of each digest."""
    return np.ascontiguousarray(digests).view(">u8").reshape(-1, 2)[:, 0].astype(np.uint64)


def _read(journal: Journal | None) -> dict[str, dict[bytes, Mapping[str, Any] | None]]:
    found: dict[str, dict[bytes, Mapping[str, Any] | None]] = {}
    if journal is None or not journal.has(erasure_tables.digest):
        return found
    for row in journal.rows(sa.select(erasure_tables.digest)):
        facts = None if row["facts"] is None else json.loads(row["facts"])
        found.setdefault(row["kind"], {})[bytes.fromhex(row["digest"])] = facts
    return found


def erasures(journal: Journal, connection: Connection | None = None) -> list[ErasureRow]:
    """All of them, the first one first."""
    if not journal.has(erasure_tables.erasure, connection):
        return []
    table = erasure_tables.erasure
    return [ErasureRow(**row) for row in journal.rows(sa.select(table).order_by(table.c.id), connection)]


def add_erasure(
    connection: Connection,
    digests: Iterable[ErasedDigest],
    *,
    time: int,
    who: str,
    ground: str,
    reason: str,
    entry: int,
) -> int:
    """Put down an erasure that begins. What was erased before stays with the erasure that it was erased by. Returns its number."""
    for table in vars(erasure_tables).values():
        if isinstance(table, sa.Table):
            table.create(connection)
    number = connection.execute(
        erasure_tables.erasure.insert().values(
            time=time, who=who, ground=ground, reason=reason, entry=entry, state=BEGUN
        )
    ).key
    rows = [
        {
            "kind": each.kind,
            "digest": each.digest.hex(),
            "erasure": number,
            "facts": None if each.facts is None else json.dumps(dict(each.facts)),
        }
        for each in digests
    ]
    for start in range(0, len(rows), _AT_ONCE):
        for each in rows[start : start + _AT_ONCE]:
            connection.execute(
                sa.text(
                    "INSERT INTO erased_digest (kind, digest, erasure, facts) VALUES (:kind, :digest, :erasure, :facts) "
                    "ON CONFLICT (kind, digest) DO NOTHING"
                ),
                each,
            )
    return int(number)


def end_erasure(connection: Connection, number: int) -> None:
    """It came to its end."""
    table = erasure_tables.erasure
    connection.execute(table.update().values(state=DONE).where(table.c.id == number))


def moved_files(journal: Journal) -> dict[str, str]:
    """By name of a file the one that was written in its place."""
    if not journal.has(erasure_tables.moved):
        return {}
    return {row["old"]: row["new"] for row in journal.rows(sa.select(erasure_tables.moved))}


def move_files(connection: Connection, moved: Sequence[tuple[str, str]]) -> None:
    """From now on the second of each pair stands for the first, which others go on to name."""
    erasure_tables.moved.create(connection)
    for old, new in moved:
        connection.execute(
            sa.text(
                "INSERT INTO sealed_again (old, new) VALUES (:old, :new) ON CONFLICT (old) DO UPDATE SET new = :new"
            ),
            {"old": old, "new": new},
        )
