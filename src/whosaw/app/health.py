"""Log health: from the journal and the files still in place to statements about sources, and what is usual of each."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from whosaw.core.canonical_json import canonical_json
from whosaw.logs.health import (
    Check,
    Facts,
    FileFacts,
    HourFacts,
    SegmentFacts,
    SourceFacts,
    Statement,
    judge_health,
    load_checks,
    usual_of,
)
from whosaw.store import statements as sa
from whosaw.store.journal import Journal, tables
from whosaw.store.workspace import Workspace

from .file_state import Verified, files_of

__all__ = ["health_of", "keep_usual"]

_SLACK = 300_000_000  # microseconds by which an event may be later than its file was written
_SETTING = "usual-of-sources"


def health_of(
    workspace: Workspace, *, source: str | None = None, verified: Sequence[Verified] | None = None
) -> list[Statement]:
    """What can be said about the sources now, or about one of them (which is still compared with the others).

    Without `verified` only sizes and names of files are looked at.
    """
    checks = load_checks()
    said = judge_health(checks, _facts(workspace, checks, files_of(workspace.journal, verified)))
    return said if source is None else [each for each in said if source in each.sources]


def keep_usual(workspace: Workspace) -> None:
    """Keep in the journal what is usual of each source, with the hours it was learnt from. It is never read back to judge:
    the same hours always give it again."""
    check = load_checks()["gone-quiet"]
    learnt = {
        each.name: usual_of(check, each).as_json() for each in _sources(workspace.journal, {}) if each.hours
    }
    with workspace.journal.transaction() as connection:
        workspace.journal.set_setting(connection, _SETTING, canonical_json(learnt).decode())


def _facts(workspace: Workspace, checks: Mapping[str, Check], files: tuple[FileFacts, ...]) -> Facts:
    least = checks["out-of-order"].thresholds["least_step_seconds"] * 1_000_000
    late = {
        row["id"]: _late(workspace, row["files"], least)
        for row in workspace.journal.rows(
            sa.select(tables.segment.c.id, tables.segment.c.files)
            .where(tables.segment.c.live, tables.segment.c.back_step >= least)
            .order_by(tables.segment.c.id)
        )
    }
    return Facts(sources=_sources(workspace.journal, late), files=files)


def _late(workspace: Workspace, files: str, least: int) -> int:
    """Events of a segment, in the order of its lines, that come after one which is later by `least` microseconds."""
    times = pq.read_table(workspace.files.path(json.loads(files)["events"]), columns=["time"])["time"]
    micros = np.asarray(times.combine_chunks().cast(pa.int64()))
    return int((np.maximum.accumulate(micros) - micros >= least).sum())


def _sources(journal: Journal, late: Mapping[int, int]) -> tuple[SourceFacts, ...]:
    segment, content = tables.segment, tables.content
    rows = journal.rows(
        sa.select(
            segment.c.id,
            segment.c.first_time,
            segment.c.last_time,
            segment.c.events,
            segment.c.back_step,
            content.c.source,
            content.c.name,
            content.c.mtime,
        )
        .select_from(segment.join(content, content.c.id == segment.c.content))
        .where(segment.c.live, segment.c.first_time.is_not(None))
        .order_by(segment.c.id)
    )
    by_source: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_source[row["source"]].append(row)
    hours = _hours(journal, {row["id"]: row["source"] for row in rows})
    return tuple(
        SourceFacts(
            name=name,
            first=min(row["first_time"] for row in found),
            last=max(row["last_time"] for row in found),
            clock=max((row["last_time"] for row in found if not _ahead(row)), default=None),
            hours=hours.get(name, {}),
            segments=tuple(
                SegmentFacts(
                    content=row["name"],
                    first=row["first_time"],
                    last=row["last_time"],
                    events=row["events"],
                    back_step=row["back_step"],
                    late=late.get(row["id"], 0),
                )
                for row in found
            ),
        )
        for name, found in sorted(by_source.items())
    )


def _ahead(row: dict[str, Any]) -> bool:
    return row["mtime"] is not None and row["last_time"] - row["mtime"] > _SLACK


def _hours(journal: Journal, sources: Mapping[int, str]) -> Mapping[str, Mapping[int, HourFacts]]:
    """Hours of each source, with the events that were read once only."""
    hour = tables.hour
    found: dict[str, dict[int, HourFacts]] = defaultdict(dict)
    for row in journal.rows(
        sa.select(hour.c.segment, hour.c.hour, hour.c.events, hour.c.duplicates, hour.c.cross, hour.c.minutes)
    ):
        name = sources.get(row["segment"])
        if name is None or not row["events"]:
            continue
        once = max(0, row["events"] - row["duplicates"] - row["cross"])
        before = found[name].get(row["hour"])
        found[name][row["hour"]] = HourFacts(
            events=once + (before.events if before else 0),
            minutes=row["minutes"] | (before.minutes if before else 0),
        )
    return found
