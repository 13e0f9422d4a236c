"""Laws over every item of law: its cases hold, and no part of it is without one that would notice its loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from whosaw.core.law_items import InForce, Period
from whosaw.law.conditions import Condition, without_each
from whosaw.law.item_cases import duty_case_fault, law_faults, payment_case_fault, unchecked_case_fault
from whosaw.law.items import Duty, Payment, UncheckedLaw
from whosaw.law.loading import load_law

LAW = load_law()
ORIGINS = [
    each.origin
    for group in (LAW.duties, LAW.payments, LAW.precedents, LAW.unchecked)
    for each in group.values()
]


def test_every_case_of_every_item_comes_out_as_it_says() -> None:
    assert law_faults(LAW) == []


@pytest.mark.parametrize("origin", ORIGINS, ids=lambda origin: origin.id)
def test_an_item_says_where_it_comes_from_and_when_it_was_reviewed(origin) -> None:  # type: ignore[no-untyped-def]
    assert origin.sources
    assert date(2026, 1, 1) <= origin.reviewed
    assert origin.text


def _conditions(name: str, condition: Condition | None) -> Iterator[tuple[str, Condition | None]]:
    for what, rest in without_each(condition) if condition is not None else ():
        yield f"{name}: {what}", rest


def _in_force(given: InForce, usual: str) -> Iterator[tuple[str, InForce]]:
    if given.decided_by not in (usual, "grounds"):
        yield "decided by", replace(given, decided_by=usual)
    for step in (1, -1):
        if given.start is not None:
            yield f"from {step:+} day", replace(given, start=given.start + timedelta(days=step))
        if given.end is not None:
            yield f"until {step:+} day", replace(given, end=given.end + timedelta(days=step))


def _duties(duty: Duty) -> Iterator[tuple[str, Duty]]:
    """The duty with each clause left out or moved by the smallest step."""
    for what, applies in _conditions("applies", duty.applies):
        yield what, replace(duty, applies=applies)
    for what, threshold in _conditions("threshold", duty.threshold):
        yield what, replace(duty, threshold=threshold)
    for number, way in enumerate(duty.exceptions):
        left = tuple(each for at, each in enumerate(duty.exceptions) if at != number)
        yield f"exception {way.id}", replace(duty, exceptions=left)
        for what, rest in without_each(way.when):
            if rest is not None:
                kept = tuple(replace(each, when=rest) if each is way else each for each in duty.exceptions)
                yield f"exception {way.id}: {what}", replace(duty, exceptions=kept)
    for what, in_force in _in_force(duty.in_force, "start"):
        yield what, replace(duty, in_force=in_force)
    yield (
        "owed by",
        replace(duty, owed_by="any")
        if duty.owed_by != "any"
        else replace(duty, clock=replace(duty.clock, starts=())),
    )
    for start in duty.clock.starts:
        other = tuple(each for each in duty.clock.starts if each != start)
        yield f"trigger {start}", replace(duty, clock=replace(duty.clock, starts=other))
    if duty.clock.again:
        yield "again", replace(duty, clock=replace(duty.clock, again=""))
    if duty.clock.standing:
        yield "standing", replace(duty, clock=replace(duty.clock, standing=False))
    if (period := duty.clock.period) is not None:
        changed = [replace(period, limit=period.limit + step) for step in (1, -1) if period.limit + step]
        changed += [
            Period(limit=period.limit, unit=unit)
            for unit in ("hours", "calendar-days")
            if unit != period.unit
        ]
        for each in [*changed, *([replace(period, from_end_of="")] if period.from_end_of else [])]:
            yield f"period {each}", replace(duty, clock=replace(duty.clock, period=each))
        yield "no period", replace(duty, clock=replace(duty.clock, period=None))


def _payments(payment: Payment) -> Iterator[tuple[str, Payment]]:
    for what, applies in _conditions("applies", payment.applies):
        yield what, replace(payment, applies=applies)
    for what, when in _conditions("when", payment.when):
        yield what, replace(payment, when=when)
    for what, in_force in _in_force(payment.in_force, "aware"):
        yield what, replace(payment, in_force=in_force)
    amount = payment.amount
    if amount is None:
        return
    for number, term in enumerate(amount.terms):
        for value in (term.value + 1, abs(term.value - 1)):
            changed = replace(term, value=value)
            terms = (*amount.terms[:number], changed, *amount.terms[number + 1 :])
            yield f"term {number} {term.kind}", replace(payment, amount=replace(amount, terms=terms))
        if "3-year" in term.base:
            terms = (replace(term, base="last-year"),)
            yield f"term {number} base", replace(payment, amount=replace(amount, terms=terms))
    if len(amount.terms) > 1:
        other = {"lower": "higher", "higher": "lower"}[amount.combine]
        yield "lower or higher", replace(payment, amount=replace(amount, combine=other))
    if amount.if_no_turnover is not None:
        yield "no turnover", replace(payment, amount=replace(amount, if_no_turnover=Decimal(1)))
    if amount.unrelated_left_out:
        yield "unrelated", replace(payment, amount=replace(amount, unrelated_left_out=False))


@pytest.mark.parametrize("duty", LAW.duties.values(), ids=lambda duty: duty.origin.id)
def test_every_clause_of_a_duty_is_held_by_a_case(duty: Duty) -> None:
    unheld = [
        what
        for what, changed in _duties(duty)
        if not any(duty_case_fault(changed, case, LAW) for case in duty.cases)
    ]
    assert unheld == []


@pytest.mark.parametrize("payment", LAW.payments.values(), ids=lambda payment: payment.origin.id)
def test_every_clause_of_a_penalty_or_right_is_held_by_a_case(payment: Payment) -> None:
    unheld = [
        what
        for what, changed in _payments(payment)
        if not any(payment_case_fault(changed, case, LAW) for case in payment.cases)
    ]
    assert unheld == []


@pytest.mark.parametrize("item", LAW.unchecked.values(), ids=lambda item: item.origin.id)
def test_every_clause_of_a_law_that_nobody_checked_is_held_by_a_case(item: UncheckedLaw) -> None:
    changed = [
        *((what, replace(item, applies=applies)) for what, applies in _conditions("applies", item.applies)),
        *((what, replace(item, in_force=in_force)) for what, in_force in _in_force(item.in_force, "aware")),
    ]
    unheld = [
        what
        for what, other in changed
        if not any(unchecked_case_fault(other, case, LAW) for case in item.cases)
    ]
    assert unheld == []
    assert item.believed
    assert item.origin.confidence != "statute-read"
