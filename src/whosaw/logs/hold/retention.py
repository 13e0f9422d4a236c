"""What retention settings say of held files: rules that delete, and when each would strike."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from whosaw.core.document import told_as

__all__ = ["By", "Rule", "Strike", "Target", "days_ahead"]

_FORESEEN = 36_525  # days: a hundred years
By = Literal["path", "name", "key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A held file as a retention setting sees it. Paths are absolute.

    `live` is the log that it was rotated from (itself, where it was not), `generation` how many rotations it has been
    through (0: none) by the files beside it, `number` what a rotation by numbers wrote in its name, `live_size` the bytes on disk of that log now, `growth` the unpacked bytes a day that its source grows by, None where it cannot be
    told. `keys` are names under which it may stand in a bucket.
    """

    name: str
    path: str
    live: str
    generation: int
    size: int
    modified: datetime
    number: int | None = None
    live_size: int | None = None
    growth: float | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A rule would delete a held file on `day` (UTC, at the earliest); None where the rule does not tell the date, with
    an `estimate` where growth allows one. `by`: the rule names its path, only a log of the same name elsewhere, or a
    key that it may have in a bucket.
    `name` is None where what is deleted are entries rather than a file."""

    name: str | None
    day: date | None = field(metadata=told_as("date"))
    estimate: date | None = None
    by: By = "path"
    why: str = ""


class Rule(Protocol):
    """One rule of a settings file. `place` is file and line or item, `says` the rule in words."""

    @property
    def kind(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def says(self) -> str: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    def general(self, *, now: datetime, at: datetime) -> Strike | None:
        """A strike at entries that are no held file; `at` is the time of the order."""

    def strike(self, target: Target, *, now: datetime) -> Strike | None:
        """When it would delete a held file; None where it would not or has nothing to do with it."""


def days_ahead(now: datetime, days: float) -> date | None:
    """The day so many days after `now`; None beyond what a growth measured now can say anything of."""
    return date.fromordinal(now.date().toordinal() + int(days)) if days <= _FORESEEN else None
