"""Exact numbers of distinct persons in a sliding window, from views in order of time.

A person is inside the window (t - W, t] from each of their views until W later. So a view adds one
when the person's previous view is at least W older, and the person leaves W after a view when the next
one is at least W later. Both lists come out in order of time, and the number inside at an instant is
how many entered up to it minus how many left up to it. No sketch, no bucket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Peak", "SlidingPersons", "SlidingSigned", "by_value"]

Times = npt.NDArray[np.int64]
Persons = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]
_NEVER = np.iinfo(np.int64).min // 4
_ALWAYS = np.iinfo(np.int64).max // 4
_SLACK = 1 << 22  # views that may be kept though they count no longer
_HALF = np.uint32(1 << 31)
_FEW = 1024  # instants that are asked first whether they are enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The most persons any window of one length held, and when the threshold was first reached."""

    most: int = 0
    most_at: int | None = None  # microseconds; the earliest instant with that many
    reached_at: int | None = None


class SlidingPersons:
    """Takes the views of one actor slice by slice, in order of time, for several window lengths at once.

    Between slices it keeps one view per person that is still inside the longest window, or little more, so memory
    follows persons and the slice, not the length of the log.
    """

    def __init__(self, windows: Sequence[tuple[int, int]], *, least_share: float = 0.0) -> None:
        """`windows`: pairs of length in microseconds and threshold.

        A threshold is reached only while counted views are at least `least_share` of all views in the window.
        """
        self._windows = tuple(windows)
        self._crowd = _Crowd([length for length, _ in windows])
        self._shares = [_Share(least_share, length) for length, _ in windows]
        self.peaks: tuple[Peak, ...] = tuple(Peak() for _ in windows)

    def add(self, times: Times, persons: Persons, counted: Bools | None = None) -> None:
        """The next slice: times ascending and none before those already added.

        Views that are not `counted` only weigh in the share.
        """
        if counted is not None:
            for share in self._shares:
                share.add(times, counted)
            times, persons = times[counted], persons[counted]
        if not len(times):
            return
        moves = self._crowd.add(times, persons)
        self.peaks = tuple(
            _advance(peak, move, threshold, share.enough if counted is not None else None)
            for peak, move, (_, threshold), share in zip(
                self.peaks, moves, self._windows, self._shares, strict=True
            )
        )


class SlidingSigned:
    """The same for persons whose views bear a sign, among all persons that one actor saw.

    A threshold is reached only where `remarkable(signed, all)` holds of the numbers of persons in the window.
    """

    def __init__(
        self, windows: Sequence[tuple[int, int]], remarkable: Callable[[Times, Times], Bools]
    ) -> None:
        """`windows`: pairs of length in microseconds and threshold."""
        self._windows = tuple(windows)
        self._remarkable = remarkable
        self._all = _Crowd([length for length, _ in windows])
        self._signed = self._all  # the same for as long as everyone bears the sign
        self.peaks: tuple[Peak, ...] = tuple(Peak() for _ in windows)

    def add(self, times: Times, persons: Persons, signed: Bools) -> None:
        """The next slice: times ascending and none before those already added."""
        if not len(times):
            return
        if self._signed is self._all and not signed.all():
            self._signed = self._all.copy()
        everyone = self._all.add(times, persons)
        if not signed.any():
            return
        same = self._signed is self._all
        bearing = everyone if same else self._signed.add(times[signed], persons[signed])
        peaks = []
        for peak, (_, threshold), every, move in zip(
            self.peaks, self._windows, everyone, bearing, strict=True
        ):

            def enough(at: Times, signed: Times, every: _Moves = every) -> Bools:
                return self._remarkable(signed, every.inside(at))

            peaks.append(_advance(peak, move, threshold, enough))
        self.peaks = tuple(peaks)


@dataclass(frozen=True, slots=True)
class _Moves:
    """When persons entered a window of one length within a slice, and when they left it, both ascending; and how many were inside before."""

    before: int
    entered: Times
    left: Times

    def inside(self, at: Times) -> Times:
        """How many were inside at instants of the slice."""
        entered: Times = np.searchsorted(self.entered, at, "right")
        return self.before + entered - np.searchsorted(self.left, at, "right")


