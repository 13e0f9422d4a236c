"""The page's sections about the scan as a whole: what was read, what is missing, how to check."""

from __future__ import annotations

from .finding_section import table
from .gaps import gaps_of
from .markup import Child, Markup, join, tag
from .opening import Opener, at, link, sentence
from .view_model import FileView, ScanSummary, Sentence
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
_MOST_FILES = 500  # that no number of the page leads to


def facts(summary: ScanSummary) -> Markup:
    """The few numbers that a reader wants first, each leading to where it opens."""
    entries = []
    told = summary.largest
    persons = next((count for count in told.counts if count.unit == "persons"), None) if told else None
    if told and persons is not None:
        upper = (
            ""
            if persons.exact
            else f"up to {persons.upper:,}"
            if persons.upper is not None
            else "no upper bound"
        )
        anchor = f"o-{told.id}"
        entries.append(
            _fact(
                "Persons in the largest finding",
                link(number(persons.lower), anchor),
                link(upper, anchor),
                alarm=True,
            )
        )
    if told:
        clocked = clock(told.noticed, summary.zone).split(", ")[1]
        after: Child = None
        if told.persons_then is not None:
            after = join([", after ", link(many(told.persons_then, "persons"), f"o-{told.id}")])
        noticed = at(told.noticed, day(told.noticed, summary.zone))
        entries.append(_fact("Earliest alert", noticed, join([at(told.noticed, clocked), after])))
    files = link(f"in {many(len(summary.files), 'files')}", "files")
    entries.append(_fact("Lines read", link(number(summary.lines), "files"), files))
    rejects = link(many(summary.rejects, "rejects"), "files")
    entries.append(_fact("Events", link(number(summary.events), "files"), rejects))
    return tag("dl", *entries, class_="facts")


def _fact(name: str, value: Child, small: Child = None, *, alarm: bool = False) -> Markup:
    return tag(
        "div",
        tag("dt", name),
        tag("dd", value, tag("small", small) if small else None),
        class_="alarm" if alarm else None,
    )


def missing_section(summary: ScanSummary, opener: Opener) -> Markup:
    """What cannot be told, and why."""
    if summary.cannot_tell:
        items = (_cannot_tell(each, summary, opener) for each in summary.cannot_tell)
        inside = tag("ul", *(tag("li", each) for each in items))
    else:
        inside = tag("p", "Nothing that the scan knows of. It cannot know of logs that it was not given.")
    return join(
        [tag("h2", "What is missing, and what cannot be told"), tag("div", inside, class_="missing-box")]
    )


def _cannot_tell(said: Sentence, summary: ScanSummary, opener: Opener) -> Markup:
    if said.lines:
        return opener.opened(said.text, said.lines, said.command)
    return sentence(said.text, "coverage", summary.zone)


def routes_section(summary: ScanSummary, opener: Opener) -> Markup:
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
            opener.lines(route.lines),
        ]
        for route in summary.routes
    ]
    told = (
        tag("p", "All views of one: ", tag("code", summary.opens_route), class_="faint")
        if summary.opens_route
        else None
    )
    columns = ["Route", "Categories", "Views", "First lines"]
    return join([heading, table("Routes", columns, rows, frozenset({2})), told])


