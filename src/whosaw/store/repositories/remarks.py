"""What a team says to one another about what the console shows, and what somebody proposes to do with findings."""

from __future__ import annotations

from dataclasses import dataclass

from whosaw.store import statements as sa
from whosaw.store.journal import Connection, Journal, tables

__all__ = [
    "ProposalRow",
    "RemarkRow",
    "add_proposal",
    "add_remark",
    "change_proposal",
    "proposal_of",
    "proposals",
    "remark_counts",
    "remark_of",
    "remarks",
    "remarks_naming",
    "talked",
    "withdraw_remark",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkRow:
    """One remark `about` a thing and the version of it. `withdrawn`: when whoever made it took it back (None: it stands)."""

    id: int
    about: str
    version: str
    time: int
    who: str
    text: str
    withdrawn: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """That a finding is of the same actor as another one (merge), or that a part of it is of another (split)."""

    id: int
    kind: str
    finding: str
    other: str
    why: str
    who: str
    time: int
    decided: str
    because: str
    decided_by: str
    decided_at: int | None


def remarks(journal: Journal, about: str) -> list[RemarkRow]:
    """On one thing, the first one first."""
    table = tables.remark
    return [
        RemarkRow(**row)
        for row in journal.rows(sa.select(table).where(table.c.about == about).order_by(table.c.id))
    ]


def remarks_naming(journal: Journal, name: str, most: int) -> list[RemarkRow]:
    """The last ones that hold `@name`, or the beginning of a longer name, and that nobody took back; the newest first."""
    table = tables.remark
    query = sa.select(table).where(
        table.c.text.like(f"%@{name.replace('%', '')}%"), table.c.withdrawn.is_(None)
    )
    return [RemarkRow(**row) for row in journal.rows(query.order_by(table.c.id.desc()).limit(most))]


def remark_counts(journal: Journal, beginning: str) -> dict[str, int]:
    """By thing, how many there are on those whose name begins so."""
    table = tables.remark
    many = sa.select(table.c.about, sa.func.count().label("many"))
    return {
        str(row["about"]): int(row["many"])
        for row in journal.rows(many.where(table.c.about.startswith(beginning)).group_by(table.c.about))
    }


def talked(journal: Journal) -> tuple[int, int]:
    """How many remarks there are, and how many of them were taken back."""
    table = tables.remark
    (said,) = journal.rows(sa.select(sa.func.count().label("many")).where(table.c.id > 0))
    (back,) = journal.rows(sa.select(sa.func.count().label("many")).where(table.c.withdrawn.is_not(None)))
    return int(said["many"]), int(back["many"])


def remark_of(journal: Journal, number: int, connection: Connection | None = None) -> RemarkRow | None:
    """The one of this number."""
    rows = journal.rows(sa.select(tables.remark).where(tables.remark.c.id == number), connection)
    return RemarkRow(**rows[0]) if rows else None


def add_remark(connection: Connection, *, about: str, version: str, time: int, who: str, text: str) -> int:
    """Put down one more; its number."""
    last = connection.execute(sa.select(sa.func.max(tables.remark.c.id))).scalar()
    number = int(last or 0) + 1
    row = tables.remark.insert().values(
        id=number, about=about, version=version, time=time, who=who, text=text
    )
    connection.execute(row)
    return number


def withdraw_remark(connection: Connection, number: int, time: int) -> None:
    """Put down that it was taken back; it stays."""
    connection.execute(tables.remark.update().where(tables.remark.c.id == number).values(withdrawn=time))


def proposals(journal: Journal, finding: str = "") -> list[ProposalRow]:
    """All of them, or those that a finding has a part in, the first one first."""
    table = tables.proposal
    query = sa.select(table).order_by(table.c.id)
    if finding:
        query = query.where(sa.or_(table.c.finding == finding, table.c.other == finding))
    return [ProposalRow(**row) for row in journal.rows(query)]


def proposal_of(journal: Journal, number: int, connection: Connection | None = None) -> ProposalRow | None:
    """The one of this number."""
    rows = journal.rows(sa.select(tables.proposal).where(tables.proposal.c.id == number), connection)
    return ProposalRow(**rows[0]) if rows else None


def add_proposal(
    connection: Connection, *, kind: str, finding: str, other: str, why: str, who: str, time: int
) -> int:
    """Put down one more; its number."""
    last = connection.execute(sa.select(sa.func.max(tables.proposal.c.id))).scalar()
    number = int(last or 0) + 1
    row = tables.proposal.insert().values(
        id=number, kind=kind, finding=finding, other=other, why=why, who=who, time=time
    )
    connection.execute(row)
    return number


def change_proposal(connection: Connection, number: int, **changes: str | int) -> None:
    """Put down what was decided of it."""
    connection.execute(tables.proposal.update().where(tables.proposal.c.id == number).values(**changes))
