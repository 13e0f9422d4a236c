"""Three more cases from their facts to what is owed: a retailer in eleven states, a bank with a processor, a clinic."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from icalendar import Calendar
from tests.schemas import validate

from whosaw.app.law.duties import duties, write_calendar, write_duties_page, write_workbook
from whosaw.app.law.filing import file_drafts
from whosaw.app.law.notices import plan_notices
from whosaw.core.case_head import CaseDuties
from whosaw.core.document import document, object_of
from whosaw.core.errors import FaultsError
from whosaw.core.moments import Moment
from whosaw.core.ranges import Range
from whosaw.law import load_law
from whosaw.law.drafting.authorities import load_authorities
from whosaw.law.drafting.filing_words import load_filing_words
from whosaw.law.facts import Facts, ScopeFacts
from whosaw.report.duties_matrix import matrix_rows

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOW = {
    "us-retailer": datetime.fromisoformat("2026-09-28T12:00:00-05:00"),
    "eu-bank": datetime.fromisoformat("2026-05-13T09:00:00+01:00"),
    "swiss-clinic": datetime.fromisoformat("2026-02-03T09:00:00+01:00"),
}
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _case(name: str) -> CaseDuties:
    return duties(EXAMPLES / name / "case.toml", workspace=Path("none"), now=NOW[name])


def _owed(result: CaseDuties) -> dict[str, Any]:
    return {each["id"]: each for each in object_of(result)["duties"] if each["owed"]["answer"] == "owed"}


def test_eleven_states_hear_by_their_own_numbers_and_clocks() -> None:
    result = _case("us-retailer")
    owed = _owed(result)
    states = {each.place for each in result.head.people}
    assert len(states) == 11
    assert {f"{each.lower()}/individuals" for each in states} <= owed.keys()
    # Ohio names no authority; California waits until the people are told
    assert {each for each in owed if each.endswith(("/authority", "/authorities", "/attorney-general"))} == {
        f"us-{each}/{'authorities' if each == 'ny' else 'attorney-general' if each == 'tx' else 'authority'}"
        for each in ("co", "fl", "il", "ma", "ny", "pa", "tx", "va", "wa")
    }
    # more than 1,000 residents for most, 500 in Pennsylvania, 5,000 in New York, 10,000 in Texas; none in Illinois and Massachusetts
    bureaus = {each.partition("/")[0] for each in owed if each.endswith("/credit-bureaus")}
    assert bureaus == {"us-co", "us-fl", "us-ny", "us-oh", "us-pa", "us-tx", "us-va"}
    florida = owed["us-fl/individuals"]["runs"][0]
    # 30 days from the determination on 21 September end with 21 October in Florida
    assert florida["due"][0]["at"] == "2026-10-22T04:00:00Z"


def test_a_bank_has_three_clocks_of_dora_from_three_moments_and_one_of_its_contract() -> None:
    result = _case("eu-bank")
    owed = _owed(result)
    status = {
        each: owed[f"eu/{each}"]["runs"][0]["status"]
        for each in ("dora-initial", "dora-initial-aware", "dora-intermediate")
    }
    assert status == {"dora-initial": "in time", "dora-initial-aware": "in time", "dora-intermediate": "open"}
    assert owed["eu/dora-intermediate"]["runs"][0]["due"][0]["at"] == "2026-05-15T15:45:00Z"
    (agreed,) = object_of(result)["contracts"]
    assert (agreed["party"], agreed["people"]) == ("Example Print GmbH", {"lower": 63_260, "upper": 63_260})
    # told at 08:15, due at 02:40: 5 h 35 min late
    assert (agreed["runs"][0]["status"], agreed["runs"][0]["by_seconds"]) == ("late", [20_100, 20_100])


def test_a_clinic_owes_the_law_of_switzerland_and_hears_that_of_liechtenstein_by_name() -> None:
    result = _case("swiss-clinic")
    assert {"ch/authority", "ch/individuals", "eu/authority", "eu/individuals"} <= _owed(result).keys()
    assert [each.place for each in result.head.no_law] == ["LI"]
    assert {each.law.origin.id for each in result.head.unchecked} == {"li/breach"}


@pytest.mark.parametrize("name", NOW)
def test_the_filings_of_an_example_lack_nothing(name: str) -> None:
    found = file_drafts(EXAMPLES / name / "case.toml", workspace=Path("none"), now=NOW[name])
    assert found.filings
    sections = [(each.authority, one) for each in found.filings for one in each.draft.sections]
    lacking = [(authority, one.key) for authority, one in sections if one.missing]
    # a copy of the notice is a document of its own
    states = [("us-ca-ag", "sample"), ("us-ny-ag", "sample"), ("us-wa-ag", "sample")]
    assert lacking == (states if name == "us-retailer" else [])


@pytest.mark.parametrize("name", NOW)
def test_the_groups_of_an_example_are_its_people_and_what_was_seen(name: str) -> None:
    scope = json.loads((EXAMPLES / name / "scope-1.json").read_text(encoding="utf-8"))
    (accounts,) = [each for each in scope["counts"] if each["unit"] == "accounts"]
    assert sum(each["accounts"] for each in scope["groups"]) == accounts["lower"] == accounts["upper"]
    seen = {each["category"] for each in scope["categories_held"] if each["answer"] == "seen"}
    assert set().union(*(each["categories"] for each in scope["groups"])) == seen


def test_a_report_of_an_incident_is_called_so_and_one_that_follows_another_is_no_first_one() -> None:
    found = file_drafts(EXAMPLES / "eu-bank" / "case.toml", workspace=Path("none"), now=NOW["eu-bank"])
    told = {
        each.draft.duties[0]: (each.draft.title, [row.label for row in each.draft.opening])
        for each in found.filings
    }
    for duty, title in (("eu/dora-intermediate", "Intermediate report"), ("eu/dora-final", "Final report")):
        assert told[duty][0] == f"{title} on a major ICT-related incident"
        assert "Kind of report" not in told[duty][1]
    assert told["eu/authority"][0] == "Notification of a personal data breach"
    assert "Kind of report" in told["eu/authority"][1]


def test_no_report_of_an_incident_of_systems_is_titled_as_one_of_personal_data() -> None:
    titled = {keys[1] for keys in load_filing_words("en").words.texts if keys[0] == "title"}
    agencies = ("eu-csirt", "eu-finance", "eu-msa", "eu-trust", "ke-nc4", "ke-cbk", "ch-bacs", "us-bank", "us-ncua", "us-nydfs",
                "us-sec", "in-cert", "cn-cac", "kr-kisa", "kr-infrastructure", "kr-mohw", "kr-fsc", "kr-msit")  # fmt: skip
    known = load_authorities()
    assert [of for each in agencies for of in known[each].duties if of not in titled] == []


def test_a_sentence_does_not_end_twice_after_a_name_that_ends_with_a_stop_and_rights_are_those_of_the_place() -> (
    None
):
    plan = plan_notices(
        EXAMPLES / "us-retailer" / "case.toml",
        workspace=Path("none"),
        now=NOW["us-retailer"],
        places=["us-ca"],
        languages=["en"],
    )
    text = str(document(plan.drafts))
    assert "leaked at Example Cellars Inc. An" in text
    assert ".." not in text
    assert "Attorney General of your state" in text
    clinic = plan_notices(
        EXAMPLES / "swiss-clinic" / "case.toml",
        workspace=Path("none"),
        now=NOW["swiss-clinic"],
        places=["ch"],
        languages=["en"],
    )
    assert "www.edoeb.admin.ch" in str(document(clinic.drafts))


@pytest.mark.parametrize("name", NOW)
def test_the_document_of_an_example_fits_its_schema(name: str) -> None:
    validate("duties", json.loads(json.dumps(document(_case(name)))))


@pytest.mark.parametrize("name", NOW)
def test_the_people_of_an_example_add_up(name: str) -> None:
    head = _case(name).head
    assert head.scope is not None
    assert sum(int(each.people.low) for each in head.people) == int(head.scope.persons.low)


def test_the_workbook_holds_each_line_of_the_matrix_as_text(tmp_path: Path) -> None:
    result = _case("us-retailer")
    write_workbook(result, tmp_path / "duties.xlsx")
    with zipfile.ZipFile(io.BytesIO((tmp_path / "duties.xlsx").read_bytes())) as book:
        shared = ET.fromstring(book.read("xl/sharedStrings.xml"))
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    texts = ["".join(part.itertext()) for part in shared.iter(f"{SHEET}si")]
    lines = [
        [
            texts[int(cell.findtext(f"{SHEET}v") or 0)]
            for cell in line.iter(f"{SHEET}c")
            if cell.get("t") == "s"
        ]
        for line in sheet.iter(f"{SHEET}row")
    ]
    rows = matrix_rows(result)
    assert [line[0] for line in lines[3:]] == [each.place for each in rows]
    assert not list(sheet.iter(f"{SHEET}f"))
    assert ["Example Mutual (insurer), claims@mutual.example.org" in line for line in lines].count(True) == 1


def test_the_page_has_the_register_below_the_law(tmp_path: Path) -> None:
    write_duties_page(_case("eu-bank"), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.index("By agreement") > page.index("Intermediate report")
    assert "Example Print GmbH" in page


def test_a_register_that_is_not_there_and_a_kind_nobody_knows_are_said(tmp_path: Path) -> None:
    for each in (EXAMPLES / "us-retailer").iterdir():
        (tmp_path / each.name).write_bytes(each.read_bytes())
    (tmp_path / "contracts.toml").write_text(
        '[[contract]]\nparty = "A"\nkind = "friend"\nincident = "any"\nsource = "talk"\n', encoding="utf-8"
    )
    with pytest.raises(FaultsError, match=r"contracts\.toml:3"):
        duties(tmp_path / "case.toml", workspace=Path("none"), now=NOW["us-retailer"])
    (tmp_path / "contracts.toml").unlink()
    with pytest.raises(FaultsError, match=r"contracts\.toml: cannot be read"):
        duties(tmp_path / "case.toml", workspace=Path("none"), now=NOW["us-retailer"])


def test_one_answer_may_stand_for_several_laws_and_for_none_twice(tmp_path: Path) -> None:
    for each in (EXAMPLES / "us-retailer").iterdir():
        (tmp_path / each.name).write_bytes(each.read_bytes())
    path = tmp_path / "case.toml"
    path.write_text(
        path.read_text(encoding="utf-8")
        + '\n[[answer]]\nquestion = "risk.misuse-unlikely"\nlaw = "us-fl/breach"\nfound_by = "party"\nanswer = true\nby = "x"\nbecause = "y"\n',
        encoding="utf-8",
    )
    with pytest.raises(FaultsError, match="answered twice under us-fl/breach"):
        duties(path, workspace=Path("none"), now=NOW["us-retailer"])


def test_the_clock_of_a_contract_stands_in_the_calendar_until_it_was_kept(tmp_path: Path) -> None:
    for each in (EXAMPLES / "us-retailer").iterdir():
        (tmp_path / each.name).write_bytes(each.read_bytes())
    path = tmp_path / "case.toml"

    def entries() -> list[tuple[str, str]]:
        result = duties(path, workspace=Path("none"), now=NOW["us-retailer"])
        write_calendar(result, tmp_path / "duties.ics")
        events = Calendar.from_ical((tmp_path / "duties.ics").read_bytes()).walk("VEVENT")
        return [
            (str(each["summary"]), f"{each.decoded('dtstart'):%Y-%m-%d %H:%M}")
            for each in events
            if "By agreement" in str(each["summary"])
        ]

    assert (
        entries() == []
    )  # the insurer was told, the acquirer is not to be, and with the police no hours were agreed
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("told = ")]
    path.write_text("\n".join(kept), encoding="utf-8")
    # 72 hours from 09:30 in Chicago on 18 September
    assert entries() == [("By agreement: Example Mutual (insurer)", "2026-09-21 14:30")]


def test_people_of_a_country_may_live_in_any_state_of_it() -> None:
    california = load_law().jurisdictions["us-ca"].area
    texas = load_law().jurisdictions["us-tx"].area
    rows = {
        "US": Range(low=300, high=300),
        "US-CA": Range(low=100, high=100),
        "KE": Range(low=50, high=50),
    }
    whole = Range(low=450, high=450)
    scope = ScopeFacts(
        version=1, known=Moment.at(NOW["us-retailer"]), known_from="by hand", persons=whole, accounts=whole,
        by_place=rows, accounts_by_place=rows, categories={},
    )  # fmt: skip
    for unplaced in (None, "KE"):
        facts = Facts(scopes=(scope,), unplaced=unplaced)
        assert facts.people(california) == Range(low=100, high=400)
        assert facts.people(texas) == Range(low=0, high=300)
        assert facts.people(load_law().jurisdictions["us"].area) == Range(low=400, high=400)
