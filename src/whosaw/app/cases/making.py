"""Makes a version of a case: from clues to the actor, its counts, and a document that stays."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Protocol

from pyroaring import BitMap

from whosaw.actors import Context, asks_no_table, load_context, proves_all
from whosaw.app.asking.identifiers import plain_indicator
from whosaw.app.findings.detection import (
    DETECTING,
    DetectionSetup,
    check_context,
    context_digest,
    detect_all,
    found_by_another_program,
    load_detection,
    none_of,
    zone_of_last_scan,
)
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.app.runners.session import LOCAL, Cluster, open_cluster, shown
from whosaw.app.view_parts.cut import cut_views
from whosaw.app.view_parts.threads import ThreadHands
from whosaw.core.canonical_json import canonical_json
from whosaw.core.document import JsonObject, document
from whosaw.core.errors import WhosawError
from whosaw.core.finding import Became, Finding
from whosaw.core.scope_version import ScopeInputs, ScopeVersion
from whosaw.mapping.collapsed import kept_classes, narrowed, saved
from whosaw.mapping.data_map import load_map
from whosaw.mapping.resolver import Resolver
from whosaw.scope.basis import Basis, prepare
from whosaw.scope.closed import Closure
from whosaw.scope.closure import close_prepared
from whosaw.scope.counting.count import Counted, count
from whosaw.scope.hands import Hands
from whosaw.scope.link_item import Link, load_links
from whosaw.scope.record import Record, logins_table
from whosaw.scope.resolve_clues import resolve_clues
from whosaw.scope.versions.document import document_text
from whosaw.store.identifiers import places_by_number
from whosaw.store.journal import Journal
from whosaw.store.ledger import LedgerReader
from whosaw.store.live_inputs import LiveInputs, open_steady
from whosaw.store.repositories.cases import CaseStore, bitmap_bytes, check_name
from whosaw.store.repositories.findings import asked_ids, stored_findings
from whosaw.store.repositories.segments import span_of_ledger
from whosaw.store.spool import Spool
from whosaw.store.sql import Session
from whosaw.store.workspace import Workspace

from .facts import scope_facts
from .undecided import undecided_answers

__all__ = [
    "NewVersion",
    "close_actor",
    "context_of",
    "count_findings",
    "make_version",
    "members_of",
    "prepare_actors",
    "without_spellings",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """A version that was just made. `asked` says what became of the ids in its clues that are no finding's own any more; `runner` who went
    through the views."""

    version: ScopeVersion
    asked: Sequence[Became]
    runner: str = LOCAL

    def as_json(self) -> JsonObject:
        told = self.version.as_json()
        asked = {"asked": document(self.asked)} if self.asked else {}
        return {**told, **asked, **({} if self.runner == LOCAL else {"runner": self.runner})}


@asks(Verb.COUNT_CASE, "new version of a case")
def make_version(
    root: Path,
    case: str,
    *,
    findings: Sequence[str] = (),
    indicators: Sequence[str] = (),
    every: bool = False,
    context: Path | None = None,
    zone: tzinfo | None = None,
    now: datetime,
    key_file: Path | None = None,
    threads: int = 2,
    memory_bytes: int = 2 << 30,
    runner: str = LOCAL,
) -> NewVersion:
    """Add a version to `case` and return it. `indicators` are KIND=VALUE; without `context` the folder of the last
    scan is taken. What another program version found is looked for anew first, in the ledger alone: what its findings rest on may
    be kept in another way. `runner` goes through the views: so many threads, or the executors of a cluster, with the same outcome. Raises
    `WhosawError` where a clue leads nowhere or to several parties, and where there is no such runner."""
    check_name(case)
    cluster, workspace = open_cluster(runner), None
    try:
        links, setup = load_links(), load_detection()
        workspace = Workspace.open(root, key_file=key_file)
        if found_by_another_program(workspace.journal):
            with workspace.writing():
                folder_of = check_context(
                    _context_folder(workspace, context), zone, none_of(workspace.journal)
                )
                detect_all(
                    workspace, folder_of, setup, zone, now=now, threads=threads, memory_bytes=memory_bytes
                )
        reader, inputs = open_steady(workspace, threads=threads, memory_bytes=memory_bytes)
        try:
            folder, given = context_of(workspace, reader, context, zone)
            hands = _hands(cluster, reader, threads)
            reader.session.hold(hands)
            closure = close_actor(
                reader,
                given,
                setup,
                links,
                findings=findings,
                indicators=indicators,
                every=every,
                hands=hands,
            )
            counted = _counted(workspace, reader, closure, given, hands)
            text = document_text(
                case,
                closure,
                counted,
                inputs=_inputs(workspace, inputs, folder, setup, links),
                members=members_of(reader.session, counted.persons),
            )
        finally:
            reader.close()
        store = CaseStore(workspace)
        version = store.add(text, counted.persons, now=now, inputs=inputs)
        return NewVersion(
            version=store.get(case, version),
            asked=asked_ids(workspace.journal, findings),
            runner=shown(runner),
        )
    finally:
        cluster.close()
        if workspace is not None:
            workspace.close()


class _Held(Hands, Protocol):
    """Hands that are let go of."""

    def close(self) -> None: ...


def _hands(cluster: Cluster, reader: LedgerReader, threads: int) -> _Held:
    """Whoever goes through the views of the ledger. They go with its session."""
    parts, spool = cut_views(reader), Spool(reader.workspace.spill)
    if cluster.session is None:
        return ThreadHands(reader.workspace.files, parts, spool, threads=threads)
    from whosaw.app.runners.scopes import ScopeHands

    return ScopeHands(cluster, reader.workspace.root, parts, spool)


def close_actor(
    reader: LedgerReader,
    context: Context,
    setup: DetectionSetup,
    links: Mapping[str, Link],
    *,
    findings: Sequence[str] = (),
    indicators: Sequence[str] = (),
    every: bool = False,
    hands: Hands | None = None,
) -> Closure:
    """The actor behind findings and indicators, with its views in the reader's session. `hands` go through the views of the ledger."""
    _check_detected(reader)
    clues = resolve_clues(reader, findings, [plain_indicator(reader, each) for each in indicators])
    basis = prepare_actors(reader, context, setup, links)
    return close_prepared(reader.session, clues, basis, every=every, hands=hands)


