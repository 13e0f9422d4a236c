"""Decisions in words: the same for the terminal, the page and the record that is printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from whosaw.core.decisions import AccountabilityRecord, DecisionBody, DutyRow, Listed
from whosaw.core.duties import owed_words
from whosaw.core.moments import Moment

from .law_wording import bounds, moment_text

__all__ = ["WORDS", "decided_line", "duty_lines", "ground_lines", "scope_line"]

WORDS: Final = {
    "notify": "to notify",
    "not-notify": "not to notify",
    "late": "to notify, later than the law asks",
    "final": "the numbers are final",
    "not-final": "the numbers are not final",
}


def decided_line(decision: DecisionBody, zone: str) -> str:
    """Who decided what, and when."""
    about = f" ({decision.duty})" if decision.duty else ""
    return f"{WORDS[decision.decision]}{about}, by {decision.by}, {moment_text(Moment.at(decision.at), zone)}"


def ground_lines(listed: Listed, zone: str) -> Iterator[str]:
    """Why, on which version and law, in the place of what, and where it stands in the journal."""
    entry, body = listed.decision, listed.decision.body
    yield f"because: {body.because}"
    scope = body.scope
    if scope is None:
        yield "on no scope version"
    else:
        people = f": {bounds(scope.persons)} persons" if scope.persons else ""
        yield f"on scope version {scope.version}{people}"
    for each in body.answers:
        yield f"the law then ({each.id}): {owed_words(each.owed)}"
    if listed.supersedes:
        yield f"replaces {listed.supersedes}"
    if listed.superseded_by:
        yield f"replaced by {listed.superseded_by}"
    entered = moment_text(Moment.at(entry.entered), zone)
    yield f"entry {entry.entry} of the custody journal, {entered}, by {entry.entered_by}, {entry.hash[:16]}"


def duty_lines(row: DutyRow, zone: str) -> Iterator[str]:
    """What stands beside a duty, besides its title."""
    standing = row.standing
    decided = f": {WORDS[standing.decided]} ({standing.decision})" if standing.decided else ""
    yield f"{owed_words(row.owed)}; {standing.state}{decided}"
    if standing.decided == "not-notify" and row.owed == "owed":
        yield "it is owed, and it was decided not to do it"
    for each in standing.changes:
        yield f"since then: {each.what}"
    if row.would_change:
        yield f"it would change: {'; '.join(row.would_change)}"
    for when in row.made:
        yield f"done {moment_text(when, zone)}"
    yield from row.late
    if row.unexplained:
        asked = "; the law asks for the reasons" if row.late_needs_reasons else ""
        yield f"late by {len(row.late)} of {row.clocks} clocks, and no decision says why{asked}"


def scope_line(record: AccountabilityRecord) -> str:
    """Whether the numbers are held to be final."""
    found = record.scope_decision
    decided = f": {WORDS[found.decided]} ({found.decision})" if found.decided else ""
    moved = "".join(f"; since then: {each.what}" for each in found.changes if each.matters)
    return f"Whether the numbers are final: {found.state}{decided}{moved}"
