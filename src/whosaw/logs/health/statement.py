"""A statement about a source or a file: what was noticed, or why it cannot be told. Never about an actor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from whosaw.core.document import told_as
from whosaw.core.instants import format_instant, from_micros

__all__ = ["Learnt", "Level", "Statement", "cannot_tell", "length_words", "moment"]

Level = Literal["medium", "high"]
_NAMED = 3


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What a source was held against, and from when to when that was learnt (microseconds, half open)."""

    by: str
    start: int = field(metadata=told_as("from", form=_instant))
    end: int = field(metadata=told_as("to", form=_instant))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """`level` None: it cannot be told. `since` is an instant in microseconds."""

    check: str
    sources: tuple[str, ...]
    level: Level | None
    sentence: str
    file: str | None = None
    since: int | None = field(default=None, metadata=told_as(form=_instant))
    learnt: Learnt | None = None
    numbers: Mapping[str, float | int | None] = field(default_factory=dict)
    ALSO: ClassVar[tuple[str, ...]] = ("answer",)

    @property
    def answer(self) -> str:
        return "cannot tell" if self.level is None else "noticed"


def cannot_tell(check: str, question: str, unknown: Mapping[str, list[str]]) -> list[Statement]:
    """One statement for each reason, naming the sources of which it cannot be told. `unknown`: reason -> sources."""
    made = []
    for reason, found in sorted(unknown.items()):
        names = sorted(found)
        named = ", ".join(names[:_NAMED]) + (
            f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        )
        made.append(
            Statement(
                check=check,
                sources=tuple(names),
                level=None,
                sentence=f"{named}: cannot tell whether {question}: {reason}",
            )
        )
    return made


def moment(micros: int) -> str:
    """An instant to the minute, in UTC."""
    return format_instant(from_micros(micros))[:16].replace("T", " ") + " UTC"


def length_words(micros: int) -> str:
    """A length of time in its largest unit."""
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if micros >= size * 1_000_000:
            number = f"{micros / size / 1e6:.1f}".removesuffix(".0")
            return f"{number} {word}{'' if number == '1' else 's'}"
    return f"{micros / 1e6:.0f} seconds"
