"""What must hold in a shop item beyond the types of its values."""

from __future__ import annotations

import re
from ipaddress import IPv4Address

from .reading import Reading
from .shop_item import NUMBER_IS, Shop

__all__ = ["REQUIRED_PAGES", "check_shop"]

REQUIRED_PAGES = (
    "home", "search", "product", "cart", "static", "login", "refresh", "health", "my-info", "my-addresses",
    "my-address-edit", "my-orders", "support-customer", "payment-callback",
)  # fmt: skip
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")


def check_shop(shop: Shop, reading: Reading) -> None:
    """Note every fault of a shop item whose types are right."""
    _check_people(shop, reading)
    _check_visits(shop, reading)
    _check_devices(shop, reading)
    _check_pages(shop, reading)
    _check_machines(shop, reading)
    _check_staff(shop, reading)


def _check_people(shop: Shop, reading: Reading) -> None:
    customers, network = shop.customers, shop.network
    reading.at_least(1, shop.span.days, "span", "days")
    reading.between(-1439, shop.span.offset_minutes, 1439, "span", "offset_minutes")
    for name in ("count", "first_number", "book_entries"):
        reading.between(1, getattr(customers, name), 10**12, "customers", name)
    for name in ("holes_per_customer", "canaries"):
        reading.at_least(0, getattr(customers, name), "customers", name)
    reading.weights(customers.household_shares, None, "customers", "household_shares")
    reading.weights(customers.others_in_book_shares, None, "customers", "others_in_book_shares")
    reading.weights(tuple(customers.jurisdictions.values()), None, "customers", "jurisdictions")
    for name in ("v6_share", "traveller_share", "changes_network_share"):
        reading.share(getattr(network, name), "network", name)
    reading.share(shop.household.reads_share, "household", "reads_share")
    for name in ("share", "reads_share"):
        reading.share(getattr(shop.leave, name), "leave", name)
    reading.at_least(1, shop.leave.given_days, "leave", "given_days")
    reading.network(network.homes, 1, "network", "homes")
    reading.network(network.homes_v6, 1, "network", "homes_v6")
    reading.network(network.carrier, network.carrier_addresses, "network", "carrier")
    reading.network(network.offices, network.office_addresses, "network", "offices")
    reading.network(network.travel, network.travel_addresses, "network", "travel")
    reading.at_least(1, network.carrier_moves_days, "network", "carrier_moves_days")


def _check_visits(shop: Shop, reading: Reading) -> None:
    reading.weights(shop.rhythm.hours, 24, "rhythm", "hours")
    reading.weights(shop.rhythm.weekdays, 7, "rhythm", "weekdays")
    reading.at_least(1, shop.sessions.count, "sessions", "count")
    for name in (
        "fresh_login_share", "wrong_password_share", "expired_share", "not_found_share", "gone_share",
        "not_modified_share",
    ):  # fmt: skip
        reading.share(getattr(shop.sessions, name), "sessions", name)
    for name in ("lost_share", "refresh_share", "refresh_recorded_share"):
        reading.share(getattr(shop.logins, name), "logins", name)
    reading.at_least(0, shop.logins.earlier, "logins", "earlier")
    if not 0 < shop.logins.remembered_days <= shop.logins.kept_days:
        reading.wrong("logins must be kept at least as long as they are remembered", ("logins",))


def _check_devices(shop: Shop, reading: Reading) -> None:
    pages, keys = {page.id for page in shop.page}, {key.id for key in shop.key}
    groups = {agent.group for agent in shop.agent}
    reading.once([device.id for device in shop.device], "device")
    reading.weights(tuple(device.share for device in shop.device), None, "device")
    for at, agent in enumerate(shop.agent):
        reading.share(agent.share, "agent", at, "share")
    for at, device in enumerate(shop.device):
        for name in ("share", "signed_in_share", "home_share", "office_share"):
            reading.share(getattr(device, name), "device", at, name)
        for name in ("pages", "static_per_page", "think_ms"):
            reading.rising(getattr(device, name), "device", at, name)
        if device.pages and device.pages[0] < 1:
            reading.wrong(f"a session with {device.id} sees at least one page", ("device", at, "pages"))
        reading.at_least(0, device.regulars, "device", at, "regulars")
        reading.known(device.key, keys, "device", at, "key")
        reading.known(device.id, groups, "device", at, "id")
        reading.weights(tuple(device.weights.values()), None, "device", at, "weights")
        for page in device.weights:
            reading.known(page, pages, "device", at, "weights")
        if device.enter:
            reading.weights(tuple(device.enter.values()), None, "device", at, "enter")
        for page in device.enter:
            reading.known(page, pages, "device", at, "enter")


