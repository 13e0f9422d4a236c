"""What a shop item says. Field names are the keys of the TOML file; shares are of 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

__all__ = ["Crawler", "Device", "Key", "Page", "Shop", "Span", "Staff"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which days the logs cover."""

    first_day: date
    days: int
    offset_minutes: int  # of the shop's own clock, east of UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """How many, and how their numbers and address books are made."""

    count: int
    first_number: int
    holes_per_customer: float
    canaries: int
    household_shares: tuple[float, ...]  # of 1, 2, 3 ... customers
    others_in_book_shares: tuple[float, ...]  # of 0, 1, 2 ... people who are no customers
    jurisdictions: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Where visitors come from. Networks are written as in 198.18.0.0/16."""

    homes: str
    homes_v6: str
    v6_share: float
    carrier: str
    carrier_addresses: int
    offices: str
    office_share: float
    changes_network_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How much goes on in each hour of the day and on each day of the week."""

    hours: tuple[float, ...]
    weekdays: tuple[float, ...]  # from Monday


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """How many visits, and how often something honest goes wrong in them."""

    count: int
    fresh_login_share: float
    wrong_password_share: float
    expired_share: float
    not_found_share: float
    remembered_days: int
    earlier_logins: int
    logins_kept_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A way to visit: how long, how fast, and what is looked at."""

    id: str
    share: float
    signed_in_share: float
    home_share: float
    key: str
    pages: tuple[int, ...]  # quantiles
    static_per_page: tuple[int, ...]  # quantiles
    think_ms: tuple[int, ...]  # quantiles
    weights: dict[str, float]  # page id -> how often


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A user agent, and its share of its group."""

    group: str
    share: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`number_is` says what stands for {number}: one of `numbers` things on sale, an address, or a member."""

    id: str
    path: str
    bytes: tuple[int, ...]
    method: str = "GET"
    numbers: int = 0
    number_is: str = "thing"
    categories: tuple[str, ...] = ()  # what a response carries; none for pages without personal data
    secondary_at_most: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawler:
    """A machine that reads what is on sale."""

    address: str
    agent: str
    per_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """A machine that asks whether the shop is up."""

    address: str
    agent: str
    every_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """People who work through tickets and read customers' pages for it."""

    address: str
    key: str
    staff: tuple[str, ...]
    tickets_per_day: int
    views_per_ticket: tuple[int, ...]
    open_minutes: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A token-signing key and who holds it."""

    id: str
    made: date
    holders: tuple[str, ...]
    retired: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Someone who works or worked for the shop."""

    id: str
    role: str
    joined: date
    left: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """How the log is written and rotated."""

    folder: str
    name: str
    host: str
    protocol: str
    torn_lines: int
    plain_files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The whole item."""

    id: str
    title: str
    span: Span
    customers: Customers
    network: Network
    rhythm: Rhythm
    sessions: Sessions
    device: tuple[Device, ...]
    agent: tuple[Agent, ...]
    page: tuple[Page, ...]
    crawler: tuple[Crawler, ...]
    monitor: Monitor
    support: Support
    key: tuple[Key, ...]
    staff: tuple[Staff, ...]
    log: Log

    def page_at(self, page_id: str) -> int:
        """The position of a page in `page`."""
        return [page.id for page in self.page].index(page_id)

    def key_at(self, key_id: str) -> int:
        """The position of a key in `key`."""
        return [key.id for key in self.key].index(key_id)
