"""What the file of a place says, held by cases worked out by hand: whom its law reaches, whom it counts, how its periods end; and each
clause of it left out makes one of them come out otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from whosaw.core.instants import parse_zone
from whosaw.core.law_items import Period
from whosaw.core.moments import Moment
from whosaw.core.ranges import Range
from whosaw.law.conditions import Lookup, without_each
from whosaw.law.counting import calendar_of, deadline
from whosaw.law.duties import answer_duty, touches
from whosaw.law.facts import Facts, ScopeFacts
from whosaw.law.items import Jurisdiction, Law
from whosaw.law.loading import load_law

LAW = load_law()
ELSEWHERE = "FJ"  # belongs to no place on record
BEGAN = Moment.at(datetime.fromisoformat("2026-03-06T10:00:00+00:00"))
# by hand: whose law counts its residents alone, which binds those listed there too, where some sectors alone are bound, and where one
# authority leads
STATES = {"us", *(name for name in LAW.jurisdictions if name.startswith("us-"))}
LISTED, SECTORS, LED = {"us"}, {"us"}, {"eu"}


def _facts(people: dict[str, int], *, established: str = "", listed: str = "") -> Facts:
    rows = {place: Range.exactly(many) for place, many in people.items()}
    whole = Range.exactly(sum(people.values()))
    scope = ScopeFacts(
        version=1, known=BEGAN, known_from="by hand", persons=whole, accounts=whole, by_place=rows,
        accounts_by_place=rows, categories={},
    )  # fmt: skip
    return Facts(
        roles=("controller",),
        established=(established,) if established else (),
        listed=(listed,) if listed else (),
        scopes=(scope,),
    )


def _lookup(place: Jurisdiction, facts: Facts) -> Lookup:
    return Lookup(
        facts=facts, area=place.area, act=f"{place.area.id}/any", zone=parse_zone(place.zone),
        questions={**LAW.questions}, by_act=LAW.by_act, findings=LAW.findings,
        everybody=not place.residents_only,
    )  # fmt: skip


def _faults(name: str, place: Jurisdiction) -> Iterator[str]:
    """What comes out otherwise than it was worked out."""
    member = place.area.members[0]
    for said, facts, reached in (
        ("established there, nobody of there", _facts({ELSEWHERE: 5}, established=member), "met"),
        ("one person of there", _facts({ELSEWHERE: 5, member: 1}), "met"),
        ("nobody of there, established elsewhere", _facts({ELSEWHERE: 5, member: 0}, established=ELSEWHERE), "not met"),
        ("listed there alone", _facts({ELSEWHERE: 5}, listed=member), "met" if name in LISTED else "not met"),
    ):  # fmt: skip
        found = touches(place, None, _lookup(place, facts)).truth.value
        if found != reached:
            yield f"{said}: {found}"
    abroad = _lookup(place, _facts({ELSEWHERE: 5, member: 1}, established=member)).elsewhere()
    if (abroad is None) != (name in STATES):
        yield f"people elsewhere of whoever is established there: {abroad}"
    if place.sectors_only != (name in SECTORS) or place.one_leads != (name in LED):
        yield "sectors, or who leads"


@pytest.mark.parametrize("name", LAW.jurisdictions)
def test_whom_the_law_of_a_place_reaches_and_counts(name: str) -> None:
    assert list(_faults(name, LAW.jurisdictions[name])) == []


def _changed(place: Jurisdiction) -> Iterator[tuple[str, Jurisdiction]]:
    for what, applies in without_each(place.applies):
        if applies is not None:
            yield f"applies: {what}", replace(place, applies=applies)
    for key in ("residents_only", "sectors_only", "one_leads"):
        yield key, replace(place, **{key: not getattr(place, key)})


@pytest.mark.parametrize("name", LAW.jurisdictions)
def test_every_clause_of_a_place_is_held_by_a_case(name: str) -> None:
    changed = _changed(LAW.jurisdictions[name])
    assert [what for what, place in changed if not list(_faults(name, place))] == []


@pytest.mark.parametrize(
    ("name", "days", "start", "end", "clause"),
    [
        # up to six days leave days off out: Good Friday to Easter Monday 2026 are 3 to 6 April
        ("ke", 6, "2026-03-31T23:59:59+03:00", "2026-04-11T00:00:00+03:00", "days_off_left_out_up_to"),
        # the last day is Easter Monday, 6 April
        ("ke", 13, "2026-03-24T10:00:00+03:00", "2026-04-08T00:00:00+03:00", "last_day_moves"),
        # the last day is Sunday 1 March, and Monday stands in for the holiday
        ("kr", 3, "2026-02-26T10:00:00+09:00", "2026-03-04T00:00:00+09:00", "last_day_moves"),
        # the last day is Saturday 14 March
        ("eu", 14, "2026-02-28T12:00:00+01:00", "2026-03-17T00:00:00+01:00", "last_day_moves"),
    ],
)
def test_the_rules_of_counting_of_a_place_end_a_period_as_worked_out(
    name: str, days: int, start: str, end: str, clause: str
) -> None:
    place = LAW.jurisdictions[name]
    calendar = calendar_of(place.holidays or "BE")

    def found(rules: object) -> datetime:
        period = Period(limit=days, unit="calendar-days")
        return deadline(period, datetime.fromisoformat(start), ZoneInfo(place.zone), rules, calendar).instant  # type: ignore[arg-type]

    assert found(place.counting) == datetime.fromisoformat(end)
    without = replace(place.counting, **{clause: False if clause == "last_day_moves" else 0})
    assert found(without) != datetime.fromisoformat(end)


def test_of_the_union_each_authority_is_told_where_none_leads(law: Law) -> None:
    duty = law.duties["eu/authority"]
    facts = _facts({"DE": 3, "FR": 0, "IE": 4, ELSEWHERE: 1}, established=ELSEWHERE)
    here = law.jurisdictions["eu"]
    other = replace(law, jurisdictions={**law.jurisdictions, "eu": replace(here, one_leads=False)})
    now = datetime.fromisoformat("2026-03-07T10:00:00+00:00")
    told = [answer_duty(duty, each, facts, now=now).each_of for each in (law, other)]
    assert [[each.state for each in states] for states in told] == [["DE", "IE"], []]
