"""What a breach item says: pools of addresses, and steps in which people's data are read."""

from __future__ import annotations

from dataclasses import dataclass, field

from .shop_item import Key, Partner, Staff

__all__ = ["Breach", "Pool", "Step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """IPv4 addresses that requests come from, scattered over a network. A replay uses as many as it has blocks."""

    id: str
    network: str
    addresses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One phase. Days count from the shop's first day, half open; `to_day` 0 is the end of the shop's span.

    `means` is how the step gets in, `walk` whom it reads and in which order. One round of the walk goes over `share`
    of the customers (pages, ranges, sessions), from place `start` on, and ends after `at_most` of them; `rounds` is
    how many times it is made, the last one in part. What is said of customers holds to the person at every scale.

    `block` requests in a row go through one address, with `pause_ms` between them. `course` says how much is done in
    each of so many equal parts of the days, `weekdays` on each day of the week, `hours` in each hour of a day.
    `then` reads further pages of that share of those just read. `between` sends that many requests for other pages
    before each of the walk, on average.
    """

    id: str
    means: str
    page: str
    pool: str
    agent: str
    pause_ms: tuple[int, ...]  # quantiles
    hours: tuple[float, ...]
    walk: str = "customers"
    from_day: int = 0
    to_day: int = 0
    course: tuple[float, ...] = (1.0,)
    weekdays: tuple[float, ...] = (1.0,) * 7  # from Monday
    block: int = 1
    start: float = 0.0  # of the range of numbers
    share: float = 1.0
    at_most: int = 0  # in a round, at any scale; 0 is no limit
    per_day: int = 0  # in a day, at any scale; 0 spreads all rounds over the days
    rounds: float = 1.0
    key: str = ""  # signing key of tokens, or a partner's key
    key_on_record: bool = True  # false: a key that no table of the shop knows
    claim: str = ""  # who the step says it is: a member of staff, a partner, a database role
    accounts: int = 1  # customers' accounts that the step reads through, side by side
    records: int = 0  # members on one page of a list, or numbers in one range; 0 is all in one
    hit_share: float = 0.0  # of the passwords tried, those that open an account
    then: dict[str, float] = field(default_factory=dict)
    between: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """The whole item. `shop` holds values that differ from the shop item's, by dotted name.

    `staff`, `key` and `partner` are rows that the shop's own tables get besides its own.
    """

    id: str
    title: str
    about: str
    shop: dict[str, object] = field(default_factory=dict)
    pool: tuple[Pool, ...] = ()
    step: tuple[Step, ...] = ()
    staff: tuple[Staff, ...] = ()
    key: tuple[Key, ...] = ()
    partner: tuple[Partner, ...] = ()
