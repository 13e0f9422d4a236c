"""The facts that counting a scope needs, out of the journal, the ledger and the context."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors import Context
from whosaw.core.instants import parse_instant, to_micros
from whosaw.scope.facts import HOUR, Facts, HourFact, Logins, LostLogs, RouteFact, SourceFact, UnreadSource
from whosaw.store import statements as sa
from whosaw.store.journal import Journal, tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

from .coverage import SourceCoverage, coverage_of
from .health import health_of
from .unread import Unread

__all__ = ["scope_facts"]

_TAKEN = (
    "file-lost",
    "edited-after-intake",
)  # checks of log health that say that logs are not what they were
_MANY = ("unknown", "statement")  # where an event that names nobody may be about several persons


def scope_facts(workspace: Workspace, reader: LedgerReader, context: Context) -> Facts:
    """Everything as it stands now. `context` is the one that the findings were made with, or none."""
    contents = _contents(workspace.journal)
    current = _current(workspace.journal)
    subjects = context.rows("subjects") if context.given("subjects") else None
    return Facts(
        sources=_sources(
            coverage_of(workspace.journal),
            _seen(reader, contents),
            _spans(workspace.journal),
            Unread.of(workspace.journal).hours,
        ),
        contents=contents,
        routes={number: _route(number, body, current) for number, body in reader.routes.items()},
        accounts=None if subjects is None else subjects.num_rows,
        jurisdictions=None if subjects is None else _jurisdictions(subjects),
        several=_several(workspace.journal),
        logins=_logins(context),
        unread=_unread(workspace.journal),
        lost=_lost(workspace),
    )


def _logins(context: Context) -> Logins | None:
    """Logins whose address the ledger knows; None where logins were not given, or their addresses were not."""
    covered = context.logins_cover()
    if covered is None or not context.matched("logins", "address"):
        return None
    rows = context.rows("logins").select(["address", "time"])
    known = rows.filter((pc.field("address") >= 0) & pc.field("time").is_valid())
    hours = pc.divide(known["time"], HOUR)
    return Logins(
        rows=pa.table({"address": known["address"], "hour": hours}),
        first=covered[0] // HOUR,
        last=covered[1] // HOUR,
    )


def _contents(journal: Journal) -> dict[int, str]:
    """The source of each segment; views carry the number of their segment."""
    segment, content = tables.segment, tables.content
    query = sa.select(segment.c.id, content.c.source).select_from(
        segment.join(content, content.c.id == segment.c.content)
    )
    return {
        row["id"]: row["source"] for row in journal.rows(query.where(segment.c.live).order_by(segment.c.id))
    }


def _seen(reader: LedgerReader, contents: Mapping[int, str]) -> dict[str, frozenset[int]]:
    """By source, the routes of any view in it."""
    found: dict[str, set[int]] = defaultdict(set)
    for row in reader.session.query("SELECT DISTINCT content, route FROM views").to_pylist():
        if row["content"] in contents:
            found[contents[row["content"]]].add(row["route"])
    return {name: frozenset(routes) for name, routes in found.items()}


def _spans(journal: Journal) -> dict[str, tuple[int, int]]:
    segment, content = tables.segment, tables.content
    query = (
        sa.select(
            content.c.source,
            sa.func.min(segment.c.first_time).label("first"),
            sa.func.max(segment.c.last_time).label("last"),
        )
        .select_from(segment.join(content, content.c.id == segment.c.content))
        .where(segment.c.live, segment.c.first_time.is_not(None))
        .group_by(content.c.source)
    )
    return {row["source"]: (row["first"], row["last"]) for row in journal.rows(query)}


def _sources(
    coverage: list[SourceCoverage],
    seen: Mapping[str, frozenset[int]],
    spans: Mapping[str, tuple[int, int]],
    unread: Mapping[str, Mapping[int | None, int]],
) -> tuple[SourceFact, ...]:
    return tuple(
        SourceFact(
            name=each.source,
            first=spans[each.source][0],
            last=spans[each.source][1],
            hours=tuple(
                HourFact(
                    hour=hour.hour,
                    state=hour.state,
                    rule=hour.rule,
                    events=hour.events,
                    rejects=unread.get(each.source, {}).get(hour.hour, 0),
                )
                for hour in each.hours
            ),
            rejects=sum(unread.get(each.source, {}).values()),
            routes=seen.get(each.source, frozenset()),
        )
        for each in coverage
        if each.source in spans
    )


def _route(number: int, body: Mapping[str, Any], current: frozenset[int]) -> RouteFact:
    secondary = body.get("secondary")
    return RouteFact(
        number=number,
        id=body["id"],
        categories=tuple(body["categories"]),
        secondary_categories=tuple(secondary["categories"]) if secondary else (),
        secondary_at_most=secondary["at_most"] if secondary else 0,
        single=body.get("subject", {}).get("source") not in _MANY,
        draft=bool(body.get("draft")),
        current=number in current,
    )


def _current(journal: Journal) -> frozenset[int]:
    """Routes of the map that the last scan with a map was given."""
    route = tables.route.c
    bodies = reversed(journal.entries("scan.begin"))
    digest = next((told["map"] for row in bodies if (told := json.loads(row["body"])).get("map")), None)
    return frozenset(
        row["number"] for row in journal.rows(sa.select(route.number).where(route.map == digest))
    )


def _jurisdictions(subjects: pa.Table) -> pa.Table | None:
    """Person and name of each subject that the ledger met; None where the table names no jurisdiction."""
    rows = subjects.select(["subject", "jurisdiction"]).filter(
        (pc.field("subject") >= 0) & pc.field("jurisdiction").is_valid()
    )
    if not rows.num_rows:
        return None
    first = rows.group_by("subject").aggregate([("jurisdiction", "min")])
    return pa.table({"person": first["subject"].cast(pa.int32()), "name": first["jurisdiction_min"]})


def _several(journal: Journal) -> bool:
    """Whether any response named several persons: the ledger then has more rows of views than there were views."""
    index, segment = tables.index.c, tables.segment.c
    (rows,) = journal.rows(
        sa.select(sa.func.sum(index.rows).label("n")).where(index.kind == "views", index.live)
    )
    (views,) = journal.rows(sa.select(sa.func.sum(segment.views).label("n")).where(segment.live))
    return bool(rows["n"] != views["n"])


def _unread(journal: Journal) -> tuple[UnreadSource, ...]:
    """Contents that broke off, or were never read to their end. What is lost of them comes after what was read."""
    content, segment = tables.content, tables.segment
    columns = [content.c[name] for name in ("id", "source", "name", "fault", "complete")]
    query = (
        sa.select(*columns, sa.func.max(segment.c.last_time).label("last"))
        .select_from(content.outerjoin(segment, sa.and_(segment.c.content == content.c.id, segment.c.live)))
        .where(content.c.replaced_by.is_(None), sa.or_(content.c.fault.is_not(None), ~content.c.complete))
        .group_by(*columns)
        .order_by(content.c.id)
    )
    return tuple(
        UnreadSource(
            source=row["source"],
            name=row["name"],
            why=row["fault"] or "reading it did not come to its end",
            first=row["last"],
        )
        for row in journal.rows(query)
    )


def _lost(workspace: Workspace) -> tuple[LostLogs, ...]:
    """Files that somebody took away or rewrote after they were read, and what a hold found missing."""
    found = [
        LostLogs(source=source, what=each.sentence, first=each.since)
        for each in health_of(workspace)
        if each.check in _TAKEN and each.level == "high"
        for source in each.sources
    ]
    for row in workspace.journal.entries(where=[tables.entry.c.kind.like("hold.%")]):
        for each in json.loads(row["body"]).get("lost", ()):
            first, last = (each.get(name) for name in ("from", "to"))
            found.append(
                LostLogs(
                    source=each["source"],
                    what=each["what"],
                    first=to_micros(parse_instant(first)) if first else None,
                    last=to_micros(parse_instant(last)) if last else None,
                )
            )
    return tuple(dict.fromkeys(found))
