"""Passwords of other breaches tried on the login page; what opens is read under its owner's name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from whosaw.replay.dice import Ints, mixed
from whosaw.replay.traffic import Day, Issued

from .claim import Claim
from .pace import Pace
from .sending import Sending, share_of
from .walk import Piece, Walk, salt_of, spaced, spaced_before

__all__ = ["Stuffing", "opened_of"]


def opened_of(walk: Walk, hit_share: float) -> int:
    """How many of all passwords tried open an account."""
    return share_of(hit_share, walk.requests)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuffing:
    """The walk's members have their passwords tried. Those that fail leave no name in any log."""

    sending: Sending
    walk: Walk
    pace: Pace
    key: int

    @staticmethod
    def of(sending: Sending, walk: Walk, pace: Pace) -> Stuffing:
        """Without a key of the step's own, that of the first device signs what is issued."""
        setting = sending.setting
        key = setting.keys.code(sending.step.key or setting.shop.device[0].key)
        return Stuffing(sending=sending, walk=walk, pace=pace, key=key)

    def day(self, day: int) -> Day:
        """Logins tried, tokens issued for those that opened, and the pages read with them."""
        step, setting = self.sending.step, self.sending.setting
        dice = setting.dice(f"step {step.id} day {day}")
        blocks = self.pace.day(setting, day, dice)
        if not len(blocks):
            return Day()
        low, high = int(blocks.low[0]), int(blocks.high[-1])
        words, sizes = dice.raw(high - low), blocks.high - blocks.low
        time, address = self.pace.times(setting, blocks, sizes, words), np.repeat(blocks.address, sizes)
        tried = self.walk.piece(low, high)
        salt = salt_of(setting, f"opened {step.id}")
        opened = opened_of(self.walk, step.hit_share)
        which = spaced(low, high, opened, self.walk.requests, salt) - low
        is_open = np.zeros(len(tried), dtype=np.bool_)
        is_open[which] = True
        lines = self.sending.logins(time, address, is_open, words)
        piece = Piece(
            number=tried.number[which],
            position=tried.position[which],
            exists=tried.exists[which],
            first_hit=spaced_before(low, opened, self.walk.requests, salt),
        )
        issued = self._issued(piece, time[which], address[which])
        claim = Claim(principal=piece.number, token=issued.token, key=self.key)
        after = time[which] + 300 + dice.below(len(which), 1_500)
        read = self.sending.read(step.page, piece, claim, after, address[which], words[which], dice)
        further = self.sending.further(piece, read, opened, dice)
        return Day(traffic=(lines, read, *further), issued=(issued,))

    def _issued(self, piece: Piece, time: Ints, address: Ints) -> Issued:
        salt = salt_of(self.sending.setting, f"token {self.sending.step.id}")
        return Issued(
            time=time,
            subject=piece.number,
            token=np.maximum(mixed(piece.number.astype(np.uint64), salt), np.uint64(1)),
            key=np.full(len(piece), self.key, dtype=np.int16),
            address=address,
            refresh=np.zeros(len(piece), dtype=np.bool_),
        )
