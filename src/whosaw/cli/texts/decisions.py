"""Decisions for the terminal."""

from __future__ import annotations

from textwrap import wrap

from whosaw.cli.console import say
from whosaw.core.decisions import AccountabilityRecord, Decision
from whosaw.report.decision_wording import (
    decided_line,
    duty_lines,
    ground_lines,
    scope_line,
)
from whosaw.report.decisions_draft import decisions_draft
from whosaw.report.law_wording import no_law_lines, sure

__all__ = ["show_decided", "show_decisions"]

_WIDTH = 100


def show_decided(decision: Decision) -> None:
    """What was written down."""
    body = decision.body
    about = f" for {body.duty}" if body.duty else ""
    scope = f" on scope version {body.scope.version}" if body.scope else " on no scope version"
    say(f"decision {body.id} recorded: {body.decision}{about}{scope}, by {body.by}")
    say(f"entry {decision.entry} of the custody journal, {decision.hash[:16]}")
    if body.supersedes:
        say(f"it replaces entry {body.supersedes}")


def show_decisions(record: AccountabilityRecord) -> None:
    """The accountability record: every decision, then every duty with its state."""
    head, zone = record.head, record.head.zone
    say(f"Accountability record of case {head.case} (times in {zone})")
    for line in wrap(head.not_legal_advice, _WIDTH):
        say(line)
    for line in no_law_lines(head):
        say(line)
    for law in record.record_duties:
        say(f"Kept under {law.statute}, {law.article}{sure(law.confidence)}")
    for gap in decisions_draft(record).missing:
        say(f"Missing: {gap.needs} ({gap.where})")
    say("")
    say("Decisions" if record.decisions else "No decision is on record")
    for each in record.decisions:
        say(f"  {each.decision.body.id}: {decided_line(each.decision.body, zone)}")
        for line in ground_lines(each, zone):
            say(f"      {line}")
    say("")
    say("Duties")
    say(f"  {scope_line(record)}")
    shown = [each for each in record.duties if each.shown]
    for row in shown:
        say(f"  {'! ' if row.needs_decision else ''}{row.title}, to {row.recipient} ({row.duty})")
        for line in duty_lines(row, zone):
            say(f"      {line}")
    places = sorted({each.place for each in record.duties} - {each.place for each in shown})
    if places:
        for line in wrap(
            f"The law of these places may apply too, and nothing is decided about them: {', '.join(places)}.",
            _WIDTH,
        ):
            say(line)
    waiting = sum(each.needs_decision for each in shown)
    say("")
    say(
        f"{waiting} of {len(shown)} duties wait for a decision (marked !). The custody journal holds: {record.journal.entries} entries."
    )
