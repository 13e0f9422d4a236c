"""Holds a claim against the ledger: whom of these people did the actor of a case see, who else, through which routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from whosaw.actors.subject_list import SubjectList, contact_form, read_subject_list
from whosaw.app.asking.answers import ShownClient, ShownPerson
from whosaw.app.asking.questions import Ledger, shown_client, shown_person
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.document import document
from whosaw.core.errors import WhosawError
from whosaw.core.scope_version import ScopeVersion
from whosaw.mapping.drafts.field_hints import Hints, load_hints
from whosaw.mapping.resolver import Resolver
from whosaw.scope.claim.answer import (
    ClaimedPersons,
    ClaimedRoute,
    ClaimGroups,
    OtherAnswers,
    SeenByOthers,
    claimed_routes,
    groups_of,
    notes_on_claim,
    outside,
    persons_of,
    seen_by_others,
)
from whosaw.scope.claim.fields import ClaimedField, FieldAnswer, Unknowable, cannot_know, field_answer
from whosaw.scope.claim.file import Claim, open_claim
from whosaw.scope.claim.matching import Matched, Resolve, by_contact, match_rows, tally_columns
from whosaw.scope.claim.person_column import Tally, choose_column, needed_for
from whosaw.store.live_inputs import live_inputs
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.workspace import Workspace

__all__ = ["Reconciled", "UnknownPerson", "reconcile"]

_CONTACTS = ("email", "phone")
# What people are called by in logs: a column of one of these may be the one that names them.
_IDENTIFIERS = ("identity.number", "identity.username", "contact.email", "contact.phone")


How = Literal["named", "found", "by contact", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedFile:
    """The file that was held against the ledger."""

    name: str
    sha256: str
    bytes: int
    form: str
    header: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedRows:
    """Its rows. `without_person` is None where it is not known who is a person in it."""

    read: int
    lines_not_read: int
    first_lines_not_read: tuple[int, ...]
    repeated: int
    without_person: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonColumn:
    """The column with people in it, how it was found, and what was seen of each column."""

    name: str | None
    how: How
    columns: tuple[Tally, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherClient:
    """A client that saw people of the claim whom the actor did not see, by how its views are explained."""

    client: ShownClient
    persons: int
    explained: int
    unexplained: int
    cannot_tell: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenByOthersOnly:
    """People of the claim whom others saw and the actor did not, and by how many clients."""

    persons: OtherAnswers
    clients: int
    first_clients: tuple[OtherClient, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownPerson:
    """A value that the ledger does not know, masked."""

    number: None = None
    shown: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotInClaim:
    """People of the scope whom the claim does not name."""

    held: int
    possible: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What a claim and the ledger say of each other. What needs the people of the claim is None where it cannot be told who they are;
    `needs` says what for."""

    case: str
    version: int
    answer: Literal["matched", "cannot tell"]
    needs: tuple[str, ...]
    file: ClaimedFile
    rows: ClaimedRows
    person_column: PersonColumn
    persons: ClaimedPersons | None
    others: SeenByOthersOnly | None
    routes: tuple[ClaimedRoute, ...]
    fields: tuple[FieldAnswer, ...]
    missing: NotInClaim | None
    cannot_know: tuple[Unknowable, ...]
    notes: tuple[str, ...]
    sample: Mapping[str, Sequence[ShownPerson | UnknownPerson]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """The column with people in it, how it was found, and how its values lead to the ledger. `name` None: there is none."""

    name: str | None
    how: How
    resolve: Resolve
    tallies: tuple[Tally, ...]
    times: tuple[str, ...]
    needs: tuple[str, ...] = ()

    @property
    def matched(self) -> bool:
        return self.name is not None and not self.needs


@asks(Verb.COUNT_CASE, "claim against a case")
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
) -> Reconciled:
    """The claim in `file` against a version of a case (the last one).

    `person` names the column with people in it; without it, it is the one whose values the ledger knows. `context` is the
    folder with the list of known people, by default that of the last scan. Nothing of the claim is kept but its digest,
    which goes into the custody journal with what was found.
    """
    workspace = Workspace.open(root, key_file=key_file)
    try:
        store = CaseStore(workspace)
        counted = store.get(case, version)
        sets = store.sets(case, counted.version)
        moved = store.inputs(case, counted.version).digest != live_inputs(workspace.journal).digest
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
        notes = _notes(claim, counted, folder, people, moved=moved)
        answer = _answer(ledger, claim, column, matched, counted, sets, people, hints, samples, notes)
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
    told = partial(_Column, resolve=resolve, tallies=tuple(tallies), times=tuple(times))
    chosen = (
        choose_column(tallies) if person is None else next((t for t in tallies if t.column == person), None)
    )
    if chosen is not None and (chosen.known or chosen.kind == "other"):
        return told(name=chosen.column, how="found" if person is None else "named")
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
                    return told(name=each.column, how="by contact", resolve=through)
    needs = tuple(needed_for(each.kind, each.column) for each in strange or tallies)
    return told(name=chosen.column if chosen else None, how="none", needs=needs)


