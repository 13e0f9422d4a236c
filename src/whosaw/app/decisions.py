"""`whosaw decisions`: every decision of a case as an accountability record, and the duties that have none, or one on other facts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from whosaw.core.draft import Draft
from whosaw.core.errors import WhosawError
from whosaw.law import DutyAnswer, Made, answer_duties
from whosaw.law.decision_grounds import changed_since, family_owed, owed_by_now
from whosaw.law.decision_journal import Decision, decisions_of, require_whole
from whosaw.law.facts import EVENTS
from whosaw.law.loaded_case import LawCase, case_head, load_case
from whosaw.packs.languages import load_language
from whosaw.store.workspace import Workspace

from .decide import grounds

__all__ = ["decisions", "record_draft", "write_record"]


def decisions(path: Path, *, workspace: Path, now: datetime, key_file: Path | None = None) -> dict[str, Any]:
    """The accountability record of a case as one document. Raises `WhosawError` where the journal's chain does not hold."""
    loaded = load_case(path, workspace=workspace)
    present = grounds(loaded, now=now)
    opened = Workspace.open(workspace, key_file=key_file)
    try:
        entries = require_whole(opened.journal)
        found = decisions_of(opened, loaded.case.name)
        standing = _standing(found)
        changes = {
            name: changed_since(json.loads(opened.files.read(each.body["facts_file"])), present, name or None)
            for name, each in standing.items()
            if each.body["facts_file"]
        }
    finally:
        opened.close()
    answers = answer_duties(loaded.law, loaded.case.facts, now=now)
    roles = loaded.case.facts.roles
    own = {each.duty.of for each in answers if each.duty.audience != "itself" and _own(each, roles)}
    families = sorted(own | (standing.keys() - {""}))
    made = sorted(loaded.case.facts.made, key=lambda each: (each.when.earliest, each.when.latest))
    rows = [
        _row(name, answers, present, standing.get(name), changes.get(name, []), made) for name in families
    ]
    return {
        **case_head(loaded, now=now, law_of=None),
        "journal": {"entries": entries, "last_hash": found[-1].hash if found else None},
        "record_duties": _asked(present),
        "duties": [each for each in rows if each["owed"] in ("owed", "cannot tell") or each["decision"]],
        "scope_decision": _about_scope(standing.get(""), changes.get("", []), present),
        "decisions": _listed(found),
        **_account(loaded),
    }


