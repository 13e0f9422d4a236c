"""Customers: numbers with holes, homes, and the people in their address books who are no customers."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_network

import numpy as np
from numpy.typing import NDArray

from whosaw.core.errors import WhosawError

from .dice import Bools, Dice, Ints
from .setting import Setting
from .shop_item import Shop

__all__ = ["V6_BASE", "People", "hosts_of", "make_people"]

V6_BASE = 1 << 32  # from here on an address number is a household's, see `Traffic.address`
_MOST_GAP = 48  # of the table of gap lengths; what lies beyond is dealt out one by one
_CHUNK = 1 << 22
_STRIDE = 0x9E3779B1  # a prime: walks through every position of a count that it does not divide


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Customers by position. `numbers` rises; the first and the last number always have a member."""

    numbers: Ints
    home: Ints  # address numbers
    others_in_book: NDArray[np.uint8]  # people in the address book who are no customers
    jurisdiction: NDArray[np.uint8]  # position in shop.customers.jurisdictions
    canaries: Ints  # positions, rising: accounts that nobody should ever read
    visitors: NDArray[np.int32]  # positions of the others, in random order
    by_house: NDArray[np.int32]  # positions, those of one household beside one another, households by address
    carrier: Ints  # address numbers
    offices: Ints
    travel: Ints
    books: int  # address books hold this many entries at most
    _at: list[NDArray[np.int32]] = field(default_factory=list, repr=False)

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def first_number(self) -> int:
        """The lowest member number."""
        return int(self.numbers[0])

    @property
    def last_number(self) -> int:
        """The highest member number."""
        return int(self.numbers[-1])

    def position_of(self, numbers: Ints) -> tuple[Ints, Bools]:
        """The position of each number's member and whether there is one; the position is 0 where there is none."""
        if not self._at:
            table = np.full(self.last_number - self.first_number + 1, -1, dtype=np.int32)
            table[self.numbers - self.first_number] = np.arange(len(self.numbers), dtype=np.int32)
            self._at.append(table)
        table = self._at[0]
        where = np.asarray(numbers, dtype=np.int64) - self.first_number
        inside = (where >= 0) & (where < len(table))
        position = np.where(inside, table[np.where(inside, where, 0)], -1).astype(np.int64)
        exists = position >= 0
        return np.where(exists, position, 0), exists

    def address_ids(self, who: Ints, dice: Dice) -> Ints:
        """The id of one entry in each of these customers' address books."""
        return (
            self.first_address_id
            + np.asarray(who, dtype=np.int64) * self.books
            + dice.below(len(who), self.books)
        )

    @property
    def first_address_id(self) -> int:
        """Ids of entries begin here; the owner's position is (id - first) // books."""
        return 4_000_000

    def members_of_list(self, page: int, records: int) -> Ints:
        """The positions of the members on one page (from 0) of the list of all; fewer or none at its end."""
        begin = min(max(0, page) * records, len(self.numbers))
        return np.arange(begin, min(begin + records, len(self.numbers)), dtype=np.int64)

    def members_in_range(self, first: int, last: int) -> Ints:
        """The positions of the members whose numbers lie from `first` to `last`, both in."""
        low, high = np.searchsorted(self.numbers, [first, last + 1])
        return np.arange(int(low), int(high), dtype=np.int64)

    def neighbours(self, slot: int, reach: int) -> Ints:
        """The customers up to `reach` places from one in `by_house`: household and houses next door, not itself."""
        count = len(self.by_house)
        slots = [at for at in range(slot - reach, slot + reach + 1) if at != slot and 0 <= at < count]
        return self.by_house[slots].astype(np.int64)


