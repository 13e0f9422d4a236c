"""What an answer is not told: sources of the ledger of which no route of its map says whose data they show."""

from __future__ import annotations

from dataclasses import replace

from whosaw.mapping.data_map import load_map
from whosaw.mapping.untold import UntoldSource, untold_sources
from whosaw.store.ledger import LedgerReader
from whosaw.store.repositories.segments import live_segments
from whosaw.store.sql import quote_text

from .within import EVERYTHING, Within

__all__ = ["untold"]

_HOUR = 3_600_000_000


def untold(reader: LedgerReader, within: Within = EVERYTHING) -> tuple[UntoldSource, ...]:
    """By name, each such source that a question within these ends is about; of a time, the events of the hours that it touches. A
    question about one route is about no other line."""
    if within.route is not None:
        return ()
    workspace = reader.workspace
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
        replace(each, undecided=_undecided(reader, each.source, since, until))
        for each in found
        if within.source in (None, each.source)
    )


def _undecided(reader: LedgerReader, source: str, since: int | None, until: int | None) -> int:
    """How many events of a source, from `since` up to `until`, fit a route and say neither a status nor whether they succeeded."""
    workspace = reader.workspace
    paths = [
        quote_text(str(workspace.files.path(each.file_names["events"])))
        for each in live_segments(workspace.journal, source=source)
        if each.events
    ]
    if not paths:
        return 0
    found = reader.session.query(
        f"SELECT count(*) AS n FROM read_parquet([{', '.join(paths)}]) WHERE undecided "
        "AND ($1 IS NULL OR time >= $1) AND ($2 IS NULL OR time < $2)",
        [since, until],
    )
    return int(found["n"][0].as_py())
