"""What really happened, counted day by day from the requests as they were made, before any was written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from whosaw.core.instants import format_instant, from_micros
from whosaw.replay.dice import Ints
from whosaw.replay.people import People
from whosaw.replay.setting import Setting
from whosaw.replay.traffic import HONEST, Traffic
from whosaw.replay.write.columns import Same, bytes_of, joined, numbers

from .subjects_seen import SPANS, SubjectsSeen, may_carry, spans_of
from .tallies import NEVER, Distinct, Members, ViewTally

__all__ = ["BLOCK", "ActorTally", "Span", "TruthAccount"]

BLOCK = 1 << 18  # members that are looked at together when counts are read
_DISTINCT = 1 << 18  # tokens or addresses that are remembered
_DAY = 86_400


@dataclass(slots=True)
class Span:
    """Requests and views of a step or an actor, and when the first and last were, in milliseconds since 1970."""

    requests: int = 0
    views: int = 0
    misses: int = 0
    first: int | None = None
    last: int | None = None
    first_view: int | None = None
    last_view: int | None = None

    def add(self, today: Traffic, rows: Ints) -> None:
        """Take requests into account, in order of time."""
        if len(rows):
            self.requests += len(rows)
            self.misses += int(np.count_nonzero(today.status[rows] == 404))
            self.first = int(today.time[rows[0]]) if self.first is None else self.first
            self.last = int(today.time[rows[-1]])

    def saw(self, times: Ints, responses: int) -> None:
        """Take views into account, in order of time."""
        if len(times):
            low, high = int(times[0]), int(times[-1])
            self.views += responses
            self.first_view = low if self.first_view is None else min(self.first_view, low)
            self.last_view = high if self.last_view is None else max(self.last_view, high)

    def take(self, later: Span) -> None:
        """Take into account what came on days after these."""
        self.requests += later.requests
        self.views += later.views
        self.misses += later.misses
        self.first = later.first if self.first is None else self.first
        self.last = self.last if later.last is None else later.last
        self.first_view = min(
            (each for each in (self.first_view, later.first_view) if each is not None), default=None
        )
        self.last_view = max(
            (each for each in (self.last_view, later.last_view) if each is not None), default=None
        )


@dataclass(slots=True)
class ActorTally:
    """One party of the replay. `pages` holds the views of each page by member."""

    id: str
    kind: str
    span: Span = field(default_factory=Span)
    pages: dict[int, ViewTally] = field(default_factory=dict)
    views_by_page: dict[int, int] = field(default_factory=dict)
    steps: dict[str, tuple[Span, Members, Distinct]] = field(default_factory=dict)
    tokens: Distinct = field(default_factory=lambda: Distinct(_DISTINCT))
    addresses: Distinct = field(default_factory=lambda: Distinct(_DISTINCT))


class TruthAccount:
    """Takes the days of a replay in order, and says in the end what happened in them."""

    def __init__(self, setting: Setting, people: People) -> None:
        self._setting, self._people = setting, people
        self.honest_views = np.zeros(len(setting.shop.page), dtype=np.int64)
        self.honest = Members(len(people))
        self._flags = np.zeros(len(people), dtype=bool)  # all false between two days
        self.used = 0  # customers who used the shop, each counted on every day on which he did
        self.requests = 0
        self.actors: dict[str, ActorTally] = {}

    def add(self, today: Traffic) -> NDArray[np.bool_]:
        """Count one day, in order of time; returns which requests showed a page with personal data."""
        carries = may_carry(self._setting.shop, today)
        self.requests += len(today)
        parts = np.flatnonzero(np.bincount(today.part + 1, minlength=len(self._setting.parts) + 1)) - 1
        for part in parts.tolist():
            rows = np.arange(len(today)) if len(parts) == 1 else np.flatnonzero(today.part == part)
            if part == HONEST:
                self._add_honest(today, rows, rows[carries[rows]])
            else:
                self._add_part(part, today, rows, rows[carries[rows]])
        return carries

    def _add_honest(self, today: Traffic, rows: Ints, seen: Ints) -> None:
        principal = today.principal[rows]
        who, exists = self._people.position_of(principal[principal >= 0])
        used = who if exists.all() else who[exists]
        self._flags[used] = True
        self.used += int(np.count_nonzero(self._flags))
        self._flags[used] = False
        for page, of_page in _by_page(today, seen):
            if self._setting.shop.page[page].number_is in SPANS:  # a job may read everybody, every night
                low, high = spans_of(self._setting.shop, self._people, today, of_page, page)
                self.honest_views[page] += np.count_nonzero(high > low)
                self.honest.add_spans(low, high)
                continue
            for piece in SubjectsSeen.of(self._setting.shop, self._people, today, of_page, page):
                self.honest_views[page] += piece.responses
                self.honest.add(piece.who)

    def _add_part(self, part: int, today: Traffic, rows: Ints, seen: Ints) -> None:
        said = self._setting.parts[part]
        actor = self.actors.setdefault(said.actor, ActorTally(id=said.actor, kind=said.kind))
        step, members, addresses = self.step(actor, said.step)
        actor.span.add(today, rows)
        step.add(today, rows)
        if not actor.tokens.too_many:
            token = today.token[rows]
            actor.tokens.add(token[token != 0])
        places = pa.array(today.address[rows]).unique().to_numpy(zero_copy_only=False)
        actor.addresses.add(places)
        addresses.add(places)
        for page, of_page in _by_page(today, seen):
            tally = actor.pages.setdefault(page, ViewTally(len(self._people)))
            for piece in SubjectsSeen.of(self._setting.shop, self._people, today, of_page, page):
                times = today.time[piece.row]
                actor.span.saw(times, piece.responses)
                step.saw(times, piece.responses)
                actor.views_by_page[page] = actor.views_by_page.get(page, 0) + piece.responses
                tally.add(piece.who, (times - self._setting.calendar.start) // 1000)
                members.add(piece.who)

    @property
    def members(self) -> int:
        """How many customers there are."""
        return len(self._people)

    def step(self, actor: ActorTally, name: str) -> tuple[Span, Members, Distinct]:
        """The tallies of a step of an actor, which begin where they are first asked for."""
        if name not in actor.steps:
            actor.steps[name] = (Span(), Members(self.members), Distinct(_DISTINCT))
        return actor.steps[name]

    def told(self) -> dict[str, Any]:
        """The account as JSON values. Times are to the second; days are the shop's own."""
        setting, people = self._setting, self._people
        shop, calendar = setting.shop, setting.calendar
        return {
            "made_by": "whosaw replay; every person, address and page is invented",
            "seed": setting.seed,
            "scale": setting.scale,
            "breach": setting.breach.id if setting.breach else None,
            "days": calendar.days,
            "customers": len(people),
            "customers_per_day": self.used / calendar.days,
            "span": {
                "start": _instant(calendar.start),
                "end": _instant(calendar.end),
                "offset_minutes": shop.span.offset_minutes,
            },
            "shop": {
                "id": shop.id,
                "customers": len(people),
                "first_number": people.first_number,
                "last_number": people.last_number,
                "holes": people.last_number + 1 - people.first_number - len(people),
                "canaries": people.numbers[people.canaries].tolist(),
            },
            "honest": {
                "views": int(self.honest_views.sum()),
                "views_by_page": self._by_page(dict(enumerate(self.honest_views.tolist()))),
                "accounts": len(self.honest),
            },
            "actors": [self._actor(actor) for _, actor in sorted(self.actors.items())],
        }

    def _by_page(self, counts: dict[int, int]) -> dict[str, int]:
        return {
            page.id: counts.get(at, 0) for at, page in enumerate(self._setting.shop.page) if page.categories
        }

    def _actor(self, actor: ActorTally) -> dict[str, Any]:
        people, shop, span = self._people, self._setting.shop, actor.span
        found = _Found(self._setting, people, actor)
        return {
            "id": actor.id,
            "kind": actor.kind,
            "requests": span.requests,
            "views": span.views,
            "accounts": found.accounts,
            "persons": found.accounts + found.others,
            "others_in_address_books": found.others,
            "accounts_sha256": found.digest,
            "canaries_read": found.canaries,
            "misses": span.misses,
            "tokens": actor.tokens.count(),
            "addresses": actor.addresses.count(),
            "first_view": _instant(span.first_view),
            "last_view": _instant(span.last_view),
            "views_by_page": self._by_page(actor.views_by_page),
            "accounts_by_page": self._by_page(found.by_page),
            "categories": dict(sorted(found.by_category.items())),
            "steps": [
                {
                    "id": name,
                    "requests": step.requests,
                    "views": step.views,
                    "accounts": len(members),
                    "misses": step.misses,
                    "addresses": addresses.count(),
                    "first": _instant(step.first),
                    "last": _instant(step.last),
                }
                for name, (step, members, addresses) in actor.steps.items()
            ],
            "new_accounts_by_day": {
                date.fromordinal(shop.span.first_day.toordinal() + day).isoformat(): count
                for day, count in enumerate(found.by_day.tolist())
                if count
            },
        }


