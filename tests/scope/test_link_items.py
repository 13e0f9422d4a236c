"""What a link with a walk or a habit must say, and that every fault in it is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from whosaw.core.errors import FaultsError
from whosaw.scope.link_item import load_links, shipped_links

WALK, HABIT = "turns-in-one-walk", "same-pace-and-path"


def _faults(folder: Path, **texts: str) -> list[str]:
    for name, text in texts.items():
        (folder / f"{name.replace('_', '-')}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(FaultsError) as refused:
        load_links([folder])
    return [each.message for each in refused.value.faults]


def _shipped(link: str) -> str:
    return (shipped_links() / f"{link}.toml").read_text(encoding="utf-8")


def test_a_walk_is_read_with_its_spans_in_microseconds() -> None:
    walk = load_links()[WALK].walk
    assert walk is not None
    assert (walk.near, walk.within, walk.acquainted, walk.chance) == (4, 3_600_000_000, 32, 1e-6)
    assert walk.block == 8


def test_every_fault_of_a_walk_is_told(tmp_path: Path) -> None:
    text = _shipped(WALK).replace("near = 4", "near = 0").replace('within = "1h"', 'within = "soon"')
    text = text.replace('chance = "1 in 1000000"', 'chance = "1 in 0"\nwide = 3')
    told = _faults(tmp_path, turns_in_one_walk=text)
    assert [each.partition(" must")[0] for each in told if "must" in each] == [
        "walk.near",
        "walk.within",
        "walk.chance",
    ]
    assert any(each.startswith("walk.wide is not known here") for each in told)


def test_a_walk_is_of_addresses(tmp_path: Path) -> None:
    text = _shipped(WALK).replace('by = ["address"]', 'by = ["agent"]')
    assert _faults(tmp_path, turns_in_one_walk=text) == ['by must be ["address"] where there is a walk']


def test_a_link_by_habit_says_what_a_habit_is(tmp_path: Path) -> None:
    text = _shipped(HABIT).replace('[habit]\nleast_steps = 12\nwithin = "30m"\n', "")
    assert _faults(tmp_path, same_pace_and_path=text) == [
        "by must name habit where there is a table habit, and only there"
    ]


def test_every_fault_of_a_habit_is_told(tmp_path: Path) -> None:
    text = _shipped(HABIT).replace("least_steps = 12", "least_steps = 0\nodd = 1").replace('"30m"', '"30 m"')
    told = _faults(tmp_path, same_pace_and_path=text)
    assert {each.partition(" ")[0] for each in told} == {"habit.odd", "habit.least_steps", "habit.within"}


def test_there_is_one_walk_and_one_habit_at_most(tmp_path: Path) -> None:
    told = _faults(
        tmp_path,
        turns_in_one_walk=_shipped(WALK),
        other_walk=_shipped(WALK).replace(f'id = "{WALK}"', 'id = "other-walk"'),
    )
    assert told == ["only one link can have a table walk; other-walk has one"]
