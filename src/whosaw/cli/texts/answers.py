"""Answers as text for people: tables that fit 80 columns, numbers with separators, what cannot be told said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whosaw.cli.console import LEVELS, print_made, print_table, row, say, table
from whosaw.cli.shown_zone import at_second, in_zone, zone_name
from whosaw.core.counts import Count

from .health import show_health

if TYPE_CHECKING:
    from whosaw.actors.sigma.rules_in_force import RulesTold
    from whosaw.app.maps import MapReport
    from whosaw.app.packs import Checked, KnownFormat
    from whosaw.app.reading.lines import Rejects
    from whosaw.app.scan import ScanReport
    from whosaw.core.finding import Baseline, Became, Finding, Tried
    from whosaw.ingest.content_report import ContentReport
    from whosaw.logs.coverage.hours import SourceCoverage

__all__ = [
    "count_text",
    "show_counts",
    "show_coverage",
    "show_finding",
    "show_findings",
    "show_formats",
    "show_map_check",
    "show_notes",
    "show_packs",
    "show_past",
    "show_rejects",
    "show_rules",
    "show_scan",
]

_MOST_ROWS = 30
_MOST_KNOWN = 5  # contents that are known, of which it is said what they are


def count_text(count: dict[str, Any]) -> str:
    """A count as words: exact, between bounds, or at least."""
    lower, upper, unit = count["lower"], count["upper"], count["unit"]
    if lower == upper:
        return f"{lower:,} {unit}"
    return f"at least {lower:,} {unit}" if upper is None else f"{lower:,} to {upper:,} {unit}"


def show_counts(counts: Sequence[Count]) -> None:
    """Counts in their order, then why their bounds differ."""
    from whosaw.report.wording import reason_text

    for count in counts:
        say(f"  {count}")
    for count in counts:
        for reason in count.reasons:
            say(f"    {count.unit}: {reason_text(reason)}")


def show_scan(report: ScanReport, workspace: Path, page: Path | None, zone: tzinfo) -> None:
    """What a scan did, with days of `zone`."""
    from whosaw.report.tables import files_table, line_equation
    from whosaw.report.view_model import FileView

    read = [content for content in report.contents if content.outcome in ("read", "grown")]
    files = [
        FileView(
            name=_short(content.name),
            source=content.source,
            lines=content.lines,
            events=content.events,
            rejects=content.rejects,
            comments=content.comments,
            continued=content.continued,
            format=content.format or ""
            if content.confidence is None
            else f"{content.format} {'time only' if content.time_only else f'{content.confidence:.0%}'}",
        )
        for content in read
    ]
    if files:
        print_made(files_table(files[:_MOST_ROWS]))
        if len(files) > _MOST_ROWS:
            say(f"… and {len(files) - _MOST_ROWS:,} more")
    print_made(line_equation(files))
    for outcome in ("unchanged", "copy", "renamed", "empty"):
        number = sum(content.outcome == outcome for content in report.contents)
        if number:
            say(f"{number:,} {outcome}")
    _show_notes(report.contents)
    for name, reason in report.skipped:
        say(f"skipped: {name}: {reason}")
    say()
    show_coverage(list(report.coverage), hours=False, zone=zone)
    show_health(report.health, unknown=False, zone=zone)
    for note in report.map.notes if report.map else ():
        say(f"note: {note}")
    for note in _gathered(report.notes):
        say(f"note: {note}")
    if report.holds:
        from .hold import show_losses

        show_losses(report.holds)
    say()
    show_findings(list(report.findings), zone=zone)
    say()
    lines = report.total("lines")
    pace = f", {lines / report.seconds:,.0f} lines a second" if lines and report.seconds > 0 else ""
    say(f"ledger: {workspace}  ({report.seconds:.1f} s{pace})")
    if page is not None:
        say(f"report: {page}")


def _show_notes(contents: Sequence[ContentReport]) -> None:
    """The notes on contents, each once. Those on known ones all differ, so that only a few are shown: rotation renames all of a folder."""
    named: dict[str, list[str]] = {}
    known = Counter[str]()
    for content in contents:
        known[content.outcome] += bool(content.notes)
        if content.outcome not in ("copy", "renamed") or known[content.outcome] <= _MOST_KNOWN:
            for note in content.notes:
                named.setdefault(note, []).append(content.name)
    for note, names in named.items():
        more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
        say(f"note: {names[0]}{more}: {note}")
    for outcome in ("copy", "renamed"):
        if known[outcome] > _MOST_KNOWN:
            say(f"… and {known[outcome] - _MOST_KNOWN:,} more {outcome}; --json lists all")


def show_rules(told: RulesTold) -> None:
    """One line for each Sigma rule that did not run, with where in its file the reason stands."""
    silent = [each for each in told.rules if each.state != "ran"]
    for each in silent[:_MOST_ROWS]:
        say(f"Sigma rule {each.state}: {each.file}:{each.line}: {each.title} ({each.id}): {each.why}")
    if len(silent) > _MOST_ROWS:
        say(f"… and {len(silent) - _MOST_ROWS:,} more rules; --json lists all")


_NOT_GIVEN = re.compile(r"[\w-]+: cannot tell: (no \w+ given(?:(?:; | and )no \w+ given)*)")
_NONE_OF = re.compile(r"[\w-]+: not asked: there are (no \w+(?: and no \w+)*), it is said")
_TABLE = re.compile(r"no (\w+)")


def _gathered(notes: Sequence[str]) -> list[str]:
    """The notes, those about tables that nobody gave as one, and so those about tables that there are none of."""
    told = list(notes)
    for pattern, line in (
        (_NONE_OF, "{count} detectors are not asked: there are no {names}, it is said; --json names them"),
        (_NOT_GIVEN, "{count} detectors cannot tell: no {names} given; --json names them"),
    ):
        found = [met[1] for note in told if (met := pattern.fullmatch(note))]
        if len(found) > 1:
            names = ", ".join(sorted({name for each in found for name in _TABLE.findall(each)}))
            told = [each for each in told if not pattern.fullmatch(each)]
            told.append(line.format(count=len(found), names=names))
    return told


def _short(name: str, width: int = 34) -> str:
    """The end of a long name, which tells files apart."""
    return name if len(name) <= width else "…" + name[-(width - 1) :]


def show_coverage(sources: Sequence[SourceCoverage], *, hours: bool, zone: tzinfo) -> None:
    """Lines and hours per source, with days and hours of `zone`."""
    from whosaw.app.source_view import source_view
    from whosaw.report.tables import coverage_table, gaps_table

    views = [source_view(source) for source in sources]
    print_made(coverage_table(views[:_MOST_ROWS], zone))
    if len(sources) > _MOST_ROWS:
        say(f"… and {len(sources) - _MOST_ROWS:,} more sources; --json lists all")
    for source in sources:
        for note in source.notes:
            say(f"note: {source.source}: {note}")
    if hours:
        say()
        print_made(gaps_table(views, zone))
    if views and (hours or zone is not UTC):
        say(f"{'times' if hours else 'days'} in {zone_name(zone)}")


def show_findings(
    findings: Sequence[Finding], past: Sequence[Became] = (), *, incomplete: str = "", zone: tzinfo
) -> None:
    """One line a finding; none is said with care. And what became of `past` ids. `incomplete`: why some may be missing."""
    if incomplete:
        say(f"cannot tell: {incomplete}")
    if not findings:
        say("No finding. That says nothing about missing hours, or pages that no route covers.")
        show_past(past)
        return
    say(f"{len(findings):,} finding{'s' if len(findings) != 1 else ''}")
    for finding in findings[:_MOST_ROWS]:
        say(f"  {finding.id}  [{finding.confidence.level}]  {in_zone(finding.title, zone)}", marks=LEVELS)
    if len(findings) > _MOST_ROWS:
        say(f"  … and {len(findings) - _MOST_ROWS:,} more; --json lists all")
    say(
        "A finding counts only the views it rests on. `whosaw scope new` counts all that its actor saw, with bounds."
    )
    show_past(past)


def show_past(past: Sequence[Became]) -> None:
    """What became of ids that are no finding's own any more."""
    from whosaw.store.repositories.findings import sentence

    for each in past[:_MOST_ROWS]:
        say(f"  {each.id}  {sentence(each)}")
    if len(past) > _MOST_ROWS:
        say(f"  … and {len(past) - _MOST_ROWS:,} earlier ids more; --json lists all")


