"""The title of a finding: at most 80 characters that say who saw how many people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from .client import TRAITS
from .counts import Count
from .finding import Actor, Finding

__all__ = ["MOST_TITLE", "many", "people_words", "recounted", "shortened", "title_and_facts"]

MOST_TITLE: Final = 80
_NOUNS: Final = {each.name: each.one for each in TRAITS}


def shortened(text: str) -> str:
    """A title of somebody else's words, cut where it is too long."""
    return text if len(text) <= MOST_TITLE else text[: MOST_TITLE - 1].rstrip() + "…"


def people_words(bounds: tuple[int, int | None]) -> str:
    """How many people, by lower and upper bound; unnamed people are not 0 people."""
    lower, upper = bounds
    if lower == 0:
        return "unnamed people" if upper is None else f"up to {many(upper)}"
    return many(lower) if upper == lower else f"at least {many(lower)}"


def many(people: int) -> str:
    """A number of people, in words."""
    return "1 person" if people == 1 else f"{people:,} people"


def recounted(finding: Finding, counts: Sequence[Count]) -> Finding:
    """The finding with these counts of views, accounts and persons, and a title that says how many people that are."""
    views, accounts, persons = counts
    told = replace(finding, counts=(views, accounts, persons))
    if told.counts == finding.counts or finding.detector.startswith("sigma:"):
        return told
    head, end = (f" saw {_people(each)}" for each in (finding.persons, persons))
    start, found, rest = finding.title.partition(head)
    title = f"{start}{end}{rest}" if found else start
    return replace(told, title=title if len(title) <= MOST_TITLE else f"{start}{end}")


def _people(persons: Count) -> str:
    return people_words((persons.lower, persons.upper))


def title_and_facts(
    sentence: str, detector: str, actor: Actor, persons: Count
) -> tuple[str, tuple[str, ...]]:
    """What an earlier release stored as one long sentence: its parts are the facts, and the title says who saw how many, or names the
    rule."""
    if detector.startswith("sigma:"):
        title, _, sentence = sentence.partition(": ") if ": " in sentence else (sentence, "", "")
        title = shortened(title)
    else:
        who = f"One {_NOUNS[actor.by[0]]}" if len(actor.by) == 1 and actor.by != ("manner",) else "One client"
        if "held to be one party" in sentence:
            who = "One actor"
        title = f"{who} saw {_people(persons)}"
    parts = [part.strip().rstrip(".") for part in sentence.split("; ")]
    return title, tuple(f"{part[0].upper()}{part[1:]}." for part in parts if part)
