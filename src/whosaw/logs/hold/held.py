"""What a hold records: each file that existed at the time of the order, so that its loss can be shown later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = ["Checkpoint", "HeldFile", "Hold", "held_from_json", "hold_from_json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The digest (SHA-256) of the first `end` unpacked bytes, which hold `lines` whole lines."""

    end: int
    lines: int
    digest: str

    def as_json(self) -> list[Any]:
        return [self.end, self.lines, self.digest]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFile:
    """One content under the hold: a file, or a member of an archive (`archive.tar!member`).

    `name` is the absolute path, `place` what is needed to open it again (JSON). `size`, `lines` and `digest` are of the
    unpacked bytes, `on_disk` of the file. `head` is the digest of the first `head_size` bytes, by which the content is
    found again under another name. `first` and `last` are microseconds since 1970 UTC of its events, `hours` maps hours since 1970 to events; all
    three are empty where no format was known. `existed` says whether it is sure that it existed at the time of the order.
    `missing` is set where it was read before the hold began and was not as it had been when the hold began.
    """

    name: str
    source: str
    place: str
    size: int
    lines: int
    digest: str
    head: str
    head_size: int
    on_disk: int
    modified: int  # microseconds since 1970 UTC
    first: int | None = None
    last: int | None = None
    hours: Mapping[int, int] = field(default_factory=dict)
    checkpoints: tuple[Checkpoint, ...] = ()
    format: str | None = None
    existed: str = "yes"  # or "cannot-tell"
    missing: str | None = None

    def as_json(self) -> dict[str, Any]:
        plain = (
            "name",
            "source",
            "place",
            "size",
            "lines",
            "digest",
            "head",
            "head_size",
            "on_disk",
            "modified",
        )
        more = ("first", "last", "format", "existed", "missing")
        return {
            **{name: getattr(self, name) for name in (*plain, *more)},
            "hours": {str(hour): self.hours[hour] for hour in sorted(self.hours)},
            "checkpoints": [each.as_json() for each in self.checkpoints],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A hold: the words of the order, its time, the case, and what is held. Instants are microseconds since 1970 UTC.

    `roots` are the absolute folders and files that are looked through for what was renamed; `settings` are the retention
    settings that were named. `not_held` names what was found and is not held, each with its reason.
    """

    order: str
    at: int
    case: str | None
    roots: tuple[str, ...]
    settings: tuple[str, ...]
    files: tuple[HeldFile, ...]
    not_held: tuple[tuple[str, str], ...] = ()
    id: str = ""
    started: int = 0
    started_by: str = ""

    def as_json(self) -> dict[str, Any]:
        """What is stored; number, time and person of the start stand in the journal."""
        return {
            "hold": 1,
            "order": self.order,
            "at": self.at,
            "case": self.case,
            "roots": list(self.roots),
            "settings": list(self.settings),
            "files": [each.as_json() for each in self.files],
            "not_held": [list(each) for each in self.not_held],
        }

    def named(self, *, number: str, started: int, by: str) -> Hold:
        """This hold with what the journal says of its start."""
        return replace(self, id=number, started=started, started_by=by)


def held_from_json(told: dict[str, Any]) -> HeldFile:
    """What `HeldFile.as_json` wrote."""
    return HeldFile(
        **{
            **told,
            "hours": {int(hour): events for hour, events in told["hours"].items()},
            "checkpoints": tuple(
                Checkpoint(end=end, lines=lines, digest=digest) for end, lines, digest in told["checkpoints"]
            ),
        }
    )


def hold_from_json(told: dict[str, Any]) -> Hold:
    """What `Hold.as_json` wrote."""
    return Hold(
        order=told["order"],
        at=told["at"],
        case=told["case"],
        roots=tuple(told["roots"]),
        settings=tuple(told["settings"]),
        files=tuple(held_from_json(each) for each in told["files"]),
        not_held=tuple((name, reason) for name, reason in told["not_held"]),
    )
