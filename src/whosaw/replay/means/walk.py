"""Whom a step reads, in which order: any piece of a walk is found without making what comes before it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from whosaw.replay.breach_item import Step
from whosaw.replay.dice import Bools, Ints, Words, mixed
from whosaw.replay.people import People
from whosaw.replay.setting import Setting

__all__ = ["WALKS", "Piece", "Walk", "salt_of", "spaced", "spaced_before", "walk_of"]

WALKS = {
    "every-number": "every number of the range, with or without a member; later rounds keep to the members",
    "customers": "members by rising number",
    "scattered": "members in no order",
    "pages": "the pages of a list of all members",
    "ranges": "ranges of numbers, one after another",
    "sessions": "the sessions that are alive on the day",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Requests of a walk that follow one another. `position` is a customer's, 0 where there is none."""

    number: Ints
    position: Ints
    exists: Bools
    first_hit: int  # how many requests of the walk met somebody before this piece

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """All rounds of a walk. A hit is a request that meets a member (a page, a range).

    The first round makes `tried` requests with `kept` hits; later rounds make the hits alone. Pieces cost what
    they hold; nothing else of the walk is ever made.
    """

    kind: str
    people: People
    begin: int  # where the first round starts: a number, a position, or a page
    tried: int
    kept: int
    hits: int  # of all rounds
    records: int
    salt: int

    @property
    def requests(self) -> int:
        """Of all rounds."""
        return self.tried + self.hits - self.kept if self.hits else 0

    @property
    def misses(self) -> int:
        """Requests that meet nobody; all are in the first round."""
        return self.requests - self.hits

    def hits_before(self, at: int) -> int:
        """How many of the first `at` requests are hits."""
        if at >= self.tried or self.kind != "every-number":
            return at - self.tried + self.kept
        numbers = self.people.numbers
        return int(np.searchsorted(numbers, self.begin + at) - np.searchsorted(numbers, self.begin))

    def after_hits(self, hits: int) -> int:
        """How many requests it takes until that many are hits."""
        if hits <= 0:
            return 0
        if hits >= self.kept or self.kind != "every-number":
            return hits + self.tried - self.kept
        numbers = self.people.numbers
        first = int(np.searchsorted(numbers, self.begin))
        return int(numbers[first + hits - 1]) + 1 - self.begin

    def piece(self, low: int, high: int) -> Piece:
        """The requests from `low` up to, not including, `high`."""
        parts = []
        if low < self.tried:
            parts.append(self._first_round(low, min(high, self.tried)))
        at = max(low, self.tried)
        while at < high:
            place = (at - self.tried) % self.kept
            many = min(high - at, self.kept - place)
            parts.append(self._members(place, place + many))
            at += many
        number, position, exists = (
            parts[0] if len(parts) == 1 else [np.concatenate(each) for each in zip(*parts, strict=True)]
        )
        return Piece(number=number, position=position, exists=exists, first_hit=self.hits_before(low))

    def _first_round(self, low: int, high: int) -> tuple[Ints, Ints, Bools]:
        if self.kind != "every-number":
            return self._members(low, high)
        number = np.arange(self.begin + low, self.begin + high, dtype=np.int64)
        return number, *self.people.position_of(number)

    def _members(self, low: int, high: int) -> tuple[Ints, Ints, Bools]:
        """Those hits of one round."""
        exists = np.ones(high - low, dtype=np.bool_)
        place = np.arange(low, high, dtype=np.int64)
        if self.kind == "pages":
            return place + self.begin, np.zeros(high - low, dtype=np.int64), exists
        if self.kind == "ranges":
            return self.begin + place * self.records, np.zeros(high - low, dtype=np.int64), exists
        if self.kind == "scattered":
            position = _scattered(place, len(self.people), self.salt)
        elif self.kind == "every-number":
            position = place + int(np.searchsorted(self.people.numbers, self.begin))
        else:
            position = place + self.begin
        return self.people.numbers[position], position, exists


def walk_of(setting: Setting, step: Step, people: People) -> Walk:
    """The walk of a step. Sessions are no walk over people: theirs is empty."""
    kind, count = step.walk, len(people)
    span = people.last_number + 1 - people.first_number
    begin = people.first_number + int(step.start * span)
    first = int(np.searchsorted(people.numbers, begin))
    records = step.records
    if kind == "pages":
        records = records or count
        kept, begin = -(-round(step.share * count) // records), 0
    elif kind == "ranges":
        records = records or span
        kept = -(-min(round(step.share * span), people.last_number + 1 - begin) // records)
    elif kind == "sessions":
        kept = 0
    else:
        kept = min(round(step.share * count), count - (0 if kind == "scattered" else first))
    if step.at_most:
        kept = min(kept, step.at_most)
    tried = kept
    if kind == "every-number":
        tried = int(people.numbers[first + kept - 1]) + 1 - begin if kept else 0
    elif kind in {"customers", "scattered"}:
        begin = first
    return Walk(
        kind=kind,
        people=people,
        begin=begin,
        tried=tried,
        kept=kept,
        hits=round(step.rounds * kept),
        records=records,
        salt=salt_of(setting, f"walk {step.id}"),
    )


def salt_of(setting: Setting, name: str) -> int:
    """A number for `mixed` that differs with seed and name."""
    return zlib.crc32(f"{setting.seed} {name}".encode())


def spaced(low: int, high: int, chosen: int, total: int, salt: int) -> Ints:
    """Those of the places `low` up to `high` that are among exactly `chosen` out of `total`, rising.

    The places fall into as many strata as are chosen, and one is taken from each, as if at random. So a day finds
    its own without knowing any other's.
    """
    if not chosen or high <= low:
        return np.empty(0, dtype=np.int64)
    stratum = np.arange(low * chosen // total, min(chosen, (high - 1) * chosen // total + 1), dtype=np.int64)
    # a place p lies in stratum p * chosen // total, so stratum s begins at the ceiling of s * total / chosen
    begin, end = (-(-(at * total) // chosen) for at in (stratum, stratum + 1))
    words = mixed(stratum.astype(np.uint64), salt) >> np.uint64(33)
    place = begin + (words.astype(np.int64) * (end - begin) >> 31)
    return place[(place >= low) & (place < high)]


def spaced_before(at: int, chosen: int, total: int, salt: int) -> int:
    """How many of all that `spaced` chooses lie before the place `at`."""
    if not chosen:
        return 0
    stratum = at * chosen // total
    return stratum + len(spaced(-(-(stratum * total) // chosen), at, chosen, total, salt))


def _scattered(place: Ints, count: int, salt: int) -> Ints:
    """Places 0 up to `count` sent to positions 0 up to `count`, no two to the same.

    A mix that can be undone permutes the numbers of so many bits; what falls outside is sent through again until it
    falls inside, which keeps it a permutation.
    """
    bits = max(2, (count - 1).bit_length())
    out = _mixed_bits(place.astype(np.uint64), bits, salt)
    outside = np.flatnonzero(out >= count)
    while len(outside):
        out[outside] = _mixed_bits(out[outside], bits, salt)
        outside = outside[out[outside] >= count]
    return out.astype(np.int64)


def _mixed_bits(words: Words, bits: int, salt: int) -> Words:
    mask, half = np.uint64((1 << bits) - 1), np.uint64((bits + 1) // 2)
    out = words
    for turn in range(3):
        odd = np.uint64((salt >> turn) * 2 + 0x9E3779B1 | 1)
        out = (out * odd + np.uint64(salt * (turn + 1))) & mask
        out ^= out >> half
    return out
