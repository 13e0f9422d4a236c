"""Each row that is no figure of an item, put back: what answered wrongly once is set again in its place, and what holds the row notices.

Rows are named by the place where they stand in the list of corrections that was worked through: its first part are answers that assured
falsely, its fourth filings and notices. Figures of items are put back in test_correction_rows.py and test_missing_duty_rows.py,
wordings of drafts in tests/unit/packs/test_terms.py, texts that were passed or blamed wrongly in tests/checking/test_texts_put_back.py.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
from icalendar import Calendar
from tests.drafting.conftest import Shop
from tests.drafting.test_notice import CONTACT, items, one, planned, version
from tests.law.test_no_false_assurance import HEAD
from tests.law.test_rows_walked import FORMS
from typer.testing import CliRunner

from whosaw.app.law.duties import duties, penalty, write_calendar, write_duties_page
from whosaw.app.law.filing import file_drafts
from whosaw.app.law.notices import plan_notices
from whosaw.cli.main import app
from whosaw.core.document import object_of
from whosaw.core.truth import Truth
from whosaw.law import Law
from whosaw.law.conditions import Condition, Lookup
from whosaw.law.drafting.authorities import load_authorities
from whosaw.law.drafting.notice_groups import Group
from whosaw.law.item_cases import duty_case_fault
from whosaw.packs.languages import words_file
from whosaw.report.draft_text import draft_text

NOW: Final = datetime.fromisoformat("2026-10-06T00:00:00+00:00")
COUPANG: Final = Path(__file__).parents[2] / "examples" / "coupang" / "case.toml"
PLACES: Final = {"KE": 1000, "ZA": 1000, "FJ": 1000, "US": 5}
MORE: Final = """
[[answer]]
question = "risk.real-harm"
law = "ke/dpa"
found_by = "party"
answer = true
by = "the shop"
because = "addresses help a swindler"

[[answer]]
question = "violation.any"
law = "ke/dpa"
found_by = "authority"
answer = true
by = "the commissioner"
because = "so it was decided"

[[answer]]
question = "crime.found"
law = "ke/dpa"
found_by = "authority"
answer = true
by = "the commissioner"
because = "so it was said"

[[answer]]
question = "violation.safety-measures"
law = "kr/pipa"
found_by = "party"
answer = true
by = "a newspaper"
because = "so it was written"

