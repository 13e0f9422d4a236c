"""Visitors: sessions that log in or come back, look at things, and sometimes at their own data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whosaw.replay.dice import Dice, Ints, Words, mixed
from whosaw.replay.people import People
from whosaw.replay.responses import sizes_of_page
from whosaw.replay.setting import DAY_MS, Setting
from whosaw.replay.traffic import NOBODY, Day, Issued, Traffic

from .browsing import Browsing
from .places import Places
from .sessions import Sessions, plan_sessions

__all__ = ["Live", "Visitors"]

_LIVE_DAYS = 7  # a session nobody came back to for longer is not worth stealing


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """Sessions that can be used on a day: one for each customer and device, with its latest token."""

    who: Ints  # position of the customer
    token: Words
    key: Ints  # position in the setting's keys
    address: Ints  # where it was last seen


class Visitors:
    """Customers, on all their devices. Days may be asked for in any order: each stands by itself."""

    def __init__(self, setting: Setting, people: People) -> None:
        self._setting, self._people = setting, people
        self._sessions, self._before = plan_sessions(setting, people)
        self._edges = np.searchsorted(
            self._sessions.start, setting.calendar.start + np.arange(setting.calendar.days + 1) * DAY_MS
        )
        self._places = Places(setting, people)
        self._browsing = Browsing(setting, people)
        shop = setting.shop
        self._keys = np.asarray([shop.key_at(device.key) for device in shop.device], dtype=np.int16)
        self._agents = [
            [
                (setting.agents.code(agent.text), agent.share)
                for agent in shop.agent
                if agent.group == device.id
            ]
            for device in shop.device
        ]
        self._agent_salt = int(setting.dice("agents").raw(1)[0])

    def before(self) -> Issued:
        """Logins from before the log: those it shows sessions of, and others that a login service has on record."""
        setting, people = self._setting, self._people
        logins, dice = setting.shop.logins, setting.dice("earlier logins")
        shown = self._sessions.take(self._before.session)
        count = setting.sized(logins.earlier, 1) if logins.earlier else 0
        device = dice.pick(count, [entry.share for entry in setting.shop.device])
        who = np.concatenate([shown.who, people.visitors[dice.below(count, len(people.visitors))]])
        begun = setting.calendar.start - 1 - dice.below(count, logins.kept_days * DAY_MS)
        return self._issued(
            time=np.concatenate([self._before.time, begun]),
            who=who,
            token=np.concatenate([shown.token, dice.raw(count) | np.uint64(1)]),
            device=np.concatenate([shown.device, device]),
            address=people.home[who],
        )

    def live(self, day: int) -> Live:
        """Sessions of the last week that are signed in at the end of that day and were not taken up since."""
        part = self._sessions.take(self._live(day))
        _, address = self._places.of(part)
        return Live(
            who=part.who.astype(np.int64),
            token=part.token_after,
            key=self._keys[part.device].astype(np.int64),
            address=address,
        )

    def alive(self, day: int) -> int:
        """How many `live` gives."""
        return len(self._live(day))

    def _live(self, day: int) -> Ints:
        low, high = int(self._edges[max(0, day + 1 - _LIVE_DAYS)]), int(self._edges[day + 1])
        end, sessions = self._setting.calendar.day_start(day + 1), self._sessions
        return low + np.flatnonzero(sessions.signed_in[low:high] & (sessions.next_start[low:high] >= end))

    def day(self, day: int) -> Day:
        """The sessions that begin on that day: pages, static files, logins and swapped tokens."""
        part = self._sessions.take(slice(int(self._edges[day]), int(self._edges[day + 1])))
        first, later = self._places.of(part)
        dice = self._setting.dice(f"visitors day {day}")
        traffic = [self._logins(part, first, dice, day)]
        fresh = np.flatnonzero(part.fresh)
        issued = [
            self._issued(
                time=part.start[fresh],
                who=part.who[fresh],
                token=part.token[fresh],
                device=part.device[fresh],
                address=first[fresh],
            )
        ]
        for at in range(len(self._keys)):
            mine = np.flatnonzero(part.device == at)
            if not len(mine):
                continue
            sessions = part.take(mine)
            seen = self._browsing.of(
                sessions,
                device=at,
                agent=self._agent_of(sessions.who, at),
                key=int(self._keys[at]),
                first=first[mine],
                later=later[mine],
                dice=self._setting.dice(f"visitors {at} day {day}"),
                kin=self._setting.dice(f"whose page {at} day {day}"),
            )
            traffic.extend(seen.traffic)
            issued.append(self._swapped(sessions, seen.swapped, seen.swapped_at, later[mine], dice))
        return Day(traffic=tuple(traffic), issued=tuple(issued))

    def _swapped(self, sessions: Sessions, which: Ints, time: Ints, address: Ints, dice: Dice) -> Issued:
        """The swaps that the login service put on record."""
        noted = np.flatnonzero(dice.yes(len(which), self._setting.shop.logins.refresh_recorded_share))
        which = which[noted]
        return self._issued(
            time=time[noted],
            who=sessions.who[which],
            token=sessions.token_after[which],
            device=sessions.device[which],
            address=address[which],
            refresh=True,
        )

    def _issued(
        self,
        *,
        time: Ints,
        who: NDArray[Any],
        token: Words,
        device: NDArray[Any],
        address: Ints,
        refresh: bool = False,
    ) -> Issued:
        return Issued(
            time=time,
            subject=self._people.numbers[who],
            token=token,
            key=self._keys[device],
            address=address,
            refresh=np.full(len(time), refresh),
        )

    def _agent_of(self, who: NDArray[np.int32], device: int) -> NDArray[np.int32]:
        """One customer keeps one agent on one device."""
        group = self._agents[device]
        edges = np.cumsum([share for _, share in group])
        words = mixed(
            who.astype(np.uint64) * np.uint64(len(self._agents)) + np.uint64(device), self._agent_salt
        )
        place = (words >> np.uint64(11)).astype(np.float64) * (2.0**-53 * float(edges[-1]))
        codes = np.asarray([code for code, _ in group], dtype=np.int32)
        return codes[np.minimum(np.searchsorted(edges, place, side="right"), len(codes) - 1)]

    def _logins(self, part: Sessions, first: Ints, dice: Dice, day: int) -> Traffic:
        """POST /login of each session that logs in, some with a wrong password shortly before."""
        shop = self._setting.shop
        good = np.flatnonzero(part.fresh)
        bad = good[dice.yes(len(good), shop.sessions.wrong_password_share)]
        of = np.concatenate([good, bad])
        early = np.zeros(len(of), dtype=np.int64)
        early[len(good) :] = 4000 + dice.below(len(bad), 16000)
        status = np.full(len(of), 302, dtype=np.int16)
        status[len(good) :] = 401
        agent = np.zeros(len(of), dtype=np.int32)
        for at in range(len(self._keys)):
            mine = np.flatnonzero(part.device[of] == at)
            agent[mine] = self._agent_of(part.who[of[mine]], at)
        page = shop.page_at("login")
        return Traffic.of(
            len(of),
            time=np.maximum(part.start[of] - early, self._setting.calendar.day_start(day)),
            principal=NOBODY,
            address=first[of],
            agent=agent,
            page=page,
            status=status,
            size=sizes_of_page(shop, dice, len(of), page, status),
        )
