"""Whose pages customers open besides their own: those of people at home, and of whoever gave them leave."""

from __future__ import annotations

import numpy as np

from .dice import Bools, Dice, Ints, Words, mixed
from .people import People
from .setting import Setting

__all__ = ["Kin"]


class Kin:
    """Answers follow from the customer alone, but for the draws that are handed in. Canaries belong to nobody."""

    def __init__(self, setting: Setting, people: People) -> None:
        shop = setting.shop
        self._people, self._at_home, self._leave = people, shop.household, shop.leave
        self._salts = [int(word) for word in setting.dice("leave that was given").raw(2)]
        reach = len(shop.customers.household_shares) - 1
        self._steps = np.asarray([step for step in range(-reach, reach + 1) if step], dtype=np.int64)
        self._slot = np.empty(len(people), dtype=np.int32)
        self._slot[people.by_house] = np.arange(len(people), dtype=np.int32)

    def whose(self, who: Ints, dice: Dice) -> Ints:
        """Whose page each of these customers opens, by position: mostly his own."""
        count = len(who)
        ward, has_leave = self.wards(who)
        looks_after = has_leave & dice.yes(count, self._leave.reads_share)
        mate = self._mates(who, dice.raw(count))
        at_home = dice.yes(count, self._at_home.reads_share)
        return np.where(looks_after, ward, np.where(at_home, mate, who))

    def wards(self, who: Ints) -> tuple[Ints, Bools]:
        """Who gave each of these customers leave, from another home than his, and whether anybody did."""
        people = self._people
        drawn = (self._words(who, 0) >> np.uint64(11)).astype(np.float64) * 2.0**-53
        at = (self._words(who, 1) % np.uint64(len(people.visitors))).astype(np.int64)
        ward = people.visitors[at].astype(np.int64)
        has_leave: Bools = drawn < self._leave.share
        has_leave &= (people.home[ward] != people.home[who]) & ~self._is_canary(who)
        return ward, has_leave

    def since(self, who: Ints) -> Ints:
        """How many days before the log each of these customers was given leave."""
        days: Ints = (self._words(who, 1) >> np.uint64(40)).astype(np.int64) % self._leave.given_days + 1
        return days

    def _mates(self, who: Ints, words: Words) -> Ints:
        """Somebody else of each one's household, himself where he has none."""
        people = self._people
        if not len(self._steps):
            return who
        slots = self._slot[who].astype(np.int64)[:, None] + self._steps
        inside = (slots >= 0) & (slots < len(people))
        beside = people.by_house[np.where(inside, slots, 0)].astype(np.int64)
        lives_here = inside & (people.home[beside] == people.home[who][:, None]) & ~self._is_canary(beside)
        many = lives_here.sum(axis=1)
        chosen = (words % np.maximum(many, 1).astype(np.uint64)).astype(np.int64)
        at = (np.cumsum(lives_here, axis=1) > chosen[:, None]).argmax(axis=1)
        return np.where(many > 0, beside[np.arange(len(who)), at], who)

    def _is_canary(self, who: Ints) -> Bools:
        canaries = self._people.canaries
        if not len(canaries):
            return np.zeros(who.shape, dtype=bool)
        at = np.minimum(np.searchsorted(canaries, who), len(canaries) - 1)
        found: Bools = canaries[at] == who
        return found

    def _words(self, who: Ints, which: int) -> Words:
        return mixed(who.astype(np.uint64), self._salts[which])
