"""Accounts that log in as they should and then read what they should not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from whosaw.replay.dice import Ints, Words, mixed
from whosaw.replay.traffic import Day, Issued

from .claim import Claim
from .pace import Blocks
from .sending import Sending
from .walk import Piece, salt_of

__all__ = ["SignedIn"]


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
