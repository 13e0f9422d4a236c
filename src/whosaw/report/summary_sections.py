"""The page's sections about the scan as a whole: what was read, what is missing, how to check."""

from __future__ import annotations

from .coverage_strip import gaps_of
from .finding_section import table
from .markup import Child, Markup, join, tag
from .view_model import FileView, ScanSummary
from .wording import clock, day, how_long, many, number

__all__ = [
    "context_section",
    "facts",
    "files_section",
    "gaps_list",
    "missing_section",
    "routes_section",
    "verify_section",
]

_MOST_GAPS = 100


def facts(summary: ScanSummary) -> Markup:
    """The few numbers that a reader wants first."""
    entries = []
    told = summary.largest
    persons = next((count for count in told.counts if count.unit == "persons"), None) if told else None
    if persons is not None:
        upper = (
            ""
            if persons.exact
            else f"up to {persons.upper:,}"
            if persons.upper is not None
            else "no upper bound"
        )
        entries.append(_fact("Persons in the largest finding", number(persons.lower), upper, alarm=True))
    if told:
        at = clock(told.noticed, summary.zone).split(", ")[1]
        after = f", after {many(told.persons_then, 'persons')}" if told.persons_then is not None else ""
        entries.append(_fact("Earliest alert", day(told.noticed, summary.zone), f"{at}{after}"))
    entries.append(_fact("Lines read", number(summary.lines), f"in {many(len(summary.files), 'files')}"))
    entries.append(_fact("Events", number(summary.events), f"{many(summary.rejects, 'rejects')}"))
    return tag("dl", *entries, class_="facts")


def _fact(name: str, value: str, small: str = "", *, alarm: bool = False) -> Markup:
    return tag(
        "div",
        tag("dt", name),
        tag("dd", value, tag("small", small) if small else None),
        class_="alarm" if alarm else None,
    )


def missing_section(summary: ScanSummary) -> Markup:
    """What cannot be told, and why."""
    if summary.cannot_tell:
        inside = tag("ul", *(tag("li", sentence) for sentence in summary.cannot_tell))
    else:
        inside = tag("p", "Nothing that the scan knows of. It cannot know of logs that it was not given.")
    return join(
        [tag("h2", "What is missing, and what cannot be told"), tag("div", inside, class_="missing-box")]
    )


def routes_section(summary: ScanSummary) -> Markup:
    """The data map's routes, drafts marked."""
    heading = tag("h2", "Pages that carried personal data")
    if not summary.routes:
        return join([heading, tag("p", "No route matched, so no view is known.", class_="none")])
    draft = tag("span", "draft", class_="badge")
    rows: list[list[Child]] = [
        [
            join([tag("code", route.id), " " if route.draft else None, draft if route.draft else None]),
            ", ".join(route.categories),
            number(route.views),
        ]
        for route in summary.routes
    ]
    return join([heading, table("Routes", ["Route", "Categories", "Views"], rows, frozenset({2}))])


def files_section(summary: ScanSummary) -> Markup:
    """The line equation, then each file."""
    parts = [
        f"{many(summary.lines, 'lines')} = {many(summary.events, 'events')}",
        many(summary.rejects, "rejects"),
        many(summary.comments, "blank or comment lines"),
    ]
    if summary.continued:
        parts.append(many(summary.continued, "continued lines"))
    verdict = tag("span", "It adds up in every file.", class_="yes")
    if not summary.adds_up:
        wrong = ", ".join(file.name for file in summary.files if not file.adds_up)
        verdict = tag("span", f"It does not add up in: {wrong}.", class_="no")
    equation = tag("p", " + ".join(parts), ". ", verdict, class_="equation")
    note = f"{many(summary.duplicates, 'duplicates')} are among the events and are not counted as views."
    files = tag(
        "details",
        tag("summary", f"All {many(len(summary.files), 'files')}"),
        table(
            "Files read", _FILE_COLUMNS, [_file_row(file) for file in summary.files], frozenset({2, 3, 4, 5})
        ),
    )
    faults = [file for file in summary.files if file.fault]
    items = [tag("li", tag("code", file.name), f": {file.fault}") for file in faults]
    items += [tag("li", tag("code", name), f" was not read: {why}") for name, why in summary.skipped]
    return join(
        [tag("h2", "What was read"), equation, tag("p", note), tag("ul", *items) if items else None, files]
    )


_FILE_COLUMNS = ["File", "Format", "Lines", "Events", "Rejects", "Other"]


def _file_row(file: FileView) -> list[Child]:
    sure = "" if file.confidence is None else f" ({file.confidence:.0%} understood)"
    if file.refused:
        sure = " (every line was rejected)"
    elif file.confidence == 0:
        sure = " (time only: it says neither who, nor from where, nor what)"
    other = file.comments + file.continued
    counts = [number(each) for each in (file.lines, file.events, file.rejects, other)]
    return [tag("code", file.name), f"{file.format}{sure}", *counts]


def gaps_list(summary: ScanSummary) -> Markup:
    """Each stretch that is partial or missing, with the rule that decided."""
    rows: list[list[Child]] = [
        [
            tag("code", source.source),
            span.state,
            f"{clock(span.start, summary.zone)} to {clock(span.end, summary.zone)}",
            how_long(span.end - span.start),
            span.reason,
        ]
        for source in summary.sources
        for span in gaps_of(source)
    ]
    if not rows:
        if not summary.sources:
            return tag("p", "No source was read, so nothing can be told about gaps.", class_="none")
        return tag("p", "No gap between the first and the last line of any source.", class_="yes")
    more = (
        f"{number(len(rows) - _MOST_GAPS)} more are listed by whosaw coverage."
        if len(rows) > _MOST_GAPS
        else None
    )
    gaps = table("Gaps", ["Source", "State", "From, to", "Length", "Rule"], rows[:_MOST_GAPS])
    return join([gaps, tag("p", more, class_="faint") if more else None])


def context_section(summary: ScanSummary) -> Markup | None:
    """Which tables explanations could look things up in."""
    if not summary.context:
        return None
    rows: list[list[Child]] = [
        [
            tag("code", entry.name),
            number(entry.rows) if entry.rows is not None else "not given",
            entry.used_for,
        ]
        for entry in summary.context
    ]
    return join(
        [
            tag("h2", "Tables for explanations"),
            table("Context", ["Table", "Rows", "Used for"], rows, frozenset({1})),
        ]
    )


def verify_section(summary: ScanSummary) -> Markup | None:
    """Commands with which every number can be opened again."""
    if not summary.verify:
        return None
    rows: list[list[Child]] = [[tag("code", command.text), command.shows] for command in summary.verify]
    return join([tag("h2", "How to check this"), table("Commands", ["Command", "Shows"], rows)])
