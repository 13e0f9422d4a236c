"""The steps of days held against the present detection: what the bench tells of flags, and one small replay that both ways find alike."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from bench.both_paths import scored, told_by_days, told_now
from bench.equal import SCORED, both, flags_between
from tests.wide import wide

from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay

WIDE = bool(os.environ.get("WHOSAW_WIDE"))
DAYS = (
    range(100) if WIDE else range(32, 40)
)  # back from the last one, of logs that are put away each day: on the 37th the breach begins
SECOND = 1_000_000


def test_flags_are_both_ways_or_one_way_and_later_or_earlier() -> None:
    now = {("a", "x", "1"): 10 * SECOND, ("a", "x", "2"): 0, ("a", "y", "3"): 5 * SECOND, ("b", "z", "4"): 0}
    days = {("a", "x", "1"): 14 * SECOND, ("a", "x", "2"): 0, ("a", "y", "3"): 4 * SECOND, ("c", "w", "5"): 1}
    assert flags_between(now, days) == {
        "both": 3,
        "earlier": 1,
        "later": 1,
        "later_median_seconds": 4.0,
        "later_most_seconds": 4.0,
        "later_by_clause": {"a x": 1},
        "lost_by_clause": {"b z": 1},
        "new_by_clause": {"c w": 1},
    }


@wide
@pytest.mark.slow
def test_a_breach_of_a_small_shop_is_found_alike(tmp_path: Path) -> None:
    """With all of its days three people are read before it can be told, as now, though hardly any address of so small a shop is shared on
    a day."""
    shop, planted = load_replay(breach="forged-token")
    made = make_replay(tmp_path / "replay", shop=shop, breach=planted, seed=1, scale=0.003)
    logs = [
        each
        for folder in made.logs
        for each in sorted(folder.iterdir())
        if int("".join(filter(str.isdigit, each.name)) or 0) in DAYS
    ]
    root = tmp_path / "workspace"
    now = told_now(logs, root, data_map=made.map, context=made.context)
    days = told_by_days(root, data_map=made.map, context=made.context)
    row = both(now, days, *(scored(root, tmp_path / "replay", each) for each in (now, days)))
    assert row["now"]["answer"] == "found"
    assert {name: row["days"][name] for name in SCORED} == {name: row["now"][name] for name in SCORED}
