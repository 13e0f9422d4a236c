"""One digest of what a ledger says, whatever the order in which its lines came and wherever its files were cut.

Numbers are replaced by the keyed digests of what they stand for, and ids of findings and places of lines are left out, since both
tell how the ledger grew. Each table is written as text, a row a line, in order, under SHA-256. Two workspaces can be compared
where they have one vault key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from whosaw.core import client
from whosaw.core.canonical_json import canonical_json

from . import statements as sa
from .files import ContentStore
from .journal import Journal, tables
from .ledger import attach
from .sql import Session

__all__ = ["LedgerDigest", "TableDigest", "ledger_digest"]

_ROWS = 65_536
_PERSON = "LEFT JOIN identities p ON p.kind = 0 AND p.number = t.person"
_CLIENT = "JOIN clients c ON c.client = t.client"
_VAULTED = {each.name: each.code for each in client.TRAITS if each.code is not None}
client.covers("store.canonical", _VAULTED.keys(), client.CLEAR)
# what a finding was called, and where its lines stand in the files of this workspace
_OWN = frozenset({"id", "split_from", "parts", "locators", "values", "asked"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDigest:
    """One table: its name, how many rows it has, and the SHA-256 of their text in hex."""

    table: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDigest:
    """The whole and its tables; where the whole differs, the tables say where."""

    sha256: str
    tables: tuple[TableDigest, ...]


def ledger_digest(root: Path, journal: Journal) -> LedgerDigest:
    """The canonical digest of the ledger in `root`. Raises `WhosawError` where a file of it is gone."""
    spill = root / "spill"
    with Session(spill=spill if journal.writable and spill.is_dir() else None) as session:
        attach(session, journal, ContentStore.of(root))
        made = [_table(name, _texts(session, sql)) for name, sql in _queries()]
        made.append(_table("hours", _hours(journal)))
        made.append(_table("findings", _findings(session, journal)))
    whole = hashlib.sha256("".join(f"{each.table} {each.rows} {each.sha256}\n" for each in made).encode())
    return LedgerDigest(sha256=whole.hexdigest(), tables=tuple(made))


def _table(name: str, rows: Iterator[str]) -> TableDigest:
    digest, many = hashlib.sha256(), 0
    for row in rows:
        digest.update(row.encode() + b"\n")
        many += 1
    return TableDigest(table=name, rows=many, sha256=digest.hexdigest())


def _queries() -> Iterator[tuple[str, str]]:
    known = ", ".join(
        [f"hex({name}_of.digest)" for name in _VAULTED]
        + [f"to_base64(encode(c.{name}))" for name in client.CLEAR]
    )
    joins = " ".join(
        f"LEFT JOIN identities {name}_of ON {name}_of.kind = {code} AND {name}_of.number = c.{name}"
        for name, code in _VAULTED.items()
    )
    yield "identities", "SELECT kind, hex(digest) FROM identities"
    yield "clients", f"SELECT hex(c.digest), {known} FROM clients c {joins}"
    yield "views", _named("views", "micros, t.extra_at_most, t.duplicate, t.unsure")
    yield "tries", _named("tries", "time, t.status", route=False)
    yield "activity", f"SELECT hex(c.digest), t.events, t.views FROM activity t {_CLIENT}"
    yield "exposures", _named("exposures", "first, t.last, t.views, t.extra, t.unbounded, t.possible")
    yield "answers", _named("answers", "explained, t.unexplained, t.cannot_tell")
    yield "twins", "SELECT time, rule, joined FROM twins"


def _named(table: str, columns: str, *, route: bool = True) -> str:
    """Columns of a table beside the digests of its persons and clients, and the names of its routes."""
    name, join = ("r.id, ", "JOIN routes r USING (route)") if route else ("", "")
    return f"SELECT hex(p.digest), hex(c.digest), {name}t.{columns} FROM {table} t {_PERSON} {_CLIENT} {join}"


def _texts(session: Session, sql: str) -> Iterator[str]:
    """The rows of a query in order, each as one text; none where a value is null."""
    columns = session.query(f"SELECT * FROM ({sql}) LIMIT 0").num_columns
    names = [f"a{number}" for number in range(columns)]
    text = ", ".join(f"coalesce({name}::VARCHAR, 'none')" for name in names)
    query = f"SELECT concat_ws(' ', {text}) AS row FROM ({sql}) made({', '.join(names)}) ORDER BY row"
    for batch in session.batches(query, _ROWS):
        yield from batch.column(0).to_pylist()


def _hours(journal: Journal) -> Iterator[str]:
    """Events and repeats by hour, all sources together: where a file ends is no matter of the hour."""
    segment = tables.segment.c
    live = {row["id"] for row in journal.rows(sa.select(segment.id).where(segment.live))}
    sums: dict[int, list[int]] = {}
    for row in journal.rows(sa.select(tables.hour)):
        if row["segment"] in live:
            cell = sums.setdefault(row["hour"], [0, 0])
            cell[0] += row["events"]
            cell[1] += row["duplicates"] + row["cross"]
    for number, (events, repeats) in sorted(sums.items()):
        yield f"{number} {events} {repeats}"


def _findings(session: Session, journal: Journal) -> Iterator[str]:
    """What each finding says, and which clients and views it counts."""
    rows = []
    for row in journal.rows(sa.select(tables.finding)):
        finding = str(row["id"]).replace("'", "''")
        clients = f"SELECT hex(c.digest) FROM members t {_CLIENT} WHERE t.finding = '{finding}'"
        views = (
            f"SELECT hex(p.digest), hex(c.digest), t.micros FROM views t SEMI JOIN (FROM counted WHERE finding = '{finding}') "
            f"USING (content, line) {_PERSON} {_CLIENT}"
        )
        counted = " ".join(_table("", _texts(session, each)).sha256 for each in (clients, views))
        said = canonical_json(_without_own(json.loads(row["body"])))
        rows.append(f"{said.decode()} {counted}")
    return iter(sorted(rows))


def _without_own(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _without_own(each) for name, each in value.items() if name not in _OWN}
    if isinstance(value, list):
        return [_without_own(each) for each in value]
    return value
