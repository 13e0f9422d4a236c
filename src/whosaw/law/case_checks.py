"""Whether an item of law says of its own cases what it should: None, or what differs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from whosaw.core.instants import format_instant

from .duties import answer_duty
from .items import Duty, ItemCase, Law, Payment, Precedent
from .payments import answer_payment, precedent_json
from .ranges import amount_json
from .truth import Truth

__all__ = ["duty_case_fault", "law_faults", "payment_case_fault", "precedent_fault"]

_NOW: Final = datetime.fromisoformat("2100-01-01T00:00:00+00:00")


def duty_case_fault(duty: Duty, case: ItemCase, law: Law) -> str | None:
    """The first thing that comes out otherwise than the case says."""
    now = case.now.earliest if case.now is not None else _NOW
    answer = answer_duty(duty, law, case.facts, now=now, law_of=case.law_of)
    run = answer.runs[-1] if answer.runs else None
    due = run.due if run is not None else None
    found = {
        "in_force": answer.in_force.truth.value,
        "owed": answer.state,
        "applies": answer.applies.truth.value,
        "needs": sorted({*answer.owed.needs, *answer.in_force.needs}),
        "status": run.status if run else None,
        "by": list(run.by) if run is not None and run.by is not None else None,
        "due": None if due is None else [format_instant(each.instant) for each in due],
        "reading": [format_instant(each.due.instant) for each in run.readings] if run else [],
    }
    return _difference(case.expect, found)


def payment_case_fault(payment: Payment, case: ItemCase, law: Law) -> str | None:
    """The first thing that comes out otherwise than the case says."""
    answer = answer_payment(payment, law, case.facts, now=_NOW, law_of=case.law_of)
    cap = answer.cap
    bounds = None if cap is None else cap.bounds
    found = {
        "in_force": answer.in_force.truth.value,
        "applies": _both(answer.applies.truth, answer.grounds.truth),
        "needs": sorted({*answer.applies.needs, *answer.grounds.needs, *(cap.needs if cap else ())}),
        "cap": None
        if bounds is None or bounds.high is None
        else [amount_json(bounds.low), amount_json(bounds.high)],
        "open_cap": None if bounds is None or bounds.high is not None else amount_json(bounds.low),
    }
    return _difference(case.expect, found)


def precedent_fault(precedent: Precedent) -> str | None:
    """Whether its ratios, to the digits written down, are those worked out by hand."""
    said = precedent_json(precedent)
    for key, wanted in precedent.expect.items():
        ratio = said.get(key)
        if ratio is None:
            return f"{key} cannot be worked out"
        places = len(wanted.partition(".")[2])
        shown = f"{round(Decimal(ratio['upper']), places):f}"
        if shown != wanted:
            return f"{key} is {shown}, the item says {wanted}"
    return None


def law_faults(law: Law) -> list[tuple[str, str]]:
    """Every case of every item that comes out otherwise: (item, what differs)."""
    found: list[tuple[str, str]] = []
    for duty in law.duties.values():
        faults = [(case.title, duty_case_fault(duty, case, law)) for case in duty.cases]
        found += [(duty.origin.id, f"case {title!r}: {why}") for title, why in faults if why]
    for payment in law.payments.values():
        faults = [(case.title, payment_case_fault(payment, case, law)) for case in payment.cases]
        found += [(payment.origin.id, f"case {title!r}: {why}") for title, why in faults if why]
    for precedent in law.precedents.values():
        if why := precedent_fault(precedent):
            found.append((precedent.origin.id, why))
    return found


def _both(first: Truth, second: Truth) -> str:
    worst = next(each for each in (Truth.NO, Truth.OPEN, Truth.YES) if each in (first, second))
    return str(worst.value)


def _difference(expect: Mapping[str, Any], found: Mapping[str, Any]) -> str | None:
    for key, wanted in expect.items():
        got = found.get(key)
        if key == "needs":
            missing = [each for each in wanted if not any(each in need for need in got or ())]
            if missing or (not wanted and got):
                return f"needs {got}, expected {wanted}"
        elif got != (shown := _shown(key, wanted)):
            return f"{key} is {got}, expected {shown}"
    return None


def _shown(key: str, wanted: Any) -> Any:
    """What a case expects, in the form in which it is worked out: a single due or by stands for least and most."""
    if key in ("due", "reading"):
        times = [format_instant(each) for each in (wanted if isinstance(wanted, list) else [wanted])]
        return times * 2 if key == "due" and len(times) == 1 else times
    return [wanted, wanted] if key == "by" and not isinstance(wanted, list) else wanted
