"""Whose views are put together, and these views in order of time, slice by slice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.sql import Session, quote_name

from .detectors import Clause, Detector
from .explanation import EXPLAINED, UNEXPLAINED
from .signs import VISIT
from .sliding import Peak
from .statement import statement
from .surprise import Bar, Usual

__all__ = ["Flag", "Memory", "counted_terms", "make_actors", "runs", "sliced"]

SLICE: Final = 4_000_000  # views held at once
CLIENT_COLUMNS: Final = ("address", "agent", "principal", "session", "token", "key", "tls")
_NUMBER_COLUMNS: Final = frozenset(("address", "principal", "session", "token", "network"))
_BATCH: Final = 1 << 20  # rows that are fetched at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One actor of one clause, by its number in the clause's table of actors, and what each window held."""

    detector: Detector
    clause: Clause
    actors: str  # temporary table (client, actor)
    actor: int
    peaks: tuple[Peak, ...]  # beside clause.windows
    clients: npt.NDArray[np.int64] | None = None  # the only ones that belong to it; None: see clause.members
    bar: Bar | None = None  # what it passed, where that was a matter of luck
    way: int | None = None  # those of one clause that go the same way are one party

    @property
    def raised_at(self) -> int:
        return min(peak.reached_at for peak in self.peaks if peak.reached_at is not None)


@dataclass(slots=True)
class Memory:
    """What one run has made and learnt so far: tables of actors by how they are grouped, and what is usual by sign or walk."""

    actors: dict[tuple[object, ...], str] = field(default_factory=dict)
    usual: dict[object, Usual] = field(default_factory=dict)
    learnt: dict[tuple[str, str], Usual] = field(default_factory=dict)  # by detector and clause
    signed: tuple[object, int] | None = (
        None  # what `detect_signed` was made for last, and how many views are signed
    )
    places: tuple[int, int] | None = None  # how many people have a number, and the largest place of one
    entries: bool = False  # whether it was asked at which page visits begin
    hours: dict[object, pa.Table] = field(default_factory=dict)  # people by page and hour, by what counts


def make_actors(
    session: Session,
    table: str,
    group_by: Sequence[str],
    *,
    lacks: Sequence[str] = (),
    agent_matches: str | None = None,
) -> None:
    """(client, actor): clients that share what they are grouped by; one without it is no actor. A client's manner is that of
    its visit, and is found among the views."""
    source = "clients"
    if "manner" in group_by:
        session.execute(statement("manners").format(visit=VISIT))
        source = "clients JOIN detect_manners USING (client)"
    columns = ", ".join(quote_name(name) for name in group_by)
    whole_client = len(group_by) == len(CLIENT_COLUMNS)
    terms = [] if whole_client else [f"{quote_name(name)} IS NOT NULL" for name in group_by]
    terms += [f"{quote_name(name)} IS NULL" for name in lacks]
    values: list[object] = []
    if agent_matches is not None:
        terms.append("regexp_matches(agent, ?)")
        values.append(agent_matches)
    where = f" WHERE {' AND '.join(terms)}" if terms else ""
    if whole_client:
        select = f"SELECT client, client AS actor FROM {source}{where}"
    elif len(group_by) == 1 and group_by[0] in _NUMBER_COLUMNS:
        select = f"SELECT client, {columns} AS actor FROM {source}{where}"
    else:
        numbered = (
            f"SELECT {columns}, row_number() OVER (ORDER BY {columns}) AS actor "
            f"FROM (SELECT DISTINCT {columns} FROM {source}{where})"
        )
        select = f"SELECT client, actor FROM {source} JOIN ({numbered}) USING ({columns})"
    session.execute(f"CREATE OR REPLACE TEMP TABLE {quote_name(table)} AS {select}", values or None)


def counted_terms(clause: Clause) -> str:
    """An SQL condition: the views that count towards the clause."""
    if clause.counted == "any":
        return "true"
    return f"answer = {UNEXPLAINED}" if clause.counted == "unexplained" else f"answer <> {EXPLAINED}"


def runs(actor: npt.NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """Each actor's rows of a slice: its number, where they start and where they stop."""
    borders = [0, *(np.flatnonzero(np.diff(actor)) + 1).tolist(), len(actor)]
    for start, stop in pairwise(borders):
        if start != stop:
            yield int(actor[start]), start, stop


def sliced(session: Session, sql: str, candidates: pa.Table) -> Iterator[pa.Table]:
    """The rows of `sql` for the candidates, about `SLICE` at once: one stream, sorted by the engine beyond memory where it has
    to be. `sql` reads `wanted_actors` and orders by actor and time; rows of one actor and one instant come together."""
    if not candidates.num_rows:
        return
    held: list[pa.RecordBatch] = []
    for batch in session.batches(
        sql,
        min(SLICE, _BATCH),
        wanted_actors=candidates.set_column(
            candidates.schema.get_field_index("actor"), "actor", candidates["actor"].cast(pa.int64())
        ),
    ):
        held.append(batch)
        if sum(each.num_rows for each in held) < SLICE:
            continue
        rows = pa.Table.from_batches(held)
        whole = _instants_before_the_last(rows)
        if whole:
            yield rows.slice(0, whole)
        held = rows.slice(whole).to_batches()
    if held:
        yield pa.Table.from_batches(held)


def _instants_before_the_last(rows: pa.Table) -> int:
    """How many rows stand before those of the last actor's last instant."""
    actor, time = rows["actor"].to_numpy(), rows["time"].to_numpy()
    others = np.flatnonzero((actor != actor[-1]) | (time != time[-1]))
    return int(others[-1]) + 1 if len(others) else 0
