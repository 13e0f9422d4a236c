"""The accountability record: what is decided, on which facts, and what waits for a decision."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import docx
import pytest
from jsonschema import Draft202012Validator
from pypdf import PdfReader
from referencing import Registry, Resource
from tests.decisions.conftest import NOW, Shop
from typer.testing import CliRunner

from whosaw.cli.main import app
from whosaw.core.decisions import Change, Said
from whosaw.core.law_items import Content
from whosaw.law import load_law
from whosaw.law.account import ABOUT
from whosaw.law.decision_grounds import Compared, changed_since, read_grounds
from whosaw.report.decision_wording import duty_lines
from whosaw.report.decisions_draft import decisions_draft
from whosaw.report.draft_text import draft_text

Codes = Callable[[dict[str, Any]], dict[str, bool]]
SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "reference" / "json"
STATEMENTS = """
[[statement]]
about = "circumstances"
said_by = "Duka"
text = { sw = "Kurasa za maagizo zilisomwa.", en = "Order pages were read." }

[[statement]]
about = "consequences"
said_by = "Duka"
text = { en = "Swindlers may call." }

[[statement]]
about = "measure-taken"
said_by = "Duka"
text = { sw = "Vipindi vyote vilifungwa." }
"""
MADE = '\n[[made]]\nduty = "ke/authority"\nat = 2026-03-09T10:00:00+03:00\nscope = 1\n'


def test_every_duty_that_is_owed_or_undecided_says_whether_a_decision_is_on_record(shop: Shop) -> None:
    shop.decide()
    rows = {each["duty"]: each for each in shop.record()["duties"]}
    assert (rows["ke/authority"]["owed"], rows["ke/authority"]["state"]) == ("owed", "decided on these facts")
    assert (rows["ke/individuals"]["owed"], rows["ke/individuals"]["state"]) == (
        "cannot tell",
        "no decision on record",
    )
    assert rows["eu/authority"]["state"] == "no decision on record"
    # the record itself needs none, and the duty of a processor is not this organisation's
    assert not rows.keys() & {"ke/record", "eu/record", "ke/processor"}


def test_nothing_is_another_fact_while_nothing_changed(shop: Shop) -> None:
    shop.decide()
    assert shop.row(now=NOW + timedelta(days=30))["changes"] == []


def test_a_scope_that_grew_is_another_fact(shop: Shop, codes: Codes) -> None:
    shop.decide()
    shop.add_version(9000)
    shop.write(more="\n[[scope]]\nversion = 2\n")
    row = shop.row()
    assert row["state"] == "decided on other facts"
    assert codes(row) == {"scope-grew": True}
    assert row["changes"][0]["what"] == (
        "version 1 with 1,874 to 2,110 persons was known then, version 2 with 1,874 to 9,000 persons now"
    )


def test_another_answer_to_a_question_of_this_duty_is_another_fact(shop: Shop, codes: Codes) -> None:
    shop.decide()
    harm = 'found_by = "party"\nanswer = '
    shop.write(replace=(f"{harm}true", f"{harm}false"))
    row = shop.row()
    assert codes(row) == {"answer-changed": True, "case-edited": False}
    assert row["changes"][0]["what"] == "owed then, not owed now"


def test_another_time_of_awareness_is_another_fact(shop: Shop, codes: Codes) -> None:
    shop.decide()
    shop.write(replace=("2026-03-07T17:00:00", "2026-03-06T17:00:00"))
    row = shop.row()
    assert codes(row) == {"grounds-changed": True, "case-edited": False}
    assert row["changes"][0]["what"] == "other than then: the times that its clocks run from"


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(
            '\n[[answer]]\nquestion = "safeguard.unintelligible"\nanswer = false\nby = "x"\nbecause = "y"\n',
            id="a question of another duty",
        ),
        pytest.param(STATEMENTS, id="statements"),
        pytest.param(MADE, id="what was decided is done"),
        pytest.param("\n# a remark\n", id="a remark"),
    ],
)
def test_what_this_duty_is_not_answered_from_does_not_matter(shop: Shop, codes: Codes, more: str) -> None:
    shop.decide()
    shop.write(more=more)
    row = shop.row()
    assert row["state"] == "decided on these facts"
    assert not any(codes(row).values())


@pytest.mark.parametrize(
    ("law", "what"),
    [
        ({"ke/authority": "b"}, "ke/authority says something else than it did"),
        ({}, "ke/authority does not govern any more"),
        ({"ke/authority": "a", "ke/authority-2027": "c"}, "ke/authority-2027 governs now, and did not then"),
    ],
)
def test_law_that_changed_is_another_fact(law: dict[str, str], what: str) -> None:
    def grounds(law: dict[str, str]) -> Compared:
        met = {"answer": "met", "needs": []}
        parts = {**dict.fromkeys(("in_force", "applies", "threshold", "owed"), met), "runs": []}
        duties = [{"id": each, "of": "ke/authority", **parts} for each in law]
        stored = {"head": {"scope": None}, "facts": {}, "scopes": {}, "law": law, "duties": duties}
        return read_grounds(json.dumps(stored).encode())

    changes = changed_since(grounds({"ke/authority": "a"}), grounds(law), "ke/authority")
    assert Change(code="law-changed", what=what) in changes


def test_late_without_a_reason_waits_and_with_one_does_not(shop: Shop) -> None:
    shop.decide()
    late = NOW + timedelta(days=2)  # 72 hours from 7 March 17:00 end on 10 March 17:00
    said = "late by 1 of 1 clocks, and no decision says why; the law asks for the reasons"
    row = shop.standing(now=late)
    assert row.late == ("aware as Duka claims: overdue by 24.0 h",)
    assert row.standing.state == "decided on these facts"
    assert row.needs_decision
    assert said in duty_lines(row, "Africa/Nairobi")
    shop.decide("late", because="the host's logs came late")
    explained = shop.standing(now=late)
    assert not explained.needs_decision
    assert said not in duty_lines(explained, "Africa/Nairobi")


def test_a_decision_against_a_duty_that_is_owed_is_named_as_one(shop: Shop) -> None:
    shop.decide("not-notify")
    assert "it is owed, and it was decided not to do it" in draft_text(decisions_draft(shop.account()))


def test_closing_a_version_is_a_decision_and_a_newer_version_moves_it(shop: Shop) -> None:
    final = {"by": "B. Otieno", "at": "2026-03-09T14:00:00Z", "despite": "one log is lost for good"}
    shop.decide("not-final", None, because="a log is still to come")
    shop.add_version(final=final)
    shop.write(more="\n[[scope]]\nversion = 2\n")
    document = shop.record()
    assert [(each["id"], each["decision"], each["by"]) for each in document["decisions"]] == [
        ("d1", "not-final", "A. Mwangi"),
        ("version 2", "final", "B. Otieno"),
    ]
    assert document["decisions"][1]["because"] == "one log is lost for good"
    assert document["decisions"][1]["supersedes"] == "d1"
    assert document["scope_decision"]["state"] == "decided on these facts"
    shop.decide("final", None, because="this is the number we stand by")

    shop.add_version(9000)
    shop.write(more="\n[[scope]]\nversion = 3\n")
    moved = shop.record()["scope_decision"]
    assert (moved["decision"], moved["state"]) == ("d2", "decided on other facts")


def test_a_closed_version_is_moved_by_a_newer_one(shop: Shop) -> None:
    shop.add_version(final={"by": "B", "at": "2026-03-09T14:00:00Z", "despite": None})
    shop.add_version(9000)
    shop.write(more="\n[[scope]]\nversion = 2\n\n[[scope]]\nversion = 3\n")
    found = shop.record()["scope_decision"]
    assert (found["decision"], found["state"]) == ("version 2", "decided on other facts")
    assert [each["what"] for each in found["changes"]] == ["version 2 was closed, version 3 is known now"]


def test_closing_a_version_moves_no_decision_that_was_made_on_it(shop: Shop) -> None:
    told = shop.decide()
    shop.add_version(final={"by": "B", "at": "2026-03-09T14:00:00Z", "despite": None})
    shop.write(more="\n[[scope]]\nversion = 2\n")
    assert shop.row()["state"] == "decided on these facts"
    versions = [body for kind, body in shop.entries() if kind == "scope.version"]
    assert told["scope"]["sha256"] == versions[0]["document"] != versions[1]["document"]


def test_decisions_of_another_case_are_not_in_it(shop: Shop) -> None:
    shop.decide()
    shop.write(replace=('case = "shop"\n', 'case = "other"\n'))
    shop.write(replace=("version = 1", 'version = 1\ncase = "shop"'))
    assert shop.record()["decisions"] == []


def test_the_draft_holds_what_the_laws_ask_of_the_record(shop: Shop) -> None:
    shop.write(more=STATEMENTS + MADE)
    shop.decide()
    draft = decisions_draft(shop.account())
    assert not draft.missing
    articles = {each.key: each.article for each in draft.sections if each.key}
    assert articles.keys() == {"facts", "effects", "remedial-action"}
    for each in articles.values():
        assert "Regulation (EU) 2016/679 (GDPR), 33(5)" in each
        assert "Data Protection Act 2019 (Cap 411C), 43(8)" in each
    text = draft_text(draft)
    for words in (
        "Order pages were read.",
        "Swindlers may call.",
        "Vipindi vyote",
        "1,874 to 2,110",
        "d1",
        "A. Mwangi",
    ):
        assert words in text
    assert "done 2026-03-09 10:00, of scope version 1" in " ".join(text.split())


def test_what_nobody_said_is_missing_in_the_draft(shop: Shop) -> None:
    assert [(each.needs, each.where) for each in decisions_draft(shop.account()).missing] == [
        ("what happened", 'case file: [[statement]] about = "circumstances"'),
        ("what it is likely to mean for the people", 'case file: [[statement]] about = "consequences"'),
        ("what was done about it", 'case file: [[statement]] about = "measure-taken"'),
    ]


def test_contents_that_a_law_asks_for_and_nobody_knows_here_are_missing(shop: Shop) -> None:
    record = shop.account()
    law, *others = record.record_duties
    asks = replace(law, contents=(*law.contents, Content(key="moon", text="the phase of the moon")))
    draft = decisions_draft(replace(record, record_duties=(asks, *others)))
    (section,) = [each for each in draft.sections if each.key == "moon"]
    assert section.missing[0].needs == "the phase of the moon"


def test_every_content_that_shipped_laws_ask_of_a_record_is_known() -> None:
    asked = {
        content.key
        for duty in load_law().duties.values()
        if duty.audience == "itself"
        for content in duty.contents
    }
    assert asked == {"facts", "effects", "remedial-action"}


def test_all_that_an_organisation_can_say_has_its_place_in_the_record(shop: Shop) -> None:
    said = tuple(
        Said(about=each, text={"en": f"Said of {each}."}, when=None, said_by="Duka", source="")
        for each in ABOUT
    )
    text = draft_text(decisions_draft(replace(shop.account(), statements=said)))
    assert all(text.count(f"Said of {each}.") == 1 for each in ABOUT)


def test_a_record_that_cannot_be_made_as_pdf_is_written_as_nothing(shop: Shop, tmp_path: Path) -> None:
    shop.write(replace=('name = "Duka"', 'name = "دكان"'))
    page, pdf = tmp_path / "record.html", tmp_path / "record.pdf"
    words = ["decisions", str(shop.case), "-w", str(shop.root), "--html", str(page), "--pdf", str(pdf)]
    ran = CliRunner().invoke(app, words)
    assert ran.exit_code == 2
    assert "the fonts for PDF have no letter for" in ran.stderr
    assert not page.exists()
    assert not pdf.exists()


def test_the_commands_print_write_and_fit_their_schemas(shop: Shop, tmp_path: Path) -> None:
    resources = [json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.glob("*.schema.json")]
    registry: Registry[Any] = Registry().with_resources(
        [(each["$id"], Resource.from_contents(each)) for each in resources]
    )
    place = ["-w", str(shop.root)]
    said = ["--decision", "notify", "--duty", "ke/authority", "--because", "risk", "--by", "A. Mwangi"]
    for words, name in (
        (["decide", str(shop.case), *said], "decide"),
        (["decisions", str(shop.case)], "decisions"),
    ):
        ran = CliRunner().invoke(app, [*words, *place, "--json"])
        assert ran.exit_code == 0, ran.output
        schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
        Draft202012Validator(schema, registry=registry).validate(json.loads(ran.stdout))
    again = CliRunner().invoke(app, ["decide", str(shop.case), *said, *place])
    assert "decision d2 recorded: notify for ke/authority on scope version 1, by A. Mwangi" in again.output
    files = {kind: tmp_path / f"record.{kind}" for kind in ("html", "pdf", "docx")}
    written = [part for kind, path in files.items() for part in (f"--{kind}", str(path))]
    ran = CliRunner().invoke(app, ["decisions", str(shop.case), *place, *written, "--exit-code"])
    assert ran.exit_code == 1
    assert "This is not legal advice." in ran.output
    assert "replaces d1" in ran.output
    pdf = "".join(page.extract_text() for page in PdfReader(io.BytesIO(files["pdf"].read_bytes())).pages)
    cells = [
        cell.text
        for table in docx.Document(str(files["docx"])).tables
        for row in table.rows
        for cell in row.cells
    ]
    for text in (files["html"].read_text(encoding="utf-8"), pdf, "\n".join(cells)):
        assert "replaces d1" in text
