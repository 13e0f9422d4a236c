"""Everything a report shows of one ledger, with identifiers masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from types import MappingProxyType

import pyarrow as pa

from whosaw.actors import Explanation, load_detectors, load_explanations
from whosaw.core import client
from whosaw.core.counts import UNSURE_SPELLING, UNSURE_TWIN, Count, Reason
from whosaw.core.finding import CategoryCount, Finding, Tried
from whosaw.core.masked import Masked
from whosaw.core.version import __version__
from whosaw.logs.coverage.hours import coverage_of
from whosaw.mapping.categories import Category, load_categories
from whosaw.report.pictures.data import Picture
from whosaw.report.view_model import (
    CategoryView,
    Command,
    ContextTable,
    ExplanationView,
    FileView,
    FindingView,
    RouteView,
    ScanSummary,
    Sentence,
)
from whosaw.store.journal import Journal
from whosaw.store.repositories.contents import totals
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.repositories.segments import ReadSegment, live_segments
from whosaw.store.schemas import MAYBE_TWIN, UNSURE_SPELLED, UNSURE_VIEW

from .asking.questions import Ledger
from .picturing.of_ledger import first_lines
from .picturing.pictures import How, pictures_of_ledger
from .source_view import source_view

__all__ = ["GivenTable", "finding_view", "summarise"]

_HOUR = 3_600_000_000
_FIRST = 3  # of what a number counts, how many lines are named
_USED_FOR = {
    "logins": "whether a session or token was issued to the person it read",
    "keys": "who could sign tokens",
    "staff": "who works here, and since when",
    "tickets": "why an agent opened a customer's record",
    "subjects": "which ids exist",
    "canaries": "planted people whom nobody should ever read",
    "services": "jobs that may read many",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenTable:
    """A table of the context folder: its file, how many rows it has, and the SHA-256 of the file."""

    file: str
    rows: int
    digest: str


def summarise(
    ledger: Ledger,
    *,
    title: str,
    notes: Sequence[str] = (),
    skipped: Sequence[tuple[str, str]] = (),
    given: Mapping[str, GivenTable] = MappingProxyType({}),
    zone: tzinfo = UTC,
    zone_name: str = "UTC",
    workspace: str = "whosaw-data",
) -> ScanSummary:
    """The ledger as a report shows it. `given` are the context tables that were there. One finding is
    told first, counted, drawn and dated: the one about most people."""
    journal = ledger.workspace.journal
    findings = stored_findings(journal)
    how = How(zone=zone, zone_name=zone_name, workspace=workspace)
    views = _with_lines(ledger, [finding_view(ledger, finding) for finding in findings], how)
    pictures = pictures_of_ledger(ledger, how)
    routes, unsure = _routes(ledger), _cannot_tell(ledger, notes, how)
    named = _named(views, pictures, routes, unsure)
    return ScanSummary(
        title=title,
        version=__version__,
        files=tuple(_files(journal, named)),
        sources=tuple(source_view(source) for source in coverage_of(journal)),
        findings=tuple(views),
        routes=routes,
        categories=_categories(ledger, None),
        context=tuple(
            ContextTable(
                name=name,
                rows=table.rows if (table := given.get(name)) is not None else None,
                used_for=used,
                file=table.file if table is not None else "",
                digest=table.digest if table is not None else "",
            )
            for name, used in _USED_FOR.items()
        ),
        cannot_tell=unsure,
        verify=_verify(views, workspace),
        pictures=pictures,
        zone=zone,
        zone_name=zone_name,
        skipped=tuple(skipped),
        opens_rejects=f"whosaw rejects{how.tail}",
        opens_gaps=f"whosaw coverage --hours{how.tail}",
        opens_route=_sql("SELECT time, person, locator FROM views WHERE route = 'ROUTE' ORDER BY time", how),
    )


def _named(
    findings: Sequence[FindingView],
    pictures: Sequence[Picture],
    routes: Sequence[RouteView],
    unsure: Sequence[Sentence],
) -> frozenset[str]:
    """The beginnings of the digests of all lines that a report names."""
    lines = [line for each in pictures for row in each.numbers().rows for line in row.lines]
    for finding in findings:
        lines += [
            *finding.locators,
            *finding.person_lines,
            *(line for each in finding.categories for line in each.lines),
        ]
    lines += [line for route in routes for line in route.lines]
    lines += [line for said in unsure for line in said.lines]
    return frozenset(line.partition(":")[0] for line in lines)


def _with_lines(ledger: Ledger, findings: Sequence[FindingView], how: How) -> list[FindingView]:
    """The findings with the first lines behind their numbers, and the commands that list all."""
    of_categories = first_lines(ledger, [each.id for each in findings])
    of_persons = _person_lines(ledger, [each.id for each in findings])
    return [
        replace(
            each,
            categories=tuple(
                replace(category, lines=of_categories.get((each.id, category.key), ()))
                for category in each.categories
            ),
            person_lines=of_persons.get(each.id, ()),
            opens_views=f"whosaw picture {each.id} --open all{how.tail}",
            opens_persons=_sql(
                "SELECT v.person, min(v.time) AS first FROM views v JOIN finding_views f USING (locator) "
                f"WHERE f.finding = '{each.id}' AND v.person IS NOT NULL GROUP BY v.person",
                how,
            ),
            explains=f"whosaw explain {each.id}{how.tail}",
            explanations=tuple(
                replace(tried, opens=f"whosaw explain {each.id} --every {tried.id}{how.tail}")
                for tried in each.explanations
            ),
        )
        for each in findings
    ]


def _person_lines(ledger: Ledger, findings: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Of each finding the first lines that surely show somebody."""
    rows = ledger.reader.session.query(
        f"SELECT c.finding, min({{'micros': v.micros, 'content': v.content, 'line': v.line}}, {_FIRST}) AS lines "
        "FROM counted c JOIN views v USING (content, line) WHERE NOT v.duplicate AND v.person IS NOT NULL AND v.unsure = 0 "
        "AND c.finding IN (SELECT unnest(?)) GROUP BY c.finding ORDER BY c.finding",
        [list(findings)],
    ).to_pylist()
    names = iter(ledger.reader.locators([(at["content"], at["line"]) for row in rows for at in row["lines"]]))
    return {row["finding"]: tuple(dict.fromkeys(str(next(names)) for _ in row["lines"])) for row in rows}


