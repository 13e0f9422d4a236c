"""Pictures of a whole ledger: what each finding's actor saw by category, how scopes moved, and which hours logs have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta, tzinfo
from typing import Final

from whosaw.app.asking.questions import Ledger
from whosaw.core.counts import UNSURE_SPELLING, Count, Reason
from whosaw.core.errors import WhosawError
from whosaw.core.finding import CategoryCount, Finding
from whosaw.core.instants import from_micros
from whosaw.logs.coverage.hours import SourceCoverage, coverage_of
from whosaw.mapping.categories import load_categories
from whosaw.report.pictures.data import (
    CategoriesByActor,
    CoverageOfSources,
    OfActor,
    OfCategory,
    OfSource,
    OfVersion,
    ScopeVersions,
    Stretch,
)
from whosaw.report.wording import bare_count, many, number
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.repositories.segments import live_segments

from .seen_lines import FIRST_LINES

__all__ = ["categories_by_actor", "category_lines", "coverage_strip", "first_lines", "scope_versions"]

_ACTORS: Final = 8
_CATEGORIES: Final = 16
_HOUR: Final = 3_600_000_000


def categories_by_actor(
    ledger: Ledger, findings: Sequence[Finding], zone: tzinfo, zone_name: str, tail: str
) -> CategoriesByActor:
    """How many people each finding's actor saw in which category: the numbers of the findings themselves."""
    shown = list(findings)[:_ACTORS]
    known = load_categories()
    keys = sorted(
        {each.category for finding in shown for each in finding.categories},
        key=lambda key: (-(known[key].sensitivity if key in known else 1), key),
    )
    kept = keys[:_CATEGORIES]
    lines = first_lines(ledger, [each.id for each in shown])
    seen = tuple(
        OfActor(
            finding=finding.id,
            label=finding.title,
            category=each.category,
            persons=_persons(each),
            views=each.views,
            lines=lines.get((finding.id, each.category), ()),
        )
        for finding in shown
        for each in sorted(
            finding.categories, key=lambda each: kept.index(each.category) if each.category in kept else -1
        )
        if each.category in kept
    )
    title = f"{many(len(keys), 'categories')} of data in {many(len(findings), 'findings')}"
    most = max(seen, key=lambda each: each.persons.lower if each.persons else 0, default=None)
    says = f"{title}."
    if most is not None and most.persons is not None:
        item = known.get(most.category)
        says += f" Most people: {bare_count(most.persons)} in {item.title if item else most.category} ({most.finding})."
    notes = ["Persons whose data of a category were surely seen; sensitive categories first."]
    if len(findings) > len(shown):
        notes.append(f"{many(len(findings) - len(shown), 'findings')} about fewer people are not drawn.")
    if len(keys) > len(kept):
        notes.append(f"{many(len(keys) - len(kept), 'categories')} less sensitive ones are not drawn.")
    return CategoriesByActor(
        of="findings", title=title, says=says, notes=tuple(notes), zone=zone, zone_name=zone_name,
        opens=f"whosaw picture --of categories --open ROW{tail}",
        actors=tuple((each.id, f"{each.id}: {each.title}") for each in shown),
        categories=tuple(
            OfCategory(key=key, title=known[key].title if key in known else key, sensitivity=known[key].sensitivity if key in known else 1)
            for key in kept
        ),
        seen=seen, more=len(findings) - len(shown),
    )  # fmt: skip


def _persons(each: CategoryCount) -> Count | None:
    """None where views carry the category and nobody in them is named."""
    if not each.persons and not each.possible_persons:
        return None
    reasons = (
        (Reason(code=UNSURE_SPELLING, adds_upper=each.possible_persons),) if each.possible_persons else ()
    )
    return Count(
        unit="persons", lower=each.persons, upper=each.persons + each.possible_persons, reasons=reasons
    )


