"""Whom each scope version adds, and which of them a notice can have told."""

from __future__ import annotations

from typing import Final

from whosaw.core.duties import Added
from whosaw.core.law_items import Area
from whosaw.core.ranges import Range

from .facts import Facts, ScopeFacts
from .items import Duty

__all__ = ["TO_PEOPLE", "added", "growth", "not_told", "told"]

TO_PEOPLE: Final = ("individuals", "possibly-affected")


def growth(facts: Facts, area: Area) -> list[tuple[ScopeFacts, Range]]:
    """Each version with bounds of how many people of the area it adds to the one before."""
    befores = (None, *facts.scopes)
    return [
        (scope, added(facts, area, before, scope))
        for before, scope in zip(befores, facts.scopes, strict=False)
    ]


def added(facts: Facts, area: Area, before: ScopeFacts | None, scope: ScopeFacts) -> Range:
    """Bounds of how many people of the area a version adds to an earlier one (None: to nobody).

    An account that is new is a person who is new, so the accounts may prove more than the persons do.
    """
    nobody = Range.exactly(0)
    people, people_before = facts.people(area, scope), facts.people(area, before) if before else nobody
    named, named_before = facts.accounts(area, scope), facts.accounts(area, before) if before else nobody
    low = max(_rise(people, people_before), _rise(named, named_before))
    high = None if people.high is None else max(low, int(people.high) - int(people_before.low))
    return Range(low=low, high=high)


def _rise(now: Range, before: Range) -> int:
    return 0 if before.high is None else max(0, int(now.low) - int(before.high))


def told(duty: Duty, facts: Facts, area: Area) -> tuple[Added, ...]:
    """For a duty to tell people, each version that adds any; empty while there is only one version."""
    if duty.audience not in TO_PEOPLE or len(facts.scopes) < 2:
        return ()
    found = []
    for scope, more in growth(facts, area):
        fitting = [
            each
            for each in facts.made
            if each.duty == duty.of and each.scope is not None and each.scope >= scope.version
        ]
        first = min(fitting, key=lambda each: (each.when.earliest, each.when.latest), default=None)
        if more.high != 0:
            found.append(Added(version=scope.version, added=more, made=first))
    return tuple(found)


def not_told(duty: Duty, facts: Facts, area: Area, *, everybody: bool = False) -> Range | None:
    """A notice of a version reaches at most its accounts: people without one, such as those in address books, it does not.
    `everybody`: those who live elsewhere count too."""
    if duty.audience not in TO_PEOPLE or facts.scope is None:
        return None
    people = facts.scope.persons if everybody else facts.people(area)
    spoken_of = [each.scope for each in facts.made if each.duty == duty.of and each.scope is not None]
    reached = [
        scope.accounts if everybody else facts.accounts(area, scope)
        for scope in facts.scopes
        if scope.version <= max(spoken_of, default=0)
    ]
    if not reached:
        return people
    named = reached[-1]
    low = 0 if named.high is None else max(0, int(people.low) - int(named.high))
    high = None if people.high is None else max(low, int(people.high) - int(named.low))
    return Range(low=low, high=high)
