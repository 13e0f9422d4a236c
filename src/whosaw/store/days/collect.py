"""Which old files of the ledger nothing needs any more, and their end.

What a newer state of the ledger replaced can be made again from the segments. It goes unless something still names it: a file in
force, a segment (whether counted or not), a version of a case, or whoever else is told. Who reads the ledger holds a shared lock
for as long as that takes, and nothing is removed meanwhile; what was left goes with the next scan. A sealed bundle holds copies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from whosaw.store import statements as sa
from whosaw.store.files import ContentStore
from whosaw.store.journal import Connection, Journal, tables
from whosaw.store.kinds import KINDS
from whosaw.store.numbers.facts import facts_files
from whosaw.store.numbers.history import number_tables
from whosaw.store.numbers.known import KNOWN
from whosaw.store.numbers.spare import SPARE_KINDS
from whosaw.store.numbers.texts import TEXT_FILES
from whosaw.store.parts import forget_retired, last_ended
from whosaw.store.readers import nobody_reads
from whosaw.store.remembered import remembered
from whosaw.store.run_files import file_kind
from whosaw.store.workspace import Workspace

__all__ = ["INDEX_KINDS", "Collected", "collect", "removable"]

INDEX_KINDS = frozenset({
    "identities", "clients", "views", "exposures", "duplicates", "activity", "tries", "twins", "answers", "members", "counted", "proofs",
})  # fmt: skip
"""Kinds of files that the index has."""
_CONTEXT: Final = "context"
_MADE_AGAIN = (
    INDEX_KINDS | {_CONTEXT} | {file_kind(each.name) for each in KINDS.values() if each.of != "segment"}
)
"""These and the runs of days and months are made from segments and can be made again; of rows of the context those stay that the last round
began with, which may be gone where they came from."""
_REMOVABLE = _MADE_AGAIN | {KNOWN, TEXT_FILES, "facts", *SPARE_KINDS}
"""Of numbers goes what a later state put together with others, and what was worked out of identifiers and is not kept any more; of segments what
their numbers stand for. No file of
another kind is ever removed, and least of all the numbers of a segment, which are history."""
_OF_CONTEXT: Final = re.compile(rf"[0-9a-f]{{64}}[.]{_CONTEXT}\b")
_MOST_AT_ONCE = 500  # values in one statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """How many files were removed, how many bytes they had, and whether somebody reads, so that nothing was."""

    files: int = 0
    bytes: int = 0
    read: bool = False


def removable(journal: Journal, files: ContentStore, also_named: Iterable[str] = ()) -> dict[str, int]:
    """Files of the index, of runs, of the context and of known digests and texts that nothing names, in order, with their bytes: they were in force once, or were put together with others before they could be,
    or a run that was killed left them. `also_named` are names that others need. For the one who holds the workspace for writing:
    what is being written has no name yet."""
    there = files.names()
    with journal.reading() as connection:
        named = {*also_named, *_named(journal, connection)}
    return {
        name: size
        for name, size in sorted(there.items())
        if name not in named and name.rpartition(".")[2] in _REMOVABLE
    }


def _named(journal: Journal, connection: Connection) -> Iterator[str]:
    """Every file that the manifest names, whatever it is for; of the index those in force, of runs also those that the last round that
    ended left, where a later one is under way."""
    yield from facts_files(journal, connection)
    for table in (*vars(tables).values(), *vars(number_tables).values()):
        if not isinstance(table, sa.Table) or not journal.has(table, connection):
            continue
        columns = {column.name for column in table.c}
        if "file" in columns:
            query = sa.select(table.c.file).distinct()  # a file holds the runs of many days
            if "live" in columns:
                query = query.where(table.c.live)
            yield from connection.execute(query).scalars()
    for row in journal.rows(sa.select(tables.segment.c.files), connection):
        yield from json.loads(row["files"]).values()
    yield from _of_context(journal, connection)
    if journal.has(tables.case_version, connection):
        case = tables.case_version.c
        for row in journal.rows(sa.select(case.document, case.sets, case.inputs), connection):
            yield from (row["document"], row["inputs"], *json.loads(row["sets"]).values())


def _of_context(journal: Journal, connection: Connection) -> Iterator[str]:
    """Files of the context that the last round that ended began with, or a later one, and of the one that was met last."""
    rounds = tables.rounds
    texts = []
    if journal.has(rounds, connection):
        ended = connection.execute(
            sa.select(sa.func.max(rounds.c.id)).where(rounds.c.ended.is_not(None))
        ).scalar()
        query = sa.select(rounds.c.inputs).where(rounds.c.id >= (ended or 0))
        texts += list(connection.execute(query).scalars())
    if journal.has(remembered, connection):
        texts += list(connection.execute(sa.select(remembered.c.told)).scalars())
    for text in texts:
        yield from _OF_CONTEXT.findall(text)


def collect(workspace: Workspace, also_named: Iterable[str] = ()) -> Collected:
    """Remove what `removable` names. Only for the one who holds the workspace for writing; a kill leaves the rest to the next."""
    with nobody_reads(workspace.root) as alone:
        if not alone:
            return Collected(read=True)
        _forget_runs(workspace.journal)
        sizes = removable(workspace.journal, workspace.files, also_named)
        gone = workspace.remove(list(sizes))
    _forget(workspace.journal, list(sizes))  # whoever waits for the lock may hold the journal
    return Collected(files=len(gone), bytes=sum(sizes[each] for each in gone))


def _forget_runs(journal: Journal) -> None:
    """Take runs out of the manifest that only an earlier round saw than the last one that ended."""
    ended = last_ended(journal)
    if ended is not None:
        with journal.transaction() as connection:
            forget_retired(connection, ended)


def _forget(journal: Journal, names: list[str]) -> None:
    """Take the rows of removed files out of the manifest, but for the newest one: its number is not to be given again."""
    if not names:
        return
    index = tables.index.c
    with journal.transaction() as connection:
        last = connection.execute(sa.select(sa.func.max(index.id))).scalar()
        for start in range(0, len(names), _MOST_AT_ONCE):
            part = names[start : start + _MOST_AT_ONCE]
            connection.execute(
                tables.index.delete().where(index.file.in_(part), ~index.live, index.id != last)
            )
