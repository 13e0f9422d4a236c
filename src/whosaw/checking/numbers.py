"""Numbers of people, accounts and views in a text, as the bounds that their rounding leaves open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from whosaw.packs.languages import Language, NumberWords

from .text import Passage

__all__ = ["Figure", "figures"]

_MOST: Final = Decimal(10) ** 12
_BEFORE: Final = 24
_AFTER: Final = 14
_UNIT_REACH: Final = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number of `unit` (views, accounts, persons, records) that a passage states: between `low` and `high` by its rounding.

    `kind` is "is", "at least", "at most" or "only".
    """

    unit: str
    low: int
    high: int
    kind: str
    written: str
    passage: Passage

    @property
    def text(self) -> str:
        return " ".join(self.written.split())

    def as_json(self) -> dict[str, Any]:
        return {"unit": self.unit, "lower": self.low, "upper": self.high, "kind": self.kind, "written": self.text}


@dataclass(frozen=True, slots=True)
class _Number:
    start: int
    end: int
    value: Decimal
    step: Decimal  # the unit of the last digit that is written and no trailing zero
    rounded: bool


def figures(passage: Passage, language: Language) -> tuple[Figure, ...]:
    """Every number with a unit, from left to right."""
    text = passage.folded
    words = language.reading.numbers
    found: list[Figure] = []
    for number in _numbers(text, words):
        unit, end = _unit(text, number, language)
        if not unit or number.value <= 0 or number.value > _MOST:
            continue
        before = text[max(0, number.start - _BEFORE) : number.start]
        after = text[number.end : end + _AFTER]
        about = _near(words.about, before, after, words.after)
        low, high = number.value, number.value
        if about or number.rounded:
            half = (number.step if about else min(number.step, number.value)) / 2
            low, high = number.value - half, number.value + half
        found.append(
            Figure(
                unit=unit,
                low=max(0, int(low)),
                high=int(high),
                kind=_kind(words, before, after),
                written=text[number.start : max(number.end, end)].strip(" ,."),
                passage=passage,
            )
        )
    return tuple(_ranges(found))


def _ranges(found: list[Figure]) -> list[Figure]:
    """The two ends of a range are numbers like others: "300 or more, 650 or fewer" says no more than that it is between."""
    ends = {
        at
        for at, (one, two) in enumerate(pairwise(found))
        if (one.unit, one.kind, two.kind) == (two.unit, "at least", "at most")
    }
    ends |= {at + 1 for at in ends}
    return [replace(each, kind="is") if at in ends else each for at, each in enumerate(found)]


def _kind(words: NumberWords, before: str, after: str) -> str:
    for kind, told in (("at most", words.most), ("at least", words.least), ("only", words.only)):
        if _near(told, before, after, words.after or kind == "only"):
            return kind
    return "is"


def _near(told: tuple[str, ...], before: str, after: str, also_after: bool) -> bool:
    ahead = re.split(r"[.;:]\s|\d", before)[-1]
    behind = re.split(r"[.;:]\s|\d", after)[0]
    return any(
        re.search(rf"(?<!\w){re.escape(each)}(?:\W|\w{{0,3}}\W)*\w{{0,3}}\W*$", ahead) is not None
        or (also_after and each in behind)
        for each in told
    )


@lru_cache(maxsize=16)
def _digits(thousands: tuple[str, ...], decimal: str) -> re.Pattern[str]:
    groups = "|".join(rf"(?:{re.escape(each)}\d{{3}})+" for each in thousands)
    return re.compile(rf"(?<![\w.,\[-])(\d{{1,3}}(?:{groups})|\d{{1,15}})(?:{re.escape(decimal)}(\d{{1,9}}))?(?![\d])")


def _numbers(text: str, words: NumberWords) -> Iterator[_Number]:
    if words.scale_first:
        yield from _scale_first(text, words)
    else:
        yield from _scale_after(text, words)
        if words.small:
            yield from _spelled(text, words)


def _plain(found: re.Match[str]) -> tuple[Decimal, Decimal]:
    whole = re.sub(r"\D", "", found[1])
    fraction = found[2] or ""
    value = Decimal(f"{whole}.{fraction}" if fraction else whole)
    return value, Decimal(1).scaleb(-len(fraction))


def _scale_after(text: str, words: NumberWords) -> Iterator[_Number]:
    """`33.7 million`, and in Korean also sums of parts: `3천370만`, `1억 4,805만 6,502`."""
    digits = _digits(words.thousands, words.decimal)
    scales = "|".join(sorted(map(re.escape, words.scales), key=len, reverse=True))
    joined = not words.small
    more, end_of_word = ("{1,3}", "") if joined else ("", r"(?!\w)")
    scale = re.compile(rf"\s{{0,2}}((?:{scales}){more}){end_of_word}")
    at = 0
    while (found := digits.search(text, at)) is not None:
        value, step = _plain(found)
        end, rounded = found.end(), False
        total = part = Decimal(0)
        number, last = value, step
        while True:
            scaled = scale.match(text, end)
            if scaled is None:
                part += number
                break
            for each in re.findall(scales, scaled[1]):
                factor = words.scales[each]
                if factor < 10_000 and joined:  # within a group of four digits
                    part += (number or 1) * factor
                else:
                    total += (part + number) * factor if number or part else factor
                    part = Decimal(0)
                last, number, rounded = last * factor, Decimal(0), True
            end = scaled.end()
            following = re.compile(r"\s{0,2}" + digits.pattern.removeprefix(r"(?<![\w.,\[-])")).match(text, end) if joined else None
            if following is None:
                break
            number, last = _plain(following)
            rounded = False
            end = following.end()
        total += part
        yield _Number(found.start(), end, total, max(last, _zeros(total)) if rounded or total >= 100 else last, rounded)
        at = max(end, found.end())


