"""Who is left of a large entity once others were found: looked for month by month, and kept by all that it was found from."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.marking.flagged import Flagged
from whosaw.actors.marking.holding import Asked, Hand
from whosaw.actors.marking.left_over import Left, left_over
from whosaw.actors.signing.signs import DAYS_BACK
from whosaw.actors.summing.groupings import Grouping
from whosaw.actors.summing.manners import with_manners
from whosaw.actors.summing.who import Digests, column
from whosaw.build.state import Runs, month_of
from whosaw.core.canonical_json import canonical_json
from whosaw.store.distinct import distinct
from whosaw.store.person_sets import unpack_rows

from .flagged import present

__all__ = ["LeftPeople", "Memo"]

Bools = npt.NDArray[np.bool_]
_READ: Final = ("present", "views", "answers", "manners", "lines")


class Memo(Protocol):
    """Who was left of a month, by what that was found from; it may be lost."""

    def load(self) -> Mapping[str, Left]: ...
    def store(self, told: Mapping[str, Left]) -> None: ...


@dataclass(kw_only=True)
class LeftPeople:
    """Answers who is left, from runs. Of a month of which the same was asked before it is known."""

    runs: Runs
    asked: Asked
    digests: Digests
    lines: pa.Table  # all rows of that kind: day and mark
    memo: Memo | None = None
    _known: Mapping[str, Left] | None = None
    _told: dict[str, Left] = field(default_factory=dict)

    def of(self, flag: Flagged, found: Collection[bytes], mine: Collection[bytes]) -> tuple[int, int]:
        """How many people of a flag bear its sign, and of how many it can be told. Not asked of the clients of the first marks; who bears it has
        to be of the second."""
        sets = [
            pc.is_in(self.lines["mark"], pa.array(list(each), self.lines["mark"].type)).to_numpy()
            for each in (found, mine)
        ]
        parts = [
            self._of_month(flag, list(days), sets) for _, days in groupby(self.runs.days("present"), month_of)
        ]
        signed, people = (
            (distinct(np.concatenate([np.empty(0, np.int64), *each])) for each in zip(*parts, strict=True))
            if parts
            else ((), ())
        )
        return len(signed), len(people)

    def keep(self) -> None:
        """For the next time, what was asked."""
        if self.memo is not None and self._told.keys() != (self._known or {}).keys():
            self.memo.store(self._told)

    def _of_month(self, flag: Flagged, days: Sequence[int], sets: Sequence[Bools]) -> Left:
        start, end = np.searchsorted(column(self.lines, "day"), [days[0], days[-1] + 1]).tolist()
        own = [each[start:end] for each in sets]
        later = [day for day in self.runs.days("late") if days[0] <= day <= days[-1] + DAYS_BACK]
        key = self._key(flag, days, later, own)
        if self._known is None:
            self._known = {} if self.memo is None else self.memo.load()
        told = self._known.get(key)
        if told is None:
            told = self._look(flag, days, later, own)
        self._told[key] = told
        return told

    def _key(self, flag: Flagged, days: Sequence[int], later: Sequence[int], sets: Sequence[Bools]) -> str:
        read = [(name, day) for name in _READ for day in days] + [("late", day) for day in later]
        said: list[Any] = [flag.key.hex(), [[name, day, self.runs.digest(name, day)] for name, day in read]]
        said += [np.packbits(each).tobytes().hex() for each in sets]
        return hashlib.sha256(canonical_json(said)).hexdigest()

    def _look(self, flag: Flagged, days: Sequence[int], later: Sequence[int], sets: Sequence[Bools]) -> Left:
        """Of the days that hold the entity: of their views what tells it and who was seen, with the clients of two sets of marks."""
        entity = self.asked.plan.kind(flag.clause)
        some = [
            day for day, there in present(self.runs, {entity}, days) if flag.entity in there.get(entity, ())
        ]
        if not some:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        columns = Grouping.of(flag.clause).columns
        views = self.runs.rows("views", some, sorted({"client", "person", *columns} - {"way"}))
        if "way" in columns:
            views = with_manners(views, self.runs.rows("manners", some))
        late = _placed(self.runs.rows("late", later), views)
        hand = Hand(views=views, answers=self.runs.rows("answers", some, ["signs"]), late=late)
        lines = self.runs.rows("lines", days, ["clients"])
        clients, row = unpack_rows(lines["clients"])
        on = column(lines, "day")
        found, mine = ((on[row[own]], clients[own]) for own in (each[row] for each in sets))
        return left_over(flag, hand, found, mine, self.asked, self.digests)


def _placed(late: pa.Table, views: pa.Table) -> pa.Table:
    """Rows of `late` about any of these views, with the place of the view among all of them."""
    days = column(views, "day")
    own = late.filter(pc.is_in(late["view_day"], pa.array(distinct(days), pa.int32())))
    place = np.searchsorted(days, column(own, "view_day")) + column(own, "position")
    return own.set_column(own.schema.get_field_index("position"), "position", pa.array(place))
