"""Whether the map of a workspace still says anything of its logs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from whosaw.mapping.data_map import DataMap
from whosaw.mapping.route_days import DAY_US, RouteDays, Stopped
from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

__all__ = ["days_of", "ended_routes", "map_health", "stopped_json"]

_HOURS = 24


def map_health(workspace: Workspace, data_map: DataMap | None) -> dict[str, Any] | None:
    """Events and views of the ledger, and the routes that stopped; None without a map."""
    if data_map is None:
        return None
    days = RouteDays()
    segment, content, hour = tables.segment, tables.content, tables.hour
    query = (
        sa.select(segment.c.id, content.c.source)
        .select_from(segment.join(content, content.c.id == segment.c.content))
        .where(segment.c.live)
    )
    sources = {row["id"]: row["source"] for row in workspace.journal.rows(query)}
    traffic: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in workspace.journal.rows(sa.select(hour.c.segment, hour.c.hour, hour.c.events)):
        if row["segment"] in sources:
            traffic[sources[row["segment"]]][row["hour"] // _HOURS] += row["events"]
    for source, of_day in traffic.items():
        days.add_traffic(source, of_day)
    views = 0
    reader = LedgerReader(workspace)
    try:
        found = reader.session.query(
            f"SELECT content, route, micros // {DAY_US} AS day, count(DISTINCT line) AS n FROM views GROUP BY ALL ORDER BY ALL"
        )
        for row in found.to_pylist():
            views += row["n"]
            if row["content"] in sources:
                id_ = reader.routes[row["route"]]["id"]
                days.add_matched(sources[row["content"]], id_, {row["day"]: row["n"]})
    finally:
        reader.close()
    stopped = days.stopped(ended_routes(data_map))
    notes = [str(each) for each in stopped]
    if days.events and not views:
        notes.insert(
            0,
            f"THE MAP MATCHES NOTHING: none of {days.events:,} events is a view by any of its {len(data_map.routes):,} routes; "
            "`whosaw map check MAP LOGS` shows what the logs hold",
        )
    return {
        "events": days.events,
        "views": views,
        "matches_nothing": bool(days.events and not views),
        "stopped": stopped_json(stopped),
        "notes": notes,
    }


def stopped_json(stopped: Sequence[Stopped]) -> list[dict[str, Any]]:
    """Routes that stopped, as JSON tells them."""
    return [
        {
            "route": each.route, "source": each.source, "last_day": str(each.last), "days": each.days,
            "events_since": each.events, "expected": each.expected,
        }
        for each in stopped
    ]  # fmt: skip


def ended_routes(data_map: DataMap) -> set[str]:
    """Routes that the map lets end itself: those without a version that is still open."""
    return {route.id for route in data_map.routes} - {
        route.id for route in data_map.routes if route.until is None
    }


def days_of(micros: np.ndarray[tuple[int], np.dtype[np.int64]]) -> dict[int, int]:
    """How many of the instants fall on each day."""
    days, counts = np.unique(micros // DAY_US, return_counts=True)
    return dict(zip(days.tolist(), counts.tolist(), strict=True))
