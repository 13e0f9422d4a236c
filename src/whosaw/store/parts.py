"""What the ledger holds of each day: runs and where they stand, what was made of what, and the rounds that made it.

A round is one bringing up to date. Parts say since which round they are in force, and until which, so that a reader sees the state
of the last round that ended, whatever goes on meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from whosaw.core.canonical_json import canonical_json
from whosaw.core.instants import to_micros

from . import statements as sa
from .journal import Connection, Journal, tables

__all__ = [
    "Learnt",
    "Made",
    "Part",
    "Round",
    "begin_round",
    "end_round",
    "facts_learnt",
    "forget_begun_with",
    "forget_facts",
    "forget_retired",
    "last_ended",
    "last_rounds",
    "parts_in_force",
    "put_facts",
    "put_made",
    "put_parts",
    "put_segment_rows",
    "put_tombstones",
    "retire_parts",
    "rows_of_segments",
    "segments_with_rows",
    "steps_made",
    "unmake",
]

_SEGMENTS = 256  # whose row digests are read at once
_NOTHING: Final[Mapping[str, Any]] = {}  # one for all that say nothing, of which there are many
_ROUNDS = 100  # that are kept beside the last; a watch begins one each minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The rows of one kind of one day, or of one range of it: `rows` from row `first` of a file on. `range` are the first bits of
    digests of persons as text; empty: all of the day. `edges` has, by hours, the digests of its first and its last so many."""

    kind: str
    day: int
    range: str
    file: str
    first: int
    rows: int
    digest: str
    edges: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A step on a day: under which key it was made, what it had read (word -> short digest), and the digest of each kind it kept."""

    step: str
    day: int
    key: str
    read: Mapping[str, str]
    kept: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """A fact as of a day: its value in JSON's types, and the key of what it was learnt from."""

    name: str
    day: int
    key: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One bringing up to date: what it began with, and, where it came to its end, the root of each step."""

    id: int
    program: str
    inputs: Any
    ended: int | None
    roots: Mapping[str, str]


def parts_in_force(
    journal: Journal, kinds: Sequence[str] | None = None, *, at: int | None = None
) -> list[Part]:
    """The parts in force now, or of the state that round `at` left, by kind, day and range."""
    part = tables.part
    if not journal.has(part):
        return []
    columns = (part.c[name] for name in Part.__slots__)
    query = sa.select(*columns).order_by(part.c.kind, part.c.day, part.c.range)
    if kinds is not None:
        query = query.where(part.c.kind.in_(kinds))
    if at is None:
        query = query.where(part.c.until.is_(None))
    else:
        query = query.where(part.c.since <= at, sa.or_(part.c.until.is_(None), part.c.until > at))
    return [
        Part(
            kind=kind, day=day, range=of, file=file, first=first, rows=rows, digest=digest,
            edges=_NOTHING if edges == "{}" else json.loads(edges),
        )
        for kind, day, of, file, first, rows, digest, edges in journal.tuples(query)
    ]  # fmt: skip


def retire_parts(connection: Connection, kind: str, days: Iterable[int], round_id: int) -> None:
    """The parts of these days are in force no longer."""
    part = tables.part
    for day in days:
        here = (part.c.kind == kind, part.c.day == day, part.c.until.is_(None))
        connection.execute(part.delete().where(*here, part.c.since == round_id))
        connection.execute(part.update().where(*here).values(until=round_id))


def put_parts(connection: Connection, parts: Sequence[Part], round_id: int) -> None:
    """Have these in force from this round on; what stood in their place was retired."""
    rows = [{**_plain(each), "edges": _json(each.edges), "since": round_id} for each in parts]
    if rows:
        connection.execute(tables.part.insert(), rows)


def forget_retired(connection: Connection, ended: int) -> int:
    """Take out of the manifest what is not in the state that round `ended` left, nor in a later one: what only an earlier round saw.
    Returns how many parts that were. Their files may go once nothing else names them; for the one who knows that nobody reads."""
    part = tables.part.c
    old = (part.until.is_not(None), part.until <= ended)
    many = connection.execute(sa.select(sa.func.count()).select_from(tables.part).where(*old)).scalar()
    connection.execute(tables.part.delete().where(*old))
    return int(many)


def last_ended(journal: Journal) -> int | None:
    """The last round that came to its end; None where none did."""
    rounds = tables.rounds
    if not journal.has(rounds):
        return None
    rows = journal.rows(sa.select(sa.func.max(rounds.c.id).label("id")).where(rounds.c.ended.is_not(None)))
    return None if rows[0]["id"] is None else int(rows[0]["id"])


def put_tombstones(
    connection: Connection, gone: Sequence[tuple[str, int, str]], *, why: str, round_id: int, now: datetime
) -> None:
    """Keep of (kind, day, digest) of runs that went without others in their place that they were there, and why they went."""
    tombstone = tables.tombstone
    for kind, day, digest in gone:
        here = (tombstone.c.kind == kind, tombstone.c.day == day, tombstone.c.round == round_id)
        connection.execute(tombstone.delete().where(*here))
        row = {
            "kind": kind,
            "day": day,
            "round": round_id,
            "time": to_micros(now),
            "why": why,
            "digest": digest,
        }
        connection.execute(tombstone.insert(), [row])


def rows_of_segments(journal: Journal) -> Iterator[tuple[int, str]]:
    """By segment, as JSON, the row digests by hour (since 1970) of its events, and of whom else these named. They are read as they are asked
    for."""
    rows = tables.segment_rows
    query, last = sa.select(rows).order_by(rows.c.segment).limit(_SEGMENTS), -1
    there = journal.has(rows)
    while there and (found := journal.rows(query.where(rows.c.segment > last))):
        yield from ((row["segment"], row["hours"]) for row in found)
        last = found[-1]["segment"]


def segments_with_rows(journal: Journal) -> set[int]:
    """The segments of which row digests are kept."""
    rows = tables.segment_rows
    if not journal.has(rows):
        return set()
    return {row["segment"] for row in journal.rows(sa.select(rows.c.segment))}


def put_segment_rows(connection: Connection, hours: Mapping[int, Mapping[int, Sequence[str]]]) -> None:
    """Keep row digests of segments, which never change."""
    told = [
        {"segment": segment, "hours": _json({str(hour): list(each) for hour, each in by_hour.items()})}
        for segment, by_hour in sorted(hours.items())
    ]
    if told:
        connection.execute(tables.segment_rows.insert(), told)


def steps_made(journal: Journal, *, why: bool = True) -> list[Made]:
    """What every step was made of, by step and day; without `why` the keys alone, of which a year has a hundred thousand."""
    made = tables.made
    if not journal.has(made):
        return []
    columns = (made.c.step, made.c.day, made.c.key, *((made.c.read, made.c.kept) if why else ()))
    rows = journal.tuples(sa.select(*columns).order_by(made.c.step, made.c.day))
    if not why:
        return [Made(step=step, day=day, key=key, read=_NOTHING, kept=_NOTHING) for step, day, key in rows]
    return [
        Made(step=step, day=day, key=key, read=json.loads(read), kept=json.loads(kept))
        for step, day, key, read, kept in rows
    ]


def unmake(connection: Connection, step: str, days: Iterable[int]) -> None:
    """Forget that a step was made on these days."""
    made = tables.made
    for day in days:
        connection.execute(made.delete().where(made.c.step == step, made.c.day == day))


def put_made(connection: Connection, made: Sequence[Made], round_id: int) -> None:
    """Keep what steps were made of; what they were made of before has been forgotten."""
    rows = [
        {**_plain(each), "read": _json(each.read), "kept": _json(each.kept), "round": round_id}
        for each in made
    ]
    if rows:
        connection.execute(tables.made.insert(), rows)


def facts_learnt(journal: Journal) -> list[Learnt]:
    """Every fact as of every day it was asked of."""
    fact = tables.fact
    if not journal.has(fact):
        return []
    rows = journal.tuples(sa.select(fact.c.name, fact.c.day, fact.c.key, fact.c.value))
    return [Learnt(name=name, day=day, key=key, value=json.loads(value)) for name, day, key, value in rows]


def put_facts(
    connection: Connection, learnt: Sequence[Learnt], round_id: int, *, there: Collection[int]
) -> None:
    """Keep a fact as of some days, in place of what it was before as of those that are `there`."""
    fact = tables.fact
    for each in learnt:
        if each.day in there:
            connection.execute(fact.delete().where(fact.c.name == each.name, fact.c.day == each.day))
    rows = [{**_plain(each), "value": _json(each.value), "round": round_id} for each in learnt]
    if rows:
        connection.execute(fact.insert(), rows)


def forget_facts(connection: Connection, name: str, days: Iterable[int]) -> None:
    """What a fact was as of these days holds no longer."""
    fact = tables.fact
    for day in days:
        connection.execute(fact.delete().where(fact.c.name == name, fact.c.day == day))


def last_rounds(journal: Journal, many: int = 1) -> list[Round]:
    """The last rounds, the newest first."""
    rounds = tables.rounds
    if not journal.has(rounds):
        return []
    rows = journal.rows(sa.select(rounds).order_by(rounds.c.id.desc()).limit(many))
    return [
        Round(
            id=row["id"],
            program=row["program"],
            inputs=json.loads(row["inputs"]),
            ended=row["ended"],
            roots=json.loads(row["roots"] or "{}"),
        )
        for row in rows
    ]


def forget_begun_with(connection: Connection, journal: Journal, name: str) -> None:
    """Forget what any round began with under a name: the next one begins with what there is then."""
    rounds = tables.rounds
    for row in (
        journal.rows(sa.select(rounds.c.id, rounds.c.inputs), connection)
        if journal.has(rounds, connection)
        else []
    ):
        inputs = json.loads(row["inputs"])
        if inputs.pop(name, None) is not None:
            connection.execute(rounds.update().values(inputs=_json(inputs)).where(rounds.c.id == row["id"]))


def begin_round(journal: Journal, *, program: str, inputs: Any, now: datetime) -> Round:
    """Write down, before any work, all that a round begins with."""
    journal.create()  # a workspace of an earlier release has no such tables
    row = {"begun": to_micros(now), "program": program, "inputs": _json(inputs)}
    with journal.transaction() as connection:
        key = connection.execute(tables.rounds.insert(), [row]).key
    return Round(id=key, program=program, inputs=json.loads(_json(inputs)), ended=None, roots={})


def end_round(journal: Journal, begun: Round, *, roots: Mapping[str, str], now: datetime) -> Round:
    """The round came to its end: from now on, readers see what it left. What rounds long ago began with is forgotten."""
    rounds = tables.rounds
    ended = to_micros(now)
    with journal.transaction() as connection:
        connection.execute(
            rounds.update().where(rounds.c.id == begun.id).values(ended=ended, roots=_json(dict(roots)))
        )
        connection.execute(rounds.delete().where(rounds.c.id < begun.id - _ROUNDS))
    return replace(begun, ended=ended, roots=dict(roots))


def _plain(each: Part | Made | Learnt) -> dict[str, Any]:
    """Its fields as they are; what is in them is not copied."""
    return {name: getattr(each, name) for name in each.__slots__}


def _json(value: Any) -> str:
    return canonical_json(value).decode()
