"""Account swaps: what is planted is what the truth says, the same for the same seed, and the page tells both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.swaps import PAUSE, measured, planted
from tools.swaps_section import swaps_section

LINES = [
    f'192.0.2.{client} - - [17/May/2015:{hour:02}:{minute:02}:00 +0000] "GET /page/{minute} HTTP/1.1" 200 1 "-" "agent-{client}"'
    for hour in range(10)
    for minute in range(0, 60, 15)
    for client in range(1, 9)
]


def accounts(lines: Any) -> list[str]:
    return [line.rsplit("sub=", 1)[1].split()[0] for line in lines]


def test_only_the_lines_of_the_truth_go_under_another_account() -> None:
    honest, swapped = planted(LINES, taken=0, seed=1), planted(LINES, taken=3, seed=1)
    changed = {
        line
        for line, (one, other) in enumerate(zip(honest.lines, swapped.lines, strict=True), start=1)
        if one != other
    }
    assert honest.thefts == ()
    assert len(swapped.thefts) == 3
    assert changed == frozenset().union(*swapped.thefts)
    for (
        theft
    ) in swapped.thefts:  # the second half of what one client sent, under three accounts that are not its own
        names = {accounts(swapped.lines)[line - 1] for line in theft}
        own = {accounts(honest.lines)[line - 1] for line in theft}
        assert (len(theft), len(names), len(own)) == (20, 3, 1)
        assert not names & own
    assert swapped.logins == honest.logins
    assert planted(LINES, taken=3, seed=1) == swapped
    assert planted(LINES, taken=3, seed=2) != swapped


def test_a_session_ends_with_a_pause() -> None:
    made = planted(LINES, taken=0, seed=1)
    assert PAUSE.total_seconds() == 1_800
    assert len(made.logins) == 8  # quarter of an hour between any two: one session each
    gone = [line for line in LINES if "2015:05:" not in line]
    assert len(planted(gone, taken=0, seed=1).logins) == 16


def test_thefts_are_scanned_and_counted(tmp_path: Path) -> None:
    row = measured(LINES, tmp_path, taken=3, context="none", seeds=[1])
    assert (row.logs, row.views, row.thieves, row.lines) == (1, len(LINES), 3, 60)
    assert 0 <= row.thieves_found <= 3
    assert row.false_per_million_views == round(row.findings_false * 1_000_000 / len(LINES), 1)


def test_the_page_shows_labels_beside_each_other() -> None:
    row = {"context": "none", "taken": 3, "thieves": 6, "thieves_found": 2, "lines": 50, "lines_found": 20,
           "false_per_million_views": 27.5}  # fmt: skip
    text = swaps_section(
        {"before": [row], "now": [{**row, "thieves_found": 5, "false_per_million_views": 0.0}]}
    )
    assert "| none | 3 | 6 | 2 of 6 | 5 of 6 | 20 of 50 | 20 of 50 | 27.5 | 0.0 |" in text
    assert swaps_section({}).startswith("Nothing was measured yet")
