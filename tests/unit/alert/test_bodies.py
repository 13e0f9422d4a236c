"""What is told, in each of the forms it is told in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from tests.unit.alert.alerts import alert, finding

from whosaw.alert.bodies import ocsf, ocsf_line, own_line, subject, text

SCHEMAS = Path(__file__).resolve().parents[3] / "docs" / "reference" / "json"
# Required by class detection_finding, and by the objects in it, in https://schema.ocsf.io/1.9.0
REQUIRED = (
    "activity_id",
    "category_uid",
    "class_uid",
    "finding_info",
    "metadata",
    "severity_id",
    "time",
    "type_uid",
)


def test_the_own_line_is_one_line_and_the_same_each_time() -> None:
    line = own_line(alert())
    assert line == own_line(alert())
    assert b"\n" not in line
    told = json.loads(line)
    assert (told["alert"], told["thread"], told["news"]) == (
        "f-0123456789abcdef/2",
        "f-0123456789abcdef",
        "new",
    )
    assert told["made_at"] == "2025-11-17T07:00:05Z"
    assert told["finding"] == finding()


def test_the_own_line_fits_its_schema() -> None:
    schemas = {
        name: json.loads((SCHEMAS / f"{name}.schema.json").read_text()) for name in ("watch-line", "common")
    }
    registry = Registry().with_resources(
        [(each["$id"], Resource.from_contents(each)) for each in schemas.values()]
    )
    validator = Draft202012Validator(schemas["watch-line"], registry=registry)
    validator.validate(json.loads(own_line(alert())))
    validator.validate(json.loads(own_line(alert(console="https://whosaw.example.org"))))
    assert not validator.is_valid({**json.loads(own_line(alert())), "more": 1})


def test_ocsf_has_what_the_class_requires() -> None:
    event = ocsf(alert())
    assert all(event[name] is not None for name in REQUIRED)
    assert (event["class_uid"], event["category_uid"], event["type_uid"]) == (2004, 2, 200401)
    assert (event["metadata"]["version"], event["metadata"]["product"]["name"]) == ("1.9.0", "whosaw")
    assert event["finding_info"]["uid"] == "f-0123456789abcdef"
    assert event["finding_info"]["analytic"]["type_id"] == 2
    assert event["finding_info"]["attacks"] == [{"technique": {"uid": "T1119"}}]


def test_ocsf_counts_in_milliseconds() -> None:
    event = ocsf(alert())
    # 2025-11-17T06:00:00Z is 1763359200 s after 1970
    assert (event["start_time"], event["end_time"]) == (1_763_359_200_000, 1_763_362_800_250)
    assert event["time"] == 1_763_362_805_000


def test_a_grown_finding_is_an_update_of_the_one_told_before() -> None:
    event = ocsf(alert(step=3, news="update", finding=finding(id="f-ffffffffffffffff")))
    assert (event["activity_id"], event["type_uid"]) == (2, 200402)
    assert event["finding_info"]["uid"] == "f-0123456789abcdef"
    assert event["metadata"]["uid"] == "f-0123456789abcdef/3"


@pytest.mark.parametrize(("persons", "severity"), [(99, 3), (100, 4), (9_999, 4), (10_000, 5)])
def test_severity_goes_by_persons(persons: int, severity: int) -> None:
    assert ocsf(alert(finding=finding(persons=persons, upper=persons)))["severity_id"] == severity


def test_a_sub_technique_is_told_beside_its_technique() -> None:
    attacks = ocsf(alert(finding=finding(technique="T1213.006")))["finding_info"]["attacks"]
    assert attacks == [{"technique": {"uid": "T1213"}, "sub_technique": {"uid": "T1213.006"}}]
    assert "attacks" not in ocsf(alert(finding=finding(technique="")))["finding_info"]


def test_ocsf_is_one_line() -> None:
    assert json.loads(ocsf_line(alert())) == ocsf(alert())
    assert b"\n" not in ocsf_line(alert())


@pytest.mark.parametrize(
    ("lower", "upper", "told"),
    [(600, 600, "600 persons"), (600, 12_600, "600 to 12,600 persons"), (600, None, "at least 600 persons")],
)
def test_persons_have_both_bounds(lower: int, upper: int | None, told: str) -> None:
    assert f"\nPersons: {told}\n" in text(alert(finding=finding(persons=lower, upper=upper)))


def test_people_read_how_many_and_how_to_open_it() -> None:
    assert subject(alert()) == "whosaw: One address saw at least 600 people, 600 within 1 hour"
    assert (
        subject(alert(news="update"))
        == "whosaw: update: One address saw at least 600 people, 600 within 1 hour"
    )
    letter = text(alert(finding=finding(id="f-ffffffffffffffff")))
    assert "whosaw findings --explain f-ffffffffffffffff" in letter
    assert "Told before as: f-0123456789abcdef" in letter


def test_an_alert_leads_to_the_page_of_its_finding_where_it_is_known_where_the_console_is() -> None:
    """By the id that it was told under first: the page of that says what became of it."""
    told = alert(console="https://whosaw.example.org", finding=finding(id="f-ffffffffffffffff"))
    page = "https://whosaw.example.org/findings/f-0123456789abcdef"
    assert json.loads(own_line(told))["page"] == page
    assert ocsf(told)["finding_info"]["src_url"] == page
    assert f"Open it: {page}\n" in text(told)
    assert "page" not in json.loads(own_line(alert()))
    assert "src_url" not in ocsf(alert())["finding_info"]


def test_people_and_machines_read_what_became_part_of_it_and_what_it_split_from() -> None:
    other, whole = "f-1111111111111111", "f-2222222222222222"
    told = alert(news="update", joining=2, joined=(other,), finding=finding(parts=[other], split_from=whole))
    assert told.key == "f-0123456789abcdef/2.2"
    assert f"\nNow part of it: {other}\nSplit from: {whole}\n" in text(told)
    line = json.loads(own_line(told))
    assert (line["alert"], line["news"], line["joined"]) == (told.key, "update", [other])
    assert "Now part of it" not in text(alert())
    assert "Split from" not in text(alert())
