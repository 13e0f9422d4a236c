"""What of a ledger is up to date, what waits and why, and what its files take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Literal

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.document import told_as, told_as_instant
from whosaw.store.file_use import FileUse, files_in_use
from whosaw.store.journal import Journal
from whosaw.store.parts import last_rounds, steps_made
from whosaw.store.repositories.contents import contents_in_force
from whosaw.store.repositories.segments import all_indexed, all_segments
from whosaw.store.workspace import Workspace, checked_journal_of

from .findings.by_days import waiting_days
from .findings.detection import (
    changed_since_detection,
    check_context,
    context_digest,
    load_detection,
    none_of,
    zone_of_last_scan,
)

__all__ = ["FindingsStatus", "LedgerStatus", "LogsStatus", "StepStatus", "Waiting", "status"]

Answer = Literal["up to date", "waits", "never made", "cannot tell"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Something that waits, why, and what to do about it."""

    what: str
    why: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsStatus:
    """Files of logs: read to their end, begun, with a fault. Segments: in the ledger, read and not in it yet, and to be taken out of
    it. Lines of the segments that the ledger counts or will count, and the times of their events."""

    whole: int
    begun: int
    faulty: int
    in_ledger: int
    waiting: int
    leaving: int
    lines: int
    events: int
    first: int | None = field(metadata=told_as_instant())
    last: int | None = field(metadata=told_as_instant())


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsStatus:
    """Whether findings are as new as what they follow from, and what changed since."""

    answer: Answer
    changed: tuple[str, ...] = ()
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStatus:
    """A step, and on how many days what it made is kept; where it was asked, on how many what changed has it made again."""

    step: str
    days: int
    waits: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerStatus:
    """All of it. `waits` is empty where everything is up to date."""

    up_to_date: bool
    waits: tuple[Waiting, ...]
    logs: LogsStatus
    findings: FindingsStatus
    steps: tuple[StepStatus, ...]
    files: tuple[FileUse, ...]
    bytes: int
    root: Path = field(metadata=told_as(never=True))


@asks(Verb.SEE_STATUS, "status")
def status(root: Path, *, days: bool = False) -> LedgerStatus:
    """How the ledger in `root` stands. Reads the manifest and the sizes of files; opens none of them and needs no vault key. With `days`,
    the context folder is read and each step is asked which of its days wait, which needs the key, and nobody else may write meanwhile."""
    waiting = _waiting(root) if days else None
    journal = checked_journal_of(root)
    try:
        logs = _logs(journal)
        findings = _findings(journal)
        waits = (*_of_logs(logs), *_of_findings(findings), *_of_steps(journal))
        files = tuple(files_in_use(root, journal))
        steps = Counter(each.step for each in steps_made(journal))
    finally:
        journal.close()
    return LedgerStatus(
        up_to_date=not waits,
        waits=waits,
        logs=logs,
        findings=findings,
        steps=tuple(
            StepStatus(step=name, days=steps[name], waits=None if waiting is None else waiting.get(name, {}))
            for name in sorted({*steps, *(waiting or ())})
        ),
        files=files,
        bytes=sum(each.bytes for each in files),
        root=root,
    )


def _logs(journal: Journal) -> LogsStatus:
    contents = contents_in_force(journal)
    segments = all_segments(journal)
    indexed = all_indexed(journal)
    live = [each for each in segments if each.live]
    times = [each.first_time for each in live if each.first_time is not None]
    ends = [each.last_time for each in live if each.last_time is not None]
    return LogsStatus(
        whole=sum(each.complete and each.fault is None for each in contents),
        begun=sum(not each.complete and each.fault is None for each in contents),
        faulty=sum(each.fault is not None for each in contents),
        in_ledger=sum(each.id in indexed for each in live),
        waiting=sum(each.id not in indexed for each in live),
        leaving=sum(each.id in indexed and not each.live for each in segments),
        lines=sum(each.lines for each in live),
        events=sum(each.events for each in live),
        first=min(times, default=None),
        last=max(ends, default=None),
    )


def _waiting(root: Path) -> dict[str, dict[str, int]]:
    with closing(Workspace.open(root)) as workspace, workspace.writing():
        folder, zone = _of_last_scan(workspace.journal)
        checked = check_context(folder, zone, none_of(workspace.journal))
        found = waiting_days(workspace, checked, load_detection(), zone)
    return {name: told for name, told in found.items() if told}


def _of_last_scan(journal: Journal) -> tuple[Path | None, tzinfo | None]:
    """The context folder and the zone of the last scan, as the next one would use them."""
    folder = journal.setting("context")
    return None if folder is None else Path(folder), zone_of_last_scan(journal)


def _findings(journal: Journal) -> FindingsStatus:
    folder, zone = _of_last_scan(journal)
    if folder is not None and not folder.is_dir():
        return FindingsStatus(answer="cannot tell", why=f"the context folder {folder} is gone")
    context = context_digest(folder, none_of(journal))
    changed = changed_since_detection(journal, load_detection(), context, zone)
    if changed is None:
        return FindingsStatus(answer="never made")
    return FindingsStatus(answer="waits" if changed else "up to date", changed=changed)


def _of_logs(logs: LogsStatus) -> Iterator[Waiting]:
    again = "Run the last `whosaw scan` again; it goes on where it stopped"
    if logs.begun:
        yield Waiting(what="logs", why=f"{_many(logs.begun, 'file')} not read to the end yet", hint=again)
    if logs.waiting:
        yield Waiting(
            what="ledger", why=f"{_many(logs.waiting, 'segment')} read and not in the ledger yet", hint=again
        )
    if logs.leaving:
        why = f"{_many(logs.leaving, 'segment')} still counted and {'was' if logs.leaving == 1 else 'were'} replaced"
        yield Waiting(what="ledger", why=why, hint=again)


def _of_findings(findings: FindingsStatus) -> Iterator[Waiting]:
    if findings.answer == "never made":
        yield Waiting(what="findings", why="none were looked for yet", hint="Run `whosaw scan` on the logs")
    elif findings.answer == "cannot tell":
        yield Waiting(
            what="findings",
            why=f"cannot tell whether they are up to date: {findings.why}",
            hint="Run `whosaw scan` again with --context",
        )
    elif findings.changed:
        yield Waiting(
            what="findings",
            why=f"changed since they were made: {', '.join(findings.changed)}",
            hint="Run the last `whosaw scan` again",
        )


def _of_steps(journal: Journal) -> Iterator[Waiting]:
    for last in last_rounds(journal):
        if last.ended is None:
            yield Waiting(
                what="days",
                why="bringing days up to date was begun and did not end",
                hint="Run the last `whosaw scan` again; it goes on where it stopped",
            )


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'} {'is' if count == 1 else 'are'}"
