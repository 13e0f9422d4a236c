"""The steps of a breach item, carried out: numbers walked in blocks, each with a token forged for it."""

from __future__ import annotations

from ipaddress import ip_network

import numpy as np
from numpy.typing import NDArray

from .breach_item import Breach, Pool, Step
from .dice import Dice, Ints
from .people import People
from .requests import Requests, response_sizes
from .setting import DAY_MS, Calendar, Setting, moments_of_day

__all__ = ["make_breach"]


def make_breach(setting: Setting, breach: Breach, people: People) -> list[Requests]:
    """One part for each step. A response is 200 where the number has a member and 404 where it has none."""
    used: dict[str, int] = {}
    pools = {pool.id: _pool(setting, pool) for pool in breach.pool}
    parts = []
    for at, step in enumerate(breach.step):
        dice = setting.dice(f"step {step.id}")
        numbers = _walk(step, people)
        blocks = -(-len(numbers) // step.block)
        pool = pools[step.pool]
        # the pool goes round: no address is used twice before each was used once
        through = pool[(used.get(step.pool, 0) + np.arange(blocks)) % len(pool)]
        used[step.pool] = used.get(step.pool, 0) + blocks
        block = np.arange(len(numbers)) // step.block
        read = _requests(
            setting,
            people,
            dice,
            page=setting.shop.page_at(step.page),
            numbers=numbers,
            time=_times(step, setting.calendar, dice, block, blocks),
            address=through[block],
            agent=setting.agents.code(step.agent),
            key=setting.shop.key_at(breach.key),
            at=at,
        )
        parts.append(read)
        parts.extend(_further(setting, people, dice, step, read))
    return parts


def _pool(setting: Setting, pool: Pool) -> Ints:
    """The codes of a pool's addresses, scattered over its network."""
    base = ip_network(pool.network)
    order = setting.dice(f"pool {pool.id}").order(base.num_addresses - 2)[: pool.addresses] + 1
    return np.asarray([setting.addresses.code(str(base[at])) for at in order.tolist()], dtype=np.int64)


def _walk(step: Step, people: People) -> Ints:
    """The numbers tried, in order, all rounds after one another."""
    span = people.last_number + 1 - people.first_number
    begin = people.first_number + int(step.start * span)
    known = people.numbers[: round(step.share * len(people.numbers))]
    known = known[known >= begin]
    first = np.arange(begin, people.last_number + 1, dtype=np.int64) if step.walk == "every-number" else known
    if step.at_most:
        first = first[: step.at_most]
        known = known[known <= first[-1]] if len(first) else known[:0]
    whole = int(step.rounds)
    rest = known[: round((step.rounds - whole) * len(known))]
    return np.concatenate([first, *([known] * (whole - 1)), rest])


def _times(step: Step, calendar: Calendar, dice: Dice, block: Ints, blocks: int) -> Ints:
    """Blocks start at odd moments of the step's days, in order; within one, requests follow with pauses."""
    day = dice.below(blocks, step.to_day - step.from_day)
    moments = (step.from_day + day) * DAY_MS + moments_of_day(dice, blocks, step.hours)
    starts = np.sort(calendar.start + moments)
    pause = dice.quantiles(len(block), step.pause_ms)
    passed = np.cumsum(pause)
    first = np.arange(blocks) * step.block
    return np.asarray(starts[block] + passed - passed[first][block], dtype=np.int64)


def _requests(
    setting: Setting,
    people: People,
    dice: Dice,
    *,
    page: int,
    numbers: Ints,
    time: Ints,
    address: Ints,
    agent: int,
    key: int,
    at: int,
) -> Requests:
    pages = np.full(len(numbers), page, dtype=np.int64)
    status = np.where(_has_member(people, numbers), 200, 404)
    return Requests.of(
        len(numbers),
        time=time,
        principal=numbers,
        address=address,
        agent=agent,
        page=pages,
        status=status,
        size=response_sizes(setting.shop, dice, pages, status),
        token=dice.raw(len(numbers)) | np.uint64(1),
        key=key,
        step=at,
    )


def _has_member(people: People, numbers: Ints) -> NDArray[np.bool_]:
    at = np.minimum(np.searchsorted(people.numbers, numbers), len(people.numbers) - 1)
    return np.asarray(people.numbers[at] == numbers)


def _further(setting: Setting, people: People, dice: Dice, step: Step, read: Requests) -> list[Requests]:
    """Other pages of some of the members just read, with the same token through the same address."""
    shop = setting.shop
    hits = np.flatnonzero(read.status == 200)
    parts = []
    for name, ratio in step.then.items():
        chosen = hits[np.sort(dice.order(len(hits))[: max(1, round(ratio * len(hits)))])]
        base, position = read.take(chosen), shop.page_at(name)
        page = np.full(len(chosen), position, dtype=np.int64)
        who = np.searchsorted(people.numbers, base.principal)
        is_address = shop.page[position].number_is == "address"
        parts.append(
            Requests.of(
                len(chosen),
                time=base.time + 600 + dice.below(len(chosen), 2400),
                principal=base.principal,
                address=base.address,
                agent=base.agent,
                page=page,
                number=people.address_ids(who, dice) if is_address else -1,
                size=response_sizes(shop, dice, page, base.status),
                token=base.token,
                key=base.key,
                step=base.step,
            )
        )
    return parts
