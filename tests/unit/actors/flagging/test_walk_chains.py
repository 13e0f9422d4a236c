"""Chains that are added to day after day are those of each window by itself."""

from __future__ import annotations

import numpy as np
import pytest

from whosaw.actors.flagging.walk_chains import Chains
from whosaw.actors.walk_flags import walkers
from whosaw.actors.walks import Walk, WalkRows

DAY = 10


def _by_itself(walk: Walk, before: np.ndarray, client: np.ndarray, first: int, end: int) -> np.ndarray:
    rows = WalkRows(walk, 0)
    chain = rows.hang_together(before[first:end] - first)
    return walkers(walk, rows, client[first:end], chain)


@pytest.mark.parametrize("seed", range(40))
def test_windows_one_after_another_are_told_as_each_by_itself(seed: int) -> None:
    rng = np.random.default_rng(seed)
    walk = Walk(
        recent=3,
        near=1,
        within=int(rng.integers(1, 12)),
        chain=int(rng.integers(1, 6)),
        chained_share=float(rng.choice([0.0, 0.3, 0.5])),
    )
    entity = np.sort(rng.integers(0, 3, 150))
    time = rng.integers(0, 9 * DAY, 150)
    time = time[np.lexsort((time, entity))]
    before = np.full(150, -1)
    for row in range(150):
        earlier = [
            each
            for each in range(max(0, row - 5), row)
            if entity[each] == entity[row] and time[row] - time[each] <= 2 * walk.within
        ]
        if earlier and rng.random() < 0.7:
            before[row] = rng.choice(earlier)
    client = rng.integers(0, 12, 150)
    chains = Chains(walk, time, before, client)
    walked = 0
    for number in range(3):
        start, stop = np.searchsorted(entity, [number, number + 1])
        for day in np.flatnonzero(rng.random(9) < 0.7):
            window = [max(0, day - 3) * DAY, (day + 1) * DAY]
            first, end = (int(start) + np.searchsorted(time[start:stop], window)).tolist()
            if end > first:
                found = chains.walkers(first, end)
                assert found.tolist() == _by_itself(walk, before, client, first, end).tolist()
                walked += len(found)
    assert walked or walk.chain > 3
