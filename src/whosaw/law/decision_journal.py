"""Decisions in the custody journal: appended, never rewritten. A later one on the same question takes the place of the one before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from whosaw.core.canonical_json import canonical_json
from whosaw.core.custody import BROKEN
from whosaw.core.decisions import AnswerThen, Decision, DecisionBody, ScopeThen
from whosaw.core.document import document, object_of
from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros, parse_instant
from whosaw.core.ranges import Range
from whosaw.store.custody_check import whole
from whosaw.store.journal import Connection, Journal
from whosaw.store.repositories.entries import count_of_kind
from whosaw.store.workspace import Workspace

from .decision_grounds import Grounds, owed_by_now

__all__ = ["decisions_of", "record_decision", "require_whole"]

_KIND: Final = "decision"


def require_whole(journal: Journal) -> int:
    """How many entries the journal has. Raises `WhosawError` where its chain does not hold."""
    standing = whole(journal)
    if standing.answer == BROKEN:
        raise WhosawError(
            "decision.chain-broken",
            f"the custody journal does not hold: {standing.why[0]}",
            hint="Restore the workspace from a backup; no record is made of what cannot be proven",
        )
    return standing.entries


def record_decision(
    workspace: Workspace,
    body: DecisionBody,
    grounds: Grounds,
    case_file: bytes,
    *,
    now: datetime,
) -> Decision:
    """Append a decision. Its facts and the case file become files first, named in the entry by their digests, so that an entry
    never speaks of what is not there; a process that dies before the entry leaves at most files that nobody names."""
    files = workspace.files.beside("part-decisions")
    body = replace(
        body,
        facts_file=files.put("decision", canonical_json(document(grounds))),
        case_file=files.put("case-file", case_file),
    )
    journal, case = workspace.journal, body.case
    with journal.transaction() as connection:
        number = count_of_kind(connection, _KIND) + 1
        same = [each for each in _entries(journal, case, connection) if each.body.duty == body.duty]
        body = replace(body, id=f"d{number}", supersedes=same[-1].entry if same else None)
        at = journal.record(connection, _KIND, object_of(body), now=now)
    return next(each for each in decisions_of(workspace, case) if each.entry == at)


def decisions_of(workspace: Workspace, case: str) -> list[Decision]:
    """Every decision on a case, the oldest first; those that closed a scope version as final are among them."""
    return _entries(workspace.journal, case, None)


def _entries(journal: Journal, case: str, connection: Connection | None) -> list[Decision]:
    found: list[Decision] = []
    closed: int | None = None  # the last entry about the scope itself
    for row in journal.entries(_KIND, "scope.version", connection=connection):
        body = json.loads(row.body)
        if body["case"] != case or (row.kind != _KIND and body["final"] is None):
            continue
        made = Decision(
            entry=row.seq,
            hash=row.hash,
            entered=from_micros(row.time),
            entered_by=row.who,
            body=_decided(body) if row.kind == _KIND else _closing(body, closed),
        )
        closed = closed if made.body.duty else made.entry
        found.append(made)
    return found


def _decided(body: Mapping[str, Any]) -> DecisionBody:
    """A decision as a release of any age stored it."""
    return DecisionBody(
        id=body["id"],
        case=body["case"],
        decision=body["decision"],
        duty=body["duty"] or "",
        because=body["because"],
        by=body["by"],
        at=parse_instant(body["at"]),
        scope=None if body["scope"] is None else _scope(body["scope"]),
        answers=tuple(
            AnswerThen(
                id=each["id"],
                sha256=each["sha256"],
                owed=owed_by_now(each["owed"]),
                in_force=each["in_force"],
            )
            for each in body["answers"]
        ),
        facts=body["facts"],
        facts_file=body["facts_file"],
        case_file=body["case_file"],
        supersedes=body["supersedes"],
    )


def _scope(scope: Mapping[str, Any]) -> ScopeThen:
    persons, accounts = (
        None if (count := scope.get(unit)) is None else Range(low=count["lower"], high=count["upper"])
        for unit in ("persons", "accounts")
    )
    return ScopeThen(
        version=scope["version"],
        final=scope["final"],
        sha256=scope["sha256"],
        persons=persons,
        accounts=accounts,
    )


def _closing(body: Mapping[str, Any], supersedes: int | None) -> DecisionBody:
    """The closing of a scope version as a decision."""
    final = body["final"]
    return DecisionBody(
        id=f"version {body['version']}",
        case=body["case"],
        duty="",
        decision="final",
        because=final["despite"] or "nothing was open",
        by=final["by"],
        at=parse_instant(final["at"]),
        scope=ScopeThen(version=body["version"], sha256=body["document"], final=True),
        supersedes=supersedes,
    )
