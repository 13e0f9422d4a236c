"""Sources of which a day holds far less than the same weekdays before it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from whosaw.core.instants import format_instant, from_micros

from .facts import DAY, Facts, SourceFacts
from .items import Check
from .luck import digits_of_so_few
from .statement import Learnt, Statement, cannot_tell

__all__ = ["shrinking"]

_QUESTION: Final = "it shrank"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    day: int  # days since 1970, UTC
    events: int
    usual: float
    digits: float


def shrinking(check: Check, facts: Facts) -> list[Statement]:
    """A statement for each source that had such days, about the longest run of them."""
    made: list[Statement] = []
    unknown: dict[str, list[str]] = defaultdict(list)
    for source in facts.sources:
        judged, low = _low_days(check, source)
        if not judged:
            unknown[
                f"fewer than {check.thresholds['least_weeks']} weeks before a whole day are known"
            ].append(source.name)
        elif low:
            made.append(_statement(check, source, low))
    return [*made, *cannot_tell(check.id, _QUESTION, unknown)]


def _low_days(check: Check, source: SourceFacts) -> tuple[int, list[_Day]]:
    """How many days could be judged, and those that are low. The first and the last day are not whole and are left out."""
    limits = check.thresholds
    counts: dict[int, int] = defaultdict(int)
    for hour, held in source.hours.items():
        counts[hour // 24] += held.events
    begin, end = source.first // DAY + 1, source.last // DAY
    low: dict[int, _Day] = {}
    judged = 0
    for day in range(begin, end):
        past = [d for d in (day - 7 * week for week in range(1, limits["window_weeks"] + 1)) if d >= begin]
        fit = [d for d in past if d not in low]  # a low day is no measure for later ones
        if len(fit) < limits["least_weeks"]:
            continue
        judged += 1
        events, usual = counts.get(day, 0), float(median(counts.get(d, 0) for d in fit))
        digits = digits_of_so_few(events, usual)
        if events * 100 < limits["below_percent"] * usual and digits >= limits["rarer_than"]:
            low[day] = _Day(day=day, events=events, usual=usual, digits=digits)
    return judged, list(low.values())


def _statement(check: Check, source: SourceFacts, low: list[_Day]) -> Statement:
    runs: list[list[_Day]] = [[low[0]]]
    for before, day in pairwise(low):
        if day.day == before.day + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    run = max(runs, key=lambda each: (len(each), each[0].day))
    events, usual = sum(day.events for day in run), sum(day.usual for day in run)
    first, last, more = _date(run[0].day), _date(run[-1].day), len(low) - len(run)
    span = first if len(run) == 1 else f"{first} to {last}"
    return Statement(
        check=check.id,
        sources=(source.name,),
        level="high" if len(run) >= check.thresholds["lasting_days"] else "medium",
        since=run[0].day * DAY,
        learnt=Learnt(
            by="same-weekdays", start=_earliest(check, source, run[0].day) * DAY, end=run[0].day * DAY
        ),
        sentence=(
            f"{source.name}: {events:,} events on {span} ({len(run):,} day{'' if len(run) == 1 else 's'}), where the same "
            f"weekdays before held {usual:,.0f}; chance gives so few less than once in 10^{int(min(d.digits for d in run))}"
            + (f"; {more:,} more such day{'' if more == 1 else 's'}" if more else "")
        ),
        numbers={
            "days": len(run),
            "events": events,
            "expected_events": round(usual, 1),
            "one_in_ten_to_the": int(min(day.digits for day in run)),
            "more_days": more,
        },
    )


def _earliest(check: Check, source: SourceFacts, day: int) -> int:
    return max(source.first // DAY + 1, day - 7 * check.thresholds["window_weeks"])


def _date(day: int) -> str:
    return format_instant(from_micros(day * DAY))[:10]
