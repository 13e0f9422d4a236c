"""Explanations and canary plans as text for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

from whosaw.cli.console import print_table, row, say, table
from whosaw.cli.shown_zone import with_offset

from .answers import show_finding

if TYPE_CHECKING:
    from whosaw.actors.canary_plan import CanaryPlan
    from whosaw.app.asking.explain import EveryAnswer, Explained, FirstExplained
    from whosaw.core.delimited import Row

__all__ = [
    "EVERY_COLUMNS",
    "every_rows",
    "show_canary_plan",
    "show_every",
    "show_explained",
    "show_first_accesses",
]

EVERY_COLUMNS: Final = ("time", "answer", "client", "person", "route", "locator")

_COUNTS = ("explained", "unexplained", "cannot_tell", "does_not_apply")


def show_first_accesses(answer: FirstExplained) -> None:
    """How many first accesses each explanation covers."""
    names = tuple(each.replace("_", " ") for each in _COUNTS)
    listed = table("first accesses", *names, numbers=names)
    for each in answer.first_accesses:
        row(listed, each.id or "all together", *(getattr(each, name) for name in _COUNTS))
    print_table(listed)
    _notes(answer.notes)


def show_explained(answer: Explained, zone: tzinfo) -> None:
    """Each view with what every explanation says of it, with times of `zone`."""
    if answer.finding is not None:
        show_finding(answer.finding, zone=zone)
        say()
    if not answer.views:
        say("no view: that line carried nobody's data through a page of the map, or it repeats another line")
    for view in answer.views:
        person = view.person
        whom = f"{person.number} ({person.shown})" if person else "somebody whom the log does not name"
        say(f"{view.locator}  {with_offset(view.time, zone)}  {view.route}  {whom}: {view.answer}")
        for tried in view.tried:
            why = f": {tried.why_not}" if tried.why_not else ""
            say(f"    {tried.explanation}  {tried.answer}{why}")
    _notes(answer.notes)


def every_rows(answer: EveryAnswer, zone: tzinfo) -> Iterator[Row]:
    """One row for each view, with times of `zone`."""
    for each in answer.views:
        yield {name: getattr(each, name) for name in EVERY_COLUMNS if name != "time"} | {
            "time": with_offset(each.time, zone)
        }


def show_every(answer: EveryAnswer, zone: tzinfo) -> None:
    """How many views have which answer, then each view with its own."""
    counted = Counter(each.answer for each in answer.views)
    listed = table("answer", "views", numbers=("views",))
    for word, views in sorted(counted.items()):
        row(listed, word, views)
    print_table(listed)
    say()
    shown = table(*EVERY_COLUMNS)
    for each in every_rows(answer, zone):
        row(shown, *(each[name] or "-" for name in EVERY_COLUMNS))
    print_table(shown)
    _notes(answer.notes)


def show_canary_plan(answer: CanaryPlan) -> None:
    """The numbers to use, and the chances."""
    say(
        f"{len(answer.numbers):,} free numbers among {answer.people:,} people, {answer.first_number} to {answer.last_number}:"
    )
    for number in answer.numbers:
        say(f"  {number}")
    say()
    listed = table("people read", "in order", "in any order", numbers=("in order", "in any order"))
    for each in answer.chances:
        row(listed, f"{each.people:,}", f"{each.in_order:.1%}", f"{each.in_any_order:.1%}")
    print_table(listed)
    say()
    say("The table says how likely somebody who reads so many people meets a canary.")
    say("Make accounts with these numbers and let nothing lead to them. List them in canaries.csv")
    say("(column: subject) of the context folder. Keep that list as secret as a key.")


def _notes(notes: Sequence[str]) -> None:
    for note in notes:
        say(f"note: {note}")
