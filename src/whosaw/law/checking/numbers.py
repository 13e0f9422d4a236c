"""Numbers of people, accounts and views in a text, as the bounds that their rounding leaves open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Final

from whosaw.core.document import told_as
from whosaw.packs.languages import Language, NumberWords

from .dates import days
from .numerals import Numeral, numerals
from .text import Passage

__all__ = ["Figure", "figures"]

_SECTION: Final = re.compile(r"\d{1,2}\.\d{1,2}\.?\s(?=[^\W\d_])")  # `4.0 Advice to customers`
_MOST: Final = Decimal(10) ** 12
_BEFORE: Final = 24
_AFTER: Final = 14
_UNIT_REACH: Final = 28
_LABEL_WORDS: Final = 4
_LONG_NUMBER: Final = re.compile(
    r"(?<![\d,.])[+(]?\d(?:[\s().-]{0,2}\d){6,}"
)  # a telephone number stands in no list of counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number of `unit` (views, accounts, persons, records) that a passage states: between `low` and `high` by its rounding.

    `kind` is "is", "at least", "at most" or "only". `total` tells that it is said to be the sum of others.
    """

    unit: str
    low: int = field(metadata=told_as("lower"))
    high: int = field(metadata=told_as("upper"))
    kind: str
    written: str
    passage: Passage = field(metadata=told_as(never=True))
    total: bool = field(default=False, metadata=told_as(never=True))


def figures(passage: Passage, language: Language) -> tuple[Figure, ...]:
    """Every number with a unit, from left to right."""
    text = passage.folded
    words = language.reading.numbers
    found: list[Figure] = []
    dated = [range(each.at, each.at + len(each.written)) for each in days(passage, language)]
    section = range(head.end()) if (head := _SECTION.match(text)) is not None else range(0)
    for number in numerals(text, words):
        if (
            any(number.start in each for each in dated)
            or number.start in section
            or _is_ordinal(text, number, language)
        ):
            continue
        unit, start, end = _unit(text, number, language)
        unit = unit or _of_label(text, number, language)
        if not unit or number.value <= 0 or number.value > _MOST:
            continue
        before = text[max(0, number.start - _BEFORE) : number.start]
        after = text[number.end : end + _AFTER]
        joined = language.reading.joined
        about = _ahead(words.about, before) or (words.after and _behind(words.about, after, joined=joined))
        low, high = number.value, number.value
        if about or number.rounded:
            half = (number.step if about else min(number.step, number.value)) / 2
            low, high = number.value - half, number.value + half
        if number.vague:
            low, high = number.step, number.step * 10
        found.append(
            Figure(
                unit=unit,
                low=max(0, int(low)),
                high=int(high),
                kind=_kind(words, before, after, joined=joined),
                written=passage.as_written(start, end).strip(" ,."),
                passage=passage,
                total=_ahead(words.totals, before)
                or (not joined and _behind(words.totals, after, joined=False)),
            )
        )
    return tuple(_ranges(found))


def _is_ordinal(text: str, number: Numeral, language: Language) -> bool:
    """Whether a number is that of a class, a room or the like, and counts nobody."""
    words = language.reading.numbers.ordinal
    if language.reading.joined:
        return text.startswith(words, number.end)
    before = text[max(0, number.start - _BEFORE) : number.start].rstrip()
    return any(re.search(rf"(?<!\w){re.escape(each)}$", before) for each in words)


def _ranges(found: list[Figure]) -> list[Figure]:
    """The two ends of a range are numbers like others: "300 or more, 650 or fewer" says no more than that it is between."""
    ends = {
        at
        for at, (one, two) in enumerate(pairwise(found))
        if (one.unit, one.kind, two.kind) == (two.unit, "at least", "at most")
    }
    ends |= {at + 1 for at in ends}
    return [replace(each, kind="is") if at in ends else each for at, each in enumerate(found)]


def _kind(words: NumberWords, before: str, after: str, *, joined: bool) -> str:
    for kind, told in (("at most", words.most), ("at least", words.least), ("only", words.only)):
        if _ahead(told, before) or ((words.after or kind == "only") and _behind(told, after, joined=joined)):
            return kind
    return "is"


