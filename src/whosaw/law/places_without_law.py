"""Places with people, or with an establishment, of which no law is on record: what is not known there must be said, and said first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from .facts import Facts, ScopeFacts
from .items import Law
from .ranges import Range

__all__ = ["NoLaw", "places_without_law"]

_WHY: Final = {
    "established": "the organisation is established there",
    "listed": "the organisation is listed there",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoLaw:
    """One place: a country or state, or "" for people of whom nobody knows where they are. `people` is None where none were seen there
    by what is known; `partly` names the laws on record there that bind some sectors alone."""

    place: str
    people: Range | None
    why: tuple[str, ...]
    partly: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What is missing, about how many people, and what to do."""
        people = "" if self.people is None else f": {_people(self.people)}"
        because = "" if self.people is not None else f" ({', '.join(_WHY[each] for each in self.why)})"
        if not self.place:
            return (
                f"No law is looked at for people whose country is not known{people}; "
                "say where they are (people.unplaced, or a country for each person)"
            )
        only = f", only laws of some sectors ({', '.join(self.partly)})" if self.partly else ""
        return f"No law on record for {self.place}{only}{people}{because}; ask a lawyer"

    def as_json(self) -> dict[str, Any]:
        return {
            "place": self.place or None,
            "people": None if self.people is None else self.people.as_json(),
            "why": list(self.why),
            "partly": list(self.partly),
            "sentence": self.sentence,
        }


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


def _people(people: Range) -> str:
    if people.high is None:
        return f"at least {int(people.low):,} people" if people.low else "people, how many cannot be told"
    low, high = int(people.low), int(people.high)
    return f"{low:,} {'person' if low == 1 else 'people'}" if low == high else f"{low:,} to {high:,} people"
