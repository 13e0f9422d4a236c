"""Decisions in words: the same for the terminal, the page and the record that is printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .law_wording import bounds, moment_text, owed_words

__all__ = ["WORDS", "decided_line", "duty_lines", "ground_lines", "needs_decision", "scope_line"]

WORDS: Final = {
    "notify": "to notify",
    "not-notify": "not to notify",
    "late": "to notify, later than the law asks",
    "final": "the numbers are final",
    "not-final": "the numbers are not final",
}


def decided_line(decision: Mapping[str, Any], zone: str) -> str:
    """Who decided what, and when."""
    about = f" ({decision['duty']})" if decision["duty"] else ""
    return f"{WORDS[decision['decision']]}{about}, by {decision['by']}, {moment_text({'at': decision['at']}, zone)}"


def ground_lines(decision: Mapping[str, Any], zone: str) -> Iterator[str]:
    """Why, on which version and law, in the place of what, and where it stands in the journal."""
    yield f"because: {decision['because']}"
    scope = decision["scope"]
    if scope is None:
        yield "on no scope version"
    else:
        people = f": {bounds(scope['persons'])} persons" if scope.get("persons") else ""
        yield f"on scope version {scope['version']}{people}"
    for each in decision.get("answers", ()):
        yield f"under {each['id']}: {owed_words(each['owed'])}, then"
    if decision["supersedes"]:
        yield f"takes the place of {decision['supersedes']}"
    if decision["superseded_by"]:
        yield f"its place was taken by {decision['superseded_by']}"
    entered = moment_text({"at": decision["entered"]}, zone)
    yield f"entry {decision['entry']} of the custody journal, {entered}, by {decision['entered_by']}, {decision['hash'][:16]}"


def needs_decision(row: Mapping[str, Any]) -> bool:
    """Whether a duty is open work: none on record, one on other facts, or late without a reason."""
    return row["state"] != "decided on these facts" or _unexplained(row)


def duty_lines(row: Mapping[str, Any], zone: str) -> Iterator[str]:
    """What stands beside a duty, besides its title."""
    decided = f": {WORDS[row['decided']]} ({row['decision']})" if row["decision"] else ""
    yield f"{owed_words(row['owed'])}; {row['state']}{decided}"
    if row["decided"] == "not-notify" and row["owed"] == "owed":
        yield "it is owed, and it was decided not to do it"
    for each in row["changes"]:
        yield f"since then: {each['what']}"
    for when in row["made"]:
        yield f"done {moment_text(when, zone)}"
    yield from row["late"]
    if _unexplained(row):
        asked = ", which the law asks for" if row["late_needs_reasons"] else ""
        yield f"late under {len(row['late'])} of {row['clocks']} clocks, and no decision says why{asked}"


def scope_line(document: Mapping[str, Any]) -> str:
    """Whether the numbers are held to be final."""
    found = document["scope_decision"]
    decided = f": {WORDS[found['decided']]} ({found['decision']})" if found["decision"] else ""
    moved = "".join(f"; since then: {each['what']}" for each in found["changes"] if each["matters"])
    return f"Final or not: {found['state']}{decided}{moved}"


def _unexplained(row: Mapping[str, Any]) -> bool:
    return bool(row["late"]) and not row["late_explained"]
