"""Places with people, or with an establishment, of which no law is on record or none that binds the organisation: what is not known there
must be said, and said first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from whosaw.core.case_head import NoLaw, PeopleOfPlace
from whosaw.core.instants import parse_zone
from whosaw.core.ranges import Range
from whosaw.core.truth import Truth

from .conditions import Lookup
from .duties import falls_on
from .facts import Facts, ScopeFacts
from .items import Duty, Jurisdiction, Law

__all__ = ["people_by_place", "places_without_law"]


def places_without_law(law: Law, facts: Facts) -> tuple[NoLaw, ...]:
    """Every such place, in order; people whose country is not known last."""
    people = {each.place: each.people for each in people_by_place(law, facts) if each.place}
    stated = {"established": facts.established or (), "listed": facts.listed or ()}
    places = sorted({*people, *stated["established"], *stated["listed"]})
    general, binding = _general(law), dict[str, tuple[str, ...]]()
    found = []
    for place in places:
        covering = _covering(general, place)
        for each in covering:
            if each.area.id not in binding:
                binding[each.area.id] = _lacking(law, each, facts)
        lacking = tuple(dict.fromkeys(text for each in covering for text in binding[each.area.id]))
        if covering and not all(binding[each.area.id] for each in covering):
            continue
        found.append(
            NoLaw(
                place=place,
                people=people.get(place),
                why=(
                    *(("people",) if place in people else ()),
                    *(name for name, given in stated.items() if place in given),
                ),
                partly=tuple(_partly(law, place)),
                lacking=lacking,
                unchecked=tuple(_unchecked(law, place)),
            )
        )
    unknown = next((each.people for each in people_by_place(law, facts) if not each.place), None)
    return (*found, NoLaw(place="", people=unknown, why=("people",))) if unknown is not None else tuple(found)


def people_by_place(law: Law, facts: Facts) -> tuple[PeopleOfPlace, ...]:
    """All people of the newest scope version: by country or state where there can be any, those whose place is not known last. The
    bounds of the places together hold those of the scope."""
    scope = facts.scope
    if scope is None:
        return ()
    general = _general(law)
    found = {place: row for place, row in scope.by_place.items() if place and row.high != 0}
    rest = _unplaced(scope)
    if facts.unplaced is not None and rest is not None:
        here = found.get(facts.unplaced)
        found[facts.unplaced] = rest if here is None else here.plus(rest)
        rest = None
    rows = [*sorted(found.items()), *([("", rest)] if rest is not None else [])]
    return tuple(
        PeopleOfPlace(
            place=place,
            people=people,
            laws=tuple(each.area.name for each in _covering(general, place)) if place else (),
        )
        for place, people in rows
    )


def _general(law: Law) -> list[Jurisdiction]:
    """The places whose law, as far as it was checked, is about everybody there."""
    binding = {duty.origin.jurisdiction for duty in law.duties.values()}
    return [each for each in law.jurisdictions.values() if not each.sectors_only and each.area.id in binding]


def _covering(general: Iterable[Jurisdiction], place: str) -> list[Jurisdiction]:
    return [each for each in general if each.area.has(place)]


def _unchecked(law: Law, place: str) -> Iterator[str]:
    for each in law.unchecked.values():
        here = law.jurisdictions[each.origin.jurisdiction]
        if not here.sectors_only and here.area.has(place):
            yield each.origin.statute


def _lacking(law: Law, place: Jurisdiction, facts: Facts) -> tuple[str, ...]:
    """Why no duty of a place can fall on the organisation, whatever else becomes known; empty where one can. A record to be kept is no
    answer to people or to anybody else."""
    reasons: list[str] = []
    for duty in law.duties.values():
        if duty.origin.jurisdiction == place.area.id and duty.audience != "itself":
            why = _out_of_reach(law, place, duty, facts)
            if not why:
                return ()
            reasons += why
    return tuple(dict.fromkeys(reasons))


def _out_of_reach(law: Law, place: Jurisdiction, duty: Duty, facts: Facts) -> tuple[str, ...]:
    lookup = Lookup(
        facts=facts, area=place.area, act=duty.origin.act, zone=parse_zone(place.zone), questions=law.questions,
        by_act=law.by_act, findings=law.findings, everybody=not place.residents_only,
    )  # fmt: skip
    answers = [falls_on(duty.owed_by, lookup)]
    if duty.applies is not None:
        answers.append(duty.applies.answer(lookup))
    return tuple(text for each in answers if each.truth is Truth.NO for text in each.because)


def _partly(law: Law, place: str) -> Iterator[str]:
    binding = {duty.origin.act for duty in law.duties.values()}
    for each in law.jurisdictions.values():
        if each.sectors_only and each.area.has(place):
            yield from (names[0] for act, names in each.acts.items() if act in binding)


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
