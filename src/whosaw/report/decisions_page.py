"""The accountability record of a case as one page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .decision_wording import decided_line, duty_lines, ground_lines, needs_decision, scope_line
from .law_page import law_page, mark, rows
from .law_wording import sure
from .markup import Markup, join, tag

__all__ = ["decisions_page"]


def decisions_page(document: Mapping[str, Any]) -> str:
    """The whole page. The same document gives the same text."""
    reached = [each for each in document["duties"] if each["applies"] == "met" or each["decision"]]
    waiting = sum(map(needs_decision, reached))
    lead = f"{len(document['decisions'])} decisions on record, {len(reached)} duties, {waiting} of them waiting for one."
    sections: list[Markup | None] = [
        tag("h2", "Duties"),
        tag("p", scope_line(document)),
        *(_duty(each, document["zone"]) for each in reached),
        rows(_elsewhere(document)),
        tag("h2", "Decisions"),
        *(_decision(each, document["zone"]) for each in document["decisions"]),
        None if document["decisions"] else tag("p", "None is on record.", class_="none"),
        tag("h2", "Kept under"),
        rows(
            f"{each['statute']}, {each['article']}: {each['title']}{sure(each)}"
            for each in document["record_duties"]
        )
        or tag("p", "No law that reaches this case asks for such a record.", class_="none"),
        tag("h2", "How to check it"),
        tag(
            "p",
            f"The custody journal has {document['journal']['entries']} entries, and each holds the hash of the one before it.",
        ),
    ]
    return law_page(f"Accountability record of case {document['case']}", lead, document, sections)


def _duty(row: Mapping[str, Any], zone: str) -> Markup:
    state = row["state"]
    label = mark("" if not needs_decision(row) else state if state != "decided on these facts" else "late")
    where = "; ".join(f"{each['statute']}, {each['article']}{sure(each)}" for each in row["items"])
    told = join([tag("p", f"To {row['recipient']}. {where} ({row['duty']})."), rows(duty_lines(row, zone))])
    return tag("section", tag("h3", row["title"], label), told, class_="item")


def _decision(each: Mapping[str, Any], zone: str) -> Markup:
    heading = tag(
        "h3", f"{each['id']}: {decided_line(each, zone)}", mark("superseded" if each["superseded_by"] else "")
    )
    return tag("section", heading, rows(ground_lines(each, zone)), class_="item")


def _elsewhere(document: Mapping[str, Any]) -> list[str]:
    """Places whose law may reach the case, in one line."""
    reached = {each["place"] for each in document["duties"] if each["applies"] == "met"}
    places = sorted({each["place"] for each in document["duties"] if not each["decision"]} - reached)
    return [f"No decision either where the law may apply too: {', '.join(places)}."] if places else []
