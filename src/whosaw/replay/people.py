"""Customers: numbers with holes, homes, and the people in their address books who are no customers."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

import numpy as np

from .dice import Dice, Ints
from .setting import Names, Setting
from .shop_item import Shop

__all__ = ["People", "make_people"]


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Customers by position; `numbers` rises. Codes of addresses belong to the names of the setting."""

    numbers: Ints
    home: Ints
    others_in_book: Ints
    jurisdiction: Ints
    canaries: Ints  # positions: accounts that nobody should ever read
    visitors: Ints  # positions of the others, in random order
    carrier: Ints  # address codes
    offices: Ints

    @property
    def first_number(self) -> int:
        return int(self.numbers[0])

    @property
    def last_number(self) -> int:
        return int(self.numbers[-1])

    def address_ids(self, who: Ints, dice: Dice) -> Ints:
        """The id of one entry in each of these customers' address books."""
        return 4_000_000 + who * 3 + dice.below(len(who), 3)


def make_people(setting: Setting) -> People:
    """As many customers as the scale asks for. The first and the last number always have a member."""
    shop, addresses, dice = setting.shop, setting.addresses, setting.dice("people")
    count = setting.sized(shop.customers.count, 20)
    holes = round(count * shop.customers.holes_per_customer)
    inner = np.sort(dice.order(count + holes - 2)[: count - 2]) + 1
    offsets = np.concatenate([[0], inner, [count + holes - 1]])
    canaries = np.sort(dice.order(count)[: min(shop.customers.canaries, count // 4)])
    others = np.setdiff1d(np.arange(count), canaries)
    return People(
        numbers=shop.customers.first_number + offsets,
        home=_homes(shop, dice, count, addresses),
        others_in_book=dice.pick(count, shop.customers.others_in_book_shares),
        jurisdiction=dice.pick(count, shop.customers.jurisdictions),
        canaries=canaries,
        visitors=others[dice.order(len(others))],
        carrier=_hosts(shop.network.carrier, shop.network.carrier_addresses, addresses),
        offices=_hosts(shop.network.offices, 60, addresses),
    )


def _hosts(network: str, most: int, addresses: Names) -> Ints:
    """The first addresses of a network, without its own and its broadcast address."""
    base = ip_network(network)
    last = min(most, base.num_addresses - 2)
    return np.asarray([addresses.code(str(base[at])) for at in range(1, last + 1)], dtype=np.int64)


def _homes(shop: Shop, dice: Dice, count: int, addresses: Names) -> Ints:
    """An address for each customer: IPv4 shared by a household, IPv6 of one's own within its network."""
    sizes = dice.pick(count, shop.customers.household_shares) + 1
    household = np.repeat(np.arange(count), sizes)[:count]
    households = int(household[-1]) + 1
    is_v6 = dice.yes(households, shop.network.v6_share)
    v4, v6 = ip_network(shop.network.homes), ip_network(shop.network.homes_v6)
    at_v4 = dice.order(v4.num_addresses - 2)[:households] + 1
    home = np.empty(count, dtype=np.int64)
    for position, customer in enumerate(dice.order(count).tolist()):
        house = int(household[position])
        if is_v6[house]:
            home[customer] = addresses.code(str(v6[((house * 7 + 3) << 64) + 0x1A00 + position]))
        else:
            home[customer] = addresses.code(str(v4[int(at_v4[house])]))
    return home
