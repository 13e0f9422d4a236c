"""Scan: read logs, bring the ledger up to date, run the detectors."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import ClassVar, TypeVar

from whosaw.actors.sigma.rules_in_force import RulesTold, check_rules, sigma_told
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.document import told_as
from whosaw.core.errors import Where, WhosawError
from whosaw.core.finding import Finding
from whosaw.ingest.event_rows import check_event_files
from whosaw.ingest.files.content import CHUNK_BYTES
from whosaw.ingest.files.discover import discover, one_pass_order
from whosaw.ingest.files.sources import keep_rules as keep_rules_of_sources
from whosaw.ingest.files.sources import read_rules, settle_sources
from whosaw.logs.coverage.hours import SourceCoverage, coverage_of
from whosaw.logs.coverage.quiet_hours import keep_quiet, read_quiet
from whosaw.logs.health.of_ledger import health_of, keep_usual
from whosaw.logs.health.statement import Statement
from whosaw.logs.hold.results import HoldCheck
from whosaw.mapping.data_map import page_patterns
from whosaw.mapping.map_health import MapHealth, PossibleViews, map_health, possible_views
from whosaw.mapping.twin_reports import TwinReport, twin_reports, twin_rules
from whosaw.mapping.undecided_twins import keep_undecided_twins
from whosaw.store.days.collect import collect
from whosaw.store.free_memory import looking_seldom
from whosaw.store.index.update import update_index
from whosaw.store.index.view_counts import view_counts
from whosaw.store.journal import Connection, Journal
from whosaw.store.live_files import files_in_force
from whosaw.store.repositories.entries import count_of_kind
from whosaw.store.repositories.segments import Counted
from whosaw.store.workspace import MARKER, Workspace, journal_of

from .findings.detection import (
    DETECTING,
    ContextFolder,
    check_context,
    context_digest,
    detect_all,
    load_detection,
    none_of,
)
from .hold.orders import check_quickly
from .in_force import settings_in_force
from .lookup.looking import look_at_pages
from .progress import Progress, Silent
from .project.file import Project
from .project.rules import quiet_rules_of, source_rules
from .read_as import keep_read_as
from .reading.contents import ContentReport, Reading
from .reading.file_state import files_of
from .reading.shared import keep_shared
from .runners.session import LOCAL, Cluster, check_runner, open_cluster, shown
from .runners.spark import open_runner
from .runners.task import PARTS
from .settings import ScanSettings, load_settings

__all__ = [
    "ScanReport",
    "begin_scan",
    "context_of_workspace",
    "refuse_workspace",
    "scan",
]

T = TypeVar("T")


_READ = ("lines", "events", "rejects", "comments", "continued", "bytes")


def _skipped(skipped: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "reason": reason} for name, reason in skipped]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """What one scan did. `seconds` is wall time; everything else is a function of the input."""

    number: int = field(metadata=told_as("scan"))
    contents: tuple[ContentReport, ...]
    skipped: tuple[tuple[str, str], ...] = field(metadata=told_as(form=_skipped))
    coverage: tuple[SourceCoverage, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    seconds: float = field(metadata=told_as(never=True))
    health: tuple[Statement, ...] = ()  # about sources, never about actors
    # what became of each Sigma rule; None without rules
    sigma: RulesTold | None = field(default=None, metadata=told_as(if_any=True))
    # whether the map still says anything of the logs; None without one
    map: MapHealth | None = field(default=None, metadata=told_as(if_any=True))
    possible: tuple[PossibleViews, ...] = ()  # of the whole ledger, by route
    # of the whole ledger, by pair of sources that the map declares
    twins: tuple[TwinReport, ...] = field(default=(), metadata=told_as(if_any=True))
    # what each legal hold misses; empty without one
    holds: tuple[HoldCheck, ...] = field(default=(), metadata=told_as(if_any=True))
    runner: str = LOCAL  # who read the logs
    ALSO: ClassVar[tuple[str, ...]] = ("read",)

    @property
    def read(self) -> Mapping[str, int]:
        """How much of each kind was read now."""
        return {name: self.total(name) for name in _READ}

    def total(self, name: str) -> int:
        """Sum of a count over what was read now."""
        return sum(getattr(content, name) for content in self.contents)

    def raise_refused(self) -> None:
        """Raise `WhosawError` where every line of a content was rejected: nothing of it is in the ledger."""
        refused = [content for content in self.contents if content.refused]
        if not refused:
            return
        first, more = refused[0], len(refused) - 1
        told, _, advice = (first.notes[-1] if first.notes else "every line was rejected").partition("; ")
        raise WhosawError(
            "scan.all-rejected",
            told + (f"; so it is with {more:,} more file{'s' if more > 1 else ''}" if more else ""),
            hint=advice[:1].upper() + advice[1:] or "`whosaw rejects` says why",
            where=Where(file=first.name),
        )


@asks(Verb.START_SCAN, "scan")
def scan(
    paths: Sequence[str],
    root: Path,
    *,
    now: datetime,
    format_name: str | None = None,
    zone: str | None = None,
    map_path: Path | None = None,
    context: Path | None = None,
    own_formats: Sequence[Path] = (),
    sigma: Path | None = None,
    no_sigma: bool = False,
    key_file: Path | None = None,
    progress: Progress | None = None,
    threads: int = 2,
    memory_bytes: int = 1 << 30,
    chunk_bytes: int = CHUNK_BYTES,
    sources: Sequence[str] = (),
    quiet: Sequence[str] = (),
    project: Project | None = None,
    replace_map: bool = False,
    runner: str = LOCAL,
) -> ScanReport:
    """Scan `paths` into the workspace `root`; files of the `project` are read as it says, where nothing else is given.

    Everything a person wrote (map, items, context) is checked before the workspace is touched. `now` goes into the journal
    only. Other `chunk_bytes` cut the same ledger into other segments. `replace_map`: the map that is given takes the place of one that was
    decided on in the console, too. `runner` reads the logs: threads of this process, or the executors of a Spark cluster; the files
    are the same.
    """
    progress = progress or Silent()
    check_runner(runner)
    started = time.monotonic()
    settings = load_settings(
        format_name=format_name, zone=zone, map_path=map_path, own_formats=own_formats, project=project
    )
    if sigma is not None and no_sigma:
        raise WhosawError(
            "sigma.both", "--sigma and --no-sigma say different things", hint="Give one of them"
        )
    if sigma is not None:
        settings = replace(settings, sigma_texts=check_rules(sigma, page_patterns(settings.map)))
    settings = replace(settings, sigma_drop=no_sigma)
    setup = load_detection()
    rules = (*read_rules(sources), *source_rules(project))
    silent = (*read_quiet(quiet, settings.zone_name), *quiet_rules_of(project, settings.zone_name))
    none = project.none if project is not None else None
    folder = _given_context(context, root, settings, none)
    found = discover(paths, sys.stdin.buffer if sys.stdin else None)
    if not found.contents and not found.skipped:
        raise WhosawError(
            "scan.nothing",
            "there is no file to read in " + ", ".join(paths),
            hint="Name log files, folders or globs",
        )
    check_event_files(found.contents)
    refuse_workspace(root, paths)
    cluster, workspace = open_cluster(runner), None
    try:
        workspace = Workspace.open(root, key_file=key_file, create=True)
        with workspace.writing(), ExitStack() as later:
            workspace.files.clear_parts()
            workspace.files.clear_parts_of(PARTS)
            settings, notes = settings_in_force(workspace, settings, replace_map=replace_map)
            keep_rules_of_sources(workspace.journal, rules)
            keep_quiet(workspace.journal, silent)
            asked = partial(
                keep_read_as,
                workspace.journal,
                project=project,
                paths=paths,
                format_name=format_name,
                zone=zone,
                map_path=map_path,
                context=context,
                own_formats=own_formats,
                sources=sources,
                quiet=quiet,
            )
            number = begin_scan(workspace, settings, paths, now, keep=asked)
            folder = context_of_workspace(workspace, folder, settings, none)
            elsewhere = open_runner(cluster, workspace, settings, key_file=key_file, chunk_bytes=chunk_bytes)
            reading = Reading(
                workspace,
                settings,
                number,
                progress,
                workers=threads,
                chunk_bytes=chunk_bytes,
                runner=elsewhere,
            )
            progress.begin(len(found.contents), found.packed_bytes)
            reports: list[ContentReport] = []
            try:
                reports.extend(reading.read_all(map(settings.sourced, one_pass_order(found.contents))))
            finally:
                reading.close()
                if elsewhere is not None:
                    elsewhere.close()
            later.enter_context(looking_seldom())  # what is told of a ledger from here on stays in hand
            shared = keep_shared(workspace, reading.shared, reading.formats)
            of_content, source_notes = settle_sources(workspace.journal)
            reports = [
                replace(each, source=of_content.get(each.content or 0, each.source)) for each in reports
            ]
            changed = _indexed(
                cluster,
                workspace,
                partial(
                    update_index,
                    workspace,
                    threads=threads,
                    memory_bytes=memory_bytes,
                    told=progress.stage,
                    twins=twin_rules(settings.map),
                ),
            )
            progress.stage("looking for findings")
            findings, context_notes = _found(
                cluster,
                key_file,
                workspace,
                partial(
                    detect_all,
                    workspace,
                    folder,
                    setup,
                    settings.zone,
                    now=now,
                    threads=threads,
                    memory_bytes=memory_bytes,
                ),
            )
            _end(workspace, number, reports, findings, changed, now)
            counted, views = _settled(workspace), view_counts(workspace)
            possible = possible_views(workspace, views)
            twins = twin_reports(workspace, settings.map)
            perhaps = keep_undecided_twins(workspace, settings.map, changed=changed)
            return ScanReport(
                number=number,
                contents=tuple(reports),
                skipped=tuple((each.name, each.reason) for each in found.skipped),
                coverage=tuple(coverage_of(workspace.journal, counted=counted)),
                findings=tuple(findings),
                notes=(
                    *notes,
                    *source_notes,
                    *(elsewhere.notes if elsewhere is not None else ()),
                    *(each.note for each in shared if each.source in reading.shared),
                    *(note for each in twins for note in each.notes),
                    *(each.note for each in perhaps),
                    *context_notes,
                    *(each.note for each in possible),
                    *_unproven(reading, settings),
                    *look_at_pages(workspace.journal, root, now=now),
                ),
                possible=possible,
                twins=twins,
                health=tuple(health_of(workspace, files_of(workspace.journal), counted=counted)),
                seconds=time.monotonic() - started,
                sigma=sigma_told(workspace.journal),
                map=map_health(workspace, settings.map, counted, views),
                holds=check_quickly(workspace, settings, now=now, by="scan"),
                runner=shown(runner),
            )
    finally:
        cluster.close()
        if workspace is not None:
            workspace.close()


def _indexed(cluster: Cluster, workspace: Workspace, update: Callable[..., bool]) -> bool:
    """Whether the index changed; executors of a cluster make files of it."""
    if cluster.session is None:
        return update()
    from .runners.index import open_index

    executors = open_index(cluster, workspace)
    try:
        return update(hands=executors)
    finally:
        if executors is not None:
            executors.close()


def _found(cluster: Cluster, key_file: Path | None, workspace: Workspace, find: Callable[..., T]) -> T:
    """What is found; executors of a cluster make days of steps."""
    if cluster.session is None:
        return find()
    from .building.step_tasks import Elsewhere
    from .runners.steps import open_executors

    executors = open_executors(cluster, workspace.files)
    if executors is None:
        return find()
    try:
        return find(elsewhere=Elsewhere(executors=executors, key_file=key_file))
    finally:
        executors.close()


def _settled(workspace: Workspace) -> Counted:
    """What the ledger counts, once what is usual of it is kept and what nothing needs any more is gone."""
    counted = Counted(workspace.journal)
    keep_usual(workspace, counted)
    collect(workspace)
    return counted


def _unproven(reading: Reading, settings: ScanSettings) -> Iterator[str]:
    """By source, that nothing shows a proof of names, unless the map says whether they are proven."""
    if settings.map is None or not settings.map.proof_stated:
        for source, users in sorted(reading.users.items()):
            if users.unproven is not None:
                yield f"{source}: {users.unproven.note}"


def refuse_workspace(root: Path, paths: Sequence[str]) -> None:
    """Raise `WhosawError` where a path to read is a workspace."""
    if any(path != "-" and (Path(path) / MARKER).is_file() for path in paths):
        raise WhosawError(
            "scan.own-workspace",
            f"{root} is a whosaw workspace, not a log",
            hint="Name the folder that holds the logs",
        )


def context_of_workspace(
    workspace: Workspace, folder: ContextFolder, settings: ScanSettings, none: Sequence[str] | None = None
) -> ContextFolder:
    """The context given now, or else the folder of the last scan, read again. `none`: tables that there are none of, as the project says; None:
    as that of the last scan said."""
    journal = workspace.journal
    if none is None:
        none = none_of(journal)
    elif tuple(none) != none_of(journal):
        with journal.transaction() as connection:
            journal.set_setting(connection, "context-none", json.dumps(list(none)))
    if folder.path is not None:
        with journal.transaction() as connection:
            journal.set_setting(connection, "context", str(folder.path.resolve()))
            _keep_checked(journal, connection, folder, settings)
        return folder
    known = journal.setting("context")
    if known is None:
        return check_context(None, settings.zone, none)
    if not Path(known).is_dir():
        raise WhosawError(
            "context.gone",
            f"the context folder {known} of the last scan is gone",
            hint="Name one with --context",
        )
    return _checked_once(journal, Path(known), settings, none)


def _given_context(
    path: Path | None, root: Path, settings: ScanSettings, none: Sequence[str] | None
) -> ContextFolder:
    """The folder that was named, checked before anything is written."""
    if path is None or not path.is_dir() or not (root / MARKER).is_file():
        return check_context(path, settings.zone, none or ())
    journal = journal_of(root)
    try:
        none = none_of(journal) if none is None else none
        return _checked_before(journal, path, settings, none) or check_context(path, settings.zone, none)
    finally:
        journal.close()


def _checked_once(journal: Journal, path: Path, settings: ScanSettings, none: Sequence[str]) -> ContextFolder:
    """The folder, which is read only where it is not what was checked last, byte for byte."""
    if (known := _checked_before(journal, path, settings, none)) is not None:
        return known
    folder = check_context(path, settings.zone, none)
    with journal.transaction() as connection:
        _keep_checked(journal, connection, folder, settings)
    return folder


def _checked_before(
    journal: Journal, path: Path, settings: ScanSettings, none: Sequence[str]
) -> ContextFolder | None:
    """The folder, where it is what was checked last; its notes name its files as it was named."""
    known = json.loads(journal.setting("context-checked") or "{}")
    told = _told_of_context(path, context_digest(path, none), settings)
    if {name: known.get(name) for name in told} != told or "rows" not in known:
        return None
    return ContextFolder(
        path=path,
        digest=str(told["digest"]),
        notes=tuple(known["notes"]),
        none=tuple(none),
        rows=known["rows"],
    )


def _keep_checked(
    journal: Journal, connection: Connection, folder: ContextFolder, settings: ScanSettings
) -> None:
    if folder.path is not None:
        told = _told_of_context(folder.path, folder.digest, settings)
        body = {**told, "notes": list(folder.notes), "rows": dict(folder.rows)}
        journal.set_setting(connection, "context-checked", json.dumps(body, sort_keys=True))


def _told_of_context(path: Path, digest: str, settings: ScanSettings) -> dict[str, str | int]:
    """What a check of a folder depends on."""
    return {"digest": digest, "path": str(path), "zone": str(settings.zone), "program": DETECTING}


def begin_scan(
    workspace: Workspace,
    settings: ScanSettings,
    paths: Sequence[str],
    now: datetime,
    *,
    keep: Callable[[Connection], None],
) -> int:
    """Journal that a scan begins, and `keep` how it was asked for; returns its number."""
    journal = workspace.journal
    with journal.transaction() as connection:
        number = count_of_kind(connection, "scan.begin") + 1
        body = {
            "scan": number,
            "paths": list(paths),
            "format": settings.forced.id if settings.forced else None,
            "zone": settings.zone_name,
            "map": settings.map.digest if settings.map else None,
            **({"sigma": settings.sigma.digest} if settings.sigma else {}),
        }
        journal.record(connection, "scan.begin", body, now=now)
        keep(connection)
    return number


def _end(
    workspace: Workspace,
    number: int,
    reports: list[ContentReport],
    findings: Sequence[Finding],
    changed: bool,
    now: datetime,
) -> None:
    journal = workspace.journal
    with journal.transaction() as connection:
        files = files_in_force(journal, connection=connection)
        intake = [
            {"name": r.name, "outcome": r.outcome, "lines": r.lines, "events": r.events, "rejects": r.rejects}
            for r in reports
            if r.lines or r.notes
        ]
        body_ = {
            "scan": number,
            "intake": intake,
            "changed": changed,
            "ledger": files,
            "findings": [each.id for each in findings],
        }
        journal.record(connection, "scan.end", body_, now=now)
