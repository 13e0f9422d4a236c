"""How many bytes the files of a ledger take, by what they are for."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import statements as sa
from .files import ContentStore
from .journal import Journal, tables
from .numbers.spare import SPARE_KINDS
from .parts import parts_in_force

__all__ = ["FileUse", "files_in_use"]

SEGMENT, INDEX, DAYS, CASES, OTHER, OLD = "segment", "index", "day", "case", "other", "not in force"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileUse:
    """Files of one kind: of a segment, of the index, of days, of cases, whatever else is kept, and what is not in force any more."""

    of: str
    kind: str
    files: int
    bytes: int


def files_in_use(root: Path, journal: Journal) -> list[FileUse]:
    """What the files of the workspace in `root` are for, the largest first. A file that goes away meanwhile is not counted."""
    use = dict(_named(journal))
    derived = {name.partition(".")[2] for name, of in use.items() if of in (SEGMENT, INDEX, DAYS)}
    derived |= set(SPARE_KINDS) | {
        row["kind"] for row in journal.rows(sa.select(tables.index.c.kind).distinct())
    }
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for name, size in ContentStore.of(root).names().items():
        kind = name.partition(".")[2]
        made_again = kind in derived or kind.startswith("day-")
        of = use.get(name) or (OLD if made_again else OTHER)
        found[of, kind].append(size)
    for name, size in _files(root):
        # the database and what waits to be put into it; beside them stands what whoever reads it shares, as now
        if name.startswith("journal.sqlite") and not name.endswith("-shm") and size:
            found[OTHER, "journal"].append(size)
    told = [
        FileUse(of=of, kind=kind, files=len(sizes), bytes=sum(sizes)) for (of, kind), sizes in found.items()
    ]
    return sorted(told, key=lambda each: (-each.bytes, each.of, each.kind))


def _named(journal: Journal) -> Iterator[tuple[str, str]]:
    """Every file that is in force, and what for."""
    segment = tables.segment
    for row in journal.rows(sa.select(segment.c.files).where(segment.c.live)):
        yield from ((name, SEGMENT) for name in json.loads(row["files"]).values())
    for row in journal.rows(sa.select(tables.index.c.file).where(tables.index.c.live)):
        yield row["file"], INDEX
    for part in parts_in_force(journal):
        yield part.file, DAYS
    if journal.has(tables.case_version):
        for row in journal.rows(sa.select(tables.case_version)):
            for name in (row["document"], row["inputs"], *json.loads(row["sets"]).values()):
                yield name, CASES


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    """Name and size of every file in a folder."""
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        try:
            if entry.is_file(follow_symlinks=False):
                yield entry.name, entry.stat(follow_symlinks=False).st_size
        except FileNotFoundError:  # it was replaced meanwhile
            continue
