"""Decisions for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

from whosaw.report.decision_wording import (
    decided_line,
    duty_lines,
    ground_lines,
    needs_decision,
    scope_line,
)
from whosaw.report.decisions_draft import decisions_draft
from whosaw.report.law_wording import no_law_lines, sure

from .console import say

__all__ = ["show_decided", "show_decisions"]

_WIDTH = 100


def show_decided(decision: Mapping[str, Any]) -> None:
    """What was written down."""
    about = f" for {decision['duty']}" if decision["duty"] else ""
    scope = (
        f" on scope version {decision['scope']['version']}" if decision["scope"] else " on no scope version"
    )
    say(f"decision {decision['id']} recorded: {decision['decision']}{about}{scope}, by {decision['by']}")
    say(f"entry {decision['entry']} of the custody journal, {decision['hash'][:16]}")
    if decision["supersedes"]:
        say(f"it takes the place of entry {decision['supersedes']}")


def show_decisions(document: Mapping[str, Any]) -> None:
    """The accountability record: every decision, then every duty with its state."""
    zone = document["zone"]
    say(f"Accountability record of case {document['case']} (times in {zone})")
    for line in wrap(document["not_legal_advice"], _WIDTH):
        say(line)
    for line in no_law_lines(document):
        say(line)
    for each in document["record_duties"]:
        say(f"Kept under {each['statute']}, {each['article']}{sure(each)}")
    for gap in decisions_draft(document).missing:
        say(f"Missing in it: {gap.needs} ({gap.where})")
    say("")
    say("Decisions" if document["decisions"] else "No decision is on record")
    for each in document["decisions"]:
        say(f"  {each['id']}: {decided_line(each, zone)}")
        for line in ground_lines(each, zone):
            say(f"      {line}")
    say("")
    say("Duties")
    say(f"  {scope_line(document)}")
    reached = [each for each in document["duties"] if each["applies"] == "met" or each["decision"]]
    for each in reached:
        say(
            f"  {'! ' if needs_decision(each) else ''}{each['title']}, to {each['recipient']} ({each['duty']})"
        )
        for line in duty_lines(each, zone):
            say(f"      {line}")
    places = sorted({each["place"] for each in document["duties"]} - {each["place"] for each in reached})
    if places:
        for line in wrap(f"No decision either where the law may apply too: {', '.join(places)}.", _WIDTH):
            say(line)
    waiting = sum(map(needs_decision, reached))
    say("")
    say(
        f"{waiting} of {len(reached)} duties wait for a decision; the journal's {document['journal']['entries']} entries hold together"
    )
