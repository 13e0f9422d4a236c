"""The title of a stored finding: at most 80 characters that say who saw how many people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .client import TRAITS

__all__ = ["MOST_TITLE", "many", "people_words", "retitled", "retold", "shortened"]

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


def retitled(before: Mapping[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """`after`, with the title of `before` in which the number of people is that of its counts."""
    if before["counts"] == after["counts"] or str(after["detector"]).startswith("sigma:"):
        return after
    head, end = (f" saw {people_words(_persons(each))}" for each in (before, after))
    start, found, rest = str(before["title"]).partition(head)
    title = f"{start}{end}{rest}" if found else start
    return {**after, "title": title if len(title) <= MOST_TITLE else f"{start}{end}"}


def _persons(finding: Mapping[str, Any]) -> tuple[int, int | None]:
    told = next(each for each in finding["counts"] if each["unit"] == "persons")
    return told["lower"], told["upper"]


def retold(finding: Mapping[str, Any]) -> dict[str, Any]:
    """A stored finding with title and facts. An earlier release stored one long sentence in their place: its parts are the
    facts, and the title says who saw how many, or names the rule."""
    told = dict(finding)
    sentence = told.pop("sentence", None)
    if "title" in told:
        return told
    text = str(sentence or "")
    if str(told["detector"]).startswith("sigma:"):
        title, _, text = text.partition(": ") if ": " in text else (text, "", "")
        told["title"] = shortened(title)
    else:
        by = told["actor"]["by"]
        who = f"One {_NOUNS[by[0]]}" if len(by) == 1 and by != ["manner"] else "One client"
        if "held to be one party" in text:
            who = "One actor"
        told["title"] = f"{who} saw {people_words(_persons(told))}"
    parts = [part.strip().rstrip(".") for part in text.split("; ")]
    told["facts"] = [f"{part[0].upper()}{part[1:]}." for part in parts if part]
    return told
