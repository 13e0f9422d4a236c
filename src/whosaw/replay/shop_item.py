"""What a shop item says. Field names are the keys of the TOML file; shares are of 1; `scale` multiplies counts.

Counts that grow and shrink with the scale are: customers, sessions, earlier logins, regulars of a device, addresses
of networks, crawler and callback requests, tickets, support agents, and reads of an application role.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

__all__ = [
    "NUMBER_IS",
    "Agent",
    "Callbacks",
    "Crawler",
    "Customers",
    "Device",
    "Household",
    "Job",
    "Key",
    "Leave",
    "Logins",
    "Monitor",
    "Network",
    "Page",
    "Partner",
    "Reader",
    "Rhythm",
    "Service",
    "Sessions",
    "Shop",
    "Span",
    "Staff",
    "Support",
]

NUMBER_IS = ("thing", "address", "member", "list", "range")


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
    canaries: int  # not scaled
    household_shares: tuple[float, ...]  # of 1, 2, 3 ... customers
    others_in_book_shares: tuple[float, ...]  # of 0, 1, 2 ... people who are no customers
    book_entries: int  # ids of entries in one address book
    jurisdictions: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """People at one home who look after one another's accounts, each with a login of their own."""

    reads_share: float  # of members' pages that name a member: those of somebody else at home


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Customers who may open the pages of one person elsewhere, as the record says."""

    share: float  # of customers who have such leave
    reads_share: float  # of members' pages that they open: the other's
    given_days: int  # before the log at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Where visitors come from. Networks are written as in 198.18.0.0/16; counts of addresses are scaled."""

    homes: str
    homes_v6: str
    v6_share: float
    carrier: str
    carrier_addresses: int
    carrier_moves_days: int  # a customer leaves through one carrier address for so many days
    offices: str
    office_addresses: int
    travel: str
    travel_addresses: int
    traveller_share: float
    changes_network_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How much goes on in each hour of the day and on each day of the week."""

    hours: tuple[float, ...]
    weekdays: tuple[float, ...]  # from Monday


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """How many visits in the whole span, and how often something honest goes wrong in them."""

    count: int
    fresh_login_share: float
    wrong_password_share: float
    expired_share: float
    not_found_share: float
    gone_share: float  # of personal pages with a number: an order or an address that is no more
    not_modified_share: float  # of static files


@dataclass(frozen=True, slots=True, kw_only=True)
class Logins:
    """Tokens, and how complete and true the record of them is.

    A token is good for `remembered_days` from the moment it was issued, also where that lies before the log.
    `lost_share` of the rows never reach the record, and its clock stands `clock_off_ms` before the web servers'
    (below 0: behind); both are for whoever writes the record to apply.
    """

    remembered_days: int
    kept_days: int  # before the log began
    earlier: int  # further logins on record, of tokens that the log never shows
    lost_share: float
    refresh_share: float  # of signed-in sessions that swap their token in mid-visit
    refresh_recorded_share: float
    clock_off_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A way to visit: how long, how fast, and what is looked at. Its agents are the group of the same name."""

    id: str
    share: float
    signed_in_share: float
    home_share: float
    office_share: float  # of its sessions in working hours
    changes_network: bool
    key: str
    pages: tuple[int, ...]  # quantiles
    static_per_page: tuple[int, ...]  # quantiles
    think_ms: tuple[int, ...]  # quantiles
    weights: dict[str, float]  # page id -> how often
    enter: dict[str, float] = field(
        default_factory=dict
    )  # the same for the first page of a visit; empty: as weights
    regulars: int = 0  # customers who use it, always the same ones; 0 is everybody


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A user agent, and its share of its group."""

    group: str
    share: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A program that writes a log of its own. `format` is how it writes."""

    id: str
    format: str
    folder: str
    name: str
    host: str
    protocol: str = "HTTP/2.0"
    plain_files: int = 2  # the newest days; older ones are packed


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`number_is` says what stands for {number}, one of `NUMBER_IS`.

    thing    one of `numbers` things on sale or orders; a page with categories carries the data of the principal
    address  an entry of the principal's address book; carries the principal's data
    member   a member number: carries that member's data where it exists and the status is 200
    list     the page of a list, {records} its length: members at positions number * records and on
    range    the first member number, {last} = number + records - 1: members whose numbers lie in it

    A page of a database has a `statement` in place of a path.
    """

    id: str
    bytes: tuple[int, ...]
    path: str = ""
    statement: str = ""
    method: str = "GET"
    service: str = "web"
    after: str = ""  # the page that one comes from, where there is just one
    numbers: int = 0
    number_is: str = "thing"
    categories: tuple[str, ...] = ()  # what a response carries; none for pages without personal data
    secondary_at_most: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawler:
    """A machine that reads what is on sale."""

    id: str
    address: str
    agent: str
    per_day: int
    not_found_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """A machine that asks whether the shop is up."""

    address: str
    agent: str
    every_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """A payment provider that reports what was paid."""

    network: str
    addresses: int  # not scaled
    agent: str
    per_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """People who work through tickets and read customers' pages for it, in two shifts.

    `nosy_share` of them, at least one where it is above 0, look at neighbours without a ticket on `nosy_day_share`
    of their working days.
    """

    address: str
    key: str
    agents: int
    first_staff_number: int
    shift_starts: tuple[int, ...]  # hours of the day
    shift_hours: int
    tickets_per_day: int
    views_per_ticket: tuple[int, ...]  # quantiles
    open_minutes: tuple[int, ...]  # quantiles
    nosy_share: float
    nosy_day_share: float
    nosy_views: tuple[int, ...]  # quantiles of one such day
    nosy_reach: int  # places in a street that count as neighbours, to each side


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A company with a key that pages through a list while its contract lasts, first and last day in."""

    id: str
    key: str
    since: date
    until: date
    address: str
    agent: str
    page: str
    records: int  # members on one page
    share: float  # of all members, read in one run
    hours: tuple[int, ...]  # a run begins in each


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A nightly job that reads every member in ranges of member numbers."""

    id: str  # the database role
    page: str
    address: str
    hour: int
    records: int  # numbers in one range
    pause_ms: tuple[int, ...]  # quantiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A database role that reads one member at a time, as the shop's own program does for its pages."""

    id: str
    address: str
    per_day: int
    weights: dict[str, float]  # page id -> how often


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A token-signing or partner key and who holds it."""

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
class Shop:
    """The whole item."""

    id: str
    title: str
    span: Span
    customers: Customers
    household: Household
    leave: Leave
    network: Network
    rhythm: Rhythm
    sessions: Sessions
    logins: Logins
    device: tuple[Device, ...]
    agent: tuple[Agent, ...]
    service: tuple[Service, ...]
    page: tuple[Page, ...]
    crawler: tuple[Crawler, ...]
    monitor: Monitor
    callbacks: Callbacks
    support: Support
    key: tuple[Key, ...]
    staff: tuple[Staff, ...]
    partner: tuple[Partner, ...] = ()
    job: tuple[Job, ...] = ()
    reader: tuple[Reader, ...] = ()

    def page_at(self, page_id: str) -> int:
        """The position of a page in `page`."""
        return [page.id for page in self.page].index(page_id)

    def key_at(self, key_id: str) -> int:
        """The position of a key in `key`."""
        return [key.id for key in self.key].index(key_id)

    def service_at(self, service_id: str) -> int:
        """The position of a service in `service`."""
        return [service.id for service in self.service].index(service_id)