# -- what is said of them


def _answer(
    ledger: Ledger,
    claim: Claim,
    column: _Column,
    matched: Matched,
    counted: ScopeVersion,
    sets: dict[str, BitMap],
    people: SubjectList | None,
    hints: Hints,
    samples: int,
    notes: tuple[str, ...],
) -> Reconciled:
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
    routes = ((each["id"], frozenset(each["categories"])) for each in ledger.reader.routes.values())
    return Reconciled(
        case=counted.case,
        version=counted.version,
        answer="matched" if can_tell else "cannot tell",
        needs=column.needs,
        file=ClaimedFile(
            name=claim.path.name,
            sha256=claim.digest,
            bytes=claim.size,
            form=claim.form,
            header=claim.header,
            columns=tuple(claim.columns),
        ),
        rows=ClaimedRows(
            read=matched.rows,
            lines_not_read=claim.unread,
            first_lines_not_read=tuple(claim.unread_lines),
            repeated=matched.repeated_rows,
            without_person=matched.without_person if can_tell else None,
        ),
        person_column=PersonColumn(name=column.name, how=column.how, columns=column.tallies),
        persons=persons_of(matched, groups, _on_list(people, matched, column)) if can_tell else None,
        others=_others(ledger, others, samples) if can_tell else None,
        routes=tuple(claimed_routes(counted, sets, groups.held, routes, can_tell=can_tell)),
        fields=tuple(field_answer(each, counted, sets, matched=can_tell) for each in fields),
        missing=NotInClaim(held=len(groups.missing), possible=len(groups.missing_possible))
        if can_tell
        else None,
        cannot_know=cannot_know(
            version=counted,
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
        notes=notes,
        sample=_sample(ledger, groups, matched, samples) if can_tell else {},
    )


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


def _others(ledger: Ledger, others: SeenByOthers, most: int) -> SeenByOthersOnly:
    first = others.clients.slice(0, most).to_pylist()
    rows = {row.number: row for row in ledger.reader.clients([each["client"] for each in first])}
    shown = ledger.show([], rows.values())
    return SeenByOthersOnly(
        persons=others.by_person,
        clients=others.clients.num_rows,
        first_clients=tuple(
            OtherClient(
                client=shown_client(rows[each["client"]], shown),
                persons=each["persons"],
                explained=each["explained"],
                unexplained=each["unexplained"],
                cannot_tell=each["cannot_tell"],
            )
            for each in first
        ),
    )


def _sample(
    ledger: Ledger, groups: ClaimGroups, matched: Matched, size: int
) -> dict[str, list[ShownPerson | UnknownPerson]]:
    """The first of each group by number; of values that the ledger does not know, the masks alone."""
    chosen = {name: list(persons[:size]) for name, persons in groups.named().items() if persons}
    everybody = sorted({each for persons in chosen.values() for each in persons})
    out: dict[str, list[ShownPerson | UnknownPerson]] = {name: [] for name in chosen}
    if everybody:
        shown = ledger.show(everybody, [])
        out |= {name: [shown_person(each, shown) for each in persons] for name, persons in chosen.items()}
    if matched.unknown_shown:
        out["unknown"] = [UnknownPerson(shown=each) for each in matched.unknown_shown]
    return out


def _notes(
    claim: Claim,
    counted: ScopeVersion,
    folder: Path | None,
    people: SubjectList | None,
    *,
    moved: bool,
) -> tuple[str, ...]:
    notes = notes_on_claim(claim)
    if people is None:
        notes.append(
            "no list of known people (subjects) was given, so it cannot be told whether unknown ones exist"
            if folder is not None
            else "no context folder, so no list of known people"
        )
    if moved:
        notes.append(
            f"the ledger changed since version {counted.version} was made; `whosaw scope new` counts again"
        )
    return tuple(notes)


def _keep(ledger: Ledger, answer: Reconciled, now: datetime) -> None:
    """What was asked and answered goes into the custody journal, without any name."""
    body = {
        "case": answer.case,
        "version": answer.version,
        "file": {"sha256": answer.file.sha256, "bytes": answer.file.bytes},
        "answer": answer.answer,
        "rows": answer.rows.read,
        "persons": document(answer.persons),
        "missing": document(answer.missing),
    }
    journal = ledger.workspace.journal
    with journal.transaction() as connection:
        journal.record(connection, "reconciled", body, now=now)
