"""The parts of an actor: what it did with each program, and from when to when; and what lies at the edges of the logs."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from whosaw.core.scope_version import Ends, Part, Window
from whosaw.core.window_ends import BEGIN, END, NOTHING
from whosaw.store.sql import Session

from .record import Record
from .statement import statement

__all__ = ["MOST_PARTS", "parts_of", "window_of"]

MOST_PARTS: Final = 50
_DAY: Final = 86_400_000_000


def parts_of(session: Session) -> tuple[Part, ...]:
    """From scope_spans and scope_parts, scope_troupes and scope_acts."""
    rows = session.query(statement("close_part_rows")).to_pylist()
    return tuple(
        Part(
            number=row["part"],
            first=row["first"],
            last=row["last"],
            how=_how(row, last=row["part"] == MOST_PARTS - 1),
            clients=row["clients"],
        )
        for row in rows
    )


def _how(row: dict[str, Any], *, last: bool) -> str:
    if row["agents"] > 1 or last:
        program = f"{row['agents']:,} user agents"
    else:
        program = (
            f"the user agent {row['agent']!r}" if row["agent"] is not None else "no user agent in the log"
        )
    program += f" and the TLS fingerprint {row['tls']}" if row["tls"] is not None else ""
    views, addresses, networks = row["views"], row["addresses"], row["networks"]
    where = ""
    if addresses:
        where = f" from {addresses:,} address{'es' if addresses > 1 else ''}"
        where += f" in {networks:,} network{'s' if networks > 1 else ''}" if networks else ""
    return f"{views:,} view{'s' if views > 1 else ''} with {program}{where}."


def window_of(session: Session, record: Record) -> Window:
    """Where the logs reach no further than the actor's own longest pause, what lies beyond them cannot be known."""
    days = session.query(
        "SELECT time // ? AS day, min(time) AS first, max(time) AS last FROM scope_views WHERE held OR unsure <> 0 GROUP BY 1 ORDER BY 1",
        [_DAY],
    ).to_pylist()
    if not days:
        return Window(
            first_view=None,
            last_view=None,
            logs_from=record.logs_from,
            logs_until=record.logs_until,
            ends=Ends(before=BEGIN, after=END),
        )
    first, last = days[0]["first"], days[-1]["last"]
    pauses = (b["first"] - a["last"] for a, b in pairwise(days))
    pause = max(_DAY, *pauses, _DAY)
    near_begin = record.logs_from is None or first - record.logs_from <= pause
    near_end = record.logs_until is None or record.logs_until - last <= pause
    return Window(
        first_view=first,
        last_view=last,
        logs_from=record.logs_from,
        logs_until=record.logs_until,
        ends=Ends(before=BEGIN if near_begin else NOTHING, after=END if near_end else NOTHING),
    )
