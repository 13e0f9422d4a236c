"""The facts that counting a scope needs, out of the journal, the ledger and the context."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors import Context
from whosaw.app.reading.file_state import files_of
from whosaw.core.instants import parse_instant, to_micros
from whosaw.logs.coverage.hours import SourceCoverage, coverage_of
from whosaw.logs.health.of_ledger import health_of
from whosaw.mapping.undecided_twins import undecided_twins
from whosaw.scope.counting.facts import (
    HOUR,
    Facts,
    HourFact,
    Logins,
    LostLogs,
    RouteFact,
    SourceFact,
    Undecided,
    UnreadSource,
)
from whosaw.scope.unread import Unread
from whosaw.store.journal import Journal
from whosaw.store.ledger import LedgerReader
from whosaw.store.live_files import rows_of
from whosaw.store.repositories.contents import contents_in_force
from whosaw.store.repositories.entries import of_kinds_like
from whosaw.store.repositories.manifest import route_numbers
from whosaw.store.repositories.segments import live_segments
from whosaw.store.workspace import Workspace

from .residence import place_of

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
        undecided=tuple(
            Undecided(sources=each.sources, what=each.what, do=each.do)
            for each in undecided_twins(workspace.journal)
        ),
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
        missing=tuple((each.since // HOUR, each.until // HOUR) for each in context.logins_missing()),
    )


def _contents(journal: Journal) -> dict[int, str]:
    """The source of each segment; views carry the number of their segment."""
    return {each.id: each.source for each in live_segments(journal)}


def _seen(reader: LedgerReader, contents: Mapping[int, str]) -> dict[str, frozenset[int]]:
    """By source, the routes of any view in it."""
    found: dict[str, set[int]] = defaultdict(set)
    for row in reader.session.query("SELECT DISTINCT content, route FROM views").to_pylist():
        if row["content"] in contents:
            found[contents[row["content"]]].add(row["route"])
    return {name: frozenset(routes) for name, routes in found.items()}


def _spans(journal: Journal) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for each in live_segments(journal):
        if each.first_time is not None and each.last_time is not None:
            first, last = found.get(each.source, (each.first_time, each.last_time))
            found[each.source] = (min(first, each.first_time), max(last, each.last_time))
    return found


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
    bodies = reversed(journal.entries("scan.begin"))
    digest = next((told["map"] for row in bodies if (told := json.loads(row.body)).get("map")), None)
    return route_numbers(journal, digest)


def _jurisdictions(subjects: pa.Table) -> pa.Table | None:
    """Person and place of each subject that the ledger met and whose place is plain; None where the table names no place at all.

    Somebody who stands in the table with several places is left out: it is not known which of them is theirs.
    """
    rows = subjects.select(["subject", "jurisdiction", "state"]).filter(pc.field("subject") >= 0)
    given = pc.binary_join_element_wise(
        pc.fill_null(rows["jurisdiction"], ""), pc.fill_null(rows["state"], ""), "\x1f"
    )
    encoded = pc.dictionary_encode(given.combine_chunks() if isinstance(given, pa.ChunkedArray) else given)
    places = pa.array([place_of(*each.split("\x1f")) for each in encoded.dictionary.to_pylist()], pa.string())
    named = pa.table({"subject": rows["subject"], "place": places.take(encoded.indices)}).filter(
        pc.field("place").is_valid()
    )
    if not named.num_rows:
        return None
    found = named.group_by("subject").aggregate([("place", "min"), ("place", "max")])
    plain = found.filter(pc.equal(found["place_min"], found["place_max"]))
    return pa.table({"person": plain["subject"].cast(pa.int32()), "name": plain["place_min"]})


def _several(journal: Journal) -> bool:
    """Whether any response named several persons: the ledger then has more rows of views than there were views."""
    segments = live_segments(journal)
    views = sum(each.views for each in segments) if segments else None
    return rows_of(journal, "views") != views


def _unread(journal: Journal) -> tuple[UnreadSource, ...]:
    """Contents that broke off, or were never read to their end. What is lost of them comes after what was read."""
    return tuple(
        UnreadSource(
            source=each.source,
            name=each.name,
            why=each.fault or "reading it did not come to its end",
            first=each.last,
        )
        for each in contents_in_force(journal)
        if each.fault is not None or not each.complete
    )


def _lost(workspace: Workspace) -> tuple[LostLogs, ...]:
    """Files that somebody took away or rewrote after they were read, and what a hold found missing."""
    found = [
        LostLogs(source=source, what=each.sentence, first=each.since)
        for each in health_of(workspace, files_of(workspace.journal))
        if each.check in _TAKEN and each.level == "high"
        for source in each.sources
    ]
    for row in of_kinds_like(workspace.journal, "hold."):
        for each in json.loads(row.body).get("lost", ()):
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
