"""What a hold misses, in sentences."""

from __future__ import annotations

from datetime import datetime

from whosaw.core.instants import format_instant

from .results import HoldCheck

__all__ = ["loss_lines", "lost_sentence"]

_LOST = {"gone": "is gone", "shorter": "became shorter", "changed": "was rewritten"}


def lost_sentence(hold: HoldCheck) -> str:
    """How much of a hold is lost, as one sentence."""
    lost, lines = len(hold.lost), hold.lines_lost
    one = lines.lower == lines.upper
    much = _lines(lines.upper) if one else f"{lines.lower:,} to {_lines(lines.upper)}"
    unknown = hold.counts.cannot_tell
    more = f"; of {unknown:,} it cannot be told" if unknown else ""
    if not lost:
        return f"hold {hold.id}: nothing of the {hold.files:,} held files is lost{more}"
    return f"hold {hold.id}: {lost:,} of {hold.files:,} held files lost {much}{more}"


def loss_lines(hold: HoldCheck) -> list[str]:
    """One sentence for each held file that lost anything."""
    out = []
    for each in hold.lost:
        span = f", events from {_time(each.first)} to {_time(each.last)}" if each.first else ""
        lines = "" if each.lines_lost is None else f", {_lines(each.lines_lost)} lost"
        where = ""
        if each.outcome != "gone" and each.from_byte and each.from_line is not None:
            where = f", proven the same up to line {each.from_line - 1:,}"
        out.append(f"hold {hold.id}: {each.name} {_LOST[each.outcome]}: {each.why}{lines}{where}{span}")
    return out


def _lines(number: int) -> str:
    return f"{number:,} line{'' if number == 1 else 's'}"


def _time(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)