def count_findings(workspace: Workspace, reader: LedgerReader, findings: Sequence[str]) -> Counted:
    """What everybody behind `findings` saw, as a version of a case counts it with the context of the last scan. Nothing is
    written."""
    _, given = context_of(workspace, reader, None, None)
    closure = close_actor(reader, given, load_detection(), load_links(), findings=findings, every=True)
    return _counted(workspace, reader, closure, given)


def _counted(
    workspace: Workspace, reader: LedgerReader, closure: Closure, given: Context, hands: Hands | None = None
) -> Counted:
    counted = count(reader.session, closure, scope_facts(workspace, reader, given), hands)
    return without_spellings(counted, workspace.journal)


def prepare_actors(
    reader: LedgerReader, context: Context, setup: DetectionSetup, links: Mapping[str, Link]
) -> Basis:
    """The part of a scope that does not depend on a clue, in the reader's session."""
    _check_detected(reader)
    journal = reader.workspace.journal
    findings = stored_findings(journal)
    first, last = span_of_ledger(journal)
    undecided = undecided_answers(reader.session, context, setup.explanations)
    by_tickets = {each for each, detector in setup.detectors.items() if "tickets" in detector.needs}
    record = Record(
        given=bool(context.tables),
        told=undecided.told,
        desk=undecided.desk,
        by_tickets=frozenset(each.id for each in findings if not by_tickets.isdisjoint(_detectors(each))),
        proven={each.id: _proven(each, setup) for each in findings},
        unasked=frozenset(each.id for each in findings if _unasked(each, setup)),
        named=frozenset(each.id for each in findings if _named(each)),
        signs={each.id: _detectors(each) for each in findings},
        logins=logins_table(context.rows("logins")),
        logs_from=first,
        logs_until=last,
        order=partial(places_by_number, reader),
    )
    return prepare(reader.session, links, record)


