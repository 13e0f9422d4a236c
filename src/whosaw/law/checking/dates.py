"""Days in a text: by the names of months, as numbers, and as Korean writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from whosaw.packs.languages import DateWords, Language

from .text import Passage

__all__ = ["Day", "days"]

_ISO: Final = re.compile(r"(?<!\d)(\d{4})\s?[-./]\s?(\d{1,2})\s?[-./]\s?(\d{1,2})(?!\d)")
_SLASHED: Final = re.compile(r"(?<![\d/.])(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?!\d)")
_KOREAN: Final = re.compile(r"(?:(\d{4}|'?\d{2})\s?년\s?)?(\d{1,2})\s?월\s?(\d{1,2})\s?일")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day that a passage names. `year` is None where it is not written. `at` is where it stands in the folded passage."""

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

    def dated(self, near: date) -> date | None:
        """The date, with the year in which it lies nearest to `near` where none is written. None: there is no such day."""
        years = [self.year] if self.year is not None else [near.year - 1, near.year, near.year + 1]
        found = []
        for year in years:
            try:
                found.append(date(year, self.month, self.day))
            except ValueError:
                continue
        return min(found, key=lambda each: abs((each - near).days), default=None)

    def as_json(self) -> dict[str, str]:
        year = "----" if self.year is None else f"{self.year:04d}"
        return {"day": f"{year}-{self.month:02d}-{self.day:02d}", "written": self.shown}


def days(passage: Passage, language: Language) -> tuple[Day, ...]:
    """Every day named, from left to right; one whose order of day and month cannot be told is left out."""
    found = sorted(_found(passage.folded, language.reading.dates), key=lambda each: (each[0], -each[1]))
    taken: list[Day] = []
    end = -1
    for start, stop, year, month, day in found:
        if start < end or not (1 <= month <= 12 and 1 <= day <= 31):
            continue
        end = stop
        written = passage.folded[start:stop].strip()
        taken.append(Day(year=year, month=month, day=day, at=start, written=written, passage=passage))
    return tuple(taken)


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
def _month_names(months: tuple[tuple[str, ...], ...]) -> tuple[re.Pattern[str], dict[str, int]]:
    number = {name: at for at, names in enumerate(months, start=1) for name in names}
    body = "|".join(sorted(number, key=lambda each: (-len(each), each)))
    return re.compile(
        r"(?<!\w)(?:"
        rf"(?P<before>\d{{1,2}})(?:st|nd|rd|th)?(?:\sof)?\s(?P<month>{body})\.?(?:,?\s(?P<year>\d{{4}}))?"
        r")(?!\w)"
        rf"|(?<!\w)(?P<month_first>{body})\.?\s(?P<after>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<year2>\d{{4}}))?(?!\w)"
    ), number
