"""Records as PostgreSQL writes its csvlog, with the entry of pgaudit in the message.

Layout: PostgreSQL 17 documentation, 19.8.4 "Using CSV-Format Log Output"; README of pgaudit, "Format", with
`pgaudit.log_rows`. `log_timezone` is UTC, since the letters of other zones are ambiguous.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from whosaw.replay.dice import Bools, Ints
from whosaw.replay.shop_item import Page, Service
from whosaw.replay.traffic import NOBODY, Traffic, staff_index

from .columns import (
    Piece,
    Same,
    claimed,
    first_second,
    fixed,
    joined,
    milliseconds,
    numbers,
    pick,
    ports,
    ports_of,
    split_address,
    utc_seconds,
)
from .scene import Scene
from .templates import templates

__all__ = ["COUNTED", "PgAudit", "object_of", "rows_of", "was_refused"]

_TABLE = re.compile(r"(?:\bfrom|^copy)\s+([A-Za-z_][A-Za-z0-9_.]*)", re.IGNORECASE)
COUNTED = "SELECT"  # a plan that runs to its end; for COPY pgaudit says 0 whatever came back
_FIRST_PID = 4_711
_NOT_FOUND = 404  # the statement ran and found no row


def object_of(page: Page) -> str:
    """The table that a statement reads, with its schema; empty for a page without one."""
    found = _TABLE.search(page.statement)
    name = found[1] if found else ""
    return name if not name or "." in name else f"public.{name}"


def was_refused(part: Traffic) -> Bools:
    """Whether the database did not carry the statement out."""
    refused: Bools = (part.status >= 400) & (part.status != _NOT_FOUND)
    return refused


def rows_of(part: Traffic, scene: Scene) -> Ints:
    """How many rows each statement gave."""
    kinds = np.asarray([page.number_is for page in scene.pages])[part.page]
    rows = np.where(part.status == _NOT_FOUND, 0, 1).astype(np.int64)
    if scene.people is None:
        return rows
    members = scene.people.numbers
    for at in np.flatnonzero((kinds == "range") | (kinds == "list")).tolist():
        first, count = int(part.number[at]), int(part.records[at])
        if kinds[at] == "range":
            low, high = np.searchsorted(members, [first, first + count])
            rows[at] = high - low
        else:
            rows[at] = min(max(0, len(members) - first * count), count)
    return rows


class PgAudit:
    """One session a day for each claimant, in which records are numbered."""

    def __init__(self, scene: Scene, service: Service) -> None:
        self._scene = scene
        sessions = range(len(scene.claimants) + 1)  # the last one is that of members and of nobody
        start = scene.start // 1000
        began = first_second(scene.start, " ")
        self._pids = fixed(f'","shop",{_FIRST_PID + at},"' for at in sessions)
        self._sessions = fixed(f"{start:x}.{_FIRST_PID + at:x}," for at in sessions)
        self._ports = ports(":", '",')
        self._claimants = scene.claimant_texts
        self._began = fixed(f',"{page.method}",{began} UTC,3/' for page in scene.pages)
        self._counted = np.asarray([page.method == COUNTED for page in scene.pages], dtype=bool)
        statements, refusals = [], []
        for page in scene.pages:
            audited = page.statement.replace('"', '""').replace('"', '""')
            statements.append(f',1,READ,{page.method},TABLE,{object_of(page)},""{audited}"",<not logged>,')
            whole = page.statement.replace('"', '""')
            refusals.append(
                f'permission denied for table {object_of(page).removeprefix("public.")}",,,,,,"{whole}"'
            )
        self._statements, self._refusals = templates(statements), templates(refusals)
        self._agents = fixed(
            f'"{agent.replace(chr(34), chr(34) * 2)}","client backend",,0\n' for agent in scene.agents
        )
        del service

    def lines(self, part: Traffic, first_line: int) -> pa.StringArray:
        """The record of each statement on one line, its end included, with its number in the session."""
        number = numbers(first_line + np.arange(len(part), dtype=np.int64))
        refused = was_refused(part)
        if not refused.any():
            return self._audited(part, number)
        return pc.if_else(pa.array(refused), self._denied(part, number), self._audited(part, number))

    def _head(self, part: Traffic, number: pa.StringArray) -> list[Piece]:
        second, rest = np.divmod((part.time - self._scene.start).astype(np.int32), 1000)
        session = self._session(part.principal)
        user = (
            Same("postgres")
            if (part.principal == NOBODY).all()
            else pc.if_else(
                pa.array(part.principal == NOBODY), Same("postgres"), claimed(part.principal, self._claimants)
            )
        )
        return [
            *utc_seconds(self._scene.start, " ", second),
            pick(milliseconds(' UTC,"'), rest),
            user,
            pick(self._pids, session),
            *split_address(part.address, self._scene.homes),
            pick(self._ports, ports_of(part)),
            pick(self._sessions, session),
            number,
            pick(self._began, part.page),
            number,
        ]

    def _session(self, principal: Ints) -> NDArray[np.int32]:
        at = staff_index(0) - principal
        last = len(self._pids) - 1
        return np.where((principal < NOBODY) & (at < last), at, last).astype(np.int32)

    def _audited(self, part: Traffic, number: pa.StringArray) -> pa.StringArray:
        return joined(
            [
                *self._head(part, number),
                Same(',0,LOG,00000,"AUDIT: SESSION,'),
                number,
                *self._statements.fill(part),
                numbers(np.where(self._counted[part.page], rows_of(part, self._scene), 0)),
                Same('",,,,,,,,,'),
                pick(self._agents, part.agent),
            ],
            len(part),
        )

    def _denied(self, part: Traffic, number: pa.StringArray) -> pa.StringArray:
        return joined(
            [
                *self._head(part, number),
                Same(',0,ERROR,42501,"'),
                *self._refusals.fill(part),
                Same(",,,"),
                pick(self._agents, part.agent),
            ],
            len(part),
        )
