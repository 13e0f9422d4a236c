"""A case of law, read whole: the case file, its scope versions, and the items of law it is judged by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from whosaw.core.instants import format_instant

from .case_file import CaseFile, read_case
from .items import Law
from .loading import load_law
from .places_without_law import places_without_law

__all__ = ["ADVICE", "LawCase", "case_head", "load_case"]

ADVICE: Final = (
    "This is not legal advice. It is worked out from the facts in the case file and from summaries of law whose sources "
    "and confidence stand beside each item; have a lawyer of each place confirm what you rely on."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LawCase:
    """The case and the law, as loaded together."""

    case: CaseFile
    law: Law


def load_case(path: Path, *, workspace: Path) -> LawCase:
    """Read a case file. The workspace is opened only when the case names a scope version by its number.

    Raises `FaultsError` with every fault of the file and of its scope versions.
    """
    law = load_law()

    def from_workspace(case: str, version: int | None) -> Mapping[str, Any]:
        from whosaw.store.cases import CaseStore
        from whosaw.store.workspace import Workspace

        kept: dict[str, Any] = json.loads(CaseStore(Workspace.open(workspace)).text(case, version))
        return kept

    return LawCase(case=read_case(path, law, from_workspace), law=law)


def case_head(loaded: LawCase, *, now: datetime, law_of: date | None) -> dict[str, Any]:
    """What every document about a case begins with."""
    case = loaded.case
    scope = case.facts.scope
    return {
        "case": case.name,
        "organisation": case.organisation,
        "zone": case.zone,
        "now": format_instant(now),
        "law_of": law_of.isoformat() if law_of else None,
        "not_legal_advice": ADVICE,
        "no_law": [each.as_json() for each in places_without_law(loaded.law, case.facts)],
        "scope": None
        if scope is None
        else {
            "version": scope.version,
            "final": scope.final,
            "persons": scope.persons.as_json(),
            "accounts": scope.accounts.as_json(),
        },
        "events": [
            {
                "kind": event.kind,
                "when": event.when.as_json(),
                "said_by": event.said_by,
                "evidence": event.evidence,
            }
            for event in case.facts.events
        ],
    }
