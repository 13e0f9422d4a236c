"""In which zone a command tells times, and reads those that a person types without an offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Final

import typer

from .complaints import complain
from .from_project import FromProject, in_force
from .loudness import is_quiet
from .surroundings import now

__all__ = [
    "ShownZone",
    "at_second",
    "in_zone",
    "instant_from",
    "project_zone",
    "shown_zone",
    "with_offset",
    "zone_name",
]

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_MINUTE: Final = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC")
ShownZone = Annotated[
    str | None,
    typer.Option(
        "--tz",
        metavar="ZONE",
        help="Zone in which times are told and read, such as Asia/Seoul or +09:00.",
        show_default="that of whosaw.toml, or UTC",
    ),
    FromProject("zone"),
]


def shown_zone(asked: str | None) -> tzinfo:
    """The zone that was asked for; without one, UTC."""
    from whosaw.core.instants import parse_zone

    return parse_zone(asked) if asked else UTC


def project_zone() -> tzinfo:
    """The zone of the project file; without one, UTC."""
    project = in_force()
    return shown_zone(project.zone if project is not None else None)


def zone_name(zone: tzinfo) -> str:
    """A zone as a person would name it: Asia/Seoul, UTC+09:00."""
    return "UTC" if zone is UTC else str(zone)


def at_second(instant: datetime | None, zone: tzinfo) -> str:
    """2025-03-15 00:26:31 in that zone."""
    return "-" if instant is None else f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def with_offset(instant: datetime, zone: tzinfo) -> str:
    """2025-03-15T00:26:31+09:00, exact, in that zone; of UTC the offset is Z."""
    from whosaw.core.instants import format_instant

    return format_instant(instant) if zone is UTC else instant.astimezone(zone).isoformat()


def in_zone(text: str, zone: tzinfo) -> str:
    """A stored sentence with its instants told in that zone, which stands behind the last of them."""
    from whosaw.core.instants import parse_instant

    told = _INSTANT.sub(lambda found: at_second(parse_instant(found[0]), zone), text)
    if last := [*_INSTANT.finditer(text)][-1:]:
        rest = text[last[0].end() :]
        told = f"{told[: len(told) - len(rest)]} {zone_name(zone)}{rest}"
    if zone is UTC:
        return told
    return _MINUTE.sub(lambda found: _minute(parse_instant(f"{found[1]}T{found[2]}:00Z"), zone), told)


def _minute(instant: datetime, zone: tzinfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M} {zone_name(zone)}"


def instant_from(text: str | None, zone: tzinfo, option: str) -> datetime | None:
    """A day or a time that a person typed: 2025-03-03, "2025-03-03 09:00", 2025-03-03T09:00:00+09:00. Without an offset it is one of
    `zone`. None stays None."""
    from whosaw.core.errors import WhosawError
    from whosaw.core.typed_times import typed_instant

    if text is None:
        return None
    try:
        found = typed_instant(text, zone, now=now())
    except WhosawError as fault:
        raise WhosawError(fault.code, f"{option}: {fault.message}", hint=fault.hint) from fault
    _echo(option, text, found, zone)
    return found


def _echo(option: str, text: str, found: datetime, zone: tzinfo) -> None:
    """Say how a time was understood, where it was not typed with its offset."""
    try:
        exact = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        exact = False
    if not exact and not is_quiet():
        complain(f"{option} {text} is {found.astimezone(zone).isoformat()}")
