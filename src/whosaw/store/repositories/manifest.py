"""What was read: contents, segments, routes. Every change is part of one transaction of the caller."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from whosaw.store import statements as sa
from whosaw.store.journal import Journal, tables
from whosaw.store.segment import SegmentDraft

__all__ = [
    "NewestContent",
    "add_content",
    "add_segment",
    "all_rejected",
    "content_segments",
    "find_begun",
    "find_contents",
    "head_sizes",
    "ids_of_routes",
    "names_known",
    "newest_contents",
    "read_contents",
    "register_routes",
    "retire",
    "route_numbers",
    "routes_of_map",
    "start_content",
    "update_content",
]

_MOST_BOUND = 10_000  # values in one statement; databases set a limit


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestContent:
    """The content of a name that was read last: whether to its end, what its file showed then (`stamp`), and how it was read."""

    id: int
    name: str
    stamp: str
    complete: bool
    format: str
    confidence: float | None
    config: str


def find_contents(journal: Journal, name: str) -> list[dict[str, Any]]:
    """Contents of this name that were not replaced, newest first."""
    content = tables.content
    return journal.rows(
        sa.select(content)
        .where(content.c.replaced_by.is_(None), content.c.name == name)
        .order_by(content.c.id.desc())
    )


def newest_contents(journal: Journal, names: Sequence[str]) -> dict[str, NewestContent]:
    """By name the newest content that was not replaced, of these names."""
    content = tables.content.c
    query = sa.select(*(content[each] for each in NewestContent.__slots__))
    rows = journal.rows(
        query.where(content.replaced_by.is_(None), content.name.in_(names)).order_by(content.id)
    )
    return {row["name"]: NewestContent(**row) for row in rows}


def all_rejected(journal: Journal, contents: Sequence[int]) -> frozenset[int]:
    """Which of these contents have live segments with a reject, and none with an event."""
    segment = tables.segment.c
    events, rejects = (
        sa.func.sum(segment.events).label("events"),
        sa.func.sum(segment.rejects).label("rejects"),
    )
    query = sa.select(segment.content, events, rejects).where(segment.live, segment.content.in_(contents))
    rows = journal.rows(query.group_by(segment.content))
    return frozenset(row["content"] for row in rows if row["rejects"] and not row["events"])


def find_begun(journal: Journal, heads: Sequence[str]) -> list[dict[str, Any]]:
    """Contents that were not replaced and whose first bytes have one of these digests, newest first."""
    content = tables.content
    rows: list[dict[str, Any]] = []
    for start in range(0, len(heads), _MOST_BOUND):
        part = heads[start : start + _MOST_BOUND]
        query = sa.select(content).where(content.c.replaced_by.is_(None), content.c.head.in_(part))
        rows.extend(journal.rows(query))
    return sorted(rows, key=lambda row: -row["id"])


def names_known(journal: Journal, names: Sequence[str]) -> frozenset[str]:
    """Which of these are names of contents that were not replaced."""
    content = tables.content.c
    query = sa.select(content.name).where(content.replaced_by.is_(None), content.name.in_(names))
    return frozenset(row["name"] for row in journal.rows(query))


def content_segments(journal: Journal, content: int) -> list[dict[str, Any]]:
    """The live segments of a content in order."""
    segment = tables.segment
    return journal.rows(
        sa.select(segment).where(segment.c.content == content, segment.c.live).order_by(segment.c.start)
    )


def read_contents(journal: Journal, contents: Sequence[int]) -> frozenset[int]:
    """Which of these contents have live segments: not those that are empty, or a copy of another."""
    segment = tables.segment.c
    query = sa.select(segment.content).where(segment.live, segment.content.in_(contents)).distinct()
    return frozenset(row["content"] for row in journal.rows(query))


def add_content(connection: sa.Connection, values: dict[str, Any]) -> int:
    """A new content; returns its number."""
    return connection.execute(tables.content.insert().values(**values)).key


def start_content(connection: sa.Connection, values: dict[str, Any]) -> int:
    """A content to be read from its start: a new one, or one of that name of which nothing was read yet."""
    content, segment = tables.content, tables.segment
    begun = sa.select(segment.c.content)
    found = connection.execute(
        sa.select(content.c.id)
        .where(content.c.name == values["name"], ~content.c.complete, ~content.c.id.in_(begun))
        .order_by(content.c.id)
    ).first()
    if found is None:
        return add_content(connection, values)
    update_content(connection, found.id, values)
    return int(found.id)


def update_content(connection: sa.Connection, content: int, values: dict[str, Any]) -> None:
    """Change what is known of a content."""
    connection.execute(tables.content.update().where(tables.content.c.id == content).values(**values))


def add_segment(
    connection: sa.Connection, values: dict[str, Any], draft: SegmentDraft, files: dict[str, str]
) -> int:
    """A new live segment and its coverage; returns its number."""
    row = {
        **values,
        "events": draft.events,
        "rejects": draft.rejects,
        "views": draft.views,
        "duplicates": draft.duplicates,
        "first_time": draft.first_time,
        "last_time": draft.last_time,
        "back_step": draft.back_step,
        "files": json.dumps(files, sort_keys=True),
        "live": True,
        "indexed": False,
    }
    number = connection.execute(tables.segment.insert().values(**row)).key
    hours = [
        {
            "segment": number,
            "hour": h.hour,
            "events": h.events,
            "rejects": h.rejects,
            "duplicates": h.duplicates,
            "minutes": h.minutes,
            "cross": 0,
        }
        for h in draft.hours
    ]
    if hours:
        connection.execute(tables.hour.insert(), hours)
    if draft.harmless:
        told = [{"segment": number, "hour": hour, "rejects": many} for hour, many in draft.harmless]
        connection.execute(tables.harmless.insert(), told)
    return number


def retire(connection: sa.Connection, segments: list[int]) -> None:
    """Take segments out of the ledger; the next index is made without them."""
    if segments:
        connection.execute(
            tables.segment.update().where(tables.segment.c.id.in_(segments)).values(live=False)
        )


def register_routes(connection: sa.Connection, digest: str, routes: list[dict[str, Any]]) -> None:
    """Give the routes of a map numbers for life. `routes` are in map order; a known map changes nothing."""
    route = tables.route
    if connection.execute(sa.select(route.c.number).where(route.c.map == digest).limit(1)).first():
        return
    top = connection.execute(sa.select(sa.func.max(route.c.number))).scalar()
    start = 0 if top is None else int(top) + 1
    for position, body in enumerate(routes):
        values = {"number": start + position, "map": digest, "position": position, "id": body["id"]}
        connection.execute(
            route.insert().values(**values, body=json.dumps(body, sort_keys=True, default=str))
        )


def routes_of_map(journal: Journal, digest: str | None) -> list[dict[str, Any]]:
    """The routes of a data map in its order, as they were kept; none of a map that the ledger was never read with."""
    route = tables.route
    rows = journal.rows(sa.select(route.c.body).where(route.c.map == digest).order_by(route.c.position))
    return [json.loads(row["body"]) for row in rows]


def ids_of_routes(journal: Journal) -> dict[int, str]:
    """The ids of the routes of all data maps, by their numbers."""
    route = tables.route.c
    return {row["number"]: row["id"] for row in journal.rows(sa.select(route.number, route.id))}


def route_numbers(journal: Journal, digest: str | None) -> frozenset[int]:
    """The numbers of the routes of a data map."""
    route = tables.route.c
    return frozenset(
        row["number"] for row in journal.rows(sa.select(route.number).where(route.map == digest))
    )


def head_sizes(journal: Journal, most: int) -> list[int]:
    """How many first bytes of contents were digested, in order, up to `most`."""
    content = tables.content.c
    sizes = journal.rows(
        sa.select(content.head_size)
        .where(content.head_size > 0, content.head_size <= most)
        .distinct()
        .order_by(content.head_size)
    )
    return [row["head_size"] for row in sizes]
