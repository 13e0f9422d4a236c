"""Five cases judged by hand before they were asked: what is owed to whom, and by when, in the clock of each place."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from whosaw.app.law.duties import duties
from whosaw.app.law.filing import file_drafts
from whosaw.core.document import object_of
from whosaw.report.duties_calendar import duties_calendar
from whosaw.report.duties_matrix import matrix_rows

NOW = datetime(2026, 12, 3, 12, tzinfo=UTC)


def _case(
    folder: Path,
    places: dict[str, int],
    seen: list[str],
    *,
    zone: str,
    established: list[str],
    sectors: list[str],
    events: dict[str, str],
    answers: dict[str, bool],
) -> Path:
    def row(number: int) -> dict[str, int]:
        return {"lower": number, "upper": number}

    total = sum(places.values())
    scope = {
        "case": "mine",
        "version": 1,
        "made": min(events.values()),
        "final": None,
        "open": [],
        "counts": [{"unit": unit, **row(total)} for unit in ("accounts", "persons")],
        "by": {
            "category": [],
            "jurisdiction": [
                {"name": name, "accounts": row(n), "persons": row(n)} for name, n in places.items()
            ],
        },
        "categories_held": [{"category": each, "answer": "seen"} for each in seen],
    }
    (folder / "scope.json").write_text(json.dumps(scope), encoding="utf-8")
    lines = ['case = "mine"', f'zone = "{zone}"', "[organisation]", 'roles = ["controller"]', "listed = []"]
    lines += [f"sectors = {json.dumps(sectors)}", f"established = {json.dumps(established)}"]
    lines += ["[people]", f'unplaced = "{established[0]}"', 'because = "said so"']
    for kind, at in events.items():
        lines += ["[[event]]", f'kind = "{kind}"', f"at = {at}", 'said_by = "us"']
    for key, value in answers.items():
        question, _, act = key.partition("@")
        lines += [
            "[[answer]]",
            f'question = "{question}"',
            f"answer = {json.dumps(value)}",
            'by = "us"',
            'because = "so"',
        ]
        lines += [f'law = "{act}"', 'found_by = "party"'] if act else []
    lines += ["[[scope]]", 'file = "scope.json"']
    path = folder / "case.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _asked(path: Path, now: datetime = NOW) -> dict[str, dict[str, Any]]:
    told = object_of(duties(path, workspace=path.parent / "none", now=now))
    return {each["id"]: each for each in told["duties"] if each["in_force"]["answer"] != "not met"}


def _due(duty: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(duty["runs"][0]["due"][0]["at"])


def _state(duties_: dict[str, dict[str, Any]], *names: str) -> list[str]:
    return [duties_[each]["owed"]["answer"] for each in names]


def _clinic(folder: Path) -> Path:
    """Clinics in Nairobi and one in Kampala; an intruder on Wednesday night, noticed on Friday evening."""
    return _case(
        folder,
        {"KE": 3200, "UG": 410},
        ["health.record", "contact.phone"],
        zone="Africa/Nairobi",
        established=["KE", "UG"],
        sectors=["health"],
        events={"began": "2026-10-14T22:00:00+03:00", "aware": "2026-10-16T18:40:00+03:00"},
        answers={
            "access.unauthorised": True,
            "intrusion": True,
            "belief.reasonable": True,
            "risk.real-harm@ke/dpa": True,
            "safeguard.unintelligible": False,
            "identity.unknown": False,
        },
    )


def test_a_clinic_with_a_branch_in_another_country(tmp_path: Path) -> None:
    asked = _asked(_clinic(tmp_path))
    # 72 hours from Friday 18:40 end on Monday 18:40: they run over the weekend
    assert _due(asked["ke/authority"]) == datetime.fromisoformat("2026-10-19T18:40:00+03:00")
    # 24 hours from the attack were over before anybody noticed it
    assert _due(asked["ke/cmca-report"]) == datetime.fromisoformat("2026-10-15T22:00:00+03:00")
    assert asked["ke/cmca-report"]["runs"][0]["status"] == "overdue"
    assert (
        _state(asked, "ke/authority", "ke/cmca-report", "ke/individuals", "ke/record", "ug/authority")
        == ["owed"] * 5
    )
    # the office in Kampala says whether the people are told
    assert _state(asked, "ug/individuals") == ["cannot tell"]
    # each Act may reach the patients of the other branch, and nobody has said whether it does
    assert (asked["ke/individuals"]["not_told"]["lower"], asked["ke/individuals"]["elsewhere"]["upper"]) == (
        3200,
        410,
    )
    assert (asked["ug/individuals"]["not_told"]["lower"], asked["ug/individuals"]["elsewhere"]["upper"]) == (
        410,
        3200,
    )


def _game(folder: Path) -> Path:
    """A maker of games in Seoul with players in Germany and France, minors among them, whose host was broken into."""
    return _case(
        folder,
        {"KR": 900, "DE": 4000, "FR": 2500},
        ["contact.email", "identity.birth-date"],
        zone="Asia/Seoul",
        established=["KR"],
        sectors=["online-services"],
        events={"processor-aware": "2026-10-29T20:00:00+09:00", "aware": "2026-10-30T14:00:00+09:00"},
        answers={
            "access.unauthorised": True,
            "intrusion": True,
            "actor.outside": False,
            "safeguard.unintelligible": False,
            "safeguard.recovered": False,
            "risk.unlikely@eu/gdpr": False,
            "risk.high@eu/gdpr": True,
            "safeguard.risk-removed": False,
            "telling.disproportionate": False,
        },
    )


def test_a_maker_of_games_with_players_in_europe(tmp_path: Path) -> None:
    asked = _asked(_game(tmp_path))
    assert _due(asked["kr/pipa-individuals-2026"]) == datetime.fromisoformat("2026-11-02T14:00:00+09:00")
    assert _due(asked["kr/network-report-2026"]) == datetime.fromisoformat("2026-10-31T14:00:00+09:00")
    # the host owes Koreans a notice of its own, by its own clock
    assert _due(asked["kr/pipa-processor-individuals-2026"]) == datetime.fromisoformat(
        "2026-11-01T20:00:00+09:00"
    )
    # 900 in Korea are too few for the report and 7,400 are not: it hangs on whether the players abroad count
    assert _state(asked, "kr/pipa-report-2026") == ["cannot tell"]
    assert any("people.elsewhere" in each for each in asked["kr/pipa-report-2026"]["owed"]["needs"])
    # the same 72 hours in Brussels, over a Sunday; no authority leads for who has no establishment in the Union
    assert _due(asked["eu/authority"]) == datetime.fromisoformat("2026-11-02T06:00:00+01:00")
    assert [(each["state"], each["people"]["lower"]) for each in asked["eu/authority"]["each_of"]] == [
        ("DE", 4000),
        ("FR", 2500),
    ]
    assert _state(asked, "eu/authority", "eu/individuals", "eu/record") == ["owed"] * 3
    assert asked["eu/individuals"]["not_told"]["lower"] == 6500


def test_players_abroad_who_count_make_the_report_due_and_are_to_be_told(tmp_path: Path) -> None:
    path = _game(tmp_path)
    answer = '[[answer]]\nquestion = "people.elsewhere"\nlaw = "kr/pipa"\nfound_by = "party"\nanswer = true\nby = "us"\nbecause = "so"\n'
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{answer}", encoding="utf-8")
    asked = _asked(path)
    assert _state(asked, "kr/pipa-report-2026") == ["owed"]
    assert asked["kr/pipa-individuals-2026"]["not_told"]["lower"] == 7400
    assert "elsewhere" not in asked["kr/pipa-individuals-2026"]


def _hospital(folder: Path, places: dict[str, int]) -> Path:
    """Hospitals in Texas whose vendor was broken into in August and said so in September."""
    return _case(
        folder,
        places,
        ["health.record", "identity.birth-date", "contact.address"],
        zone="America/Chicago",
        established=["US-TX"],
        sectors=["health"],
        events={
            "processor-aware": "2026-08-03T11:00:00-05:00",
            "aware": "2026-09-14T10:00:00-05:00",
            "determined": "2026-09-18T16:00:00-05:00",
        },
        answers={
            "safeguard.unintelligible": False,
            "data.unsecured": True,
            "access.excluded": False,
            "risk.low-probability@us/hipaa": False,
            "data.account-with-code": False,
        },
    )


def test_hospitals_whose_vendor_was_breached(tmp_path: Path) -> None:
    asked = _asked(_hospital(tmp_path, {"US-TX": 48000, "US-OK": 900, "US-NM": 300, "US-LA": 120}))
    # data of health alone are sensitive personal information in Texas; in the other three they are not
    assert (
        _state(asked, "us-tx/individuals", "us-tx/attorney-general", "us-tx/credit-bureaus") == ["owed"] * 3
    )
    assert _state(asked, "us-ok/individuals", "us-nm/individuals", "us-la/individuals") == ["not owed"] * 3
    # 30 and 60 days from the determination: to the end of those days in Texas
    assert _due(asked["us-tx/attorney-general"]) == datetime.fromisoformat("2026-10-19T00:00:00-05:00")
    assert _due(asked["us-tx/individuals"]) == datetime.fromisoformat("2026-11-18T00:00:00-06:00")
    # 60 days from what the hospitals discovered, and 60 from what the vendor did
    assert _due(asked["us/hipaa-individuals"]) == datetime.fromisoformat("2026-11-14T00:00:00-05:00")
    assert _due(asked["us/hipaa-associate"]) == datetime.fromisoformat("2026-10-03T00:00:00-04:00")
    assert _state(asked, "us/hipaa-individuals", "us/hipaa-hhs", "us/hipaa-media") == ["owed"] * 3
    assert _state(asked, "us/hipaa-hhs-yearly") == ["not owed"]


def test_the_media_of_no_state_are_told_where_no_state_has_more_than_five_hundred(tmp_path: Path) -> None:
    asked = _asked(_hospital(tmp_path, {"US-TX": 500, "US-OK": 400, "US-NM": 300}))
    assert _state(asked, "us/hipaa-hhs", "us/hipaa-media") == ["owed", "not owed"]


def _fintech(folder: Path, aware: str) -> Path:
    """A payment firm in São Paulo with clients in Chile."""
    return _case(
        folder,
        {"BR": 52000, "CL": 3100},
        ["financial.bank-account", "contact.email"],
        zone="America/Sao_Paulo",
        established=["BR"],
        sectors=["financial"],
        events={"aware": aware},
        answers={
            "risk.relevant@br/lgpd": True,
            "organisation.small-agent": False,
            "risk.reasonable@cl/breach": True,
        },
    )


def test_a_payment_firm_in_brazil_with_clients_in_chile(tmp_path: Path) -> None:
    asked = _asked(_fintech(tmp_path, "2026-12-02T09:00:00-03:00"))
    # Thursday, Friday, Monday; then three business days more for the declaration
    assert _due(asked["br/authority"]) == datetime.fromisoformat("2026-12-08T00:00:00-03:00")
    assert _due(asked["br/individuals"]) == datetime.fromisoformat("2026-12-08T00:00:00-03:00")
    assert _due(asked["br/declaration"]) == datetime.fromisoformat("2026-12-11T00:00:00-03:00")
    assert _state(asked, "br/authority-small", "br/declaration-small") == ["not owed"] * 2
    # data of finance: in Chile the people are told, too
    assert _state(asked, "cl/authority", "cl/individuals") == ["owed"] * 2
    assert asked["cl/individuals"]["not_told"]["lower"] == 3100


def test_a_breach_learnt_in_the_last_hour_of_november_is_before_the_law_of_chile(tmp_path: Path) -> None:
    asked = _asked(_fintech(tmp_path, "2026-11-30T23:59:59-03:00"))
    assert [each for each in asked if each.startswith("cl/")] == []
    assert _state(asked, "br/authority") == ["owed"]


def _charity(folder: Path, *, encrypted: bool) -> Path:
    """Two laptops of a charity were stolen before the late May bank holiday."""
    return _case(
        folder,
        {"GB": 640},
        ["contact.address", "health.record"],
        zone="Europe/London",
        established=["GB"],
        sectors=[],
        events={"aware": "2026-05-22T17:30:00+01:00"},
        answers={
            "data.lost": True,
            "safeguard.unintelligible": encrypted,
            "risk.unlikely@uk/gdpr": encrypted,
            "risk.high@uk/gdpr": not encrypted,
            "safeguard.risk-removed": False,
            "telling.disproportionate": False,
        },
    )


def test_a_charity_whose_laptops_were_encrypted_keeps_a_record_alone(tmp_path: Path) -> None:
    asked = _asked(_charity(tmp_path, encrypted=True))
    assert _state(asked, "uk/authority", "uk/individuals", "uk/record") == ["not owed", "not owed", "owed"]


def test_the_key_beside_a_laptop_makes_seventy_two_hours_run_over_the_bank_holiday(tmp_path: Path) -> None:
    asked = _asked(_charity(tmp_path, encrypted=False))
    assert _due(asked["uk/authority"]) == datetime.fromisoformat("2026-05-25T17:30:00+01:00")
    assert _state(asked, "uk/authority", "uk/individuals") == ["owed", "owed"]


@pytest.mark.parametrize(
    "make",
    [
        _clinic,
        _game,
        lambda folder: _hospital(folder, {"US-TX": 900}),
        lambda folder: _fintech(folder, "2026-12-02T09:00:00-03:00"),
    ],
)
def test_what_is_owed_stands_in_matrix_and_calendar_and_drafts_of_it_can_be_made(
    tmp_path: Path, make: Any
) -> None:
    path = make(tmp_path)
    result = duties(path, workspace=tmp_path / "none", now=NOW)
    owed = [
        each
        for each in result.duties
        if each.state == "owed" and each.governs and each.duty.audience != "itself"
    ]
    shown = {(row.recipient, row.what) for row in matrix_rows(result)}
    assert {(each.duty.recipient, each.duty.origin.title) for each in owed} <= shown
    events = [str(event["SUMMARY"]) for event in Calendar.from_ical(duties_calendar(result)).walk("VEVENT")]
    clocks = [each for each in owed if any(run.due is not None and not run.made for run in each.runs)]
    assert clocks
    assert [
        each.duty.origin.id
        for each in clocks
        if not any(text.startswith(each.duty.origin.title) for text in events)
    ] == []
    assert file_drafts(path, workspace=tmp_path / "none", now=NOW).filings
