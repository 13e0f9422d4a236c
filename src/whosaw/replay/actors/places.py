"""Where a session comes from: home, a carrier's shared address, an office, or wherever its customer travels."""

from __future__ import annotations

import numpy as np

from whosaw.replay.dice import Floats, Ints, Words, mixed
from whosaw.replay.people import People
from whosaw.replay.setting import DAY_MS, HOUR_MS, Setting

from .sessions import Sessions

__all__ = ["Places"]


class Places:
    """Every answer follows from the session and its customer alone, so it can be asked for at any time."""

    def __init__(self, setting: Setting, people: People) -> None:
        self._setting, self._people = setting, people
        self._salts = [int(word) for word in setting.dice("places of sessions").raw(5)]
        devices = setting.shop.device
        self._home_share = np.asarray([entry.home_share for entry in devices])
        self._office_share = np.asarray([entry.office_share for entry in devices])
        changes = setting.shop.network.changes_network_share
        self._changes_share = np.asarray([changes if entry.changes_network else 0.0 for entry in devices])

    def of(self, sessions: Sessions) -> tuple[Ints, Ints]:
        """The address that each session begins at, and the one of its later half."""
        people, network = self._people, self._setting.shop.network
        who, device = sessions.who.astype(np.int64), sessions.device
        since = sessions.start - self._setting.calendar.start
        day = since // DAY_MS
        home = people.home[who]
        carrier = self._behind_carrier(who, day)
        away = self._draw(who + (day // 7 << 40), 0) < network.traveller_share
        hotel = people.travel[(who + day // 7) % len(people.travel)]
        stay = np.where(away, hotel, home)
        at_home = self._draw(sessions.id, 1) < self._home_share[device]
        first = np.where(at_home, stay, carrier)
        hour, weekday = since % DAY_MS // HOUR_MS, (day + self._setting.calendar.first_weekday) % 7
        at_work = (weekday < 5) & (hour >= 9) & (hour < 18) & ~away
        in_office = at_work & (self._draw(sessions.id, 2) < self._office_share[device])
        first = np.where(in_office, people.offices[who % len(people.offices)], first)
        moves = self._draw(sessions.id, 3) < self._changes_share[device]
        return first, np.where(moves, np.where(at_home, carrier, stay), first)

    def _behind_carrier(self, who: Ints, day: Ints) -> Ints:
        """One of the carrier's addresses for some days: thousands of customers leave through each."""
        turn = day // self._setting.shop.network.carrier_moves_days
        at = self._words(who + (turn << 40), 4) % np.uint64(len(self._people.carrier))
        return self._people.carrier[at.astype(np.int64)]

    def _words(self, what: Ints, which: int) -> Words:
        return mixed(what.astype(np.uint64), self._salts[which])

    def _draw(self, what: Ints, which: int) -> Floats:
        """From 0 up to 1, always the same for the same."""
        drawn: Floats = (self._words(what, which) >> np.uint64(11)).astype(np.float64) * 2.0**-53
        return drawn