def _sql(statement: str, how: How) -> str:
    return f'whosaw sql "{statement}"{how.tail}'


def _files(journal: Journal, named: frozenset[str]) -> list[FileView]:
    """Every content, with the digests that lines of the report are named by, and that of its first line."""
    firsts: dict[tuple[str, str], ReadSegment] = {}
    digests: dict[tuple[str, str], list[str]] = {}
    for segment in live_segments(journal):
        of = (segment.source, segment.name)
        firsts.setdefault(of, segment)
        if segment is firsts[of] or segment.digest[:16] in named:
            digests.setdefault(of, []).append(segment.digest)
    return [
        FileView(
            name=each.name, source=each.source, format=each.format, confidence=each.confidence, fault=each.fault or "",
            lines=each.lines, events=each.events, rejects=each.rejects, comments=each.comments, continued=each.continued,
            digests=tuple(dict.fromkeys(digests.get((each.source, each.name), ()))),
            line=f"{first.digest[:16]}:{first.first_line}" if (first := firsts.get((each.source, each.name))) else "",
        )
        for each in totals(journal)
    ]  # fmt: skip


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
        "SELECT route, count(DISTINCT (content, line)) AS n, "
        f"min({{'micros': micros, 'content': content, 'line': line}}, {_FIRST}) AS lines FROM views WHERE NOT duplicate GROUP BY route ORDER BY route"
    ).to_pylist()
    names = iter(
        ledger.reader.locators([(at["content"], at["line"]) for row in counted for at in row["lines"]])
    )
    views = {
        row["route"]: (row["n"], tuple(dict.fromkeys(str(next(names)) for _ in row["lines"])))
        for row in counted
    }
    return tuple(
        RouteView(
            id=body["id"],
            categories=tuple(body["categories"]),
            views=views.get(number, (0, ()))[0],
            draft=bool(body["draft"]),
            lines=views.get(number, (0, ()))[1],
        )
        for number, body in ledger.reader.routes.items()
    )


_DOUBTS = (
    (
        "person IS NULL",
        "person IS NULL",
        "carried data of persons whom the log does not name.",
    ),
    (
        f"unsure & {UNSURE_SPELLED} <> 0",
        "NOT sure",
        "are only possible: some servers take the spelling of their request for the page; they count in upper bounds alone.",
    ),
    (
        f"unsure & {UNSURE_VIEW} = {MAYBE_TWIN}",
        "NOT sure",
        "are only possible: a line of another log may be of the same act; they count in upper bounds alone.",
    ),
)


def _cannot_tell(ledger: Ledger, notes: Sequence[str], how: How) -> tuple[Sentence, ...]:
    out: list[Sentence] = []
    for source in coverage_of(ledger.workspace.journal):
        missing, partial = source.count("missing"), source.count("partial")
        if missing or partial:
            out.append(
                Sentence(
                    text=f"{source.source}: {missing:,} hours are missing and {partial:,} partial; what happened in them cannot be told."
                )
            )
        out.extend(Sentence(text=f"{source.source}: {note}.") for note in source.notes)
    for condition, told, words in _DOUBTS:
        row = ledger.reader.session.query(
            "SELECT count(DISTINCT (content, line)) AS n, "
            f"min({{'micros': micros, 'content': content, 'line': line}}, {_FIRST}) AS lines FROM views WHERE {condition} AND NOT duplicate"
        ).to_pylist()[0]
        if row["n"]:
            lines = ledger.reader.locators([(at["content"], at["line"]) for at in row["lines"]])
            out.append(
                Sentence(
                    text=f"{row['n']:,} views {words}",
                    lines=tuple(dict.fromkeys(map(str, lines))),
                    command=_sql(f"SELECT time, route, locator FROM views WHERE {told} ORDER BY time", how),
                )
            )
    return (*out, *(Sentence(text=each) for each in notes))


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
