"""The numbers that were given, as the journal has them: by kind the next that is free, the files of known digests, and texts.

Numbers are history: what was given stays, and a new day renumbers nothing. One transaction moves them from one whole state to the next;
files that it names were written before it, and files that no state names are left overs of a kill.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from whosaw.core import client
from whosaw.store import statements as sa
from whosaw.store.files import ContentStore
from whosaw.store.journal import Connection, Journal
from whosaw.store.vault import KINDS

from .known import Known, KnownFile

__all__ = [
    "IDENTIFIERS",
    "NUMBERED",
    "TEXTS",
    "History",
    "TextFile",
    "ToldHistory",
    "create_tables",
    "given_of",
    "load_history",
    "number_tables",
]

IDENTIFIERS: Final = (*KINDS, "client")
"""Kinds of which keyed digests alone are kept, and perhaps the raw identifier in the vault."""
TEXTS: Final = (*client.CLEAR, "way")
"""Kinds whose texts are kept in clear: traits of a client, and ways of reading."""
NUMBERED: Final = (*IDENTIFIERS, *TEXTS)


class number_tables:  # noqa: N801  # a namespace, as `journal.tables`
    """Tables of the journal that only numbers need. A workspace that has them keeps its numbers here."""

    number_range = sa.Table(
        "number_range",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("range", sa.Integer, primary_key=True),  # a row of numbers; above 0 in wide kinds alone
        sa.Column("next", sa.BigInteger, nullable=False),  # the first ordinal that nobody has
    )
    known_file = sa.Table(
        "known_file",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("level", sa.Integer, primary_key=True),
        sa.Column("prefix", sa.Integer, primary_key=True),
        sa.Column("bits", sa.Integer, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("file", sa.String, nullable=False),
    )
    text_file = sa.Table(
        "text_file",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("first", sa.BigInteger, primary_key=True),  # number of its first text
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("file", sa.String, nullable=False),
    )
    segment_numbers = sa.Table(
        "segment_numbers",
        sa.Column("segment", sa.Integer, primary_key=True),
        sa.Column("file", sa.String, nullable=False),
    )


_STATE: Final = (number_tables.number_range, number_tables.known_file, number_tables.text_file)  # few rows


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TextFile:
    """A file of texts: those with the numbers from `first` on, one after the other."""

    first: int
    rows: int
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldHistory:
    """By kind the files of a state: all that it takes to look numbers up on another machine."""

    known: Mapping[str, tuple[KnownFile, ...]]
    texts: Mapping[str, tuple[TextFile, ...]]

    def over(self, store: ContentStore) -> History:
        """The state, in which no number is free."""
        known = {kind: Known(store=store, kind=kind, files=files) for kind, files in self.known.items()}
        return History(known=known, free={}, texts=self.texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One whole state. It never changes: `with_kind` gives another one."""

    known: Mapping[str, Known]
    free: Mapping[str, Mapping[int, int]]  # by kind and row of numbers, the next that nobody has
    texts: Mapping[str, tuple[TextFile, ...]] = field(default_factory=dict)
    numbered: Mapping[int, str] = field(default_factory=dict)  # by segment, its file of numbers

    def with_kind(
        self, kind: str, known: Known, free: Mapping[int, int], texts: tuple[TextFile, ...] | None = None
    ) -> History:
        return replace(
            self,
            known={**self.known, kind: known},
            free={**self.free, kind: dict(free)},
            texts=self.texts if texts is None else {**self.texts, kind: texts},
        )

    def renewed(self, now: History) -> History:
        """A later state, with what is in hand of the kinds that are as they were."""
        known = {
            kind: self.known[kind] if kind in self.known and self.known[kind] == each else each
            for kind, each in now.known.items()
        }
        return replace(now, known=known)

    @property
    def told(self) -> ToldHistory:
        """Its files."""
        return ToldHistory(known={kind: each.files for kind, each in self.known.items()}, texts=self.texts)

    def with_segments(self, files: Mapping[int, str]) -> History:
        return replace(self, numbered={**self.numbered, **files})

    def given(self, kind: str) -> int:
        """How many numbers of a kind were given."""
        return sum(self.free.get(kind, {}).values())

    def store(self, connection: Connection, before: History) -> None:
        """Make this the state in place of `before`, in the transaction of `connection`."""
        create_tables(connection)
        for table in _STATE:
            connection.execute(table.delete())
        ranges = [
            {"kind": kind, "range": row, "next": following}
            for kind, rows in sorted(self.free.items())
            for row, following in sorted(rows.items())
        ]
        files = [
            {
                "kind": kind, "level": each.level, "prefix": each.prefix,
                "bits": each.bits, "rows": each.rows, "file": each.file,
            }
            for kind, known in sorted(self.known.items())
            for each in known.files
        ]  # fmt: skip
        texts = [
            {"kind": kind, "first": each.first, "rows": each.rows, "file": each.file}
            for kind, held in sorted(self.texts.items())
            for each in held
        ]
        segments = [
            {"segment": number, "file": file}
            for number, file in sorted(self.numbered.items())
            if number not in before.numbered
        ]
        for table, rows in zip(
            (*_STATE, number_tables.segment_numbers), (ranges, files, texts, segments), strict=True
        ):
            if rows:
                connection.execute(table.insert(), rows)

    def files(self) -> frozenset[str]:
        """The names of all files that this state needs."""
        return frozenset(
            (
                *(each.file for known in self.known.values() for each in known.files),
                *(each.file for held in self.texts.values() for each in held),
                *self.numbered.values(),
            )
        )


def given_of(journal: Journal) -> dict[str, int]:
    """How many numbers were given, by kind; nothing where none was."""
    found: dict[str, int] = {}
    table = number_tables.number_range
    for row in journal.rows(sa.select(table.c.kind, table.c.next)) if journal.has(table) else ():
        found[row["kind"]] = found.get(row["kind"], 0) + int(row["next"])
    return found


def create_tables(connection: Connection) -> None:
    """Make the tables of numbers, where they are not there yet."""
    for table in (*_STATE, number_tables.segment_numbers):
        table.create(connection)


def load_history(journal: Journal, store: ContentStore, connection: Connection | None = None) -> History:
    """The state that the journal has, all of it as one moment has it; one without any number where nothing was numbered yet."""
    if connection is None:
        with journal.reading() as own:
            return load_history(journal, store, own)

    def rows(table: sa.Table) -> list[dict[str, object]]:
        return journal.rows(sa.select(table), connection) if journal.has(table, connection) else []

    files: dict[str, list[KnownFile]] = {kind: [] for kind in NUMBERED}
    for row in rows(number_tables.known_file):
        kind = str(row.pop("kind"))
        files.setdefault(kind, []).append(KnownFile(**row))  # type: ignore[arg-type]  # columns of the table
    free: dict[str, dict[int, int]] = {kind: {} for kind in NUMBERED}
    for row in rows(number_tables.number_range):
        free.setdefault(str(row["kind"]), {})[int(str(row["range"]))] = int(str(row["next"]))
    texts: dict[str, list[TextFile]] = {}
    for row in rows(number_tables.text_file):
        texts.setdefault(str(row.pop("kind")), []).append(TextFile(**row))  # type: ignore[arg-type]
    return History(
        known={
            kind: Known(store=store, kind=kind, files=tuple(sorted(held))) for kind, held in files.items()
        },
        free=free,
        texts={kind: tuple(sorted(held)) for kind, held in texts.items()},
        numbered={int(str(r["segment"])): str(r["file"]) for r in rows(number_tables.segment_numbers)},
    )
