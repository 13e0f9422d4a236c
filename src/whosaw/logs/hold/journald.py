"""What the settings of systemd-journald delete.

Source: journald.conf(5). `MaxRetentionSec=` deletes journal files with entries older than the span; `SystemMaxUse=`, `SystemKeepFree=` and
`SystemMaxFiles=` (and their Runtime twins) delete the oldest when there is too much; where `SystemMaxUse=` is not set it is a tenth of the
file system, 4 GiB at most. With `Storage=volatile` or `none` nothing outlives the next start.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from .retention import Strike, Target

__all__ = ["JournaldRule", "read_journald"]

_OF_SIZE = tuple(
    f"{where}{what}" for where in ("System", "Runtime") for what in ("MaxUse", "KeepFree", "MaxFiles")
)
_WITHOUT_EFFECT = frozenset(
    {f"{where}MaxFileSize" for where in ("System", "Runtime")}
    | {f"ForwardTo{where}" for where in ("Syslog", "KMsg", "Console", "Wall", "Socket")}
    | {f"MaxLevel{where}" for where in ("Store", "Syslog", "KMsg", "Console", "Wall", "Socket")}
    | {
        "Compress", "Seal", "SplitMode", "SyncIntervalSec", "RateLimitIntervalSec", "RateLimitInterval", "RateLimitBurst",
        "MaxFileSec", "TTYPath", "LineMax", "ReadKMsg", "Audit",
    }
)  # fmt: skip
_SECONDS = {
    "s": 1, "sec": 1, "second": 1, "seconds": 1, "m": 60, "min": 60, "minute": 60, "minutes": 60, "h": 3600, "hr": 3600,
    "hour": 3600, "hours": 3600, "d": 86_400, "day": 86_400, "days": 86_400, "w": 604_800, "week": 604_800, "weeks": 604_800,
    "M": 2_629_800, "month": 2_629_800, "months": 2_629_800, "y": 31_557_600, "year": 31_557_600, "years": 31_557_600,
}  # fmt: skip
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class JournaldRule:
    """One setting that deletes. `seconds` is its span, None where it counts something else."""

    place: str
    says: str
    why: str
    seconds: float | None = None
    notes: tuple[str, ...] = ()
    kind: str = "journald"

    def general(self, *, now: datetime, at: datetime) -> Strike | None:
        if self.seconds is None:
            return Strike(name=None, day=None, why=self.why)
        due = at + timedelta(seconds=self.seconds)
        why = "journal entries of the time of the order; older ones go earlier"
        return Strike(name=None, day=max(due, now).date(), why=why)

    def strike(self, target: Target, *, now: datetime) -> Strike | None:
        if not target.path.endswith((".journal", ".journal~")):
            return None
        if self.seconds is None:
            return Strike(name=target.name, day=None, why=self.why)
        due = target.modified + timedelta(seconds=self.seconds)
        why = "counted from its last entry at the latest; its first entries may be older"
        return Strike(name=target.name, day=max(due, now).date(), why=why)


def read_journald(file: str, text: str) -> tuple[list[JournaldRule], list[str]]:
    """The settings of one file that delete, and what in it is not understood."""
    rules: list[JournaldRule] = []
    notes: list[str] = []
    names: set[str] = set()
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line[0] in "#;[":
            continue
        name, _, value = (part.strip() for part in line.partition("="))
        place = f"{file}:{number}"
        names.add(name)
        if name == "MaxRetentionSec":
            rules += _span(place, value, notes)
        elif name in _OF_SIZE and value not in ("", "0"):
            why = "cannot tell the date: depends on how much is written"
            rules.append(
                JournaldRule(place=place, says=f"{name}={value}: the oldest journal files go first", why=why)
            )
        elif name == "Storage" and value in ("volatile", "none"):
            why = "cannot tell the date: with the next start of the machine"
            rules.append(
                JournaldRule(place=place, says=f"Storage={value}: the journal is not kept on disk", why=why)
            )
        elif name != "Storage" and name not in _OF_SIZE and name not in _WITHOUT_EFFECT:
            notes.append(f"{place}: setting {name!r} is not known; what it changes cannot be told")
    if "SystemMaxUse" not in names:
        says = "SystemMaxUse= is not set: at a tenth of the file system, 4 GiB at most, the oldest journal files go"
        why = "cannot tell the date: depends on how much is written"
        rules.append(JournaldRule(place=file, says=says, why=why))
    return rules, notes


def _span(place: str, value: str, notes: list[str]) -> list[JournaldRule]:
    seconds = _seconds(value)
    if seconds is None:
        notes.append(f"{place}: the span {value!r} is not understood")
        return []
    if seconds == 0:
        return []  # journald.conf(5): zero turns it off
    return [
        JournaldRule(
            place=place, says=f"MaxRetentionSec={value}: older entries are deleted", why="", seconds=seconds
        )
    ]


def _seconds(value: str) -> float | None:
    """A time span of systemd.time(7), in seconds where no unit stands."""
    found = _SPAN.findall(value)
    if not found or _SPAN.sub("", value) or any(unit and unit not in _SECONDS for _, unit in found):
        return None
    return sum(float(count) * _SECONDS[unit or "s"] for count, unit in found)
