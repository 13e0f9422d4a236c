"""The steps of a breach item, carried out day by day: each is an actor that never holds more than a day."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .breach_item import Breach, Pool, Step
from .dice import Dice, Ints, Words
from .means.claim import Means
from .means.forged import forged
from .means.keyed import database, partner
from .means.pace import Blocks, Pace, pool_addresses
from .means.sending import Sending, share_of
from .means.signed_in import own_login, staff
from .means.stolen import Stolen, Visited
from .means.stuffing import Stuffing, opened_of
from .means.walk import Piece, Walk, walk_of
from .people import People
from .setting import Setting
from .traffic import Actor, Day, Traffic

__all__ = ["StepPlan", "WalkStep", "make_breach_actors", "plan_breach"]

_CHUNK = 1 << 16  # requests made at once: what belongs to them stays in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """What a step will send, known before any of it is made. None is said of stolen sessions: it depends on visits.

    `by_day` counts requests of the walk from `from_day` on; `reads` those that meet somebody, `misses` those that
    meet nobody, `logins` passwords tried, and `then` what is read besides. Requests `between` are in none of them.
    """

    step: str
    from_day: int
    to_day: int
    by_day: tuple[int, ...]
    reads: int
    misses: int
    logins: int
    blocks: int
    then: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkStep:
    """A step that walks over people by means that stay the same."""

    sending: Sending
    walk: Walk
    pace: Pace
    means: Means
    hits: int  # of all days

    def day(self, day: int) -> Day:
        """The requests of the blocks that begin on that day."""
        step, setting = self.sending.step, self.sending.setting
        dice = setting.dice(f"step {step.id} day {day}")
        blocks = self.pace.day(setting, day, dice)
        if not len(blocks):
            return Day()
        parts: list[Traffic] = []
        begins: list[Ints] = []
        many = max(1, _CHUNK // step.block)
        for begin in range(0, len(blocks), many):
            traffic, first = self._chunk(day, blocks.part(begin, begin + many), dice)
            parts.extend(traffic)
            begins.append(first)
        entry = self.means.logins(day, blocks, np.concatenate(begins))
        return Day(traffic=(*entry.traffic, *parts), issued=entry.issued)

    def _chunk(self, day: int, blocks: Blocks, dice: Dice) -> tuple[list[Traffic], Ints]:
        """The requests of some blocks, and the moment of each block's first."""
        step, setting = self.sending.step, self.sending.setting
        sizes = blocks.high - blocks.low
        piece = self.walk.piece(int(blocks.low[0]), int(blocks.high[-1]))
        if step.between:
            return self._among_others(day, piece, blocks, sizes, dice)
        words = dice.raw(len(piece))
        time = self.pace.times(setting, blocks, sizes, words)
        read = self._read(day, piece, blocks, sizes, time, words, dice)
        first = time[np.cumsum(sizes) - sizes]
        return [read, *self.sending.further(piece, read, self.hits, dice)], first

    def _among_others(
        self, day: int, piece: Piece, blocks: Blocks, sizes: Ints, dice: Dice
    ) -> tuple[list[Traffic], Ints]:
        """The same with requests for other pages before each of the walk, all at one pace."""
        setting = self.sending.setting
        page, of = self._others(len(piece), dice)
        lead = np.bincount(of, minlength=len(piece))
        block_begin = np.cumsum(sizes) - sizes
        rows = np.add.reduceat(lead + 1, block_begin)
        own = np.cumsum(lead + 1) - 1  # where the walk's requests stand among all
        is_own = np.zeros(len(piece) + len(of), dtype=np.bool_)
        is_own[own] = True
        words = dice.raw(len(is_own))
        quick = np.zeros(len(is_own), dtype=np.bool_)
        quick[~is_own] = page == setting.shop.page_at("static")
        time = self.pace.times(setting, blocks, rows, words, quick)
        read = self._read(day, piece, blocks, sizes, time[is_own], words[is_own], dice)
        aside = self.sending.aside(page, of, read, time[~is_own], words[~is_own], dice)
        first = time[np.cumsum(rows) - rows]
        return [read, aside, *self.sending.further(piece, read, self.hits, dice)], first

    def _others(self, count: int, dice: Dice) -> tuple[Ints, Ints]:
        """Pages to look at in between, and before which request of a piece; in order of the latter."""
        shop = self.sending.setting.shop
        pages, owners = [], []
        for page_id, mean in self.sending.step.between.items():
            many = int(mean) + dice.yes(count, mean - int(mean)).astype(np.int64)
            owners.append(np.repeat(np.arange(count), many))
            pages.append(np.full(len(owners[-1]), shop.page_at(page_id), dtype=np.int64))
        page, of = np.concatenate(pages), np.concatenate(owners)
        order = np.lexsort((dice.raw(len(of)), of))
        return page[order], of[order]

    def _read(
        self, day: int, piece: Piece, blocks: Blocks, sizes: Ints, time: Ints, words: Words, dice: Dice
    ) -> Traffic:
        claim = self.means.claim(day, piece, blocks, sizes)
        address = np.repeat(blocks.address, sizes)
        return self.sending.read(self.sending.step.page, piece, claim, time, address, words, dice)


