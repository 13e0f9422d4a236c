"""Laws over every shipped detector and explanation: its cases hold, and no part of it is without one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from whosaw.detect import Clause, Detector, Explanation, load_detectors, load_explanations
from whosaw.detect.case_runs import detector_case_fault, explanation_case_fault
from whosaw.detect.cases import Case

EXPLANATIONS = load_explanations()
DETECTORS = load_detectors(EXPLANATIONS)
HELD = [(d, c) for d in DETECTORS.values() for c in d.cases]
ANSWERED = [(e, c) for e in EXPLANATIONS.values() for c in e.cases]


@pytest.mark.parametrize(("detector", "case"), HELD, ids=lambda value: getattr(value, "title", "")[:60])
def test_every_case_of_a_detector_comes_out_as_it_says(detector: Detector, case: Case) -> None:
    assert _fault(detector, case) is None


@pytest.mark.parametrize(
    ("explanation", "case"), ANSWERED, ids=lambda value: getattr(value, "title", "")[:60]
)
def test_every_case_of_an_explanation_gets_the_answer_it_says(explanation: Explanation, case: Case) -> None:
    assert explanation_case_fault(explanation, case) is None


TABLES = {id(case): case.tables() for detector in DETECTORS.values() for case in detector.cases}


def _fault(detector: Detector, case: Case) -> str | None:
    return detector_case_fault(detector, case, EXPLANATIONS, TABLES[id(case)])


def _flips(changed: Detector, cases: tuple[Case, ...]) -> bool:
    return any(_fault(changed, case) is not None for case in cases)


def _with(detector: Detector, clause: Clause, changed: Clause | None) -> Detector:
    clauses = [changed if each is clause else each for each in detector.clauses]
    return replace(detector, clauses=tuple(each for each in clauses if each is not None))


CLAUSES = [(d, c) for d in DETECTORS.values() for c in d.clauses]


WORDS = {None: "", "1h": "an hour", "1d": "a day", "30d": "thirty days"}


def _about(detector: Detector, clause: Clause, length: str | None = None) -> tuple[Case, ...]:
    """The cases written for a clause (and window); all of them where cases are not named for clauses."""
    named = [case for case in detector.cases if case.title.startswith(f"{clause.id}:")]
    return tuple(case for case in named if WORDS[length] in case.title) or detector.cases


@pytest.mark.parametrize(("detector", "clause"), CLAUSES, ids=lambda value: value.id)
def test_taking_any_clause_or_window_away_changes_a_case(detector: Detector, clause: Clause) -> None:
    assert _flips(_with(detector, clause, None), _about(detector, clause))
    if len(clause.windows) > 1:
        for window in clause.windows:
            left = tuple(each for each in clause.windows if each is not window)
            assert _flips(
                _with(detector, clause, replace(clause, windows=left)),
                _about(detector, clause, window.length),
            )


@pytest.mark.parametrize(("detector", "clause"), CLAUSES, ids=lambda value: value.id)
def test_one_person_more_or_fewer_in_any_threshold_changes_a_case(detector: Detector, clause: Clause) -> None:
    for window in clause.windows:
        for step in (1, -1):
            if window.persons + step < 1:
                continue
            moved = replace(window, persons=window.persons + step)
            windows = tuple(moved if each is window else each for each in clause.windows)
            changed = _with(detector, clause, replace(clause, windows=windows))
            assert _flips(changed, _about(detector, clause, window.length)), (window.length, step)


WIDE = tuple(case for case in DETECTORS["persons-per-client"].cases if ": the " not in case.title)


@pytest.mark.parametrize(("detector", "clause"), CLAUSES, ids=lambda value: value.id)
def test_every_condition_of_a_clause_is_held_by_a_case(detector: Detector, clause: Clause) -> None:
    about = WIDE if detector.kind == "persons" else detector.cases
    if clause.least_share:
        assert _flips(_with(detector, clause, replace(clause, least_share=0.0)), about)
    if clause.counted == "unexplained":
        assert _flips(_with(detector, clause, replace(clause, counted="not-explained")), about)
    if clause.group_by == ("address", "agent") and detector.kind == "persons":
        assert _flips(_with(detector, clause, replace(clause, group_by=("address",))), about)


@pytest.mark.parametrize("detector", DETECTORS.values(), ids=lambda value: value.id)
def test_taking_any_explanation_away_changes_a_case(detector: Detector) -> None:
    about = WIDE if detector.kind == "persons" else detector.cases
    for name in detector.explanations:
        left = tuple(each for each in detector.explanations if each != name)
        assert _flips(replace(detector, explanations=left), about), name


@pytest.mark.parametrize("explanation", EXPLANATIONS.values(), ids=lambda value: value.id)
def test_without_its_clock_slack_an_explanation_answers_differently(explanation: Explanation) -> None:
    changed = replace(explanation, clock_slack=0)
    assert any(explanation_case_fault(changed, case) is not None for case in explanation.cases)


@pytest.mark.parametrize("detector", DETECTORS.values(), ids=lambda value: value.id)
def test_every_detector_says_what_it_cannot_see(detector: Detector) -> None:
    assert detector.blind_spots
    assert all(clause.why.strip() for clause in detector.clauses)


@pytest.mark.parametrize("explanation", EXPLANATIONS.values(), ids=lambda value: value.id)
def test_every_explanation_says_what_it_cannot_see(explanation: Explanation) -> None:
    assert explanation.blind_spots
    assert explanation.gap.strip()
