"""Views and logins by hand, with numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from whosaw.actors.explaining.context_rows import numbered_schema
from whosaw.store.kinds import kind

DAY = 86_400_000_000
HOUR = DAY // 24


def made_views(events: Sequence[Mapping[str, int | None]]) -> pa.Table:
    """Rows of `views` of some days, in their order; what is not said is null, and of the line its place."""
    rows = [
        {"day": (each["time"] or 0) // DAY, "content": 1, "line": at, "client": 1, "unsure": 0, **each}
        for at, each in enumerate(events)
    ]
    rows.sort(
        key=lambda row: (row["day"], row["person"] is None, row["person"] or 0, row["time"], row["line"])
    )
    return pa.Table.from_pylist(rows, schema=kind("views").in_hand)


def made_logins(rows: Sequence[tuple[int, int, int]]) -> pa.Table:
    """Rows of time, subject, token."""
    told = [{"time": time, "subject": subject, "token": token} for time, subject, token in rows]
    return pa.Table.from_pylist(told, schema=numbered_schema("logins"))
