"""A version of a case as text for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from whosaw.app.cases.listing import Cases, ScopePeople
from whosaw.cli.console import print_table, row, say, table
from whosaw.cli.shown_zone import at_second, project_zone, with_offset, zone_name
from whosaw.core.counts import Count
from whosaw.core.instants import from_micros
from whosaw.core.scope_version import (
    Actor,
    Holding,
    JoinedLink,
    OpenItem,
    RefusedLink,
    Row,
    ScopeVersion,
    ToldClue,
    Window,
)

__all__ = ["show_cases", "show_people", "show_scope"]

_MOST = 10


def show_scope(version: ScopeVersion) -> None:
    """Counts first, then how the actor was put together, from when to when it holds, and what is open."""
    state = "final" if version.final else "not final"
    say(f"{version.case} {version.version} ({state}), made {_made(version.made)} by {version.made_by}")
    say("; ".join(map(str, version.counts)))
    _clues(version.clues)
    _actor(version.actor)
    _window(version.window)
    title = "What may have been seen" if version.actor.evidence == "none" else "What was seen"
    _rows(title, version.by["category"])
    _held(version.categories_held)
    _open(version.open)


def show_people(people: ScopePeople) -> None:
    """A version, and everybody in it."""
    show_scope(people.version)
    held = sum(each.held for each in people.persons)
    say(f"\nPeople: {held:,} surely seen, {len(people.persons) - held:,} possibly seen")
    for each in people.persons:
        say(f"  {each.number} ({each.shown}){'' if each.held else ' possibly seen'}")


def _made(at: datetime) -> str:
    """When a version was made, to the second, in the zone of the project."""
    zone = project_zone()
    return f"{at_second(at, zone)} {zone_name(zone)}"


def show_cases(answer: Cases) -> None:
    """One line for each version."""
    if not answer.cases:
        say("There is no case yet. `whosaw scope new --case NAME --finding ID` makes one.")
        return
    out = table("case", "version", "made", "by", "persons", "final", numbers=("version",))
    for case in answer.cases:
        for each in case.versions:
            row(
                out,
                case.case,
                each.row.version,
                _made(each.row.made),
                each.row.by,
                str(each.counts[2]),
                "yes" if each.row.final else "",
            )
    print_table(out)


_LEADS = {
    "possible": "cannot tell whether its views are this actor's",
    "itself": "no finding counts its views and no record explains them, so the case starts from them",
    "cannot tell": "nothing ties its views to anybody",
}


def _clues(clues: Sequence[ToldClue]) -> None:
    """Those that do not simply lead to the actor."""
    for clue in clues:
        if told := _LEADS.get(clue.leads):
            say(f"clue {clue.kind} {clue.value}: {told}")


def _actor(actor: Actor) -> None:
    if actor.evidence == "none":
        say("\nActor: cannot tell; nothing ties the clues to anybody")
    else:
        proof = (
            "each view is proven by a record"
            if actor.evidence == "each view"
            else "known by statistics, not view by view"
        )
        say(f"\nActor: {actor.clients:,} clients; {proof}")
    if honest := actor.honest_at_most:
        say(f"  up to {honest.views:,} of these views, of {honest.persons:,} persons, may be legitimate")
    for each in actor.left:
        say(
            f"  left out, though findings count them: {each.accounts:,} accounts with {each.views:,} views; {each.what}"
        )
    for part in actor.parts[:_MOST]:
        say(f"  {part.number + 1}. {_instant(part.first)} to {_instant(part.last)}: {part.how}")
    for link in actor.links:
        say(f"  link {link.link} ({link.confidence}): {_shared(link)}, {link.views:,} views")
    _not_joined("link refused", actor.refused)
    _not_joined("link not certain", actor.ambiguous)


def _not_joined(name: str, links: Sequence[RefusedLink]) -> None:
    for link in links[:_MOST]:
        shared = f"{link.link}, {link.value}: " if link.by else ""
        say(f"  {name}: {shared}{link.persons:,} other persons were seen with it; {link.why}")
    if len(links) > _MOST:
        say(f"  {name}: {len(links) - _MOST:,} more")


def _shared(link: JoinedLink) -> str:
    return "1 shared value" if link.groups == 1 else f"{link.groups:,} shared values"


def _window(window: Window) -> None:
    say(
        f"\nFirst view {_instant(window.first_view)}; searched back to {_instant(window.logs_from)}: {window.ends.before}"
    )
    say(
        f"Last view {_instant(window.last_view)}; searched on to {_instant(window.logs_until)}: {window.ends.after}"
    )


def _instant(micros: int | None) -> str:
    return "-" if micros is None else with_offset(from_micros(micros), project_zone())


def _rows(title: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    say(f"\n{title}:")
    out = table("category", "accounts", "views")
    for each in rows:
        row(out, each.name, _bounds(each.accounts), _bounds(each.views))
    print_table(out)


def _bounds(count: Count) -> str:
    return str(count).removesuffix(f" {count.unit}")


def _held(categories: Sequence[Holding]) -> None:
    for answer in ("not seen", "cannot tell"):
        if names := [each.category for each in categories if each.answer == answer]:
            say(f"{answer}: {', '.join(names)}")


def _open(items: Sequence[OpenItem]) -> None:
    if not items:
        say("\nNothing is open.")
        return
    say(f"\nOpen, so not final ({len(items)}):")
    for each in items[:_MOST]:
        say(f"  {each.code}: {each.what}")
    if len(items) > _MOST:
        say(f"  and {len(items) - _MOST:,} more (--json)")