def files_section(summary: ScanSummary, opener: Opener) -> Markup:
    """The line equation, then each file with its digest: where every number of the page ends."""
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
    equation = tag("p", sentence(" + ".join(parts), "files", summary.zone), ". ", verdict, class_="equation")
    note = f"{many(summary.duplicates, 'duplicates')} are among the events and are not counted as views."
    named = [file for file in summary.files if file.digests]
    others = [file for file in summary.files if not file.digests]
    left = max(0, len(others) - _MOST_FILES)
    shown = [*named, *others[:_MOST_FILES]] if left else list(summary.files)
    numeric = frozenset({2, 3, 4, 5})
    files = tag(
        "details",
        tag(
            "summary",
            f"All {many(len(summary.files), 'files')}"
            if not left
            else f"{number(len(shown))} of {many(len(summary.files), 'files')}",
        ),
        table("Files read", _FILE_COLUMNS, [_file_row(file, opener) for file in shown], numeric),
        tag(
            "p",
            "The original text of a line: ",
            tag("code", "whosaw line DIGEST:LINE"),
            "; a digest is the SHA-256 of the file up to where it was read.",
            class_="faint",
        ),
        tag("p", "All rejects: ", tag("code", summary.opens_rejects), class_="faint")
        if summary.opens_rejects
        else None,
        id="files",
    )
    faults = [file for file in summary.files if file.fault]
    items = [
        tag("li", tag("code", file.name), ": ", sentence(file.fault, "files", summary.zone))
        for file in faults
    ]
    items += [tag("li", tag("code", name), f" was not read: {why}") for name, why in summary.skipped]
    told = tag("p", sentence(note, "files", summary.zone))
    return join([tag("h2", "What was read"), equation, told, tag("ul", *items) if items else None, files])


_FILE_COLUMNS = ["File", "Format", "Lines", "Events", "Rejects", "Other", "First line", "SHA-256"]


def _file_row(file: FileView, opener: Opener) -> list[Child]:
    sure = "" if file.confidence is None else f" ({file.confidence:.0%} understood)"
    if file.refused:
        sure = " (every line was rejected)"
    elif file.confidence == 0:
        sure = " (time only: it says neither who, nor from where, nor what)"
    other = file.comments + file.continued
    counts = [number(each) for each in (file.lines, file.events, file.rejects, other)]
    digests = (tag("code", each, id=f"c-{each[:16]}") for each in file.digests)
    first = opener.line(file.line) if file.line else None
    return [tag("code", file.name), f"{file.format}{sure}", *counts, first, join(digests, " ")]


def gaps_list(summary: ScanSummary) -> Markup:
    """Each stretch that is partial or missing, with the rule that decided."""
    rows: list[list[Child]] = [
        [
            tag("code", source.source),
            span.state,
            at(span.start, f"{clock(span.start, summary.zone)} to {clock(span.end, summary.zone)}"),
            at(span.start, how_long(span.end - span.start)),
            tag("code", span.reason),
        ]
        for source in summary.sources
        for span in gaps_of(source)
    ]
    if not rows:
        if not summary.sources:
            return tag("p", "No source was read, so nothing can be told about gaps.", class_="none")
        return tag("p", "No gap between the first and the last line of any source.", class_="yes")
    more = None
    if len(rows) > _MOST_GAPS:
        more = tag(
            "p",
            link(number(len(rows) - _MOST_GAPS), "coverage"),
            " more are listed by ",
            tag("code", summary.opens_gaps or "whosaw coverage --hours"),
            ".",
            class_="faint",
        )
    listed = table("Gaps", ["Source", "State", "From, to", "Length", "Rule"], rows[:_MOST_GAPS])
    told = tag("p", link(many(len(rows), "gaps"), "coverage"), " in all.")
    return join([told, tag("details", tag("summary", "Each gap with its rule"), listed, more)])


def context_section(summary: ScanSummary) -> Markup | None:
    """Which tables explanations could look things up in."""
    if not summary.context:
        return None
    rows: list[list[Child]] = [
        [
            tag("code", entry.name),
            number(entry.rows) if entry.rows is not None else "not given",
            entry.used_for,
            join([tag("code", entry.file), " ", tag("code", entry.digest)]) if entry.file else None,
        ]
        for entry in summary.context
    ]
    return join(
        [
            tag("h2", "Tables for explanations"),
            table("Context", ["Table", "Rows", "Used for", "File, SHA-256"], rows, frozenset({1})),
        ]
    )


def verify_section(summary: ScanSummary) -> Markup | None:
    """Commands with which every number can be opened again."""
    if not summary.verify:
        return None
    rows: list[list[Child]] = [[tag("code", command.text), command.shows] for command in summary.verify]
    return join([tag("h2", "How to check this"), table("Commands", ["Command", "Shows"], rows)])
