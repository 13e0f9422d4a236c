"""Whether a breach item holds together and fits a shop: every fault is noted, none ends the checking."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from ipaddress import IPv4Network

from whosaw.packs.table import dotted

from .breach_item import Breach, Pool, Step
from .means.walk import WALKS
from .reading import Reading
from .shop_item import Page, Shop

__all__ = ["MEANS", "check_breach"]

_OVER_PEOPLE = ("every-number", "customers", "scattered")
_OVER_LISTS = ("pages", "ranges")
_OWN_NAME = ("member", "list", "range")  # a page that somebody reads about others
_OTHERS_NAME = ("thing", "address")  # a page that shows the data of whoever asks


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """Which walks and pages go with a means, and which of the fields that only some means heed."""

    walks: tuple[str, ...]
    number_is: tuple[str, ...]
    heeds: tuple[str, ...] = ()
    claims: str = ""


MEANS: dict[str, _Way] = {
    "forged": _Way(walks=_OVER_PEOPLE, number_is=(*_OTHERS_NAME, "member"), heeds=("key", "key_on_record")),
    "own-login": _Way(walks=_OVER_PEOPLE + _OVER_LISTS, number_is=_OWN_NAME, heeds=("key", "accounts")),
    "stolen": _Way(walks=("sessions",), number_is=_OTHERS_NAME),
    "stuffing": _Way(walks=("customers", "scattered"), number_is=_OTHERS_NAME, heeds=("key", "hit_share")),
    "staff": _Way(
        walks=_OVER_PEOPLE + _OVER_LISTS,
        number_is=_OWN_NAME,
        heeds=("key", "claim"),
        claims="a member of staff",
    ),
    "partner": _Way(
        walks=_OVER_PEOPLE + _OVER_LISTS, number_is=_OWN_NAME, heeds=("key", "claim"), claims="a partner"
    ),
    "database": _Way(
        walks=_OVER_PEOPLE + _OVER_LISTS,
        number_is=_OWN_NAME,
        heeds=("claim",),
        claims="a role of the database",
    ),
}
_NOT_FOR_ALL = ("key", "key_on_record", "claim", "accounts", "hit_share")
_WALK_OF = {"list": "pages", "range": "ranges"}
_LEAST = {
    "block": 1,
    "rounds": 1,
    "accounts": 1,
    "at_most": 0,
    "per_day": 0,
    "records": 0,
    "from_day": 0,
    "to_day": 0,
}


def check_breach(breach: Breach, shop: Shop, reading: Reading) -> None:
    """Note every fault of an item for this shop in its reading."""
    _rows(breach, shop, reading)
    for at, pool in enumerate(breach.pool):
        _pool(pool, reading, "pool", at)
    keys = {key.id for key in (*shop.key, *breach.key)}
    for at, step in enumerate(breach.step):
        _numbers(step, shop, reading, "step", at)
        _pages(step, shop, reading, "step", at)
        reading.known(step.pool, (pool.id for pool in breach.pool), "step", at, "pool")
        reading.known(step.walk, WALKS, "step", at, "walk")
        reading.known(step.means, MEANS, "step", at, "means")
        if step.means in MEANS:
            _goes_together(step, shop, reading, "step", at)
            _key(step, keys, reading, "step", at)
            _claim(step, breach, shop, reading, "step", at)


def _rows(breach: Breach, shop: Shop, reading: Reading) -> None:
    """Ids stand once, also beside the shop's own; those of breach and steps go into file names and tables."""
    ids: list[tuple[str, tuple[str | int, ...]]] = [(breach.id, ("id",))]
    ids += [(step.id, ("step", at, "id")) for at, step in enumerate(breach.step)]
    for name, path in ids:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
            message = f"{dotted(path)} is {name!r}; it holds small letters, digits and single hyphens"
            reading.wrong(message, path, "As in forged-token")
    reading.once([pool.id for pool in breach.pool], "pool")
    reading.once([step.id for step in breach.step], "step")
    reading.once([row.id for row in (*shop.staff, *breach.staff)], "staff")
    reading.once([row.id for row in (*shop.key, *breach.key)], "key")
    reading.once([row.id for row in (*shop.partner, *breach.partner)], "partner")
    for at, partner in enumerate(breach.partner):
        reading.known(partner.key, (key.id for key in (*shop.key, *breach.key)), "partner", at, "key")


def _pool(pool: Pool, reading: Reading, *path: str | int) -> None:
    try:
        network = IPv4Network(pool.network)
    except ValueError as fault:
        hint = "Write it as in 198.51.100.0/24"
        reading.wrong(f"{dotted(path)}.network is no IPv4 network: {fault}", (*path, "network"), hint)
        return
    room = network.num_addresses - (2 if network.prefixlen < 31 else 0)
    if not 1 <= pool.addresses <= room:
        message = f"{dotted(path)}: {pool.addresses:,} addresses do not fit in {pool.network}"
        reading.wrong(message, (*path, "addresses"))


