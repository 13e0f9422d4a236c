"""Duties and penalties in words: the same sentences for the terminal, the page and the calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal

from whosaw.core.case_head import CaseHead
from whosaw.core.duties import Deadline, DutyAnswer, Run
from whosaw.core.instants import clock_text, parse_zone
from whosaw.core.law_items import Origin
from whosaw.core.moments import Moment
from whosaw.core.penalties import NO_FURTHER_GROUND, PaymentAnswer
from whosaw.core.ranges import Range, amount_json
from whosaw.core.truth import Truth

__all__ = [
    "bounds",
    "capital",
    "clock_line",
    "due_text",
    "governs",
    "grounds_line",
    "in_force_line",
    "law_of_line",
    "moment_text",
    "no_law_lines",
    "origin_of",
    "people_line",
    "places_that_may_apply",
    "scope_words",
    "sure",
    "told_lines",
    "unchecked_lines",
    "unverified",
    "wanted",
    "whose_word",
]


_HOW_TO_PLACE = "To decide, say where the organisation is (organisation.established and listed) and where the people are (people.unplaced, or a country for each person in the ledger)."


def bounds(count: Range) -> str:
    """Lower and upper of a count or a sum."""
    if count.high is None:
        return f"at least {_number(count.low)}" if count.low else "cannot be told"
    return _number(count.low) if count.exact else f"{_number(count.low)} to {_number(count.high)}"


def _number(value: int | Decimal) -> str:
    told = amount_json(value)
    return f"{told:,}" if isinstance(told, int) else str(told)


def sure(confidence: str) -> str:
    """How sure the record of law is, for everything but a statute that was read."""
    return "" if confidence == "statute-read" else f" [{confidence}]"


def unverified(parts: Mapping[str, str]) -> list[str]:
    """Parts of an item that nobody has checked."""
    return [f"unverified: {part.replace('_', ' ')} ({why})" for part, why in sorted(parts.items())]


def scope_words(head: CaseHead) -> str:
    """The newest scope version with its people."""
    scope = head.scope
    return (
        "no scope version"
        if scope is None
        else f"scope version {scope.version}: {bounds(scope.persons)} persons"
    )


def wanted(need: str, questions: Mapping[str, str]) -> str:
    """What would decide it: the answer to a question of law beside its key, or the fact itself."""
    return (
        f"still needed: the answer to {need}: {questions[need]}"
        if need in questions
        else f"still needed: {need}"
    )


def moment_text(when: Moment, zone: str) -> str:
    """A time of the case on the clock of a zone; a day where only the day is known."""
    return when.text(parse_zone(zone))


def due_text(run: Run, zone: str) -> str:
    """`due 2025-11-18 16:00; `, or nothing where the law gives no figure."""
    if run.due is None:
        return ""
    shown = list(dict.fromkeys(_deadline(each, parse_zone(zone)) for each in run.due))
    return f"due {shown[0]}; " if len(shown) == 1 else f"due between {shown[0]} and {shown[1]}; "


def _deadline(due: Deadline, zone: tzinfo) -> str:
    local = due.instant.astimezone(zone)
    # on the clock of another place than that of the law, a day may end at any hour
    return due.text(zone) if local.time() == datetime.min.time() else clock_text(local)


def clock_line(duty: DutyAnswer) -> str:
    """What the law says of the time, and whether it is law or an authority's expectation."""
    clock = duty.duty.clock
    return f"{clock.words} (guidance)" if clock.force == "guidance" else clock.words


def in_force_line(item: DutyAnswer | PaymentAnswer) -> str:
    """Which version this is, and whether it governs."""
    because = item.in_force.because
    return f"this version {governs(item)}: {because[0] if because else 'the only one on record'}"


def governs(item: DutyAnswer | PaymentAnswer) -> str:
    """Whether this version of the law governs the case."""
    words = {Truth.YES: "governs", Truth.NO: "does not govern", Truth.OPEN: "may govern"}
    return words[item.in_force.truth]


