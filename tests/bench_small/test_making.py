"""The speed of making a replay is told from what was measured, and really measured."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.making import document, making, row_of
from tests.wide import some
from tools.making_section import making_section


def made(seconds: float, processor: float) -> dict[str, float | int]:
    return {"lines": 4_000_000, "seconds": seconds, "cpu_seconds": processor, "bytes": 2_000_000_000}


def test_the_best_of_several_times_counts() -> None:
    row = row_of("events", 0.01, [made(4.0, 3.0), made(2.0, 3.5)])
    assert (row["lines"], row["seconds"], row["cpu_seconds"], row["times"]) == (4_000_000, 2.0, 3.0, 2)


def test_the_section_says_what_was_wanted_and_whether_it_was_reached() -> None:
    rows = [row_of("events", 0.05, [made(2.0, 2.5)] * 3), row_of("combined", 0.05, [made(2.0, 4.0)] * 3)]
    text = making_section(document(rows))
    first, second = (line for line in text.splitlines() if line.startswith(("| text", "| canonical")))
    # 4 million lines in 2 s: twice what is wanted of text, two fifths of what is wanted of events
    assert "| 2,000,000 | 1,000,000 | 2.00 | 1,000,000 | reached |" in first
    assert "| 2,000,000 | 1,600,000 | 1.25 | 5,000,000 | **not reached** |" in second
    assert "the best of 3 times" in text


@pytest.mark.parametrize("kind", some(["events", "combined"], of=2))
def test_a_replay_is_made_measured_and_removed(kind: str, tmp_path: Path) -> None:
    told = making(tmp_path / "replay", kind, 0.00002)
    assert told["lines"] > 10_000
    assert told["seconds"] > 0
    assert told["cpu_seconds"] > 0
    assert told["bytes"] > 100_000
    assert list(tmp_path.iterdir()) == []
