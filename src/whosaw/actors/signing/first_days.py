"""On which day each person was seen first, and met first, be it by a try in vain: as sources of days.

Of whom somebody asked in vain on a day it matters whether they were seen until the end of the day after it, in hindsight until its end
(`seen`). And a day needs the numbers of all who were met until its end, among whom those it saw have their places (`values`).

Days are kept by person for the digests of the runs they were found in, so a new day is looked at alone; and of an old one that changed,
who is not on it any more is looked for on later days.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from hashlib import sha256
from threading import RLock
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.explaining.meets import sets_of
from whosaw.actors.explaining.row_digests import mixed
from whosaw.build.fact import KNOWN, known_days
from whosaw.build.state import Runs, Source
from whosaw.build.step import Span
from whosaw.store.distinct import order_of

from .columns import SEEN, Digests, Ints, plain
from .places import PLACED, placed

__all__ = ["TRIED", "VALUES", "FirstDays", "Memo", "first_day_sources"]

VALUES: Final = pa.schema([("day", pa.int32()), *PLACED, ("known", pa.int32())])
"""People who have a number, with its place among all there are, and the day on which they were met first; in `day` as well."""
TRIED: Final = pa.schema([("day", pa.int32()), ("person", pa.int32()), ("failed", pa.bool_())])
"""Whose page was asked for in vain on a day, each once; `failed`: there was no such page."""
_SEEN: Final = pa.schema([("day", pa.int32()), *SEEN])
_NO_PAGE: Final = (404, 410)
_NEVER: Final = np.iinfo(np.int32).max
_MEETS, _TRIES, _VIEWS = "meets", "tries", "views"
Days = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDays:
    """By person the day on which they were seen first; the rows of `TRIED`; and by kind and day the digests of the runs that say so."""

    seen: Days = field(default_factory=lambda: np.zeros(0, np.int32))
    tried: pa.Table = field(default_factory=TRIED.empty_table)
    runs: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


class Memo(Protocol):
    """Where it is kept from one scan to the next."""

    def load(self) -> FirstDays: ...

    def store(self, told: FirstDays) -> None: ...


def first_day_sources(numbers: pa.Table, secret: bytes, memo: Memo, digests: Digests) -> list[Source]:
    """`seen` and `values`. `numbers` are those of all people (`NUMBERS`), `digests` the keyed digests of people; `secret` (16 bytes) keeps whoever writes logs from aiming at a digest."""
    people = _Met(numbers, secret, memo, digests)
    return [people.source(name) for name in ("seen", "values")]


class _Met:
    """Several threads read; what is found is worked out by one."""

    def __init__(self, numbers: pa.Table, secret: bytes, memo: Memo, digests: Digests) -> None:
        self._numbers, self._memo, self._digests = numbers.sort_by("person"), memo, digests
        self._places: pa.Table | None = None
        self._salts = np.frombuffer(secret[:16], np.uint64)
        self._told: FirstDays | None = None
        self._lock = RLock()

    def source(self, name: str, runs: Runs | None = None) -> Source:
        """One of the two, as of the runs there are; without any, before anything is known of them."""
        after = (_MEETS, _TRIES, _VIEWS)
        again = partial(self.source, name)
        if runs is None:
            none = _SEEN if name == "seen" else VALUES
            return Source(
                kind=name, digests={}, rows={}, read=_reader(none.empty_table()), after=after, again=again
            )
        with self._lock:
            told = self._told = self._brought_up(runs)
        digests, rows, read = (self._seen if name == "seen" else self._values)(told, runs.days(_VIEWS))
        return Source(
            kind=name, digests=digests, rows=rows, read=read, after=after, again=again, add_up=name == "seen"
        )

    def _brought_up(self, runs: Runs) -> FirstDays:
        last = self._memo.load() if self._told is None else self._told
        there = {kind: {day: runs.digest(kind, day) for day in runs.days(kind)} for kind in (_MEETS, _TRIES)}
        if there == last.runs:
            return last
        told = FirstDays(
            seen=_first_seen(last.seen, last.runs.get(_MEETS, {}), there[_MEETS], runs),
            tried=_tried(last.tried, last.runs.get(_TRIES, {}), there[_TRIES], runs),
            runs=there,
        )
        self._memo.store(told)
        return told

    def _seen(self, told: FirstDays, views: Sequence[int]) -> tuple[dict[int, str], dict[int, int], _Read]:
        rows = told.tried.filter(told.tried["failed"]).select(["day", "person"])
        day, person = plain(rows["day"]).astype(np.int64), plain(rows["person"]).astype(np.int64)
        first = np.append(told.seen, _NEVER)[np.minimum(person, len(told.seen))]
        days, place = np.unique(day, return_inverse=True)
        until = np.array(
            [max(each + 1, last_of_hindsight(views, each) or each) for each in days.tolist()], np.int64
        )
        keep = np.flatnonzero(first <= until[place]) if len(day) else np.zeros(0, np.int64)
        found = (
            rows.take(pa.array(keep)).append_column("first", pa.array(first[keep], pa.int32())).cast(_SEEN)
        )
        sums = self._sums(
            plain(found["person"]).astype(np.uint64) << np.uint64(32) | first[keep].astype(np.uint64)
        )
        digests, many = _by_day(plain(found["day"]).astype(np.int64), sums)
        return digests, many, _reader(found)

    def _values(self, told: FirstDays, views: Sequence[int]) -> tuple[dict[int, str], dict[int, int], _Read]:
        """Of a day all who were met until its end, so its digest is that of the day before and of whom it met first."""
        person = plain(self._numbers["person"]).astype(np.int64)
        met = np.full(int(person.max(initial=-1)) + 1, _NEVER, np.int64)
        some = told.seen[: len(met)]
        met[: len(some)] = some
        tried = plain(told.tried["person"]).astype(np.int64)
        inside = tried < len(met)
        np.minimum.at(met, tried[inside], plain(told.tried["day"]).astype(np.int64)[inside])
        known = met[person]
        rows = np.flatnonzero(known < _NEVER)
        rows = rows[order_of(known[rows])]
        known = known[rows]
        totals = [
            np.concatenate([np.zeros(1, np.uint64), np.cumsum(each[rows], dtype=np.uint64)])
            for each in self._of_numbers
        ]
        upto = np.searchsorted(known, np.asarray(views, np.int64), side="right")
        digests = {
            each: f"{at}:{totals[0][at]:016x}{totals[1][at]:016x}"
            for each, at in zip(views, upto.tolist(), strict=True)
            if at
        }

        day = pa.array(known, pa.int32())
        kept: list[pa.Table] = []

        def read(span: Span, columns: Sequence[str] | None) -> pa.Table:
            with self._lock:  # the order of all numbers is asked for once, where anybody asks at all
                if not kept:
                    places = self._ordered().take(pa.array(rows))
                    kept.append(places.add_column(0, "day", day).append_column("known", day).cast(VALUES))
            return _picked(kept[0].slice(0, int(np.searchsorted(known, span.last, side="right"))), columns)

        return digests, {each: int(at) for each, at in zip(views, upto.tolist(), strict=True)}, read

    @cached_property
    def _of_numbers(self) -> list[Words]:
        """Two halves of a digest of each person who has a number."""
        kinds = self._numbers["kind"].combine_chunks().dictionary_encode()
        salt = np.array(
            [
                int.from_bytes(sha256(each.encode()).digest()[:8], "little")
                for each in kinds.dictionary.to_pylist()
            ]
            or [0],
            np.uint64,
        )
        value = plain(self._numbers["value"]).astype(np.int64).view(np.uint64)
        words = mixed(value ^ salt[kinds.indices.to_numpy()])
        return self._sums(words ^ plain(self._numbers["person"]).astype(np.uint64))

    def _ordered(self) -> pa.Table:
        if self._places is None:
            self._places = placed(self._numbers, self._digests)
        return self._places

    def _sums(self, words: Words) -> list[Words]:
        """Two halves of a digest of each row, which may be added."""
        return [mixed(words ^ salt) for salt in self._salts]


_Read = Callable[[Span, Sequence[str] | None], pa.Table]


def last_of_hindsight(views: Sequence[int], day: int) -> int | None:
    """The last of the first 28 known days, where the day is among them or before them; None: it is judged by the days before it."""
    first = known_days(views, day, many=len(views) + 1)[:KNOWN]
    return first[-1] if first and day <= first[-1] else None


def _first_seen(last: Days, before: Mapping[int, str], there: Mapping[int, str], runs: Runs) -> Days:
    """By person the first day, from what it was and the days that changed."""
    changed = sorted(day for day in {*before, *there} if before.get(day) != there.get(day))
    people = {day: _people(runs, day) if day in there else np.zeros(0, np.int64) for day in changed}
    most = max((int(each[-1]) + 1 for each in people.values() if len(each)), default=0)
    first = np.full(max(most, len(last)), _NEVER, np.int32)
    first[: len(last)] = last
    gone = np.zeros(len(first), bool)
    for day in changed:
        if day in before:
            was = first == day
            was[people[day]] = False
            gone |= was
    first[gone] = _NEVER
    for day in changed:
        here = people[day]
        first[here] = np.minimum(first[here], day)
    if gone.any():  # they may have been seen on a day that stayed as it is
        for day in sorted(there.keys() - set(changed)):
            here = _people(runs, day)
            here = here[here < len(gone)]
            here = here[gone[here]]
            first[here] = np.minimum(first[here], day)
    return first


def _people(runs: Runs, day: int) -> Ints:
    found: Ints = sets_of(runs.rows(_MEETS, [day], ["kind", "number"]))["person"]
    return found


def _tried(last: pa.Table, before: Mapping[int, str], there: Mapping[int, str], runs: Runs) -> pa.Table:
    same = [day for day, told in there.items() if before.get(day) == told]
    rows = runs.rows(_TRIES, sorted(there.keys() - set(same)), ["person", "status"])
    rows = rows.filter(rows["person"].is_valid())
    failed = pc.fill_null(pc.is_in(rows["status"], pa.array(_NO_PAGE, pa.int16())), fill_value=False)
    fresh = rows.select(["day", "person"]).append_column("failed", failed)
    fresh = fresh.group_by(["day", "person"], use_threads=False).aggregate([("failed", "max")])
    kept = last.filter(pc.is_in(last["day"], pa.array(same, pa.int32())))
    every = pa.concat_tables([kept, fresh.rename_columns(TRIED.names).cast(TRIED)])
    return every.sort_by([("day", "ascending"), ("person", "ascending")])


def _by_day(days: Ints, sums: Sequence[Words]) -> tuple[dict[int, str], dict[int, int]]:
    """Digests and numbers of rows by day. Days ascend."""
    known, starts, many = np.unique(days, return_index=True, return_counts=True)
    if not len(known):
        return {}, {}
    one, other = (np.add.reduceat(each, starts) for each in sums)
    told = zip(known.tolist(), many.tolist(), one.tolist(), other.tolist(), strict=True)
    return {day: f"{count}:{high:016x}{low:016x}" for day, count, high, low in told}, dict(
        zip(known.tolist(), many.tolist(), strict=True)
    )


def _reader(rows: pa.Table) -> _Read:
    """Rows of days, which ascend."""
    days = plain(rows["day"]).astype(np.int64)

    def read(span: Span, columns: Sequence[str] | None) -> pa.Table:
        first, last = np.searchsorted(days, (span.first, span.last + 1)).tolist()
        return _picked(rows.slice(first, last - first), columns)

    return read


def _picked(rows: pa.Table, columns: Sequence[str] | None) -> pa.Table:
    return rows if columns is None else rows.select(["day", *(each for each in columns if each != "day")])
