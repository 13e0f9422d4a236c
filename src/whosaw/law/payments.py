"""What a case can cost: for each penalty and right the range with its arithmetic. A range is a bound, never a forecast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from whosaw.core.instants import parse_zone

from .caps import Cap, cap_of
from .conditions import Lookup
from .duties import answer_duty, in_force_at, touches
from .facts import EVENTS, Area, Facts, Imposed
from .items import CRIME, Law, Payment, Precedent
from .moments import Moment, day_start
from .ranges import Range, amount_json
from .truth import Answer, Truth, undecided, yes

__all__ = ["PaymentAnswer", "answer_payment", "answer_payments", "precedent_json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAnswer:
    """One version of one penalty or right. `cap` is None where the law names no sum."""

    payment: Payment
    area: Area
    in_force: Answer
    applies: Answer
    grounds: Answer
    cap: Cap | None
    imposed: tuple[tuple[Imposed, dict[str, str]], ...] = ()

    @property
    def range_text(self) -> str:
        """The range in words."""
        if self.cap is None or self.payment.amount is None:
            return "no sum in the law"
        currency = self.payment.amount.currency
        least = int(self.payment.amount.least or 0)
        if self.cap.bounds.high is None:
            stated = self.cap.reference.high if self.cap.reference is not None else None
            alone = f" ({int(stated):,} on the stated turnover alone)" if stated is not None else ""
            return f"{currency} {least:,} to an amount that cannot be told{alone}"
        most = self.cap.bounds.high
        edge = "" if self.cap.bounds.exact else "at most "
        return f"{currency} {least:,} to {edge}{int(most):,}"

    def _each_person(self) -> dict[str, Any] | None:
        """What one person can be awarded, where the law states it for each."""
        terms = self.payment.amount.terms if self.payment.amount is not None else ()
        found = [term.value for term in terms if term.kind == "per_person"]
        return Range(low=0, high=max(found)).as_json() if found else None

    def as_json(self) -> dict[str, Any]:
        payment, amount = self.payment, self.payment.amount
        return {
            **payment.origin.as_json(),
            "of": payment.of,
            "kind": payment.kind,
            "form": payment.form,
            "place": self.area.name,
            "for": payment.why,
            "version": payment.in_force.as_json(),
            "in_force": self.in_force.as_json(),
            "applies": self.applies.as_json(),
            "grounds": self.grounds.as_json(),
            "range": self.range_text,
            "currency": amount.currency if amount else None,
            "least": amount_json(amount.least) if amount else None,
            "combine": amount.combine if amount else None,
            "cap": None if self.cap is None else self.cap.as_json(),
            "each_person": self._each_person(),
            "prison_years": payment.prison_years,
            "rules": list(payment.rules),
            "notes": list(payment.notes),
            "imposed": [
                {
                    "currency": each.currency,
                    "amount": each.amount.as_json(),
                    "day": each.day.isoformat(),
                    "by": each.by,
                    "source": each.source,
                    **shares,
                }
                for each, shares in self.imposed
            ],
        }


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
    )
    grounds = yes("no further ground") if payment.when is None else payment.when.answer(lookup)
    cap = cap_of(payment.amount, facts, place.area, lookup.zone)
    return PaymentAnswer(
        payment=payment,
        area=place.area,
        in_force=_in_force(payment, law, facts, lookup, now=now, law_of=law_of),
        applies=touches(place, payment.applies, lookup),
        grounds=grounds,
        cap=cap,
        imposed=tuple(
            (each, _shares(each, cap, facts, place.area))
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
    if not moments and payment.in_force.start is None and payment.in_force.end is None:
        return yes("one version on record")
    if not moments:
        said = f"not known when: {EVENTS[decided]}"
        return undecided((said,), (f"event {decided}",))
    return in_force_at(payment.in_force, moments, lookup.zone)


def _due_moments(of: str, law: Law, facts: Facts, now: datetime) -> list[tuple[str, Moment]]:
    """When the duty was first not kept, under each claimed start: the end of its clock."""
    found = []
    for duty in law.duties.values():
        if duty.of == of:
            answer = answer_duty(duty, law, facts, now=now)
            for run in answer.runs:
                if run.due is not None and run.start.scope is None:
                    when = Moment(earliest=run.due[0].instant, latest=run.due[1].instant)
                    found.append((run.start.claimed_by, when))
    return list(dict.fromkeys(found))


def _shares(imposed: Imposed, cap: Cap | None, facts: Facts, area: Area) -> dict[str, str]:
    """Where a sum that was imposed lies: as a part of the cap and of the turnover, and for each person."""
    found = {}
    if cap is not None and cap.reference is not None and cap.reference.high:
        found["share_of_cap_percent"] = _percent(imposed.amount.low, cap.reference.high)
    if cap is not None and cap.turnover is not None and cap.turnover.high:
        found["share_of_turnover_percent"] = _percent(imposed.amount.low, cap.turnover.high)
    people = facts.people(area)
    if people.low:
        found["for_each_person_at_most"] = f"{Decimal(imposed.amount.low) / int(people.low):,.2f}"
    return found


def _percent(part: int | Decimal, whole: int | Decimal) -> str:
    return f"{Decimal(part) * 100 / Decimal(whole):.2f}"


def precedent_json(precedent: Precedent) -> dict[str, Any]:
    """A precedent with its ratios, each as bounds; None where what it is out of is not known."""
    return {
        **precedent.origin.as_json(),
        "authority": precedent.authority,
        "decided": precedent.decided,
        "for": precedent.why,
        "currency": precedent.currency,
        "amount": precedent.amount.as_json(),
        "people": None if precedent.people is None else precedent.people.as_json(),
        "turnover": None if precedent.turnover is None else precedent.turnover.as_json(),
        "turnover_about": precedent.turnover_about,
        "for_each_person": _ratio(precedent.amount, precedent.people, 1),
        "percent_of_turnover": _ratio(precedent.amount, precedent.turnover, 100),
        "notes": list(precedent.notes),
    }


def _ratio(amount: Range, out_of: Range | None, factor: int) -> dict[str, str | None] | None:
    if out_of is None or amount.high is None or not out_of.low:
        return None
    least = None if out_of.high is None else f"{Decimal(amount.low) * factor / Decimal(out_of.high):.3f}"
    return {"lower": least, "upper": f"{Decimal(amount.high) * factor / Decimal(out_of.low):.3f}"}
