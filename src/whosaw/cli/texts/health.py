"""Log health as text: one line for each statement about a source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from whosaw.cli.console import say
from whosaw.cli.shown_zone import in_zone

if TYPE_CHECKING:
    from whosaw.app.reading.file_state import FilesVerified
    from whosaw.logs.health.statement import Level, Statement

__all__ = ["show_health", "show_verified"]

_MOST_LINES = 30
_MOST_OF_A_CHECK = 10  # one deletion may take hundreds of files


def show_health(health: Sequence[Statement], *, unknown: bool, zone: tzinfo) -> None:
    """The gravest first, with times of `zone`. `unknown`: also what cannot be told, and why."""
    said: Counter[tuple[str, Level | None]] = Counter()
    for each in health:
        check, level = each.check, each.level
        if level is None and not unknown:
            continue
        said[check, level] += 1
        if said[check, level] <= _MOST_OF_A_CHECK:
            say(f"note: {_mark(level)}{in_zone(each.sentence, zone)}")
    for (check, level), number in said.items():
        if number > _MOST_OF_A_CHECK:
            say(f"note: {_mark(level)}… and {number - _MOST_OF_A_CHECK:,} more of {check}; --json lists all")


def show_verified(verified: FilesVerified) -> None:
    """What came of reading the files again."""
    words = {"same": "still what was read", "changed": "changed", "shorter": "shorter", "gone": "gone"}
    said = [f"{getattr(verified, name):,} {text}" for name, text in words.items()]
    said += [f"{verified.cannot_tell:,} cannot be told"] if verified.cannot_tell else []
    say("verified: " + ", ".join(said))
    for each in verified.files[:_MOST_LINES]:
        if each.why is not None:
            say(f"  {each.name}: {each.outcome.replace('-', ' ')}: {each.why}")


def _mark(level: str | None) -> str:
    return f"[{level}] " if level is not None else ""
