"""What a case can cost: for each penalty and right the range with its arithmetic. A range is a bound, never a forecast."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from whosaw.core.instants import parse_zone
from whosaw.core.law_items import Area
from whosaw.core.moments import Moment, day_start
from whosaw.core.penalties import NO_FURTHER_GROUND, Cap, Imposed, ImposedSum, PaymentAnswer
from whosaw.core.truth import Answer, Truth, undecided, yes

from .caps import cap_of
from .conditions import Lookup
from .duties import answer_duty, in_force_at, touches
from .facts import EVENTS, Facts
from .items import CRIME, Law, Payment

__all__ = ["answer_payment", "answer_payments"]


def answer_payments(
    law: Law, facts: Facts, *, now: datetime, law_of: date | None = None
) -> tuple[PaymentAnswer, ...]:
    """Every penalty and right of every law that touches the case or may, in all versions, in id order.

    Versions that do not govern the case are there too, and say so: which one governs may be in dispute.
    """
    found = [answer_payment(payment, law, facts, now=now, law_of=law_of) for payment in law.payments.values()]
    touched = [each for each in found if each.applies.truth is not Truth.NO]
    return tuple(sorted(touched, key=lambda each: each.payment.origin.id))


def answer_payment(
    payment: Payment, law: Law, facts: Facts, *, now: datetime, law_of: date | None = None
) -> PaymentAnswer:
    """One version of one penalty or right against one case."""
    place = law.jurisdictions[payment.origin.jurisdiction]
    lookup = Lookup(
        facts=facts,
        area=place.area,
        act=payment.origin.act,
        zone=parse_zone(place.zone),
        questions=law.questions,
        by_act=law.by_act,
        findings=law.findings,
        court=payment.form == CRIME,
        dates_count=law_of is None,
        everybody=not place.residents_only,
    )
    grounds = yes(NO_FURTHER_GROUND) if payment.when is None else payment.when.answer(lookup)
    cap = cap_of(payment.amount, facts, place.area, lookup.zone)
    return PaymentAnswer(
        payment=payment,
        area=place.area,
        in_force=_in_force(payment, law, facts, lookup, now=now, law_of=law_of),
        applies=touches(place, payment.applies, lookup),
        grounds=grounds,
        cap=cap,
        imposed=tuple(
            _imposed(each, cap, facts, place.area)
            for each in facts.imposed
            if each.penalty == payment.origin.id
        ),
    )


def _in_force(
    payment: Payment, law: Law, facts: Facts, lookup: Lookup, *, now: datetime, law_of: date | None
) -> Answer:
    decided = payment.in_force.decided_by
    if law_of is not None:
        moments = [("", Moment.at(day_start(law_of, lookup.zone)))]
    elif decided == "grounds":
        return yes(f"{payment.in_force.text()}; each ground says from when it counts")
    elif decided == "due":
        moments = _due_moments(payment.duty, law, facts, now)
        decided = "aware"
    else:
        moments = [(event.said_by, event.when) for event in facts.of_kind(decided)]
        if decided == "ended" and not moments:
            moments = _not_ended(facts, now)
    if not moments and payment.in_force.start is None and payment.in_force.end is None:
        return yes("one version on record")
    if not moments:
        said = f"not known when: {EVENTS[decided]}"
        return undecided((said,), (f"event {decided}",))
    return in_force_at(payment.in_force, moments, lookup.zone)


def _not_ended(facts: Facts, now: datetime) -> list[tuple[str, Moment]]:
    """When a violation ended of which only the beginning is known: not before it."""
    return [
        (event.said_by, Moment(earliest=event.when.earliest, latest=max(now, event.when.latest)))
        for event in facts.of_kind("began")
    ]


def _due_moments(of: str, law: Law, facts: Facts, now: datetime) -> list[tuple[str, Moment]]:
    """When the duty was first not kept, under each claimed start: the end of its clock."""
    found = []
    for duty in law.duties.values():
        if duty.of == of:
            answer = answer_duty(duty, law, facts, now=now)
            for run in answer.clocks:
                if run.due is not None and run.start.scope is None:
                    when = Moment(earliest=run.due[0].instant, latest=run.due[1].instant)
                    found.append((run.start.claimed_by, when))
    return list(dict.fromkeys(found))


def _imposed(imposed: Imposed, cap: Cap | None, facts: Facts, area: Area) -> ImposedSum:
    low, people = imposed.amount.low, facts.people(area)
    reference = cap.reference.high if cap is not None and cap.reference is not None else None
    turnover = cap.turnover.high if cap is not None and cap.turnover is not None else None
    return ImposedSum(
        imposed=imposed,
        share_of_cap_percent=_percent(low, reference) if reference else "",
        share_of_turnover_percent=_percent(low, turnover) if turnover else "",
        for_each_person_at_most=f"{Decimal(low) / int(people.low):,.2f}" if people.low else "",
    )


def _percent(part: int | Decimal, whole: int | Decimal) -> str:
    return f"{Decimal(part) * 100 / Decimal(whole):.2f}"
