"""Exact numbers of distinct persons in a sliding window, from views in order of time.

A person is inside the window (t - W, t] from each of their views until W later. So a view adds one
when the person's previous view is at least W older, and the person leaves W after a view when the next
one is at least W later. Both lists come out in order of time, and the number inside at an instant is
how many entered up to it minus how many left up to it. No sketch, no bucket.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Peak", "SlidingPersons", "SlidingSigned"]

Times = npt.NDArray[np.int64]
Persons = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]
_NEVER = np.iinfo(np.int64).min // 4
_ALWAYS = np.iinfo(np.int64).max // 4
_FEW = 1024  # instants that are asked first whether they are enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The most persons any window of one length held, and when the threshold was first reached."""

    most: int = 0
    most_at: int | None = None  # microseconds; the earliest instant with that many
    reached_at: int | None = None


class SlidingPersons:
    """Takes the views of one actor slice by slice, in order of time, for several window lengths at once.

    Between slices it keeps one view per person that is still inside the longest window, so memory follows
    persons and the slice, not the length of the log.
    """

    def __init__(self, windows: Sequence[tuple[int, int]], *, least_share: float = 0.0) -> None:
        """`windows`: pairs of length in microseconds and threshold.

        A threshold is reached only while counted views are at least `least_share` of all views in the window.
        """
        self._windows = tuple(windows)
        self._crowd = _Crowd(max(length for length, _ in windows))
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
        presence = self._crowd.add(times, persons)
        self.peaks = tuple(
            _advance(peak, presence, length, threshold, share.enough if counted is not None else None)
            for peak, (length, threshold), share in zip(self.peaks, self._windows, self._shares, strict=True)
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
        longest = max(length for length, _ in windows)
        self._all = _Crowd(longest)
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
        presence = everyone if same else self._signed.add(times[signed], persons[signed])
        peaks = []
        for peak, (length, threshold) in zip(self.peaks, self._windows, strict=True):
            entered, left = everyone.moves(length)

            def enough(at: Times, signed: Times, entered: Times = entered, left: Times = left) -> Bools:
                return self._remarkable(signed, _inside(entered, left, at))

            peaks.append(_advance(peak, presence, length, threshold, enough))
        self.peaks = tuple(peaks)


@dataclass(frozen=True, slots=True)
class _Presence:
    """A slice with the views carried into it: each view's time, and its person's previous and next one."""

    times: Times
    before: Times
    after: Times
    first_new: int

    def moves(self, length: int) -> tuple[Times, Times]:
        """When persons entered a window of that length, and when they left it; both ascending."""
        entered = self.times[self.times - self.before >= length]
        return entered, self.times[self.after - self.times >= length] + length


class _Crowd:
    """Who is still inside the longest window, from slice to slice."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._times: Times = np.empty(0, np.int64)
        self._persons: Persons = np.empty(0, np.uint32)

    def copy(self) -> _Crowd:
        """One that goes its own way from here on."""
        other = _Crowd(self._longest)
        other._times, other._persons = self._times, self._persons
        return other

    def add(self, times: Times, persons: Persons) -> _Presence:
        """The slice behind the views carried so far; those to carry further are kept."""
        first_new = int(times[0])
        times = np.concatenate([self._times, times])
        persons = np.concatenate([self._persons, persons])
        order = np.sort((persons.astype(np.uint64) << np.uint64(32)) | np.arange(len(times), dtype=np.uint64))
        index = (order & np.uint64(0xFFFFFFFF)).astype(np.int64)
        person = order >> np.uint64(32)
        same = person[1:] == person[:-1]
        before = np.full(len(times), _NEVER, np.int64)
        after = np.full(len(times), _ALWAYS, np.int64)
        before[index[1:][same]] = times[index[:-1][same]]
        after[index[:-1][same]] = times[index[1:][same]]
        last = np.append(~same, True)
        keep = np.sort(index[last])
        keep = keep[times[keep] > times[-1] - self._longest]
        self._times, self._persons = times[keep], persons[keep]
        return _Presence(times, before, after, first_new)


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


def _inside(entered: Times, left: Times, at: Times) -> Times:
    return np.searchsorted(entered, at, "right") - np.searchsorted(left, at, "right")


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
    peak: Peak,
    presence: _Presence,
    length: int,
    threshold: int,
    enough: Callable[[Times, Times], Bools] | None,
) -> Peak:
    entered, left = presence.moves(length)
    # only instants of this slice: at earlier ones the carried views do not tell the whole number
    first = int(np.searchsorted(entered, presence.first_new, "left"))
    at = entered[first:]
    if not len(at):
        return peak
    inside = first + _up_to(at) - np.searchsorted(left, at, "right")
    top = int(inside.argmax())
    most, most_at = peak.most, peak.most_at
    if inside[top] > most:
        most, most_at = int(inside[top]), int(at[top])
    reached_at = peak.reached_at
    if reached_at is None and most >= threshold:
        reached_at = _first_reached(at, inside, threshold, enough)
    return Peak(most=most, most_at=most_at, reached_at=reached_at)