def plan_breach(setting: Setting, breach: Breach, people: People) -> tuple[StepPlan, ...]:
    """What each step that walks will send, in the order of the item."""
    plans = []
    for step in breach.step:
        if step.means == "stolen":
            continue
        walk = walk_of(setting, step, people)
        from_day, to_day, edges = Pace.edges_of(setting, step, walk)
        by_day = tuple(high - low for low, high in pairwise(edges))
        done = edges[-1]
        hits = walk.hits_before(done)
        reads = opened_of(walk, step.hit_share) if step.means == "stuffing" else hits
        plans.append(
            StepPlan(
                step=step.id,
                from_day=from_day,
                to_day=to_day,
                by_day=by_day,
                reads=reads,
                misses=done - hits,
                logins=done if step.means == "stuffing" else 0,
                blocks=sum(-(-many // step.block) for many in by_day),
                then={page: share_of(ratio, reads) for page, ratio in step.then.items()},
            )
        )
    return tuple(plans)


def make_breach_actors(setting: Setting, breach: Breach, people: People, visitors: Visited) -> list[Actor]:
    """An actor for each step, in the order of the item.

    Steps that share a pool go on where the one before stopped, so no address is used twice before each was once.
    """
    plans = {plan.step: plan for plan in plan_breach(setting, breach, people)}
    needed: dict[str, int] = {}
    turns: dict[str, int] = {}
    for step in breach.step:
        turns[step.id] = needed.get(step.pool, 0)
        blocks = plans[step.id].blocks if step.id in plans else _EVERY
        needed[step.pool] = turns[step.id] + blocks
    pools = {pool.id: _used(setting, pool, needed) for pool in breach.pool}
    actors: list[Actor] = []
    for step in breach.step:
        sending = Sending.of(setting, people, step, breach.id)
        walk = walk_of(setting, step, people)
        from_day, to_day, edges = Pace.edges_of(setting, step, walk)
        pace = Pace(
            step=step,
            from_day=from_day,
            to_day=to_day,
            edges=edges,
            pool=pools[step.pool],
            first_turn=turns[step.id],
        )
        if step.means == "stolen":
            actors.append(Stolen(sending=sending, visitors=visitors, pace=pace))
        elif step.means == "stuffing":
            actors.append(Stuffing.of(sending, walk, pace))
        else:
            means = _means(breach, step, sending)
            actors.append(
                WalkStep(sending=sending, walk=walk, pace=pace, means=means, hits=plans[step.id].reads)
            )
    return actors


_EVERY = 1 << 40  # more blocks than a pool has addresses: where it cannot be counted beforehand


def _used(setting: Setting, pool: Pool, needed: dict[str, int]) -> Ints:
    return pool_addresses(setting, pool, needed.get(pool.id, 0))


def _means(breach: Breach, step: Step, sending: Sending) -> Means:
    setting = sending.setting
    if step.means == "forged":
        return forged(setting, step)
    if step.means == "own-login":
        return own_login(sending)
    if step.means == "staff":
        return staff(sending)
    if step.means == "partner":
        return partner(setting, breach, step)
    return database(setting, step)
