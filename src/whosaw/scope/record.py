"""What closure has to be told beside the ledger: what the record says of single views, and how findings were made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from .leaks import Agent

__all__ = ["CANNOT_TELL", "EXPLAINED", "UNEXPLAINED", "Record", "logins_table", "told_table"]

EXPLAINED, UNEXPLAINED, CANNOT_TELL = 1, 2, 3
_TOLD = pa.schema(
    [("content", pa.int32()), ("line", pa.int64()), ("person", pa.int32()), ("answer", pa.uint8())]
)

_LOGINS = pa.schema(
    [("token", pa.int64()), ("session", pa.int64()), ("address", pa.int64()), ("subject", pa.int64())]
)


def logins_table(rows: pa.Table | None = None) -> pa.Table:
    """(token, session, address, subject) of each login on record, numbers of the ledger; without rows an empty one."""
    return _LOGINS.empty_table() if rows is None else rows.select(_LOGINS.names).cast(_LOGINS)


def told_table(rows: pa.Table | None = None) -> pa.Table:
    """(content, line, person, answer); without rows an empty one."""
    return _TOLD.empty_table() if rows is None else rows.select(_TOLD.names).cast(_TOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """`given`: any record was there to look views up in. `told` answers single views where the relation `answers` does not:
    those of nobody by name, and those of an exposure whose views have different answers.

    `proven` says of a finding whether a record proves each of its views by itself (she had left, the key was retired), not
    only that there are too many; `unasked` are findings that count views which they would count without any record, too; `named` are those that a name in
    the log was flagged for; `signs`, which detectors made it (unknown: any may have). `logins` say where sessions were opened. `logs_from` and `logs_until` are microseconds, None where there are no logs.
    `desk`: for how many people each agent has no ticket; `by_tickets`: findings that were made by that.
    `order` gives the place of people in the order of their numbers (person, place), where a link has to know it.
    """

    given: bool
    told: pa.Table = field(default_factory=told_table)
    proven: Mapping[str, bool] = field(default_factory=dict)
    unasked: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    signs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    logins: pa.Table = field(default_factory=logins_table)
    logs_from: int | None = None
    logs_until: int | None = None
    desk: tuple[Agent, ...] = ()
    by_tickets: frozenset[str] = frozenset()
    order: Callable[[], pa.Table] | None = None
