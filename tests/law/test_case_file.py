"""A case file says all its faults at once, each with its line; what it does not say stays unknown."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pyroaring import BitMap

from whosaw.app.law.duties import duties
from whosaw.core.canonical_json import canonical_json
from whosaw.core.document import object_of
from whosaw.core.errors import FaultsError
from whosaw.law import Law
from whosaw.law.case_file import read_case
from whosaw.law.loaded_case import load_case
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.workspace import Workspace

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOW = datetime.fromisoformat("2026-10-06T00:00:00+00:00")
BARE = """case = "small"
zone = "Asia/Seoul"

[organisation]
roles = ["controller"]
established = ["KR"]

[[event]]
kind = "aware"
at = 2026-10-05T09:00:00+09:00
said_by = "the shop"

[[scope]]
file = "scope.json"
"""


def _scope(low: int, high: int | None, **more: Any) -> dict[str, Any]:
    def count(unit: str) -> dict[str, Any]:
        return {"unit": unit, "lower": low, "upper": high, "exact": low == high, "reasons": []}

    row = {"name": "KR", "accounts": count("accounts"), "persons": count("persons")}
    return {
        "case": "small",
        "version": 1,
        "made": "2026-10-05T00:00:00Z",
        "counts": [count("accounts"), count("persons")],
        "by": {"category": [], "jurisdiction": [row]},
        "categories_held": [{"category": "contact.email", "answer": "seen", "why": [], "routes": []}],
        "open": [],
        "final": None,
        **more,
    }


def _case(folder: Path, text: str = BARE, scope: dict[str, Any] | None = None) -> Path:
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    (folder / "scope.json").write_text(json.dumps(scope or _scope(900, 1200)), encoding="utf-8")
    return path


def _answer(path: Path, item: str) -> dict[str, Any]:
    document: dict[str, Any] = object_of(duties(path, workspace=path.parent / "none", now=NOW))
    (found,) = [each for each in document["duties"] if each["id"] == item]
    return dict(found)


ANSWERED = """
[[answer]]
question = "actor.outside"
answer = false
by = "the shop"
because = "a colleague read the pages"

