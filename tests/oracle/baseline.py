"""Known days, hindsight, and what is usual: shares, the middle one, and how they are rounded."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["KNOWN", "Usual", "eighth", "learnt_from", "middle", "power_of_two", "quarter_hour", "usual_of"]

KNOWN = 28  # days that a fact is learnt from
FORGOTTEN = 400  # days without anything known, after which a ledger begins anew
_QUARTER = 15 * 60 * 1_000_000


def learnt_from(known: Iterable[int], day: int) -> list[int]:
    """The days that a fact as of `day` is learnt from: the 28 known ones before it; while there are fewer, the first 28 there are,
    the day itself or later ones among them (hindsight). A day of more than 400 days ago says nothing any more."""
    era: list[int] = []
    for each in sorted(set(known)):
        if era and each - era[-1] > FORGOTTEN:
            if day - era[-1] <= FORGOTTEN or day <= era[-1]:
                break  # the day still belongs to what was known before the gap
            era = []
        era.append(each)
    if era and day - era[-1] > FORGOTTEN:
        return []  # it begins anew, and nothing is known yet
    before = [each for each in era if day - FORGOTTEN <= each < day]
    return before[-KNOWN:] if len(before) >= KNOWN else era[:KNOWN]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """How many of the people who are judged bear a sign, and the share at the address of the middle one of them."""

    signed: int
    people: int
    middle: float | None

    @property
    def share(self) -> float:
        """The share to expect, no more than in the middle, each rounded to an eighth of an octave."""
        every = eighth(succession(self.signed, self.people))
        return every if self.middle is None else min(every, eighth(self.middle))


def succession(signed: int, people: int) -> float:
    """The rule of succession: not to have seen it yet is not to know that it cannot be."""
    return (signed + 1) / (people + 2)


def judged(signed: int, others: int) -> tuple[int, int]:
    """How many people with and without the sign say what is usual: each is judged by the others at the address, most of whom
    must not bear it."""
    return (signed if others >= max(signed, 1) else 0, others if others - 1 > signed else 0)


def usual_of(places: Sequence[Sequence[tuple[int, int]]]) -> Usual:
    """Of addresses, each with pairs (signed, others) that are judged one by one and then added up."""
    added = []
    for pairs in places:
        told = [judged(signed, others) for signed, others in pairs]
        signed, others = sum(each[0] for each in told), sum(each[1] for each in told)
        if signed + others:
            added.append((signed, signed + others))
    return Usual(
        signed=sum(signed for signed, _ in added),
        people=sum(people for _, people in added),
        middle=middle(added),
    )


def middle(added: Sequence[tuple[int, int]]) -> float | None:
    """The share at the address of the middle one of all people."""
    shares = sorted((succession(signed, people), people) for signed, people in added)
    half, passed = sum(people for _, people in shares) / 2, 0
    for share, people in shares:
        passed += people
        if passed >= half:
            return share
    return None


def eighth(share: float) -> float:
    """A share to an eighth of an octave, and then to a millionth."""
    return float(round(2.0 ** (round(8 * math.log2(share)) / 8), 6))


def power_of_two(number: int) -> int:
    """Up to a power of two; nothing stays nothing."""
    return 1 << (number - 1).bit_length() if number > 0 else 0


def quarter_hour(micros: int) -> int:
    """Up to a quarter of an hour."""
    return -(-micros // _QUARTER) * _QUARTER
