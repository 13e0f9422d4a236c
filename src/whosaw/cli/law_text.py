"""Duties and penalties for the terminal: places, then items, then clocks or sums. Good at 80 columns without colour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import wrap
from typing import Any

from whosaw.report.law_wording import (
    bounds,
    clock_line,
    due_text,
    in_force_line,
    no_law_lines,
    owed_words,
    places_that_may_apply,
    sure,
    told_lines,
    unverified_lines,
    wanted,
)

from .console import say

__all__ = ["show_duties", "show_penalties"]

_WIDTH = 100


def show_duties(document: Mapping[str, Any]) -> None:
    """All duties of the places whose law applies; places whose law may apply on one line with what would decide it."""
    _head("Duties", document)
    items = document["duties"]
    for place in _places(items):
        say(place)
        for duty in (each for each in items if each["place"] == place and _reaches(each)):
            say(f"  {duty['title']}{sure(duty)}")
            say(f"    to {duty['recipient']}; {duty['statute']}, {duty['article']} ({duty['id']})")
            say(f"    {_owed(duty)}")
            for line in _why_open(duty, document):
                say(f"      {line}")
            if duty["in_force"]["answer"] != "not met" and duty["owed"]["answer"] != "not owed":
                say(f"    clock: {clock_line(duty)}")
                for run in duty["runs"]:
                    due = due_text(run, document["zone"])
                    say(f"      {_start(run, document['zone'])}: {due}{run['sentence']}")
                    for reading in run["readings"]:
                        say(f"        another reading, unverified: {reading['rests_on']}")
            for line in [*told_lines(duty, document["zone"]), *unverified_lines(duty)]:
                say(f"    {line}")
        say("")
    _may_apply(items)


def show_penalties(document: Mapping[str, Any]) -> None:
    """All penalties and rights of the places whose law applies, each with its arithmetic, then precedents."""
    _head("Penalties and rights", document)
    items = document["penalties"]
    for place in _places(items):
        say(place)
        for each in (item for item in items if item["place"] == place and _reaches(item)):
            say(f"  {each['title']}{sure(each)}")
            say(f"    {each['statute']}, {each['article']} ({each['id']}): {each['for']}")
            say(f"    {in_force_line(each)}")
            say(f"    grounds: {each['grounds']['answer']}")
            for line in _needed(each["grounds"]["needs"], document):
                say(f"      {line}")
            prison = f", up to {each['prison_years']} years of prison" if each["prison_years"] else ""
            say(f"    range: {each['range']}{prison}")
            for step in each["cap"]["steps"] if each["cap"] else ():
                say(f"      {step['text']}: {bounds(step)}")
            for need in each["cap"]["needs"] if each["cap"] else ():
                say(f"      cannot tell: needs {need}")
            if each["each_person"]:
                say(
                    f"      for each person who claims: {each['currency']} {bounds(each['each_person'])}; a bound, not a forecast"
                )
            for rule in each["rules"]:
                say(f"      rule: {rule}")
            for done in each["imposed"]:
                say(
                    f"    imposed {done['day']} by {done['by']}: {done['currency']} {bounds(done['amount'])}{_shares(done)}"
                )
            for line in unverified_lines(each):
                say(f"    {line}")
        say("")
    if document["precedents"]:
        say("Precedents")
    for each in document["precedents"]:
        say(f"  {each['title']}, {each['authority']} {each['decided']}{sure(each)}")
        say(f"    {each['currency']} {bounds(each['amount'])}{_ratios(each)}")
    _may_apply(items)


def _head(title: str, document: Mapping[str, Any]) -> None:
    scope = document["scope"]
    seen = (
        "no scope version"
        if scope is None
        else f"scope version {scope['version']}: {bounds(scope['persons'])} persons"
    )
    say(f"{title} of case {document['case']}, {seen} (times in {document['zone']})")
    if document["law_of"]:
        say(f"The law of {document['law_of']} is asked; the times of the case do not decide the version")
    for line in wrap(document["not_legal_advice"], _WIDTH):
        say(line)
    say("")
    if document["no_law"]:
        for line in no_law_lines(document):
            say(line)
        say("")


def _places(items: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted({each["place"] for each in items if _reaches(each)})


def _reaches(item: Mapping[str, Any]) -> bool:
    return bool(item["applies"]["answer"] == "met")


def _owed(duty: Mapping[str, Any]) -> str:
    if duty["in_force"]["answer"] == "not met":
        return f"not law at the time of the case: {duty['in_force']['because'][0]}"
    return owed_words(duty["owed"]["answer"])


def _why_open(duty: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """Why it is so, where it is not simply owed, and what to do meanwhile."""
    if duty["in_force"]["answer"] == "not met" or duty["owed"]["answer"] == "owed":
        return []
    found = list(duty["owed"]["because"]) if duty["owed"]["answer"] == "not owed" else []
    found += _needed(duty["owed"]["needs"], document)
    return [*found, *([f"meanwhile: {duty['meanwhile']}"] if duty["meanwhile"] else [])]


def _needed(needs: Iterable[str], document: Mapping[str, Any]) -> list[str]:
    return [f"cannot tell: needs {wanted(need, document['questions'])}" for need in needs]


def _start(run: Mapping[str, Any], zone: str) -> str:
    from whosaw.report.law_wording import moment_text

    start = run["start"]
    words = f"scope version {start['scope']}" if start["scope"] else start["event"]
    return f"{words} {moment_text(start['when'], zone)}, says {start['claimed_by']}"


def _shares(done: Mapping[str, Any]) -> str:
    words = {
        "share_of_cap_percent": "{}% of the cap on the stated turnover",
        "share_of_turnover_percent": "{}% of that turnover",
        "for_each_person_at_most": "at most {} for each person",
    }
    found = [text.format(done[key]) for key, text in words.items() if key in done]
    return f" ({', '.join(found)})" if found else ""


def _ratios(each: Mapping[str, Any]) -> str:
    found = []
    if each["for_each_person"]:
        found.append(f"{each['for_each_person']['upper']} for each person")
    if each["percent_of_turnover"]:
        about = "about " if each["turnover_about"] else ""
        found.append(f"{about}{each['percent_of_turnover']['upper']}% of turnover")
    return f" ({', '.join(found)})" if found else ""


def _may_apply(items: Iterable[Mapping[str, Any]]) -> None:
    for line in places_that_may_apply(items):
        for part in wrap(line, _WIDTH):
            say(part)
