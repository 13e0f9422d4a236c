"""All honest sessions of a replay, planned before its first day: whose, when, and with which token.

A session takes some forty bytes here and some fifteen requests in the log, so the plan of the largest replay fits in
memory where its requests do not. Planning ahead is what lets a login before the log be on record for just those
sessions that come back with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whosaw.replay.dice import Bools, Dice, Ints, Words, mixed
from whosaw.replay.people import People
from whosaw.replay.setting import DAY_MS, Setting, moments_of_day

__all__ = ["NEVER", "Before", "Sessions", "plan_sessions"]

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """Logins before the log whose tokens it shows."""

    time: Ints
    session: Ints  # the first one that comes back with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Columns of equal length, in order of `start`."""

    id: Ints
    who: NDArray[np.int32]  # position of the customer
    device: NDArray[np.int8]  # position in shop.device
    start: Ints
    pages: NDArray[np.int32]
    signed_in: Bools
    fresh: Bools  # logs in at its start
    refreshes: Bools  # swaps its token before its middle page
    token: Words  # at its start; 0 where nobody is signed in
    token_after: Words  # the same, or the one after the swap
    next_start: Ints  # of the next session of this customer and device that is signed in

    def __len__(self) -> int:
        return len(self.start)

    def take(self, which: Ints | slice) -> Sessions:
        """The sessions at those positions or in that slice."""
        return Sessions(**{name: getattr(self, name)[which] for name in self.__slots__})


def plan_sessions(setting: Setting, people: People) -> tuple[Sessions, Before]:
    """Every session of the span, none of whose tokens is used longer than logins are remembered."""
    shop, calendar, dice = setting.shop, setting.calendar, setting.dice("sessions")
    count = setting.sized(shop.sessions.count, 20)
    day = np.repeat(np.arange(calendar.days), calendar.per_day(dice, count))
    start = np.sort(calendar.start + day * DAY_MS + moments_of_day(dice, count, calendar.hours))
    device = dice.pick(count, [entry.share for entry in shop.device]).astype(np.int8)
    who = _who(setting, people, dice, device)
    signed_in = dice.unit(count) < np.asarray([entry.signed_in_share for entry in shop.device])[device]
    fresh = dice.yes(count, shop.sessions.fresh_login_share) & signed_in
    pages = np.zeros(count, dtype=np.int32)
    for at, entry in enumerate(shop.device):
        mine = np.flatnonzero(device == at)
        pages[mine] = dice.quantiles(len(mine), entry.pages)
    refreshes = dice.yes(count, shop.logins.refresh_share) & signed_in & (pages > 1)
    token, token_after, next_start, before = _tokens(
        setting, slot=who.astype(np.int64) * len(shop.device) + device, start=start, signed_in=signed_in,
        fresh=fresh, refreshes=refreshes,
    )  # fmt: skip
    planned = Sessions(
        id=np.arange(count, dtype=np.int64),
        who=who,
        device=device,
        start=start,
        pages=pages,
        signed_in=signed_in,
        fresh=fresh,
        refreshes=refreshes,
        token=token,
        token_after=token_after,
        next_start=next_start,
    )
    return planned, before


def _who(setting: Setting, people: People, dice: Dice, device: NDArray[np.int8]) -> NDArray[np.int32]:
    """Some customers come often, many seldom; a device with regulars knows only those."""
    visitors = people.visitors
    place = dice.unit(len(device))
    place *= place
    who = visitors[(place * len(visitors)).astype(np.int64)]
    for at, entry in enumerate(setting.shop.device):
        if entry.regulars:
            regulars = min(len(visitors), setting.sized(entry.regulars, 1))
            mine = np.flatnonzero(device == at)
            who[mine] = visitors[dice.below(len(mine), regulars) * (len(visitors) // regulars)]
    return who


def _tokens(
    setting: Setting, *, slot: Ints, start: Ints, signed_in: Bools, fresh: Bools, refreshes: Bools
) -> tuple[Words, Words, Ints, Before]:
    """A token for every session that is signed in; sessions that come back with one too old turn `fresh`.

    A slot is a customer and a device. Its sessions share a token until one of them logs in or swaps it.
    """
    dice = setting.dice("tokens")
    salt = int(dice.raw(1)[0])
    order = np.flatnonzero(signed_in)
    order = order[np.argsort(slot[order], kind="stable")]
    begin, new, swap = start[order], fresh[order], refreshes[order]
    same = np.zeros(len(order), dtype=bool)
    same[1:] = slot[order[1:]] == slot[order[:-1]]
    swapped = np.zeros(len(order), dtype=bool)
    swapped[1:] = swap[:-1] & same[1:]
    earlier = (
        setting.calendar.start - 1 - dice.below(len(order), setting.shop.logins.remembered_days * DAY_MS)
    )
    heads = _heads(begin, new, same, swapped, earlier, setting.shop.logins.remembered_days)
    fresh[order] = new
    group = np.cumsum(heads) - 1
    head = np.flatnonzero(heads)
    # each session may issue two tokens, at its login and at its swap: the session before names the latter
    by_swap = swapped[head] & ~new[head]
    issue = np.where(by_swap, order[head - 1] * 2 + 1, order[head] * 2)
    token, after = np.zeros(len(start), dtype=np.uint64), np.zeros(len(start), dtype=np.uint64)
    token[order] = mixed(issue.astype(np.uint64), salt)[group]
    after[order] = np.where(swap, mixed((order * 2 + 1).astype(np.uint64), salt), token[order])
    next_start = np.full(len(start), NEVER, dtype=np.int64)
    next_start[order[:-1]] = np.where(same[1:], begin[1:], NEVER)
    old = head[~same[head] & ~new[head]]
    return token, after, next_start, Before(time=earlier[old], session=order[old])


def _heads(
    begin: Ints, new: Bools, same: Bools, swapped: Bools, earlier: Ints, remembered_days: int
) -> Bools:
    """Where another token begins. Sessions that would come too late for theirs are made `new` on the way."""
    longest = (remembered_days - 1) * DAY_MS  # a session may go on for hours with the token it began with
    while True:
        heads = new | ~same | swapped
        head = np.flatnonzero(heads)
        group = np.cumsum(heads) - 1
        # a swap happens after its session began, so this dates it too early rather than too late
        issued = np.where(new[head], begin[head], np.where(swapped[head], begin[head - 1], earlier[head]))
        late = np.flatnonzero((begin - issued[group] > longest) & ~new)
        if not len(late):
            return heads
        first = np.ones(len(late), dtype=bool)
        first[1:] = group[late[1:]] != group[late[:-1]]
        new[late[first]] = True