def show_finding(finding: Finding, usual: Sequence[Baseline] = (), *, zone: tzinfo) -> None:
    """One finding in full, beside what was taken for usual when it was found, with times of `zone`."""
    if finding.asked is not None:
        show_past([finding.asked])
    say(f"{finding.id}  {finding.detector}  {finding.technique}")
    say(in_zone(finding.title, zone))
    for fact in finding.facts:
        say(f"  - {in_zone(fact, zone)}")
    if finding.parts:
        say(f"  part of it: {', '.join(finding.parts)}")
    if finding.split_from:
        say(f"  split from {finding.split_from}")
    say()
    show_counts(finding.counts)
    first, last = (at_second(each, zone) for each in (finding.first_view, finding.last_view))
    say(f"  first view {first}, last {last} ({zone_name(zone)})")
    before = finding.persons_before
    people = "1 person" if before == 1 else f"{before:,} persons"
    say(f"  earliest alert {at_second(finding.raised_at, zone)}, after {people}")
    say(f"  confidence {finding.confidence.level}:")
    for why in finding.confidence.reasons:
        say(f"  - {in_zone(why, zone)}")
    _show_baseline(finding, usual, zone)
    say()
    seen = table("category", "persons", "views", numbers=("persons", "views"))
    for each in finding.categories:
        row(seen, each.category, each.persons, each.views)
    print_table(seen)
    say()
    if finding.tried:
        _show_tried(finding.tried)
    else:
        say("No explanation was tried: nothing that can be on record would excuse this.")
    say()
    say("lines (whosaw line LOCATOR):")
    for locator in finding.locators:
        say(f"  {locator}")


