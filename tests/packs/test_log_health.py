"""Laws over every shipped check of log health: its cases hold, and no threshold or condition is without one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from whosaw.logs.health import Check, Facts, FileState, case_fault, load_checks, shipped_checks
from whosaw.logs.health.cases import Case
from whosaw.logs.health.facts import FILE_STATES
from whosaw.logs.health.items import THRESHOLDS
from whosaw.logs.health.judge import judge_health

CHECKS = load_checks([shipped_checks()])
HELD = [(check, case) for check in CHECKS.values() for case in check.cases]


@pytest.mark.parametrize(("check", "case"), HELD, ids=lambda value: getattr(value, "title", "")[:60])
def test_every_case_comes_out_as_it_says(check: Check, case: Case) -> None:
    assert case_fault(check, case) is None


def _moved(check: Check) -> Iterator[tuple[str, Check]]:
    for name, value in check.thresholds.items():
        for step in (1, -1):
            if value + step >= 1:
                yield f"{name} {step:+}", replace(check, thresholds={**check.thresholds, name: value + step})


MOVED = [(check, name, changed) for check in CHECKS.values() for name, changed in _moved(check)]


@pytest.mark.parametrize(
    ("check", "name", "changed"), MOVED, ids=[f"{check.id} {name}" for check, name, _ in MOVED]
)
def test_every_threshold_moved_by_one_changes_a_case(check: Check, name: str, changed: Check) -> None:
    assert any(case_fault(changed, case) is not None for case in check.cases), name


def test_all_checks_are_there_and_say_what_they_cannot_see() -> None:
    assert set(CHECKS) == set(THRESHOLDS)
    for check in CHECKS.values():
        assert check.blind_spots
        assert {case.expect for case in check.cases} >= {"noticed", "none"}
        assert len({case.title for case in check.cases}) == len(check.cases)


def test_a_clock_that_runs_ahead_would_make_others_look_quiet_if_it_were_believed() -> None:
    check = CHECKS["gone-quiet"]
    (case,) = (case for case in check.cases if any(source.clock is None for source in case.facts.sources))
    believed = Facts(sources=tuple(replace(each, clock=each.last) for each in case.facts.sources))
    assert case_fault(check, replace(case, facts=believed)) is not None


STATES = [
    (check, state)
    for check in (CHECKS["file-lost"], CHECKS["edited-after-intake"])
    for state in FILE_STATES
    if any(file.state == state for case in check.cases for file in case.facts.files)
]


@pytest.mark.parametrize(("check", "state"), STATES, ids=lambda value: getattr(value, "id", value))
def test_every_state_of_a_file_is_what_a_case_rests_on(check: Check, state: FileState) -> None:
    changed = [
        case_fault(check, replace(case, facts=_with_state(case.facts, state, other)))
        for case in check.cases
        for other in FILE_STATES
        if any(file.state == state for file in case.facts.files)
    ]
    assert any(fault is not None for fault in changed)


def _with_state(facts: Facts, state: FileState, other: FileState) -> Facts:
    files = (replace(file, state=other) if file.state == state else file for file in facts.files)
    return replace(facts, files=tuple(files))


def test_rotation_explains_a_lost_file_only_where_a_newer_one_stays() -> None:
    check = CHECKS["file-lost"]
    case = next(case for case in check.cases if case.title == "the oldest file is gone, by rotation")
    alone = Facts(sources=(), files=tuple(each for each in case.facts.files if each.state == "gone"))
    assert [said.level for said in judge_health({check.id: check}, alone)] == ["medium"]


def test_the_same_facts_give_the_same_statements_in_the_same_order() -> None:
    for check, case in HELD:
        facts = replace(
            case.facts,
            sources=tuple(reversed(case.facts.sources)),
            files=tuple(reversed(case.facts.files)),
        )
        assert judge_health({check.id: check}, facts) == judge_health({check.id: check}, case.facts)
