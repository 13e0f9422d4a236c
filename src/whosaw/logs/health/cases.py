"""Cases inside items: sources and files written by hand, and what must be said of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from whosaw.core.instants import to_micros
from whosaw.packs.table import Table

from .facts import FILE_STATES, HOUR, MINUTE, Facts, FileFacts, HourFacts, SegmentFacts, SourceFacts

__all__ = ["Case", "read_cases"]

_EXPECTS: Final = ("noticed", "none", "cannot tell")
_MOST_AN_HOUR: Final = 1_000_000
_MOST_HOURS: Final = 100_000
_MOST_BYTES: Final = 2**63 - 1


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


def read_cases(item: Table) -> tuple[Case, ...]:
    """The cases of an item."""
    return tuple(_case(each) for each in item.tables("case", required=True))


def _case(table: Table) -> Case:
    sources = [source for each in table.tables("source") if (source := _source(each)) is not None]
    found = Case(
        title=table.text("title"),
        expect=table.text("expect", one_of=_EXPECTS),
        level=table.optional_text("level"),
        by=table.optional_text("by"),
        since=_optional_micros(table, "since"),
        says=table.optional_text("says"),
        facts=Facts(
            sources=tuple(sorted(sources, key=lambda each: each.name)),
            files=tuple(_file(each) for each in table.tables("file")),
        ),
    )
    table.rest_unknown()
    return found


def _source(table: Table) -> SourceFacts | None:
    counts: Counter[int] = Counter()
    minutes: dict[int, int] = defaultdict(int)
    times: list[int] = []
    for stretch in table.tables("stretch"):
        for hour, at in _stretch(stretch):
            counts[hour] += len(at)
            minutes[hour] |= _bits(at)
            times += (hour * HOUR + at[0], hour * HOUR + at[-1])
    segments = tuple(_segment(each) for each in table.tables("segment"))
    times += [time for each in segments for time in (each.first, each.last)]
    name, ahead = table.text("name"), table.flag("clock_ahead")
    table.rest_unknown()
    if not times:
        table.fault("a source has a stretch or a segment with a time")
        return None
    return SourceFacts(
        name=name,
        first=min(times),
        last=max(times),
        clock=None if ahead else max(times),
        hours={hour: HourFacts(events=counts[hour], minutes=minutes[hour]) for hour in sorted(counts)},
        segments=segments,
    )


def _stretch(table: Table) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Hours with the times of their events, in microseconds after the hour: spread evenly, the first on the hour.

    `of_day` and `of_week` are the hours of the day (UTC) and days of the week (0 is Monday) that have any.
    """
    start, end = _micros(table, "from"), _micros(table, "until")
    of_day, of_week = _numbers(table, "of_day", 24), _numbers(table, "of_week", 7)
    many = table.integer("every_hour", most=_MOST_AN_HOUR)
    table.rest_unknown()
    if end - start > _MOST_HOURS * HOUR:
        table.fault(f"a stretch is longer than {_MOST_HOURS:,} hours", "until")
        return
    every = tuple(number * HOUR // many for number in range(many))
    for hour in range(start // HOUR, -(-end // HOUR)):
        if hour % 24 not in of_day or (hour // 24 + 3) % 7 not in of_week:
            continue
        whole = start <= hour * HOUR and (hour + 1) * HOUR <= end
        at = every if whole else tuple(each for each in every if start <= hour * HOUR + each < end)
        if at:
            yield hour, at


def _numbers(table: Table, key: str, below: int) -> Collection[int]:
    """A list of whole numbers below `below`; all of them where it is left out."""
    words = f"a list of whole numbers from 0 to {below - 1}"
    value = table.take(key, list, words, required=False)
    if value is None:
        return range(below)
    if not all(type(each) is int and 0 <= each < below for each in value):
        table.fault(f"{key} must be {words}", key)
        return ()
    return frozenset(value)


@cache
def _bits(at: tuple[int, ...]) -> int:
    bits = 0
    for each in at:
        bits |= 1 << each // MINUTE
    return bits


def _segment(table: Table) -> SegmentFacts:
    found = SegmentFacts(
        content=table.optional_text("content") or "a.log",
        first=_micros(table, "first"),
        last=_micros(table, "last"),
        events=table.integer("events", least=0),
        back_step=table.integer("back_step_seconds", least=0) * 1_000_000,
        late=table.integer("late", least=0, default=0),
    )
    table.rest_unknown()
    return found


def _file(table: Table) -> FileFacts:
    state = table.text("state", one_of=FILE_STATES)
    found = FileFacts(
        source=table.text("source"),
        name=table.text("name"),
        state=next((each for each in FILE_STATES if each == state), "gone"),
        then=table.integer("then", least=0, most=_MOST_BYTES),
        now=table.integer("now", least=0, most=_MOST_BYTES, default=None),
        first=_optional_micros(table, "first"),
        last=_optional_micros(table, "last"),
        from_byte=table.integer("from_byte", least=0, most=_MOST_BYTES, default=None),
        from_line=table.integer("from_line", least=0, default=None),
    )
    table.rest_unknown()
    return found


def _micros(table: Table, key: str) -> int:
    found = table.instant(key)
    return 0 if found is None else to_micros(found)


def _optional_micros(table: Table, key: str) -> int | None:
    found = table.instant(key, required=False)
    return None if found is None else to_micros(found)
