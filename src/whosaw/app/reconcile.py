"""Holds a claim against the ledger: whom of these people did the actor of a case see, who else, through which routes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from whosaw.actors.subject_list import SubjectList, contact_form, read_subject_list
from whosaw.core.document import document, object_of
from whosaw.core.errors import WhosawError
from whosaw.mapping.drafts.field_hints import Hints, load_hints
from whosaw.mapping.resolver import Resolver
from whosaw.scope.claim import Claim, open_claim
from whosaw.scope.claim_answer import (
    ClaimGroups,
    SeenByOthers,
    claimed_routes,
    groups_of,
    notes_on_claim,
    outside,
    persons_of,
    seen_by_others,
)
from whosaw.scope.claim_fields import ClaimedField, cannot_know, field_answer
from whosaw.scope.claim_matching import Matched, Resolve, by_contact, match_rows, tally_columns
from whosaw.scope.claim_persons import Tally, choose_column, needed_for
from whosaw.store.cases import CaseStore
from whosaw.store.live_inputs import live_inputs
from whosaw.store.workspace import Workspace

from .questions import Ledger, shown_client

__all__ = ["reconcile"]

_CONTACTS = ("email", "phone")
# What people are called by in logs: a column of one of these may be the one that names them.
_IDENTIFIERS = ("identity.number", "identity.username", "contact.email", "contact.phone")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """The column with people in it, how it was found, and how its values lead to the ledger. `name` None: there is none."""

    name: str | None
    how: str  # named, found, by contact, none
    resolve: Resolve
    tallies: tuple[Tally, ...]
    times: tuple[str, ...]
    needs: tuple[str, ...] = ()

    @property
    def matched(self) -> bool:
        return self.name is not None and not self.needs


def reconcile(
    root: Path,
    case: str,
    file: Path,
    *,
    now: datetime,
    version: int | None = None,
    person: str | None = None,
    header: bool | None = None,
    encoding: str | None = None,
    context: Path | None = None,
    key_file: Path | None = None,
    samples: int = 10,
    reveal: bool = False,
    reason: str = "",
) -> dict[str, Any]:
    """The claim in `file` against a version of a case (the last one), as one JSON document.

    `person` names the column with people in it; without it, it is the one whose values the ledger knows. `context` is the
    folder with the list of known people, by default that of the last scan. Nothing of the claim is kept but its digest,
    which goes into the custody journal with what was found.
    """
    workspace = Workspace.open(root, key_file=key_file)
    try:
        store = CaseStore(workspace)
        version_document = store.get(case, version)
        sets = store.sets(case, version_document["version"])
        moved = (
            store.inputs(case, version_document["version"]).digest != live_inputs(workspace.journal).digest
        )
        hints = load_hints()
        claim = open_claim(
            file, header=header, encoding=encoding, known_name=lambda name: _known_name(hints, name)
        )
        folder = context or _last_context(workspace)
        people = read_subject_list(folder) if folder is not None else None
    except BaseException:
        workspace.close()
        raise
    ledger = Ledger(workspace, now=now, reveal=reveal, reason=reason)
    try:
        column = _column(claim, person, people, ledger, hints)
        matched = match_rows(claim, column.name, column.resolve, samples=samples)
        answer = _answer(ledger, claim, column, matched, version_document, sets, people, hints, samples)
        answer["notes"] = _notes(claim, version_document, folder, people, moved=moved)
        _keep(ledger, answer, now)
        return answer
    finally:
        ledger.close()


# -- whom the claim names


def _known_name(hints: Hints, name: str) -> bool:
    return hints.field_category(name) is not None or hints.subject_kind(name) is not None


def _naming(hints: Hints, name: str) -> tuple[bool, bool]:
    """Whether the name of a column says that it numbers people, and whether it says that it holds no identifier."""
    category = hints.field_category(name)
    if category is None:
        return hints.subject_kind(name) is not None, False
    return category == "identity.number", category not in _IDENTIFIERS


def _last_context(workspace: Workspace) -> Path | None:
    known = workspace.journal.setting("context")
    return Path(known) if known is not None and Path(known).is_dir() else None


def _column(
    claim: Claim, person: str | None, people: SubjectList | None, ledger: Ledger, hints: Hints
) -> _Column:
    resolver = Resolver(ledger.reader)

    def resolve(texts: pa.Array) -> pa.Array:
        return resolver("person", texts)

    if person is not None and person not in claim.columns:
        raise WhosawError(
            "claim.no-column",
            f"{claim.path.name} has no column {person!r}",
            hint=f"It has {', '.join(claim.columns)}",
        )
    tallies, times = tally_columns(claim, resolve, lambda name: _naming(hints, name))
    told: dict[str, Any] = {"tallies": tuple(tallies), "times": tuple(times)}
    chosen = (
        choose_column(tallies) if person is None else next((t for t in tallies if t.column == person), None)
    )
    if chosen is not None and (chosen.known or chosen.kind == "other"):
        return _Column(
            name=chosen.column, how="found" if person is None else "named", resolve=resolve, **told
        )
    strange = (
        [chosen] if chosen is not None else [each for each in tallies if each.kind != "other" or each.named]
    )
    if people is not None and people.contacts is not None:
        pairs = zip(people.contacts.to_pylist(), people.ids.to_pylist(), strict=True)
        contacts = {contact_form(contact): str(each) for contact, each in pairs if contact and each}
        through = by_contact(contacts, resolve, contact_form)
        for each in strange:
            if each.kind in _CONTACTS:
                again, _ = tally_columns(claim, through, lambda _: (False, False))
                if next(tally.known for tally in again if tally.column == each.column):
                    return _Column(name=each.column, how="by contact", resolve=through, **told)
    needs = tuple(needed_for(each.kind, each.column) for each in strange or tallies)
    return _Column(name=chosen.column if chosen else None, how="none", resolve=resolve, needs=needs, **told)


# -- what is said of them


def _answer(
    ledger: Ledger,
    claim: Claim,
    column: _Column,
    matched: Matched,
    version_document: dict[str, Any],
    sets: dict[str, BitMap],
    people: SubjectList | None,
    hints: Hints,
    samples: int,
) -> dict[str, Any]:
    others = seen_by_others(ledger.reader.session, outside(matched.claimed, sets))
    groups = groups_of(matched.claimed, sets, others.persons)
    fields = [
        ClaimedField(
            column=name,
            category=hints.field_category(name),
            rows=matched.filled_rows[name],
            persons=matched.filled_persons[name],
            is_person=column.matched and name == column.name,
        )
        for name in claim.columns
    ]
    can_tell = column.matched
    return {
        "case": version_document["case"],
        "version": version_document["version"],
        "answer": "matched" if can_tell else "cannot tell",
        "needs": list(column.needs),
        "file": {
            "name": claim.path.name,
            "sha256": claim.digest,
            "bytes": claim.size,
            "form": claim.form,
            "header": claim.header,
            "columns": list(claim.columns),
        },
        "rows": {
            "read": matched.rows,
            "lines_not_read": claim.unread,
            "first_lines_not_read": claim.unread_lines,
            "repeated": matched.repeated_rows,
            "without_person": matched.without_person if can_tell else None,
        },
        "person_column": {
            "name": column.name,
            "how": column.how,
            "columns": [each.as_json() for each in column.tallies],
        },
        "persons": document(persons_of(matched, groups, _on_list(people, matched, column)))
        if can_tell
        else None,
        "others": _others(ledger, others, samples) if can_tell else None,
        "routes": document(
            claimed_routes(
                version_document, sets, groups.held, ledger.reader.routes.values(), can_tell=can_tell
            )
        ),
        "fields": [field_answer(each, version_document, sets, matched=can_tell) for each in fields],
        "missing": {"held": len(groups.missing), "possible": len(groups.missing_possible)}
        if can_tell
        else None,
        "cannot_know": cannot_know(
            document=version_document,
            claimed=len(matched.claimed) + matched.unknown,
            missing=len(groups.missing) if can_tell else 0,
            unknown=matched.unknown if can_tell else 0,
            times=[name for name in column.times if hints.field_category(name) is None],
            no_category=[
                each.column
                for each in fields
                if each.category is None and not each.is_person and each.column not in column.times
            ],
        ),
        "sample": _sample(ledger, groups, matched, samples) if can_tell else {},
    }


def _on_list(people: SubjectList | None, matched: Matched, column: _Column) -> int | None:
    """How many of the values that the ledger does not know stand on the list of known people; None without one."""
    if people is None:
        return None
    if column.how == "by contact":
        if people.contacts is None:
            return None
        listed = {contact_form(each) for each in people.contacts.to_pylist() if each}
        return sum(contact_form(each) in listed for each in matched.unknown_values)
    asked = pa.array(matched.unknown_values, pa.string())
    return int(pc.sum(pc.is_in(asked, value_set=people.ids.drop_null())).as_py() or 0)


def _others(ledger: Ledger, others: SeenByOthers, most: int) -> dict[str, Any]:
    first = others.clients.slice(0, most).to_pylist()
    rows = {row.number: row for row in ledger.reader.clients([each["client"] for each in first])}
    shown = ledger.show([], rows.values())
    return {
        "persons": document(others.by_person),
        "clients": others.clients.num_rows,
        "first_clients": [
            {**each, "client": object_of(shown_client(rows[each["client"]], shown))} for each in first
        ],
    }  # fmt: skip


def _sample(
    ledger: Ledger, groups: ClaimGroups, matched: Matched, size: int
) -> dict[str, list[dict[str, str | None]]]:
    """The first of each group by number; of values that the ledger does not know, the masks alone."""
    chosen = {name: list(persons[:size]) for name, persons in groups.named().items() if persons}
    everybody = sorted({each for persons in chosen.values() for each in persons})
    shown = ledger.show(everybody, []).persons if everybody else {}
    out: dict[str, list[dict[str, str | None]]] = {
        name: [{"number": f"p{each}", "shown": shown.get(each, "***")} for each in persons]
        for name, persons in chosen.items()
    }
    if matched.unknown_shown:
        out["unknown"] = [{"number": None, "shown": each} for each in matched.unknown_shown]
    return out


def _notes(
    claim: Claim,
    version_document: dict[str, Any],
    folder: Path | None,
    people: SubjectList | None,
    *,
    moved: bool,
) -> list[str]:
    notes = notes_on_claim(claim)
    if people is None:
        notes.append(
            "no list of known people (subjects) was given, so it cannot be told whether unknown ones exist"
            if folder is not None
            else "no context folder, so no list of known people"
        )
    if moved:
        notes.append(
            f"the ledger changed since version {version_document['version']} was made; `whosaw scope new` counts again"
        )
    return notes


def _keep(ledger: Ledger, answer: dict[str, Any], now: datetime) -> None:
    """What was asked and answered goes into the custody journal, without any name."""
    body = {
        "case": answer["case"],
        "version": answer["version"],
        "file": {name: answer["file"][name] for name in ("sha256", "bytes")},
        "answer": answer["answer"],
        "rows": answer["rows"]["read"],
        "persons": answer["persons"],
        "missing": answer["missing"],
    }
    journal = ledger.workspace.journal
    with journal.transaction() as connection:
        journal.record(connection, "reconciled", body, now=now)
