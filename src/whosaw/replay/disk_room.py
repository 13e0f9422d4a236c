"""Whether a replay fits the disk, reckoned from its plan before anything is written."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from whosaw.core.errors import WhosawError

from .breach_actors import plan_breach
from .people import People
from .setting import Setting
from .shop_item import Device, Shop
from .write.writers import WRITERS

__all__ = ["Room", "check_room", "expected_requests", "room_needed"]

_EVENT_BYTES, _LINE_TRUTH_BYTES = 36, 5  # of Parquet, as measured on the shipped shop
_SEEN_BYTES, _LOGIN_BYTES, _SUBJECT_BYTES, _TICKET_BYTES = 9, 82, 42, 70
_PACKED = 6  # gzip makes a log so many times smaller
_MARGIN = 1.1
_SMALLEST = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a replay will hold: requests by service, and the bytes of all its files."""

    requests: Mapping[str, int]
    bytes: int


def check_room(folder: Path, room: Room) -> None:
    """Refuse with `replay.no-room` where the disk of that folder has less room than is needed."""
    free = shutil.disk_usage(folder).free
    if room.bytes > free:
        raise WhosawError(
            "replay.no-room",
            f"this replay needs about {_size(room.bytes)}, and {_size(free)} are free",
            hint="Use a smaller --scale, --events in place of text, or another disk",
        )


def room_needed(
    setting: Setting, people: People, formats: Sequence[str], *, events: bool, packed: bool
) -> Room:
    """The plan's requests as bytes, with a tenth more for what was not foreseen."""
    shop = setting.shop
    requests = expected_requests(setting, people)
    size = 0.0
    for service, name in zip(shop.service, formats, strict=True):
        line = WRITERS[name].line_bytes
        each = _EVENT_BYTES if events else line / _PACKED if packed else line
        size += requests[service.id] * (each + _LINE_TRUTH_BYTES)
    logins = setting.sized(shop.sessions.count + shop.logins.earlier, 1)
    tickets = setting.sized(shop.support.tickets_per_day, 1) * shop.span.days
    size += logins * _LOGIN_BYTES + len(people) * _SUBJECT_BYTES + tickets * _TICKET_BYTES
    if setting.breach is not None:
        reads = {step.page: 0 for step in setting.breach.step}
        pages = {*reads, *(page for step in setting.breach.step for page in step.then)}
        categories = {each for page in shop.page if page.id in pages for each in page.categories}
        size += len(people) * len(categories) * _SEEN_BYTES
    return Room(requests=requests, bytes=int(size * _MARGIN) + _SMALLEST)


def expected_requests(setting: Setting, people: People) -> dict[str, int]:
    """About how many requests each service gets."""
    shop = setting.shop
    counts = {service.id: 0.0 for service in shop.service}
    pages = {page.id: page.service for page in shop.page}
    for device in shop.device:
        _add_device(counts, shop, pages, device, setting.sized(shop.sessions.count, 1) * device.share)
    days = shop.span.days
    for crawler in shop.crawler:
        counts[pages["product"]] += setting.sized(crawler.per_day, 1) * days
    counts[pages["health"]] += days * 86_400 / shop.monitor.every_seconds
    counts[pages["payment-callback"]] += setting.sized(shop.callbacks.per_day, 1) * days
    support = shop.support
    counts[pages["support-customer"]] += (
        setting.sized(support.tickets_per_day, 1) * days * _mean(support.views_per_ticket)
    )
    for partner in shop.partner:
        counts[pages[partner.page]] += (
            len(people) * partner.share / partner.records * len(partner.hours) * days
        )
    span = people.last_number + 1 - people.first_number
    for job in shop.job:
        counts[pages[job.page]] += span / job.records * days
    for reader in shop.reader:
        for page in reader.weights:
            share = reader.weights[page] / sum(reader.weights.values())
            counts[pages[page]] += setting.sized(reader.per_day, 1) * days * share
    _add_breach(counts, setting, people, pages)
    return {service: round(count) for service, count in counts.items()}


def _add_device(
    counts: dict[str, float], shop: Shop, pages: Mapping[str, str], device: Device, sessions: float
) -> None:
    looked_at, total = sessions * _mean(device.pages), sum(device.weights.values())
    for page, weight in device.weights.items():
        counts[pages[page]] += looked_at * weight / total
    counts[pages["static"]] += looked_at * _mean(device.static_per_page)
    logins = sessions * device.signed_in_share * shop.sessions.fresh_login_share
    counts[pages["login"]] += logins * (1 + shop.sessions.wrong_password_share)
    counts[pages["refresh"]] += sessions * device.signed_in_share * shop.logins.refresh_share


def _add_breach(counts: dict[str, float], setting: Setting, people: People, pages: Mapping[str, str]) -> None:
    breach = setting.breach
    if breach is None:
        return
    plans = {plan.step: plan for plan in plan_breach(setting, breach, people)}
    for step in breach.step:
        plan = plans.get(step.id)
        days = (step.to_day or setting.shop.span.days) - step.from_day
        # how much stolen sessions read depends on visits, and is little beside them
        walked = sum(plan.by_day) if plan else (step.per_day or step.at_most) * days
        reads = plan.reads if plan else walked
        if plan and plan.logins:
            counts[pages["login"]] += plan.logins
            walked = reads
        counts[pages[step.page]] += walked
        for page, ratio in step.then.items():
            counts[pages[page]] += reads * ratio
        for page, many in step.between.items():
            counts[pages[page]] += walked * many


def _mean(quantiles: Sequence[int]) -> float:
    """The mean of what is drawn by straight lines between quantiles."""
    if len(quantiles) == 1:
        return float(quantiles[0])
    middles = [(low + high) / 2 for low, high in itertools.pairwise(quantiles)]
    return sum(middles) / len(middles)


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"
