"""One finding on the page: its title and facts, the counts and their bounds, what was tried, where to read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from whosaw.core.counts import Count, Reason

from .markup import Child, Markup, join, tag
from .opening import Opener, at, link, sentence
from .view_model import FindingView, ScanSummary
from .wording import bare_count, count_text, day_and_time, how_long, many, number, reason_text

__all__ = ["finding_section", "pairs", "table"]

_FIRST: Final = 3  # lines that are named beside a number


def finding_section(
    finding: FindingView, summary: ScanSummary, opener: Opener, pictures: Sequence[Markup] = ()
) -> Markup:
    """The finding as an article."""
    zone = summary.zone
    anchor = f"o-{finding.id}"
    lasted = f"{day_and_time(finding.last, zone)} ({how_long(finding.last - finding.first)} later)"
    entries: list[tuple[str, Child]] = [
        ("Actor", link(tag("code", finding.actor), anchor)),
        ("First view", at(finding.first, day_and_time(finding.first, zone))),
        ("Last view", at(finding.last, lasted)),
        ("Earliest alert", _noticed(finding, summary, anchor)),
    ]
    if finding.confidence:
        reasons = [tag("li", why, class_="given") for why in finding.confidence_reasons]
        entries.append(
            (
                "Confidence",
                join([finding.confidence, tag("ul", *reasons)] if reasons else [finding.confidence]),
            )
        )
    if finding.technique:
        entries.append(("Technique", tag("code", finding.technique)))
    entries.append(("Detector", tag("code", finding.detector)))
    return tag(
        "article",
        tag("h3", sentence(finding.title, anchor, zone)),
        tag("p", tag("code", finding.id), class_="faint"),
        tag("ul", *(tag("li", sentence(fact, anchor, zone)) for fact in finding.facts)),
        tag("h4", "How many"),
        tag(
            "ul",
            *(tag("li", _count(count, finding, opener, anchor)) for count in finding.counts),
            class_="counts",
        ),
        pairs(entries),
        _categories(finding, opener),
        _explanations(finding, opener),
        *pictures,
        _locators(finding.locators, opener),
        _blind_spots(finding.blind_spots),
        class_="finding",
        aria_label=f"Finding {finding.id}",
    )


def _count(count: Count, finding: FindingView, opener: Opener, anchor: str) -> Markup:
    """A count that opens: views to the finding's lines, people to the first lines that show one."""
    of_views = count.unit == "views"
    lines = finding.locators[:_FIRST] if of_views else finding.person_lines
    command = finding.opens_views if of_views else finding.opens_persons
    head = tag("strong", count_text(count))
    if count.exact:
        words = join([head, tag("span", " (exact)", class_="faint")])
        return opener.opened(words, lines, command, anchor=anchor if of_views else None)
    # what a bound adds is of the same lines
    reasons = tag("ul", *(tag("li", _reason(why, anchor)) for why in count.reasons), class_="faint")
    return opener.opened(head, lines, command, also=reasons, anchor=anchor if of_views else None)


def _reason(why: Reason, anchor: str) -> Markup:
    text = reason_text(why)
    return link(text, anchor) if any(map(str.isdigit, text)) else join([text])


def pairs(entries: list[tuple[str, Child]]) -> Markup:
    """Names and what belongs to them."""
    return tag("dl", *(join([tag("dt", name), tag("dd", value)]) for name, value in entries), class_="pairs")


def table(
    caption: str, columns: list[str], rows: list[list[Child]], numeric: frozenset[int] = frozenset()
) -> Markup:
    """A table that scrolls on its own where it is too wide. `numeric` are positions set to the right."""

    def cell(kind: str, place: int, content: Child) -> Markup:
        scope = "col" if kind == "th" else None
        return tag(kind, content, class_="n" if place in numeric else None, scope=scope)

    head = tag("thead", tag("tr", *(cell("th", place, name) for place, name in enumerate(columns))))
    body = tag(
        "tbody", *(tag("tr", *(cell("td", place, entry) for place, entry in enumerate(row))) for row in rows)
    )
    whole = tag("table", head, body, aria_label=caption)
    return tag("div", whole, class_="scroll", tabindex=0, role="region", aria_label=caption)


def _noticed(finding: FindingView, summary: ScanSummary, anchor: str) -> Markup:
    when = at(finding.noticed, day_and_time(finding.noticed, summary.zone))
    if finding.persons_then is None:
        return when
    return join([when, ", after ", link(many(finding.persons_then, "persons"), anchor)])


def _categories(finding: FindingView, opener: Opener) -> Markup | None:
    if not finding.categories:
        return None
    rows: list[list[Child]] = [
        [
            join([category.title, tag("span", f" {category.key}", class_="faint")]),
            tag(
                "span",
                f"{category.sensitivity} of 4"
                + (f", special: {', '.join(category.special)}" if category.special else ""),
                class_="given",
            ),
            bare_count(category.persons) if category.persons else "cannot tell",
            number(category.views) if category.views is not None else "cannot tell",
            opener.lines(category.lines),
        ]
        for category in finding.categories
    ]
    columns = ["Category", "Sensitivity", "Persons", "Views", "First lines"]
    return join(
        [
            tag("h4", "What was seen"),
            table(f"Categories seen, {finding.id}", columns, rows, frozenset({2, 3})),
        ]
    )


def _explanations(finding: FindingView, opener: Opener) -> Markup:
    heading = tag("h4", "Explanations tried")
    if not finding.explanations:
        return join([heading, tag("p", "None.", class_="none")])
    rows: list[list[Child]] = [
        [
            join([tried.title, tag("span", f" {tried.why_not}", class_="faint") if tried.why_not else None]),
            number(tried.explained),
            number(tried.unexplained),
            number(tried.cannot_tell),
            number(tried.does_not_apply),
            join(
                [
                    opener.lines(finding.locators[:_FIRST]),
                    join([tag("br"), "Every view: ", tag("code", tried.opens)]) if tried.opens else None,
                ]
            ),
        ]
        for tried in finding.explanations
    ]
    columns = [
        "Explanation, in views",
        "Explained",
        "Unexplained",
        "Cannot tell",
        "Does not apply",
        "Lines of the finding, and every view",
    ]
    told = None
    if finding.explains:
        told = tag(
            "p",
            "Each was asked about all views of the actor. What it says of a line of the finding: ",
            tag("code", finding.explains),
            class_="faint",
        )
    return join(
        [heading, table(f"Explanations tried, {finding.id}", columns, rows, frozenset({1, 2, 3, 4})), told]
    )


def _locators(locators: tuple[str, ...], opener: Opener) -> Markup | None:
    if not locators:
        return None
    heading = f"{many(len(locators), 'lines')} to check for yourself"
    items = (
        tag("li", opener.line(each), " ", tag("code", each) if opener.known(each) else None)
        for each in locators
    )
    return tag("details", tag("summary", heading), tag("ul", *items))


def _blind_spots(spots: tuple[str, ...]) -> Markup | None:
    if not spots:
        return None
    return join(
        [
            tag("h4", "What this detector cannot see"),
            tag("ul", *(tag("li", spot, class_="given") for spot in spots)),
        ]
    )
