"""`whosaw decisions`: every decision of a case as an accountability record, and the duties that have none, or one on other facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.decisions import (
    AccountabilityRecord,
    CategoryAnswer,
    Change,
    Decided,
    Decision,
    DutyItem,
    DutyRow,
    JournalEnd,
    Listed,
    MadeAct,
    RecordDuty,
    Said,
)
from whosaw.core.duties import DutyAnswer, Made
from whosaw.core.errors import WhosawError
from whosaw.law import answer_duties
from whosaw.law.decision_grounds import Compared, Grounds, changed_since, compared, read_grounds
from whosaw.law.decision_journal import decisions_of, require_whole
from whosaw.law.facts import EVENTS
from whosaw.law.loaded_case import LawCase, load_case
from whosaw.law.would_change import would_change
from whosaw.packs.languages import load_language
from whosaw.store.workspace import Workspace

from .decide import grounds

__all__ = ["decisions", "write_record"]


@asks(Verb.SEE_CASES, "decisions", root="workspace")
def decisions(
    path: Path, *, workspace: Path, now: datetime, key_file: Path | None = None
) -> AccountabilityRecord:
    """The accountability record of a case. Raises `WhosawError` where the journal's chain does not hold."""
    loaded = load_case(path, workspace=workspace)
    present = grounds(loaded, now=now)
    today = compared(present)
    opened = Workspace.open(workspace, key_file=key_file)
    try:
        entries = require_whole(opened.journal)
        found = decisions_of(opened, loaded.case.name)
        standing = {each.body.duty: each for each in found}  # under an empty name that about the scope itself
        changes = {
            name: changed_since(read_grounds(opened.files.read(file)), today, name or None)
            for name, each in standing.items()
            if (file := each.body.facts_file)
        }
    finally:
        opened.close()
    answers = answer_duties(loaded.law, loaded.case.facts, now=now)
    facts = loaded.case.facts
    own = {each.duty.of for each in answers if each.duty.audience != "itself" and _own(each, facts.roles)}
    made = sorted(facts.made, key=lambda each: (each.when.earliest, each.when.latest))
    rows = [
        replace(
            _row(name, answers, today, _decided(standing.get(name), changes.get(name, ())), made),
            would_change=would_change(name, loaded.law, facts, now=now) if name in standing else (),
        )
        for name in sorted(own | (standing.keys() - {""}))
    ]
    scope = facts.scope
    titles = {each.of: each.origin.title for each in loaded.law.duties.values()}
    return AccountabilityRecord(
        head=present.head,
        journal=JournalEnd(entries=entries, last_hash=found[-1].hash if found else None),
        record_duties=tuple(_asked(present)),
        duties=tuple(each for each in rows if each.owed in ("owed", "cannot tell") or each.standing.decision),
        scope_decision=_about_scope(standing.get(""), changes.get("", ()), present),
        decisions=_listed(found),
        statements=_statements(loaded),
        categories=tuple(
            CategoryAnswer(category=key, name=_named(key), answer=answer)
            for key, answer in sorted(scope.categories.items() if scope else ())
        ),
        event_words={each.kind: EVENTS[each.kind] for each in facts.events},
        made=tuple(
            MadeAct(
                duty=each.duty,
                title=titles[each.duty],
                when=each.when,
                scope=each.scope,
                source=each.source,
            )
            for each in facts.made
        ),
    )


def _asked(present: Grounds) -> Iterable[RecordDuty]:
    """The duties to keep such a record, with the contents that the law names."""
    for answer in present.duties:
        duty, origin = answer.duty, answer.duty.origin
        if duty.audience == "itself" and answer.reached and answer.may_be_owed:
            yield RecordDuty(
                id=origin.id,
                title=origin.title,
                recipient=duty.recipient,
                statute=origin.statute,
                article=origin.article,
                confidence=origin.confidence,
                unverified=dict(sorted(origin.unverified.items())),
                contents=duty.contents,
                clock=duty.clock,
            )


