"""The duties of a case as one page: a timeline of all clocks, then each duty with what decides it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .law_page import law_page, mark, rows
from .law_wording import (
    clock_line,
    due_text,
    moment_text,
    places_that_may_apply,
    told_lines,
    unverified_lines,
    wanted,
)
from .markup import Markup, tag
from .timeline import timeline

__all__ = ["duties_page"]


def duties_page(document: Mapping[str, Any]) -> str:
    """The whole page. The same document gives the same text."""
    reached = [each for each in document["duties"] if each["applies"]["answer"] == "met"]
    late = sum(run["status"] in ("late", "overdue") for each in reached for run in each["runs"])
    clocks = sum(run["due"] is not None for each in reached for run in each["runs"])
    lead = f"{len(reached)} duties, {clocks} clocks with a figure, {late} of them late or overdue."
    sections: list[Markup | None] = [
        tag("h2", "Clocks"),
        timeline(reached, document["now"], document["zone"])
        or tag("p", "No clock with a figure runs.", class_="none"),
    ]
    for place in sorted({each["place"] for each in reached}):
        sections.append(tag("h2", place))
        sections += [_duty(each, document) for each in reached if each["place"] == place]
    may = places_that_may_apply(document["duties"])
    if may:
        sections += [tag("h2", "May apply too"), rows(may)]
    return law_page(f"Duties of case {document['case']}", lead, document, sections)


def _duty(duty: Mapping[str, Any], document: Mapping[str, Any]) -> Markup:
    zone = document["zone"]
    governed = duty["in_force"]["answer"] != "not met"
    may_be_owed = governed and duty["owed"]["answer"] != "not owed"
    confidence = "" if duty["confidence"] == "statute-read" else duty["confidence"]
    owed = duty["owed"]["answer"] if governed else "not law at the time of the case"
    heading = tag("h3", duty["title"], mark(confidence), mark(owed))
    where = f"To {duty['recipient']}. {duty['statute']}, {duty['article']} ({duty['text']})."
    reasons = [f"{text}" for text in duty["owed"]["because"] or duty["threshold"]["because"]]
    reasons += [f"Cannot tell: needs {wanted(need, document['questions'])}" for need in duty["owed"]["needs"]]
    extra = [f"May be delayed {each}" for each in duty["delays"]]
    extra += ["A late report needs its reasons"] if duty["late_needs_reasons"] else []
    extra += [f"Phases: {duty['phasing']}"] if duty["phasing"] else []
    extra += [f"Form: {duty['form']}"] if duty["form"] else []
    return tag(
        "section",
        heading,
        tag("p", where),
        rows(duty["in_force"]["because"]) if not governed else None,
        tag("p", f"Time: {clock_line(duty)}.") if may_be_owed else None,
        _runs(duty, zone) if may_be_owed else None,
        rows(reasons) if governed else None,
        tag("p", tag("strong", "Meanwhile: "), duty["meanwhile"], ".")
        if duty["meanwhile"] and governed
        else None,
        rows([*told_lines(duty, zone), *extra, *duty["notes"]]),
        rows(unverified_lines(duty)),
        tag(
            "p",
            f"Item {duty['id']}, reviewed {duty['reviewed']}. Sources: {'; '.join(duty['sources'])}",
            class_="faint",
        ),
        class_="item",
    )


def _runs(duty: Mapping[str, Any], zone: str) -> Markup | None:
    found = []
    for run in duty["runs"]:
        start = run["start"]
        words = f"scope version {start['scope']}" if start["scope"] else start["event"].replace("-", " ")
        readings = [f"Another reading, unverified: {each['rests_on']}" for each in run["readings"]]
        cells = (
            tag("td", words, tag("br"), moment_text(start["when"], zone)),
            tag("td", start["claimed_by"], tag("br"), tag("span", start["evidence"], class_="faint")),
            tag(
                "td",
                due_text(run, zone).removeprefix("due ").removesuffix("; ") or "no figure",
                rows(readings),
            ),
            tag("td", mark(run["status"]), " ", run["sentence"]),
        )
        found.append(tag("tr", *cells))
    if not found:
        return None
    head = tag("tr", *(tag("th", name, scope="col") for name in ("runs from", "says who", "due", "result")))
    return tag("div", tag("table", tag("thead", head), tag("tbody", *found)), class_="scroll")
