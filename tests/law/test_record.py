"""The law on record as a document: it holds all of the law, and what differs between two is told with the cases that notice."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from typer.testing import CliRunner

from whosaw.cli.main import app
from whosaw.core.errors import FaultsError, WhosawError
from whosaw.law import load_law
from whosaw.law.item_words import item_words
from whosaw.law.record import coming, differences, for_review, item_parts, law_of_record, record_of

LAW = load_law()


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    """As it is read back from a file."""
    found: dict[str, Any] = json.loads(json.dumps(record_of()))
    return found


@pytest.fixture(scope="module")
def part(record: dict[str, Any]) -> dict[str, Any]:
    """The same of two places alone."""
    kept = {
        name: each
        for name, each in record["files"].items()
        if name.partition("/")[0] in ("questions", "ke", "kr")
    }
    return {**record, "files": kept}


def _run(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(each) for each in words])
    return done.exit_code, done.stdout, done.stderr


def test_the_law_read_back_from_its_document_is_the_law(record: dict[str, Any]) -> None:
    assert law_of_record(record, "x.json") == LAW


def test_nothing_differs_from_itself(record: dict[str, Any]) -> None:
    found = differences(record, record, name="x.json")
    assert (found.added, found.gone, found.edited, found.answered) == ((), (), (), ())
    items = [*LAW.duties.values(), *LAW.payments.values(), *LAW.unchecked.values()]
    assert found.cases == len({(each.origin.id, case.title) for each in items for case in each.cases})


def test_an_hour_less_is_told_by_the_cases_at_its_edge(part: dict[str, Any]) -> None:
    older = deepcopy(part)
    older["files"]["ke/authority"]["clock"]["limit"] = 71
    found = differences(older, part, name="x.json")
    assert [(each.item, each.keys) for each in found.edited] == [("ke/authority", ("clock",))]
    assert "done at the last second" in {each.case for each in found.answered}
    for each in found.answered:
        assert each.of == "ke/authority"
        assert each.before != each.after


def test_a_version_that_came_is_told_by_its_cases(part: dict[str, Any]) -> None:
    older = deepcopy(part)
    del older["files"]["kr/pipa-report-2026"]
    found = differences(older, part, name="x.json")
    assert found.added == ("kr/pipa-report-2026",)
    assert found.answered
    assert all(
        "kr/pipa-report-2026" not in each.before and "kr/pipa-report-2026" in each.after
        for each in found.answered
    )
    back = differences(part, older, name="x.json")
    assert back.gone == ("kr/pipa-report-2026",)
    assert len(back.answered) == len(found.answered)  # a case is asked of both, whichever of them carries it


def test_words_alone_answer_no_case_otherwise(part: dict[str, Any]) -> None:
    older = deepcopy(part)
    older["files"]["ke/authority"]["title"] = "Another title"
    found = differences(older, part, name="x.json")
    assert [each.keys for each in found.edited] == [("title",)]
    assert found.answered == ()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 2, "files": {}}', '{"version": 1, "files": {"a": 1}}']
)
def test_what_is_no_record_is_said_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text, encoding="utf-8")
    code, out, error = _run("law", "changes", file)
    assert (code, out) == (2, "")
    assert error.count("\n") == 1
    assert "whosaw law export" in error


def test_faults_of_an_item_name_file_and_item(record: dict[str, Any]) -> None:
    broken = deepcopy(record)
    broken["files"]["ke/authority"]["kind"] = "wish"
    del broken["files"]["ke/fine"]["statute"]
    with pytest.raises(FaultsError) as found:
        law_of_record(broken, "x.json")
    assert {(fault.where.file, fault.where.item) for fault in found.value.faults} >= {
        ("x.json", "ke/authority"),
        ("x.json", "ke/fine"),
    }


def test_every_item_has_words_with_a_source_and_no_row_without_a_sentence() -> None:
    for _, origin, _, _ in item_parts(LAW):
        words = item_words(LAW, origin.id)
        assert words is not None
        rows = dict(words.rows)
        assert all(rows.values()), origin.id
        assert rows["stands in"] == (f"{origin.statute}, {origin.article}",)
        assert rows["sources"] == origin.sources
    assert item_words(LAW, "ke/nothing") is None


def test_each_question_an_item_asks_stands_in_its_words() -> None:
    for duty in LAW.duties.values():
        words = item_words(LAW, duty.origin.id)
        assert words is not None
        said = "\n".join(text for _, texts in words.rows for text in texts)
        for condition in (duty.applies, duty.threshold, *(way.when for way in duty.exceptions)):
            for leaf in () if condition is None else condition.leaves():
                if leaf.kind == "is" and leaf.key in LAW.questions:
                    assert LAW.questions[leaf.key] in said, (duty.origin.id, leaf.key)
                if leaf.kind == "people":
                    assert f"{leaf.least:,}" in said, duty.origin.id


def test_what_comes_is_told_once_where_a_version_takes_the_place_of_another() -> None:
    found = coming(LAW, date(2026, 9, 11), date(2026, 9, 11))
    assert ("kr/pipa-report-2026", True, "kr/pipa-report-2023") in {
        (each.item, each.begins, each.instead_of) for each in found
    }
    assert "kr/pipa-report-2023" not in {each.item for each in found}
    assert coming(LAW, date(2026, 9, 12), date(2026, 9, 30)) == ()


def test_every_day_on_record_is_told_once_or_where_the_next_version_begins() -> None:
    found = coming(LAW, date.min)
    told = {(each.item, each.begins) for each in found} | {(each.instead_of, False) for each in found}
    for _, origin, in_force, _ in item_parts(LAW):
        if in_force is not None and in_force.start is not None:
            assert (origin.id, True) in told
        if in_force is not None and in_force.end is not None:
            assert (origin.id, False) in told


def test_an_item_is_due_once_its_review_is_too_old_and_not_a_day_before() -> None:
    sure = next(
        origin for _, origin, in_force, _ in item_parts(LAW)
        if origin.confidence == "statute-read" and not origin.unverified and in_force and not in_force.end
        and in_force.start and in_force.start < origin.reviewed
    )  # fmt: skip
    day = sure.reviewed + timedelta(days=180)
    assert sure.id not in {each.item for each in for_review(LAW, day, after_days=180)}
    due = {each.item: each for each in for_review(LAW, day + timedelta(days=1), after_days=180)}
    assert due[sure.id].because == ("its last review is 181 days old",)


def test_what_nobody_opened_or_begins_soon_is_due_at_once() -> None:
    today = date(2026, 11, 28)
    due = {each.item: each for each in for_review(LAW, today, after_days=365)}
    for _, origin, _, _ in item_parts(LAW):
        assert (origin.id in due) or origin.confidence != "unverified"
    assert any("begins to hold on 2027-05-13" in why for why in due["in/individuals"].because)


def test_the_calendar_holds_a_whole_day_for_each_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    first, second = tmp_path / "a.ics", tmp_path / "b.ics"
    for file in (first, second):
        assert _run("law", "coming", "--since", "2026-09-01", "--ical", file)[0] == 0
    assert first.read_bytes() == second.read_bytes()
    events = Calendar.from_ical(first.read_bytes()).walk("VEVENT")
    found = coming(LAW, date(2026, 9, 1), date(2026, 9, 1) + timedelta(days=730))
    assert [each.decoded("dtstart") for each in events] == [each.day for each in found]
    assert len({str(each["uid"]) for each in events}) == len(found)


def test_a_place_is_found_by_folder_country_state_or_name_and_a_missing_one_is_no_answer() -> None:
    told = {_run("law", "list", name)[1] for name in ("ke", "KE", "kenya")}
    assert len(told) == 1
    code, out, error = _run("law", "list", "FJ")
    assert (code, out) == (2, "")
    assert "does not mean that there is none" in error


def test_a_group_without_a_command_shows_its_help_and_no_empty_error() -> None:
    code, out, error = _run("law")
    assert "Usage" in out + error
    assert "whosaw: ." not in error
    assert code in (0, 2)


def test_the_document_that_is_written_is_the_one_that_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "law.json"
    assert _run("law", "export", file)[0] == 0
    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(_run("law", "export")[1])
    with pytest.raises(WhosawError):
        law_of_record([], "x")


def test_an_item_that_went_away_names_what_stands_for_it(part: dict[str, Any], tmp_path: Path) -> None:
    before = deepcopy(part)
    before["files"]["ke/cbk"] = before["files"]["ke/compensation"] | {"id": "ke/cbk", "of": "ke/cbk"}
    found = differences(before, json.loads(json.dumps(part)), name="before.json")
    assert found.gone == ("ke/cbk",)
    assert found.became["ke/cbk"].successor == "ke/cbk-report"
    code, _, told = _run("law", "show", "ke/cbk")
    assert code == 2
    assert "the item ke/cbk is there no longer" in " ".join(told.split())
    assert "`whosaw law show ke/cbk-report`" in " ".join(told.split())


def test_a_sector_reads_as_a_sentence() -> None:
    told = [
        line
        for name in LAW.duties
        for _, lines in (item_words(LAW, name) or pytest.fail(name)).rows
        for line in lines
    ]
    assert any(line.strip() == "the organisation is a financial institution" for line in told)
    assert [line for line in told if " is is " in line or "sector is" in line] == []
