"""What a session looks at, page after page, and the files that a browser fetches along with each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whosaw.replay.dice import Bools, Dice, Ints, Words
from whosaw.replay.kin import Kin
from whosaw.replay.people import People
from whosaw.replay.responses import response_sizes, sizes_of_page
from whosaw.replay.setting import Setting
from whosaw.replay.traffic import NOBODY, Traffic

from .sessions import Sessions

__all__ = ["Browsing", "Seen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The requests of some sessions; which of them swapped their token, and when."""

    traffic: tuple[Traffic, ...]
    swapped: Ints  # positions among the sessions
    swapped_at: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """How sessions lie in the rows of their requests: each in one piece, one row a page."""

    of: Ints  # the session of each row
    first: Ints  # the first row of each session
    middle: Ints  # the row before which a token is swapped, and from which the later address holds
    pages: Ints

    def later(self, sessions: Ints) -> tuple[Ints, Ints]:
        """The rows from the middle on of those sessions, and whose each is."""
        many = self.first[sessions] + self.pages[sessions] - self.middle[sessions]
        of = np.repeat(np.arange(len(sessions)), many)
        nth = np.arange(len(of)) - np.repeat(np.cumsum(many) - many, many)
        return self.middle[sessions][of] + nth, sessions[of]


class Browsing:
    """Turns sessions into requests, one device at a time."""

    def __init__(self, setting: Setting, people: People) -> None:
        self._shop, self._people = setting.shop, people
        self._kin, pages = Kin(setting, people), setting.shop.page
        self._private = np.asarray([bool(page.categories) for page in pages])
        numbered = np.asarray([page.number_is == "thing" and page.numbers > 0 for page in pages])
        self._least = np.where(numbered, 1, -1)
        self._things = np.where(numbered, [page.numbers for page in pages], 0).astype(np.float64)
        self._can_be_gone = np.asarray(
            [page.number_is == "address" or (page.numbers > 0 and bool(page.categories)) for page in pages]
        )
        self._is_address = np.asarray([page.number_is == "address" for page in pages])
        self._is_member = np.asarray([page.number_is == "member" for page in pages])
        self._turned_away = np.where([page.service == "web" for page in pages], 302, 401).astype(np.int16)
        self._after = [(at, setting.shop.page_at(page.after)) for at, page in enumerate(pages) if page.after]

    def of(
        self,
        sessions: Sessions,
        *,
        device: int,
        agent: NDArray[np.int32],
        key: int,
        first: Ints,
        later: Ints,
        dice: Dice,
        kin: Dice,
    ) -> Seen:
        """All requests of sessions of one device. `first` and `later` are the addresses of their two halves.

        `kin` draws whose page a customer opens who looks after others.
        """
        rows = _rows(sessions)
        page = self._pages(rows, device, dice)
        time = self._times(sessions, rows, device, dice)
        token, address = self._tokens(sessions, rows), first[rows.of]
        moved = np.flatnonzero(first != later)
        at, whose = rows.later(moved)
        address[at] = later[whose]
        who = sessions.who[rows.of]
        signed_in = sessions.signed_in[rows.of]
        status, number = self._answers(page, who, signed_in, dice)
        if not self._shop.device[device].regulars:  # a program of one's own is for oneself
            named = np.flatnonzero(self._is_member[page] & signed_in)
            number[named] = self._people.numbers[self._kin.whose(who[named].astype(np.int64), kin)]
        pages = Traffic.of(
            len(page),
            time=time,
            principal=self._principals(sessions)[rows.of],
            address=address,
            agent=agent[rows.of],
            page=page,
            number=number,
            status=status,
            size=response_sizes(self._shop, dice, page, status),
            token=token,
            key=np.where(sessions.signed_in, key, -1).astype(np.int16)[rows.of],
        )
        swapped = np.flatnonzero(sessions.refreshes)
        swapped_at = time[rows.middle[swapped]] - 1 - dice.below(len(swapped), 40)
        traffic = [pages, self._refreshes(sessions, swapped, swapped_at, agent, key, later, dice)]
        if max(self._shop.device[device].static_per_page):
            traffic.append(self._static(pages, device, dice))
        return Seen(traffic=tuple(traffic), swapped=swapped, swapped_at=swapped_at)

    def _pages(self, rows: _Rows, device: int, dice: Dice) -> NDArray[np.int16]:
        """What is looked at in each row. One order or address is opened from the list that it stands in."""
        item = self._shop.device[device]
        page = self._picked(len(rows.of), item.weights, dice)
        if item.enter:
            page[rows.first] = self._picked(len(rows.first), item.enter, dice)
        for one, its_list in self._after:
            at = np.flatnonzero(page == one)
            nth = at - rows.first[rows.of[at]]
            page[at[nth > 1] - 1] = its_list
            page[at[nth == 1]] = its_list  # the page that a visit begins with stays
        return page

    def _picked(self, count: int, weights: dict[str, float], dice: Dice) -> NDArray[np.int16]:
        ids = np.asarray([self._shop.page_at(name) for name in weights], dtype=np.int16)
        return ids[dice.pick(count, weights)]

    def _principals(self, sessions: Sessions) -> Ints:
        return np.where(sessions.signed_in, self._people.numbers[sessions.who], NOBODY)

    def _times(self, sessions: Sessions, rows: _Rows, device: int, dice: Dice) -> Ints:
        think = dice.quantiles(len(rows.of), self._shop.device[device].think_ms)
        begin = think[rows.first]
        think[rows.first] = begin = 600 + begin // 50  # the first page comes right after the login
        passed = np.cumsum(think)
        return passed + (sessions.start - passed[rows.first] + begin)[rows.of]

    def _tokens(self, sessions: Sessions, rows: _Rows) -> Words:
        token = sessions.token[rows.of]
        at, whose = rows.later(np.flatnonzero(sessions.refreshes))
        token[at] = sessions.token_after[whose]
        return token

    def _answers(
        self, page: NDArray[np.int16], who: NDArray[np.int32], signed_in: Bools, dice: Dice
    ) -> tuple[NDArray[np.int16], Ints]:
        """Status of each request, and what stands for {number}: popular things more often than others."""
        shop, people = self._shop, self._people
        place = dice.unit(len(page))
        place *= place
        number = self._least[page] + (place * self._things[page]).astype(np.int64)
        status = np.full(len(page), 200, dtype=np.int16)
        missing = dice.yes(len(page), shop.sessions.not_found_share) & (page == shop.page_at("product"))
        status[missing] = 404
        private = np.flatnonzero(self._private[page])
        kind, owner = page[private], who[private].astype(np.int64)
        number[private] = np.where(
            self._is_address[kind],
            people.address_ids(owner, dice),
            np.where(self._is_member[kind], people.numbers[owner], number[private]),
        )
        gone = self._can_be_gone[kind] & dice.yes(len(private), shop.sessions.gone_share)
        expired = dice.yes(len(private), shop.sessions.expired_share)
        answer = np.where(expired, 401, np.where(gone, 404, 200))
        status[private] = np.where(signed_in[private], answer, self._turned_away[kind])
        return status, number

    def _refreshes(
        self,
        sessions: Sessions,
        which: Ints,
        time: Ints,
        agent: NDArray[np.int32],
        key: int,
        address: Ints,
        dice: Dice,
    ) -> Traffic:
        """POST of the old token, which is answered with the new one."""
        page = self._shop.page_at("refresh")
        return Traffic.of(
            len(which),
            time=time,
            principal=self._people.numbers[sessions.who[which]],
            address=address[which],
            agent=agent[which],
            page=page,
            size=sizes_of_page(self._shop, dice, len(which), page),
            token=sessions.token[which],
            key=key,
        )

    def _static(self, pages: Traffic, device: int, dice: Dice) -> Traffic:
        """Scripts and styles that a browser fetches after a page, no file twice for one page."""
        shop, page = self._shop, self._shop.page_at("static")
        files = max(1, shop.page[page].numbers)
        many = dice.quantiles(len(pages), shop.device[device].static_per_page)
        many[pages.status != 200] = 0
        of = np.repeat(np.arange(len(pages)), many)
        count = len(of)
        begin = dice.below(len(pages), files) - (np.cumsum(many) - many)
        number = np.arange(count) + begin[of]
        number %= files
        number += 1
        status = np.where(dice.yes(count, shop.sessions.not_modified_share), 304, 200).astype(np.int16)
        return Traffic.of(
            count,
            time=pages.time[of] + (40 + dice.below(count, 900)),
            principal=pages.principal[of],
            address=pages.address[of],
            agent=pages.agent[of],
            page=page,
            number=number,
            status=status,
            size=sizes_of_page(shop, dice, count, page, status),
            token=pages.token[of],
            key=pages.key[of],
        )


def _rows(sessions: Sessions) -> _Rows:
    pages = sessions.pages.astype(np.int64)
    first = np.cumsum(pages) - pages
    of = np.repeat(np.arange(len(pages)), pages)
    return _Rows(of=of, first=first, middle=first + (pages + 1) // 2, pages=pages)
