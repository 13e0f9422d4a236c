"""Sources whose events step back in time."""

from __future__ import annotations

from .facts import Facts
from .items import Check
from .statement import Statement, length_words, moment

__all__ = ["out_of_order"]


def out_of_order(check: Check, facts: Facts) -> list[Statement]:
    """A statement for each source with steps back that are longer than clocks and buffers explain."""
    made: list[Statement] = []
    for source in facts.sources:
        steps = [
            each
            for each in source.segments
            if each.back_step >= check.thresholds["least_step_seconds"] * 1_000_000
        ]
        if not steps:
            continue
        largest = max(each.back_step for each in steps)
        late, events = sum(each.late for each in steps), sum(each.events for each in source.segments)
        since = min(each.first for each in steps)
        names = list(dict.fromkeys(each.content for each in steps))
        more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
        made.append(
            Statement(
                check=check.id,
                sources=(source.name,),
                level="high" if largest >= check.thresholds["high_step_seconds"] * 1_000_000 else "medium",
                file=names[0],
                since=since,
                sentence=(
                    f"{source.name}: time steps back by up to {length_words(largest)}; {late:,} of {events:,} events come "
                    f"after later ones, in {names[0]}{more}, since {moment(since)}"
                ),
                numbers={"largest_step_seconds": largest // 1_000_000, "late_events": late, "events": events},
            )
        )
    return made
