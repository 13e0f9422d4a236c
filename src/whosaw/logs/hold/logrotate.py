"""When logrotate would remove a held log.

Source: logrotate(8). A log that went through k rotations is removed at the one that finds `rotate` rotated logs before it: the
(rotate - k + 1)-th from now. `maxage` removes a rotated log older than so many whole days since it was last written, and is only
looked at when the log is rotated (`rotateSingleLog` in logrotate.c).
"""

from __future__ import annotations

import fnmatch
import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import dropwhile

from .logrotate_text import Options, Stanza
from .retention import By, Strike, Target, days_ahead
from .rotation import nth_rotation, rotations

__all__ = ["LogrotateRule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogrotateRule:
    """One stanza."""

    stanza: Stanza
    kind: str = "logrotate"

    @property
    def place(self) -> str:
        return self.stanza.place

    @property
    def says(self) -> str:
        options = self.stanza.options
        often = (
            f"when larger than {options.size:,} bytes" if options.frequency == "size" else options.frequency
        )
        kept = "all" if options.rotate < 0 else f"{options.rotate:,}"
        age = f", those older than {options.maxage:,} days are removed" if options.maxage else ""
        return f"{' '.join(self.stanza.patterns)}: rotated {often}, {kept} rotated logs are kept{age}"

    @property
    def notes(self) -> tuple[str, ...]:
        options, out = self.stanza.options, []
        if options.shred:
            out.append("what is removed is overwritten first (shred) and cannot be brought back")
        if options.mail:
            out.append("what is removed is mailed before")
        if options.maxsize is not None:
            out.append(f"may be rotated earlier, whenever larger than {options.maxsize:,} bytes")
        if options.minsize is not None:
            out.append(f"is rotated later where it is not larger than {options.minsize:,} bytes")
        if options.minage is not None:
            out.append(f"is not rotated while less than {options.minage:,} days old")
        return tuple(out)

    def general(self, *, now: datetime, at: datetime) -> Strike | None:  # noqa: ARG002  # the protocol's
        return None

    def strike(self, target: Target, *, now: datetime) -> Strike | None:
        by = self._covers(target)
        if by is None:
            return None
        options = self.stanza.options
        by_age = self._by_age(target, now) if options.maxage else None
        if options.rotate < 0:
            if options.maxage is None:
                return None  # never removed
            return self._made(target, by, by_age, None, f"older than {options.maxage:,} days")
        left = max(1, options.rotate - _rotations(target, options) + 1)
        told = f"{left:,} more rotation{'s' if left != 1 else ''}"
        if options.frequency == "size":
            return self._made(
                target,
                by,
                None,
                self._estimate(target, now, left),
                f"{told}; cannot tell the date: depends on growth",
            )
        day = nth_rotation(now, options.frequency, left, weekday=options.weekday)
        if by_age is not None and by_age < day:
            return self._made(target, by, by_age, None, f"older than {options.maxage:,} days")
        return self._made(target, by, day, None, told)

    def _made(self, target: Target, by: By, day: date | None, estimate: date | None, why: str) -> Strike:
        return Strike(name=target.name, day=day, estimate=estimate, by=by, why=why)

    def _by_age(self, target: Target, now: datetime) -> date | None:
        """The first rotation that finds it more than `maxage` whole days after it was last written."""
        options = self.stanza.options
        assert options.maxage is not None
        if options.frequency == "size":
            return None
        first = nth_rotation(now, options.frequency, 1, weekday=options.weekday)
        written = (
            target.modified.date() if target.generation else first
        )  # a live log is written until it is rotated
        due = written + timedelta(days=options.maxage + 1)
        if options.frequency == "hourly":
            return max(due, first)
        days = rotations(now.date(), options.frequency, weekday=options.weekday)
        return next(dropwhile(lambda day: day < due, days))

    def _estimate(self, target: Target, now: datetime, left: int) -> date | None:
        if not target.growth:
            return None
        size = self.stanza.options.size
        missing = max(0, size - (target.live_size or 0)) + (left - 1) * size
        return days_ahead(now, missing / target.growth)

    def _covers(self, target: Target) -> By | None:
        """Whether a pattern names the log, or one of the same name in another folder (this may be a copy of that)."""
        options = self.stanza.options
        for pattern in self.stanza.patterns:
            if (
                _matches(target.path, pattern)
                or _matches(target.live, pattern)
                or _in_olddir(target, pattern, options)
            ):
                return "path"
        name = os.path.basename(target.live)
        bases = [os.path.basename(pattern) for pattern in self.stanza.patterns]
        # a bare `*.log` would fit a copy of any log
        return "name" if name in bases else None


def _rotations(target: Target, options: Options) -> int:
    """How many rotations it has been through; numbers begin with `start`."""
    if target.generation == 0:
        return 0
    return target.generation if target.number is None else max(1, target.number - options.start + 1)


def _matches(path: str, pattern: str) -> bool:
    """Whether glob(3) would list the path: `*` and `?` do not cross a slash."""
    parts, wanted = path.split("/"), os.path.expanduser(pattern).split("/")
    return len(parts) == len(wanted) and all(
        fnmatch.fnmatchcase(part, want) for part, want in zip(parts, wanted, strict=True)
    )


def _in_olddir(target: Target, pattern: str, options: Options) -> bool:
    if options.olddir is None:
        return False
    folder = os.path.normpath(os.path.join(os.path.dirname(pattern), options.olddir))
    live = os.path.join(folder, os.path.basename(pattern))
    return _matches(target.live, live)
