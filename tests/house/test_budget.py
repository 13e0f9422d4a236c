"""Every test has a room with a budget, and all of them together are not more than what was promised."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

import pytest
from tests.budget import Room, room_of, rooms, told

ROOT = Path(__file__).resolve().parents[2]


def test_every_test_is_in_one_room() -> None:
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    assert files
    for file in files:
        name = file.relative_to(ROOT).as_posix()
        inside = [room.name for room in rooms() if any(name.startswith(f"{each}/") for each in room.folders)]
        assert len(inside) == 1, name
        assert room_of(f"{name}::test_it", rooms()) == inside[0]


def test_every_room_is_there_and_all_take_fourteen_minutes() -> None:
    for room in rooms():
        assert all((ROOT / folder).is_dir() for folder in room.folders), room.name
    assert sum(room.minutes for room in rooms()) <= 14


def test_what_a_room_took_stands_beside_its_budget() -> None:
    known = [
        Room(name="unit", minutes=1.0, folders=("tests/unit",)),
        Room(name="docs", minutes=0.5, folders=("tests/docs",)),
    ]
    lines = told(
        {"unit": 90.0, "docs": 72.0, "in no room": 6.0}, {"unit": 3, "docs": 1, "in no room": 1}, known, 2
    )
    # 90 seconds of work are 0.75 minutes of two workers, 72 are 0.6
    assert [line.split() for line in lines] == [
        ["room", "tests", "minutes", "budget"],
        ["unit", "3", "0.8", "1.0"],
        ["docs", "1", "0.6", "0.5", "over"],
        ["in", "no", "room", "1", "0.1", "0.0", "over"],
        ["all", "5", "1.4", "1.5"],
    ]  # fmt: skip


def test_no_folder_of_tests_is_left_out_by_its_name(pytestconfig: pytest.Config) -> None:
    """Unasked, pytest enters no folder called build, dist or venv: what lies there is never run, and nobody is told."""
    left_out = pytestconfig.getini("norecursedirs")
    root = Path(__file__).resolve().parents[1]
    folders = {path.parent for path in root.rglob("test_*.py")}
    assert root / "build" in folders
    for folder in folders:
        for part in folder.relative_to(root).parts:
            assert not any(fnmatch(part, each) for each in left_out), folder