[[answer]]
question = "access.unauthorised"
answer = true
by = "the shop"
because = "tokens were forged"
"""


@dataclass(frozen=True, slots=True)
class Case:
    """The small case of these rows, asked anew each time."""

    path: Path

    def duties(self) -> Any:
        return duties(self.path, workspace=self.path.parent / "none", now=NOW)

    def rows(self) -> dict[str, Any]:
        return {each["id"]: each for each in object_of(self.duties())["duties"]}

    def penalties(self) -> dict[str, Any]:
        found = object_of(penalty(self.path, workspace=self.path.parent / "none", now=NOW))["penalties"]
        return {each["id"]: each["grounds"]["answer"] for each in found}

    def shown(self, *words: str) -> str:
        said = CliRunner().invoke(app, [*words, "--now", "2026-10-06T00:00:00Z"])
        return " ".join(said.output.split())


@pytest.fixture
def case(tmp_path: Path) -> Case:
    def count(unit: str, many: int) -> dict[str, Any]:
        return {"unit": unit, "lower": many, "upper": many, "exact": True, "reasons": []}

    def both(many: int) -> dict[str, Any]:
        return {"accounts": count("accounts", many), "persons": count("persons", many)}

    scope = {
        "case": "small", "version": 1, "made": "2026-10-05T00:00:00Z", "open": [], "final": None,
        "counts": [count("accounts", sum(PLACES.values())), count("persons", sum(PLACES.values()))],
        "by": {"category": [], "jurisdiction": [{"name": name, **both(many)} for name, many in PLACES.items()]},
        "categories_held": [{"category": "contact.email", "answer": "seen", "why": [], "routes": []}],
    }  # fmt: skip
    (tmp_path / "scope.json").write_text(json.dumps(scope), encoding="utf-8")
    head = HEAD.format(established="").replace("listed = []", "")
    asked = head[: head.index("[[answer]]")] + MORE + head[head.index("[[scope]]") :]
    path = tmp_path / "case.toml"
    path.write_text(asked.replace("established = []", 'established = []\nlisted = ["US"]'), encoding="utf-8")
    return Case(path=path)


FIJI: Final = "No law on record for FJ: 1,000 people"


def _in_json(case: Case) -> bool:
    return any(each["place"] == "FJ" for each in object_of(case.duties())["no_law"])


def _in_calendar(case: Case) -> bool:
    write_calendar(case.duties(), case.path.parent / "days.ics")
    events = Calendar.from_ical((case.path.parent / "days.ics").read_bytes()).walk("VEVENT")
    return any(FIJI in str(each["summary"]) for each in events)


def _on_page(case: Case) -> bool:
    write_duties_page(case.duties(), case.path.parent / "page.html")
    return FIJI in (case.path.parent / "page.html").read_text(encoding="utf-8")


def _in_filing(case: Case) -> bool:
    found = file_drafts(case.path, workspace=case.path.parent / "none", now=NOW)
    return all(any(FIJI in note for note in each.notes) for each in found.drafts)


def _in_notice(case: Case) -> bool:
    plan = plan_notices(
        case.path, workspace=case.path.parent / "none", now=NOW, places=["ke"], languages=["en"]
    )
    return all(any(FIJI in note for note in each.notes) for each in plan.drafts)


def _consistency(case: Case) -> str:
    told = "Personal data breach\nBetween 24 June 2025 and 8 November 2025 names of 33.7 million people were accessed.\n"
    for name in ("first", "second"):
        (case.path.parent / f"{name}.txt").write_text(told, encoding="utf-8")
    texts = [str(case.path.parent / f"{name}.txt") for name in ("first", "second")]
    return case.shown("consistency", str(COUPANG), *texts)


def _no_clock(case: Case) -> bool:
    rows = case.rows().values()
    none = [each for each in rows if each["owed"]["answer"] == "not owed"]
    return bool(none) and all(each["runs"] == [] for each in none)


def _as_said(case: Case) -> bool:
    answers = {each["owed"]["answer"] for each in case.rows().values()}
    return {"owed"} <= answers <= {"owed", "not owed", "cannot tell"}


def _one_act_for_all(condition: Condition, lookup: Lookup) -> Any:
    """What was done once: whichever act a question was answered under, it was answered for all."""
    acts = {act for act, key in lookup.facts.findings if key == condition.key}
    return _ANSWER(condition, replace(lookup, act=next(iter(acts), lookup.act)))


_ANSWER: Final = Condition.answer


@dataclass(frozen=True, slots=True)
class Engine:
    """`holds` of the small case, and no longer once `before`, which is what was done once, stands at `place`."""

    holds: Callable[[Case], bool]
    place: str | tuple[object, str]
    before: Any

    def put_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        place = (self.place,) if isinstance(self.place, str) else self.place
        monkeypatch.setattr(*place, self.before)


def _none(*_: object, **__: object) -> tuple[()]:
    return ()


ENGINE: Final[Mapping[str, tuple[Engine, ...]]] = {
    "1.1": (
        Engine(_in_json, "whosaw.law.loaded_case.places_without_law", _none),
        Engine(_in_calendar, "whosaw.law.loaded_case.places_without_law", _none),
        Engine(
            lambda case: FIJI in case.shown("duties", str(case.path)),
            "whosaw.cli.texts.law.no_law_lines",
            lambda _: [],
        ),
        Engine(
            lambda case: FIJI in case.shown("penalty", str(case.path)),
            "whosaw.cli.texts.law.no_law_lines",
            lambda _: [],
        ),
        Engine(_on_page, "whosaw.report.law_page.no_law_lines", lambda _: []),
        Engine(_in_filing, "whosaw.app.law.filing.places_without_law", _none),
        Engine(_in_notice, "whosaw.app.law.notices.places_without_law", _none),
    ),
    "1.2": (
        Engine(
            lambda case: case.penalties()["za/fine"] == "undecided",
            "whosaw.law.conditions.Condition.answer",
            _one_act_for_all,
        ),
        Engine(  # a crime needs a court: asked as a fine is, the word of an authority would do
            lambda case: case.penalties()["ke/offence"] == "undecided",
            "whosaw.law.conditions.Condition.answer",
            lambda condition, lookup: _ANSWER(condition, replace(lookup, court=False)),
        ),
        Engine(  # and whoever claims it is nobody who found it
            lambda case: case.penalties()["ke/offence"] != "met",
            "whosaw.law.conditions.Condition.answer",
            lambda condition, lookup: _ANSWER(condition, replace(lookup, findings=frozenset())),
        ),
    ),
    "1.3": (
        Engine(
            _as_said,
            "whosaw.core.duties.OWED",
            {Truth.YES: "met", Truth.NO: "not met", Truth.OPEN: "undecided"},
        ),
        Engine(_no_clock, "whosaw.core.duties.DutyAnswer.may_be_owed", property(lambda _: True)),
    ),
    "1.4": (
        Engine(
            lambda case: "TZ" in {each["place"] for each in object_of(_processor(case))["no_law"]},
            (import_module("whosaw.law.places_without_law"), "_lacking"),
            _none,
        ),
    ),
    "1.5": (
        Engine(
            lambda case: "act as if" not in case.rows()["us/sec-8k"]["meanwhile"],
            "whosaw.core.duties.DutyAnswer.meanwhile",
            property(lambda _: "until that is known, act as if it were owed"),
        ),
    ),
    "1.6": (
        Engine(
            lambda case: "the views of the standing version lie between 2025-04-14 and" in _consistency(case),
            "whosaw.app.law.consistency.against_scope",
            _none,
        ),
        Engine(
            lambda case: "33.7 million" in _consistency(case) and "the standing version holds" in _consistency(case),
            "whosaw.law.checking.compare._number_now",
            _none,
        ),
        Engine(
            lambda case: "not legal advice" in _consistency(case).casefold(),
            "whosaw.core.case_head.CaseHead.not_legal_advice",
            "",
        ),
    ),
}  # fmt: skip


def _processor(case: Case) -> Any:
    """The same case of somebody who holds data for others, of people in Tanzania too, whose law asks nothing of such."""
    folder = case.path.parent
    text = case.path.read_text(encoding="utf-8").replace('roles = ["controller"]', 'roles = ["processor"]')
    case.path.write_text(text, encoding="utf-8")
    scope = (folder / "scope.json").read_text(encoding="utf-8").replace('"FJ"', '"TZ"')
    (folder / "scope.json").write_text(scope, encoding="utf-8")
    return case.duties()


@pytest.mark.parametrize(
    ("row", "number"), [(row, number) for row, each in ENGINE.items() for number in range(len(each))]
)
def test_what_the_engine_once_did_is_noticed(
    case: Case, monkeypatch: pytest.MonkeyPatch, row: str, number: int
) -> None:
    held = ENGINE[row][number]
    assert held.holds(case)
    held.put_back(monkeypatch)
    assert not held.holds(case)


# 1.4: what whoever holds data for others owes itself; each was owed by a controller alone, or by nobody
PROCESSORS: Final = (
    "kr/pipa-processor-individuals-2026", "kr/pipa-processor-report-2026", "uk/processor", "eu/processor",
    "sg/intermediary", "za/operator", "ng/processor", "us/hipaa-associate", "jp/entrustee",
)  # fmt: skip


@pytest.mark.parametrize("name", PROCESSORS)
def test_a_processors_duty_that_is_a_controllers_fails_a_case_of_its_item(law: Law, name: str) -> None:
    duty = law.duties[name]
    before = replace(duty, owed_by="controller")
    assert [case.title for case in duty.cases if duty_case_fault(duty, case, law)] == []
    assert [case.title for case in duty.cases if duty_case_fault(before, case, law)]


# 4.1: marks, sources and names of items stood in what is sent, as they still do in a record of the organisation's own
@pytest.mark.parametrize("mark", ["[1]", "unverified: not checked against the text of the law"])
def test_a_filing_that_is_shown_as_a_record_would_send_what_is_the_preparers(
    made_case: Path, mark: str
) -> None:
    (draft,) = Shop(folder=made_case.parent).drafted(made_case, "ke-odpc", lang="en").drafts
    assert mark not in " ".join(draft_text(draft, sent_only=True).split())
    assert mark in " ".join(draft_text(replace(draft, kind="record"), sent_only=True).split())


@pytest.fixture(scope="module")
def made_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    told = (
        '[[made]]\nduty = "kr/pipa-individuals"\nat = 2027-06-02T00:00:00Z\nscope = 1\nsource = "the shop"\n'
    )
    return Shop(folder=tmp_path_factory.mktemp("forms")).write(told=told)


def _sent(made: Path, name: str) -> set[str]:
    """The lines that are sent to an authority, without rules below headings."""
    language = load_authorities()[name].languages[0]
    (draft, *_) = Shop(folder=made.parent).drafted(made, name, lang=language).drafts
    return {line for each in draft_text(draft, sent_only=True).splitlines() if (line := each.strip(" -="))}


# 4.2 to 4.4: what forms ask: a form without the field, as it was once, lacks a line of what is sent
@pytest.mark.parametrize("name", FORMS)
def test_a_form_without_one_of_its_fields_lacks_a_line(
    made_case: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    known, whole = dict(load_authorities()), _sent(made_case, name)
    unnoticed = []
    for field in FORMS[name]:
        form = tuple(
            replace(each, fields=tuple(one for one in each.fields if one != field))
            for each in known[name].form
        )
        less = replace(known[name], form=tuple(each for each in form if each.fields))
        with monkeypatch.context() as before:
            before.setattr(
                "whosaw.law.drafting.authorities.load_authorities", lambda found=less: {**known, name: found}
            )
            if not whole - _sent(made_case, name):
                unnoticed.append(field)
    assert unnoticed == []


def test_the_title_is_the_one_of_the_korean_form(made_case: Path) -> None:
    (draft,) = Shop(folder=made_case.parent).drafted(made_case, "kr-pipc", lang="ko").drafts
    assert draft.title.removesuffix(" (추가 신고)") == "개인정보 유출등 신고서"


# 4.5: who may be affected was told to block a card that nothing proves was seen
def test_advice_about_what_is_unproven_is_noticed(
    tmp_path: Path, law: Law, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = version(unclear=("financial.card-number",))
    path = Shop(folder=tmp_path).write(scope, contact=CONTACT)
    block = tomllib.loads(words_file("en", "notice").read_text(encoding="utf-8"))["advice"]["card"][0]

    def letter() -> list[str]:
        return items(one(planned(path, languages=["en"]), "en", "possible", "letter"))

    assert block not in letter()
    monkeypatch.setattr(Group, "proven", property(lambda group: group.categories))
    assert block in letter()


# 4.5: vouchers were taken for a way to get compensation
def test_vouchers_that_are_said_to_be_redress_would_fill_what_is_missing(tmp_path: Path) -> None:
    for each in COUPANG.parent.iterdir():
        (tmp_path / each.name).write_bytes(each.read_bytes())
    path = tmp_path / "case.toml"

    def missing() -> bool:
        at = datetime.fromisoformat("2026-06-12T12:00:00+09:00")
        plan = plan_notices(path, workspace=tmp_path / "none", now=at, places=["kr"], languages=["ko"])
        return any('about = "redress"' in gap.where for draft in plan.drafts for gap in draft.missing)

    assert missing()
    said = '\n[[statement]]\nabout = "redress"\nsaid_by = "Coupang"\ntext = { ko = "이용권을 드립니다." }\n'
    path.write_text(path.read_text(encoding="utf-8") + said, encoding="utf-8")
    assert not missing()
