"""Why something that was found is found no longer."""

from __future__ import annotations

import json
from collections.abc import Mapping

from whosaw.core.finding import Finding
from whosaw.store.journal import Journal
from whosaw.store.ledger import LedgerReader
from whosaw.store.repositories.segments import segments_with_digest

from .context import Context
from .event_answers import view_answers
from .explanation import Explanation

__all__ = ["changed_since", "explained_since", "place_of"]


def changed_since(known: str | None, reasons: Mapping[str, str]) -> tuple[str, ...]:
    """What changed since the last run, whose setting `known` is: words of `reasons`, which also say what each stands for now."""
    before = json.loads(known).get("reasons", {}) if known is not None else {}
    return tuple(word for word, now in reasons.items() if before.get(word, now) != now)


def explained_since(
    reader: LedgerReader,
    context: Context,
    explanations: Mapping[str, Explanation],
    findings: Mapping[str, Finding],
) -> set[str]:
    """Which of the findings, by id, are explained by now: every line that they show."""
    places = {
        (name, place): place_of(reader.workspace.journal, place)
        for name, finding in findings.items()
        for place in finding.locators
    }
    known = sorted({place for place in places.values() if place is not None})
    told: dict[tuple[int, int], set[str]] = {}
    for view in view_answers(reader.session, context, explanations, known):
        told.setdefault((view.content, view.line), set()).add(view.answer)
    return {
        name
        for name, finding in findings.items()
        if finding.locators
        and all(
            place is not None and told.get(place) == {"explained"}
            for place in (places[name, each] for each in finding.locators)
        )
    }


def place_of(journal: Journal, locator: str) -> tuple[int, int] | None:
    """The segment and the line that a locator names, if any."""
    digest, colon, line = locator.partition(":")
    if not colon or not line.isdigit() or len(digest) < 6:
        return None
    found = [each.id for each in segments_with_digest(journal, digest) if each.live]
    return (min(found), int(line)) if found else None
