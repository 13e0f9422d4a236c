"""Cases inside items: sources and files written by hand, and what must be said of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from whosaw.core.instants import to_micros

from .facts import FILE_STATES, HOUR, MINUTE, Facts, FileFacts, HourFacts, SegmentFacts, SourceFacts

__all__ = ["Case", "read_cases"]

Wrong = Callable[..., None]
_EXPECTS: Final = ("noticed", "none", "cannot tell")
_KEYS: Final = ("title", "expect", "level", "by", "since", "says", "source", "file")
_STRETCH: Final = ("from", "until", "every_hour", "of_day", "of_week")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`level`, `by`, `since` (microseconds) and `says` (a part of the sentence) hold where they are given."""

    title: str
    expect: str
    facts: Facts
    level: str | None = None
    by: str | None = None
    since: int | None = None
    says: str | None = None


def read_cases(given: Any, wrong: Wrong) -> tuple[Case, ...]:
    """The cases of an item. What does not fit is told to `wrong` with its place."""
    if not isinstance(given, list) or not given:
        wrong("case must be an array of tables", "case")
        return ()
    cases = []
    for number, table in enumerate(given):
        try:
            cases.append(_case(table))
        except (KeyError, TypeError, ValueError) as fault:
            wrong(f"case {number + 1}: {fault}", "case", number)
    return tuple(cases)


def _case(table: dict[str, Any]) -> Case:
    _only(table, _KEYS)
    if table["expect"] not in _EXPECTS:
        raise ValueError(f"expect must be one of {', '.join(_EXPECTS)}")
    sources = tuple(sorted((_source(each) for each in table.get("source", ())), key=lambda each: each.name))
    return Case(
        title=str(table["title"]),
        expect=table["expect"],
        level=table.get("level"),
        by=table.get("by"),
        since=_micros(table["since"]) if "since" in table else None,
        says=table.get("says"),
        facts=Facts(sources=sources, files=tuple(_file(each) for each in table.get("file", ()))),
    )


def _source(table: dict[str, Any]) -> SourceFacts:
    _only(table, ("name", "stretch", "segment", "clock_ahead"))
    counts: Counter[int] = Counter()
    minutes: dict[int, int] = defaultdict(int)
    times: list[int] = []
    for stretch in table.get("stretch", ()):
        _only(stretch, _STRETCH)
        for hour, at in _stretch(stretch):
            counts[hour] += len(at)
            minutes[hour] |= _bits(at)
            times += (hour * HOUR + at[0], hour * HOUR + at[-1])
    segments = tuple(_segment(each) for each in table.get("segment", ()))
    times += [time for each in segments for time in (each.first, each.last)]
    return SourceFacts(
        name=table["name"],
        first=min(times),
        last=max(times),
        clock=None if table.get("clock_ahead") else max(times),
        hours={hour: HourFacts(events=counts[hour], minutes=minutes[hour]) for hour in sorted(counts)},
        segments=segments,
    )


def _stretch(table: dict[str, Any]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Hours with the times of their events, in microseconds after the hour: spread evenly, the first on the hour.

    `of_day` and `of_week` are the hours of the day (UTC) and days of the week (0 is Monday) that have any.
    """
    start, end = _micros(table["from"]), _micros(table["until"])
    of_day, of_week = table.get("of_day", range(24)), table.get("of_week", range(7))
    every = tuple(number * HOUR // table["every_hour"] for number in range(table["every_hour"]))
    for hour in range(start // HOUR, -(-end // HOUR)):
        if hour % 24 not in of_day or (hour // 24 + 3) % 7 not in of_week:
            continue
        whole = start <= hour * HOUR and (hour + 1) * HOUR <= end
        at = every if whole else tuple(each for each in every if start <= hour * HOUR + each < end)
        if at:
            yield hour, at


@cache
def _bits(at: tuple[int, ...]) -> int:
    bits = 0
    for each in at:
        bits |= 1 << each // MINUTE
    return bits


def _segment(table: dict[str, Any]) -> SegmentFacts:
    _only(table, ("content", "first", "last", "events", "back_step_seconds", "late"))
    return SegmentFacts(
        content=table.get("content", "a.log"),
        first=_micros(table["first"]),
        last=_micros(table["last"]),
        events=table["events"],
        back_step=table["back_step_seconds"] * 1_000_000,
        late=table.get("late", 0),
    )


def _file(table: dict[str, Any]) -> FileFacts:
    _only(table, ("source", "name", "state", "then", "now", "first", "last", "from_byte", "from_line"))
    if table["state"] not in FILE_STATES:
        raise ValueError(f"state must be one of {', '.join(FILE_STATES)}")
    return FileFacts(
        source=table["source"],
        name=table["name"],
        state=table["state"],
        then=table["then"],
        now=table.get("now"),
        first=_micros(table["first"]) if "first" in table else None,
        last=_micros(table["last"]) if "last" in table else None,
        from_byte=table.get("from_byte"),
        from_line=table.get("from_line"),
    )


def _micros(moment: object) -> int:
    if not isinstance(moment, datetime):
        raise TypeError(f"{moment!r} is not a time with an offset")
    return to_micros(moment)


def _only(table: dict[str, Any], known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            raise ValueError(f"{key} is not known here; known: {', '.join(known)}")
