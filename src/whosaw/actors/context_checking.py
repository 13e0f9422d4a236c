"""What a context can do: how much each table holds and from when until when, what of the logs it knows, and what it lets the detectors ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import pyarrow.compute as pc

from whosaw.core.document import told_as_instant
from whosaw.store.sql import Session

from .context import Context
from .context_schema import RESOLVED, TableSchema, table_schemas
from .detectors import Detector
from .explanation import Explanation
from .login_holes import hours_of, login_holes
from .run import untold_of
from .statement import statement

__all__ = [
    "CheckedColumn",
    "CheckedTable",
    "Clock",
    "Gap",
    "Passes",
    "Wakes",
    "check_tables",
    "clock_of",
    "passes_of",
    "wakes",
]

_WHEN: Final = {"logins": "time", "tickets": "opened", "shifts": "starts"}
"""The column of a table that says when a row began to hold, where rows are events of a stream."""
_IN_LOGS: Final = {"logins": ("token", "session"), "keys": ("key",)}
"""What of the client a log shows where there is such a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Between these two nothing is on record, where much was to be expected."""

    since: int = field(metadata=told_as_instant())
    until: int = field(metadata=told_as_instant())


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedColumn:
    """How many rows say something in a column, and of how many of these the ledger knows whom they name (None: it was not asked, or the column
    names nobody)."""

    column: str
    filled: int
    known: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passes:
    """Tokens or sessions that the logs show, and of how many logins are on record."""

    trait: str
    shown: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How long after its issue a token or session is first used, by so many of them: one in a hundred sooner than `soonest`, half of them sooner
    than `middle`; microseconds. Where `soonest` is below zero, the clock of the login service is ahead of that of the logs by as much."""

    passes: int
    soonest_us: int
    middle_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedTable:
    """One table: given, said to be none, or neither. `doubt` says what speaks against what is said of it; `whole` is False where rows may be
    missing all over it."""

    table: str
    title: str
    state: Literal["given", "none", "not given"]
    means: str
    files: tuple[str, ...] = ()
    rows: int = 0
    since: int | None = field(default=None, metadata=told_as_instant())
    until: int | None = field(default=None, metadata=told_as_instant())
    gaps: tuple[Gap, ...] = ()
    whole: bool = True
    columns: tuple[CheckedColumn, ...] = ()
    doubt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wakes:
    """Whether a detector or an explanation can be asked: `awake`, `asleep` and why, or `not asked` for there is nothing to look into."""

    id: str
    title: str
    answer: Literal["awake", "asleep", "not asked"]
    why: str


def check_tables(context: Context, session: Session | None) -> tuple[CheckedTable, ...]:
    """Every table that there may be, in the order of their names. `session` is that of a ledger; None: there is none."""
    return tuple(_checked(context, schema, session) for _, schema in sorted(table_schemas().items()))


def _checked(context: Context, schema: TableSchema, session: Session | None) -> CheckedTable:
    name = schema.name
    if name in context.lacking:
        return CheckedTable(
            table=name, title=schema.title, state="none", means=schema.none.means, doubt=_doubt(name, session)
        )
    table = context.tables.get(name)
    if table is None:
        return CheckedTable(table=name, title=schema.title, state="not given", means="")
    since = until = None
    gaps: tuple[Gap, ...] = ()
    if name in _WHEN and len(times := table.rows[_WHEN[name]].drop_null()):
        since, until = pc.min(times).as_py(), pc.max(times).as_py()
        gaps = tuple(
            Gap(since=each.since, until=each.until)
            for each in login_holes(hours_of(np.sort(times.to_numpy())))
        )
    kinds = {each.name: each.kind for each in schema.columns}
    return CheckedTable(
        table=name,
        title=schema.title,
        state="given",
        means="",
        files=table.files,
        rows=table.rows.num_rows,
        since=since,
        until=until,
        gaps=gaps,
        whole=not (name == "logins" and context.partial),
        columns=tuple(
            CheckedColumn(
                column=column,
                filled=filled,
                known=table.matched.get(column)
                if session is not None and kinds[column] in RESOLVED
                else None,
            )
            for column, filled in table.filled.items()
        ),
        doubt="; ".join(context.partial) if name == "logins" else "",
    )


def _doubt(name: str, session: Session | None) -> str:
    """What the logs show of a table that there is none of."""
    found = []
    for trait in _IN_LOGS.get(name, ()) if session is not None else ():
        assert session is not None
        sql = f'SELECT count(DISTINCT "{trait}") AS n FROM clients'
        count = session.query(sql)["n"][0].as_py()
        if count:
            found.append(f"{count:,} {trait}{'' if count == 1 else 's'}")
    return f"the logs show {' and '.join(found)}" if found else ""


def passes_of(context: Context, session: Session) -> tuple[Passes, ...]:
    """Tokens and sessions of the logs, held against logins; none where the logs show neither."""
    rows = session.query(statement("check_passes"), given_logins=context.rows("logins"))
    return tuple(
        Passes(trait=row["pass"], shown=row["shown"], known=row["known"]) for row in rows.to_pylist()
    )


def clock_of(context: Context, session: Session) -> Clock | None:
    """The clocks of logins and logs against each other; None where no token or session stands in both."""
    (row,) = session.query(statement("check_clock"), given_logins=context.rows("logins")).to_pylist()
    if not row["passes"]:
        return None
    return Clock(passes=row["passes"], soonest_us=row["soonest"], middle_us=row["middle"])


def wakes(
    context: Context, detectors: Mapping[str, Detector], explanations: Mapping[str, Explanation]
) -> tuple[Sequence[Wakes], Sequence[Wakes]]:
    """Which detectors and which explanations can be asked with this context."""
    told: list[Wakes] = []
    for detector in detectors.values():
        untold = untold_of(detector, context)
        told.append(
            Wakes(
                id=detector.id,
                title=detector.title,
                answer="awake" if untold is None else "not asked" if untold.lacking else "asleep",
                why="" if untold is None else untold.why,
            )
        )
    said: list[Wakes] = []
    for each in explanations.values():
        why = each.why_not(context)
        said.append(Wakes(id=each.id, title=each.title, answer="asleep" if why else "awake", why=why))
    return told, said
