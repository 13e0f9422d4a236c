"""Laws over every shipped detector and explanation: its cases hold, and no part of it is without one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
from tests.wide import some

from whosaw.actors import Clause, Detector, Explanation, load_detectors, load_explanations, run
from whosaw.actors.case_runs import CaseRun, explanation_case_fault
from whosaw.actors.cases import Case
from whosaw.store.sql import Session

EXPLANATIONS = load_explanations()
DETECTORS = load_detectors(EXPLANATIONS)
HELD = [(d, c) for d in DETECTORS.values() for c in d.cases]
ANSWERED = [(e, c) for e in EXPLANATIONS.values() for c in e.cases]


RUNS: dict[
    int, CaseRun
] = {}  # kept open, for every law asks the same cases about many variants of a detector


def _run(case: Case) -> CaseRun:
    if id(case) not in RUNS:
        RUNS[id(case)] = CaseRun(case, EXPLANATIONS)
    return RUNS[id(case)]


@pytest.fixture(scope="module", autouse=True)
def _one_database() -> Iterator[None]:
    """Cases are asked in sessions of one database, which a session of its own is held against below: seven hundred databases are
    begun, and their thousands of threads looked through after each test, for nothing else."""
    with Session() as whole, pytest.MonkeyPatch.context() as patch:
        patch.setattr("whosaw.actors.case_runs.Session", whole.beside)
        yield
        while RUNS:
            RUNS.popitem()[1].close()


@pytest.mark.parametrize(("detector", "case"), HELD, ids=lambda value: getattr(value, "title", "")[:60])
def test_every_case_of_a_detector_comes_out_as_it_says(detector: Detector, case: Case) -> None:
    assert _run(case).fault(detector) is None


@pytest.mark.parametrize("detector", some(list(DETECTORS.values()), of=9), ids=lambda value: value.id)
def test_a_case_that_is_asked_again_and_again_says_what_a_run_of_its_own_says(detector: Detector) -> None:
    for expected in ("finding", "none"):
        case = next(each for each in detector.cases if each.expect == expected)
        kept = _run(case)
        kept.detected(replace(detector, clauses=detector.clauses[1:], explanations=detector.explanations[1:]))
        kept.detected(replace(detector, clauses=detector.clauses[1:]))
        tables = case.tables()
        with Session() as session:
            for name, table in tables.relations.items():
                session.register(name, table)
            alone = run(session, tables.context, {detector.id: detector}, EXPLANATIONS)
        again = kept.detected(detector)
        assert (again.findings, again.untold) == (alone.findings, alone.untold)
        assert again.members.equals(alone.members)
        assert again.counted.equals(alone.counted)


@pytest.mark.parametrize(
    ("explanation", "case"), ANSWERED, ids=lambda value: getattr(value, "title", "")[:60]
)
def test_every_case_of_an_explanation_gets_the_answer_it_says(explanation: Explanation, case: Case) -> None:
    assert explanation_case_fault(explanation, case) is None


def _flips(changed: Detector, cases: Iterable[Case], first: str = "finding") -> bool:
    """Whether any case comes out differently; those that expect `first` are tried first, which saves time."""
    return any(
        _run(case).fault(changed) is not None for case in sorted(cases, key=lambda each: each.expect != first)
    )


def _with(detector: Detector, clause: Clause, changed: Clause | None) -> Detector:
    clauses = [changed if each is clause else each for each in detector.clauses]
    return replace(detector, clauses=tuple(each for each in clauses if each is not None))


CLAUSES = [(d, c) for d in DETECTORS.values() for c in d.clauses]
WORDS = {None: "", "1h": "an hour", "1d": "a day", "30d": "thirty days"}


def _about(detector: Detector, clause: Clause, length: str | None = None) -> tuple[Case, ...]:
    """The cases written for a clause (and window), or for none; all of them where none is named for it."""
    others = tuple(f"{each.id}:" for each in detector.clauses if each is not clause)
    about = tuple(case for case in detector.cases if not case.title.startswith(others))
    named = tuple(case for case in about if case.title.startswith(f"{clause.id}:"))
    windowed = tuple(case for case in named if WORDS[length] in case.title)
    return (windowed or detector.cases) if detector.kind == "persons" else named + about


@pytest.mark.parametrize(("detector", "clause"), some(CLAUSES, of=3), ids=lambda value: value.id)
def test_taking_any_clause_or_window_away_changes_a_case(detector: Detector, clause: Clause) -> None:
    assert _flips(_with(detector, clause, None), _about(detector, clause))
    if len(clause.windows) > 1:
        for window in clause.windows:
            left = tuple(each for each in clause.windows if each is not window)
            assert _flips(
                _with(detector, clause, replace(clause, windows=left)),
                _about(detector, clause, window.length),
            ), window.length


@pytest.mark.parametrize(("detector", "clause"), some(CLAUSES[1:], of=9), ids=lambda value: value.id)
def test_one_person_more_or_fewer_in_any_threshold_changes_a_case(detector: Detector, clause: Clause) -> None:
    for window in clause.windows:
        for step, first in ((1, "finding"), (-1, "none")):
            if window.persons + step < 1:
                continue
            moved = replace(window, persons=window.persons + step)
            windows = tuple(moved if each is window else each for each in clause.windows)
            changed = _with(detector, clause, replace(clause, windows=windows))
            assert _flips(changed, _about(detector, clause, window.length), first), (window.length, step)


WIDE = tuple(case for case in DETECTORS["persons-per-client"].cases if ": the " not in case.title)


def _looser(clause: Clause) -> Iterator[tuple[str, Clause]]:
    """The clause without each of its conditions."""
    if clause.least_share:
        yield "least_percent", replace(clause, least_share=0.0)
    if clause.chance:
        yield "chance", replace(clause, chance=0.0)
    if clause.least_times:
        yield "least_times", replace(clause, least_times=0.0)
    if clause.never_among:
        yield "never_among", replace(clause, never_among=0)
    if clause.sign is not None and clause.sign.clocks:
        yield "clock_slack", replace(clause, sign=replace(clause.sign, clock_slack=0))
    if clause.walk is not None:
        yield "near", replace(clause, walk=replace(clause.walk, near=clause.walk.near + 1))
        yield "within", replace(clause, walk=replace(clause.walk, within=2 * clause.walk.within))


def _other(clause: Clause, kind: str) -> Iterator[tuple[str, Clause]]:
    """The clause with one of its terms changed, so that it finds less, or counts other people."""
    # a view that bears a sign which reads an explanation's answer is unexplained by that
    told = clause.sign is not None and bool(clause.sign.rule) and clause.members == "signed"
    if clause.counted == "unexplained" and not told:
        yield "counts", replace(clause, counted="not-explained")
    if clause.counted == "not-explained" and not told and kind in (
        "sign", "walk", "records", "list", "surge", "way",
    ):  # fmt: skip
        yield "counts", replace(clause, counted="any")
    if clause.group_by == ("address", "agent") and kind in ("persons", "records", "list"):
        yield "group_by", replace(clause, group_by=("address",))
    if clause.pages:
        for step in (1, -1):
            yield "pages", replace(clause, pages=clause.pages + step)
    if clause.lacks:
        yield "lacks", replace(clause, lacks=())
    if clause.members == "signed":
        yield "members", replace(clause, members="all")
    if clause.belongs is not None:
        yield "belongs", replace(clause, belongs=None)
    if clause.never_among:
        yield "never_among", replace(clause, never_among=clause.never_among + 1)
    if clause.walk is not None:
        if clause.members == "all":
            yield "members", replace(clause, members="signed")
        if clause.members == "signed":
            for step in (1, -1):
                yield "chain", replace(clause, walk=replace(clause.walk, chain=clause.walk.chain + step))
                moved = clause.walk.chained_share + step / 10
                yield "chained_percent", replace(clause, walk=replace(clause.walk, chained_share=moved))
        yield "recent", replace(clause, walk=replace(clause.walk, recent=1))
        yield "near", replace(clause, walk=replace(clause.walk, near=clause.walk.near - 1))
        yield "within", replace(clause, walk=replace(clause.walk, within=clause.walk.within // 4))


@pytest.mark.parametrize(("detector", "clause"), some(CLAUSES[2:], of=9), ids=lambda value: value.id)
def test_every_condition_of_a_clause_is_held_by_a_case(detector: Detector, clause: Clause) -> None:
    about = WIDE if detector.kind == "persons" else _about(detector, clause)
    for name, changed in _looser(clause):
        assert _flips(_with(detector, clause, changed), about, "none"), name
    for name, changed in _other(clause, detector.kind):
        assert _flips(_with(detector, clause, changed), about), name


@pytest.mark.parametrize("detector", some(list(DETECTORS.values()), of=6), ids=lambda value: value.id)
def test_taking_any_explanation_away_changes_a_case(detector: Detector) -> None:
    about = WIDE if detector.kind == "persons" else detector.cases
    for name in detector.explanations:
        left = tuple(each for each in detector.explanations if each != name)
        # those that have what the explanation looks into are most likely to change, so they come first
        likely = sorted(
            about, key=lambda case: not all(each in case.context for each in EXPLANATIONS[name].needs)
        )
        assert _flips(replace(detector, explanations=left), likely, "none"), name


@pytest.mark.parametrize("detector", DETECTORS.values(), ids=lambda value: value.id)
def test_without_the_tables_it_needs_a_detector_cannot_tell(detector: Detector) -> None:
    for case in detector.cases:
        if case.expect == "cannot tell":
            assert any(table not in case.context for table in detector.needs)
    assert any(case.expect == "cannot tell" for case in detector.cases) == bool(detector.needs)


SAID = [each for each in DETECTORS.values() if each.kind in ("sign", "walk", "list", "surge", "way")]


@pytest.mark.parametrize("detector", SAID, ids=lambda value: value.id)
def test_what_a_detector_says_of_the_first_people_reads_as_a_sentence(detector: Detector) -> None:
    assert detector.says
    case = next(case for case in detector.cases if case.expect == "finding")
    (finding,) = _run(case).detected(detector).findings
    first = min(finding.crossings, key=lambda each: each.reached_at)
    people = "1 person" if first.threshold == 1 else f"{first.threshold:,} people"
    assert any(
        re.fullmatch(rf"By 20\S+Z it had seen {people} {re.escape(detector.says)}\.", fact)
        for fact in finding.facts
    )
    assert detector.says[0].islower()
    assert detector.says[-1].isalpha()
    assert detector.says.split()[0] in ("after", "in", "one", "with", "without")


@pytest.mark.parametrize("detector", DETECTORS.values(), ids=lambda value: value.id)
def test_every_detector_names_a_technique_of_attack(detector: Detector) -> None:
    assert re.fullmatch(r"T\d{4}(\.\d{3})?", detector.technique)


@pytest.mark.parametrize("detector", DETECTORS.values(), ids=lambda value: value.id)
def test_every_detector_has_a_case_of_honest_people(detector: Detector) -> None:
    assert any(case.expect == "none" for case in detector.cases)
    assert len({case.title for case in detector.cases}) == len(detector.cases)


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


def test_shipped_items_without_their_cases_are_the_same_items() -> None:
    explanations = load_explanations(cases=False)
    bare = load_detectors(explanations, cases=False)
    assert explanations == {name: replace(each, cases=()) for name, each in EXPLANATIONS.items()}
    assert bare == {name: replace(each, cases=()) for name, each in DETECTORS.items()}
    assert all(each.cases for each in (*EXPLANATIONS.values(), *DETECTORS.values()))
