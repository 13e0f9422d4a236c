"""What really happened, counted from the requests as they were made, before any of it was written as text."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whosaw.core.instants import format_instant, from_micros

from .breach_item import Breach
from .dice import Ints
from .log_text import LogFile
from .people import People
from .requests import Requests
from .setting import DAY_MS, Calendar, Setting
from .shop_item import Shop

__all__ = ["truth_of"]


def truth_of(
    setting: Setting,
    breach: Breach,
    people: People,
    requests: Requests,
    *,
    torn: int,
    files: Sequence[LogFile],
) -> dict[str, Any]:
    """The truth as JSON values. Times are to the second, as in the log; days are the shop's own."""
    shop = setting.shop
    private = np.asarray([bool(page.categories) for page in shop.page])
    views = private[requests.page] & (requests.status == 200)
    return {
        "made_by": "whosaw demo; every person, address and page is invented",
        "seed": setting.seed,
        "scale": setting.scale,
        "shop": {
            "id": shop.id,
            "customers": len(people.numbers),
            "first_number": people.first_number,
            "last_number": people.last_number,
            "holes": people.last_number + 1 - people.first_number - len(people.numbers),
            "canaries": people.numbers[people.canaries].tolist(),
        },
        "lines": {
            "total": len(requests),
            "torn": torn,
            "attack": int((requests.step >= 0).sum()),
            "files": [asdict(file) for file in files],
        },
        "honest": _honest(shop, requests, views & (requests.step < 0)),
        "breach": _breach(shop, breach, people, requests, views),
    }


def _honest(shop: Shop, requests: Requests, views: NDArray[np.bool_]) -> dict[str, Any]:
    return {
        "views": int(views.sum()),
        "views_by_page": _by_page(shop, requests.page[views]),
        "persons": len(np.unique(_subjects(shop, requests)[views])),
    }


def _subjects(shop: Shop, requests: Requests) -> Ints:
    """Whose data each page carries: the member in the path, or else the user it claims to be."""
    by_path = np.asarray([page.number_is == "member" for page in shop.page])
    return np.where(by_path[requests.page], requests.number, requests.principal)


def _by_page(shop: Shop, pages: Ints) -> dict[str, int]:
    counts = np.bincount(pages, minlength=len(shop.page)).tolist()
    return {page.id: count for page, count in zip(shop.page, counts, strict=True) if page.categories}


def _instant(milliseconds: int) -> str:
    return format_instant(from_micros(milliseconds // 1000 * 1_000_000))


def _numbers_digest(numbers: Ints) -> str:
    """SHA-256 of the numbers in rising order, one a line."""
    text = "".join(f"{number}\n" for number in np.unique(numbers).tolist())
    return hashlib.sha256(text.encode()).hexdigest()


def _breach(
    shop: Shop, breach: Breach, people: People, requests: Requests, views: NDArray[np.bool_]
) -> dict[str, Any]:
    attack = requests.take(requests.step >= 0)
    hits = requests.take(views & (requests.step >= 0))
    persons = np.unique(hits.principal)
    book_page = np.asarray([page.secondary_at_most > 0 for page in shop.page])
    books = np.unique(hits.principal[book_page[hits.page]])
    others = people.others_in_book[np.searchsorted(people.numbers, books)]
    return {
        "id": breach.id,
        "key": breach.key,
        "requests": len(attack),
        "views": len(hits),
        "views_by_page": _by_page(shop, hits.page),
        "persons": len(persons),
        "persons_by_page": {
            page.id: len(np.unique(hits.principal[hits.page == at]))
            for at, page in enumerate(shop.page)
            if page.categories
        },
        "persons_sha256": _numbers_digest(persons),
        "others_in_address_books": int(others.sum()),
        "canaries_read": int(np.isin(people.numbers[people.canaries], persons).sum()),
        "misses": int((attack.status == 404).sum()),
        "tokens": len(np.unique(attack.token)),
        "addresses": len(np.unique(attack.address)),
        "first_view": _instant(int(hits.time.min())),
        "last_view": _instant(int(hits.time.max())),
        "steps": [_step(attack, hits, at, step.id) for at, step in enumerate(breach.step)],
        "new_persons_by_day": _new_by_day(shop, hits),
    }


def _step(attack: Requests, hits: Requests, at: int, name: str) -> dict[str, Any]:
    tried, read = attack.take(attack.step == at), hits.take(hits.step == at)
    return {
        "id": name,
        "requests": len(tried),
        "views": len(read),
        "persons": len(np.unique(read.principal)),
        "misses": int((tried.status == 404).sum()),
        "addresses": len(np.unique(tried.address)),
        "first": _instant(int(tried.time.min())) if len(tried) else None,
        "last": _instant(int(tried.time.max())) if len(tried) else None,
    }


def _new_by_day(shop: Shop, hits: Requests) -> dict[str, int]:
    """How many people the breach saw for the first time on each day; days without any are left out."""
    _, first = np.unique(hits.principal, return_index=True)  # hits are in order of time
    days, counts = np.unique((hits.time[first] - Calendar.of(shop).start) // DAY_MS, return_counts=True)
    return {
        (shop.span.first_day + timedelta(days=day)).isoformat(): count
        for day, count in zip(days.tolist(), counts.tolist(), strict=True)
    }
