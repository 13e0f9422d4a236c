"""Accounts that log in as they should and then read what they should not: customers under their own names, and staff."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from whosaw.replay.dice import Ints, Words, mixed
from whosaw.replay.traffic import Day, Issued

from .claim import Claim
from .pace import Blocks
from .sending import Sending
from .walk import Piece, salt_of

__all__ = ["SignedIn", "own_login", "staff"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Blocks go through the accounts in turns. On each day an account logs in once, shortly before it reads."""

    sending: Sending
    accounts: Ints  # as Traffic.principal
    key: int
    shows_login: bool  # whether the login is a request in the log, too

    def claim(self, day: int, piece: Piece, blocks: Blocks, sizes: Ints) -> Claim:  # noqa: ARG002 - one promise for all means
        """The account of each block and its token of that day."""
        account = blocks.turn % len(self.accounts)
        return Claim(
            principal=np.repeat(self.accounts[account], sizes),
            token=np.repeat(self._tokens(day, account), sizes),
            key=self.key,
        )

    def logins(self, day: int, blocks: Blocks, begins: Ints) -> Day:
        """A row for each account that read on that day, from the address of its first block."""
        setting = self.sending.setting
        order = np.argsort(begins, kind="stable")
        account, first = np.unique(blocks.turn[order] % len(self.accounts), return_index=True)
        block = order[first]
        dice = setting.dice(f"logins {self.sending.step.id} day {day}")
        early = 2_000 + dice.below(len(block), 8_000)
        time = np.maximum(setting.calendar.day_start(day), begins[block] - early)
        address = blocks.address[block]
        issued = Issued(
            time=time,
            subject=self.accounts[account],
            token=self._tokens(day, account),
            key=np.full(len(block), self.key, dtype=np.int16),
            address=address,
            refresh=np.zeros(len(block), dtype=np.bool_),
        )
        if not self.shows_login:
            return Day(issued=(issued,))
        words = dice.raw(len(block))
        lines = self.sending.logins(time, address, np.ones(len(block), dtype=np.bool_), words)
        return Day(traffic=(lines,), issued=(issued,))

    def _tokens(self, day: int, account: Ints) -> Words:
        salt = salt_of(self.sending.setting, f"token {self.sending.step.id}")
        each = (account + day * len(self.accounts)).astype(np.uint64)
        return np.maximum(mixed(each, salt), np.uint64(1))


def own_login(sending: Sending) -> SignedIn:
    """The step's accounts are customers who seldom come by themselves. Without a key it is that of the first device."""
    setting, people, step = sending.setting, sending.people, sending.step
    whose = people.visitors[::-1][: step.accounts].astype(np.int64)
    key = setting.keys.code(step.key or setting.shop.device[0].key)
    return SignedIn(sending=sending, accounts=people.numbers[whose], key=key, shows_login=True)


def staff(sending: Sending) -> SignedIn:
    """One account. Nobody opens a ticket for what it reads. Without a key it is that of the shop's support."""
    setting, step = sending.setting, sending.step
    key = setting.keys.code(step.key or setting.shop.support.key)
    accounts = np.asarray([setting.claim(step.claim)], dtype=np.int64)
    return SignedIn(sending=sending, accounts=accounts, key=key, shows_login=False)