def _asked(present: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The duties to keep such a record, with the contents that the law names."""
    kept = ("id", "title", "recipient", "statute", "article", "confidence", "unverified", "contents", "clock")
    return [
        {key: each[key] for key in kept}
        for each in present["duties"]
        if each["audience"] == "itself"
        and each["applies"]["answer"] == "met"
        and each["owed"]["answer"] != "not owed"
    ]


def _own(answer: DutyAnswer, roles: tuple[str, ...] | None) -> bool:
    """Whether it is for this organisation to decide: the duty of a processor is not for the controller."""
    return answer.duty.owed_by == "any" or roles is None or answer.duty.owed_by in roles


def _standing(found: Iterable[Decision]) -> dict[str, Decision]:
    """The decision that stands for each duty; under an empty name that about the scope itself."""
    return {each.duty: each for each in found}


def _listed(found: Sequence[Decision]) -> list[dict[str, Any]]:
    names = {each.entry: each.body["id"] for each in found}
    after = {each.body["supersedes"]: each.body["id"] for each in found if each.body["supersedes"]}
    return [
        {
            **each.as_json(),
            "answers": [
                {**answer, "owed": owed_by_now(answer["owed"])} for answer in each.as_json()["answers"]
            ],
            "supersedes": names.get(each.body["supersedes"]),
            "superseded_by": after.get(each.entry),
        }
        for each in found
    ]


def _row(
    name: str,
    answers: Sequence[DutyAnswer],
    present: Mapping[str, Any],
    decision: Decision | None,
    changes: Sequence[Mapping[str, Any]],
    made: Sequence[Made],
) -> dict[str, Any]:
    family = [each for each in answers if each.duty.of == name]
    runs = [run for each in family for run in each.runs]
    late = [run for run in runs if run.status in ("late", "overdue")]
    return {
        "duty": name,
        "title": family[0].duty.origin.title if family else name,
        "place": family[0].area.name if family else "",
        "recipient": family[0].duty.recipient if family else "",
        "items": [
            {key: each.duty.origin.as_json()[key] for key in ("id", "statute", "article", "confidence")}
            for each in family
        ],
        "applies": "met"
        if any(each.applies.truth.value == "met" for each in family)
        else "undecided"
        if family
        else "not met",
        "owed": family_owed(present, name),
        "needs": sorted({need for each in family for need in each.owed.needs}),
        "decision": decision.body["id"] if decision else None,
        "decided": decision.body["decision"] if decision else None,
        "state": _state(decision, changes),
        "changes": list(changes),
        "made": [each.when.as_json() for each in made if each.duty == name],
        "clocks": len(runs),
        "late": [f"{run.start.kind} as {run.start.claimed_by} claims: {run.sentence}" for run in late],
        "late_explained": decision is not None and decision.body["decision"] == "late",
        "late_needs_reasons": any(each.duty.late_needs_reasons for each in family),
    }


def _about_scope(
    decision: Decision | None, changes: Sequence[Mapping[str, Any]], present: Mapping[str, Any]
) -> dict[str, Any]:
    """Whether the newest scope version is held to be final. A closed version is one document, so only a newer one moves it."""
    scope = present["head"]["scope"]
    moved = list(changes)
    if decision is not None and not decision.body["facts_file"] and scope is not None:
        version = decision.body["scope"]["version"]
        if scope["version"] > version:
            moved.append(
                {
                    "code": "scope-grew",
                    "what": f"version {version} was closed, version {scope['version']} is known now",
                    "matters": True,
                }
            )
    return {
        "decision": decision.body["id"] if decision else None,
        "decided": decision.body["decision"] if decision else None,
        "state": _state(decision, moved),
        "changes": moved,
    }


def _state(decision: Decision | None, changes: Iterable[Mapping[str, Any]]) -> str:
    if decision is None:
        return "no decision on record"
    return "decided on other facts" if any(each["matters"] for each in changes) else "decided on these facts"


def _account(loaded: LawCase) -> dict[str, Any]:
    """What the organisation says, and what was seen: the facts, effects and remedial action that a record must hold."""
    scope = loaded.case.facts.scope
    titles = {each.of: each.origin.title for each in loaded.law.duties.values()}
    return {
        "statements": [
            {
                "about": each.about,
                "text": dict(sorted(each.texts.items())),
                "when": each.when.as_json() if each.when else None,
                "said_by": each.said_by,
                "source": each.source,
            }
            for each in loaded.case.account.statements
        ],
        "categories": [
            {"category": key, "name": _named(key), "answer": answer}
            for key, answer in sorted(scope.categories.items() if scope else ())
        ],
        "event_words": {each.kind: EVENTS[each.kind] for each in loaded.case.facts.events},
        "made": [
            {
                "duty": each.duty,
                "title": titles[each.duty],
                "when": each.when.as_json(),
                "scope": each.scope,
                "source": each.source,
            }
            for each in loaded.case.facts.made
        ],
    }


def _named(category: str) -> str:
    """What people call a category; its key where the language has no word for it."""
    try:
        return load_language("en").category(category).name
    except WhosawError:
        return category


def record_draft(document: Mapping[str, Any]) -> Draft:
    """The record as a draft, for PDF and DOCX."""
    from whosaw.report.decisions_draft import decisions_draft

    return decisions_draft(document)


def write_record(document: Mapping[str, Any], files: Mapping[str, Path]) -> None:
    """Write the record as each kind in `files`: html, pdf or docx. All are made before the first is written."""
    from whosaw.report.draft_docx import draft_docx
    from whosaw.report.draft_html import draft_html
    from whosaw.report.draft_pdf import draft_pdf
    from whosaw.store.files import write_atomically

    kinds = {"html": lambda draft: draft_html(draft).encode(), "pdf": draft_pdf, "docx": draft_docx}
    draft = record_draft(document).as_json()
    made = {path: kinds[kind](draft) for kind, path in files.items()}
    for path, data in made.items():
        write_atomically(path, data, mode=0o644)