[[answer]]
question = "safeguard.recovered"
answer = false
by = "the shop"
because = "nobody knows where the copy is"
"""


def test_bounds_on_both_sides_of_a_threshold_are_undecided_and_say_what_to_do(tmp_path: Path) -> None:
    report = _answer(_case(tmp_path, BARE + ANSWERED), "kr/pipa-report-2026")
    assert report["owed"]["answer"] == "cannot tell"
    assert report["owed"]["needs"] == ["people in South Korea: at least 1,000, or fewer?"]
    assert "before 2026-10-08 09:00 (Asia/Seoul)" in report["meanwhile"]
    assert report["runs"][0]["status"] == "open"


@pytest.mark.parametrize(("people", "owed"), [(999, "not owed"), (1000, "owed")])
def test_a_thousand_people_are_enough_and_999_are_not(tmp_path: Path, people: int, owed: str) -> None:
    path = _case(tmp_path, BARE + ANSWERED, _scope(people, people))
    assert _answer(path, "kr/pipa-report-2026")["owed"]["answer"] == owed


def test_what_nobody_has_said_is_asked_for(tmp_path: Path) -> None:
    report = _answer(_case(tmp_path, scope=_scope(5, 5)), "kr/pipa-report-2026")
    assert report["owed"]["answer"] == "cannot tell"
    assert {"actor.outside", "safeguard.recovered"} <= set(report["owed"]["needs"])
    network = _answer(_case(tmp_path), "kr/network-report-2026")
    assert "organisation.sectors" in network["applies"]["needs"]


def test_without_a_scope_the_number_of_people_is_not_known(tmp_path: Path) -> None:
    path = _case(tmp_path, BARE.partition("[[scope]]")[0] + ANSWERED)
    assert _answer(path, "kr/pipa-report-2026")["owed"]["needs"] == ["scope"]


def test_a_page_that_nobody_has_described_may_have_carried_anything(tmp_path: Path) -> None:
    scope = _scope(5, 5, open=[{"code": "unmapped-route", "what": "a page without a route"}])
    report = _answer(_case(tmp_path, BARE + ANSWERED, scope), "kr/pipa-report-2026")
    assert report["owed"]["answer"] == "cannot tell"
    assert any("no route covers" in need for need in report["owed"]["needs"])


def test_all_faults_come_at_once_with_their_lines(tmp_path: Path) -> None:
    text = (
        BARE.replace('roles = ["controller"]', 'roles = ["owner"]')
        .replace("+09:00", "")
        .replace("scope.json", "other.json")
    )
    text += '\n[[made]]\nduty = "kr/nothing"\nat = 2026-10-06\n\n[[turnover]]\nyear = 2025\nplace = "world"\ncurrency = "won"\namount = [5, 4]\nsource = "books"\n\n[misspelt]\n'
    with pytest.raises(FaultsError) as caught:
        load_case(_case(tmp_path, text), workspace=tmp_path / "none")
    said = {(fault.where.line, fault.message.split(":")[0]) for fault in caught.value.faults}
    assert said >= {
        (5, "organisation.roles holds 'owner'"),
        (10, "at has no offset"),
        (14, "other.json"),
        (17, "'kr/nothing' is no duty"),
        (23, "currency is 'won'"),
        (24, "amount"),
        (27, "misspelt is not known here"),
    }


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"case": "another"}, "is a version of 'another'"),
        ({"version": 0}, "version is not a whole number"),
        ({"counts": []}, "counts holds no persons"),
        ({"by": None}, "jurisdiction is no list"),
        ({"made": "yesterday"}, "'yesterday' is not a time"),
    ],
)
def test_a_damaged_scope_version_is_a_fault_of_the_case(
    tmp_path: Path, damage: dict[str, Any], said: str
) -> None:
    with pytest.raises(FaultsError, match="1 fault") as caught:
        load_case(_case(tmp_path, scope={**_scope(1, 1), **damage}), workspace=tmp_path / "none")
    assert said in caught.value.faults[0].message


def test_an_event_that_never_happened_cannot_have_happened(tmp_path: Path) -> None:
    with pytest.raises(FaultsError, match="1 fault") as caught:
        load_case(_case(tmp_path, 'never = ["aware"]\n' + BARE), workspace=tmp_path / "none")
    assert "never" in caught.value.faults[0].message


def test_a_version_in_the_workspace_is_named_by_its_number(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "ws", create=True)
    CaseStore(workspace).add(canonical_json(_scope(7, 7)), {"held": BitMap(range(7))}, now=NOW)
    path = _case(tmp_path, BARE.replace('file = "scope.json"', "version = 1"))
    loaded = load_case(path, workspace=tmp_path / "ws")
    assert loaded.case.facts.scope is not None
    assert loaded.case.facts.scope.persons.low == 7
    with pytest.raises(FaultsError):
        load_case(
            _case(tmp_path, BARE.replace('file = "scope.json"', "version = 2")), workspace=tmp_path / "ws"
        )


def test_the_examples_have_no_number_of_people_in_them(law: Law) -> None:
    """Counts come from the scope alone: nothing in a case file can hold one."""
    for case in EXAMPLES.glob("*/case.toml"):
        read = read_case(case, law, lambda *_: {})
        assert all(scope.persons.low > 0 for scope in read.facts.scopes)


def test_what_only_the_organisation_can_say_is_read_by_language(tmp_path: Path) -> None:
    told = (
        BARE
        + '\n[contact]\ndepartment = { en = "Privacy office", ko = "개인정보보호팀" }\nemail = "privacy@example.org"\n'
        + '\n[[statement]]\nabout = "measure-taken"\nsaid_by = "the shop"\nat = 2026-10-05\n'
        + 'text = { en = "The key was revoked." }\n'
    )
    account = load_case(_case(tmp_path, told), workspace=tmp_path).case.account
    assert account.contact is not None
    assert account.contact.department == {"en": "Privacy office", "ko": "개인정보보호팀"}
    assert account.contact.officer == ""
    (statement,) = account.about("measure-taken", "measure-planned")
    assert statement.texts == {"en": "The key was revoked."}
    assert account.about("cause") == ()


def test_faults_of_statements_and_contacts_are_told_at_once(tmp_path: Path) -> None:
    told = (
        BARE
        + '\n[contact]\ndepartment = { English = "Privacy office" }\n'
        + '\n[[statement]]\nabout = "rumour"\nsaid_by = "the shop"\ntext = { en = "x" }\n'
        + '\n[[statement]]\nabout = "chronology"\nsaid_by = "the shop"\ntext = {}\n'
    )
    with pytest.raises(FaultsError) as refused:
        load_case(_case(tmp_path, told), workspace=tmp_path)
    assert {fault.message for fault in refused.value.faults} == {
        "'English' is no language",
        "a contact has a telephone or an email",
        "statement.0.about is 'rumour'",
        "statement.1.at is missing",
        "says nothing",
    }
