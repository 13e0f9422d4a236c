"""What is told of telling people follows from what was measured, and says where that is too little."""

from __future__ import annotations

from typing import Any

from tools.telling_section import telling_section

MACHINE = {"machine": {"cores": 2, "processor": "a", "memory_bytes": 1 << 34, "python": "3.11"}}


def section(telling: dict[str, Any], lookup: dict[str, Any] | None = None) -> list[str]:
    return telling_section({**MACHINE, **telling}, {**MACHINE, **(lookup or {})}).splitlines()


def row(lines: list[str], begins: str) -> str:
    return next(each for each in lines if each.startswith(f"| {begins}"))


def test_each_promise_is_held_against_what_was_measured() -> None:
    peers = {"a": {"ratio": 0.7, "a_second": 700.0, "alone_a_second": 1_000.0}, "b": {"ratio": 0.44, "a_second": 44.0, "alone_a_second": 100.0}}  # fmt: skip
    kills = {"kills": 50, "lost": 0, "twice": 0}
    harvest = {"numbers": 1_000_000, "addresses": 10_000, "a_second": 0.4}
    lines = section(
        {
            "sent": {"messages": 4_000, "connections": 8, "peers": peers, "measured": "2026-12-01"},
            "kills": {
                "3,000": {"people": 3_000, "sent": 2_990, "unknown": 10, **kills},
                "100,000": {"people": 100_000, "sent": 99_000, "unknown": 999, **kills},
            },
            "bounces": {"bounces": 300, "systems": 40, "share": 0.9934, "counted_as_delivered_that_were_not": 1},
        },
        {
            "timing": {"requests": 20_000, "different_replies": 1, "interval_95_ms": [-0.03, 0.01], "within_1_ms": True},
            "harvest": {
                "quick": {**harvest, "answers": 99, "warning_after_seconds": 60.0},
                "slow": {**harvest, "answers": 100, "warning_after_seconds": 1.0},
                "quiet": {**harvest, "answers": 0, "warning_after_seconds": None},
                "measured": "2026-12-01",
            },
            "draws": {"x": {"draws": 5, "wrong": 0, "wrong days": 1, "cannot tell": 2}, "y": {"found": False}},
        },
    )  # fmt: skip
    assert "| 0.70 (700 a second, alone 1,000) | reached | 2026-12-01 |" in row(lines, "4,000 notices by 8 connections to a,")  # fmt: skip
    assert "| **not reached** |" in row(lines, "4,000 notices by 8 connections to b,")
    # one of them is neither told nor unknown
    assert "999 unknown | **not reached** |" in row(lines, "100,000 recipients and 50 kills")
    assert not any(each.startswith("| 3,000 recipients") for each in lines)
    assert "| 99.3%, 1 | **not reached** |" in row(lines, "300 bounces")
    assert "| 1 different replies, -0.030 to 0.010 ms | reached |" in row(lines, "20,000 questions")
    harvests = [each for each in lines if each.startswith("| harvest")]
    assert [each.split("|")[4].strip() for each in harvests] == ["reached", "**not reached**", "**not reached**"]  # fmt: skip
    assert "| 1 wrong, 2 cannot tell, 1 replays without a finding | **not reached** |" in row(
        lines, "5 draws"
    )


def test_a_promise_about_a_nation_is_judged_by_a_nation() -> None:
    def told(people: int, seconds: float, megabytes: int) -> str:
        one = {"people": people, "seconds": seconds, "processor_seconds": 60.0, "peak_megabytes": megabytes}
        return row(section({"frozen": {"x": one}}), f"{people:,} recipients planned").split("|")[4].strip()

    assert told(1_000_000, 60.0, 447) == ""
    assert told(37_550_000, 599.0, 1_999) == "reached"
    assert told(37_550_000, 600.0, 1_999) == told(37_550_000, 60.0, 2_000) == "**not reached**"


def test_what_was_not_measured_is_not_told() -> None:
    assert telling_section({}, {}).startswith("Nothing was measured yet")
