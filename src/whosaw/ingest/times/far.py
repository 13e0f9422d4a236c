"""Which events of a content have a time that is far from their neighbours: a wrong year, a line from another clock.

The rule looks at the events in the order in which they were written and at nothing else, so that it does not matter how
they were read, in how many pieces or on how many days:

- A *run* is events one after the other of which none is more than two years from the one before. One of SETTLED events and
  more is *settled*.
- Between two settled runs that are within two years of one another, events more than two years from both are far. A log that
  pauses does not come back to the time before the pause.
- Between others, and at the start and the end of a content, where there are neighbours on one side only, short runs more than
  five years from the settled ones are far. Less may be a pause.
- Without a settled run, the one with the most events within two years of it stands for one.
- Before 1980 and from 2100 on there is no time of a log at all.
- Of more than SETTLED events in one place none is far: then the log is not in the order of time, and it cannot be told.

Such events become rejects. What a later reading must know of the times before it goes along with the state of the parser.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.ingest.parser import Parsed, rejects_table

__all__ = [
    "FAR",
    "NO_TIME",
    "SETTLED",
    "FarTimes",
    "PieceTimes",
    "Snapshot",
    "Stretch",
    "joined",
    "parted",
    "times_of",
    "without",
]

FAR = "its time is far from its neighbours"
NO_TIME = "no time of a log: before 1980 or after 2099"
SETTLED = 16
_FROM, _UNTIL = 315_532_800_000_000, 4_102_444_800_000_000  # 1980 and 2100, in microseconds since 1970 UTC
_YEAR = 366 * 86_400_000_000
_STEP, _LONG_STEP = 2 * _YEAR, 5 * _YEAR

Far = Mapping[int, Sequence[int]]
_MARK = "times:"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Events one after the other of which none is far from the one before: their first and last time, how many they are, and the rows of
    the first of them, as many as settle a run."""

    first: int
    last: int
    count: int
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PieceTimes:
    """All that is to be known of the times of one piece: its stretches in order, and the rows whose time is none."""

    stretches: tuple[Stretch, ...]
    never: tuple[int, ...] = ()

    @classmethod
    def of(cls, times: npt.NDArray[np.int64]) -> PieceTimes:
        """Of times in line order."""
        rows = np.flatnonzero((times >= _FROM) & (times < _UNTIL))
        never = np.setdiff1d(np.arange(len(times)), rows).tolist() if len(rows) < len(times) else []
        good = times[rows]
        stretches = [
            Stretch(
                int(good[start]), int(good[end - 1]), end - start, tuple(rows[start:end][:SETTLED].tolist())
            )
            for start, end in (_without_steps(good) if len(good) else ())
        ]
        return cls(tuple(stretches), tuple(never))


