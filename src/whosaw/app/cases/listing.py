"""The cases of a workspace: which there are, one version of one, and its people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from whosaw.app.asking.questions import Ledger
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.counts import Count
from whosaw.core.document import JsonObject, document, object_of
from whosaw.core.errors import WhosawError
from whosaw.core.scope_version import ScopeVersion
from whosaw.store.permits import permitted
from whosaw.store.repositories.cases import CaseStore, VersionRow
from whosaw.store.workspace import Workspace

__all__ = ["Cases", "PersonOfScope", "ScopePeople", "list_cases", "show_persons", "show_version"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVersion:
    """A version of a case and its counts."""

    row: VersionRow
    counts: tuple[Count, Count, Count]

    def as_json(self) -> JsonObject:
        return {**object_of(self.row), "counts": document(self.counts)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCase:
    """A case and all its versions, the first one first."""

    case: str
    versions: tuple[ListedVersion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """The cases of a workspace, by name."""

    cases: tuple[ListedCase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonOfScope:
    """A person by number, how they are shown, and whether a view of theirs is held; else it is possible."""

    number: str
    shown: str
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopePeople:
    """A version and its people, one by one."""

    version: ScopeVersion
    persons: tuple[PersonOfScope, ...]

    def as_json(self) -> JsonObject:
        return {**self.version.as_json(), "persons": document(self.persons)}


@asks(Verb.SEE_CASES, "cases", narrowed=True)
def list_cases(root: Path, *, key_file: Path | None = None) -> Cases:
    """Every case with its versions, each with its counts."""
    workspace = Workspace.open(root, key_file=key_file)
    try:
        store, permit = CaseStore(workspace), permitted(root)
        only = None if permit is None else permit.cases
        return Cases(
            cases=tuple(
                ListedCase(
                    case=case,
                    versions=tuple(
                        ListedVersion(row=row, counts=store.get(case, row.version).counts)
                        for row in store.versions(case)
                    ),
                )
                for case in store.cases()
                if only is None or case in only
            )
        )
    finally:
        workspace.close()


@asks(Verb.SEE_CASES, "case", case="case")
def show_version(
    root: Path, case: str | None, version: int | None = None, *, key_file: Path | None = None
) -> ScopeVersion:
    """A version: the last one where none is named, of the only case where that is not named either."""
    workspace = Workspace.open(root, key_file=key_file)
    try:
        store = CaseStore(workspace)
        if case is None:
            cases = store.cases()
            if len(cases) != 1:
                raise WhosawError(
                    "case.which",
                    f"there are {len(cases)} cases in {root}" if cases else f"there is no case in {root}",
                    hint=f"Name one of {', '.join(cases)}"
                    if cases
                    else "`whosaw scope new --case NAME` makes one",
                )
            case = cases[0]
        return store.get(case, version)
    finally:
        workspace.close()


@asks(Verb.SEE_PERSON, "people of case", case="case")
def show_persons(
    root: Path,
    case: str | None,
    version: int | None = None,
    *,
    now: datetime,
    key_file: Path | None = None,
    reveal: bool = False,
    reason: str = "",
) -> ScopePeople:
    """A version with its people. Masked, unless `reveal`, which is one look in the journal."""
    found = show_version(root, case, version, key_file=key_file)
    workspace = Workspace.open(root, key_file=key_file)
    sets = CaseStore(workspace).sets(found.case, found.version)
    ledger = Ledger(workspace, now=now, reveal=reveal, reason=reason)
    try:
        held, possible = sets["held"], sets["possible"]
        everybody = [int(each) for each in held | possible]
        shown = ledger.show(everybody, []).persons if everybody else {}
        persons = tuple(
            PersonOfScope(number=f"p{each}", shown=shown.get(each, "***"), held=each in held)
            for each in everybody
        )
        return ScopePeople(version=found, persons=persons)
    finally:
        ledger.close()
