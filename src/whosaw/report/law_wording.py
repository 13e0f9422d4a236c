"""Duties and penalties in words: the same sentences for the terminal, the page and the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from whosaw.core.instants import clock_text, parse_instant, parse_zone

__all__ = [
    "bounds",
    "clock_line",
    "due_text",
    "in_force_line",
    "moment_text",
    "no_law_lines",
    "owed_words",
    "places_that_may_apply",
    "sure",
    "told_lines",
    "unverified_lines",
    "wanted",
]


_HOW_TO_PLACE = "The case can say so: organisation.established and listed, people.unplaced, or a country for each person in the ledger."


def bounds(count: Mapping[str, Any]) -> str:
    """Lower and upper of a count or a sum, as they stand in a document."""
    low, high = count["lower"], count["upper"]
    if high is None:
        return f"at least {_number(low)}" if low not in (0, "0") else "cannot be told"
    return _number(low) if low == high else f"{_number(low)} to {_number(high)}"


def _number(value: int | str | None) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def sure(item: Mapping[str, Any]) -> str:
    """How sure the record of law is, for everything but a statute that was read."""
    return "" if item["confidence"] == "statute-read" else f" [{item['confidence']}]"


def unverified_lines(item: Mapping[str, Any]) -> list[str]:
    """Parts of an item that nobody has checked."""
    return [f"unverified: {part.replace('_', ' ')} ({why})" for part, why in item["unverified"].items()]


def wanted(need: str, questions: Mapping[str, str]) -> str:
    """What would decide it: the question of law beside its key, or the fact itself."""
    return f"{need}: {questions[need]}" if need in questions else need


def moment_text(when: Mapping[str, str], zone: str) -> str:
    """A time of the case on the clock of a zone; a day where only the day is known."""
    if "at" in when:
        return clock_text(parse_instant(when["at"]).astimezone(parse_zone(zone)))
    first, last = (parse_instant(when[end]).astimezone(parse_zone(zone)) for end in ("earliest", "latest"))
    if first.time() == datetime.min.time() and f"{last:%H:%M:%S}" == "23:59:59":
        days = first.date().isoformat()
        return days if first.date() == last.date() else f"{days} to {last.date().isoformat()}"
    return f"{clock_text(first)} to {clock_text(last)}"


def due_text(run: Mapping[str, Any], zone: str) -> str:
    """`due 2025-11-18 16:00; `, or nothing where the law gives no figure."""
    if run["due"] is None:
        return ""
    shown = dict.fromkeys(_deadline(each, zone) for each in run["due"])
    return f"due {' to '.join(shown)}; "


def _deadline(due: Mapping[str, Any], zone: str) -> str:
    local = parse_instant(due["at"]).astimezone(parse_zone(zone))
    if due["at_instant_in_time"] or local.time() != datetime.min.time():
        return clock_text(local)
    return f"end of {(local - timedelta(seconds=1)).date().isoformat()}"


def clock_line(duty: Mapping[str, Any]) -> str:
    """What the law says of the time, and whether it is law or an authority's expectation."""
    words: str = duty["clock"]["words"]
    return f"{words} (guidance)" if duty["clock"]["force"] == "guidance" else words


def in_force_line(item: Mapping[str, Any]) -> str:
    """Which version this is, and whether it governs."""
    answer = {"met": "governs", "not met": "does not govern", "undecided": "may govern"}
    because = item["in_force"]["because"]
    return f"{answer[item['in_force']['answer']]}: {because[0] if because else 'one version on record'}"


def told_lines(duty: Mapping[str, Any], zone: str) -> list[str]:
    """For notices: which scope version's people were told, and how many cannot have been."""
    if duty["owed"]["answer"] == "not owed":
        return []
    found = []
    for each in duty["versions_told"]:
        told = "still owed" if each["told"] is None else f"told {moment_text(each['told'], zone)}"
        found.append(f"scope version {each['version']} adds {_people(each['added'])}: {told}")
    if duty["not_told"] is not None and duty["not_told"]["lower"]:
        spoken = any(run["made"] for run in duty["runs"])
        people = _people(duty["not_told"])
        found.append(
            f"no notice can have reached {people} by their account" if spoken else f"not told yet: {people}"
        )
    return found


def _people(count: Mapping[str, Any]) -> str:
    low, high = count["lower"], count["upper"]
    if high is None and not low:
        return "people, how many cannot be told"
    return f"{bounds(count)} people"


def no_law_lines(document: Mapping[str, Any]) -> list[str]:
    """Places with people, or with an establishment, of which no law is on record: these come before all else."""
    return [each["sentence"] for each in document["no_law"]]


def owed_words(state: str) -> str:
    """Whether a duty is owed, as a clause: owed, not owed, cannot tell whether it is owed."""
    return "cannot tell whether it is owed" if state == "cannot tell" else state


def places_that_may_apply(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """Places whose law is reached or not by facts that are still missing."""
    open_places = {
        each["place"]: each["applies"]["needs"] for each in items if each["applies"]["answer"] == "undecided"
    }
    sure_places = {each["place"] for each in items if each["applies"]["answer"] == "met"}
    left = {place: needs for place, needs in open_places.items() if place not in sure_places}
    partly = sorted(
        {
            f"In {each['place']}, {each['title']}: needs {', '.join(each['applies']['needs'])}"
            for each in items
            if each["applies"]["answer"] == "undecided" and each["place"] in sure_places
        }
    )
    if not left:
        return partly
    names = ", ".join(sorted(left))
    return [
        *partly,
        f"May apply too, since it is not known whether people there were seen, or whether the organisation is there: {names}. {_HOW_TO_PLACE}",
    ]
