"""A day more: which files are the newest, a small replay scanned in both ways, and the table of it."""

from __future__ import annotations

from pathlib import Path

from bench.day_more import measure, newest, rotate
from tools.day_section import day_section


def test_what_no_rotation_numbered_is_the_newest() -> None:
    names = ("access.log", "access.log.1", "access.log.12.gz", "postgresql.csv", "edge.log.gz")
    assert [each.name for each in newest([Path(name) for name in names])] == [
        "access.log", "postgresql.csv", "edge.log.gz",
    ]  # fmt: skip


def test_a_day_of_rotation_adds_one_to_every_number(tmp_path: Path) -> None:
    for number in ("", ".1", ".2", ".9", ".10.gz"):
        (tmp_path / f"access.log{number}").write_text(number)
    rotated = rotate(sorted(tmp_path.iterdir()), 1)
    assert {each.name: each.read_text() for each in rotated} == {
        "access.log.1": "", "access.log.2": ".1", "access.log.3": ".2", "access.log.10": ".9", "access.log.11.gz": ".10.gz",
    }  # fmt: skip
    assert sorted(rotate(rotated, -1)) == sorted(tmp_path.iterdir())
    assert (tmp_path / "access.log").read_text() == ""


def test_a_small_replay_is_scanned_but_for_a_day_then_with_it_then_with_nothing_new(tmp_path: Path) -> None:
    turns = measure(0.0003, tmp_path, most=20)
    assert [(each.way, each.turn) for each in turns] == [
        (way, turn) for way in ("days", "one run") for turn in ("first scan", "a day more", "nothing new")
    ]
    for first, more, nothing in (turns[:3], turns[3:]):
        assert first.lines > more.lines > nothing.lines == 0
        assert nothing.processor_seconds < more.processor_seconds
        assert nothing.disk_bytes >= first.disk_bytes > 0
        assert nothing.findings == more.findings
    assert [each.findings for each in turns] == [1] * len(turns)


def test_the_page_has_both_ways_beside_each_other() -> None:
    def turn(way: str, seconds: float) -> dict[str, object]:
        return {"way": way, "turn": "a day more", "lines": 4_544, "seconds": seconds, "processor_seconds": 2 * seconds,
                "peak_bytes": 2_000_000_000, "disk_bytes": 1_000_000_000, "findings": 2}  # fmt: skip

    told = {"measured": "2026-12-02", "scale": 0.01, "turns": [turn("days", 3.0), turn("one run", 72.0)]}
    assert (
        "| a day more | 4,544 | 3.0, 72.0 | 6.0, 144.0 | 2.00, 2.00 GB | 1.00, 1.00 GB | 2, 2 |"
        in day_section(told)
    )
    assert day_section({}).startswith("Nothing was measured yet")