class _Crowd:
    """Who is inside windows of several lengths, from slice to slice.

    Of each slice the last view of each person is kept until the longest window has passed; a view that a later one has taken the place
    of counts no longer, and goes when such views are as many as the others.
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        self._lengths, self._longest = tuple(lengths), max(lengths)
        self._inside = [0] * len(self._lengths)
        self._until = _NEVER  # everything up to here is counted
        self._times: Times = np.empty(0, np.int64)  # of the views kept
        self._persons: Persons = np.empty(0, np.uint32)
        self._passed = 0  # views that were kept before these
        self._latest: _Latest | None = (
            None  # of all views ever kept, by person; only from the second slice on
        )
        self._most = _SLACK  # views that are kept before those that do not count are taken out

    def copy(self) -> _Crowd:
        """One that goes its own way from here on."""
        other = _Crowd(self._lengths)
        other._inside, other._until, other._passed, other._most = (
            list(self._inside), self._until, self._passed, self._most,
        )  # fmt: skip
        other._times, other._persons = self._times, self._persons  # are never changed in place
        other._latest = self._latest.copy() if self._latest is not None else None
        return other

    def add(self, times: Times, persons: Persons) -> tuple[_Moves, ...]:
        """The next slice; its moves, beside the lengths."""
        index, person = by_value(persons)
        same = person[1:] == person[:-1]
        firsts, lasts = index[np.append(True, ~same)], index[np.append(~same, True)]
        before = np.full(len(times), _NEVER, np.int64)
        after = np.full(len(times), _ALWAYS, np.int64)
        before[index[1:][same]] = times[index[:-1][same]]
        after[index[:-1][same]] = times[index[1:][same]]
        earlier = self._earlier(persons[firsts])
        again = np.flatnonzero(earlier >= 0)
        before[firsts[again]] = self._times[earlier[again]]
        until = int(times[-1])
        moves = []
        for number, length in enumerate(self._lengths):
            entered = times[times - before >= length]
            kept = self._left(length, until, earlier[again], times[firsts[again]])
            over = int(np.searchsorted(times, until - length, "right"))
            new = times[:over][after[:over] - times[:over] >= length]
            move = _Moves(self._inside[number], entered, np.concatenate([kept, new]) + length)
            self._inside[number] += len(move.entered) - len(move.left)
            moves.append(move)
        self._keep(times, persons, np.sort(lasts), until)
        return tuple(moves)

    def _earlier(self, persons: Persons) -> Times:
        """Which of the views kept is the latest of each person; below 0 where none is."""
        if not len(self._times):
            return np.full(len(persons), -1, np.int64)
        if self._latest is None:
            self._latest = _Latest()
            self._latest.put(self._persons, self._numbers(0, len(self._persons)))
        earlier: Times = self._latest.get(persons) - self._numbers(0, 1)
        return earlier

    def _numbers(self, start: int, stop: int) -> Times:
        """What views kept are called for good; 0 is none."""
        return np.arange(self._passed + 1 + start, self._passed + 1 + stop)

    def _left(self, length: int, until: int, again: Times, seen: Times) -> Times:
        """Of the views kept, those after which their persons left in this slice; `again` are those whose persons it holds, first `seen` then."""
        if not len(self._times):
            return self._times
        since, over = (
            int(np.searchsorted(self._times, end - length, "right")) for end in (self._until, until)
        )
        assert self._latest is not None
        leaves = self._latest.get(self._persons[since:over]) == self._numbers(since, over)
        stays = again[(again >= since) & (again < over)]
        stays = stays[seen[(again >= since) & (again < over)] - self._times[stays] < length]
        leaves[stays - since] = False
        left: Times = self._times[since:over][leaves]
        return left

    def _keep(self, times: Times, persons: Persons, lasts: Times, until: int) -> None:
        """Keep the last view of each person, and forget those of which the longest window has passed."""
        kept = len(self._times)
        if self._latest is not None:
            self._latest.put(persons[lasts], self._numbers(kept, kept + len(lasts)))
        times = np.concatenate([self._times, times[lasts]])
        persons = np.concatenate([self._persons, persons[lasts]])
        over = int(np.searchsorted(times, until - self._longest, "right"))
        self._times, self._persons = times[over:], persons[over:]
        self._until, self._passed = until, self._passed + over
        if self._latest is not None and len(self._times) > self._most:
            counts = self._latest.get(self._persons) == self._numbers(0, len(self._times))
            self._times, self._persons = self._times[counts], self._persons[counts]
            self._latest.put(self._persons, self._numbers(0, len(self._times)))
            self._most = 2 * len(self._times) + _SLACK


class _Latest:
    """A number for each person who has one, 0 for others. Persons that clients stand in for are numbered from 2**31 on, so halves grow apart."""

    def __init__(self) -> None:
        self._halves: list[Times] = [np.zeros(0, np.int64), np.zeros(0, np.int64)]

    def copy(self) -> _Latest:
        other = _Latest()
        other._halves = [half.copy() for half in self._halves]
        return other

    def get(self, persons: Persons) -> Times:
        out = np.zeros(len(persons), np.int64)
        for half, at, rows in self._apart(persons):
            known = rows < len(self._halves[half])
            if known.all():
                out[at] = self._halves[half][rows]
            else:
                out[at] = (
                    np.where(known, self._halves[half][np.where(known, rows, 0)], 0) if known.any() else 0
                )
        return out

    def put(self, persons: Persons, numbers: Times) -> None:
        for half, at, rows in self._apart(persons):
            most = int(rows.max()) + 1
            old = self._halves[half]
            if most > len(old):
                # memory that was never written to is not taken from the machine
                self._halves[half] = np.zeros(max(most, 2 * len(old)), np.int64)
                self._halves[half][: len(old)] = old
            self._halves[half][rows] = numbers[at]

    @staticmethod
    def _apart(persons: Persons) -> Iterator[tuple[int, slice | Bools, Persons]]:
        upper = persons >= _HALF
        some = int(np.count_nonzero(upper))
        if some < len(persons):
            yield (0, ~upper, persons[~upper]) if some else (0, slice(None), persons)
        if some:
            yield 1, upper, persons[upper] - _HALF


def by_value(values: Persons) -> tuple[Times, Persons]:
    """The order of values, equal ones as they stand, and the values in that order."""
    order = np.sort((values.astype(np.uint64) << np.uint64(32)) | np.arange(len(values), dtype=np.uint64))
    return (order & np.uint64(0xFFFFFFFF)).astype(np.int64), (order >> np.uint64(32)).astype(np.uint32)


class _Share:
    """What part of all views in the window that ends at an instant are counted ones.

    The end of the window is exact. Its start is rounded down to a sixtieth of its length, so that one number
    per sixtieth is all that is kept.
    """

    def __init__(self, least: float, length: int) -> None:
        self._least, self._length, self._step = least, length, max(1, length // 60)
        self._buckets: Times = np.empty(0, np.int64)
        self._every_until: Times = np.empty(0, np.int64)  # views before the bucket
        self._counted_until: Times = np.empty(0, np.int64)
        self._every = self._counted = 0  # before this slice
        self._slice: tuple[Times, Times] = (np.empty(0, np.int64), np.empty(0, np.int64))

    def add(self, times: Times, counted: Bools) -> None:
        """The next slice of all views, and which of them are counted."""
        if not len(times):
            return
        self._every += len(self._slice[0])
        self._counted += len(self._slice[1])
        buckets, first = np.unique(times // self._step, return_index=True)
        sums = np.concatenate([[0], np.cumsum(counted, dtype=np.int64)])
        # a bucket that began in an earlier slice is known, and so is what came before it
        new = ~np.isin(buckets, self._buckets[-1:])
        live = self._buckets >= (int(times[0]) - self._length) // self._step
        self._buckets = np.concatenate([self._buckets[live], buckets[new]])
        self._every_until = np.concatenate([self._every_until[live], self._every + first[new]])
        self._counted_until = np.concatenate([self._counted_until[live], self._counted + sums[first[new]]])
        self._slice = (times, times[counted])

    def enough(self, at: Times, _inside: Times) -> Bools:
        """For instants of this slice at which there was a view."""
        start = np.searchsorted(self._buckets, (at - self._length) // self._step, "left")
        every = self._every + np.searchsorted(self._slice[0], at, "right") - self._every_until[start]
        counted = self._counted + np.searchsorted(self._slice[1], at, "right") - self._counted_until[start]
        return np.asarray(counted >= self._least * every)


def _up_to(at: Times) -> Times:
    """Of ascending instants, how many there are up to each, equal ones with it."""
    last = np.flatnonzero(np.append(at[1:] != at[:-1], True))
    if len(last) == len(at):
        return np.arange(1, len(at) + 1)
    return np.repeat(last + 1, np.diff(last, prepend=-1))


def _first_reached(
    at: Times, inside: Times, threshold: int, enough: Callable[[Times, Times], Bools] | None
) -> int | None:
    """The first instant with so many inside at which they are enough. Those are asked few at first: it is mostly one of these."""
    reached = np.flatnonzero(inside >= threshold)
    if enough is None:
        return int(at[reached[0]]) if len(reached) else None
    start, size = 0, _FEW
    while start < len(reached):
        part = reached[start : start + size]
        passed = enough(at[part], inside[part])
        if passed.any():
            return int(at[part[int(passed.argmax())]])
        start, size = start + size, size * 4
    return None


def _advance(
    peak: Peak, moves: _Moves, threshold: int, enough: Callable[[Times, Times], Bools] | None
) -> Peak:
    at = moves.entered
    if not len(at):
        return peak
    inside = moves.before + _up_to(at) - np.searchsorted(moves.left, at, "right")
    top = int(inside.argmax())
    most, most_at = peak.most, peak.most_at
    if inside[top] > most:
        most, most_at = int(inside[top]), int(at[top])
    reached_at = peak.reached_at
    if reached_at is None and most >= threshold:
        reached_at = _first_reached(at, inside, threshold, enough)
    return Peak(most=most, most_at=most_at, reached_at=reached_at)
