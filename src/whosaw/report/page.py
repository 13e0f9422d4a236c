"""The report as one HTML file: opens from disk, asks no network, runs no script, shows no raw identifier."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from .figure import figure
from .finding_section import finding_section
from .markup import Child, Markup, join, tag, trusted
from .opening import Opener, link
from .pictures.drawing import picture_style
from .summary_sections import (
    context_section,
    facts,
    files_section,
    gaps_list,
    missing_section,
    routes_section,
    verify_section,
)
from .view_model import ScanSummary
from .wording import many

__all__ = ["page_html"]

_STYLE_FILE = Path(__file__).parents[1] / "data" / "report" / "page.css"


def page_html(summary: ScanSummary) -> str:
    """The whole page. The same summary gives the same text."""
    style = _STYLE_FILE.read_text(encoding="utf-8") + picture_style()
    # the page may use this style sheet, and nothing else from anywhere
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="generator", content=f"whosaw {summary.version}"),
        tag("title", f"{summary.title} - whosaw"),
        tag("style", trusted(style)),
    )
    body = tag(
        "body", tag("a", "To the findings", href="#findings", class_="skip"), _header(summary), _main(summary)
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _header(summary: ScanSummary) -> Markup:
    found = (
        link(many(len(summary.findings), "findings"), "findings")
        if summary.findings
        else join(["No finding"])
    )
    gaps = sum(source.hours("missing") + source.hours("partial") for source in summary.sources)
    parts: list[Child] = [
        found, " in ", link(many(summary.events, "events"), "files"), " from ",
        link(many(len(summary.sources), "sources"), "coverage"), ".",
    ]  # fmt: skip
    if not summary.events:
        parts = ["No event was read, so nothing can be told about who saw whom."]
    elif not summary.findings:
        parts.append(
            " That is what these detectors found in these logs. It is no proof that nothing happened."
        )
    if gaps:
        parts += [" ", link(many(gaps, "hours"), "coverage"), " are not fully covered."]
    return tag("header", tag("h1", summary.title), tag("p", *parts, class_="lead"), facts(summary))


def _main(summary: ScanSummary) -> Markup:
    opener = Opener.of(summary)
    drawn = {id(each): f"p{at}" for at, each in enumerate(summary.pictures)}

    def figures(*kinds: str, of: str | None = None) -> list[Markup]:
        return [
            figure(each, drawn[id(each)], opener, heading="h3" if of is None else "h4")
            for each in summary.pictures
            if each.kind in kinds and (of is None or each.of == of) and each is not summary.timeline
        ]

    findings = [
        finding_section(each, summary, opener, figures("timeline", "week", "order", "networks", of=each.id))
        for each in summary.findings
    ]
    top = summary.timeline
    gone = tag("p", "No hour is covered by any source.", class_="none")
    return join(
        [
            tag(
                "main",
                figure(top, drawn[id(top)], opener, heading="h2") if top is not None else None,
                tag("h2", "Findings"),
                tag(
                    "section",
                    *(findings or [tag("p", "No detector reported anything.", class_="none")]),
                    id="findings",
                ),
                _section("Who saw what", figures("categories")),
                _section("One person", figures("person")),
                _section("Cases, version by version", figures("versions")),
                missing_section(summary, opener),
                routes_section(summary, opener),
                files_section(summary, opener),
                tag("h2", "Coverage"),
                tag("section", *(figures("coverage") or [gone]), gaps_list(summary), id="coverage"),
                context_section(summary),
                verify_section(summary),
            ),
            tag(
                "footer",
                tag(
                    "p",
                    f"Made by whosaw {summary.version}. Persons, addresses and tokens are shown masked. "
                    "This page loads nothing from any network. Numbers lead to the lines that they were counted from.",
                ),
            ),
        ]
    )


def _section(title: str, figures: list[Markup]) -> Markup | None:
    return join([tag("h2", title), *figures]) if figures else None
