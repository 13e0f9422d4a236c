"""Days in a text: by the names of months, as numbers, and as Korean writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Final

from whosaw.packs.languages import DateWords, Language

from .text import Passage

__all__ = ["Day", "Span", "days", "spans"]

_ISO: Final = re.compile(r"(?<!\d)(\d{4})\s?[-./]\s?(\d{1,2})\s?[-./]\s?(\d{1,2})(?!\d)")
_SLASHED: Final = re.compile(r"(?<![\d/.])(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?!\d)")
_KOREAN: Final = re.compile(r"(?:(\d{4}|'?\d{2})\s?년\s?)?(\d{1,2})\s?월\s?(\d{1,2})\s?일")
_SHORT_YEAR: Final = re.compile(r"(?<![\d.,:/-])'?(\d{2})[./](\d{1,2})[./](\d{1,2})(?![\d:])")
# two numbers with a mark between, as short texts write a day: 10/3, 10.20
_TWO: Final = re.compile(r"(?<![\d.,:/*#])(?<![\d#]-)(\d{1,2})([./])\s?(\d{1,2})(?![\d:%]|[./]\d)")
_LATER_DAY: Final = re.compile(r"(?<![\d.,:/])(\d{1,2})\s?일")
_SEVERAL_DAYS: Final = re.compile(
    r"(?<!\d)(\d{1,2})월\s?((?:\d{1,2}일?\s?[,·]\s?)+\d{1,2})일"
)  # 10월 21, 22, 23일
_FIRST_OF_TWO: Final = re.compile(r"(\d{1,2})\s?월\s?(\d{1,2})(?=\s?[-~]\s?\d{1,2}\s?일)")
_SPAN_BREAK: Final = re.compile(r"[;?!]|\w{12}")
_MOST_BETWEEN: Final = 34
_SECTION: Final = len("2.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day that a passage names. `year` is None where neither it nor the other end of its span writes one. `at` is where it stands in
    the folded passage."""

    year: int | None
    month: int
    day: int
    at: int
    written: str
    passage: Passage

    @property
    def shown(self) -> str:
        """As the text writes it."""
        return self.passage.as_written(self.at, self.at + len(self.written))

    def dated(self, near: date, last: date | None = None) -> date | None:
        """The date, with the year in which it lies nearest to `near`, or to the days from `near` to `last`, where none is written.
        None: there is no such day."""
        end = near if last is None else last
        years = [self.year] if self.year is not None else range(near.year - 1, end.year + 2)
        found = []
        for year in years:
            try:
                found.append(date(year, self.month, self.day))
            except ValueError:
                continue
        return min(found, key=lambda each: max(0, (near - each).days, (each - end).days), default=None)

    def as_json(self) -> dict[str, str]:
        year = "----" if self.year is None else f"{self.year:04d}"
        return {"day": f"{year}-{self.month:02d}-{self.day:02d}", "written": self.shown}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Two days with nothing between them but what says from the one to the other."""

    first: Day
    last: Day


def spans(passage: Passage, language: Language) -> tuple[Span, ...]:
    """Every span that a passage names, from left to right."""
    return tuple(
        Span(first=one, last=other)
        for one, other in pairwise(days(passage, language))
        if _is_span(one, other, language)
    )


def _is_span(one: Day, other: Day, language: Language) -> bool:
    between = one.passage.folded[one.at + len(one.written) : other.at]
    return len(between) <= _MOST_BETWEEN and not _SPAN_BREAK.search(between) and _joins(between, language)


def _with_years(named: Sequence[Day], language: Language) -> Iterator[Day]:
    """The days, those without a year with that of the other end of their span: 28 December to 3 January 2026 began in 2025."""
    years = [each.year for each in named]
    for at, (one, other) in enumerate(pairwise(named)):
        if (one.year is None) != (other.year is None) and _is_span(one, other, language):
            turns = (one.month, one.day) > (other.month, other.day)
            if years[at] is None and other.year is not None:
                years[at] = other.year - turns
            elif years[at + 1] is None and one.year is not None:
                years[at + 1] = one.year + turns
    for day, year in zip(named, years, strict=True):
        yield day if year == day.year else replace(day, year=year)


def _joins(between: str, language: Language) -> bool:
    edge = "" if language.reading.joined else r"(?!\w)"
    before = "" if language.reading.joined else r"(?<!\w)"
    words = "|".join(rf"{before}{re.escape(each)}{edge}" for each in language.reading.dates.between)
    return re.search(rf"{words}|[-~]", between) is not None


def days(passage: Passage, language: Language) -> tuple[Day, ...]:
    """Every day named, from left to right; one whose order of day and month cannot be told is left out."""
    every = [
        *_found(passage.folded, language.reading.dates),
        *_partial(passage.folded, language.reading.dates),
    ]
    found = sorted(every, key=lambda each: (each[0], -each[1]))
    taken: list[Day] = []
    end = -1
    for start, stop, year, month, day in found:
        if start < end or not (1 <= month <= 12 and 1 <= day <= 31):
            continue
        end = stop
        written = passage.folded[start:stop].strip()
        taken.append(Day(year=year, month=month, day=day, at=start, written=written, passage=passage))
    return tuple(_with_years(taken, language))


def _partial(text: str, words: DateWords) -> Iterator[tuple[int, int, int | None, int, int]]:
    """Days that take their month or year from a neighbour: 14 and 19 August, 8/3~9/21, 10-18/9/2026, 27일부터 29일까지."""
    weekday = "|".join(sorted(map(re.escape, words.weekdays), key=len, reverse=True))
    ahead = rf"(?:(?:{weekday}),?\s)?" if weekday else ""
    join = "|".join(
        [
            rf"\s?[-~]\s?{ahead}",
            *(
                rf"\s?{re.escape(each)}\s?"
                if not words.months
                else rf"\s{re.escape(each)}\s{ahead}(?:the\s|tarehe\s|tar\.?\s)?"
                for each in words.between
            ),
        ]
    )
    if words.months:
        body, number = _months(words.months)
        day = r"(\d{1,2})(?:st|nd|rd|th)?"
        for found in re.finditer(
            rf"(?<![\w/.:,])(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?={join})(?:{join}){day}(?:\sof)?\s?(?P<m>{body})(?!\w)",
            text,
        ):
            yield found.start(), found.start() + len(found["d"]), None, number[found["m"]], int(found["d"])
        for row in re.finditer(
            rf"(?<![\w/.:,])((?:\d{{1,2}},\s)+)\d{{1,2}}(?:{join})\d{{1,2}}\s(?P<m>{body})(?!\w)", text
        ):
            for found in re.finditer(r"\d{1,2}", row[1]):
                at = row.start() + found.start()
                yield at, at + len(found[0]), None, number[row["m"]], int(found[0])
        for found in re.finditer(
            rf"(?<!\w)(?P<m>{body})\.?\s{day}(?:,?\s\d{{4}})?(?:{join})(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<y>\d{{4}}))?(?!\w|\s(?:{body})|[/:.]\d)",
            text,
        ):
            yield (
                found.start("d"),
                found.end(),
                int(found["y"]) if found["y"] else None,
                number[found["m"]],
                int(found["d"]),
            )
    yield from _in_figures(text, words, join)
    if words.short == "month-day":
        yield from _korean(text)


def _in_figures(text: str, words: DateWords, join: str) -> Iterator[tuple[int, int, int | None, int, int]]:
    """Days and months in figures alone, in the order of the language."""
    if words.short == "day-month":
        for found in re.finditer(
            rf"(?<![\w/.:,])(?P<d>\d{{1,2}})(?:{join})\d{{1,2}}[/.](?P<m>\d{{1,2}})(?![\d:])", text
        ):
            yield found.start(), found.start() + len(found["d"]), None, int(found["m"]), int(found["d"])
    if words.short:
        for found in _TWO.finditer(text):
            one, other = int(found[1]), int(found[3])
            month, day_ = (one, other) if words.short == "month-day" else (other, one)
            joined = re.match(rf"\.?(?:\s?\([^)]{{1,4}}\))?(?:{join})\d", text[found.end() :]) or re.search(
                rf"\d\.?(?:\s?\([^)]{{1,4}}\))?(?:{join})$", text[max(0, found.start() - 12) : found.start()]
            )
            # 10.12. is a day, and 2.1. at the front the number of a section
            dotted = (
                words.short == "month-day"
                and re.match(r"\.(?!\S)", text[found.end() :]) is not None
                and (found.start() > 0 or len(found[0].replace(" ", "")) > _SECTION)
            )
            if found[2] == "/" or joined or dotted or re.match(r"\s?\(|\s\d{1,2}:", text[found.end() :]):
                yield found.start(), found.end(), None, month, day_
                last = words.short == "month-day" and re.match(
                    rf"\.?(?:{join})(\d{{1,2}})(?!\d|[./:]\s?\d|\s?[월년시명])", text[found.end() :]
                )
                if last and int(last[1]) > day_:  # 10/21~23
                    yield found.end() + last.start(1), found.end() + last.end(1), None, month, int(last[1])


def _korean(text: str) -> Iterator[tuple[int, int, int | None, int, int]]:
    """Years of two figures, and days that take the month of the day before."""
    for found in _SHORT_YEAR.finditer(text):
        yield found.start(), found.end(), 2000 + int(found[1]), int(found[2]), int(found[3])
    before: int | None = None
    for found in _FIRST_OF_TWO.finditer(text):
        yield found.start(), found.end(), None, int(found[1]), int(found[2])
    for row in _SEVERAL_DAYS.finditer(text):
        for found in re.finditer(r"\d{1,2}", row[2]):
            at = row.start(2) + found.start()
            yield at, at + len(found[0]), None, int(row[1]), int(found[0])
    patterns = (_KOREAN, _LATER_DAY, _FIRST_OF_TWO, _SEVERAL_DAYS)
    for found in re.finditer("|".join(each.pattern for each in patterns), text):
        if found[2] or found[5] or found[7]:
            before = int(found[2] or found[5] or found[7])
        elif before is not None:
            yield found.start(), found.end(), None, before, int(found[4])


def _found(text: str, words: DateWords) -> Iterator[tuple[int, int, int | None, int, int]]:
    for found in _ISO.finditer(text):
        yield found.start(), found.end(), int(found[1]), int(found[2]), int(found[3])
    for found in _KOREAN.finditer(text):
        year = int(found[1].strip("'")) if found[1] else None
        yield (
            found.start(),
            found.end(),
            year + 2000 if year is not None and year < 100 else year,
            int(found[2]),
            int(found[3]),
        )
    for found in _SLASHED.finditer(text):
        one, two, year = int(found[1]), int(found[2]), int(found[3])
        if words.slashed == "day-month-year" or one > 12:
            yield found.start(), found.end(), year, two, one
        elif words.slashed == "month-day-year" or two > 12 or one == two:
            yield found.start(), found.end(), year, one, two
    if words.months:
        pattern, number = _month_names(words.months)
        for found in pattern.finditer(text):
            day = found["before"] or found["after"]
            year_text = found["year"] or found["year2"]
            yield (
                found.start(),
                found.end(),
                int(year_text) if year_text else None,
                number[found["month"] or found["month_first"]],
                int(day),
            )


@lru_cache(maxsize=16)
def _months(months: tuple[tuple[str, ...], ...]) -> tuple[str, dict[str, int]]:
    number = {name: at for at, names in enumerate(months, start=1) for name in names}
    return "|".join(sorted(number, key=lambda each: (-len(each), each))), number


@lru_cache(maxsize=16)
def _month_names(months: tuple[tuple[str, ...], ...]) -> tuple[re.Pattern[str], dict[str, int]]:
    body, number = _months(months)
    return re.compile(
        r"(?<!\w)(?:"
        rf"(?P<before>\d{{1,2}})(?:st|nd|rd|th)?(?:\sof)?\s(?P<month>{body})\.?(?:,?\s(?P<year>\d{{4}}))?"
        r")(?!\w)"
        rf"|(?<!\w)(?P<month_first>{body})\.?\s(?P<after>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<year2>\d{{4}}))?(?!\w)"
    ), number
