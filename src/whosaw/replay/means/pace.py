"""When a step's requests are sent and through which addresses: so many a day, in blocks at odd moments."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network
from itertools import accumulate, pairwise

import numpy as np

from whosaw.replay.breach_item import Pool, Step
from whosaw.replay.dice import Bools, Dice, Ints, Words, at_quantiles
from whosaw.replay.setting import DAY_MS, Setting, moments_of_day

from .walk import Walk

__all__ = ["Blocks", "Pace", "pool_addresses"]

_MARGIN_MS = 5_000  # what follows a request comes within this time
_TABLE_BITS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """One day's blocks in order of time: requests `low` up to `high` of the walk, through one address each."""

    low: Ints
    high: Ints
    start: Ints  # the moment of its first request
    address: Ints
    turn: Ints  # how many blocks of the step came before

    def __len__(self) -> int:
        return len(self.low)

    def part(self, begin: int, end: int) -> Blocks:
        """The blocks from `begin` up to, not including, `end`."""
        cut = slice(begin, end)
        return Blocks(
            low=self.low[cut],
            high=self.high[cut],
            start=self.start[cut],
            address=self.address[cut],
            turn=self.turn[cut],
        )


@dataclass(slots=True, kw_only=True)
class Pace:
    """The days of a step, and how far its walk has come on each.

    `edges` holds the first request of each day and the end of the last. Whoever shares the pool takes its addresses
    in turns: this step's first block takes the one at `first_turn`.
    """

    step: Step
    from_day: int
    to_day: int
    edges: list[int]
    pool: Ints
    first_turn: int
    _turns: list[int] = field(init=False)
    _pauses: Ints = field(init=False)

    def __post_init__(self) -> None:
        turns = [0]
        for low, high in pairwise(self.edges):
            turns.append(turns[-1] - (low - high) // self.step.block)
        self._turns = turns
        cells = (np.arange(1 << _TABLE_BITS) + 0.5) / (1 << _TABLE_BITS)
        self._pauses = at_quantiles(cells, self.step.pause_ms)

    @staticmethod
    def edges_of(setting: Setting, step: Step, walk: Walk) -> tuple[int, int, list[int]]:
        """First day, day after the last, and the `edges` of a walk that is spread over them."""
        from_day, to_day = step.from_day, step.to_day or setting.calendar.days
        days = to_day - from_day
        on = [step.weekdays[setting.calendar.weekday(from_day + day)] for day in range(days)]
        if step.per_day:
            done = accumulate((step.per_day if weight else 0 for weight in on), initial=0)
            return from_day, to_day, [walk.after_hits(min(walk.hits, hits)) for hits in done]
        # days differ a little, as nothing that people run is even
        uneven = 950 + setting.dice(f"course {step.id}").below(days, 101)
        weights = [
            round(step.course[day * len(step.course) // days] * on[day] * 1000) * int(uneven[day])
            for day in range(days)
        ]
        whole = sum(weights) or 1
        return from_day, to_day, [walk.requests * done // whole for done in accumulate(weights, initial=0)]

    @property
    def blocks(self) -> int:
        """Of all days."""
        return self._turns[-1]

    def day(self, setting: Setting, day: int, dice: Dice) -> Blocks:
        """The blocks that begin on that day, none outside the step's days."""
        if not self.from_day <= day < self.to_day:
            return self.blocks_of(setting, day, dice, 0, 0, 0)
        at = day - self.from_day
        return self.blocks_of(setting, day, dice, self.edges[at], self.edges[at + 1], self._turns[at])

    def blocks_of(self, setting: Setting, day: int, dice: Dice, low: int, high: int, turn: int) -> Blocks:
        """Requests `low` up to `high` of a day in blocks, the first of them the one at that turn."""
        begin = np.arange(low, high, self.step.block, dtype=np.int64)
        moments = moments_of_day(dice, len(begin), self.step.hours)
        moments.sort()
        turns = turn + np.arange(len(begin), dtype=np.int64)
        return Blocks(
            low=begin,
            high=np.minimum(begin + self.step.block, high),
            start=setting.calendar.day_start(day) + moments,
            address=self.pool[(self.first_turn + turns) % len(self.pool)],
            turn=turns,
        )

    def times(
        self, setting: Setting, blocks: Blocks, sizes: Ints, words: Words, at_once: Bools | None = None
    ) -> Ints:
        """The moment of each request, blocks of those sizes after one another: pauses from the words' high bits.

        Requests `at_once` follow the one before as the files of a page do. Nothing runs beyond the step's last day:
        a block that would begins earlier.
        """
        passed: Ints = self._pauses[words >> np.uint64(64 - _TABLE_BITS)]
        if at_once is not None:
            passed[at_once] = 40 + passed[at_once] % 300
        ends = np.cumsum(sizes)
        np.cumsum(passed, out=passed)
        first = passed[ends - sizes]
        lasts = passed[ends - 1] - first
        latest = setting.calendar.day_start(self.to_day) - _MARGIN_MS - lasts
        begin = np.minimum(blocks.start, latest)
        # but never before its own day
        day = (blocks.start - setting.calendar.start) // DAY_MS
        begin = np.maximum(begin, setting.calendar.start + day * DAY_MS)
        passed += np.repeat(begin - first, sizes)
        return passed


def pool_addresses(setting: Setting, pool: Pool, blocks: int) -> Ints:
    """The pool's addresses in the order of their use, scattered over its network; no more than there are blocks."""
    network, many = IPv4Network(pool.network), min(pool.addresses, max(1, blocks))
    edge = 1 if network.prefixlen < 31 else 0  # the network's own address; its last is the broadcast address
    dice, hosts = setting.dice(f"pool {pool.id}"), network.num_addresses - 2 * edge
    stratum = np.arange(many, dtype=np.int64)
    begin = stratum * hosts // many
    offset = begin + dice.below(many, (stratum + 1) * hosts // many - begin)
    return int(network.network_address) + edge + offset[dice.order(many)]
