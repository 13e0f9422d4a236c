"""Numbers as languages write them: digits with scales before or after, sums of scales, and words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Final

from whosaw.packs.languages import NumberWords

__all__ = ["Numeral", "has_telephone", "numerals"]

_TELEPHONE_WORDS: Final = 6


@dataclass(frozen=True, slots=True)
class Numeral:
    """Where a number stands, its value, the unit of its last digit that is no trailing zero, and whether it is written with a scale. A vague
    one is at least `step`, and at most ten times as much."""

    start: int
    end: int
    value: Decimal
    step: Decimal
    rounded: bool = False
    vague: bool = False


@lru_cache(maxsize=16)
def _digits(thousands: tuple[str, ...], decimal: str) -> re.Pattern[str]:
    groups = "|".join(rf"(?:{re.escape(each)}\d{{3}})+" for each in thousands)
    return re.compile(
        rf"(?<![\w.,:\[-])(\d{{1,3}}(?:{groups})|\d{{1,15}})(?:{re.escape(decimal)}(\d{{1,9}}))?(?!\d|:\d)"
    )


def numerals(text: str, words: NumberWords) -> Iterator[Numeral]:
    """Every number in folded text."""
    yield from _vague(text, words)
    if words.scale_first:
        yield from _scale_first(text, words)
    else:
        yield from _scale_after(text, words)
        if words.joiner:
            yield from _spelled(text, words)
        elif words.small:
            yield from _spelled_together(text, words)


def _vague(text: str, words: NumberWords) -> Iterator[Numeral]:
    """`hundreds`, `수백`, `mamia`: many of a unit, and no more is said."""
    for found in _many(tuple(words.vague), bool(words.joiner)).finditer(text) if words.vague else ():
        step = Decimal(words.vague[" ".join(found[0].split())])
        yield Numeral(found.start(), found.end(), step, step, vague=True)


@lru_cache(maxsize=16)
def _many(names: tuple[str, ...], apart: bool) -> re.Pattern[str]:
    body = "|".join(re.escape(each).replace(r"\ ", r"\s") for each in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<![\w\d])(?<!\d\s)(?:{body})" + (r"(?!\w)" if apart else ""))


def has_telephone(text: str, words: NumberWords) -> bool:
    """Whether a number is read out digit by digit: `zero seven zero zero`, as on the radio."""
    return (
        _read_out(
            tuple(each for each, value in words.small.items() if value < 10), bool(words.joiner)
        ).search(text)
        is not None
    )


@lru_cache(maxsize=16)
def _read_out(names: tuple[str, ...], apart: bool) -> re.Pattern[str]:
    word = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    between, edge = (r"[\s,.-]{1,3}", r"(?!\w)") if apart else (r"[\s,.-]{0,2}", "")
    return re.compile(rf"(?<!\w)(?:{word})(?:{between}(?:{word})){{{_TELEPHONE_WORDS - 1},15}}{edge}")


def _plain(found: re.Match[str]) -> tuple[Decimal, Decimal]:
    whole = re.sub(r"\D", "", found[1])
    fraction = found[2] or ""
    value = Decimal(f"{whole}.{fraction}" if fraction else whole)
    return value, Decimal(1).scaleb(-len(fraction))


def _scale_after(text: str, words: NumberWords) -> Iterator[Numeral]:
    """`33.7 million`, and in Korean also sums of parts: `3천370만`, `1억 4,805만 6,502`."""
    digits = _digits(words.thousands, words.decimal)
    scales = "|".join(sorted(map(re.escape, words.scales), key=len, reverse=True))
    joined = not words.joiner
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
            following = (
                re.compile(r"\s{0,2}" + digits.pattern.removeprefix(r"(?<![\w.,:\[-])")).match(text, end)
                if joined
                else None
            )
            if following is None:
                break
            number, last = _plain(following)
            rounded = False
            end = following.end()
        total += part
        yield Numeral(
            found.start(), end, total, max(last, _zeros(total)) if rounded or total >= 100 else last, rounded
        )
        at = max(end, found.end())


def _zeros(value: Decimal) -> Decimal:
    """The unit of the last digit that is not zero: 4,500 is written to the hundred."""
    if value != int(value) or not value:
        return Decimal(1)
    text = str(int(value))
    return Decimal(10) ** (len(text) - len(text.rstrip("0")))


def _scale_first(text: str, words: NumberWords) -> Iterator[Numeral]:
    """`milioni 33.7`, `elfu nne mia tano na thelathini na sita`, and digits alone."""
    digits = _digits(words.thousands, words.decimal)
    token = re.compile(
        rf"{digits.pattern}|(?<!\w)({'|'.join([*words.scales, words.hundred, words.joiner, *words.small])})(?!\w)"
    )
    run: list[re.Match[str]] = []
    for found in token.finditer(text):
        apart = bool(run) and text[run[-1].end() : found.start()].strip(" ") not in ("", ",")
        both = len(run) > 1 and run[-1][3] == words.joiner and run[-2][1] is not None and found[1] is not None
        if apart or both:
            yield from _ended(run, words)
            run = []
        run.append(found)
    yield from _ended(run, words)


def _ended(run: list[re.Match[str]], words: NumberWords) -> Iterator[Numeral]:
    while run and run[0][3] == words.joiner:
        run = run[1:]
    while run and run[-1][3] == words.joiner:
        run = run[:-1]
    read_out = _in_digits([words.small.get(each[3] or "", 10) for each in run])
    if not run or read_out or (len(run) == 1 and run[0][1] is None):
        return  # a small number written as a word counts nobody who was seen
    if all(each[1] is not None for each in run):
        for each in run:
            value, step = _plain(each)
            yield Numeral(each.start(), each.end(), value, max(step, _zeros(value)))
        return
    total = Decimal(0)
    scale: int | None = None
    part = Decimal(0)
    step = Decimal(1)

    def close() -> Decimal:
        if scale is None:
            return part
        return (part or Decimal(1)) * scale

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
    yield Numeral(run[0].start(), run[-1].end(), total, max(step, Decimal(1)), step > 1)


def _spelled(text: str, words: NumberWords) -> Iterator[Numeral]:
    """`four thousand five hundred and thirty-six`; a small number alone counts nobody who was seen."""
    names = "|".join(
        sorted(
            [*words.small, words.hundred, *(each for each in words.scales if len(each) > 3)],
            key=len,
            reverse=True,
        )
    )
    run = re.compile(
        rf"(?<!\w)(?:{names})(?:(?:\W{{1,2}}|\W{{1,2}}{words.joiner}\W{{1,2}})(?:{names})){{1,12}}(?!\w)"
    )
    for found in run.finditer(text):
        if re.search(r"\d[\W]{0,2}$", text[: found.start()]):
            continue
        total = part = 0
        step = 1
        if _in_digits([words.small.get(word, 10) for word in re.findall(names, found[0])]):
            continue
        for word in re.findall(names, found[0]):
            if word == words.hundred:
                part, step = (part or 1) * 100, 100
            elif word in words.scales:
                total, part, step = total + (part or 1) * words.scales[word], 0, words.scales[word]
            else:
                part, step = part + words.small[word], 1
        yield Numeral(found.start(), found.end(), Decimal(total + part), Decimal(step), step > 1)


def _in_digits(values: list[int]) -> bool:
    """Whether words are read one by one, as those of a telephone number: no number has two digits behind one another."""
    return any(one < 10 and other < 10 for one, other in pairwise(values))


def _spelled_together(text: str, words: NumberWords) -> Iterator[Numeral]:
    """`이백십사`, `백여`, `스물두`: words without spaces between. A small number alone counts nobody who was seen."""
    run, word = _together(tuple(words.small), tuple(words.scales.items()))
    for found in run.finditer(text):
        values = [(words.scales.get(each), words.small.get(each, 0)) for each in word.findall(found[1])]
        if _in_digits([10 if scale else small for scale, small in values]):
            continue
        total = part = digit = 0
        step = 1
        for scale, small in values:
            if scale is None:
                part, digit, step = part + digit, small, 1
            elif scale < 10_000:
                part, digit, step = part + (digit or 1) * scale, 0, scale
            else:
                total, part, digit, step = total + (part + digit or 1) * scale, 0, 0, scale
        total += part + digit
        if total >= 10:
            step, more = max(step, 10), Decimal(0)
            if found[2]:  # so many and some more
                more = Decimal(step) / 2
            yield Numeral(found.start(), found.end(), total + more, Decimal(step), bool(more))


@lru_cache(maxsize=16)
def _together(
    small: tuple[str, ...], scales: tuple[tuple[str, int], ...]
) -> tuple[re.Pattern[str], re.Pattern[str]]:
    names = "|".join(sorted(map(re.escape, (*small, *(each for each, _ in scales))), key=len, reverse=True))
    large_alone = "|".join(re.escape(each) for each, value in scales if value > 10_000)
    large = "|".join(re.escape(each) for each, value in scales if value >= 10_000)
    # `억` and `조` begin no number: one has `일억`, and `조회` is another word; `오십시오` bids somebody come
    run = rf"(?<!\w)(?!{large_alone})((?:(?:{names})(?:(?<={large})\s(?=\w))?){{1,12}})(여)?(?!시오|시요)(?=\s?[^\W\d]|$)"
    return re.compile(run), re.compile(names)
