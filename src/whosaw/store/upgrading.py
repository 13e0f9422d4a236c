"""How the database of a workspace is brought from how an earlier release kept it to how this one does: step by step, each once, all of
them or none. The workspace says in its settings up to which step it is; one that is further than this program knows is left alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from whosaw.core.errors import WhosawError

from . import statements as sa

__all__ = ["LAYOUT", "STEPS", "refuse_newer", "sign_only", "upgrade"]

LAYOUT: Final = "layout"  # the setting that says how many steps were done
_ALERTS: Final = (
    "INSERT INTO alert (sink, thread, step, joining, made, body, state, attempts, next, sent, fault) "
    "SELECT sink, thread, step, 0, made, body, state, attempts, next, sent, fault FROM outbox"
)
# A release that does not sign must not go on with a journal that is signed: its entries would look like somebody else's.
_SIGNED_ONLY: Final = """CREATE TRIGGER IF NOT EXISTS journal_is_signed BEFORE INSERT ON journal
WHEN NOT EXISTS (SELECT 1 FROM custody WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'a newer whosaw signs its entries: use that one'); END"""


def sign_only(connection: sa.Connection) -> None:
    """Entries without a signature are refused. No release that does not sign knows PostgreSQL."""
    if type(connection) is sa.Connection:
        connection.run(_SIGNED_ONLY)


def _alerts_that_join(connection: sa.Connection) -> None:
    """Alerts as they were before others could join a party."""
    if connection.has_table("outbox"):
        connection.run(_ALERTS)
        connection.run("DROP TABLE outbox")


def _columns_behind(_connection: sa.Connection) -> None:
    """Nothing to change: from here on files of days hold columns as how far they lie behind others, which no program before can read."""


def _numbers_alone(_connection: sa.Connection) -> None:
    """Nothing to change: from here on segments let go what their numbers stand for, which every program before reads, and files of days
    hold instants as seconds and what is beside them."""


def _exposures_apart(_connection: sa.Connection) -> None:
    """Nothing to change: from here on files of exposures hold instants as files of days do, which no program before can read."""


def _parts_by_file(connection: sa.Connection) -> None:
    """Nobody asks for parts by their file: the index by it took a tenth of the journal."""
    connection.run("DROP INDEX IF EXISTS ix_part_file")


STEPS: Final[tuple[Callable[[sa.Connection], None], ...]] = (
    sign_only, _alerts_that_join, _columns_behind, _numbers_alone, _exposures_apart, _parts_by_file,
)  # fmt: skip
"""In order, and never another order: what was done is known by how many they were. A workspace from before they were counted has any of
them behind it, so those up to here look first whether anything is to be done."""


def upgrade(connection: sa.Connection, every: Sequence[sa.Table], setting: sa.Table) -> None:
    """In the transaction of `connection`: make the tables that are not there, and do the steps that were not done."""
    for table in every:
        table.create(connection)
    query = sa.select(setting.c.value).where(setting.c.name == LAYOUT)
    told = connection.execute(query).scalar()
    refuse_newer(told)
    if told == str(len(STEPS)):
        return
    for step in STEPS[int(told or 0) :]:
        step(connection)
    connection.execute(setting.delete().where(setting.c.name == LAYOUT))
    connection.execute(setting.insert().values(name=LAYOUT, value=str(len(STEPS))))


def refuse_newer(told: str | None) -> None:
    """Raise `WhosawError` for a database that a later release brought further than this one knows."""
    if told is not None and int(told) > len(STEPS):
        raise WhosawError(
            "workspace.layout",
            f"a later whosaw changed how this workspace is kept (step {told}), and this one knows {len(STEPS)}",
            hint="Use the program that did, or a later one",
        )
