"""Cases inside items of law: a few facts by hand, what must come out of them, and whether it does.

    [[case]]
    title = "999 people: no report"
    people = 999                      # a number, [least, most] or [least]; left out: not known
    people_in = { US-TX = 501 }       # or by country or state, some of them outside the place
    seen = ["contact.email"]          # categories; `unclear` are those that cannot be told
    yes = ["safeguard.unintelligible"]
    no = ["actor.outside"]
    found_by = "court"                # whose word the answers are that the act asks for itself: party, authority or court
    aware = 2026-10-05T09:00:00+09:00 # any kind of event by its name
    told = 2026-10-08T09:00:00+09:00
    expect = { owed = "owed", status = "in time", due = 2026-10-08T09:00:00+09:00 }

The law of the place touches the case and the one who owes is the one asked, unless the case says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

from whosaw.core.case_head import Event
from whosaw.core.duties import Made
from whosaw.core.instants import format_instant, parse_zone
from whosaw.core.law_items import Precedent
from whosaw.core.moments import Moment
from whosaw.core.ranges import UNKNOWN, Range, amount_json
from whosaw.core.truth import Truth
from whosaw.packs.table import Table

from .duties import answer_duty
from .facts import EVENTS, FOUND_BY, Facts, Flag, ScopeFacts, Turnover
from .items import Duty, ItemCase, Jurisdiction, Law, Payment, UncheckedLaw
from .payments import answer_payment
from .reading import read_moment, read_range
from .unchecked import reached_by

__all__ = [
    "duty_case_fault",
    "duty_outcome",
    "law_faults",
    "payment_case_fault",
    "payment_outcome",
    "precedent_fault",
    "read_cases",
    "unchecked_case_fault",
    "unchecked_outcome",
]

_EXPECT: Final = frozenset(
    ("in_force", "owed", "due", "status", "by", "needs", "reading", "applies", "cap", "open_cap", "reaches")
)
_NOW: Final = datetime.fromisoformat("2100-01-01T00:00:00+00:00")


def read_cases(
    table: Table,
    place: Jurisdiction,
    questions: Mapping[str, str],
    by_act: frozenset[str],
    *,
    act: str,
    currency: str = "",
) -> tuple[ItemCase, ...]:
    """The `[[case]]` entries of an item; at least one is needed."""
    of = str(table.values.get("of", ""))
    owed_by = str(table.values.get("owed_by", ""))
    return tuple(
        _case(each, place, questions, by_act, act=act, of=of, owed_by=owed_by, currency=currency)
        for each in table.tables("case", required=True)
    )


def _case(
    table: Table,
    place: Jurisdiction,
    questions: Mapping[str, str],
    by_act: frozenset[str],
    *,
    act: str,
    of: str,
    owed_by: str,
    currency: str,
) -> ItemCase:
    zone = parse_zone(place.zone)
    known = place.area.members[0] if place.area.members else ""
    roles = table.texts("roles", required=False) if table.has("roles") else (owed_by,)
    known_sectors = [key.partition(".")[2] for key in questions if key.startswith("sector.")]
    sectors = table.texts("sectors", one_of=known_sectors) if table.has("sectors") else None
    found_by = table.text("found_by", required=False, one_of=FOUND_BY) or "court"
    flags = {
        key: Flag(value=value, by="the case", found_by=found_by if key in by_act else "")
        for word, value in (("yes", True), ("no", False))
        for key in table.texts(word, required=False, one_of=questions)
    }
    established = table.optional_flag("established")
    listed = table.optional_flag("listed")
    title, expect = table.text("title"), table.table("expect", required=True)
    for key in expect.values:
        if key not in _EXPECT:
            expect.fault(f"{key} is nothing a case can expect", key)
    facts = Facts(
        flags={key: flag for key, flag in flags.items() if key not in by_act},
        findings={(act, key): flag for key, flag in flags.items() if key in by_act},
        roles=None if roles == ("unknown",) else roles,
        sectors=sectors,
        established=(known,) if established is None or established else (),
        listed=None if listed is None else ((known,) if listed else ()),
        lead=table.text("lead", required=False) or None,
        events=_events(table, zone),
        never=frozenset(table.texts("never", required=False, one_of=EVENTS)),
        scopes=_scopes(table, known, zone),
        made=_made(table, of, zone),
        turnover=_turnover(table, currency),
        sums={currency: _sums(table)},
    )
    now, law_of = read_moment(table, "now", zone, required=False), table.day("law_of", required=False)
    table.rest_unknown()
    return ItemCase(title=title, facts=facts, now=now, law_of=law_of, expect=dict(expect.values))


def _events(table: Table, zone: tzinfo) -> tuple[Event, ...]:
    return tuple(
        Event(kind=kind, when=when, said_by="the case")
        for kind in EVENTS
        if table.has(kind) and (when := read_moment(table, kind, zone)) is not None
    )


def _scopes(table: Table, place: str, zone: tzinfo) -> tuple[ScopeFacts, ...]:
    people, rows = read_range(table, "people", required=False), _rows(table)
    versions = table.tables("version")
    categories = dict.fromkeys(table.texts("seen", required=False), "seen")
    categories |= dict.fromkeys(table.texts("unclear", required=False), "cannot tell")
    complete = table.optional_flag("complete") is not False
    described = categories or table.has("seen") or not complete
    if people is None and not rows and not versions and not described:
        return ()
    known: list[tuple[Moment, Range]] = []
    for each in versions:
        when, count = read_moment(each, "known", zone), read_range(each, "people")
        each.rest_unknown()
        if when is not None and count is not None:
            known.append((when, count))
    if not known:
        beginning = Moment.at(datetime.fromisoformat("2000-01-01T00:00:00+00:00"))
        known.append((beginning, _together(rows) if rows else people or UNKNOWN))
    return tuple(
        ScopeFacts(
            version=number,
            known=when,
            known_from="the case",
            persons=count,
            accounts=count,
            by_place=rows or {place: count},
            accounts_by_place=rows or {place: count},
            categories=categories,
            complete=complete,
        )
        for number, (when, count) in enumerate(known, start=1)
    )


def _rows(table: Table) -> dict[str, Range]:
    inner = table.table("people_in")
    return {key: found for key in inner.values if (found := read_range(inner, key)) is not None}


def _together(rows: Mapping[str, Range]) -> Range:
    high = (
        None
        if any(row.high is None for row in rows.values())
        else sum(int(row.high or 0) for row in rows.values())
    )
    return Range(low=sum(int(row.low) for row in rows.values()), high=high)


def _made(table: Table, of: str, zone: tzinfo) -> tuple[Made, ...]:
    given = table.values.get("told")
    if not (isinstance(given, list) and given and isinstance(given[0], dict)):
        told = read_moment(table, "told", zone, required=False)
        return () if told is None else (Made(duty=of, when=told, scope=1),)
    found = []
    for each in table.tables("told"):
        when, scope = read_moment(each, "at", zone), each.integer("scope")
        each.rest_unknown()
        if when is not None:
            found.append(Made(duty=of, when=when, scope=scope))
    return tuple(found)


def _turnover(table: Table, currency: str) -> tuple[Turnover, ...]:
    inner = table.table("turnover")
    unrelated = read_range(table, "unrelated", required=False)
    found = []
    for key in inner.values:
        year, _, place = key.partition(" ")
        amount = read_range(inner, key)
        if not year.isdigit():
            inner.fault("turnover is by year: '2024', or '2024 SG' for one country", key)
        elif amount is not None:
            row = Turnover(
                year=int(year),
                place=place or "world",
                currency=currency,
                amount=amount,
                unrelated=unrelated,
            )
            found.append(row)
    return tuple(found)


def _sums(table: Table) -> dict[str, Range]:
    inner = table.table("sums")
    return {key: found for key in inner.values if (found := read_range(inner, key)) is not None}


def duty_outcome(duty: Duty, case: ItemCase, law: Law) -> dict[str, Any]:
    """What comes out of the facts of a case under one version of one duty, by what a case can expect of it."""
    now = case.now.earliest if case.now is not None else _NOW
    answer = answer_duty(duty, law, case.facts, now=now, law_of=case.law_of)
    run = answer.clocks[-1] if answer.clocks else None
    due = run.due if run is not None else None
    return {
        "in_force": answer.in_force.truth.value,
        "owed": answer.state,
        "applies": answer.applies.truth.value,
        "needs": sorted({*answer.owed.needs, *answer.in_force.needs}),
        "status": run.status if run else None,
        "by": list(run.by) if run is not None and run.by is not None else None,
        "due": None if due is None else [format_instant(each.instant) for each in due],
        "reading": [format_instant(each.due.instant) for each in run.readings] if run else [],
    }


def payment_outcome(payment: Payment, case: ItemCase, law: Law) -> dict[str, Any]:
    """The same of a penalty or right."""
    answer = answer_payment(payment, law, case.facts, now=_NOW, law_of=case.law_of)
    cap = answer.cap
    bounds = None if cap is None else cap.bounds
    return {
        "in_force": answer.in_force.truth.value,
        "applies": _both(answer.applies.truth, answer.grounds.truth),
        "needs": sorted({*answer.applies.needs, *answer.grounds.needs, *(cap.needs if cap else ())}),
        "cap": None
        if bounds is None or bounds.high is None
        else [amount_json(bounds.low), amount_json(bounds.high)],
        "open_cap": None if bounds is None or bounds.high is not None else amount_json(bounds.low),
    }


def unchecked_outcome(item: UncheckedLaw, case: ItemCase, law: Law) -> dict[str, Any]:
    """The same of a law that is known by its name alone."""
    now = case.now.earliest if case.now is not None else _NOW
    answer = reached_by(item, law, case.facts, now=now, law_of=case.law_of)
    return {"reaches": answer.truth.value, "needs": sorted(answer.needs)}


def unchecked_case_fault(item: UncheckedLaw, case: ItemCase, law: Law) -> str | None:
    """The first thing that comes out otherwise than the case says."""
    return _difference(case.expect, unchecked_outcome(item, case, law))


def duty_case_fault(duty: Duty, case: ItemCase, law: Law) -> str | None:
    """The first thing that comes out otherwise than the case says."""
    return _difference(case.expect, duty_outcome(duty, case, law))


def payment_case_fault(payment: Payment, case: ItemCase, law: Law) -> str | None:
    """The first thing that comes out otherwise than the case says."""
    return _difference(case.expect, payment_outcome(payment, case, law))


def precedent_fault(precedent: Precedent) -> str | None:
    """Whether its ratios, to the digits written down, are those worked out by hand."""
    ratios = {
        "for_each_person": precedent.for_each_person,
        "percent_of_turnover": precedent.percent_of_turnover,
    }
    for key, wanted in precedent.expect.items():
        ratio = ratios.get(key)
        if ratio is None:
            return f"{key} cannot be worked out"
        places = len(wanted.partition(".")[2])
        shown = f"{round(Decimal(ratio.upper), places):f}"
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
    for item in law.unchecked.values():
        faults = [(case.title, unchecked_case_fault(item, case, law)) for case in item.cases]
        found += [(item.origin.id, f"case {title!r}: {why}") for title, why in faults if why]
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
