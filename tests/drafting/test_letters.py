"""A letter to each party of the register: its own people out of the same scope, and nothing of anybody else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from whosaw.app.law.letters import letters
from whosaw.cli.main import app
from whosaw.core.draft import Draft
from whosaw.core.errors import WhosawError

from .conftest import NOW, Shop

CASE = """\
case = "shop"
zone = "UTC"

[organisation]
name = "Shop"
roles = ["processor"]
sectors = []
established = ["IE"]
listed = []

[[event]]
kind = "aware"
at = 2027-06-01T09:00:00Z
said_by = "Shop"

[[event]]
kind = "processor-aware"
at = 2027-06-01T09:00:00Z
said_by = "Shop"

[contact]
officer = "Shop"
telephone = "+1 555 0100"
department = { en = "Privacy office", ko = "개인정보보호팀", sw = "Ofisi ya faragha" }

[[statement]]
about = "circumstances"
said_by = "Shop"
text = { en = "A door was open.", ko = "문이 열려 있었습니다.", sw = "Mlango ulikuwa wazi." }
"""
PARTIES = """
[[contract]]
party = "Bakery"
kind = "controller"
incident = "any access"
hours = 24
source = "contract 1"
counts = true
because = "its pages were read"
routes = ["bakery-orders", "bakery-people"]

[[contract]]
party = "Florist"
kind = "controller"
incident = "any access"
hours = 48
source = "contract 2"
routes = ["florist-orders"]

[[contract]]
party = "Butcher"
kind = "controller"
incident = "any access"
source = "contract 3"

[[contract]]
party = "Insurance"
kind = "insurer"
incident = "any claim"
source = "policy"

[[contract]]
party = "Printer"
kind = "processor"
incident = "any access"
from = "processor-aware"
source = "contract 4"

[[contract]]
party = "Baker's landlord"
kind = "other"
incident = "fire"
source = "lease"
counts = false
because = "nothing burnt"

[[scope]]
file = "scope-1.json"
"""
ROWS = {"bakery-orders": (300, 310), "bakery-people": (250, 250), "florist-orders": (77, 77)}


def _count(unit: str, bounds: tuple[int, int | None]) -> dict[str, Any]:
    return {"unit": unit, "lower": bounds[0], "upper": bounds[1]}


@pytest.fixture
def case(shop: Shop) -> Path:
    routes = [
        {"name": name, **{unit: _count(unit, each) for unit in ("persons", "accounts", "views")}}
        for name, each in ROWS.items()
    ]
    held = [
        {"category": "identity.name", "answer": "seen", "routes": ["bakery-people", "florist-orders"]},
        {"category": "contact.phone", "answer": "seen", "routes": ["bakery-people"]},
        {"category": "contact.email", "answer": "cannot tell", "routes": ["florist-orders"]},
    ]
    scope = Shop.scope(persons=(600, 620), places={"IE": (600, 620)})
    scope["by"]["route"] = routes
    scope["categories_held"] = held
    (shop.folder / "scope-1.json").write_text(json.dumps(scope), encoding="utf-8")
    path = shop.folder / "case.toml"
    path.write_text(CASE + PARTIES, encoding="utf-8")
    return path


def _letters(case: Path, *languages: str) -> dict[str, Draft]:
    found = letters(case, workspace=case.parent / "none", now=NOW, languages=languages)
    return {each.party: each.draft for each in found.letters}


def _text(draft: Draft) -> str:
    """All that is sent."""
    sections = [block for each in draft.sections for block in each.blocks]
    blocks = [*draft.opening, *sections, *draft.closing]
    return "\n".join([draft.title, draft.recipient, *(f"{each.label} {each.text}" for each in blocks)])


def test_each_controller_hears_of_its_own_people_and_of_nobody_else(case: Path) -> None:
    found = _letters(case)
    bakery, florist = _text(found["Bakery"]), _text(found["Florist"])
    # 300 were surely on one page and 250 on the other, who may be the same; no more than 310 and 250 together
    assert "300 to 560 people" in bakery
    assert "77 people" in florist
    assert "77" not in bakery
    assert not any(each in florist for each in ("300", "560", "250", "310", "Bakery", "bakery"))
    assert not any(each in bakery for each in ("Florist", "florist", "600", "620"))


def test_a_controller_hears_of_the_kinds_of_data_on_its_own_pages_alone(case: Path) -> None:
    found = _letters(case)
    assert "Seen name, phone" in _text(found["Bakery"]).replace("telephone", "phone").replace("Name", "name")
    florist = _text(found["Florist"])
    assert "Cannot be told" in florist
    assert "hone" not in florist.replace("Telephone", "")


def test_a_controller_whose_pages_nobody_named_is_told_of_no_count(case: Path) -> None:
    draft = _letters(case)["Butcher"]
    assert not any(str(number) in _text(draft) for number in (600, 620, 300, 77))
    assert {each.needs for each in draft.missing} >= {"which pages are theirs"}
    assert any('party = "Butcher", routes' in each.where for each in draft.missing)


def test_an_insurer_may_hear_of_everybody(case: Path) -> None:
    told = _text(_letters(case)["Insurance"])
    assert "600 to 620 people" in told
    assert " 0 people" not in told


def test_a_processor_and_whoever_is_not_to_be_told_get_none(case: Path) -> None:
    found = letters(case, workspace=case.parent / "none", now=NOW)
    assert [(each.authority, "nothing burnt" in each.why) for each in found.nothing] == [
        ("Printer", False),
        ("Baker's landlord", True),
    ]
    assert [each.party for each in found.letters] == ["Bakery", "Florist", "Butcher", "Insurance"]


def test_a_letter_to_a_controller_names_the_laws_that_ask_a_processor_for_it(case: Path) -> None:
    found = _letters(case)
    assert "eu/processor" in found["Bakery"].duties
    assert found["Insurance"].duties == ()
    assert "33(2)" in _text(found["Bakery"])


def test_the_notes_say_until_when_and_what_nobody_has_said(case: Path) -> None:
    found = _letters(case)
    assert any("2027-06-02 09:00" in each for each in found["Bakery"].notes)
    assert any("counts, because" in each for each in found["Florist"].notes)
    assert any("No figure was agreed" in each for each in found["Butcher"].notes)


@pytest.mark.parametrize("language", ["en", "ko", "sw"])
def test_the_command_writes_them_in_each_language(case: Path, language: str) -> None:
    out = case.parent / "out"
    words = ["file", str(case), "--contracts", "--lang", language, "--out", str(out), "--as", "txt", "--json"]
    done = CliRunner().invoke(app, [*words, "--now", "2027-06-02T09:00:00Z"])
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert [each["party"] for each in told["letters"]] == ["Bakery", "Florist", "Butcher", "Insurance"]
    assert told["letters"][0]["people"] == {"lower": 300, "upper": 560}
    assert len(list(out.iterdir())) == len(told["files"]) == 4


def test_a_case_without_parties_says_where_they_go(shop: Shop) -> None:
    with pytest.raises(WhosawError, match="names no contract"):
        letters(shop.write(), workspace=shop.folder / "none", now=NOW)


def test_what_letters_do_not_take_is_refused(case: Path) -> None:
    done = CliRunner().invoke(app, ["file", str(case), "--contracts", "--for", "uk-ico"])
    assert done.exit_code == 2
    assert "--contracts drafts letters" in done.stderr
