"""Who gets which notice: lists of identifiers by group, out of the vault, on record before they are there."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pyroaring import BitMap

from whosaw.app.asking.looks import require_reason
from whosaw.app.asking.questions import Ledger
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.app.gating.two import second_person
from whosaw.core.document import document
from whosaw.core.errors import WhosawError
from whosaw.law.drafting.notice_groups import Group
from whosaw.store.files import held_back
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.workspace import Workspace

from .notices import NoticePlan, RecipientList

__all__ = ["members_of", "write_recipients"]

_AT_ONCE: Final = 1_000_000
_DIALLED: Final = frozenset("0123456789 .-()")
_NO_LIST: Final = "the ledger cannot name them: take them from the address books and orders of the accounts in the other lists"
Sets = Mapping[str, BitMap]


@asks(Verb.EXPORT, "recipients of notices", root="workspace")
def write_recipients(
    plan: NoticePlan,
    folder: Path,
    *,
    workspace: Path,
    reason: str,
    now: datetime,
    key_file: Path | None = None,
) -> list[RecipientList]:
    """One CSV file of kind and id for each group, in the order of ledger numbers. Returns per group file, rows and SHA-256, or
    why there is no list.

    The look goes into the custody journal first, then what was given out, then the files get their names. Raises `WhosawError`
    where no reason is given, where the scope is no version of this workspace, and where a group is not as large as the scope says.
    """
    require_reason(reason)
    opened = Workspace.open(workspace, key_file=key_file)
    try:
        members = members_of(plan, CaseStore(opened))
    except BaseException:
        opened.close()
        raise
    ledger = Ledger(opened, now=now, reveal=True, reason=reason)
    try:
        return _write(plan, folder, ledger, members, reason=reason, now=now)
    finally:
        ledger.close()


def _write(
    plan: NoticePlan,
    folder: Path,
    ledger: Ledger,
    members: Mapping[str, BitMap],
    *,
    reason: str,
    now: datetime,
) -> list[RecipientList]:
    everybody = BitMap()
    for each in members.values():
        everybody |= each
    second_person(
        ledger.workspace.journal,
        "export",
        "notice recipients",
        {"case": plan.scope["case"], "version": plan.scope["version"], "groups": sorted(members)},
        persons=len(everybody),
        reason=reason,
        now=now,
    )
    look = ledger.put_on_record({"person": everybody}, what="notice recipients")
    told: list[RecipientList] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise WhosawError(
            "export.write-failed",
            f"{folder} could not be made ({fault.strerror})",
            hint="Choose another folder with --recipients",
        ) from fault
    with ExitStack() as stack:
        for group in plan.groups:
            if group.id not in members:
                told.append(RecipientList(group=group.id, why=_NO_LIST))
                continue
            output = folder / f"{plan.scope['case']}-{plan.scope['version']}-recipients-{group.id}.csv"
            digest = stack.enter_context(
                held_back(output, _data(ledger, members[group.id]), code="export.write-failed")
            )
            told.append(
                RecipientList(group=group.id, file=str(output), rows=len(members[group.id]), sha256=digest)
            )
        journal = ledger.workspace.journal
        body = {
            "what": "notice recipients",
            "look": look,
            "reason": reason.strip(),
            "case": plan.scope["case"],
            "version": plan.scope["version"],
            "since": None if plan.since is None else plan.since["version"],
            "lists": document(told),
        }
        with journal.transaction() as connection:
            journal.record(connection, "exported", body, now=now)
    return told


def _data(ledger: Ledger, members: BitMap) -> Iterator[bytes]:
    return (row.encode("utf-8", "backslashreplace") for row in _rows(ledger, members))


def _rows(ledger: Ledger, members: BitMap) -> Iterator[str]:
    """The list as CSV (RFC 4180), header first. Nobody is left out silently: a number without an identifier is an error."""
    yield "kind,id\r\n"
    numbers = list(members)
    for start in range(0, len(numbers), _AT_ONCE):
        part = numbers[start : start + _AT_ONCE]
        raw = ledger.raw("person", part)
        if len(raw) != len(part) and not ledger.workspace.vault.erased.of("person"):
            raise WhosawError(
                "notice.unnamed",
                f"{len(part) - len(raw):,} people of this scope have no identifier in the vault",
                hint="Restore the workspace from a backup; no list was written",
            )
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\r\n")
        for number in part:
            kind, _, id_ = raw.get(number, f"erased\x1fp{number}").partition("\x1f")
            writer.writerow((kind, _disarmed(id_)))
        yield buffer.getvalue()


def _disarmed(id_: str) -> str:
    """A spreadsheet would take an id that begins like this for a formula. A telephone number such as +82-10... stays as it is."""
    risky = id_[:1] in ("=", "@", "\t", "\r", "\n") or (
        id_[:1] in ("+", "-") and not set(id_[1:]) <= _DIALLED
    )
    return f"'{id_}" if risky and len(id_) > 1 else id_


def members_of(plan: NoticePlan, store: CaseStore) -> dict[str, BitMap]:
    """Ledger numbers by group, each as many as the scope says."""
    sets = _sets(store, plan.scope)
    then = None if plan.since is None else _sets(store, plan.since)
    told_possible = [_sets(store, each) for each in plan.told_possible]
    found: dict[str, BitMap] = {}
    for group in plan.groups:
        persons = _group(group, plan.every_group, sets, told_possible)
        if persons is None:
            continue
        if group.kind == "seen" and len(persons) != group.accounts[0]:
            raise WhosawError(
                "notice.recipients-differ",
                f"group {group.id} has {group.accounts[0]:,} accounts in the scope and {len(persons):,} in its sets",
                hint="The workspace is not as it was when the version was made; restore it from a backup",
            )
        found[group.id] = persons if then is None else persons - _told_then(group, then)
    return found


def _sets(store: CaseStore, scope: Mapping[str, Any]) -> Sets:
    """The sets of a version, where the document is the one that this workspace keeps."""
    case, version = str(scope["case"]), int(scope["version"])
    if case not in store.cases() or json.loads(store.text(case, version)) != scope:
        raise WhosawError(
            "notice.not-here",
            f"scope version {version} of {case} is a file and not a version of this workspace, so nobody can be listed",
            hint="Name the version in the case file with version = N, and the workspace with --workspace",
        )
    return store.sets(case, version)


def _group(group: Group, groups: Sequence[Group], sets: Sets, told_possible: Sequence[Sets]) -> BitMap | None:
    held, possible = sets["held"], sets["possible"]
    if group.kind == "seen":
        return _exactly(group.categories, sets)
    if group.kind == "rest":
        left = BitMap(held)
        for each in groups:
            if each.kind == "seen":
                left -= _exactly(each.categories, sets)
        return left
    if group.kind == "possible":
        return BitMap(possible)
    if group.kind == "cleared":
        told = BitMap()
        for then in told_possible:
            told |= then["possible"]
        return told - held - possible
    return None


def _exactly(categories: Sequence[str], sets: Sets) -> BitMap:
    """Held people of whom all of these were seen, and nothing else."""
    found = BitMap(sets["held"])
    for name, persons in sets.items():
        if name.startswith("category:"):
            found = found & persons if name.removeprefix("category:") in categories else found - persons
    return found


def _told_then(group: Group, then: Sets) -> BitMap:
    """Whom an earlier version held already, with all that is to be said of them now."""
    if group.kind == "possible":
        return then["held"] | then["possible"]
    if group.kind == "cleared":
        return BitMap()
    told = BitMap(then["held"])
    for each in group.categories:
        told &= then.get(f"category:{each}", BitMap())
    return told
