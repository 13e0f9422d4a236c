"""Decisions in the custody journal: appended, never rewritten. A later one on the same question takes the place of the one before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from whosaw.core.canonical_json import canonical_json
from whosaw.core.custody import BROKEN
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant, from_micros
from whosaw.store.custody_check import whole
from whosaw.store.entries import count_of_kind
from whosaw.store.files import ContentStore
from whosaw.store.journal import Connection, Journal
from whosaw.store.workspace import Workspace

__all__ = ["Decision", "decisions_of", "record_decision", "require_whole"]

_KIND: Final = "decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision as the journal has it. `duty` is empty for one about the scope itself; `supersedes` is the number of the
    journal entry whose place it takes. `entered` is when it was written down and `entered_by` who did."""

    entry: int
    hash: str
    entered: datetime
    entered_by: str
    body: Mapping[str, Any]

    @property
    def duty(self) -> str:
        return str(self.body["duty"] or "")

    def as_json(self) -> dict[str, Any]:
        return {
            **self.body,
            "entry": self.entry,
            "hash": self.hash,
            "entered": format_instant(self.entered),
            "entered_by": self.entered_by,
        }


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
    body: Mapping[str, Any],
    facts: Mapping[str, Any],
    case_file: bytes,
    *,
    now: datetime,
) -> Decision:
    """Append a decision. Its facts and the case file become files first, named in the entry by their digests, so that an entry
    never speaks of what is not there; a process that dies before the entry leaves at most files that nobody names."""
    files = ContentStore(workspace.files.root, parts="part-decisions")
    named = {
        "facts_file": files.put("decision", canonical_json(facts)),
        "case_file": files.put("case-file", case_file),
    }
    journal, case = workspace.journal, str(body["case"])
    with journal.transaction() as connection:
        number = count_of_kind(connection, _KIND) + 1
        same = [each for each in _entries(journal, case, connection) if each.duty == (body["duty"] or "")]
        whole = {**body, **named, "id": f"d{number}", "supersedes": same[-1].entry if same else None}
        at = journal.record(connection, _KIND, whole, now=now)
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
            body=body if row.kind == _KIND else _closing(body, closed),
        )
        closed = closed if made.duty else made.entry
        found.append(made)
    return found


def _closing(body: Mapping[str, Any], supersedes: int | None) -> dict[str, Any]:
    """The closing of a scope version in the shape of a decision."""
    final = body["final"]
    return {
        "id": f"version {body['version']}",
        "case": body["case"],
        "duty": None,
        "decision": "final",
        "because": final["despite"] or "nothing was open",
        "by": final["by"],
        "at": final["at"],
        "scope": {"version": body["version"], "sha256": body["document"], "final": True},
        "answers": [],
        "facts": None,
        "facts_file": None,
        "case_file": None,
        "supersedes": supersedes,
    }
