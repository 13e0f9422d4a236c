"""What an answer is not told: sources of the ledger of which no route of its map says whose data they show."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from whosaw.mapping.data_map import load_map
from whosaw.mapping.untold import UntoldSource, untold_sources
from whosaw.store.repositories.segments import live_segments
from whosaw.store.workspace import Workspace

from .within import EVERYTHING, Within

__all__ = ["untold"]

_HOUR = 3_600_000_000


def untold(workspace: Workspace, within: Within = EVERYTHING) -> tuple[UntoldSource, ...]:
    """By name, each such source that a question within these ends is about; of a time, the events of the hours that it touches. A
    question about one route is about no other line."""
    if within.route is not None:
        return ()
    journal = workspace.journal
    since, until = within.ends()
    first = None if since is None else since // _HOUR
    last = None if until is None else (until - 1) // _HOUR
    found = untold_sources(journal, None, since=first, until=last)
    if (
        found and (known := journal.setting("map")) is not None
    ):  # of twins, which a map declares, one tells for both
        found = untold_sources(journal, load_map(workspace.files.path(known)), since=first, until=last)
    return tuple(
        replace(each, undecided=_undecided(workspace, each.source, since, until))
        for each in found
        if within.source in (None, each.source)
    )


def _undecided(workspace: Workspace, source: str, since: int | None, until: int | None) -> int:
    """How many events of a source, from `since` up to `until`, fit a route and say neither a status nor whether they succeeded."""
    found = 0
    for segment in live_segments(workspace.journal, source=source):
        if segment.events:
            table = pq.read_table(
                workspace.files.path(segment.file_names["events"]), columns=["time", "undecided"]
            )
            time = table["time"].cast(pa.int64())
            keep = table["undecided"]
            keep = keep if since is None else pc.and_(keep, pc.greater_equal(time, since))
            keep = keep if until is None else pc.and_(keep, pc.less(time, until))
            found += int(pc.sum(keep).as_py() or 0)
    return found