def told_lines(duty: DutyAnswer, zone: str) -> list[str]:
    """For notices: which scope version's people were told, and how many cannot have been."""
    if not duty.may_be_owed:
        return []
    found = []
    for each in duty.versions:
        told = "still owed" if each.made is None else f"told {moment_text(each.made.when, zone)}"
        found.append(f"scope version {each.version} adds {_people(each.added)}: {told}")
    if duty.not_told is not None and duty.not_told.low:
        spoken = any(run.made for run in duty.runs)
        people = _people(duty.not_told)
        found.append(
            f"{people} cannot have been told through an account" if spoken else f"not told yet: {people}"
        )
    if duty.elsewhere is not None:
        found.append(f"{_people(duty.elsewhere)} elsewhere: this law may count them too (people.elsewhere)")
    if duty.each_of:
        states = "; ".join(f"{each.state} {_people(each.people)}" for each in duty.each_of)
        found.append(
            f"to the authority of each state, for none leads without an establishment here: {states}"
        )
    return found


def _people(count: Range) -> str:
    if count.high is None and not count.low:
        return "an unknown number of people"
    return f"{bounds(count)} people"


def no_law_lines(head: CaseHead) -> list[str]:
    """Places with people, or with an establishment, of which no law is on record: these come before all else."""
    return [each.sentence for each in head.no_law]


def unchecked_lines(head: CaseHead) -> list[str]:
    """Laws that reach the case or may, and of which nobody has opened the text."""
    return list(head.by_name)


def people_line(head: CaseHead) -> str:
    """All people of the scope, by place; empty where nothing is known of them."""
    return f"People by place: {'; '.join(each.words for each in head.people)}." if head.people else ""


def places_that_may_apply(items: Sequence[DutyAnswer] | Sequence[PaymentAnswer]) -> list[str]:
    """Places whose law is reached or not by facts that are still missing."""
    undecided = [
        (each.area.name, origin_of(each).title, each.applies.needs)
        for each in items
        if each.applies.truth is Truth.OPEN
    ]
    sure_places = {each.area.name for each in items if each.reached}
    left = {place for place, _, _ in undecided} - sure_places
    partly = sorted(
        {
            f"In {place}, this may apply too: {title}; still needed: {', '.join(needs)}"
            for place, title, needs in undecided
            if place in sure_places
        }
    )
    if not left:
        return partly
    names = ", ".join(sorted(left))
    return [
        *partly,
        f"The law of these places may apply too, for it is not known whether people there were seen or whether the organisation is there: {names}. {_HOW_TO_PLACE}",
    ]


def origin_of(item: DutyAnswer | PaymentAnswer) -> Origin:
    """The item of law that was answered."""
    return item.duty.origin if isinstance(item, DutyAnswer) else item.payment.origin


def law_of_line(head: CaseHead) -> str:
    """That the law of another day was asked for; empty where it was not."""
    return (
        f"Under the law of {head.law_of.isoformat()}, whatever the times of the case." if head.law_of else ""
    )


def grounds_line(item: PaymentAnswer) -> str:
    """Whether its grounds are met, as a clause."""
    words = {
        Truth.YES: "its grounds are met",
        Truth.NO: "its grounds are not met",
        Truth.OPEN: "cannot tell whether its grounds are met",
    }
    return words[item.grounds.truth]


def whose_word(item: PaymentAnswer) -> list[str]:
    """What its grounds rest on: findings and claims with whose word they are. What was not answered is among what is needed."""
    if item.grounds.truth is Truth.YES or not item.grounds.needs:
        return [each for each in item.grounds.because if each != NO_FURTHER_GROUND]
    return [each for each in item.grounds.because if each.startswith("only ")]


def capital(sentence: str) -> str:
    """With a capital letter in front."""
    return sentence[:1].upper() + sentence[1:]
