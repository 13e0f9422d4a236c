"""Requests of one step as columns: the page it reads, further pages, and others in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whosaw.replay.breach_item import Step
from whosaw.replay.dice import Bools, Dice, Ints, Words
from whosaw.replay.people import People
from whosaw.replay.responses import NOT_FOUND_BYTES
from whosaw.replay.setting import Setting
from whosaw.replay.traffic import Traffic

from .claim import Claim
from .walk import Piece, salt_of, spaced

__all__ = ["Sending", "share_of"]

_REFUSED_BYTES = 154  # of the page for a wrong password


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What all requests of a step share."""

    setting: Setting
    people: People
    step: Step
    part: int
    agent: int

    @staticmethod
    def of(setting: Setting, people: People, step: Step, actor: str) -> Sending:
        """For that step of an actor; its part and its agent get their places among the setting's names."""
        part, agent = setting.part(actor, "breach", step.id), setting.agents.code(step.agent)
        return Sending(setting=setting, people=people, step=step, part=part, agent=agent)

    def read(
        self, page_id: str, piece: Piece, claim: Claim, time: Ints, address: Ints, words: Words, dice: Dice
    ) -> Traffic:
        """A request for each of a piece: 200 where it meets somebody, 404 where it does not."""
        shop = self.setting.shop
        at = shop.page_at(page_id)
        page, count = shop.page[at], len(piece)
        size = self._sizes(at, words)
        status = np.full(count, 200, dtype=np.int16)
        if not piece.exists.all():
            missing = ~piece.exists
            status[missing], size[missing] = 404, NOT_FOUND_BYTES
        number: Ints | int = -1
        if page.number_is == "address":
            number = self.people.address_ids(piece.position, dice)
        elif page.number_is != "thing":
            number = piece.number
        elif page.numbers:
            number = 1 + dice.below(count, page.numbers)
        return self._traffic(
            count,
            claim,
            time=time,
            address=address,
            page=at,
            number=number,
            records=self._records(page.number_is),
            status=status,
            size=size,
        )

    def further(self, piece: Piece, read: Traffic, hits: int, dice: Dice) -> list[Traffic]:
        """Pages of `then` for exactly their share of all `hits` of the step, those of this piece among them."""
        met = np.flatnonzero(piece.exists)
        low, high = piece.first_hit, piece.first_hit + len(met)
        parts = []
        for page_id, ratio in self.step.then.items():
            salt = salt_of(self.setting, f"then {self.step.id} {page_id}")
            chosen = spaced(low, high, share_of(ratio, hits), hits, salt)
            which = met[chosen - low]
            base, count = read.take(which), len(which)
            rows = Piece(
                number=piece.number[which],
                position=piece.position[which],
                exists=np.ones(count, dtype=np.bool_),
                first_hit=0,
            )
            claim = Claim(principal=base.principal, token=base.token, key=base.key.astype(np.int64))
            time = base.time + 600 + dice.below(count, 2400)
            parts.append(self.read(page_id, rows, claim, time, base.address, dice.raw(count), dice))
        return parts

    def aside(self, page: Ints, of: Ints, read: Traffic, time: Ints, words: Words, dice: Dice) -> Traffic:
        """Requests for pages that show nobody's data, by whoever sends the requests `of` of a piece."""
        shop = self.setting.shop
        base, size = read.take(of), np.zeros(len(of), dtype=np.int64)
        number = np.full(len(of), -1, dtype=np.int64)
        for at in np.unique(page).tolist():
            mine = page == at
            size[mine] = self._sizes(at, words[mine])
            if shop.page[at].numbers:
                number[mine] = 1 + dice.below(int(mine.sum()), shop.page[at].numbers)
        claim = Claim(principal=base.principal, token=base.token, key=base.key.astype(np.int64))
        return self._traffic(
            len(of), claim, time=time, address=base.address, page=page, number=number, size=size
        )

    def logins(self, time: Ints, address: Ints, opened: Bools, words: Words) -> Traffic:
        """Passwords given to the login page: nobody is named, and only the status says which of them opened."""
        at = self.setting.shop.page_at("login")
        return self._traffic(
            len(time),
            Claim(principal=-1, token=0, key=-1),
            time=time,
            address=address,
            page=at,
            status=np.where(opened, np.int16(302), np.int16(401)),
            size=np.where(opened, self._sizes(at, words), _REFUSED_BYTES),
        )

    def _traffic(self, count: int, claim: Claim, **columns: NDArray[Any] | int) -> Traffic:
        return Traffic.of(
            count,
            principal=claim.principal,
            token=claim.token,
            key=claim.key,
            agent=self.agent,
            part=self.part,
            **columns,
        )

    def _sizes(self, at: int, words: Words) -> Ints:
        """Bytes of each response, from the words' low bits."""
        page = self.setting.shop.page[at]
        low, high = page.bytes[0], page.bytes[-1]
        size: Ints = ((words & np.uint64(0xFFFFFFFF)) * np.uint64(high - low + 1) >> np.uint64(32)).view(
            np.int64
        )
        size += low
        return size

    def _records(self, number_is: str) -> int:
        if number_is == "list":
            return self.step.records or len(self.people)
        if number_is == "range":
            return self.step.records or self.people.last_number + 1 - self.people.first_number
        return 0


def share_of(ratio: float, hits: int) -> int:
    """How many a share of so many is: none of none, else at least one."""
    return min(hits, max(1, round(ratio * hits))) if hits and ratio else 0