def _own(answer: DutyAnswer, roles: tuple[str, ...] | None) -> bool:
    """Whether it is for this organisation to decide: the duty of a processor is not for the controller."""
    return answer.duty.owed_by == "any" or roles is None or answer.duty.owed_by in roles


def _listed(found: Sequence[Decision]) -> tuple[Listed, ...]:
    names = {each.entry: each.body.id for each in found}
    after = {each.body.supersedes: each.body.id for each in found if each.body.supersedes}
    return tuple(
        Listed(
            decision=each,
            supersedes=names.get(each.body.supersedes) if each.body.supersedes else None,
            superseded_by=after.get(each.entry),
        )
        for each in found
    )


def _row(
    name: str, answers: Sequence[DutyAnswer], today: Compared, standing: Decided, made: Sequence[Made]
) -> DutyRow:
    family = [each for each in answers if each.duty.of == name]
    clocks = [run for each in family for run in each.clocks]
    late = [run for run in clocks if run.status in ("late", "overdue")]
    return DutyRow(
        duty=name,
        title=family[0].duty.origin.title if family else name,
        place=family[0].area.name if family else "",
        recipient=family[0].duty.recipient if family else "",
        items=tuple(
            DutyItem(
                id=origin.id, statute=origin.statute, article=origin.article, confidence=origin.confidence
            )
            for origin in (each.duty.origin for each in family)
        ),
        applies="met" if any(each.reached for each in family) else "undecided" if family else "not met",
        owed=today.family_owed(name),
        needs=tuple(sorted({need for each in family for need in each.owed.needs})),
        standing=standing,
        made=tuple(each.when for each in made if each.duty == name),
        clocks=len(clocks),
        late=tuple(f"{run.start.kind} as {run.start.claimed_by} claims: {run.sentence}" for run in late),
        late_explained=standing.decided == "late",
        late_needs_reasons=any(each.duty.late_needs_reasons for each in family),
    )


def _about_scope(decision: Decision | None, changes: tuple[Change, ...], present: Grounds) -> Decided:
    """Whether the newest scope version is held to be final. A closed version is one document, so only a newer one moves it."""
    newest = present.head.scope
    closed = decision.body.scope if decision is not None and not decision.body.facts_file else None
    if closed is not None and newest is not None and newest.version > closed.version:
        what = f"version {closed.version} was closed, version {newest.version} is known now"
        changes = (*changes, Change(code="scope-grew", what=what))
    return _decided(decision, changes)


def _decided(decision: Decision | None, changes: tuple[Change, ...]) -> Decided:
    if decision is None:
        return Decided(decision=None, decided=None, state="no decision on record", changes=changes)
    moved = any(each.matters for each in changes)
    return Decided(
        decision=decision.body.id,
        decided=decision.body.decision,
        state="decided on other facts" if moved else "decided on these facts",
        changes=changes,
    )


def _statements(loaded: LawCase) -> tuple[Said, ...]:
    """What the organisation says: the facts, effects and remedial action that a record must hold."""
    return tuple(
        Said(
            about=each.about,
            text=dict(sorted(each.texts.items())),
            when=each.when,
            said_by=each.said_by,
            source=each.source,
        )
        for each in loaded.case.account.statements
    )


def _named(category: str) -> str:
    """What people call a category; its key where the language has no word for it."""
    try:
        return load_language("en").category(category).name
    except WhosawError:
        return category


def write_record(record: AccountabilityRecord, files: Mapping[str, Path]) -> None:
    """Write the record as each kind in `files`: html, pdf or docx. All are made before the first is written."""
    from whosaw.report.decisions_draft import decisions_draft
    from whosaw.report.draft_docx import draft_docx
    from whosaw.report.draft_html import draft_html
    from whosaw.report.draft_pdf import draft_pdf
    from whosaw.store.files import write_atomically

    kinds = {"html": lambda draft: draft_html(draft).encode(), "pdf": draft_pdf, "docx": draft_docx}
    draft = decisions_draft(record)
    made = {path: kinds[kind](draft) for kind, path in files.items()}
    for path, data in made.items():
        write_atomically(path, data, mode=0o644)
