"""Laws that reach a case, and of which nobody has opened the text: they are named, and have no clock."""

from __future__ import annotations

from datetime import date, datetime

from whosaw.core.case_head import Unchecked
from whosaw.core.instants import parse_zone
from whosaw.core.moments import Moment, day_start
from whosaw.core.truth import Answer, Truth, all_of

from .conditions import Lookup
from .duties import in_force_at, touches
from .facts import Facts
from .items import Law, UncheckedLaw

__all__ = ["reached_by", "unchecked_laws"]


def unchecked_laws(
    law: Law, facts: Facts, *, now: datetime, law_of: date | None = None
) -> tuple[Unchecked, ...]:
    """Every such law that reaches the case or may, in id order."""
    found = []
    for each in law.unchecked.values():
        answer = reached_by(each, law, facts, now=now, law_of=law_of)
        if answer.truth is not Truth.NO:
            found.append(
                Unchecked(
                    law=each,
                    place=law.jurisdictions[each.origin.jurisdiction].area.name,
                    reaches=answer.truth,
                    there=_there(each, law, facts),
                    because=answer.because,
                )
            )
    return tuple(found)


def _there(item: UncheckedLaw, law: Law, facts: Facts) -> Truth:
    """Whether the place itself is touched, whatever else the law asks."""
    place = law.jurisdictions[item.origin.jurisdiction]
    lookup = Lookup(
        facts=facts, area=place.area, act=item.origin.act, zone=parse_zone(place.zone), questions=law.questions,
        everybody=not place.residents_only,
    )  # fmt: skip
    return touches(place, None, lookup).truth


def reached_by(
    item: UncheckedLaw, law: Law, facts: Facts, *, now: datetime, law_of: date | None = None
) -> Answer:
    """Whether such a law reaches the case. It is in force where it was when the organisation became aware, or is now."""
    place = law.jurisdictions[item.origin.jurisdiction]
    zone = parse_zone(place.zone)
    lookup = Lookup(
        facts=facts, area=place.area, act=item.origin.act, zone=zone, questions=law.questions, by_act=law.by_act,
        findings=law.findings, dates_count=law_of is None, everybody=not place.residents_only,
    )  # fmt: skip
    if law_of is not None:
        moments = [("", Moment.at(day_start(law_of, zone)))]
    else:
        events = facts.of_kind(item.in_force.decided_by)
        moments = [(each.said_by, each.when) for each in events] or [("", Moment.at(now))]
    return all_of([in_force_at(item.in_force, moments, zone), touches(place, item.applies, lookup)])
