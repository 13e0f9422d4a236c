"""Runs the detectors over the ledger with the context folder, and makes findings fit to be stored and shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from whosaw.actors import (
    context_files,
    load_detectors,
    load_explanations,
)
from whosaw.actors.detectors import LEVELS
from whosaw.actors.ended import changed_since, explained_since
from whosaw.actors.sigma.rules_in_force import (
    keep_told,
    merged,
    sigma_notes,
    sigma_state,
)
from whosaw.core.document import document
from whosaw.core.finding import Finding
from whosaw.core.instants import parse_zone
from whosaw.core.stored_finding import read_finding
from whosaw.mapping.resolver import Resolver
from whosaw.packs.items import shipped
from whosaw.store.free_memory import looking_seldom
from whosaw.store.index.update import replace_index
from whosaw.store.journal import Journal
from whosaw.store.ledger import LedgerReader
from whosaw.store.live_files import files_in_force
from whosaw.store.repositories.finding_ids import EXPLAINED, GONE, Names, load_names
from whosaw.store.repositories.findings import replace_findings, stored_findings
from whosaw.store.sql import with_more_memory
from whosaw.store.workspace import Workspace

from .given import ContextFolder, DetectionSetup

if TYPE_CHECKING:
    from whosaw.app.building.step_tasks import Elsewhere

    from .found import Found

__all__ = [
    "ContextFolder",
    "DetectionSetup",
    "changed_since_detection",
    "check_context",
    "context_digest",
    "detect_all",
    "files_told",
    "found_by_another_program",
    "load_detection",
    "none_of",
    "zone_of_last_scan",
]

# Raised when a change of code gives other findings for the same ledger.
DETECTING = 20
_LEDGER = ("identities", "clients", "views")


@cache
def load_detection() -> DetectionSetup:
    """The shipped items without their cases, read once in a process; raises `FaultsError` with all faults."""
    explanations = load_explanations(cases=False)
    detectors = load_detectors(explanations, cases=False)
    items = [repr(each) for each in (*detectors.values(), *explanations.values())]
    digest = hashlib.sha256("\n".join(items).encode())
    return DetectionSetup(
        detectors=MappingProxyType(detectors),
        explanations=MappingProxyType(explanations),
        digest=digest.hexdigest(),
    )


def check_context(path: Path | None, zone: tzinfo | None, none: Sequence[str] = ()) -> ContextFolder:
    """Read the whole folder once, before anything is written; raises `FaultsError` with all its faults. `none`: tables that there are none of."""
    # of before: what is written meanwhile has another one
    digest = context_digest(path, none) if path is None or path.is_dir() else ""
    folder = ContextFolder(path=path, digest=digest, none=tuple(none))
    context = folder.read(lambda _kind, texts: pa.nulls(len(texts), pa.int64()), zone)
    rows = {name: each.rows.num_rows for name, each in context.tables.items() if each.files}
    return replace(folder, notes=context.notes, rows=rows)


def context_digest(path: Path | None, none: Sequence[str] = ()) -> str:
    """SHA-256 of the names and contents of all files that a context folder stands on, and of the tables that there are none of; changes with
    any of them."""
    if path is None and not none:
        return "none"
    digest = hashlib.sha256()
    for name, file in context_files(path) if path is not None else ():
        with file.open("rb") as opened:
            digest.update(f"{name}\0".encode() + hashlib.file_digest(opened, "sha256").digest())
    for name in sorted(none):
        digest.update(f"none of {name}\0".encode())
    return digest.hexdigest()


def none_of(journal: Journal) -> tuple[str, ...]:
    """Tables that there are none of, as the project of the last scan says."""
    return tuple(json.loads(journal.setting("context-none") or "[]"))


def zone_of_last_scan(journal: Journal) -> tzinfo | None:
    """The zone that the last scan read times without an offset in, those of the context among them; None where none was said."""
    begun = journal.entries("scan.begin")
    named = json.loads(begun[-1].body)["zone"] if begun else None
    return parse_zone(str(named)) if named else None


@looking_seldom()
def detect_all(
    workspace: Workspace,
    folder: ContextFolder,
    setup: DetectionSetup,
    zone: tzinfo | None,
    *,
    now: datetime,
    threads: int,
    memory_bytes: int,
    elsewhere: Elsewhere | None = None,
) -> tuple[list[Finding], tuple[str, ...]]:
    """Findings as they are stored, and what could not be told. Nothing is run again when nothing changed. Whoever looks for findings of a
    whole ledger, `scan` and `watch`, does it here, so that both give the same ones. `elsewhere`: executors that make days of steps."""
    journal = workspace.journal
    ledger = files_in_force(journal, _LEDGER)
    rules = sigma_state(workspace)
    facts = [_program(), ledger, folder.digest, setup.digest, str(zone)]
    state = hashlib.sha256(json.dumps(facts if rules is None else [*facts, rules]).encode()).hexdigest()
    known = journal.setting("detected")
    if known is not None and json.loads(known)["state"] == state:
        return stored_findings(journal), tuple(json.loads(known)["notes"])
    journal.create()  # a workspace of an earlier release has no table for names
    until = len(load_names(journal).by_id)

    def found(memory: int) -> Found:
        from .by_days import find_by_days  # all steps: a scan of nothing new does without them

        return find_by_days(
            workspace, folder, setup, zone, with_rules=rules is not None, now=now, threads=threads, memory_bytes=memory, elsewhere=elsewhere,
        )  # fmt: skip

    told = with_more_memory(found, memory_bytes)
    notes = (*folder.notes, *told.untold, *sigma_notes(told.sigma.told if told.sigma else None))
    reasons = _reasons(journal, facts, rules[0] if rules else None)
    while True:
        names = load_names(journal)
        given = names.give(told.findings, until=until)
        why: dict[str, tuple[str, Sequence[str]]] = {}
        if given.ended:
            changed = changed_since(known, reasons)
            explained = _explained(workspace, folder, setup, zone, names, given.ended)
            why = {each: (EXPLAINED if each in explained else GONE, changed) for each in given.ended}
        findings = merged(given.findings, (), LEVELS)
        files = {"answers": told.answers, **told.put(given.ids)}
        with journal.transaction() as connection:
            if load_names(journal, connection) != names:
                continue  # rounds of a watch named something since
            given.names.store(connection, names, now=now, why=why)
            body = {
                "state": state, "notes": list(notes), "usual": document(told.usual), "reasons": reasons,
                "files": sorted(name for its in files.values() for name in its),
            }  # fmt: skip
            journal.set_setting(connection, "detected", json.dumps(body))
            for kind, its in files.items():
                replace_index(connection, journal, kind, its)
            journal.set_setting(connection, "collapsed", json.dumps(sorted(told.classes.items())))
            journal.set_setting(connection, "plain-kinds", json.dumps(told.plain_kinds))
            keep_told(journal, connection, told.sigma.told if told.sigma else None)
            replace_findings(connection, findings, given.names)
        return findings, (*notes, *(_ended(each, *became) for each, became in why.items()))


def found_by_another_program(journal: Journal) -> bool:
    """Whether findings are kept that another version of detection made."""
    known = journal.setting("detected")
    return known is not None and json.loads(known).get("reasons", {}).get("the program") != _digest(
        _program()
    )


def files_told(journal: Journal) -> frozenset[str] | None:
    """The files of what the last run said of the whole ledger; None where an earlier release made that run."""
    known = journal.setting("detected")
    files = None if known is None else json.loads(known).get("files")
    return None if files is None else frozenset(files)


def changed_since_detection(
    journal: Journal, setup: DetectionSetup, context: str, zone: tzinfo | None
) -> tuple[str, ...] | None:
    """What changed since the findings that are kept were made, by the word for it; None where none were made. `context` is the digest
    of the context folder as it is now."""
    known = journal.setting("detected")
    if known is None:
        return None
    facts = [_program(), files_in_force(journal, _LEDGER), context, setup.digest, str(zone)]
    if "reasons" not in json.loads(known):  # by a release that did not keep them
        return ("the program",)
    return changed_since(known, _reasons(journal, facts, journal.setting("sigma") or None))


def _program() -> Any:
    """What of the program decides what is found: of steps the code that each reaches."""
    return [DETECTING, hashlib.sha256(shipped("steps.lock").read_bytes()).hexdigest()]


def _digest(told: Any) -> str:
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _ended(name: str, state: str, changed: Sequence[str]) -> str:
    """That something is found no longer, for the run that says so first."""
    what = "is explained now" if state == EXPLAINED else "is no longer found"
    since = f" (changed since the last run: {', '.join(changed)})" if changed else ""
    return f"{name} {what}{since}; `whosaw findings --explain {name}` shows what it was"


def _reasons(journal: Journal, facts: Sequence[Any], rules: str | None) -> dict[str, str]:
    """What findings follow from, by the word for it; each changes with what it stands for."""
    program, files, context, items, zone = facts
    told = {
        "the program": program, "the logs": files, "the map": journal.setting("map"),
        "the context": [context, zone], "the detectors": items, "the Sigma rules": rules,
    }  # fmt: skip
    return {word: _digest(each) for word, each in told.items()}


def _explained(
    workspace: Workspace, folder: ContextFolder, setup: DetectionSetup, zone: tzinfo | None, names: Names, ended: Sequence[str],
) -> set[str]:  # fmt: skip
    """Which of the ids that ended are of findings that the context explains now."""
    if folder.path is None and not folder.none:
        return set()
    found = {each: read_finding(body) for each in ended if (body := names.by_id[each].body) is not None}
    reader = LedgerReader(workspace)
    try:
        context = folder.read(Resolver(reader), zone)
        return explained_since(reader, context, setup.explanations, found)
    finally:
        reader.close()
