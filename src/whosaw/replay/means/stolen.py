"""Sessions of customers who are signed in, used by somebody else from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from whosaw.replay.dice import Ints, Words
from whosaw.replay.traffic import Day

from .claim import Claim
from .pace import Pace
from .sending import Sending, share_of
from .walk import Piece, salt_of, spaced

__all__ = ["LiveSessions", "Stolen", "Visited"]


class LiveSessions(Protocol):
    """Sessions that a thief can take over."""

    @property
    def who(self) -> Ints: ...  # positions of customers
    @property
    def token(self) -> Words: ...
    @property
    def key(self) -> Ints: ...


class Visited(Protocol):
    """Whoever knows which sessions are alive."""

    def live(self, day: int) -> LiveSessions:
        """Those that are signed in at the end of that day."""
        ...

    def alive(self, day: int) -> int:
        """How many they are."""
        ...


@dataclass(slots=True, kw_only=True)
class Stolen:
    """Of the sessions alive when a day begins so many are taken; each reads its owner's pages once, with his token."""

    sending: Sending
    visitors: Visited
    pace: Pace
    _before: list[tuple[int, int]] = field(
        default_factory=lambda: [(0, 0)]
    )  # sessions and blocks before each day

    @property
    def _first(self) -> int:
        return max(1, self.pace.from_day)  # the first day of a log has no evening before it

    def day(self, day: int) -> Day:
        """What is read with the sessions taken on that day."""
        step, setting, people = self.sending.step, self.sending.setting, self.sending.people
        if not self._first <= day < self.pace.to_day:
            return Day()
        (taken, turns), (until, _) = self._until(day), self._until(day + 1)
        many = until - taken
        if not many:
            return Day()
        live = self.visitors.live(day - 1)
        dice, alive = setting.dice(f"step {step.id} day {day}"), len(live.who)
        which = spaced(0, alive, many, alive, salt_of(setting, f"taken {step.id} {day}"))
        which = which[dice.order(many)]
        blocks = self.pace.blocks_of(setting, day, dice, 0, many, turns)
        sizes, words = blocks.high - blocks.low, dice.raw(many)
        who = live.who[which].astype(np.int64)
        piece = Piece(
            number=people.numbers[who], position=who, exists=np.ones(many, dtype=np.bool_), first_hit=0
        )
        claim = Claim(
            principal=piece.number, token=live.token[which], key=np.asarray(live.key[which], dtype=np.int64)
        )
        time = self.pace.times(setting, blocks, sizes, words)
        read = self.sending.read(step.page, piece, claim, time, np.repeat(blocks.address, sizes), words, dice)
        return Day(traffic=(read, *self.sending.further(piece, read, many, dice)))

    def _until(self, day: int) -> tuple[int, int]:
        """How many sessions were taken, and how many blocks sent, before that day."""
        step = self.sending.step
        while len(self._before) <= day - self._first:
            taken, turns = self._before[-1]
            alive = self.visitors.alive(self._first + len(self._before) - 2)
            many = min(alive, step.per_day) if step.per_day else share_of(step.share, alive)
            if step.at_most:
                many = min(many, step.at_most - taken)
            self._before.append((taken + many, turns - -many // step.block))
        return self._before[day - self._first]
