"""To which cases findings and people belong: what an account that is limited to cases may see of a workspace."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pyroaring import BitMap

from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal
from whosaw.store.repositories.findings import stored_finding

if TYPE_CHECKING:
    from whosaw.store.repositories.cases import CaseStore

__all__ = ["cases_of_finding", "cases_of_findings", "people_of_cases"]

_SETS = ("held", "possible")


def cases_of_findings(journal: Journal, root: Path) -> dict[str, frozenset[str]]:
    """By finding, the cases whose last version began with it."""
    found: dict[str, set[str]] = {}
    store = _cases(journal, root)
    for case in store.cases():
        for clue in store.get(case).clues:
            if clue.kind == "finding":
                found.setdefault(_id_now(journal, clue.value), set()).add(case)
    return {name: frozenset(cases) for name, cases in found.items()}


def cases_of_finding(journal: Journal, root: Path, name: str) -> frozenset[str]:
    """The cases of one finding, by its id or the beginning of it; none where there is no such finding."""
    return cases_of_findings(journal, root).get(_id_now(journal, name), frozenset())


def _cases(journal: Journal, root: Path) -> CaseStore:
    from whosaw.store.repositories.cases import Beside, CaseStore  # few who ask are limited to cases

    return CaseStore(Beside.of(journal, root))


def _id_now(journal: Journal, name: str) -> str:
    try:
        return stored_finding(journal, name, ended=True).id
    except WhosawError:
        return name


def people_of_cases(journal: Journal, root: Path, cases: Iterable[str]) -> BitMap:
    """Numbers of the persons whom the last versions of these cases hold, or may hold. A case that is not there holds nobody."""
    store, people = _cases(journal, root), BitMap()
    there = set(store.cases())
    for case in cases:
        if case in there:
            for each in store.sets(case, names=_SETS).values():
                people |= each
    return people
