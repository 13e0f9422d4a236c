"""In which zone a command tells times, and reads those that a person types without an offset."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Annotated

import typer

__all__ = ["ShownZone", "instant_from", "shown_zone", "zone_name"]

ShownZone = Annotated[
    str | None,
    typer.Option(
        "--tz",
        metavar="ZONE",
        help="Zone in which times are told and read, such as Asia/Seoul or +09:00.",
        show_default="UTC",
    ),
]


def shown_zone(asked: str | None) -> tzinfo:
    """The zone that was asked for; without one, UTC."""
    from whosaw.core.instants import parse_zone

    return parse_zone(asked) if asked else UTC


def zone_name(zone: tzinfo) -> str:
    """A zone as a person would name it: Asia/Seoul, UTC+09:00."""
    return "UTC" if zone is UTC else str(zone)


def instant_from(text: str | None, zone: tzinfo, option: str) -> datetime | None:
    """A day or a time that a person typed: 2025-03-03, "2025-03-03 09:00", 2025-03-03T09:00:00+09:00. Without an offset it is one of
    `zone`. None stays None."""
    from whosaw.core.errors import WhosawError

    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text.strip())
    except ValueError as fault:
        raise WhosawError(
            "instant.unreadable",
            f"{option}: {text!r} is no day and no time",
            hint="Write it like 2025-11-17 or 2025-11-17T16:00+09:00",
        ) from fault
    aware = parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=zone)
    try:
        return aware.astimezone(UTC)
    except OverflowError as fault:
        raise WhosawError("instant.unreadable", f"{option}: {text!r} lies outside of all logs") from fault
