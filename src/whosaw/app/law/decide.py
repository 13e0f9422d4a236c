"""`whosaw decide`: records what was decided, by whom and why, together with the facts that were known then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.decisions import AnswerThen, Decision, DecisionBody, ScopeThen
from whosaw.core.errors import Fault, FaultsError, Where, WhosawError
from whosaw.core.instants import parse_instant
from whosaw.core.version import __version__
from whosaw.law import answer_duties
from whosaw.law.decision_grounds import Grounds, fact_digests, law_digest
from whosaw.law.decision_journal import record_decision
from whosaw.law.loaded_case import LawCase, case_head, load_case
from whosaw.scope.versions.document import body_digest, document_digest
from whosaw.store.workspace import Workspace

__all__ = ["DECISIONS", "decide", "grounds"]

DECISIONS: Final[Mapping[str, str]] = {
    "notify": "the report or notice is made",
    "not-notify": "no report or notice is made",
    "late": "the report or notice is made after the time that the law sets",
    "final": "the numbers of this scope version are held to be final",
    "not-final": "the numbers of this scope version are not held to be final",
}
_ABOUT_A_DUTY: Final = ("notify", "not-notify", "late")
_CODE: Final = "decision.invalid"


@asks(Verb.DECIDE, "decision", root="workspace")
def decide(
    path: Path,
    *,
    workspace: Path,
    decision: str,
    duty: str | None,
    because: str,
    by: str,
    now: datetime,
    at: str | None = None,
    scope: int | None = None,
    key_file: Path | None = None,
) -> Decision:
    """Append one decision to the custody journal, with digests of all that it rests on.

    Raises `FaultsError` with everything that is wrong, in the options and in the case file; then nothing is written.
    """
    faults = _faults(decision, duty, because, by)
    when = _when(at, now, faults)
    raw = _bytes(path)
    try:
        loaded = load_case(path, workspace=workspace)
    except FaultsError as fault:
        faults.extend(each for each in fault.faults if each not in faults)
        raise FaultsError(_CODE, faults) from fault
    faults.extend(_against(loaded, decision, duty, scope))
    if faults:
        raise FaultsError(_CODE, faults)
    facts = grounds(loaded, now=now, scope=scope)
    body = DecisionBody(
        case=loaded.case.name,
        decision=decision,
        duty=duty or "",
        because=because.strip(),
        by=by.strip(),
        at=when,
        scope=_version(facts),
        answers=tuple(
            AnswerThen(
                id=(item := each.duty.origin.id),
                sha256=facts.law[item],
                owed=each.state,
                in_force=each.in_force.truth.value,
            )
            for each in facts.duties
            if each.duty.of == duty
        ),
        facts=facts.digest(),
    )
    opened = Workspace.open(workspace, key_file=key_file)
    try:
        return record_decision(opened, body, facts, raw, now=now)
    finally:
        opened.close()


def grounds(loaded: LawCase, *, now: datetime, scope: int | None = None) -> Grounds:
    """What a decision at this moment rests on: the case's head, every duty's answer, and a digest of each ground.

    With `scope` as if no later scope version were known.
    """
    loaded = _until(loaded, scope)
    answers = answer_duties(loaded.law, loaded.case.facts, now=now)
    return Grounds(
        program=__version__,
        head=case_head(loaded, now=now, law_of=None),
        facts=fact_digests(loaded.case.facts, loaded.case.account),
        # what a version says, whoever made it and whether or not it was closed; and the whole of it, as the journal names it
        scopes={str(each["version"]): body_digest(each) for each in loaded.case.scopes},
        documents={str(each["version"]): document_digest(each) for each in loaded.case.scopes},
        law={name: law_digest(loaded.law.duties[name]) for name in (each.duty.origin.id for each in answers)},
        duties=answers,
    )


def _until(loaded: LawCase, scope: int | None) -> LawCase:
    if scope is None:
        return loaded
    case = loaded.case
    facts = replace(case.facts, scopes=tuple(each for each in case.facts.scopes if each.version <= scope))
    documents = tuple(each for each in case.scopes if each["version"] <= scope)
    return replace(loaded, case=replace(case, facts=facts, scopes=documents))


def _faults(decision: str, duty: str | None, because: str, by: str) -> list[Fault]:
    found = []
    if decision not in DECISIONS:
        found.append(
            _fault("--decision", f"{decision!r} is no decision", f"Choose one of {', '.join(DECISIONS)}")
        )
    if decision in _ABOUT_A_DUTY and not duty:
        found.append(
            _fault(
                "--duty",
                "is missing",
                f"Say which duty is meant, as `whosaw duties` names it: {decision} is about one",
            )
        )
    if decision in ("final", "not-final") and duty:
        found.append(_fault("--duty", f"{decision} is about a scope version, not a duty", "Leave it out"))
    if not because.strip():
        found.append(_fault("--because", "is missing", "Say why; the law asks for the reasons of a decision"))
    if not by.strip():
        found.append(_fault("--by", "is missing", "Name who decided, such as the head of the privacy office"))
    return found


def _when(at: str | None, now: datetime, faults: list[Fault]) -> datetime:
    if at is None:
        return now
    try:
        when = parse_instant(at)
    except WhosawError as fault:
        faults.append(_fault("--at", fault.message, fault.hint))
        return now
    if when > now:
        faults.append(
            _fault("--at", f"{at} is still to come", "A decision is recorded when it has been made")
        )
    return when


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # reading the case says what is wrong with it


def _against(loaded: LawCase, decision: str, duty: str | None, scope: int | None) -> list[Fault]:
    """What does not fit the case."""
    found = []
    known = sorted({each.of for each in loaded.law.duties.values()})
    if duty and duty not in known:
        version = loaded.law.duties.get(duty)
        near = [each for each in known if each.partition("/")[0] == duty.partition("/")[0]]
        hint = (
            f"Name the duty, not one of its versions: {version.of}"
            if version
            else f"Known: {', '.join(near or known)}"
        )
        found.append(_fault("--duty", f"{duty!r} is no duty", hint))
    versions = [each.version for each in loaded.case.facts.scopes]
    if scope is not None and scope not in versions:
        named = ", ".join(map(str, versions)) or "none"
        found.append(_fault("--scope", f"the case names no scope version {scope}", f"It names {named}"))
    elif decision in ("final", "not-final"):
        found.extend(_about_scope(loaded, decision, scope))
    return found


def _about_scope(loaded: LawCase, decision: str, scope: int | None) -> list[Fault]:
    scopes = [each for each in loaded.case.facts.scopes if scope in (None, each.version)]
    if not scopes:
        return [_fault("--decision", f"{decision} is about a scope version, and the case names none", "")]
    if decision == "final" and not scopes[-1].final:
        return [
            _fault(
                "--decision",
                f"scope version {scopes[-1].version} is not closed",
                "`whosaw scope close CASE --final` closes it, or says what is still open",
            )
        ]
    return []


def _version(facts: Grounds) -> ScopeThen | None:
    """The scope version that a decision is made on."""
    scope = facts.head.scope
    if scope is None:
        return None
    return ScopeThen(
        version=scope.version,
        final=scope.final,
        sha256=facts.documents[str(scope.version)],
        persons=scope.persons,
        accounts=scope.accounts,
    )


def _fault(option: str, message: str, hint: str) -> Fault:
    return Fault(code=_CODE, message=message, where=Where(item=option), hint=hint)
