"""Windows of all entities at once hold what sliding through each of them view by view does."""

from __future__ import annotations

import numpy as np
import pytest

from whosaw.actors.flagging import windows
from whosaw.actors.flagging.bars import BarColumns
from whosaw.actors.flagging.windows import Crowds, over_bars
from whosaw.actors.sliding import Peak, SlidingSigned
from whosaw.actors.surprise import Bar

DAY = 50
SOME = Bar(usual=0.2, least_share=0.25, least_times=1.5, nats=0.7)
ALL = Bar(usual=0.5, least_share=0.0, least_times=0.0, nats=0.0)


def _slid(
    time: np.ndarray, people: np.ndarray, signed: np.ndarray, length: int, bars: list[Bar | None], least: int
) -> list[tuple[int, Peak]]:
    """Day by day through the views of one entity."""
    found = []
    needed: list[Bar | None] = []

    def remarkable(some: np.ndarray, every: np.ndarray) -> np.ndarray:
        bar = needed[-1]
        return np.zeros(len(some), bool) if bar is None else bar.passed(some, every)

    sliding = SlidingSigned([(length, least)], remarkable)
    for day, bar in enumerate(bars):
        needed.append(bar)
        sliding.peaks = (Peak(),)
        here = time // DAY == day
        sliding.add(time[here], people[here].astype(np.uint32), signed[here])
        if sliding.peaks[0].reached_at is not None:
            found.append((day, sliding.peaks[0]))
    return found


@pytest.mark.parametrize("at_once", [1 << 62, 400])  # the latter: one entity or two at a time
@pytest.mark.parametrize("seed", range(12))
def test_peaks_are_those_of_each_entity_by_itself(
    seed: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "_MOST", at_once)
    rng = np.random.default_rng(seed)
    many, entities, days = int(rng.integers(1, 120)), 4, 3
    entity = np.sort(rng.integers(0, entities, many))
    entity = np.unique(entity, return_inverse=True)[1]
    time = rng.integers(0, DAY * days, many)
    order = np.lexsort((time, entity))
    entity, time = entity[order], time[order]
    people, signed = rng.integers(0, 9, many), rng.random(many) < rng.choice([0.2, 0.8, 1.0])
    bars = [[SOME, ALL, None][each] for each in rng.integers(0, 3, entities * days)]
    crowds = Crowds(entity, time, people, signed)
    for length in (7, DAY, 2 * DAY):
        for least in (1, 3):
            come = crowds.instants(length)
            told = list(over_bars(come, entity * days + time // DAY, BarColumns.of(bars), least))
            expected = []
            for each in range(int(entity.max()) + 1):
                mine = entity == each
                own = bars[each * days : each * days + days]
                slid = _slid(time[mine], people[mine], signed[mine], length, own, least)
                expected += [(each * days + day, peak) for day, peak in slid]
            assert [(number, peak) for number, _, peak in told] == expected
            assert all(entity[row] == number // days for number, row, _ in told)


def test_what_is_judged_in_no_bar_is_not_told() -> None:
    one = np.zeros(3, np.int64)
    come = Crowds(one, np.arange(3), np.arange(3), np.ones(3, bool)).instants(10)
    assert come.signed.tolist() == come.people(np.arange(3)).tolist() == [1, 2, 3]
    assert list(over_bars(come, np.full(3, -1), BarColumns.of([ALL]), 1)) == []
    none = Crowds(one[:0], one[:0], one[:0], np.ones(0, bool)).instants(10)
    assert list(over_bars(none, one[:0], BarColumns.of([]), 1)) == []
