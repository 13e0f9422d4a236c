"""What a hold records at its start: the files that are there, and those that were read before and are no longer."""

from __future__ import annotations

import glob
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from whosaw.app.reading.content import place_of, restore
from whosaw.app.settings import ScanSettings
from whosaw.ingest.files.content import Content
from whosaw.ingest.files.discover import one_pass_order
from whosaw.ingest.files.opening import Cursors
from whosaw.logs.hold import Checkpoint, HeldFile
from whosaw.store.objects.address import is_object
from whosaw.store.repositories.contents import ReadContent, contents_in_force
from whosaw.store.repositories.manifest import content_segments
from whosaw.store.repositories.segments import hours_of_content
from whosaw.store.workspace import Workspace

from .check import Checker, Seen
from .look import Clock, Times, contents_now, held_file, measure, stamp_now

__all__ = ["held_now", "not_found", "roots_of"]


def roots_of(workspace: Workspace, paths: Sequence[str]) -> list[str]:
    """Absolute paths to look through: those named, or else those of all scans so far that are still there; and every file
    that the ledger read elsewhere."""
    named = list(paths) or _scanned(workspace)
    roots = sorted({path if is_object(path) else os.path.abspath(path) for path in named})
    folders = tuple(root.rstrip("/") + "/" for root in roots if is_object(root) or os.path.isdir(root))
    for row in _ledger_rows(workspace):
        place = _absolute(restore(row.place))
        path = place.name if place.stored is not None else str(place.path)
        known = (
            path in roots
            or path.startswith(folders)
            or any(path in glob.glob(root) for root in roots if glob.has_magic(root))
        )
        if not known and (place.stored is not None or os.path.exists(path)):
            roots.append(path)
    return sorted(roots)


def held_now(
    workspace: Workspace, roots: Sequence[str], settings: ScanSettings, *, at: int
) -> tuple[list[HeldFile], list[tuple[str, str]], Seen]:
    """A record of every file under `roots` that existed at `at` (microseconds), what is not held, with the reason, and the
    stamps that the files had before they were read."""
    found = contents_now(roots)
    not_held = [(each.name, each.reason) for each in found.skipped]
    known = {(row.digest, row.size): row for row in _ledger_rows(workspace)}
    held: list[HeldFile] = []
    seen: Seen = {}
    cursors, clock = Cursors(), Clock(settings)
    try:
        for content in one_pass_order(found.contents):
            stamp = stamp_now(content)
            told = measure(content, cursors=cursors)
            if told.size == 0:
                not_held.append((content.name, told.trouble or "empty"))
                continue
            row = known.get((told.digests[told.size], told.size))
            times = _times_of_row(workspace, row) if row is not None else clock.times_of(content)
            if times.first is not None and times.first > at:
                not_held.append((content.name, "its first event is later than the order"))
                continue
            made = held_file(content, told, times, at=at, format_name=row.format if row is not None else None)
            held.append(made)
            if stamp is not None:
                seen[content.name] = ("same", content.name, stamp)
            if told.trouble is not None:
                not_held.append((content.name, f"held up to byte {told.size:,}: {told.trouble}"))
    finally:
        cursors.close()
    return held, not_held, seen


def not_found(
    workspace: Workspace, held: Sequence[HeldFile], roots: Sequence[str], settings: ScanSettings, *, at: int
) -> list[HeldFile]:
    """What the ledger read that existed at `at` and is not among the files there now, under any name."""
    there = {(each.digest, each.size) for each in held}
    rows = [row for row in _ledger_rows(workspace) if (row.digest, row.size) not in there]
    records = [each for row in rows if (each := _of_row(workspace, row, at)) is not None]
    if not records:
        return []
    checker = Checker(roots, records, settings)
    try:
        verdicts, _ = checker.check(records)
    finally:
        checker.close()
    names = {each.name for each in held}
    kept: list[HeldFile] = []
    for verdict in verdicts:
        if verdict.outcome not in ("same", "grown", "moved"):
            kept.append(replace(verdict.file, missing=verdict.outcome))
        elif (
            verdict.name_now or verdict.file.name
        ) not in names:  # else held already, grown or under another name
            kept.append(verdict.file)
    return kept


def _scanned(workspace: Workspace) -> list[str]:
    rows = workspace.journal.entries("scan.begin")
    paths = [path for row in rows for path in json.loads(row.body)["paths"]]
    return [path for path in dict.fromkeys(paths) if path != "-" and ("://" not in path or is_object(path))]


def _ledger_rows(workspace: Workspace) -> list[ReadContent]:
    """Contents that were read from files and are no copies of others."""
    return [
        each
        for each in contents_in_force(workspace.journal)
        if each.is_original and restore(each.place).lasting
    ]


def _times_of_row(workspace: Workspace, row: ReadContent) -> Times:
    hours = hours_of_content(workspace.journal, row.id)
    return Times(first=row.first, last=row.last, hours=Counter(hours))


def _of_row(workspace: Workspace, row: ReadContent, at: int) -> HeldFile | None:
    """A content of the ledger as a held file; None where it came after the order."""
    times = _times_of_row(workspace, row)
    if times.first is not None and times.first > at:
        return None
    place = _absolute(restore(row.place))
    segments = content_segments(workspace.journal, row.id)
    return HeldFile(
        name=place.name,
        source=row.source,
        place=place_of(place),
        size=row.size,
        lines=sum(each["lines"] for each in segments),
        digest=row.digest,
        head=row.head,
        head_size=row.head_size,
        on_disk=place.size or 0,
        modified=row.mtime or 0,
        first=times.first,
        last=times.last,
        hours=dict(times.hours),
        checkpoints=tuple(
            Checkpoint(end=each["end"], lines=each["first_line"] + each["lines"] - 1, digest=each["digest"])
            for each in segments[:-1]
            if each["terminated"]
        ),
        format=row.format,
        existed="yes" if times.first is not None else "cannot-tell",
    )


def _absolute(content: Content) -> Content:
    """The content under its absolute path. A relative one is taken from the folder where the program runs."""
    if content.stored is not None:
        return content
    assert content.path is not None
    path = Path(os.path.abspath(content.path))
    member = content.name.partition("!")[1:] if content.member is not None else ("", "")
    return replace(content, name=str(path) + "".join(member), path=path)
