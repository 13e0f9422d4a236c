"""One finding as text, in the order in which a person asks: who, when, how many, why, what first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from whosaw.cli.console import LEVELS, print_table, row, say, table
from whosaw.cli.shown_zone import at_second, in_zone, zone_name

from .answers import show_counts, show_past
from .asking import known_by, traits_table

if TYPE_CHECKING:
    from whosaw.app.asking.one_finding import FirstView, OneFinding
    from whosaw.core.finding import Finding

__all__ = ["show_one_finding"]

_LINES = 5


def show_one_finding(answer: OneFinding, zone: tzinfo) -> None:
    """The whole answer, each part under its question."""
    finding = answer.finding
    if finding.asked is not None:
        show_past([finding.asked])
    say(f"{finding.id}  [{finding.confidence.level}]  {in_zone(finding.title, zone)}", marks=LEVELS)
    if finding.parts:
        say(f"  earlier ids that are part of it: {', '.join(finding.parts)}")
    if finding.split_from:
        say(f"  split from {finding.split_from}")
    say()
    say("Who (masked unless --reveal)")
    if answer.who is None:
        say(
            "  cannot tell: it is found no longer, and the ledger keeps no views of it. Scan the logs of that time again to see."
        )
    else:
        many = answer.who.clients
        say(f"{many:,} client{'' if many == 1 else 's'}")
        traits_table(answer.who.traits)
    say()
    say(f"When ({zone_name(zone)})")
    say(f"  first view      {at_second(finding.first_view, zone)}")
    before = finding.persons_before
    people = "1 person" if before == 1 else f"{before:,} persons"
    say(f"  earliest alert  {at_second(finding.raised_at, zone)}, after {people}")
    say(f"  last view       {at_second(finding.last_view, zone)}")
    say()
    say("How many")
    show_counts(finding.counts)
    seen = table("category", "persons", "views", numbers=("persons", "views"))
    for each in finding.categories:
        row(seen, each.category, each.persons, each.views)
    print_table(seen)
    say()
    say(f"Why ({finding.detector}, {finding.technique})")
    for fact in finding.facts:
        say(f"  - {in_zone(fact, zone)}")
    say(f"  confidence {finding.confidence.level}:")
    for why in finding.confidence.reasons:
        say(f"  - {why}")
    _explanations(finding)
    if answer.first:
        say()
        say("What first")
        _first(answer.first, zone)
    say()
    say(f"All of it: whosaw findings --explain {finding.id}")
    if answer.who is not None:
        say(f"All that this actor saw, with bounds: whosaw scope new --case NAME --finding {finding.id}")


def _explanations(finding: Finding) -> None:
    if not finding.tried:
        say("  No explanation was tried: nothing that can be on record would excuse this.")
        return
    cannot = [each for each in finding.tried if each.cannot_tell]
    say(
        f"  explanations tried: {', '.join(each.explanation for each in finding.tried)}; none covers the views that are counted"
    )
    for each in cannot:
        say(f"  - {each.explanation}: cannot tell of {each.cannot_tell:,}: {each.why_not}")


def _first(views: Sequence[FirstView], zone: tzinfo) -> None:
    for each in views[:_LINES]:
        person = (
            "a person whom the log does not name"
            if each.person is None
            else f"{each.person.number} ({each.person.shown})"
        )
        say(f"  {at_second(each.time, zone)}  {person}  {each.route}: {', '.join(each.categories)}")
        say(f"    by {known_by(each.actor)}")
        say(f"    whosaw line {each.locator}")
