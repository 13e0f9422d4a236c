"""Sources that say nothing any more while others go on."""

from __future__ import annotations

from collections import defaultdict
from math import log
from typing import Final

from .facts import HOUR, MINUTE, Facts, SourceFacts
from .items import Check
from .statement import Statement, cannot_tell, moment
from .usual import Usual, learn_usual

__all__ = ["gone_quiet", "usual_of"]

_QUESTION: Final = "it went quiet"
_MOST_DIGITS: Final = 100  # a smaller chance says nothing more
_BY: Final = {
    "hour-of-week": "the same hours of the week",
    "hour-of-day": "the same hours of the day",
    "longest-pause": "as much time at its own pace",
}


def usual_of(check: Check, source: SourceFacts) -> Usual:
    """What is usual for a source, as this check learns it."""
    return learn_usual(
        source,
        weeks=check.thresholds["weeks_known"],
        days=check.thresholds["days_known"],
        window=check.thresholds["window_weeks"],
    )


def gone_quiet(check: Check, facts: Facts) -> list[Statement]:
    """A statement for each source that ends before others do, by more than its own past and luck allow."""
    made: list[Statement] = []
    unknown: dict[str, list[str]] = defaultdict(list)
    limits = check.thresholds
    ends = [(other.clock, other.name) for other in facts.sources if other.clock is not None]
    for source in facts.sources:
        others = [each for each in ends if each[1] != source.name]
        if not others:
            unknown["there is no other source to compare it with"].append(source.name)
            continue
        end, other = max(others)
        silence = end - source.last
        if silence < limits["least_silence_minutes"] * MINUTE:
            continue
        usual = usual_of(check, source)
        known = source.last - source.first
        if usual.by == "longest-pause" and known < limits["least_known_hours"] * HOUR:
            unknown[f"less than {limits['least_known_hours']} hours of it are known"].append(source.name)
            continue
        missed = usual.expected(source.last, end)
        digits = missed / log(10)  # no event where so many are expected has a probability of exp(-missed)
        unheard = (
            silence >= limits["pause_times"] * usual.longest_pause
            if usual.by == "longest-pause"
            else missed >= limits["times_before"] * usual.most_missed
        )
        if digits >= limits["rarer_than"] and unheard:
            made.append(_statement(check, source, usual, (end, other), missed))
    return [*made, *cannot_tell(check.id, _QUESTION, unknown)]


def _statement(
    check: Check, source: SourceFacts, usual: Usual, until: tuple[int, str], missed: float
) -> Statement:
    end, other = until
    digits = int(missed / log(10))
    return Statement(
        check=check.id,
        sources=(source.name,),
        level="high" if usual.by == "hour-of-week" else "medium",
        since=source.last,
        learnt=usual.learnt,
        sentence=(
            f"{source.name}: no event since {moment(source.last)}, while {other} goes on until {moment(end)}; "
            f"by its past {_BY[usual.by]} would have held {missed:,.0f} events, and chance gives none less than once in "
            f"10^{min(digits, _MOST_DIGITS)}"
        ),
        numbers={
            "silence_seconds": (end - source.last) // 1_000_000,
            "expected_events": round(missed, 1),
            "one_in_ten_to_the": digits,
            "longest_pause_seconds": usual.longest_pause // 1_000_000,
            "most_missed_before": round(usual.most_missed, 1),
        },
    )