def _numbers(step: Step, shop: Shop, reading: Reading, *path: str | int) -> None:
    for name in ("share", "start", "hit_share"):
        reading.share(getattr(step, name), *path, name)
    for page, ratio in step.then.items():
        reading.share(ratio, *path, "then", page)
    for name, least in _LEAST.items():
        reading.at_least(least, getattr(step, name), *path, name)
    for page, mean in step.between.items():
        if not 0 <= mean <= 100:
            place = (*path, "between", page)
            reading.wrong(f"{dotted(place)} is {mean:g}, it lies between 0 and 100", place)
    reading.rising(step.pause_ms, *path, "pause_ms")
    reading.weights(step.hours, 24, *path, "hours")
    reading.weights(step.weekdays, 7, *path, "weekdays")
    reading.weights(step.course, None, *path, "course")
    days = shop.span.days
    if not step.from_day < (step.to_day or days) <= days:
        message = f"days {step.from_day} to {step.to_day or 'the end'} of {dotted(path)} lie outside the shop's {days}"
        reading.wrong(message, (*path, "to_day" if step.to_day else "from_day"))


def _pages(step: Step, shop: Shop, reading: Reading, *path: str | int) -> None:
    """What is read shows people's data, what lies between shows nobody's."""
    private = {page.id: bool(page.categories) for page in shop.page}
    for page, place in ((step.page, (*path, "page")), *((name, (*path, "then", name)) for name in step.then)):
        reading.known(page, private, *place)
        if private.get(page) is False:
            hint = f"Pages that do: {', '.join(sorted(name for name, shows in private.items() if shows))}"
            reading.wrong(f"{dotted(place)}: the page {page!r} shows nobody's data", place, hint)
    for page in step.between:
        place = (*path, "between", page)
        reading.known(page, private, *place)
        if private.get(page):
            hint = "Read it as the page of a step, or in `then`"
            reading.wrong(f"{dotted(place)}: the page {page!r} shows people's data", place, hint)


def _goes_together(step: Step, shop: Shop, reading: Reading, *path: str | int) -> None:
    way = MEANS[step.means]
    if step.walk in WALKS and step.walk not in way.walks:
        hint = f"It walks: {', '.join(way.walks)}"
        reading.wrong(
            f"{dotted(path)}.walk: {step.means!r} does not walk {step.walk!r}", (*path, "walk"), hint
        )
    for page in shop.page:
        if page.categories and page.id in {step.page, *step.then}:
            place = (*path, "page") if page.id == step.page else (*path, "then", page.id)
            _page(step, page, shop, reading, *place)
    for each in fields(Step):
        if (
            each.name in _NOT_FOR_ALL
            and each.name not in way.heeds
            and getattr(step, each.name) != each.default
        ):
            place = (*path, each.name)
            reading.wrong(f"{dotted(place)} says nothing to the means {step.means!r}", place)
    if step.means in {"stolen", "stuffing"} and (step.between or step.rounds != 1):
        reading.wrong(f"{dotted(path)}: {step.means!r} makes no rounds and has nothing between", path)
    if step.means == "stuffing" and not step.hit_share:
        reading.wrong(f"{dotted(path)}.hit_share must be above 0", path)


def _page(step: Step, page: Page, shop: Shop, reading: Reading, *place: str | int) -> None:
    """Whether a page shows whom this means and this walk ask it for."""
    way = MEANS[step.means]
    is_database = step.means == "database"
    fitting = {
        each.id: each.number_is
        for each in shop.page
        if each.categories and each.number_is in way.number_is and bool(each.statement) == is_database
    }
    if page.id not in fitting:
        hint = f"It reads: {', '.join(sorted(fitting)) or 'no page of this shop'}"
        reading.wrong(f"{dotted(place)}: {step.means!r} does not read {page.id!r}", place, hint)
        return
    asks = _WALK_OF.get(page.number_is)
    if step.walk in way.walks and step.walk != asks and (asks or step.walk in _OVER_LISTS):
        hint = f"It is read by: {asks or ', '.join(each for each in way.walks if each not in _OVER_LISTS)}"
        reading.wrong(f"{dotted(place)}: the walk {step.walk!r} does not read {page.id!r}", place, hint)


def _key(step: Step, keys: Iterable[str], reading: Reading, *path: str | int) -> None:
    if step.means == "forged" and not step.key:
        reading.wrong(f"{dotted(path)}.key must name the key that signs the tokens", path)
    elif step.key and step.key_on_record:
        reading.known(step.key, keys, *path, "key")
    elif step.key in keys:
        message = f"{dotted(path)}.key is {step.key!r}, which is on record, but key_on_record is false"
        reading.wrong(message, (*path, "key"))


def _claim(step: Step, breach: Breach, shop: Shop, reading: Reading, *path: str | int) -> None:
    claims = MEANS[step.means].claims
    if claims and not step.claim:
        reading.wrong(f"{dotted(path)}.claim must name {claims}", path)
    elif step.means == "staff":
        # the item's people, and the first of the agents that a shop of any size has
        agent = f"s-{shop.support.first_staff_number:04d}"
        reading.known(step.claim, {agent, *(row.id for row in (*shop.staff, *breach.staff))}, *path, "claim")
    elif step.means == "partner":
        reading.known(step.claim, (row.id for row in (*shop.partner, *breach.partner)), *path, "claim")
