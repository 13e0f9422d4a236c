"""The report as one HTML file: opens from disk, asks no network, runs no script, shows no raw identifier."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from .coverage_strip import coverage_strips
from .finding_section import finding_section
from .markup import Markup, join, tag, trusted
from .picture import DARK, LIGHT, NARROW, describe, picture_svg
from .summary_sections import (
    context_section,
    facts,
    files_section,
    gaps_list,
    missing_section,
    routes_section,
    verify_section,
)
from .view_model import PersonsPerDay, ScanSummary
from .wording import many

__all__ = ["page_html"]

_STYLE_FILE = Path(__file__).parents[1] / "data" / "report" / "page.css"


def page_html(summary: ScanSummary) -> str:
    """The whole page. The same summary gives the same text."""
    style = _STYLE_FILE.read_text(encoding="utf-8")
    # the page may use this style sheet and its own pictures, and nothing else from anywhere
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
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
    found = many(len(summary.findings), "findings") if summary.findings else "No finding"
    gaps = sum(source.hours("missing") + source.hours("partial") for source in summary.sources)
    sentence = f"{found} in {many(summary.events, 'events')} from {many(len(summary.sources), 'sources')}."
    if not summary.events:
        sentence = "No event was read, so nothing can be told about who saw whom."
    elif not summary.findings:
        sentence += " That is what these detectors found in these logs. It is no proof that nothing happened."
    if gaps:
        sentence += f" {many(gaps, 'hours')} are not fully covered."
    return tag("header", tag("h1", summary.title), tag("p", sentence, class_="lead"), facts(summary))


def _main(summary: ScanSummary) -> Markup:
    findings = [finding_section(finding, summary) for finding in summary.findings]
    return join(
        [
            tag(
                "main",
                _picture(summary.picture) if summary.picture else None,
                tag("h2", "Findings", id="findings"),
                *(findings or [tag("p", "No detector reported anything.", class_="none")]),
                missing_section(summary),
                routes_section(summary),
                files_section(summary),
                tag("h2", "Coverage"),
                tag("p", f"Hour by hour, times in {summary.zone_name}.", class_="faint"),
                coverage_strips(summary.sources, summary.zone),
                gaps_list(summary),
                context_section(summary),
                verify_section(summary),
            ),
            tag(
                "footer",
                tag(
                    "p",
                    f"Made by whosaw {summary.version}. Persons, addresses and tokens are shown masked. "
                    "This page loads nothing from any network.",
                ),
            ),
        ]
    )


def _picture(data: PersonsPerDay) -> Markup:
    light, dark = (_data_uri(picture_svg(data, colours)) for colours in (LIGHT, DARK))
    small, small_dark = (_data_uri(picture_svg(data, colours, NARROW)) for colours in (LIGHT, DARK))
    return tag(
        "figure",
        tag(
            "picture",
            tag("source", media="print", srcset=light),
            tag("source", media="(max-width: 38rem) and (prefers-color-scheme: dark)", srcset=small_dark),
            tag("source", media="(max-width: 38rem)", srcset=small),
            tag("source", media="(prefers-color-scheme: dark)", srcset=dark),
            tag("img", src=light, alt=describe(data)),
        ),
        class_="picture",
    )


def _data_uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
