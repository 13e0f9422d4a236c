"""What was worked out from runs and is no run itself: kept by name, so that it is not worked out again. It may be lost at any time."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from whosaw.core.canonical_json import canonical_json

from . import statements as sa
from .journal import Connection, Journal

__all__ = ["forget", "forget_remembered", "recall", "remember", "remembered"]

remembered = sa.Table(
    "remembered",
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("told", sa.String, nullable=False),  # JSON
    sa.Column("file", sa.String),  # rows that belong to it
)


def recall(journal: Journal, name: str) -> tuple[str, str | None] | None:
    """The document (JSON) of that name and the file that belongs to it; None where there is none."""
    with journal.reading() as connection:
        if not journal.has(remembered, connection):
            return None
        asked = sa.select(remembered.c.told, remembered.c.file).where(remembered.c.name == name)
        rows = journal.rows(asked, connection)
    return (rows[0]["told"], rows[0]["file"]) if rows else None


def remember(journal: Journal, name: str, told: Any, file: str | None) -> None:
    """Keep a document in JSON's types, and a file, in place of what was kept under that name."""
    row = {"name": name, "told": canonical_json(told).decode(), "file": file}
    with journal.transaction() as connection:
        remembered.create(connection)
        connection.execute(remembered.delete().where(remembered.c.name == name))
        connection.execute(remembered.insert(), [row])


def forget(journal: Journal, begin: str, names: Collection[str]) -> list[str]:
    """Forget what is kept under names that begin so, but for these; the files that belonged to it."""
    with journal.reading() as connection:
        if not journal.has(remembered, connection):
            return []
        asked = sa.select(remembered.c.name, remembered.c.file)
        own = [row for row in journal.rows(asked, connection) if row["name"].startswith(begin)]
    gone = [row for row in own if row["name"] not in names]
    if gone:
        with journal.transaction() as connection:
            for row in gone:
                connection.execute(remembered.delete().where(remembered.c.name == row["name"]))
    return [row["file"] for row in gone if row["file"] is not None]


def forget_remembered(connection: Connection, journal: Journal) -> None:
    """Forget all of it."""
    if journal.has(remembered, connection):
        connection.execute(remembered.delete())