class _Found:
    """What the tallies of one actor say, read block after block."""

    def __init__(self, setting: Setting, people: People, actor: ActorTally) -> None:
        shop = setting.shop
        self.accounts = self.others = self.canaries = 0
        self.by_page = dict.fromkeys(actor.pages, 0)
        self.by_category: dict[str, int] = {}
        self.by_day = np.zeros(setting.calendar.days, dtype=np.int64)
        categories = sorted({each for page in actor.pages for each in shop.page[page].categories})
        digest = hashlib.sha256()
        is_canary = np.zeros(len(people), dtype=bool)
        is_canary[people.canaries] = True
        for low in range(0, len(people), BLOCK):
            high = min(low + BLOCK, len(people))
            firsts = {page: tally.between(low, high)[1] for page, tally in actor.pages.items()}
            if not firsts:
                break
            first = np.minimum.reduce(list(firsts.values()))
            seen = first != NEVER
            if not seen.any():
                continue
            self.accounts += int(np.count_nonzero(seen))
            self.canaries += int(np.count_nonzero(seen & is_canary[low:high]))
            self.by_day += np.bincount(first[seen] // _DAY, minlength=len(self.by_day))
            for page, times in firsts.items():
                self.by_page[page] += int(np.count_nonzero(times != NEVER))
            books = [times != NEVER for page, times in firsts.items() if shop.page[page].secondary_at_most]
            if books:
                others = people.others_in_book[low:high][np.logical_or.reduce(books)]
                self.others += int(others.sum(dtype=np.int64))
            for category in categories:
                held = [
                    times != NEVER for page, times in firsts.items() if category in shop.page[page].categories
                ]
                many = int(np.count_nonzero(np.logical_or.reduce(held)))
                self.by_category[category] = self.by_category.get(category, 0) + many
            listed = numbers(people.numbers[low:high][seen])
            digest.update(bytes_of(joined([listed, Same("\n")], len(listed))))
        self.digest = digest.hexdigest()  # of the numbers in rising order, one a line


def _by_page(today: Traffic, rows: Ints) -> Iterator[tuple[int, Ints]]:
    """The requests of each page among those rows."""
    page = today.page[rows]
    present: list[int] = np.flatnonzero(np.bincount(page)).tolist() if len(page) else []
    for each in present:
        yield each, rows if len(present) == 1 else rows[page == each]


def _instant(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    return format_instant(from_micros(milliseconds // 1000 * 1_000_000))