def _zeros(value: Decimal) -> Decimal:
    """The unit of the last digit that is not zero: 4,500 is written to the hundred."""
    if value != int(value) or not value:
        return Decimal(1)
    text = str(int(value))
    return Decimal(10) ** (len(text) - len(text.rstrip("0")))


def _scale_first(text: str, words: NumberWords) -> Iterator[_Number]:
    """`milioni 33.7`, `elfu nne mia tano na thelathini na sita`, and digits alone."""
    digits = _digits(words.thousands, words.decimal)
    token = re.compile(rf"{digits.pattern}|(?<!\w)({'|'.join([*words.scales, words.hundred, words.joiner, *words.small])})(?!\w)")
    run: list[re.Match[str]] = []
    for found in token.finditer(text):
        apart = bool(run) and text[run[-1].end() : found.start()].strip(" ") not in ("", ",")
        both = len(run) > 1 and run[-1][3] == words.joiner and run[-2][1] is not None and found[1] is not None
        if apart or both:
            yield from _ended(run, words)
            run = []
        run.append(found)
    yield from _ended(run, words)


def _ended(run: list[re.Match[str]], words: NumberWords) -> Iterator[_Number]:
    while run and run[0][3] == words.joiner:
        run = run[1:]
    while run and run[-1][3] == words.joiner:
        run = run[:-1]
    if not run or (len(run) == 1 and run[0][1] is None):
        return  # a small number written as a word counts nobody who was seen
    if all(each[1] is not None for each in run):
        for each in run:
            value, step = _plain(each)
            yield _Number(each.start(), each.end(), value, max(step, _zeros(value)), False)
        return
    total = Decimal(0)
    scale: int | None = None
    part = Decimal(0)
    step = Decimal(1)

    def close() -> Decimal:
        if scale is None:
            return part
        return (part or 1) * scale

    for each in run:
        word = each[3]
        if word == words.joiner:
            continue
        if word is not None and (word in words.scales or word == words.hundred):
            total += close()
            scale, part = words.scales.get(word, 100), Decimal(0)
            step = Decimal(scale)
        elif word is not None:
            small = Decimal(words.small[word])
            if scale is not None and part and not (part % 10 == 0 and small < 10 and scale > 100):
                total += close()
                scale, part = None, small
                step = Decimal(1)
            else:
                part += small
        else:
            value, own = _plain(each)
            if scale is not None and not part:
                part, step = value, own * scale
            else:
                total += close()
                scale, part, step = None, value, own
    total += close()
    yield _Number(run[0].start(), run[-1].end(), total, max(step, Decimal(1)), step > 1)


def _spelled(text: str, words: NumberWords) -> Iterator[_Number]:
    """`four thousand five hundred and thirty-six`; a small number alone counts nobody who was seen."""
    names = "|".join(sorted([*words.small, words.hundred, *(each for each in words.scales if len(each) > 3)], key=len, reverse=True))
    run = re.compile(rf"(?<!\w)(?:{names})(?:(?:\W{{1,2}}|\W{{1,2}}{words.joiner}\W{{1,2}})(?:{names})){{1,12}}(?!\w)")
    for found in run.finditer(text):
        if re.search(r"\d[\W]{0,2}$", text[: found.start()]):
            continue
        total = part = 0
        step = 1
        for word in re.findall(names, found[0]):
            if word == words.hundred:
                part, step = (part or 1) * 100, 100
            elif word in words.scales:
                total, part, step = total + (part or 1) * words.scales[word], 0, words.scales[word]
            else:
                part, step = part + words.small[word], 1
        yield _Number(found.start(), found.end(), Decimal(total + part), Decimal(step), step > 1)


def _unit(text: str, number: _Number, language: Language) -> tuple[str, int]:
    """The unit beside a number and where it ends; "" where none stands there."""
    pattern, unit_of = _unit_names(language.code)
    joined = language.reading.joined
    if language.reading.numbers.scale_first:
        ahead = text[max(0, number.start - _UNIT_REACH) : number.start]
        ahead = re.split(r"[.;:,(]\s", ahead)[-1]
        found = [each for each in pattern.finditer(ahead) if len(ahead[each.end() :].split()) <= 3]
        if found and not re.search(r"\d", ahead[found[-1].end() :]):
            return unit_of[found[-1][0]], number.end
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
        return "", number.end
    unit = unit_of[best[0]]
    if joined and unit == "records":  # a counter of things: what they are stands before the number
        ahead = text[max(0, number.start - _UNIT_REACH) : number.start]
        before = [each for each in pattern.finditer(ahead) if unit_of[each[0]] in ("accounts", "views")]
        if before and len(ahead[before[-1].end() :].split()) <= 2:
            unit = unit_of[before[-1][0]]
    return unit, number.end + best.end()


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
