"""Exports of desks, in other languages and encodings and without a word on success, lead to views; files without a line are told so."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from tests.unit.cli.conftest import call

from whosaw.app.init.look import look

DAY = date(2025, 6, 3)
DESK = "Zeitpunkt;Benutzer;Arbeitsplatz;Maske;Kundennummer;Ergebnis\r\n" + "".join(
    f"02.06.2025 {8 + n // 60:02}:{n % 60:02};{('m.weber', 'k.lang', 's.otieno')[n % 3]};PC-{n % 7:03};Stammdaten;{20000 + n};OK\r\n"
    for n in range(90)
)
PAYSLIPS = "Time\tUser\tAction\tEmployee ID\tIP\r\n" + "".join(
    f"2025-06-02 09:{n % 60:02}:00\tuser{n % 4}\tViewPayslip\tE{1000 + n % 80}\t10.9.0.{n % 9 + 1}\r\n"
    for n in range(90)
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "desk.csv").write_bytes(DESK.encode("utf-8-sig"))
    (tmp_path / "logs" / "hr.txt").write_bytes(PAYSLIPS.encode("utf-16"))
    (tmp_path / "logs" / "old.log").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_both_lead_to_who_saw_somebody(folder: Path) -> None:
    found = look(["logs"], here=Path(), day=DAY)
    assert [(each.proposal.line["action"], set(each.proposal.line) >= {"principal", "object"}) for each in found.groups] == [
        ("Stammdaten", True), ("ViewPayslip", True),
    ]  # fmt: skip
    assert found.skipped == (("logs/old.log", "empty"),)
    drafted = call("init", "logs", "--tz", "Europe/Berlin")
    assert "next: whosaw scan" in drafted.stdout
    assert '[[ok]]\npath = "error"\nabsent = true\n' in (folder / "formats" / "hr.toml").read_text()
    assert "[[ok]]" not in (folder / "formats" / "desk.toml").read_text()
    assert call("scan").exit_code == 0
    for person, seen_by, views in (("20001", "k.lang", 1), ("E1003", "user3", 2)):
        told = json.loads(call("who", person, "--reveal", "--reason", "r", "--json").stdout)
        assert told["views"]["lower"] == views
        assert {each["actor"]["principal"] for each in told["exposures"]} == {seen_by}
    checked = json.loads(call("map", "check", "--json").stdout)
    assert not [each for each in checked["notes"] if "neither a status" in each]


def test_a_log_that_says_no_result_is_said_to_show_no_view(folder: Path) -> None:
    (folder / "map.toml").write_text(
        '[[route]]\nid = "slip"\nmatch = { action = "ViewPayslip", object = "{id}" }\n'
        'subject = { from = "object", name = "id" }\ncategories = ["identity.name"]\n'
    )
    layout = "tsv:time=Time,address=IP,action=Action,principal=User,object=Employee ID"
    checked = call("map", "check", "map.toml", "logs/hr.txt", "--format", layout, "--tz", "UTC")
    assert (
        "note: slip: 90 events say neither a status nor whether they succeeded, so they are no views"
        in checked.stdout
    )