def first_lines(ledger: Ledger, findings: Sequence[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """The first lines of each finding that carry a category."""
    rows = ledger.reader.session.query(
        "SELECT finding, category, min({'micros': micros, 'content': content, 'line': line}, "
        f"{FIRST_LINES}) AS lines FROM (SELECT DISTINCT c.finding, unnest(r.categories) AS category, v.micros, v.content, v.line "
        "FROM counted c JOIN views v USING (content, line) JOIN routes r USING (route) "
        "WHERE NOT v.duplicate AND c.finding IN (SELECT unnest(?))) GROUP BY finding, category ORDER BY ALL",
        [list(findings)],
    ).to_pylist()
    places = [(at["content"], at["line"]) for row in rows for at in row["lines"]]
    names = iter(ledger.reader.locators(places))
    return {(row["finding"], row["category"]): tuple(str(next(names)) for _ in row["lines"]) for row in rows}


def category_lines(ledger: Ledger, row: str) -> tuple[str, list[object]]:
    """Which views are behind a row of that picture, as a condition on views: the finding's that carry the category."""
    finding, _, category = row.partition("-")[2].partition("-")
    routes = [number for number, body in ledger.reader.routes.items() if category in body["categories"]]
    return (
        (
            "SEMI JOIN (SELECT content, line FROM counted WHERE finding = ?) AS c USING (content, line) "
            "WHERE NOT duplicate AND route IN (SELECT unnest(?))"
        ),
        [f"f-{finding}", routes],
    )


def scope_versions(
    ledger: Ledger, case: str | None, zone: tzinfo, zone_name: str, tail: str
) -> ScopeVersions:
    """How the bounds of a case moved. Without a name it is the only case."""
    store = CaseStore(ledger.workspace)
    cases = store.cases()
    if case is None:
        if len(cases) != 1:
            raise WhosawError(
                "case.which",
                f"there are {len(cases)} cases in {ledger.workspace.root}"
                if cases
                else f"there is no case in {ledger.workspace.root}",
                hint=f"Name one of {', '.join(cases)}"
                if cases
                else "`whosaw scope new --case NAME` makes one",
            )
        case = cases[0]
    versions = []
    for row in store.versions(case):
        views, accounts, persons = store.get(case, row.version).counts
        versions.append(
            OfVersion(
                version=row.version,
                made=row.made,
                views=views,
                accounts=accounts,
                persons=persons,
                final=row.final,
            )
        )
    if not versions:
        raise WhosawError(
            "case.unknown",
            f"there is no case {case!r} in {ledger.workspace.root}",
            hint=f"Name one of {', '.join(cases)}" if cases else "`whosaw scope new --case NAME` makes one",
        )
    first, last = versions[0], versions[-1]
    title = f"Case {case}: {bare_count(last.persons)} persons in version {last.version}"
    if last is not first:
        title += f", {bare_count(first.persons)} in version {first.version}"
    says = f"{title}. " + " ".join(
        f"Version {each.version}: {bare_count(each.persons)} persons, {bare_count(each.accounts)} accounts, {bare_count(each.views)} views."
        for each in versions
    )
    return ScopeVersions(
        of=case, title=title, says=says, notes=() if last.final else ("The last version is not final.",), zone=zone,
        zone_name=zone_name, opens=f"whosaw scope show {case} --version ROW --persons{tail}", versions=tuple(versions),
    )  # fmt: skip


def coverage_strip(ledger: Ledger, zone: tzinfo, zone_name: str, tail: str) -> CoverageOfSources:
    """Which hours of each source are in its logs, as `whosaw coverage` says."""
    journal = ledger.workspace.journal
    firsts: dict[str, list[str]] = {}
    for segment in live_segments(journal):
        firsts.setdefault(segment.source, []).append(f"{segment.digest[:16]}:{segment.first_line}")
    sources = tuple(
        OfSource(
            source=each.source,
            events=each.events,
            rejects=each.rejects,
            **{state: each.count(state) for state in ("whole", "partial", "missing", "quiet")},
            stretches=_stretches(each),
            lines=tuple(firsts.get(each.source, ())[:FIRST_LINES]),
        )
        for each in coverage_of(journal)
    )
    missing, partial = (sum(getattr(each, state) for each in sources) for state in ("missing", "partial"))
    title = (
        f"{many(missing, 'hours')} missing and {number(partial)} partial in {many(len(sources), 'sources')}"
    )
    says = " ".join(
        [
            f"{title}.",
            *(
                f"{each.source}: {each.whole:,} hours whole, {each.partial:,} partial, {each.missing:,} missing, {each.quiet:,} quiet."
                for each in sources
            ),
        ]
    )
    return CoverageOfSources(
        of="sources", title=title, says=says, zone=zone, zone_name=zone_name,
        notes=("Of what happened in hours that are missing, nothing can be told.",),
        opens=f"whosaw coverage --source ROW --hours{tail}", sources=sources,
    )  # fmt: skip


def _stretches(source: SourceCoverage) -> tuple[Stretch, ...]:
    found: list[tuple[int, int, str]] = []
    for hour in source.hours:
        if found and found[-1][2] == hour.state and found[-1][1] == hour.hour:
            found[-1] = (found[-1][0], hour.hour + 1, hour.state)
        else:
            found.append((hour.hour, hour.hour + 1, hour.state))
    return tuple(
        Stretch(
            start=from_micros(start * _HOUR),
            end=from_micros(start * _HOUR) + timedelta(hours=end - start),
            state=state,
        )
        for start, end, state in found
    )
