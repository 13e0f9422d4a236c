"""The oracle gives what each case of each item expects; where the page of the design changes what a case gives, the case is listed here
with the letter of the change and the reason."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.oracle.cases import case_log
from tests.oracle.detect import Oracle
from tests.oracle.explain import ANSWERS
from tests.oracle.tell import counted_views, people, people_before
from tests.wide import some

DATA = Path(__file__).resolve().parents[2] / "src" / "whosaw" / "data"
WIDE = bool(os.environ.get("WHOSAW_WIDE"))  # all large cases; else one of each detector
LARGE = 10_000  # views: cases of so many take a while in plain Python

PLACES_OF_THE_DAY = (
    "its 20,000 customers come within 56 hours; on the day of the walk hardly more than half of them are known, so that more of them "
    "stand beside each other by accident"
)
CHANGED: Mapping[tuple[str, str], tuple[str, str, str]] = {
    ("number-walk", "address: every 500th number"): (
        "e", "none", "the places of that day hold no numbers that come later, so the stride is not the same at each step",
    ),
    ("number-walk", "address: in a shop of 1,600 people neighbours are common, and fifteen of forty are too few"): (
        "e", "finding", "how many people have a number goes up to a power of two: 2,048 for 1,626, so fewer are neighbours by accident",
    ),
    **{
        ("number-walk", f"{by}: {title}"): ("e", outcome, PLACES_OF_THE_DAY)
        for by in ("agent", "key")
        for title, outcome in (
            (f"six neighbours within a day, at an address each, and somebody else with the same {by}", "none"),
            ("neighbours with others between them", "none"),
            ("numbers three and four apart", "none"),
            ("two chains of five hang together, and one of four belongs to nobody", "raised 2025-05-02T12:02:00+00:00"),
        )
    },
    ("persons-per-client", "unexplained-address: the 300th person comes just within thirty days"): (
        "h", "none", "the one token of the log that is on record was used three months ago, and not in the 28 known days before",
    ),
}  # fmt: skip


def items(folder: str) -> dict[str, dict[str, Any]]:
    return {
        file.stem: tomllib.loads(file.read_text(encoding="utf-8"))
        for file in sorted((DATA / folder).glob("*.toml"))
    }


EXPLANATIONS, DETECTORS = items("explanations"), items("detectors")


def views_of(case: Mapping[str, Any]) -> int:
    return sum(row.get("count", 1) for row in case["view"])


def fault(detector: Mapping[str, Any], case: Mapping[str, Any]) -> str | None:
    """What comes out instead of what the case expects; None where it does."""
    oracle = Oracle(case_log(case), EXPLANATIONS)
    counted = {flag: counted_views(oracle, detector, flag) for flag in oracle.flags(detector)}
    raised = [flag.raised for flag, views in counted.items() if views]
    outcome = "cannot tell" if oracle.untold(detector) else "finding" if raised else "none"
    if outcome != case["expect"]:
        return outcome
    if outcome != "finding":
        return None
    views = {at for each in counted.values() for at in each}
    first = datetime.fromtimestamp(min(raised) / 1_000_000, UTC)
    if case.get("raised_at", first) != first:
        return f"raised {first.isoformat()}"
    before = len(people_before(oracle, views, min(raised)))
    if case.get("persons_before", before) != before:
        return f"{before} persons before"
    persons = len(people(oracle, views))
    return None if case.get("persons", persons) == persons else f"{persons} persons"


@pytest.mark.parametrize("name", EXPLANATIONS)
def test_explanations_answer_as_their_cases_expect(name: str) -> None:
    for case in EXPLANATIONS[name]["case"]:
        oracle = Oracle(case_log(case), EXPLANATIONS)
        answers = {ANSWERS[oracle.explain.answer(name, view)] for view in oracle.log.views}
        assert answers == {case["expect"]}, case["title"]


def faults_of(name: str, *, large: bool) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """What comes out otherwise, and what is listed to."""
    asked = [case for case in DETECTORS[name]["case"] if (views_of(case) > LARGE) == large]
    if large and not WIDE:
        asked = asked[:1]
    found = {case["title"]: fault(DETECTORS[name], case) for case in asked}
    listed = {
        case["title"]: CHANGED[name, case["title"]][1] for case in asked if (name, case["title"]) in CHANGED
    }
    return {title: each for title, each in found.items() if each is not None}, dict(listed)


@pytest.mark.parametrize("name", some(list(DETECTORS), of=2))
def test_detectors_find_what_their_cases_expect(name: str) -> None:
    found, listed = faults_of(name, large=False)
    assert found == listed


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name for name, item in DETECTORS.items() if max(map(views_of, item["case"])) > LARGE]
)
def test_detectors_find_what_their_large_cases_expect(name: str) -> None:
    found, listed = faults_of(name, large=True)
    assert found == listed


def test_the_list_of_changes_names_cases_that_are_there_and_letters_that_the_page_explains() -> None:
    page = (DATA.parents[2] / "docs" / "design" / "ledger-build.md").read_text(encoding="utf-8")
    for (name, title), (letter, _, reason) in CHANGED.items():
        assert any(case["title"] == title for case in DETECTORS[name]["case"]), title
        assert f"\n| {letter} | " in page
        assert reason
