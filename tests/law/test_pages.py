"""Pages, calendar and terminal: the same document gives the same bytes, and each says what it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from icalendar import Calendar
from typer.testing import CliRunner

from whosaw.app.law.duties import duties, penalty
from whosaw.cli.main import app
from whosaw.core.case_head import CaseDuties
from whosaw.report.duties_calendar import duties_calendar
from whosaw.report.duties_page import duties_page
from whosaw.report.penalty_page import penalty_page

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
MARCH = "2026-03-09T17:00:00+03:00"
ADVICE = "This is not legal advice."


def _duties(name: str, now: str) -> CaseDuties:
    at = datetime.fromisoformat(now)
    return duties(EXAMPLES / name / "case.toml", workspace=Path("none"), now=at)


def test_the_page_of_duties_tells_both_readings_and_is_one_file() -> None:
    found = _duties("coupang", "2026-11-24T00:00:00+00:00")
    page = duties_page(found)
    assert page == duties_page(found)
    for words in (ADVICE, "53.6 h", "22.7 h", "late by 29.6 h", "in time, 1.3 h left", "not law at the time"):
        assert words in page
    assert "<script" not in page
    assert "http-equiv" in page
    start = page.index("<svg")
    drawing = ET.fromstring(page[start : page.index("</svg>") + 6])
    bars = [each for each in drawing if each.tag == "rect"]
    assert all(float(bar.attrib["width"]) > 0 for bar in bars)
    assert {"limit", "over"} <= {bar.attrib["class"] for bar in bars}
    assert "53.6 h" in drawing.attrib["aria-label"]


def test_the_page_of_penalties_shows_arithmetic_and_precedents() -> None:
    at = datetime.fromisoformat("2026-11-24T00:00:00+00:00")
    page = penalty_page(penalty(EXAMPLES / "coupang" / "case.toml", workspace=Path("none"), now=at))
    for words in (
        ADVICE,
        "1,230,000,000,000",
        "34.43% of the cap",
        "11278.296",
        "does not govern",
        "not a forecast",
    ):
        assert words in page, words


def test_a_case_with_a_name_that_is_markup_stays_text() -> None:
    found = _duties("kenya-shop", MARCH)
    page = duties_page(replace(found, head=replace(found.head, case="<b>x</b>")))
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;x" in page


def test_the_calendar_holds_what_is_still_to_be_done() -> None:
    found = _duties("kenya-shop", MARCH)
    text = duties_calendar(found)
    assert text == duties_calendar(found)
    assert "\r\n" in text
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    # the host did tell in time, so its clock is not in it
    event, report = Calendar.from_ical(text).walk("VEVENT")
    # nobody has said whether anybody intruded, and the clock of that report ran from the attack itself
    assert "NC4" in str(report["SUMMARY"])
    assert event.decoded("DTSTART") == datetime.fromisoformat("2026-03-10T14:00:00+00:00")
    assert "unverified" not in str(event["SUMMARY"])
    assert ADVICE in str(event["DESCRIPTION"])
    assert len(event.walk("VALARM")) == 1


@pytest.mark.parametrize("command", ["duties", "penalty"])
def test_the_commands_print_and_write(tmp_path: Path, command: str) -> None:
    case = EXAMPLES / "kenya-shop" / "case.toml"
    page = tmp_path / "page.html"
    ran = CliRunner().invoke(
        app, [command, str(case), "--now", "2026-03-09T17:00:00+03:00", "--html", str(page)]
    )
    assert ran.exit_code == 0, ran.output
    assert ADVICE in ran.output
    # of what Kenya's laws ask, the daily penalty alone stands in no text that was read
    assert ("[secondary]" in ran.output) == (command == "penalty")
    assert ADVICE in page.read_text(encoding="utf-8")


def test_a_bad_case_writes_nothing_and_ends_with_2(tmp_path: Path) -> None:
    case = tmp_path / "case.toml"
    case.write_text('case = "x"\nzone = "Nowhere"\n', encoding="utf-8")
    page = tmp_path / "page.html"
    ran = CliRunner().invoke(app, ["duties", str(case), "--html", str(page)])
    assert ran.exit_code == 2
    assert "case.toml:2" in ran.output
    assert not page.exists()