def _ahead(told: tuple[str, ...], before: str) -> bool:
    """Whether one of the words stands before the number, with nothing but short words between."""
    near = re.split(r"[.;:]\s|\d", before)[-1]
    return any(
        re.search(rf"(?<!\w){re.escape(each)}\W(?:\w{{0,5}}\W){{0,3}}\w{{0,3}}$", near) for each in told
    )


def _behind(told: tuple[str, ...], after: str, *, joined: bool) -> bool:
    near = re.split(r"[.;:]\s|\d", after)[0]
    before, edge = ("", "") if joined else (r"(?<!\w)", r"(?!\w)")
    return any(re.search(rf"{before}{re.escape(each)}{edge}", near) for each in told)


def _unit(text: str, number: Numeral, language: Language) -> tuple[str, int, int]:
    """The unit beside a number, and where number and unit begin and end; "" where none stands there."""
    pattern, unit_of = _unit_names(language.code)
    joined = language.reading.joined
    words = language.reading.numbers
    if words.counters and text.startswith(words.own, number.start):
        for counter in words.counters:
            if (counted := re.match(rf"\s?{re.escape(counter)}", text[number.end :])) is not None:
                return "persons", number.start, number.end + counted.end()
    if language.reading.numbers.scale_first:
        ahead = re.split(r"[.;:,(]\s", text[max(0, number.start - _UNIT_REACH) : number.start])[-1]
        found = [each for each in pattern.finditer(ahead) if len(ahead[each.end() :].split()) <= 3]
        if found and not re.search(r"\d", ahead[found[-1].end() :]):
            return unit_of[found[-1][0]], number.start - len(ahead) + found[-1].start(), number.end
    behind = text[number.end : number.end + _UNIT_REACH]
    behind = re.split(r"[.;:(]\s|,\s|\d", behind)[0]
    best: re.Match[str] | None = None
    for each in pattern.finditer(behind):
        gap = behind[best.end() if best else 0 : each.start()].split()
        if joined:
            if best is None and each.start() > 3:
                break
        elif len(gap) > (0 if best else 3):
            break
        best = each
        if joined:
            break
    if best is None:
        return "", number.start, number.end
    unit = unit_of[best[0]]
    if joined and unit == "records":  # a counter of things: what they are stands before the number
        ahead = text[max(0, number.start - _UNIT_REACH) : number.start]
        before = [each for each in pattern.finditer(ahead) if unit_of[each[0]] in ("accounts", "views")]
        if before and len(ahead[before[-1].end() :].split()) <= 2:
            unit = unit_of[before[-1][0]]
    return unit, number.start, number.end + best.end()


def _of_label(text: str, number: Numeral, language: Language) -> str:
    """The unit that a label gives to the numbers behind it, such as `Students affected: town 1,090, village 450`; "" where none does."""
    line = re.split(r"[.!?]\s", text[: number.start])[-1]
    label, mark, between = line.partition(":")
    behind = text[number.end : number.end + 3]
    if not mark or re.search(r"\d", label) or len(label.split()) > _LABEL_WORDS or _LONG_NUMBER.search(text):
        return ""
    if len(re.split(r"[,;/]\s", between)[-1].split()) > _LABEL_WORDS:
        return ""  # it stands in a sentence, and is no entry of a list of counts
    if language.reading.joined and behind[:1].isalpha():
        return ""  # what is written together with it is its unit
    if re.search(r"[%/:]|\d$", between[-2:] + behind[:1]) or re.match(r"\s?[%\d]|[:/-]\d", behind):
        return ""
    pattern, unit_of = _unit_names(language.code)
    units = {unit_of[each[0]] for each in pattern.finditer(label)}
    return "persons" if "persons" in units else ""


@lru_cache(maxsize=16)
def _unit_names(code: str) -> tuple[re.Pattern[str], Mapping[str, str]]:
    from whosaw.packs.languages import load_language

    reading = load_language(code).reading
    unit_of: dict[str, str] = {}
    for unit, words in reading.units.items():
        for word in words:
            for ending in ("", *reading.endings):
                unit_of.setdefault(f"{word}{ending}", unit)
    names = sorted(unit_of, key=lambda each: (-len(each), each))
    body = "|".join(re.escape(each) for each in names)
    return re.compile(body if reading.joined else rf"(?<!\w)(?:{body})(?!\w)"), unit_of
