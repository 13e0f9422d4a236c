"""A recorded assessment of risk answers the questions of one law with its arithmetic and reasons, and never says that there is no risk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.law.test_no_false_assurance import _case, _duties

from whosaw.core.errors import FaultsError


def _enisa(law: str = "ke/dpa", **scores: object) -> str:
    given = {
        "dpc": 2,
        "ei": 0.75,
        "confidentiality": 0.5,
        "integrity": 0,
        "availability": 0,
        "malicious": 0.5,
        **scores,
    }
    parts = "".join(
        f'\n[assessment.{key}]\nscore = {score}\nbecause = "reason of {key}"\n'
        for key, score in given.items()
        if score is not None
    )
    return (
        f'\n[[assessment]]\nmethod = "enisa"\nlaw = "{law}"\nby = "privacy team"\nday = 2026-10-05\n{parts}'
    )


FACTORS = ("type", "data", "identification", "consequences", "people", "number", "organisation")


def _factors(concludes: str, law: str = "ke/dpa", left_out: str = "") -> str:
    parts = "".join(
        f'\n[assessment.{key}]\nbecause = "reason of {key}"\n' for key in FACTORS if key != left_out
    )
    head = f'\n[[assessment]]\nmethod = "factors"\nlaw = "{law}"\nby = "privacy team"\nday = 2026-10-05\n'
    return f"{head}{parts}\n[assessment.concludes]\n{concludes}\n"


def _owed(tmp_path: Path, more: str, item: str, places: dict[str, int]) -> dict[str, Any]:
    (found,) = [each for each in _duties(_case(tmp_path, places, more))["duties"] if each["id"] == item]
    return dict(found)


@pytest.mark.parametrize(
    ("scores", "owed"),
    [
        # 2 x 0.75 + 0.5 + 0.5 = 2.5; 2 x 0.5 + 0.5 + 0.5 = 2; 1 x 0.5 + 0.5 + 0.5 = 1.5; 1 x 0.25 = 0.25
        ({}, "owed"),
        ({"ei": 0.5}, "owed"),
        ({"dpc": 1, "ei": 0.5}, "cannot tell"),
        ({"dpc": 1, "ei": 0.25, "confidentiality": 0, "malicious": 0}, "cannot tell"),
    ],
)
def test_a_score_answers_whether_there_is_a_real_risk_and_never_that_there_is_none(
    tmp_path: Path, scores: dict[str, float], owed: str
) -> None:
    assert _owed(tmp_path, _enisa(**scores), "ke/authority", {"KE": 1000})["owed"]["answer"] == owed


def test_the_answer_carries_the_sum_its_reasons_and_who_made_it(tmp_path: Path) -> None:
    told = _owed(tmp_path, _enisa(), "ke/authority", {"KE": 1000})["owed"]["because"]
    (said,) = [each for each in told if "ENISA" in each]
    assert "2 x 0.75 + 0.5 + 0.5 = 2.50, medium" in said
    assert "privacy team" in said
    assert "dpc 2: reason of dpc; ei 0.75: reason of ei" in said
    assert "the method is secondary" in said


@pytest.mark.parametrize(
    ("scores", "high", "unlikely"),
    [
        # 4 x 0.75 = 3: high; 2 x 1 = 2: medium leaves the high risk open; 1 x 0.25 = 0.25: no high risk, and whether any is open
        ({"dpc": 4, "confidentiality": 0, "malicious": 0}, "met", "not met"),
        ({"dpc": 2, "ei": 1, "confidentiality": 0, "malicious": 0}, "undecided", "not met"),
        ({"dpc": 1, "ei": 0.25, "confidentiality": 0, "malicious": 0}, "not met", "undecided"),
    ],
)
def test_what_a_score_answers_under_european_law(
    tmp_path: Path, scores: dict[str, float], high: str, unlikely: str
) -> None:
    duties = {
        each["id"]: each
        for each in _duties(_case(tmp_path, {"DE": 10}, _enisa("eu/gdpr", **scores)))["duties"]
    }
    assert duties["eu/individuals"]["threshold"]["answer"] == high
    needs = duties["eu/authority"]["owed"]["needs"]
    assert ("risk.unlikely" in needs) == (unlikely == "undecided")


def test_it_answers_the_law_that_it_names_alone(tmp_path: Path) -> None:
    states = {
        each["id"]: each["owed"]["answer"]
        for each in _duties(_case(tmp_path, {"KE": 1000, "NG": 1000}, _enisa()))["duties"]
    }
    assert (states["ke/authority"], states["ng/authority"]) == ("owed", "cannot tell")


def test_factors_need_a_reason_each_and_a_conclusion(tmp_path: Path) -> None:
    done = _owed(tmp_path, _factors('"risk.real-harm" = false'), "ke/authority", {"KE": 1000})
    assert done["owed"]["answer"] == "not owed"
    assert any(
        "as concluded" in each and "number: reason of number" in each for each in done["owed"]["because"]
    )


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (_enisa(ei=None), "ei is missing: Ease of identification"),
        (_enisa(ei=0.6), "score is 0.6, and ei is one of 0.25, 0.5, 0.75, 1"),
        (_enisa("kr/pipa"), "law"),
        (
            _factors('"risk.real-harm" = true', left_out="people"),
            "people is missing: What is special about the people",
        ),
        (_factors('"risk.high" = true'), "risk.high is no question of risk of this act"),
        (_enisa() + _factors('"risk.real-harm" = true'), "risk.real-harm is answered under ke/dpa besides"),
    ],
)
def test_what_is_wrong_with_one_is_said(tmp_path: Path, more: str, says: str) -> None:
    with pytest.raises(FaultsError) as caught:
        _duties(_case(tmp_path, {"KE": 1000}, more))
    assert any(says in fault.message for fault in caught.value.faults)