def _show_baseline(finding: Finding, usual: Sequence[Baseline], zone: tzinfo) -> None:
    """How many other people bore the same signs, one line for each span from which that was learnt and each clause."""
    clauses = {(each.detector, each.clause) for each in finding.crossings}
    spans: dict[tuple[datetime, datetime], list[str]] = {}
    for each in usual:
        if (each.detector, each.clause) in clauses:
            line = f"{each.detector} ({each.clause}): {each.bearing:,} of {each.people:,} people"
            spans.setdefault((each.first_view, each.last_view), []).append(line)
    for (first, last), lines in spans.items():
        say(
            f"  baseline, from views between {at_second(first, zone)} and {at_second(last, zone)} ({zone_name(zone)}):"
        )
        for line in lines:
            say(f"  - {line}")


def _show_tried(tried: Sequence[Tried]) -> None:
    """What each explanation said of the finding's views."""
    rows_shown = table(
        "explanation tried",
        "explained",
        "unexplained",
        "cannot tell",
        "does not apply",
        "why",
        numbers=("explained", "unexplained", "cannot tell", "does not apply"),
    )
    for each in tried:
        row(
            rows_shown,
            each.explanation,
            each.explained,
            each.unexplained,
            each.cannot_tell,
            each.does_not_apply,
            each.why_not,
        )
    print_table(rows_shown)


def show_rejects(answer: Rejects) -> None:
    """Rejects by reason, then the first of them."""
    say("1 reject" if answer.total == 1 else f"{answer.total:,} rejects")
    if not answer.total:
        return
    rows_shown = table("lines", "reason", numbers=("lines",))
    for reason in answer.reasons:
        row(rows_shown, reason.lines, reason.reason)
    print_table(rows_shown)
    if answer.rejects:
        say()
        listed = table("locator", "file", "reason")
        for each in answer.rejects:
            row(listed, each.locator, each.file, each.reason)
        print_table(listed)


def show_notes(notes: Sequence[str]) -> None:
    """What is to be known beside an answer, each in a line of its own."""
    for each in notes:
        say(f"note: {each}")


def show_formats(items: Sequence[KnownFormat], *, detail: bool) -> None:
    """The formats, or one of them in full."""
    if not detail:
        rows_shown = table("format", "title", whole=("format",))  # an id is typed again
        for item in items:
            row(rows_shown, item.id, item.title)
        print_table(rows_shown)
        say()
        say(
            "or a layout of your own: --format 'nginx:$remote_addr …', 'apache:%h %l …', 'json:time=ts,principal=user.id', 'csv:…'"
        )
        return
    for item in items:
        say(f"{item.id}  {item.title}")
        say(f"  source: {item.source}")
        say(f"  checked: {item.checked or 'not against real lines'}")
        for case in item.cases:
            say("\n".join(("  case:", *(f"    {each}" for each in case.strip("\n").split("\n")))))


def show_map_check(report: MapReport, *, asked: bool) -> None:
    """What a map matched and missed. `asked`: in logs; without any, nothing is known of matches, and no zero is shown."""
    if not asked:
        for note in report.notes:
            say(f"note: {note}")
        routes = len(report.routes)
        say(
            f"No fault in {routes:,} route{'' if routes == 1 else 's'}. Name logs to see what each of them matches."
        )
        return
    rows_shown = table(
        "route", "events", "views", "persons", "example", numbers=("events", "views", "persons")
    )
    for route in report.routes:
        row(rows_shown, route.id, route.matched, route.views, route.persons, next(iter(route.examples), "-"))
    print_table(rows_shown)
    for note in report.notes:
        say(f"note: {note}")
    if report.uncovered:
        say()
        say("busy paths with an identifier that no route covers:")
        listed = table("events", "path", "what looks like an identifier", numbers=("events",))
        for path in report.uncovered:
            row(listed, path.events, path.shape, ", ".join(path.parts))
        print_table(listed)


def show_packs(answer: Checked) -> None:
    """How many items were checked."""
    for kind, number in sorted(answer.items.items()):
        say(f"{number:4,} {kind}")
    say(f"{answer.cases:4,} cases, all as they should be")