def make_people(setting: Setting) -> People:
    """As many customers as the scale asks for, with that many holes between their numbers.

    Raises `WhosawError` where the home network of the item has fewer addresses than there are households.
    """
    shop, dice = setting.shop, setting.dice("people")
    customers, network = shop.customers, shop.network
    count = setting.sized(customers.count, 20)
    holes = round(count * customers.holes_per_customer)
    by_house = dice.order(count).astype(np.int32)
    few = min(customers.canaries, count // 4)
    canaries = np.sort(by_house[np.arange(few) * count // max(1, few)].astype(np.int64))
    return People(
        numbers=customers.first_number + _offsets(setting.dice("holes"), count, holes),
        home=_homes(shop, setting.dice("homes"), by_house),
        others_in_book=_picks(setting.dice("books"), count, customers.others_in_book_shares),
        jurisdiction=_picks(setting.dice("places"), count, tuple(customers.jurisdictions.values())),
        canaries=canaries,
        visitors=_visitors(by_house, canaries),
        by_house=by_house,
        carrier=hosts_of(network.carrier, setting.sized(network.carrier_addresses, 1)),
        offices=hosts_of(network.offices, setting.sized(network.office_addresses, 1)),
        travel=hosts_of(network.travel, setting.sized(network.travel_addresses, 1)),
        books=customers.book_entries,
    )


def hosts_of(network: str, most: int) -> Ints:
    """The first addresses of an IPv4 network, without its own and its broadcast address."""
    base = ip_network(network)
    return int(base.network_address) + 1 + np.arange(min(most, base.num_addresses - 2), dtype=np.int64)


def _offsets(dice: Dice, count: int, holes: int) -> Ints:
    """Rising offsets from 0 to count + holes - 1, the gaps between them as if holes had been strewn at random.

    Each gap is drawn by itself from the geometric distribution that such holes follow, and what the sum misses is
    put right one hole at a time at random places: no sorting of all numbers.
    """
    if count < 2:
        return np.arange(count, dtype=np.int64)
    gaps = count - 1
    again = holes / (holes + gaps)  # the chance that one more hole follows
    weights, left = [], 1.0
    for _ in range(_MOST_GAP):
        weights.append(left * (1 - again))
        left *= again
    gap = _picks(dice, gaps, (*weights, left)).astype(np.int32)
    missing = holes - int(gap.sum(dtype=np.int64))
    while missing:
        at = dice.below(abs(missing), gaps)
        if missing > 0:
            np.add.at(gap, at, 1)
        else:
            at = np.unique(at)
            gap[at[gap[at] > 0]] -= 1
        missing = holes - int(gap.sum(dtype=np.int64))
    offsets = np.zeros(count, dtype=np.int64)
    np.cumsum(gap + 1, out=offsets[1:], dtype=np.int64)
    return offsets


def _picks(dice: Dice, count: int, weights: tuple[float, ...]) -> NDArray[np.uint8]:
    """Picks in one byte each, drawn in chunks, so that memory holds little more than the result."""
    out = np.empty(count, dtype=np.uint8)
    for low in range(0, count, _CHUNK):
        size = min(_CHUNK, count - low)
        out[low : low + size] = dice.pick(size, weights)
    return out


def _visitors(by_house: NDArray[np.int32], canaries: Ints) -> NDArray[np.int32]:
    """All but the canaries, spread so that who comes often says nothing about where he lives."""
    count = len(by_house)
    step = _STRIDE % count or 1
    while np.gcd(step, count) != 1:
        step += 1
    out = np.empty(count, dtype=np.int32)
    for low in range(0, count, _CHUNK):
        at = np.arange(low, min(low + _CHUNK, count), dtype=np.int64)
        out[low : low + len(at)] = by_house[(at * step + count // 3) % count]
    is_canary = np.zeros(count, dtype=bool)
    is_canary[canaries] = True
    return out[~is_canary[out]]


def _homes(shop: Shop, dice: Dice, by_house: NDArray[np.int32]) -> Ints:
    """An address for each customer, shared by the household: IPv4 next to that of the next house, or IPv6."""
    count = len(by_house)
    sizes = _picks(dice, count, shop.customers.household_shares).astype(np.int32) + 1
    ends = np.cumsum(sizes, dtype=np.int64)
    houses = int(np.searchsorted(ends, count)) + 1
    sizes[houses - 1] -= ends[houses - 1] - count
    is_v6 = dice.yes(houses, shop.network.v6_share)
    network = ip_network(shop.network.homes)
    at_v4 = np.cumsum(~is_v6)
    if int(at_v4[-1]) > network.num_addresses - 2:
        raise WhosawError(
            "replay.bad-scale",
            f"{int(at_v4[-1]):,} households do not fit in {shop.network.homes}",
            hint="Set network.homes to a wider network, as in 10.0.0.0/8",
        )
    of_house = np.where(is_v6, V6_BASE + np.arange(houses), int(network.network_address) + at_v4)
    home = np.empty(count, dtype=np.int64)
    home[by_house] = np.repeat(of_house, sizes[:houses])
    return home
