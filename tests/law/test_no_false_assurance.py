"""What is not known is said before anything else; an answer under one act decides no other; a claim is no finding."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from typer.testing import CliRunner

from whosaw.app.law.duties import duties, penalty, write_calendar, write_duties_page
from whosaw.app.law.filing import file_drafts
from whosaw.app.law.notices import plan_notices
from whosaw.cli.main import app
from whosaw.core.document import object_of
from whosaw.core.errors import FaultsError, WhosawError

NOW = datetime.fromisoformat("2026-10-06T00:00:00+00:00")
HEAD = """case = "small"
zone = "UTC"

[organisation]
name = "Example Shop"
roles = ["controller"]
established = [{established}]
sectors = ["retail", "online-services"]

[[event]]
kind = "aware"
at = 2026-10-05T00:00:00Z
said_by = "the shop"

[[answer]]
question = "access.unauthorised"
answer = true
by = "the shop"
because = "tokens were forged"

[[scope]]
file = "scope.json"
"""


def _counts(unit: str, low: int, high: int | None) -> dict[str, Any]:
    return {"unit": unit, "lower": low, "upper": high, "exact": low == high, "reasons": []}


def _case(folder: Path, places: dict[str, int], more: str = "", *, established: str = "") -> Path:
    people = sum(places.values())
    rows = [
        {"name": name, "accounts": _counts("accounts", many, many), "persons": _counts("persons", many, many)}
        for name, many in places.items()
    ]
    scope = {
        "case": "small", "version": 1, "made": "2026-10-05T00:00:00Z",
        "counts": [_counts("accounts", people, people), _counts("persons", people, people)],
        "by": {"category": [], "jurisdiction": rows},
        "categories_held": [{"category": "contact.email", "answer": "seen", "why": [], "routes": []}],
        "open": [], "final": None,
    }  # fmt: skip
    (folder / "scope.json").write_text(json.dumps(scope), encoding="utf-8")
    path = folder / "case.toml"
    path.write_text(HEAD.format(established=established) + more, encoding="utf-8")
    return path


def _answer(question: str, law: str, found_by: str, answer: str = "true") -> str:
    return (
        f'\n[[answer]]\nquestion = "{question}"\nlaw = "{law}"\nfound_by = "{found_by}"\n'
        f'answer = {answer}\nby = "somebody"\nbecause = "so it was said"\n'
    )


def _duties(path: Path) -> dict[str, Any]:
    return object_of(duties(path, workspace=path.parent / "none", now=NOW))


def _penalties(path: Path) -> dict[str, Any]:
    found = object_of(penalty(path, workspace=path.parent / "none", now=NOW))["penalties"]
    return {each["id"]: each for each in found}


MIXED = {"KE": 1000, "FJ": 1000, "US-AS": 1000}


def test_every_place_with_people_and_no_law_on_record_is_named(tmp_path: Path) -> None:
    found = _duties(_case(tmp_path, MIXED))["no_law"]
    assert [(each["place"], each["people"]) for each in found] == [
        ("FJ", {"lower": 1000, "upper": 1000}),
        ("US-AS", {"lower": 1000, "upper": 1000}),
    ]
    assert found[0]["sentence"] == "No law on record for FJ: 1,000 people; ask a lawyer"
    # federal law binds some sectors, and is not what a state asks for
    assert {"Form 8-K", "HIPAA breach notification rule"} < set(found[1]["partly"])
    assert "17 CFR 248 (Regulation S-P)" not in found[1]["partly"]  # of which nobody opened the text


def test_a_law_of_which_nobody_opened_the_text_is_named_without_a_clock(tmp_path: Path) -> None:
    case = _case(tmp_path, {"KE": 1000, "TH": 500, "NO": 20})
    result = duties(case, workspace=tmp_path / "none", now=NOW)
    told = object_of(result)
    assert [each["sentence"].split(":")[0] for each in told["no_law"]] == [
        "A law exists in NO (GDPR by the EEA Agreement (Personal Data Act)), and its text was not checked",
        "A law exists in TH (Personal Data Protection Act B.E. 2562), and its text was not checked",
    ]
    named = {each["id"]: each["believed"] for each in told["unchecked"]}
    assert named["th/breach"]["clock"].startswith("72 hours")
    assert {each["id"].partition("/")[0] for each in told["duties"]} <= {"ke", "us"}
    write_calendar(result, tmp_path / "duties.ics")
    events = Calendar.from_ical((tmp_path / "duties.ics").read_bytes()).walk("VEVENT")
    assert [each for each in events if "pdpc" in str(each).casefold() or "th/" in str(each["uid"])] == []


def test_the_law_of_chile_holds_from_the_first_of_december_2026(tmp_path: Path) -> None:
    aware = "at = 2026-10-05T00:00:00Z"
    for at, holds in (
        ("2026-12-01T02:59:59Z", False),
        ("2026-12-01T03:00:00Z", True),
    ):  # midnight in Santiago
        path = _case(tmp_path, {"CL": 7})
        path.write_text(path.read_text(encoding="utf-8").replace(aware, f"at = {at}"), encoding="utf-8")
        told = _duties(path)
        governs = [each["id"] for each in told["duties"] if each["in_force"]["answer"] == "met"]
        assert [each for each in governs if each.startswith("cl/")] == (
            ["cl/authority", "cl/individuals"] if holds else []
        )


def test_a_state_with_a_law_of_its_own_is_not_named(tmp_path: Path) -> None:
    assert _duties(_case(tmp_path, {"US-CA": 10, "KE": 5, "DE": 1}))["no_law"] == []


def test_an_establishment_without_people_counts_too(tmp_path: Path) -> None:
    (found,) = _duties(_case(tmp_path, {"KE": 5}, established='"FJ", "KE"'))["no_law"]
    assert (found["place"], found["people"], found["why"]) == ("FJ", None, ["established"])


def test_people_whose_country_is_not_known_are_named_until_the_case_says_where_they_are(
    tmp_path: Path,
) -> None:
    (found,) = _duties(_case(tmp_path, {"KE": 5, "not stated": 7}))["no_law"]
    assert (found["place"], found["people"]) == (None, {"lower": 7, "upper": 7})
    said = '\n[people]\nunplaced = "KE"\nbecause = "the shop delivers in Kenya alone"\n'
    assert _duties(_case(tmp_path, {"KE": 5, "not stated": 7}, said))["no_law"] == []
    abroad = said.replace("KE", "FJ")
    (fijian,) = _duties(_case(tmp_path, {"KE": 5, "not stated": 7}, abroad))["no_law"]
    assert (fijian["place"], fijian["people"]) == ("FJ", {"lower": 7, "upper": 7})


def test_it_comes_before_every_duty_on_the_terminal_the_page_and_the_calendar(tmp_path: Path) -> None:
    path = _case(tmp_path, MIXED)
    shown = CliRunner().invoke(app, ["duties", str(path), "--now", "2026-10-06T00:00:00Z"]).output
    assert 0 < shown.index("No law on record for FJ: 1,000 people") < shown.index("Kenya\n")
    money = CliRunner().invoke(app, ["penalty", str(path), "--now", "2026-10-06T00:00:00Z"]).output
    assert 0 < money.index("No law on record for FJ: 1,000 people") < money.index("Kenya\n")
    found = duties(path, workspace=tmp_path / "none", now=NOW)
    write_duties_page(found, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert 0 < page.index("No law on record for FJ: 1,000 people") < page.index("Kenya</h2>")
    write_calendar(found, tmp_path / "days.ics")
    calendar = Calendar.from_ical((tmp_path / "days.ics").read_bytes())
    titles = [str(each["summary"]) for each in calendar.walk("VEVENT")]
    assert titles[0] == "No law on record for FJ: 1,000 people; ask a lawyer"


def test_filings_and_notices_carry_it(tmp_path: Path) -> None:
    path = _case(tmp_path, MIXED, _answer("risk.real-harm", "ke/dpa", "party"))
    filing = file_drafts(path, workspace=tmp_path / "none", now=NOW)
    assert filing.head.no_law
    assert all(any("No law on record for FJ" in note for note in each.notes) for each in filing.drafts)
    plan = plan_notices(path, workspace=tmp_path / "none", now=NOW, places=["ke"], languages=["en"])
    assert all(any("No law on record for FJ" in note for note in each.notes) for each in plan.drafts)


def test_where_no_law_is_on_record_no_notice_is_not_the_answer(tmp_path: Path) -> None:
    with pytest.raises(WhosawError, match=r"No law on record for FJ: 1,000 people"):
        plan_notices(_case(tmp_path, {"FJ": 1000}), workspace=tmp_path / "none", now=NOW)


def test_an_answer_under_one_act_decides_no_other(tmp_path: Path) -> None:
    places = {"KE": 1000, "SG": 1000, "ZA": 1000}
    found = _penalties(_case(tmp_path, places, _answer("violation.any", "ke/dpa", "authority")))
    assert found["ke/fine"]["grounds"]["answer"] == "met"
    assert found["sg/fine"]["grounds"]["answer"] == "undecided"
    assert found["za/fine"]["grounds"]["answer"] == "undecided"
    assert found["za/fine"]["prison_years"] is None


def test_one_act_of_a_country_decides_no_other_act_of_it(tmp_path: Path) -> None:
    found = _penalties(_case(tmp_path, {"KR": 5000}, _answer("violation.no-notice", "kr/pipa", "authority")))
    met = {name for name, each in found.items() if each["grounds"]["answer"] == "met"}
    assert met
    assert {each["act"] for name, each in found.items() if name in met} == {"kr/pipa"}


def test_a_risk_is_judged_under_each_act(tmp_path: Path) -> None:
    path = _case(tmp_path, {"KE": 10, "DE": 10}, _answer("risk.high", "eu/gdpr", "party"))
    states = {each["id"]: each["owed"]["answer"] for each in _duties(path)["duties"]}
    assert states["eu/individuals"] == "cannot tell"  # what else is asked there is not answered yet
    needs = {each["id"]: each["owed"]["needs"] for each in _duties(path)["duties"]}
    assert "risk.high" not in needs["eu/individuals"]
    assert states["ke/individuals"] == "cannot tell"


@pytest.mark.parametrize(
    ("found_by", "fine", "crime"),
    [
        ("party", "undecided", "undecided"),
        ("authority", "met", "undecided"),
        ("court", "met", "met"),
        ("final", "met", "met"),
    ],
)
def test_a_claim_is_no_finding_and_a_crime_needs_a_court(
    tmp_path: Path, found_by: str, fine: str, crime: str
) -> None:
    more = _answer("violation.any", "ke/dpa", found_by) + _answer("crime.found", "ke/dpa", found_by)
    found = _penalties(_case(tmp_path, {"KE": 1000}, more))
    assert found["ke/fine"]["grounds"]["answer"] == fine
    assert found["ke/offence"]["grounds"]["answer"] == crime


def test_no_crime_of_any_law_is_met_without_a_court(tmp_path: Path, law: Any) -> None:
    answers = "".join(
        _answer(key, act, "authority")
        for key in sorted(law.findings)
        for act in sorted(law.acts_that_ask(key))
    )
    events = '\n[[event]]\nkind = "order-breached"\nat = 2026-10-05T00:00:00Z\nsaid_by = "a ministry"\n'
    places = {each.area.members[0]: 1000 for each in law.jurisdictions.values()}
    found = _penalties(_case(tmp_path, places, answers + events))
    crimes = {name: each["grounds"]["answer"] for name, each in found.items() if each["form"] == "criminal"}
    assert len(crimes) >= 6
    assert "met" not in crimes.values()
    assert "met" in {each["grounds"]["answer"] for each in found.values()}


def test_an_answer_without_its_act_or_its_finder_is_a_fault_with_the_acts_that_ask(tmp_path: Path) -> None:
    bare = '\n[[answer]]\nquestion = "violation.any"\nanswer = true\nby = "x"\nbecause = "y"\n'
    with pytest.raises(FaultsError) as caught:
        _duties(_case(tmp_path, {"KE": 5}, bare))
    said = {fault.message: fault.hint for fault in caught.value.faults}
    assert any("asked by each act for itself" in message for message in said)
    assert any("ke/dpa" in hint for hint in said.values())
    assert any("found_by is missing" in message for message in said)


def test_what_is_not_owed_has_no_clock_anywhere(tmp_path: Path) -> None:
    path = _case(tmp_path, {"KE": 1000}, _answer("risk.real-harm", "ke/dpa", "party", "false"))
    (duty,) = [each for each in _duties(path)["duties"] if each["id"] == "ke/authority"]
    assert (duty["owed"]["answer"], duty["runs"]) == ("not owed", [])
    shown = CliRunner().invoke(app, ["duties", str(path), "--now", "2026-12-06T00:00:00Z"]).output
    part = shown[shown.index("(ke/authority)") : shown.index("(ke/cmca-report)")]
    assert "    not owed\n" in part
    assert "clock:" not in part
    assert "due" not in part


def test_owed_is_never_said_in_the_words_of_a_duty_that_was_done(tmp_path: Path) -> None:
    path = _case(tmp_path, {"KE": 1000}, _answer("risk.real-harm", "ke/dpa", "party"))
    shown = CliRunner().invoke(app, ["duties", str(path), "--now", "2026-10-06T00:00:00Z"]).output
    assert "    owed\n" in shown
    assert "owed: met" not in shown


def test_a_place_whose_law_asks_nothing_of_a_processor_is_named_with_the_reason(tmp_path: Path) -> None:
    path = _case(tmp_path, {"KE": 1000, "TZ": 40})
    path.write_text(path.read_text().replace('roles = ["controller"]', 'roles = ["processor"]'))
    (found,) = _duties(path)["no_law"]
    assert (found["place"], found["people"]) == ("TZ", {"lower": 40, "upper": 40})
    assert found["lacking"] == ["not of this role: controller"]
    assert found["sentence"] == (
        "The law on record for TZ asks nothing of this organisation (not of this role: controller): 40 people; ask a lawyer"
    )
    shown = CliRunner().invoke(app, ["duties", str(path), "--now", "2026-10-06T00:00:00Z"]).output
    assert 0 < shown.index("The law on record for TZ") < shown.index("Kenya\n")


def test_all_people_are_told_by_place(tmp_path: Path) -> None:
    path = _case(tmp_path, {**MIXED, "not stated": 7})
    told = {each["place"]: (each["people"]["lower"], each["laws"]) for each in _duties(path)["people"]}
    assert told == {"FJ": (1000, []), "KE": (1000, ["Kenya"]), "US-AS": (1000, []), None: (7, [])}
    shown = CliRunner().invoke(app, ["duties", str(path), "--now", "2026-10-06T00:00:00Z"]).output
    assert "FJ 1,000 people (no law on record)" in " ".join(shown.split())


def test_what_to_do_meanwhile_fits_the_clock(tmp_path: Path) -> None:
    path = _case(tmp_path, {"KE": 1000, "KR": 5})
    path.write_text(path.read_text().replace("established = []", 'established = ["KR"]\nlisted = ["US"]'))
    meanwhile = {each["id"]: each["meanwhile"] for each in _duties(path)["duties"]}
    assert meanwhile["ke/authority"].startswith(
        "until that is known, act as if it were owed: the clock does not wait"
    )
    # that clock starts at the organisation's own decision, so that there is nothing to do as if it had been made
    assert meanwhile["us/sec-8k"].startswith("decide it without delay")
    assert "act as if" not in meanwhile["us/sec-8k"]
    assert meanwhile["kr/network-preservation"].startswith("until that is known, keep everything")


def test_what_a_processor_owes_is_shown_in_the_controllers_case_and_drafted_by_the_processor_alone(
    tmp_path: Path,
) -> None:
    heard = '\n[[event]]\nkind = "processor-aware"\nat = 2026-10-04T00:00:00Z\nsaid_by = "a host"\n'
    outside = '\n[[answer]]\nquestion = "actor.outside"\nanswer = true\nby = "a host"\nbecause = "logs"\n'
    path = _case(tmp_path, {"KR": 5000}, heard + outside)
    states = {each["id"]: each["owed"]["answer"] for each in _duties(path)["duties"]}
    assert states["kr/pipa-processor-individuals-2026"] == "owed"
    plan = plan_notices(path, workspace=tmp_path / "none", now=NOW, places=["kr"], languages=["ko"])
    assert not any("processor" in duty for each in plan.drafts for duty in each.duties)
    filing = file_drafts(path, wanted=["kr-pipc"], workspace=tmp_path / "none", now=NOW)
    assert [each.duties for each in filing.drafts] == [("kr/pipa-report-2026",)]
    path.write_text(path.read_text().replace('roles = ["controller"]', 'roles = ["processor"]'))
    own = file_drafts(path, wanted=["kr-pipc"], workspace=tmp_path / "none", now=NOW)
    assert [each.duties for each in own.drafts] == [("kr/pipa-processor-report-2026",)]


def test_an_answer_to_a_question_that_is_asked_no_longer_gets_one_clear_line(tmp_path: Path) -> None:
    old = '\n[[answer]]\nquestion = "size.decree-reached"\nanswer = true\nby = "x"\nbecause = "y"\n'
    with pytest.raises(FaultsError) as caught:
        _duties(_case(tmp_path, {"KR": 5}, old))
    (fault,) = caught.value.faults
    assert fault.message == (
        "size.decree-reached is asked no longer: the decree was read: 10,000 people, which the scope versions tell"
    )
    assert fault.hint == "Take this [[answer]] out"


def test_intent_that_a_party_claims_is_no_ground_of_a_penalty(tmp_path: Path) -> None:
    claim = _answer("conduct.intent-or-gross-negligence", "kr/pipa", "party")
    found = _penalties(_case(tmp_path, {"KR": 5000}, claim))
    assert found["kr/pipa-punitive-damages"]["grounds"]["answer"] == "undecided"
    assert found["kr/pipa-punitive-damages"]["grounds"]["because"][0].startswith("only claimed by a party:")


def test_the_terminal_says_whose_word_the_grounds_are(tmp_path: Path) -> None:
    more = _answer("violation.any", "ke/dpa", "authority") + _answer("crime.found", "ke/dpa", "party")
    path = _case(tmp_path, {"KE": 1000}, more)
    shown = " ".join(
        CliRunner().invoke(app, ["penalty", str(path), "--now", "2026-10-06T00:00:00Z"]).output.split()
    )
    assert "found by an authority, which may be appealed: Was the Act violated? Yes (somebody" in shown
    assert "only claimed by a party: Has a court found that the crime was committed? Yes (somebody" in shown


def test_laws_by_name_of_places_that_may_be_touched_are_one_line_and_each_in_json(tmp_path: Path) -> None:
    path = _case(tmp_path, {"TH": 500, "not stated": 7})
    told = {each["id"]: each["there"] for each in _duties(path)["unchecked"]}
    assert told["th/breach"] == "yes"
    assert told["pe/breach"] == "cannot tell"
    shown = CliRunner().invoke(app, ["duties", str(path), "--now", "2026-10-06T00:00:00Z"]).output
    named = " ".join(
        shown[shown.index("Laws by name alone") : shown.index("The law of these places")].split()
    )
    assert "Thailand: a law exists on this" in named
    assert "Peru: a law exists" not in named
    assert (
        "in places of which it is not known whether people there were seen or whether the organisation is there:"
        in named
    )
    assert ", Peru," in named
