"""Everything a report shows of one ledger, with identifiers masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, timedelta, tzinfo
from types import MappingProxyType

import pyarrow as pa

from whosaw.actors import Explanation, load_detectors, load_explanations
from whosaw.core import client
from whosaw.core.counts import UNSURE_SPELLING, UNSURE_TWIN, Count, Reason
from whosaw.core.finding import CategoryCount, Finding, Tried
from whosaw.core.instants import from_micros, to_micros
from whosaw.core.masked import Masked
from whosaw.core.version import __version__
from whosaw.logs.coverage.hours import SourceCoverage, coverage_of
from whosaw.mapping.categories import Category, load_categories
from whosaw.report.view_model import (
    CategoryView,
    Command,
    ContextTable,
    DayCount,
    ExplanationView,
    FileView,
    FindingView,
    HourSpan,
    PersonsPerDay,
    RouteView,
    ScanSummary,
    SourceView,
    State,
)
from whosaw.store.journal import Journal
from whosaw.store.repositories.contents import totals
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.schemas import MAYBE_TWIN, UNSURE_SPELLED, UNSURE_VIEW

from .asking.questions import Ledger

__all__ = ["finding_view", "persons_per_day", "source_view", "summarise"]

_HOUR = 3_600_000_000
_MOST_LINES = 20_000_000
_USED_FOR = {
    "logins": "whether a session or token was issued to the person it read",
    "keys": "who could sign tokens",
    "staff": "who works here, and since when",
    "tickets": "why an agent opened a customer's record",
    "subjects": "which ids exist",
    "canaries": "planted people whom nobody should ever read",
    "services": "jobs that may read many",
}


def summarise(
    ledger: Ledger,
    *,
    title: str,
    notes: Sequence[str] = (),
    skipped: Sequence[tuple[str, str]] = (),
    given: Mapping[str, int] = MappingProxyType({}),
    zone: tzinfo = UTC,
    zone_name: str = "UTC",
    workspace: str = "whosaw-data",
) -> ScanSummary:
    """The ledger as a report shows it. `given` says of the context tables that were there how many rows they have. One finding is
    told first, counted, drawn and dated: the one about most people."""
    journal = ledger.workspace.journal
    findings = stored_findings(journal)
    views = [finding_view(ledger, finding) for finding in findings]
    return ScanSummary(
        title=title,
        version=__version__,
        files=tuple(_files(journal)),
        sources=tuple(source_view(source) for source in coverage_of(journal)),
        findings=tuple(views),
        routes=_routes(ledger),
        categories=_categories(ledger, None),
        context=tuple(
            ContextTable(name=name, rows=given.get(name), used_for=used) for name, used in _USED_FOR.items()
        ),
        cannot_tell=tuple(_cannot_tell(ledger, notes)),
        verify=_verify(views, workspace),
        picture=persons_per_day(ledger, views[0], zone, zone_name) if views else None,
        zone=zone,
        zone_name=zone_name,
        skipped=tuple(skipped),
    )


def _files(journal: Journal) -> list[FileView]:
    return [
        FileView(
            name=each.name, source=each.source, format=each.format, confidence=each.confidence, fault=each.fault or "",
            lines=each.lines, events=each.events, rejects=each.rejects, comments=each.comments, continued=each.continued,
        )
        for each in totals(journal)
    ]  # fmt: skip


def source_view(source: SourceCoverage) -> SourceView:
    """The coverage of a source as a report shows it: equal hours in a row as one span."""
    spans: list[HourSpan] = []
    for hour in source.hours:
        start = from_micros(hour.hour * _HOUR)
        state: State = (
            # a report speaks of what is lost; how many hours are quiet stands in the notes of the source
            "whole"
            if hour.state in ("whole", "quiet")
            else "partial"
            if hour.state == "partial"
            else "missing"
        )
        reason = "" if state == "whole" else hour.rule
        if spans and spans[-1].state == state and spans[-1].reason == reason:
            spans[-1] = HourSpan(
                start=spans[-1].start, end=start + timedelta(hours=1), state=state, reason=reason
            )
        else:
            spans.append(HourSpan(start=start, end=start + timedelta(hours=1), state=state, reason=reason))
    return SourceView(
        source=source.source,
        lines=source.lines,
        events=source.events,
        rejects=source.rejects,
        duplicates=source.duplicates,
        first=spans[0].start if spans else None,
        last=spans[-1].end if spans else None,
        spans=tuple(spans),
    )


def finding_view(ledger: Ledger, finding: Finding) -> FindingView:
    """A stored finding as a report shows it."""
    clients = ledger.finding_clients(finding.id)
    explanations, known = load_explanations(), load_categories()
    detector = load_detectors(explanations).get(finding.detector)
    return FindingView(
        id=finding.id,
        detector=finding.detector,
        title=finding.title,
        facts=finding.facts,
        actor=_actor(ledger, finding, clients),
        first=finding.first_view,
        last=finding.last_view,
        noticed=finding.raised_at,
        counts=finding.counts,
        categories=tuple(_category(known, each) for each in finding.categories),
        explanations=tuple(_tried(each, explanations) for each in finding.tried),
        locators=finding.locators,
        persons_then=finding.persons_before,
        confidence=finding.confidence.level,
        confidence_reasons=finding.confidence.reasons,
        technique=finding.technique,
        blind_spots=detector.blind_spots if detector else (),
    )


def _tried(each: Tried, explanations: Mapping[str, Explanation]) -> ExplanationView:
    item = explanations.get(each.explanation)
    return ExplanationView(
        id=each.explanation,
        title=item.title if item else each.explanation,
        explained=each.explained,
        unexplained=each.unexplained,
        cannot_tell=each.cannot_tell,
        does_not_apply=each.does_not_apply,
        why_not=each.why_not,
    )


def _actor(ledger: Ledger, finding: Finding, clients: list[int]) -> str:
    words: list[str] = []
    for column, value in zip(finding.actor.by, finding.actor.values, strict=True):
        text = value if value is not None else "none"
        if column in client.VAULTED and isinstance(value, int):
            text = str(Masked(ledger.raw(column, [value]).get(value, "***")))
        words.append(f"{column} {text}")
    return f"{', '.join(words)} ({len(clients):,} client{'s' if len(clients) != 1 else ''})"


def _categories(ledger: Ledger, clients: list[int] | None) -> tuple[CategoryView, ...]:
    where, given = "WHERE NOT t.duplicate", {}
    if clients is not None:
        where, given = (
            "WHERE NOT t.duplicate AND t.client IN (SELECT client FROM asked)",
            {"asked": pa.table({"client": pa.array(clients, pa.int32())})},
        )
    rows = ledger.reader.session.query(
        f"SELECT category, count(DISTINCT person) FILTER (unsure = 0) AS persons, count(DISTINCT person) AS every_person, "
        f"count(DISTINCT person) FILTER (unsure IN (0, {MAYBE_TWIN})) AS but_for_twins, "
        f"count(DISTINCT (content, line)) FILTER (unsure & {UNSURE_VIEW} = 0) AS views FROM (SELECT unnest(r.categories) AS category, "
        f"t.person, t.content, t.line, t.unsure FROM views t JOIN routes r USING (route) {where}) GROUP BY category ORDER BY category",
        **given,
    ).to_pylist()
    known = load_categories()
    return tuple(
        _category(
            known,
            CategoryCount(
                category=row["category"],
                persons=row["persons"],
                views=row["views"],
                possible_persons=row["every_person"] - row["but_for_twins"],
            ),
            twins=row["but_for_twins"] - row["persons"],
        )
        for row in rows
    )


def _category(known: Mapping[str, Category], seen: CategoryCount, *, twins: int = 0) -> CategoryView:
    """What was seen of a category; `twins` more people only if lines of two sources are two acts."""
    item = known.get(seen.category)
    return CategoryView(
        key=seen.category,
        title=item.title if item else seen.category,
        sensitivity=item.sensitivity if item else 1,
        special=tuple(item.special) if item else (),
        persons=_known(seen.persons, seen.possible_persons, twins),
        views=seen.views,
    )


def _known(persons: int, possible: int, twins: int) -> Count:
    reasons = tuple(
        Reason(code=code, adds_upper=many)
        for code, many in ((UNSURE_SPELLING, possible), (UNSURE_TWIN, twins))
        if many
    )
    return Count(unit="persons", lower=persons, upper=persons + possible + twins, reasons=reasons)


def _routes(ledger: Ledger) -> tuple[RouteView, ...]:
    counted = ledger.reader.session.query(
        "SELECT route, count(DISTINCT (content, line)) AS n FROM views WHERE NOT duplicate GROUP BY route"
    )
    views = {row["route"]: row["n"] for row in counted.to_pylist()}
    return tuple(
        RouteView(
            id=body["id"],
            categories=tuple(body["categories"]),
            views=views.get(number, 0),
            draft=bool(body["draft"]),
        )
        for number, body in ledger.reader.routes.items()
    )


def _cannot_tell(ledger: Ledger, notes: Sequence[str]) -> list[str]:
    out: list[str] = []
    for source in coverage_of(ledger.workspace.journal):
        missing, partial = source.count("missing"), source.count("partial")
        if missing or partial:
            out.append(
                f"{source.source}: {missing:,} hours are missing and {partial:,} partial; what happened in them cannot be told."
            )
        out.extend(f"{source.source}: {note}." for note in source.notes)
    doubtful = ledger.reader.session.query(
        "SELECT count(*) AS n FROM views WHERE person IS NULL AND NOT duplicate"
    )["n"][0].as_py()
    if doubtful:
        out.append(f"{doubtful:,} views carried data of persons whom the log does not name.")
    possible = ledger.reader.session.query(
        f"SELECT count(DISTINCT (content, line)) AS n FROM views WHERE unsure & {UNSURE_SPELLED} <> 0 AND NOT duplicate"
    )["n"][0].as_py()
    if possible:
        out.append(
            f"{possible:,} views are only possible: some servers take the spelling of their request for the page; they count in upper bounds alone."
        )
    twins = ledger.reader.session.query(
        f"SELECT count(DISTINCT (content, line)) AS n FROM views WHERE unsure & {UNSURE_VIEW} = {MAYBE_TWIN} AND NOT duplicate"
    )["n"][0].as_py()
    if twins:
        out.append(
            f"{twins:,} views are only possible: a line of another log may be of the same act; they count in upper bounds alone."
        )
    return [*out, *notes]


def _verify(findings: Sequence[FindingView], workspace: str) -> tuple[Command, ...]:
    out = [
        Command(
            text=f"whosaw coverage --hours -w {workspace}",
            shows="every hour that is not whole, with the rule",
        )
    ]
    if findings:
        out.insert(
            0,
            Command(
                text=f"whosaw findings --explain {findings[0].id} -w {workspace}",
                shows="its numbers, explanations and lines",
            ),
        )
        if findings[0].locators:
            out.insert(
                1,
                Command(
                    text=f"whosaw line {findings[0].locators[0]} -w {workspace}",
                    shows="the original line, checked",
                ),
            )
    return tuple(out)


def _first_views(ledger: Ledger, finding: FindingView) -> list[int]:
    session = ledger.reader.session
    lines = session.query("SELECT count(*) AS n FROM counted WHERE finding = ?", [finding.id])["n"][0].as_py()
    if lines <= _MOST_LINES:
        rows = session.query(
            "SELECT min(v.micros) AS first FROM views AS v "
            "SEMI JOIN (SELECT content, line FROM counted WHERE finding = ?) AS c USING (content, line) "
            "WHERE NOT v.duplicate AND v.person IS NOT NULL GROUP BY v.person ORDER BY 1",
            [finding.id],
        )
    else:  # so many lines are not joined for a picture; what else these clients saw is little beside them
        asked = pa.table({"client": pa.array(ledger.finding_clients(finding.id), pa.int32())})
        rows = session.query(
            "SELECT min(first) AS first FROM exposure_parts SEMI JOIN asked USING (client) GROUP BY person ORDER BY 1",
            asked=asked,
        )
    firsts: list[int] = rows["first"].to_pylist()
    return firsts


def persons_per_day(ledger: Ledger, finding: FindingView, zone: tzinfo, zone_name: str) -> PersonsPerDay:
    """Persons whom counted views of the finding show for the first time, by day in `zone`, up to when it could be raised and from
    then on: the same people as in its numbers."""
    firsts = _first_views(ledger, finding)
    days: dict[date, list[int]] = {}
    limit = to_micros(finding.noticed)
    for micros in firsts:
        day = from_micros(micros).astimezone(zone).date()
        days.setdefault(day, [0, 0])[micros > limit] += 1
    reach = ledger.reader.session.query(
        "SELECT min(micros) AS first, max(micros) AS last FROM views"
    ).to_pylist()[0]
    for micros in reach.values():  # days without any are shown up to where the views begin and end
        if micros is not None:
            days.setdefault(from_micros(micros).astimezone(zone).date(), [0, 0])
    counted = tuple(DayCount(day=day, before=both[0], after=both[1]) for day, both in sorted(days.items()))
    return PersonsPerDay(days=counted, first_finding=finding.noticed, zone=zone, zone_name=zone_name)
