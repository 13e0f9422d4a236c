"""Places with people, or with an establishment, of which no law is on record: what is not known there must be said, and said first."""

from __future__ import annotations

from collections.abc import Iterator

from whosaw.core.case_head import NoLaw
from whosaw.core.ranges import Range

from .facts import Facts, ScopeFacts
from .items import Law

__all__ = ["places_without_law"]


def places_without_law(law: Law, facts: Facts) -> tuple[NoLaw, ...]:
    """Every such place, in order; people whose country is not known last."""
    people = _people_by_place(facts)
    stated = {"established": facts.established or (), "listed": facts.listed or ()}
    places = sorted({*people, *stated["established"], *stated["listed"]})
    found = [
        NoLaw(
            place=place,
            people=people.get(place),
            why=(
                *(("people",) if place in people else ()),
                *(name for name, given in stated.items() if place in given),
            ),
            partly=tuple(_partly(law, place)),
        )
        for place in places
        if not _covered(law, place)
    ]
    unknown = _nowhere(facts)
    return (*found, NoLaw(place="", people=unknown, why=("people",))) if unknown is not None else tuple(found)


def _covered(law: Law, place: str) -> bool:
    return any(each.area.has(place) for each in law.jurisdictions.values() if not each.sectors_only)


def _partly(law: Law, place: str) -> Iterator[str]:
    for each in law.jurisdictions.values():
        if each.sectors_only and each.area.has(place):
            yield from (names[0] for names in each.acts.values())


def _people_by_place(facts: Facts) -> dict[str, Range]:
    """People of each country or state by its own name, where there can be any."""
    scope = facts.scope
    if scope is None:
        return {}
    found = {place: row for place, row in scope.by_place.items() if place and row.high != 0}
    if facts.unplaced is not None and (rest := _unplaced(scope)) is not None:
        here = found.get(facts.unplaced)
        found[facts.unplaced] = rest if here is None else here.plus(rest)
    return found


def _unplaced(scope: ScopeFacts) -> Range | None:
    """People whose country the ledger does not know: the row that says so, or else whom no row can hold; None where there are none."""
    if "" in scope.by_place:
        row = scope.by_place[""]
        return None if row.high == 0 else row
    rest = scope.persons
    for row in scope.by_place.values():
        if row.high is None:
            return None
        rest = rest.less(Range.exactly(row.high))
    return None if rest.high == 0 else rest


def _nowhere(facts: Facts) -> Range | None:
    return None if facts.scope is None or facts.unplaced is not None else _unplaced(facts.scope)
