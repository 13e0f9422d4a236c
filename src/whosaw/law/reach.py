"""Whom a law counts: the people of its place and, where it binds whoever is established there, perhaps people elsewhere too."""

from __future__ import annotations

from typing import Final

from whosaw.core.law_items import Area
from whosaw.core.ranges import UNKNOWN, Range
from whosaw.core.truth import Answer, Truth, undecided

from .facts import Facts

__all__ = ["ELSEWHERE", "at_least", "at_least_in_one", "beyond"]

# the question, for each act, whether people who live elsewhere count under it as well
ELSEWHERE: Final = "people.elsewhere"


def beyond(facts: Facts, area: Area) -> Range | None:
    """Bounds of the people of the newest scope version who live outside an area in which the organisation is established; None
    where it is not, or where there can be nobody."""
    if facts.scope is None or not any(area.has(place) for place in facts.established or ()):
        return None
    total, here, rows = facts.scope.persons, facts.people(area), facts.scope.by_place
    others = [row for place, row in rows.items() if place and not area.has(place) and row.high != 0]
    if not others and (facts.unplaced is None or area.has(facts.unplaced)):
        return None
    low = sum(int(row.low) for row in others)
    high = None if total.high is None else max(low, int(total.high) - int(here.low))
    return Range(low=low, high=high)


def at_least(least: int, facts: Facts, area: Area, elsewhere: Answer | None) -> Answer:
    """Whether an act counts so many people. `elsewhere` answers whether those who live elsewhere count; None where none can."""
    if facts.scope is None:
        return undecided((f"no scope version says how many people in {area.name} were seen",), ("scope",))
    here = facts.people(area)
    known, named = here, area.name
    if elsewhere is not None and elsewhere.truth is Truth.YES:
        known, named = facts.scope.persons, f"{area.name} and elsewhere"
    elif elsewhere is not None and elsewhere.truth is Truth.OPEN:
        known = Range(low=here.low, high=facts.scope.persons.high)
    said = f"people seen in {named}: {known}, against {least:,}"
    truth = known.at_least(least)
    if truth is not Truth.OPEN:
        return Answer(truth=truth, because=(said,))
    needs = (f"people in {area.name}: at least {least:,}, or fewer?",)
    if elsewhere is not None and elsewhere.truth is Truth.OPEN:
        needs = (*(needs if here.at_least(least) is Truth.OPEN else ()), *elsewhere.needs)
    return undecided((said,), needs)


def at_least_in_one(least: int, facts: Facts, area: Area) -> Answer:
    """Whether so many people of one state of a country were seen; people whose state is not known may be of any."""
    if facts.scope is None:
        return undecided((f"no scope version says how many people in {area.name} were seen",), ("scope",))
    states = {place: row for place, row in facts.scope.by_place.items() if "-" in place and area.has(place)}
    total = facts.people(area)
    largest = max((int(row.low) for row in states.values()), default=0)
    said = f"people seen in one state of {area.name}, of {total} there, against {least:,}"
    if largest >= least:
        return Answer(truth=Truth.YES, because=(said,))
    rest = (
        UNKNOWN.high if total.high is None else int(total.high) - sum(int(row.low) for row in states.values())
    )
    highest = None if rest is None else max((int(row.low) for row in states.values()), default=0) + int(rest)
    if highest is not None and highest < least:
        return Answer(truth=Truth.NO, because=(said,))
    return undecided((said,), (f"people in one state of {area.name}: at least {least:,}, or fewer?",))
