"""One finding on the page: its title and facts, the counts and their bounds, what was tried, where to read it."""

from __future__ import annotations

from whosaw.core.counts import Count

from .markup import Child, Markup, join, tag
from .view_model import CategoryView, ExplanationView, FindingView, ScanSummary
from .wording import bare_count, count_text, day_and_time, how_long, many, number, reason_text

__all__ = ["count_markup", "finding_section", "pairs", "table"]


def finding_section(finding: FindingView, summary: ScanSummary) -> Markup:
    """The finding as an article."""
    zone = summary.zone
    entries: list[tuple[str, Child]] = [
        ("Actor", tag("code", finding.actor)),
        ("First view", day_and_time(finding.first, zone)),
        ("Last view", f"{day_and_time(finding.last, zone)} ({how_long(finding.last - finding.first)} later)"),
        ("Earliest alert", _noticed(finding, summary)),
    ]
    if finding.confidence:
        reasons = [tag("li", why) for why in finding.confidence_reasons]
        entries.append(
            (
                "Confidence",
                join([finding.confidence, tag("ul", *reasons)] if reasons else [finding.confidence]),
            )
        )
    if finding.technique:
        entries.append(("Technique", finding.technique))
    entries.append(("Detector", tag("code", finding.detector)))
    return tag(
        "article",
        tag("h3", finding.title),
        tag("p", tag("code", finding.id), class_="faint"),
        tag("ul", *(tag("li", fact) for fact in finding.facts)),
        tag("h4", "How many"),
        tag("ul", *(tag("li", count_markup(count)) for count in finding.counts)),
        pairs(entries),
        _categories(finding.categories),
        _explanations(finding.explanations),
        _locators(finding.locators),
        _blind_spots(finding.blind_spots),
        class_="finding",
        aria_label=f"Finding {finding.id}",
    )


def count_markup(count: Count) -> Markup:
    """A count with bounds, and each reason why they differ."""
    head = tag("strong", count_text(count))
    if count.exact:
        return join([head, tag("span", " (exact)", class_="faint")])
    reasons = (tag("li", reason_text(why)) for why in count.reasons)
    return join([head, tag("ul", *reasons, class_="faint")])


def pairs(entries: list[tuple[str, Child]]) -> Markup:
    """Names and what belongs to them."""
    return tag("dl", *(join([tag("dt", name), tag("dd", value)]) for name, value in entries), class_="pairs")


def table(
    caption: str, columns: list[str], rows: list[list[Child]], numeric: frozenset[int] = frozenset()
) -> Markup:
    """A table that scrolls on its own where it is too wide. `numeric` are positions set to the right."""

    def cell(kind: str, at: int, content: Child) -> Markup:
        scope = "col" if kind == "th" else None
        return tag(kind, content, class_="n" if at in numeric else None, scope=scope)

    head = tag("thead", tag("tr", *(cell("th", at, name) for at, name in enumerate(columns))))
    body = tag(
        "tbody", *(tag("tr", *(cell("td", at, entry) for at, entry in enumerate(row))) for row in rows)
    )
    whole = tag("table", head, body, aria_label=caption)
    return tag("div", whole, class_="scroll", tabindex=0, role="region", aria_label=caption)


def _noticed(finding: FindingView, summary: ScanSummary) -> str:
    words = day_and_time(finding.noticed, summary.zone)
    if finding.persons_then is not None:
        words += f", after {many(finding.persons_then, 'persons')}"
    return words


def _categories(categories: tuple[CategoryView, ...]) -> Markup | None:
    if not categories:
        return None
    rows: list[list[Child]] = [
        [
            join([category.title, tag("span", f" {category.key}", class_="faint")]),
            f"{category.sensitivity} of 4"
            + (f", special: {', '.join(category.special)}" if category.special else ""),
            bare_count(category.persons) if category.persons else "cannot tell",
            number(category.views) if category.views is not None else "cannot tell",
        ]
        for category in categories
    ]
    columns = ["Category", "Sensitivity", "Persons", "Views"]
    return join([tag("h4", "What was seen"), table("Categories seen", columns, rows, frozenset({2, 3}))])


def _explanations(explanations: tuple[ExplanationView, ...]) -> Markup:
    if not explanations:
        return join([tag("h4", "Explanations tried"), tag("p", "None.", class_="none")])
    rows: list[list[Child]] = [
        [
            join([tried.title, tag("span", f" {tried.why_not}", class_="faint") if tried.why_not else None]),
            number(tried.explained),
            number(tried.unexplained),
            number(tried.cannot_tell),
            number(tried.does_not_apply),
        ]
        for tried in explanations
    ]
    columns = ["Explanation, in views", "Explained", "Unexplained", "Cannot tell", "Does not apply"]
    return join(
        [tag("h4", "Explanations tried"), table("Explanations tried", columns, rows, frozenset({1, 2, 3, 4}))]
    )


def _locators(locators: tuple[str, ...]) -> Markup | None:
    if not locators:
        return None
    heading = f"{many(len(locators), 'lines')} to check for yourself"
    return tag(
        "details", tag("summary", heading), tag("ul", *(tag("li", tag("code", each)) for each in locators))
    )


def _blind_spots(spots: tuple[str, ...]) -> Markup | None:
    if not spots:
        return None
    return join([tag("h4", "What this detector cannot see"), tag("ul", *(tag("li", spot) for spot in spots))])