@dataclass(slots=True)
class _Run:
    """`places` are the pieces and rows of its events, while there are few; those of an earlier reading have none, and `was_far`
    says what was decided on them then."""

    first: int
    last: int
    count: int = 0
    places: list[tuple[int, int]] = field(default_factory=list)
    was_far: bool | None = None

    @property
    def settled(self) -> bool:
        return self.count >= SETTLED

    def take(self, stretch: Stretch, piece: int) -> None:
        """More events without a step."""
        self.last = stretch.last
        room = max(0, SETTLED - self.count)
        self.places += [(piece, row) for row in stretch.rows[:room]]
        self.count += stretch.count

    def beyond(self, span: tuple[int, int] | None, step: int) -> bool:
        """Whether it lies more than `step` before or after the times of a settled run; with none beside it, it does."""
        if span is None:
            return True
        low, high = min(self.first, self.last), max(self.first, self.last)
        return max(low - max(span), min(span) - high) > step


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What was known behind one piece. `text` is enough to go on from there later."""

    runs: tuple[tuple[int, int, int, tuple[tuple[int, int], ...], bool | None], ...]
    many: bool

    def text(self, far: Far) -> str:
        """As text, with what was decided on the events before."""
        rows = [
            [
                first,
                last,
                min(count, SETTLED),
                places[0][1] in far.get(places[0][0], ()) if places else was_far,
            ]
            for first, last, count, places, was_far in self.runs
        ]
        return json.dumps([self.many, rows], separators=(",", ":"))


class FarTimes:
    """Takes the times of a content piece by piece. `far` has the rows that were found far, by piece, and
    `never` those of which the time is none.

    `revised` says that something which an earlier reading decided is to be decided otherwise now: the content must be read anew.
    """

    def __init__(self, known: str | None = None) -> None:
        self.far: dict[int, list[int]] = {}
        self.never: dict[int, list[int]] = {}
        self.revised = False
        self._runs: list[_Run] = []  # a settled one or none, short ones, and the one that goes on
        self._many = False  # so many are in doubt that none is judged before the next settled run
        if known is not None:
            self._many, rows = json.loads(known)
            self._runs = [
                _Run(first=first, last=last, count=count, was_far=was_far)
                for first, last, count, was_far in rows
            ]

    def take(self, piece: int, times: npt.NDArray[np.int64]) -> Snapshot:
        """The times of one piece, in line order; returns what is known behind it."""
        return self.take_in(piece, PieceTimes.of(times))

    def take_in(self, piece: int, times: PieceTimes) -> Snapshot:
        """The same of what was told of them."""
        if times.never:
            self.never[piece] = list(times.never)
        for stretch in times.stretches:
            self._take(stretch, piece)
        return Snapshot(
            runs=tuple(
                (run.first, run.last, run.count, tuple(run.places[:1]), run.was_far) for run in self._runs
            ),
            many=self._many,
        )

    @property
    def open_from(self) -> int | None:
        """The first piece of which it may still turn out that an event is far; None where nothing is open."""
        pieces = [run.places[0][0] for run in self._runs if not run.settled and run.places]
        return min(pieces, default=None) if not self._many else None

    def end(self) -> None:
        """There is no more for now: decide on what is open."""
        before, short = self._split()
        if before is not None or not short:
            self._judge(short, _span(before), None)
            return
        weights = [
            sum(other.count for other in short if not other.beyond((run.first, run.last), _STEP))
            for run in short
        ]
        main = short[weights.index(max(weights))]
        heavy = [run for run, weight in zip(short, weights, strict=True) if weight == max(weights)]
        lighter = [run for run in short if not any(run is each for each in heavy)]
        self._judge_none(heavy)
        self._judge(lighter, (main.first, main.last), None)

    def _split(self) -> tuple[_Run | None, list[_Run]]:
        """The settled run that went before, and the short ones since."""
        if self._runs and self._runs[0].settled:
            return self._runs[0], self._runs[1:]
        return None, list(self._runs)

    def _take(self, stretch: Stretch, piece: int) -> None:
        run = self._runs[-1] if self._runs else None
        if run is None or abs(stretch.first - run.last) > _STEP:
            self._close()
            run = _Run(first=stretch.first, last=stretch.first)
            self._runs.append(run)
        was = run.settled
        run.take(stretch, piece)
        if run.settled and not was:
            self._settle(run)

    def _close(self) -> None:
        """A run has ended. Of the short ones, keep those that may be far."""
        before, short = self._split()
        if before is not None:
            near = [run for run in short if not run.beyond((before.first, before.last), _STEP)]
            self._judge_none(near)
            short = [run for run in short if not any(run is each for each in near)]
        in_doubt = sum(run.count for run in short)
        if before is None:
            in_doubt -= max((run.count for run in short), default=0)
        if self._many or in_doubt > SETTLED:
            self._many = True
            self._judge_none(short)
            short = []
        self._runs = [before, *short] if before is not None else short

    def _settle(self, run: _Run) -> None:
        before, short = self._split() if self._runs[0] is not run else (None, [])
        short = [each for each in short if each is not run]
        self._judge(short, _span(before), (run.first, run.first))
        self._judge_none([run])
        self._runs, self._many = [run], False

    def _judge(
        self, short: Sequence[_Run], before: tuple[int, int] | None, after: tuple[int, int] | None
    ) -> None:
        comes_back = before is not None and after is not None and abs(after[0] - before[1]) <= _STEP
        step = _STEP if comes_back else _LONG_STEP
        far = [run for run in short if run.beyond(before, step) and run.beyond(after, step)]
        if self._many or sum(run.count for run in far) > SETTLED:
            far = []
        for run in short:
            self._decide(run, far=any(run is each for each in far))

    def _judge_none(self, runs: Sequence[_Run]) -> None:
        for run in runs:
            self._decide(run, far=False)

    def _decide(self, run: _Run, *, far: bool) -> None:
        if run.was_far is not None and run.was_far != far:
            self.revised = True
        if far:
            for piece, row in run.places:
                self.far.setdefault(piece, []).append(row)


def _span(run: _Run | None) -> tuple[int, int] | None:
    return (run.first, run.last) if run is not None else None


def _without_steps(times: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Start and end of stretches in which no time is far from the one before."""
    steps = np.flatnonzero(np.abs(np.diff(times)) > _STEP) + 1
    yield from pairwise([0, *steps.tolist(), len(times)])


def times_of(parsed: Parsed) -> npt.NDArray[np.int64]:
    """The times of its events in line order, in microseconds."""
    if not parsed.events.num_rows:
        return np.zeros(0, np.int64)
    micros: npt.NDArray[np.int64] = parsed.events["time"].cast(pa.int64()).to_numpy()
    return micros


def without(parsed: Parsed, far: Sequence[int], never: Sequence[int]) -> Parsed:
    """The same with the events in these rows as rejects: those far from their neighbours, and those without a possible time."""
    keep = np.ones(parsed.events.num_rows, dtype=bool)
    keep[[*far, *never]] = False
    lines = parsed.events["line"].to_numpy()
    told = zip(parsed.rejects["line"].to_pylist(), parsed.rejects["reason"].to_pylist(), strict=True)
    more = [*((int(lines[row]), FAR) for row in far), *((int(lines[row]), NO_TIME) for row in never)]
    return replace(parsed, events=parsed.events.filter(pa.array(keep)), rejects=rejects_table([*told, *more]))


def joined(times: str | None, state: str | None) -> str | None:
    """What the parser and the judge of times carry on, as one text."""
    if times is None:
        return state
    return f"{_MARK}{times}\n" + ("-" if state is None else f"+{state}")


def parted(text: str | None) -> tuple[str | None, str | None]:
    """The two again. A segment of an older whosaw has the parser's alone."""
    if text is None or not text.startswith(_MARK):
        return None, text
    times, _, state = text.removeprefix(_MARK).partition("\n")
    return times, state[1:] if state.startswith("+") else None
