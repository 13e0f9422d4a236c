"""Explains: what every explanation says of one line or of the lines of a finding, and of all first accesses."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from whosaw.actors import Context, load_context
from whosaw.actors.ended import place_of
from whosaw.actors.event_answers import (
    Answered,
    FirstAccesses,
    ViewAnswers,
    every_answer,
    first_accesses,
    view_answers,
)
from whosaw.app.findings.detection import load_detection, none_of, zone_of_last_scan
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.core.finding import Finding
from whosaw.core.instants import from_micros
from whosaw.mapping.resolver import Resolver
from whosaw.store.repositories.findings import stored_finding

from .answers import ShownClient, ShownPerson
from .questions import Ledger, open_ledger, shown_client, shown_person

__all__ = [
    "EveryAnswer",
    "Explained",
    "ExplainedView",
    "FirstExplained",
    "explain",
    "explain_every",
    "explain_first",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedView:
    """One view with the answer of each explanation, and that of all together. `person` None: the log does not name them."""

    locator: str
    time: datetime
    person: ShownPerson | None
    actor: ShownClient
    route: str
    answer: str
    tried: tuple[Answered, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The views of a line, or of the lines of a finding, which is given as it is stored."""

    what: str
    finding: Finding | None
    views: tuple[ExplainedView, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneAnswer:
    """What one explanation says of one view. `person` None: the log does not name them."""

    time: datetime
    client: str
    person: str | None
    route: str
    answer: str
    locator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryAnswer:
    """What one explanation says of every view of an actor, the earliest first."""

    finding: str
    explanation: str
    views: tuple[OneAnswer, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstExplained:
    """How many first accesses each explanation covers."""

    first_accesses: tuple[FirstAccesses, ...]
    notes: tuple[str, ...]


@asks(Verb.SEE_FINDINGS, "explanations", finding="what")
def explain(
    root: Path,
    what: str,
    *,
    context: Path | None,
    zone: tzinfo | None,
    now: datetime,
    key_file: Path | None = None,
) -> Explained:
    """The views of a locator, or of a finding's lines, with every explanation's answer. Without `context` it is the folder of
    the last scan; where there was none, nothing can be told of any view, and it says so."""
    with closing(open_ledger(root, now=now, key_file=key_file)) as ledger:
        explanations = load_detection().explanations
        given, notes = _given(ledger, context, zone)
        finding = (
            stored_finding(ledger.workspace.journal, what, ended=True) if what.startswith("f-") else None
        )
        locators = finding.locators if finding else [what]
        places = [_place(ledger, locator) for locator in locators]
        views = view_answers(ledger.reader.session, given, explanations, places)
        return Explained(what=what, finding=finding, views=_shown(ledger, views), notes=notes)


@asks(Verb.SEE_FINDINGS, "explanations")
def explain_every(
    root: Path,
    finding: str,
    explanation: str,
    *,
    context: Path | None,
    zone: tzinfo | None,
    now: datetime,
    key_file: Path | None = None,
) -> EveryAnswer:
    """What one explanation says of every view of the actor of a finding, counted or set aside: the views behind its numbers.
    `context` as for `explain`."""
    with closing(open_ledger(root, now=now, key_file=key_file)) as ledger:
        item = load_detection().explanations.get(explanation)
        if item is None:
            raise WhosawError(
                "explain.no-explanation",
                f"there is no explanation {explanation!r}",
                hint=f"Known: {', '.join(load_detection().explanations)}",
            )
        found = stored_finding(ledger.workspace.journal, finding)
        given, notes = _given(ledger, context, zone)
        views = every_answer(ledger.reader.session, given, item, ledger.counted_clients(found.id))
        places = list(zip(views["content"].to_pylist(), views["line"].to_pylist(), strict=True))
        rows = zip(views.to_pylist(), ledger.reader.locators(places), strict=True)
        told = tuple(
            OneAnswer(
                time=from_micros(each["time"]),
                client=f"c{each['client']}",
                person=None if each["person"] is None else f"p{each['person']}",
                route=str(ledger.reader.routes[each["route"]]["id"]),
                answer=each["answer"],
                locator=str(locator),
            )
            for each, locator in rows
        )
        return EveryAnswer(finding=found.id, explanation=explanation, views=told, notes=notes)


@asks(Verb.SEE_FINDINGS, "explanations")
def explain_first(
    root: Path,
    *,
    context: Path | None,
    zone: tzinfo | None,
    now: datetime,
    key_file: Path | None = None,
) -> FirstExplained:
    """How many of all first accesses each explanation covers. `context` as for `explain`."""
    with closing(open_ledger(root, now=now, key_file=key_file)) as ledger:
        explanations = load_detection().explanations
        given, notes = _given(ledger, context, zone)
        counted = first_accesses(ledger.reader.session, given, explanations)
        return FirstExplained(first_accesses=counted, notes=notes)


def _given(ledger: Ledger, context: Path | None, zone: tzinfo | None) -> tuple[Context, tuple[str, ...]]:
    """What is known beside the logs, and the notes on it."""
    folder = context or _of_last_scan(ledger)
    journal = ledger.workspace.journal
    none, zone = none_of(journal), zone or zone_of_last_scan(journal)
    if folder is None and not none:
        return Context.none(), ("no --context was given, so no explanation can be looked up",)
    given = load_context(folder, Resolver(ledger.reader), zone=zone, none=none)
    return given, tuple(given.notes)


def _of_last_scan(ledger: Ledger) -> Path | None:
    """The context folder that the last scan was given, if any; refused where it is gone."""
    known = ledger.workspace.journal.setting("context")
    if known is not None and not Path(known).is_dir():
        raise WhosawError(
            "context.gone",
            f"the context folder {known} of the last scan is gone",
            hint="Name one with --context",
        )
    return Path(known) if known is not None else None


def _place(ledger: Ledger, locator: str) -> tuple[int, int]:
    """The segment and the line that a locator names."""
    place = place_of(ledger.workspace.journal, locator)
    if place is None:
        raise WhosawError(
            "explain.unknown",
            f"{locator!r} is neither a locator of this ledger nor a finding",
            hint="Locators are printed by `whosaw who`, `whosaw what` and `whosaw findings --explain ID`",
        )
    return place


def _shown(ledger: Ledger, views: Sequence[ViewAnswers]) -> tuple[ExplainedView, ...]:
    found = ledger.reader.clients(sorted({each.client for each in views}))
    clients = {each.number: each for each in found}
    persons = sorted({each.person for each in views if each.person is not None})
    shown = ledger.show(persons, found)
    locators = ledger.reader.locators([(each.content, each.line) for each in views])
    return tuple(
        ExplainedView(
            locator=str(locator),
            time=from_micros(each.time),
            person=None if each.person is None else shown_person(each.person, shown),
            actor=shown_client(clients[each.client], shown),
            route=ledger.reader.routes[each.route]["id"],
            answer=each.answer,
            tried=each.tried,
        )
        for each, locator in zip(views, locators, strict=True)
    )
