"""Support agents: shifts, tickets, the pages they read for them, and the neighbours that some of them look up."""

from __future__ import annotations

from ipaddress import IPv4Address

import numpy as np

from whosaw.replay.dice import Bools, Dice, Ints
from whosaw.replay.people import People
from whosaw.replay.responses import sizes_of_page
from whosaw.replay.setting import HOUR_MS, MINUTE_MS, Setting
from whosaw.replay.traffic import Day, Issued, Tickets, Traffic, staff_code

__all__ = ["Support", "homes_of_agents", "on_shift"]

_WORKDAYS = 5  # of each agent in a week; the free days go round
_FIRST_READ_MS, _LAST_READ_MS = 20_000, 20_000  # after a ticket was opened, before it is closed


def on_shift(setting: Setting, day: int) -> tuple[Ints, Ints]:
    """The agents who work on that day, as positions among the agents, and when their shifts begin."""
    item, everyone = setting.shop.support, np.arange(len(setting.support))
    weekday = setting.calendar.weekday(day)
    agents = np.flatnonzero((weekday + everyone * 3) % 7 < _WORKDAYS)
    if not len(agents):
        agents = everyone[:1]
    starts = np.asarray(item.shift_starts, dtype=np.int64)
    # halves of the team swap shifts every week
    turn = (agents + day // 7) % len(starts)
    return agents, setting.calendar.day_start(day) + starts[turn] * HOUR_MS


def homes_of_agents(setting: Setting, people: People) -> Ints:
    """Of each agent, in the order of `setting.support`, which customer he is himself, by position."""
    return Support(setting, people).own


class Support:
    """Day by day what agents do. Each works in one shift a day, logs in once for it, and reads while a ticket is open.

    A nosy agent is a customer too, and looks at people of his own house and the houses next door.
    """

    def __init__(self, setting: Setting, people: People) -> None:
        self._setting, self._people = setting, people
        item = setting.shop.support
        named = [person.id for person in setting.support]
        self._claimants = np.asarray([setting.claimants.code(staff_id) for staff_id in named], dtype=np.int64)
        nosy = max(1, round(item.nosy_share * len(named))) if item.nosy_share else 0
        dice = setting.dice("nosy agents")
        # what an agent does as a breach is told apart from what others do out of curiosity
        taken = {step.claim for step in setting.breach.step} if setting.breach else set()
        chosen = [at for at in dice.order(len(named)).tolist() if named[at] not in taken][:nosy]
        self._parts = {at: setting.part(named[at], "nosy", "") for at in sorted(chosen)}
        homes = dice.below(len(named), len(people.by_house))
        self._own = people.by_house[homes].astype(np.int64)
        self._neighbours = {
            at: np.setdiff1d(people.neighbours(int(homes[at]), item.nosy_reach), people.canaries)
            for at in self._parts
        }
        self._agent = setting.agents.code(
            next(each.text for each in setting.shop.agent if each.group == "support")
        )
        self._address, self._key = int(IPv4Address(item.address)), setting.shop.key_at(item.key)
        self._page = setting.shop.page_at("support-customer")

    @property
    def own(self) -> Ints:
        """Of each agent, which customer he is himself, by position."""
        return self._own

    def before(self) -> Issued | None:
        """A shift's token is of its own day, so none is from before the log."""
        return None

    def on_shift(self, day: int) -> tuple[Ints, Ints]:
        """See `on_shift`."""
        return on_shift(self._setting, day)

    def day(self, day: int) -> Day:
        """Tickets of that day with all reads for them, the shifts' logins, and what nosy agents looked up."""
        setting, people, item = self._setting, self._people, self._setting.shop.support
        dice = setting.dice(f"support day {day}")
        agents, starts = self.on_shift(day)
        tokens = dice.raw(len(agents)) | np.uint64(1)
        issued = Issued(
            time=starts - dice.below(len(agents), 10 * MINUTE_MS) - MINUTE_MS,
            subject=staff_code(0) - self._claimants[agents],
            token=tokens,
            key=np.full(len(agents), self._key, dtype=np.int16),
            address=np.full(len(agents), self._address),
            refresh=np.zeros(len(agents), dtype=bool),
        )
        count = setting.sized(item.tickets_per_day, 1) if item.tickets_per_day else 0
        at = dice.below(count, len(agents))
        called = dice.below(count, len(people.visitors))
        who = people.visitors[called].astype(np.int64)
        # nobody works on a ticket of his own: the next agent does, and where there is none, the next visitor calls instead
        at = np.where(self._own[agents[at]] == who, (at + 1) % len(agents), at)
        another = people.visitors[(called + 1) % len(people.visitors)]
        who = np.where(self._own[agents[at]] == who, another, who)
        shift_ms = item.shift_hours * HOUR_MS
        lasts = np.minimum(dice.quantiles(count, item.open_minutes) * MINUTE_MS, shift_ms - MINUTE_MS)
        opened = starts[at] + dice.below(count, shift_ms - lasts)
        tickets = Tickets(agent=self._claimants[agents[at]], who=who, opened=opened, closed=opened + lasts)
        views = dice.quantiles(count, item.views_per_ticket)
        of = np.repeat(np.arange(count), views)
        room = np.maximum(1, lasts - _FIRST_READ_MS - _LAST_READ_MS)
        reads = self._reads(
            dice, time=(opened + np.minimum(_FIRST_READ_MS, lasts // 2))[of] + dice.below(len(of), room[of]),
            agent=agents[at[of]], who=who[of], token=tokens[at[of]], part=-1,
        )  # fmt: skip
        nosy = [self._looks(dice, tickets, agent, start, token) for agent, start, token in zip(
            agents.tolist(), starts.tolist(), tokens.tolist(), strict=True) if agent in self._parts]  # fmt: skip
        traffic = (reads, *(each for each in nosy if each is not None))
        return Day(traffic=traffic, issued=(issued,), tickets=(tickets,))

    def _looks(self, dice: Dice, tickets: Tickets, agent: int, start: int, token: int) -> Traffic | None:
        """What a nosy agent looks up on one of his working days, if anything: never those whose ticket is open."""
        item, near = self._setting.shop.support, self._neighbours[agent]
        tempted, many = bool(dice.yes(1, item.nosy_day_share)[0]), int(dice.quantiles(1, item.nosy_views)[0])
        who = near[dice.below(many, len(near))] if len(near) else near[:0]
        time = start + dice.below(len(who), item.shift_hours * HOUR_MS)
        mine = tickets.agent == self._claimants[agent]
        keep = ~self._has_reason(who, tickets.who[mine])
        if not tempted or not keep.any():
            return None
        who, time = who[keep], time[keep]
        return self._reads(
            dice, time=time, agent=np.full(len(who), agent), who=who,
            token=np.full(len(who), token, dtype=np.uint64), part=self._parts[agent],
        )  # fmt: skip

    def _has_reason(self, who: Ints, served: Ints) -> Bools:
        return np.isin(who, served)

    def _reads(
        self,
        dice: Dice,
        *,
        time: Ints,
        agent: Ints,
        who: Ints,
        token: np.typing.NDArray[np.uint64],
        part: int,
    ) -> Traffic:
        return Traffic.of(
            len(time),
            time=time,
            principal=staff_code(0) - self._claimants[agent],
            address=self._address,
            agent=self._agent,
            page=self._page,
            number=self._people.numbers[who],
            size=sizes_of_page(self._setting.shop, dice, len(time), self._page),
            token=token,
            key=self._key,
            part=part,
        )
