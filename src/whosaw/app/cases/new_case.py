"""A new case file: what the ledger knows of a case is filled in, what a person answered too, and the rest is named. Nothing is overwritten."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.document import told_as
from whosaw.core.errors import Fault, FaultsError, WhosawError
from whosaw.core.instants import from_micros, parse_zone
from whosaw.core.scope_version import ScopeVersion
from whosaw.law import answer_duties
from whosaw.law.account import ABOUT
from whosaw.law.items import Law
from whosaw.law.loaded_case import LawCase, load_case
from whosaw.law.loading import load_law
from whosaw.law.open_points import open_points
from whosaw.logs.coverage.hours import coverage_of
from whosaw.store.repositories.cases import CaseStore, check_name
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import Workspace

from .case_draft import CaseDraft, CaseSection, Known, Question, draft_of
from .case_fields import given_fields

__all__ = ["NewCase", "new_case", "refuse_there"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """A case file that was written: its sections, what of each is filled and what is missing."""

    file: str
    case: str
    version: int | None
    sections: tuple[CaseSection, ...]
    text: str = field(metadata=told_as(never=True))


def refuse_there(path: Path) -> None:
    """Refuse a file that is there: somebody's work is in it."""
    if path.exists() or path.is_symlink():
        raise WhosawError(
            "case.there",
            f"{path} is there already",
            hint="Name another file, or edit that one; nothing is overwritten",
        )


@asks(Verb.ANSWER_CASE, "case", root="workspace", case="case")
def new_case(
    path: Path,
    case: str,
    given: Mapping[str, str],
    *,
    workspace: Path,
    now: datetime,
    key_file: Path | None = None,
) -> NewCase:
    """Write the case file `path`. `given` are values by key. Raises `WhosawError` for a file that is there, and for values that the case
    file would not take, all at once; then nothing is written."""
    check_name(case)
    refuse_there(path)
    values = given_fields(given)
    zone = parse_zone(values.get("zone", "UTC"))
    known, clue = _known(workspace, case, zone, key_file)
    law = load_law()

    def draft(questions: Sequence[Question]) -> CaseDraft:
        return draft_of(case, values, known, statements=ABOUT, questions=questions, clue=clue)

    first = draft(())
    loaded = _written(path, first.text, workspace, law, keep=False)
    answers = answer_duties(law, loaded.case.facts, now=now)
    asked = [
        Question(key=each.key, asks=each.asks, by_act=each.key in law.by_act)
        for each in open_points(answers, law)
        if each.key in law.questions
    ]
    made = draft(asked)
    _written(path, made.text, workspace, law, keep=True)
    return NewCase(file=str(path), case=case, version=known.version, sections=made.sections, text=made.text)


def _written(path: Path, text: str, workspace: Path, law: Law, *, keep: bool) -> LawCase:
    """The case as it is read from this text; with `keep` the text gets its name, unless that has come to be in the meantime."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as fault:
        raise _not_written(path, fault) from fault
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        try:
            loaded = load_case(Path(name), workspace=workspace, law=law)
        except FaultsError as fault:
            raise FaultsError(fault.code, [_of_given(each, path) for each in fault.faults]) from fault
        if keep:
            try:
                os.link(name, path)  # which fails where the name is taken
            except FileExistsError:
                refuse_there(path)
            except OSError as fault:
                raise _not_written(path, fault) from fault
        return loaded
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


def _not_written(path: Path, fault: OSError) -> WhosawError:
    return WhosawError(
        "case.not-written",
        f"{path} could not be written ({fault.strerror})",
        hint="Name a file in a folder that is there",
    )


def _of_given(fault: Fault, path: Path) -> Fault:
    return fault.inside(str(path))


def _known(root: Path, case: str, zone: tzinfo, key_file: Path | None) -> tuple[Known, str]:
    """What the workspace knows of the case, and how it gets a scope where it has none."""
    with closing(Workspace.open(root, key_file=key_file)) as workspace:
        store = CaseStore(workspace)
        found = stored_findings(workspace.journal)
        finding = found[0].id if found else "ID"
        clue = f"The case has no scope yet: whosaw scope new --case {case} --finding {finding}"
        if case not in store.cases():
            return Known(version=None, scope=(), first=None, last=None, unplaced=None), clue
        version = store.get(case)
        hours = coverage_of(workspace.journal)
        missing = sum(each.missing for each in hours)
        partial = sum(each.partial for each in hours)
    return _of_version(version, zone, missing, partial), clue


def _of_version(version: ScopeVersion, zone: tzinfo, missing: int, partial: int) -> Known:
    first, last = (
        None if at is None else from_micros(at).astimezone(zone).isoformat()
        for at in (version.window.first_view, version.window.last_view)
    )
    categories = {
        answer: [each.category for each in version.categories_held if each.answer == answer]
        for answer in ("seen", "not seen", "cannot tell")
    }
    sentences = [f"Version {version.version}: {', '.join(map(str, version.counts))}"]
    sentences += [f"Categories {answer}: {', '.join(names)}" for answer, names in categories.items() if names]
    sentences.append(f"First view {first or 'none'}, last {last or 'none'}")
    if missing or partial:
        sentences.append(
            f"Coverage: {missing:,} hours missing, {partial:,} partial; whosaw coverage lists them"
        )
    else:
        sentences.append("Coverage: no hour of any source is missing or partial")
    if version.final is None and version.open:
        sentences.append(f"Not final: {len(version.open)} points are open (whosaw scope show {version.case})")
    return Known(
        version=version.version,
        scope=tuple(sentences),
        first=first,
        last=last,
        unplaced=_unplaced(version),
    )


def _unplaced(version: ScopeVersion) -> str | None:
    """How many people are of which country, and of how many that is not known."""
    rows = version.by.get("jurisdiction", ())
    if not rows:
        return (
            "The ledger knows the country of nobody: no jurisdiction stands in the context's list of people"
        )
    return "; ".join(f"{each.name}: {each.persons}" for each in rows)
