"""A case of law, read whole: the case file, its scope versions, and the items of law it is judged by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from whosaw.core.case_head import CaseHead, ScopeHead

from .case_file import CaseFile, read_case
from .items import Law
from .loading import load_law
from .places_without_law import people_by_place, places_without_law
from .unchecked import unchecked_laws

__all__ = ["LawCase", "case_head", "load_case"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LawCase:
    """The case and the law, as loaded together."""

    case: CaseFile
    law: Law


def load_case(path: Path, *, workspace: Path, law: Law | None = None) -> LawCase:
    """Read a case file. The workspace is opened only when the case names a scope version by its number.
    `law` is the shipped law, where it was loaded before.

    Raises `FaultsError` with every fault of the file and of its scope versions.
    """
    law = law or load_law()

    def from_workspace(case: str, version: int | None) -> Mapping[str, Any]:
        from whosaw.store.repositories.cases import CaseStore
        from whosaw.store.workspace import Workspace

        with closing(Workspace.open(workspace)) as opened:
            kept: dict[str, Any] = json.loads(CaseStore(opened).text(case, version))
        return kept

    return LawCase(case=read_case(path, law, from_workspace), law=law)


def case_head(loaded: LawCase, *, now: datetime, law_of: date | None) -> CaseHead:
    """What every result about a case begins with."""
    case = loaded.case
    scope = case.facts.scope
    return CaseHead(
        case=case.name,
        organisation=case.organisation,
        zone=case.zone,
        now=now,
        law_of=law_of,
        no_law=places_without_law(loaded.law, case.facts),
        unchecked=unchecked_laws(loaded.law, case.facts, now=now, law_of=law_of),
        people=people_by_place(loaded.law, case.facts),
        scope=None
        if scope is None
        else ScopeHead(
            version=scope.version, final=scope.final, persons=scope.persons, accounts=scope.accounts
        ),
        events=case.facts.events,
    )
