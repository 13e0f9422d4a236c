"""The tables of random organisations: how many bounds are on the wrong side, and what can be made again by its seed."""

from __future__ import annotations

from typing import Any

from bench.worlds import summary
from tools.worlds_section import worlds_section


def scope(low: int, high: int | None, *wrong: str, truth: list[int] | None = None) -> dict[str, Any]:
    return {
        "clue": "finding", "party": "breach 1", "bounds": [[low, high], [low, high], [low, high]], "wrong": list(wrong),
        "truth": truth, "recall": 0.5,
    }  # fmt: skip


def world(seed: int, *scopes: dict[str, Any], **other: Any) -> dict[str, Any]:
    told = {
        "seed": seed,
        "knobs": {"log_damage": "cut"},
        "damaged_table": "",
        "lines": 1_000,
        "views": 400,
        "possible": 1,
        "processor_seconds": 3_600,
        "truth": {"breach 1": ["spread", 10, 10, 10]},
        "in_logs": {"breach 1": 10},
        "findings": [{"tables": "none", "detector": "one-way", "party": "breach 1", "style": "spread"}],
        "scopes": list(scopes),
        "faults": [],
    }
    return {**told, **other}


LOWER = {"kind": "lower", "tables": "none", "clue": "finding", "told": "views 12 to 20, the truth is 10"}
JOB = {"tables": "logins", "detector": "persons-per-client", "party": "job", "style": "honest"}
WORLDS = [
    world(3, scope(8, 12, truth=[10, 10, 10]), scope(12, 20, "lower", truth=[10, 10, 10]), faults=[LOWER]),
    world(
        4,
        scope(0, None),
        scope(5, 9, "upper", truth=[10, 10, 10]),
        findings=[JOB, {**JOB, "tables": "logins+services"}],
    ),
]


def rows(told: str) -> dict[str, list[str]]:
    cells = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in told.splitlines()
        if line.startswith("| `")
    ]
    return {row[0]: row[1:] for row in cells}


def test_bounds_on_the_wrong_side_are_counted_by_damage() -> None:
    assert rows(worlds_section(summary(WORLDS)))["`cut`"] == ["4", "3", "1", "3", "1", "1", "1.667"]


def test_an_attacker_is_told_with_recall_and_findings() -> None:
    assert rows(worlds_section(summary(WORLDS)))["`spread`"] == ["2", "1", "0", "3", "0.5", "0.5", "0.8"]


def test_a_job_counts_as_a_false_finding_only_where_its_record_was_given() -> None:
    assert "1 findings were of somebody honest" in worlds_section(summary(WORLDS))


def test_the_seed_that_fails_is_named() -> None:
    assert "lower: 3." in worlds_section(summary(WORLDS))


def test_an_attacker_of_whom_no_line_is_left_could_not_be_found() -> None:
    unseen = world(5, findings=[], in_logs={"breach 1": 0})
    assert rows(worlds_section(summary([*WORLDS, unseen])))["`spread`"][0] == "2"


def test_what_never_failed_names_no_seed() -> None:
    assert "Seeds that fail" not in worlds_section(summary([world(1, scope(8, 12, truth=[10, 10, 10]))]))
