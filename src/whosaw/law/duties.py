"""Which duties a case brings, to whom, from when, until when: one answer for each version of law that can govern it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, tzinfo

from whosaw.core.duties import DutyAnswer, Exemption, Made, Start, StatePeople
from whosaw.core.instants import parse_zone
from whosaw.core.law_items import Area, InForce
from whosaw.core.moments import Moment, day_start
from whosaw.core.ranges import Range
from whosaw.core.truth import Answer, Truth, all_of, any_of, not_, undecided, yes

from .clock_run import run_clock
from .conditions import Condition, Lookup
from .counting import calendar_of
from .facts import EVENTS, Facts
from .growth import TO_PEOPLE, growth, not_told, told
from .items import Duty, Jurisdiction, Law
from .reach import beyond

__all__ = ["answer_duties", "answer_duty", "falls_on", "for_this_organisation", "in_force_at", "touches"]


def answer_duties(
    law: Law, facts: Facts, *, now: datetime, law_of: date | None = None
) -> tuple[DutyAnswer, ...]:
    """Every duty of every law that touches the case or may, each in the versions that can govern it, in id order.

    `law_of` asks what the law of that day would say, whatever the times of the case.
    """
    families: dict[str, list[Duty]] = {}
    for duty in law.duties.values():
        families.setdefault(duty.of, []).append(duty)
    found: list[DutyAnswer] = []
    for versions in families.values():
        answers = [
            answer_duty(
                duty,
                law,
                facts,
                now=now,
                law_of=law_of,
            )
            for duty in versions
        ]
        touched = [each for each in answers if each.applies.truth is not Truth.NO]
        governing = [each for each in touched if each.in_force.truth is not Truth.NO]
        # where no version governs, the one nearest says from when there was, or was no longer, such a duty
        found.extend(governing or touched[-1:])
    return tuple(sorted(found, key=lambda each: each.duty.origin.id))


def answer_duty(
    duty: Duty,
    law: Law,
    facts: Facts,
    *,
    now: datetime,
    law_of: date | None = None,
) -> DutyAnswer:
    """One version of one duty against one case."""
    place = law.jurisdictions[duty.origin.jurisdiction]
    zone = parse_zone(place.zone)
    lookup = Lookup(
        facts=facts, area=place.area, act=duty.origin.act, zone=zone, questions=law.questions, by_act=law.by_act,
        findings=law.findings, dates_count=law_of is None, everybody=not place.residents_only,
    )  # fmt: skip
    applies = all_of([touches(place, duty.applies, lookup), falls_on(duty.owed_by, lookup)])
    threshold = yes("no threshold") if duty.threshold is None else duty.threshold.answer(lookup)
    exceptions = tuple(
        Exemption(id=way.id, text=way.text, answer=way.when.answer(lookup)) for way in duty.exceptions
    )
    starts = _starts(duty, facts, place.area)
    truths = [_governs(duty.in_force, start, facts, zone, law_of) for start in starts]
    calendar = calendar_of(place.holidays or facts.lead)
    runs = tuple(
        run_clock(
            duty.clock,
            start,
            in_force=truth.truth,
            zone=zone,
            rules=place.counting,
            calendar=calendar,
            made=_answered(duty, start, facts.made),
            now=now,
        )
        for start, truth in zip(starts, truths, strict=True)
        if truth.truth is not Truth.NO
    )
    named = " or ".join(duty.clock.starts)
    missing = (
        () if starts else (undecided((f"not known when: {_words(duty.clock.starts)}",), (f"event {named}",)),)
    )
    if not starts:
        today = Moment.at(now) if law_of is None else Moment.at(day_start(law_of, zone))
        truths = [in_force_at(duty.in_force, [("", today)], zone)]
    if _only_new_facts(duty) and not starts:
        missing = ()
    elsewhere, everybody = _elsewhere(duty, lookup)
    governs = _together(truths)
    stands = [governs] if governs.truth is Truth.NO else []
    owed = all_of([*stands, applies, threshold, not_(any_of(each.answer for each in exceptions)), *missing])
    return DutyAnswer(
        duty=duty,
        area=place.area,
        zone=place.zone,
        in_force=governs,
        applies=applies,
        threshold=threshold,
        exceptions=exceptions,
        owed=owed,
        clocks=runs,
        versions=told(duty, facts, place.area),
        not_told=not_told(duty, facts, place.area, everybody=everybody),
        elsewhere=elsewhere,
        each_of=_each_of(duty, place, facts),
    )


def _elsewhere(duty: Duty, lookup: Lookup) -> tuple[Range | None, bool]:
    """Of a notice to people: those who live elsewhere and may have to be told under this act too, and whether they surely have to."""
    counted = lookup.elsewhere() if duty.audience in TO_PEOPLE else None
    if counted is None or counted.truth is Truth.NO:
        return None, False
    everybody = counted.truth is Truth.YES
    return None if everybody else beyond(lookup.facts, lookup.area), everybody


def _each_of(duty: Duty, place: Jurisdiction, facts: Facts) -> tuple[StatePeople, ...]:
    """The states each of whose authorities is told, where none of them leads for an organisation that is established in none."""
    abroad = facts.established is not None and not any(place.area.has(each) for each in facts.established)
    if not place.one_leads or duty.audience != "regulator" or not abroad or facts.lead or facts.scope is None:
        return ()
    rows = sorted(facts.scope.by_place.items())
    return tuple(
        StatePeople(state=name, people=row) for name, row in rows if place.area.has(name) and row.high != 0
    )


def for_this_organisation(
    answers: Iterable[DutyAnswer], roles: tuple[str, ...] | None
) -> tuple[DutyAnswer, ...]:
    """Without those of a processor that takes part in the case and is somebody else."""
    return tuple(
        each for each in answers if each.duty.owed_by != "processor" or roles is None or "processor" in roles
    )


def touches(place: Jurisdiction, also: Condition | None, lookup: Lookup) -> Answer:
    """Whether the law of a place reaches the case; `also` is what the statute itself asks besides."""
    reached = [place.applies.answer(lookup)]
    return all_of(reached if also is None else [*reached, also.answer(lookup)])


def in_force_at(in_force: InForce, moments: Iterable[tuple[str, Moment]], zone: tzinfo) -> Answer:
    """Whether a version governs, by the moments that decide it: (who claims it, when)."""
    start = None if in_force.start is None else day_start(in_force.start, zone)
    end = None if in_force.end is None else day_start(in_force.end, zone)
    answers = []
    for claimed_by, moment in moments:
        truth = moment.within(start, end)
        by = f", says {claimed_by}" if claimed_by else ""
        said = f"{in_force.text()}; decided by {moment.text(zone)}{by}"
        needs = ("a closer time, since it decides which version of the law governs",)
        answers.append(Answer(truth=truth, because=(said,), needs=needs if truth is Truth.OPEN else ()))
    return _together(answers)


def _together(answers: Iterable[Answer]) -> Answer:
    """Rival claims: met when under all of them, not met when under none, else it depends on who is right."""
    each = tuple(answers)
    truths = {answer.truth for answer in each}
    because = tuple(dict.fromkeys(text for answer in each for text in answer.because))
    needs = tuple(dict.fromkeys(text for answer in each for text in answer.needs))
    if len(truths) == 1:
        return Answer(truth=truths.pop(), because=because, needs=needs)
    return undecided(because, needs or ("which of the claimed times is right",))


def _governs(in_force: InForce, start: Start, facts: Facts, zone: tzinfo, law_of: date | None) -> Answer:
    if law_of is not None:
        return in_force_at(in_force, [("", Moment.at(day_start(law_of, zone)))], zone)
    if in_force.decided_by == "start":
        return in_force_at(in_force, [(start.claimed_by, start.when)], zone)
    events = facts.of_kind(in_force.decided_by)
    if not events:
        said = f"not known when: {EVENTS[in_force.decided_by]}"
        return undecided((said,), (f"event {in_force.decided_by}",))
    return in_force_at(in_force, [(event.said_by, event.when) for event in events], zone)


def falls_on(owed_by: str, lookup: Lookup) -> Answer:
    """Whether somebody of this role takes part in the case."""
    if owed_by == "any":
        return yes()
    if owed_by == "processor" and lookup.facts.of_kind("processor-aware"):
        return yes("a processor takes part in the case")
    return Condition(kind="is", key=f"role.{owed_by}").answer(lookup)


def _only_new_facts(duty: Duty) -> bool:
    return duty.clock.starts == ("new-fact",)


def _words(kinds: tuple[str, ...]) -> str:
    return ", or ".join(EVENTS[kind] for kind in kinds)


def _starts(duty: Duty, facts: Facts, area: Area) -> list[Start]:
    found = [
        Start(kind=event.kind, when=event.when, claimed_by=event.said_by, evidence=event.evidence)
        for kind in duty.clock.starts
        for event in facts.of_kind(kind)
    ]
    if "new-fact" in duty.clock.starts or duty.clock.again:
        for scope, added in growth(facts, area)[1:]:
            if added.high != 0:
                said = f"scope version {scope.version} adds {added} people"
                found.append(
                    Start(
                        kind="new-fact",
                        when=scope.known,
                        claimed_by=scope.known_from,
                        evidence=said,
                        scope=scope.version,
                    )
                )
    return found


def _answered(duty: Duty, start: Start, made: Iterable[Made]) -> Made | None:
    """The first report or notice that answers this start."""
    fitting = [each for each in made if each.duty == duty.of]
    if start.scope is not None:
        fitting = [each for each in fitting if each.scope is not None and each.scope >= start.scope]
    elif start.kind == "new-fact":
        fitting = [each for each in fitting if each.when.latest >= start.when.earliest]
    return min(fitting, key=lambda each: (each.when.earliest, each.when.latest), default=None)
