"""What is known of sources and files before anything is said about them.

Instants are microseconds since 1970 UTC, hours count from 1970.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

__all__ = [
    "DAY",
    "FILE_STATES",
    "HOUR",
    "MINUTE",
    "Facts",
    "FileFacts",
    "FileState",
    "HourFacts",
    "SegmentFacts",
    "SourceFacts",
]

MINUTE: Final = 60_000_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

FileState = Literal["in-place", "shorter", "changed", "gone", "unreachable"]
FILE_STATES: Final[tuple[FileState, ...]] = ("in-place", "shorter", "changed", "gone", "unreachable")


@dataclass(frozen=True, slots=True, kw_only=True)
class HourFacts:
    """One hour of a source. Bit m of `minutes`: there is an event in minute m."""

    events: int
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFacts:
    """One piece of a content as it was read. `late`: events that come after one whose time is later by more than clocks
    differ, counted where `back_step` (the largest such step, microseconds) calls for it."""

    content: str
    first: int
    last: int
    events: int
    back_step: int
    late: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """One source with at least one event. `clock`: its last event that is not later than its file was written; None where
    there is none, so that a clock that runs ahead never makes the others look quiet."""

    name: str
    first: int
    last: int
    clock: int | None
    hours: Mapping[int, HourFacts]
    segments: tuple[SegmentFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """One content and the file that it was read from.

    `then` and `now` are sizes in bytes: of what was read where both are unpacked, else of the files as they are packed.
    `first` and `last` are its events'. Where it is known from where on it differs, `from_byte` and `from_line` are the
    start of the first segment that is not what was read.
    """

    source: str
    name: str
    state: FileState
    then: int
    now: int | None = None
    first: int | None = None
    last: int | None = None
    from_byte: int | None = None
    from_line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that log health looks at, sources and files by name."""

    sources: tuple[SourceFacts, ...]
    files: tuple[FileFacts, ...] = field(default=())
