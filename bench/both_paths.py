"""One workspace asked both ways: in one run over the whole ledger, which looks at all views anew, and by the steps that make days.

What either finds is held against the truth of a replay in the same way, so that their rows can stand beside each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import numpy as np
import pyarrow as pa

from bench.score_table import Row, row_of
from whosaw.actors import Detector, run
from whosaw.actors.telling.find import Party, party_lines
from whosaw.actors.telling.kept import Kept
from whosaw.app.building.bring_up import Ledger, setup_of
from whosaw.app.building.context import context_of
from whosaw.app.findings.detection import ContextFolder, DetectionSetup, load_detection
from whosaw.app.findings.found import Found, finished, located, put_whole
from whosaw.app.scan import ScanReport, scan
from whosaw.build.runner import runs_there
from whosaw.core.document import document
from whosaw.core.finding import Finding
from whosaw.mapping.data_map import load_map
from whosaw.mapping.resolver import Resolver
from whosaw.mapping.twin_reports import twin_rules
from whosaw.replay.score.found import found_in
from whosaw.replay.score.measure import score
from whosaw.replay.score.result import Score
from whosaw.replay.score.truth_read import read_truth
from whosaw.store.identifiers import LedgerDigests, register_identifiers
from whosaw.store.ledger import LedgerReader
from whosaw.store.numbers.migrate import migrate_numbers
from whosaw.store.person_sets import unpack
from whosaw.store.schemas import ANSWERS, COUNTED
from whosaw.store.workspace import Workspace

__all__ = [
    "NOW",
    "Flags",
    "Told",
    "by_days",
    "days_of",
    "false_in",
    "find_in_one_run",
    "flags_of",
    "read_only",
    "scored",
    "told_by_days",
    "told_now",
]

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
Flags = Mapping[tuple[str, str, str], int]
"""By detector, clause and digest of the entity, when it was first over a bar (microseconds)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one path found, and the lines that each finding counts (finding, content, line)."""

    findings: tuple[Finding, ...]
    counted: pa.Table

    @property
    def flags(self) -> Flags:
        """All flags that findings were made of."""
        return flags_of(self.findings)


def flags_of(findings: Sequence[Finding]) -> Flags:
    """When each flag of these findings was first raised."""
    found: dict[tuple[str, str, str], int] = {}
    for finding in findings:
        for each in finding.crossings:
            key = (each.detector, each.clause, each.actor.digest)
            at = int(each.reached_at.timestamp() * 1_000_000)
            found[key] = min(at, found.get(key, at))
    return found


def told_now(
    logs: Sequence[Path],
    root: Path,
    *,
    data_map: Path,
    context: Path | None = None,
    zone: str | None = None,
    now: datetime = NOW,
) -> Told:
    """Scan logs into `root`, and what one run over the whole ledger finds there."""
    with patch("whosaw.app.findings.by_days.find_by_days", find_in_one_run):
        done = scan(
            [str(each) for each in logs], root, now=now, map_path=data_map, context=context, zone=zone
        )
    workspace = Workspace.open(root)
    try:
        reader = LedgerReader(workspace)
        try:
            rows = reader.session.query("SELECT finding, content, line FROM counted")
        finally:
            reader.close()
    finally:
        workspace.close()
    return Told(findings=tuple(done.findings), counted=rows)


def find_in_one_run(
    workspace: Workspace,
    folder: ContextFolder,
    setup: DetectionSetup,
    zone: tzinfo | None,
    *,
    with_rules: bool,
    threads: int,
    memory_bytes: int,
    **_of_days: Any,
) -> Found:
    """What `find_by_days` gives, by the detectors over all views at once, as earlier releases looked for it and as `watch` looks at what is
    new."""
    with closing(LedgerReader(workspace, threads=threads, memory_bytes=memory_bytes)) as reader:
        context = folder.read(Resolver(reader), zone)
        register_identifiers(reader)
        answers: list[tuple[str | None, int]] = []

        def keep(sql: str) -> None:
            answers.append(workspace.files.put_query("answers", ANSWERS, reader.session, sql))

        detected = run(
            reader.session,
            context,
            setup.detectors,
            setup.explanations,
            digests=LedgerDigests(reader),
            # without any context nothing can be told of any exposure
            keep_answers=keep if context.tables else None,
        )
        return finished(
            reader,
            [located(reader, each) for each in detected.findings],
            untold=(*(each.note for each in detected.untold), *detected.questions),
            usual=[each.baseline() for each in detected.learnt],
            answers={name: rows for name, rows in answers if name is not None},
            counted=detected.counted,
            put=put_whole(
                workspace, members=detected.members, counted=detected.counted, proofs=detected.proofs
            ),
            with_rules=with_rules,
        )


@contextmanager
def days_of(
    workspace: Workspace,
    data_map: Path,
    context: Path | None = None,
    *,
    zone: tzinfo | None = None,
    detectors: Mapping[str, Detector] | None = None,
    threads: int = 2,
) -> Iterator[Ledger]:
    """The days of an open workspace, held for writing, under the shipped items (or these detectors). Its numbers become history."""
    detection = load_detection()
    with workspace.writing():
        migrate_numbers(workspace)
        kept = context_of(workspace, context, zone=zone)
        setup = setup_of(
            workspace,
            twins=twin_rules(load_map(data_map)),
            detectors=detection.detectors if detectors is None else detectors,
            explanations=detection.explanations,
            context=kept,
        )
        yield Ledger(workspace, setup, context=kept, threads=threads)


def read_only(
    logs: Sequence[Path],
    root: Path,
    *,
    data_map: Path,
    context: Path | None = None,
    zone: str | None = None,
    now: datetime = NOW,
) -> ScanReport:
    """Scan logs into `root` and look for nothing."""
    with patch("whosaw.app.scan.detect_all", lambda *_args, **_named: ([], ())):
        return scan(
            [str(each) for each in logs], root, now=now, map_path=data_map, context=context, zone=zone
        )


def told_by_days(
    root: Path,
    *,
    data_map: Path,
    context: Path | None = None,
    zone: tzinfo | None = None,
    now: datetime = NOW,
) -> Told:
    """What the steps find in a workspace that was scanned."""
    workspace = Workspace.open(root)
    try:
        with days_of(workspace, data_map, context, zone=zone) as ledger:
            ledger.bring_up_to_date(now=now)
            return by_days(ledger)
    finally:
        workspace.close()


def by_days(ledger: Ledger) -> Told:
    """What is told of days that are up to date."""
    kept, parties = ledger.telling().found()
    return Told(
        findings=tuple(each.finding for each in parties),
        counted=pa.concat_tables([_NONE, *_counted(ledger, kept, parties)]),
    )


_NONE: Final = COUNTED.empty_table()


def _counted(ledger: Ledger, kept: Kept, parties: Sequence[Party]) -> Iterator[pa.Table]:
    runs = runs_there(ledger.plan)
    of_day: dict[int, list[tuple[str, bytes]]] = {}
    for each in parties:
        for day, _, positions, _ in party_lines(kept, each.flags):
            of_day.setdefault(day, []).append((each.finding.id, positions))
    for day, its in sorted(of_day.items()):
        views = runs.rows("views", [day], ["content", "line"])
        for name in sorted({name for name, _ in its}):
            at = np.unique(np.concatenate([unpack(positions) for of, positions in its if of == name]))
            rows = views.take(pa.array(at))
            yield pa.table(
                {
                    "finding": pa.array([name] * rows.num_rows),
                    "content": rows["content"],
                    "line": rows["line"],
                }
            ).cast(COUNTED)


def scored(root: Path, replay: Path, told: Told) -> Row:
    """What was found in a workspace held against the truth of its replay; without the bounds of a scope."""
    return row_of(_json(document(_score(root, replay, told))))


def false_in(root: Path, replay: Path, told: Told) -> set[tuple[str, str]]:
    """Detector and id of the findings that are of nobody whom the replay planted."""
    listed = _score(root, replay, told).findings.listed
    return {(each.said.detector, each.said.id) for each in listed if each.answer == "false"}


def _score(root: Path, replay: Path, told: Told) -> Score:
    truth = read_truth(replay)
    workspace = Workspace.open(root)
    try:
        reader = LedgerReader(workspace)
        try:
            reader.session.keep_rows("counted", told.counted.cast(COUNTED).to_batches(), COUNTED)
            found = found_in(reader, truth.truth.members, truth.lines, told.findings)
            return score(found, truth.truth)
        finally:
            reader.close()
    finally:
        workspace.close()


def _json(told: Any) -> Mapping[str, Any]:
    assert isinstance(told, dict)
    return told