def _check_detected(reader: LedgerReader) -> None:
    if reader.workspace.journal.setting("detected") is None:
        raise WhosawError(
            "scope.not-detected",
            "findings were never looked for in this ledger",
            hint="Run `whosaw scan PATH` to its end",
        )


def _proven(finding: Finding, setup: DetectionSetup) -> bool:
    """Whether each detector behind a finding proves all that it counts. Else `proofs` in the ledger says which views are proven."""
    return all(each in setup.detectors and proves_all(setup.detectors[each]) for each in _detectors(finding))


def _unasked(finding: Finding, setup: DetectionSetup) -> bool:
    """Whether any detector behind a finding asks no table whom to flag."""
    return any(
        each in setup.detectors and asks_no_table(setup.detectors[each]) for each in _detectors(finding)
    )


def _named(finding: Finding) -> bool:
    """Whether each threshold was reached by a name in the log."""
    return all("principal" in each.by for each in (finding.actor, *(one.actor for one in finding.crossings)))


def _detectors(finding: Finding) -> frozenset[str]:
    return frozenset(each.detector for each in finding.crossings) or frozenset((finding.detector,))


def context_of(
    workspace: Workspace, reader: LedgerReader, path: Path | None, zone: tzinfo | None
) -> tuple[str, Context]:
    """The digest of the context folder, and what it holds."""
    folder, none = _context_folder(workspace, path), none_of(workspace.journal)
    zone = zone or zone_of_last_scan(workspace.journal)
    if folder is None and not none:
        return "none", Context.none()
    return context_digest(folder, none), load_context(folder, Resolver(reader), zone=zone, none=none)


def _context_folder(workspace: Workspace, path: Path | None) -> Path | None:
    """The context folder that is named, else that of the last scan."""
    known = workspace.journal.setting("context")
    folder = path or (Path(known) if known is not None else None)
    if folder is not None and not folder.is_dir():
        raise WhosawError(
            "context.gone",
            f"the context folder {folder} of the last scan is gone",
            hint="Name one with --context",
        )
    return folder


def _inputs(
    workspace: Workspace, inputs: LiveInputs, context: str, setup: DetectionSetup, links: Mapping[str, Link]
) -> ScopeInputs:
    items = [
        repr(each) for each in (*setup.detectors.values(), *setup.explanations.values(), *links.values())
    ]
    known = workspace.journal.setting("map")
    return ScopeInputs(
        segments=inputs.digest,
        contents=inputs.contents,
        map="none" if known is None else load_map(workspace.files.path(known)).digest,
        context=context,
        items=hashlib.sha256(json.dumps(items).encode()).hexdigest(),
        detecting=DETECTING,
    )


def members_of(session: Session, persons: Mapping[str, BitMap]) -> str:
    """One value that is the same for two scopes of one ledger with the same views and persons."""
    lines = session.query(
        "SELECT held, count(*) AS views, sum((line * 1000003 + content * 7919) % 2305843009213693951)::VARCHAR AS lines, "
        "sum((line * 998244353 + content * 104729 + coalesce(person, -1)) % 2147483647)::VARCHAR AS persons "
        "FROM scope_views GROUP BY held ORDER BY held"
    ).to_pylist()
    sets = {name: hashlib.sha256(bitmap_bytes(each)).hexdigest() for name, each in persons.items()}
    return hashlib.sha256(canonical_json({"lines": lines, "persons": sets})).hexdigest()


def without_spellings(counted: Counted, journal: Journal) -> Counted:
    """What a scope counts, less people whose ids may be spellings of others in the lower bounds."""
    held = counted.persons["held"].__contains__
    views, accounts, persons = narrowed(counted.counts, saved(held, kept_classes(journal)))
    return replace(counted, counts=(views, accounts, persons))
