"""Several tasks in one process, as some engines have them, each have a worker of their own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pyarrow as pa
import pytest

from whosaw.app.runners import replays
from whosaw.app.runners.spares import Spares
from whosaw.replay.items import load_replay
from whosaw.replay.shares import SHARES, DaysShare, Maker, Plan


def test_what_is_taken_is_nobody_elses_until_it_is_given_back() -> None:
    made: list[bytes] = []
    closed: list[bytes] = []

    def make(setup: bytes) -> bytes:
        made.append(setup)
        return setup

    spares = Spares(make, closed.append)
    with spares.taken(b"a"), spares.taken(b"a"):
        assert made == [b"a", b"a"]
        assert spares.free == []
    with spares.taken(b"a"):
        assert len(spares.free) == 1
        with spares.taken(b"b"):
            assert closed == [b"a"], "what nobody uses of another setup"
    assert closed == [b"a", b"a"], "and what somebody used, once it is given back"
    assert made == [b"a", b"a", b"b"]
    spares.clear()
    assert closed[2:] == [b"b"]


def test_shares_that_are_made_at_once_in_one_process_are_those_made_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each begins while another is under way: one maker for both would have lost its place among the days."""
    shop, breach = load_replay(breach=None, overrides={"span.days": 4})
    plan = Plan(folder=tmp_path, shop=shop, breach=breach, seed=1, scale=0.002, formats=tuple(each.format for each in shop.service), events=False, packed=True)  # fmt: skip
    (tmp_path / SHARES).mkdir()
    shares = [DaysShare(first=first, end=first + 2, back=0) for first in (0, 2)]
    alone = [Maker(plan).told(each) for each in shares]
    both, real = Barrier(2), Maker.told

    def told(self: Maker, share: Any) -> dict[str, Any]:
        both.wait(60)
        return real(self, share)

    monkeypatch.setattr(Maker, "told", told)
    setup = replays._packed(plan)

    def make(number: int) -> str:
        ids = pa.RecordBatch.from_pydict({"id": pa.array([number], pa.int64())})
        (batch,) = replays.make_shares(setup, shares, iter([ids]))
        return str(batch.column("told")[0].as_py())

    threads = pa.cpu_count()
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(make, (0, 1)))
    pa.set_cpu_count(threads)
    assert [each.partition(",")[2] for each in found] == [
        replays.line("share", each).partition(",")[2] for each in alone
    ]