def _check_pages(shop: Shop, reading: Reading) -> None:
    pages, services = [page.id for page in shop.page], [service.id for service in shop.service]
    reading.once(pages, "page")
    reading.once(services, "service")
    for name in REQUIRED_PAGES:
        reading.known(name, pages, "page")
    for at, page in enumerate(shop.page):
        reading.rising(page.bytes, "page", at, "bytes")
        if page.bytes and page.bytes[-1] >= 2**31:
            reading.wrong(f"a response of page {page.id} has less than 2 GiB", ("page", at, "bytes"))
        reading.known(page.service, services, "page", at, "service")
        if page.after:
            reading.known(page.after, pages, "page", at, "after")
        reading.known(page.number_is, NUMBER_IS, "page", at, "number_is")
        reading.at_least(0, page.numbers, "page", at, "numbers")
        if bool(page.path) == bool(page.statement):
            reading.wrong(f"page {page.id} has either a path or a statement", ("page", at))
    for at, service in enumerate(shop.service):
        for name in ("folder", "name"):
            if not _PLAIN_NAME.fullmatch(getattr(service, name)):
                reading.wrong(f"service.{at}.{name} must be a plain file name", ("service", at, name))
        reading.at_least(1, service.plain_files, "service", at, "plain_files")


def _check_machines(shop: Shop, reading: Reading) -> None:
    pages, keys = {page.id for page in shop.page}, {key.id for key in shop.key}
    _address(reading, shop.monitor.address, "monitor", "address")
    reading.at_least(1, shop.monitor.every_seconds, "monitor", "every_seconds")
    reading.network(shop.callbacks.network, shop.callbacks.addresses, "callbacks", "network")
    reading.at_least(0, shop.callbacks.per_day, "callbacks", "per_day")
    for at, crawler in enumerate(shop.crawler):
        _address(reading, crawler.address, "crawler", at, "address")
        reading.at_least(0, crawler.per_day, "crawler", at, "per_day")
        reading.share(crawler.not_found_share, "crawler", at, "not_found_share")
    for at, partner in enumerate(shop.partner):
        _address(reading, partner.address, "partner", at, "address")
        reading.known(partner.key, keys, "partner", at, "key")
        reading.known(partner.page, pages, "partner", at, "page")
        reading.share(partner.share, "partner", at, "share")
        reading.at_least(1, partner.records, "partner", at, "records")
        _hours(reading, partner.hours, "partner", at, "hours")
        if partner.until < partner.since:
            reading.wrong(f"the contract of {partner.id} ends before it begins", ("partner", at))
    for at, job in enumerate(shop.job):
        _address(reading, job.address, "job", at, "address")
        reading.known(job.page, pages, "job", at, "page")
        reading.at_least(1, job.records, "job", at, "records")
        reading.rising(job.pause_ms, "job", at, "pause_ms")
        _hours(reading, (job.hour,), "job", at, "hour")
    for at, reader in enumerate(shop.reader):
        _address(reading, reader.address, "reader", at, "address")
        reading.at_least(0, reader.per_day, "reader", at, "per_day")
        reading.weights(tuple(reader.weights.values()), None, "reader", at, "weights")
        for page in reader.weights:
            reading.known(page, pages, "reader", at, "weights")


def _check_staff(shop: Shop, reading: Reading) -> None:
    support = shop.support
    reading.once([person.id for person in shop.staff], "staff")
    reading.once([key.id for key in shop.key], "key")
    reading.known(support.key, {key.id for key in shop.key}, "support", "key")
    reading.known("support", {agent.group for agent in shop.agent}, "agent")
    _address(reading, support.address, "support", "address")
    for name in ("agents", "first_staff_number", "nosy_reach"):
        reading.at_least(1, getattr(support, name), "support", name)
    reading.at_least(0, support.tickets_per_day, "support", "tickets_per_day")
    for name in ("views_per_ticket", "open_minutes", "nosy_views"):
        reading.rising(getattr(support, name), "support", name)
    for name in ("nosy_share", "nosy_day_share"):
        reading.share(getattr(support, name), "support", name)
    _hours(reading, support.shift_starts, "support", "shift_starts")
    if support.shift_starts and not 1 <= support.shift_hours <= 24 - max(support.shift_starts):
        reading.wrong("a shift ends on the day it begins", ("support",))


def _hours(reading: Reading, hours: tuple[int, ...], *path: str | int) -> None:
    if not hours or min(hours) < 0 or max(hours) > 23:
        reading.wrong(f"{'.'.join(map(str, path))} must hold hours of the day, 0 to 23", path)


def _address(reading: Reading, text: str, *path: str | int) -> None:
    try:
        IPv4Address(text)
    except ValueError as fault:
        reading.wrong(f"{'.'.join(map(str, path))} is no IPv4 address: {fault}", path)
