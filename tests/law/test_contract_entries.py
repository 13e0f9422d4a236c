"""Entries of the register of contracts, each kind and chains of processors, walked with the commands: clocks, letters, own counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from whosaw.cli.main import app

CASE = """case = "host"
zone = "UTC"

[organisation]
name = "Host"
roles = ["processor"]
sectors = []
established = ["IE"]
listed = []

[contact]
officer = "Host"
telephone = "+1 555 0100"

[[event]]
kind = "aware"
at = 2026-10-06T09:00:00Z
said_by = "Host"

[[event]]
kind = "processor-aware"
at = 2026-10-06T09:00:00Z
said_by = "Host"

[[statement]]
about = "circumstances"
said_by = "Host"
text = { en = "A door was open." }

[[scope]]
file = "scope.json"
"""
NOW = "2026-10-06T19:00:00Z"
PAGES = {"platform-admin": 12, "bakery-orders": 300, "kiosk-orders": 250, "others": 38}


def _counted(unit: str, count: int) -> dict[str, Any]:
    return {"unit": unit, "lower": count, "upper": count}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    whole = sum(PAGES.values())
    rows = [
        {"name": page, **{unit: _counted(unit, count) for unit in ("persons", "accounts", "views")}}
        for page, count in PAGES.items()
    ]
    place = {
        "name": "IE",
        "accounts": _counted("accounts", whole),
        "persons": _counted("persons", whole),
    }
    scope = {
        "case": "host", "version": 1, "made": "2026-10-06T16:30:00Z", "final": None, "open": [],
        "counts": [_counted("accounts", whole), _counted("persons", whole)],
        "by": {"category": [], "jurisdiction": [place], "route": rows},
        "categories_held": [{"category": "contact.address", "answer": "seen", "routes": [*PAGES]}],
    }  # fmt: skip
    (tmp_path / "scope.json").write_text(json.dumps(scope), encoding="utf-8")
    return tmp_path


def _entry(party: str, kind: str, more: str = "") -> str:
    return f'\n[[contract]]\nparty = "{party}"\nkind = "{kind}"\nincident = "any access"\nsource = "contract"\n{more}'


CHAIN = (
    _entry("Platform", "controller", 'hours = 12\nfrom = "processor-aware"\ncounts = true\n')
    + 'because = "it runs here"\nroutes = ["platform-admin"]\n'
    + _entry("Bakery", "controller", 'through = "Platform"\nroutes = ["bakery-orders"]\n')
    + _entry("Kiosk", "customer", 'through = "Bakery"\nroutes = ["kiosk-orders"]\n')
    + _entry("Florist", "controller", 'through = "Platform"\n')
)


def _run(folder: Path, entries: str, *words: str) -> Result:
    path = folder / "case.toml"
    path.write_text(CASE + entries, encoding="utf-8")
    command, *more = words
    return CliRunner().invoke(app, [command, str(path), "--now", NOW, *more])


def _letters(folder: Path, entries: str, *more: str) -> dict[str, Any]:
    found = _run(folder, entries, "file", "--contracts", "--json", *more)
    assert found.exit_code == 0, found.output
    document: dict[str, Any] = json.loads(found.stdout)
    return document


def _rows(letter: dict[str, Any]) -> dict[str, str]:
    blocks = [block for section in letter["draft"]["sections"] for block in section["blocks"]]
    return {block["label"]: block["text"] for block in blocks if block.get("label")}


def test_who_stands_between_is_told_of_the_people_of_each_behind_it(folder: Path) -> None:
    document = _letters(folder, CHAIN)
    (letter,) = document["letters"]
    assert letter["party"] == "Platform"
    rows = _rows(letter)
    # its own pages, and those of all behind it; nobody of anybody else
    assert rows["People affected by the breach"] == "300 to 562 people"
    assert rows["Of these, of Bakery"] == "300 to 550 people"
    assert rows["Of these, of Kiosk"] == "250 people"
    assert rows["Of these, of Florist"] == "not counted: its pages are not named"
    why = {each["authority"]: each["why"] for each in document["nothing"]}
    assert why["Kiosk"].startswith("Bakery stands between, and tells it")
    assert set(why) == {"Bakery", "Kiosk", "Florist"}


@pytest.mark.parametrize(("code", "label"), [("ko", "그중 Bakery 관련"), ("sw", "Kati yao, wa Bakery")])
def test_the_letter_says_it_in_each_language(folder: Path, code: str, label: str) -> None:
    (letter,) = _letters(folder, CHAIN, "--lang", code)["letters"]
    assert label in _rows(letter)


def test_the_clock_of_a_chain_is_that_to_the_next_alone(folder: Path) -> None:
    shown = _run(folder, CHAIN, "duties").output
    agreed = " ".join(shown[shown.index("By agreement") :].split())
    assert "due 2026-10-06 21:00; 2.0 h left" in agreed
    assert "not owed: Platform stands between, and tells it" in agreed
    bakery = agreed[agreed.index("Bakery (") : agreed.index("Kiosk (")]
    assert "people on its pages: 300 to 550" in bakery
    assert "from 2026" not in bakery


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (
            _entry("Bakery", "controller", 'through = "Platfrom"\n'),
            "Bakery is reached through Platfrom, and no [[contract]] is of that name",
        ),
        (
            _entry("A", "controller", 'through = "B"\n') + _entry("B", "controller", 'through = "A"\n'),
            "A is reached through itself: A through B through A",
        ),
    ],
)
def test_a_chain_that_leads_nowhere_is_a_fault(folder: Path, entries: str, said: str) -> None:
    found = _run(folder, entries, "duties")
    assert found.exit_code == 2
    assert said in " ".join(found.output.split())


KINDS = {
    "customer": "A customer",
    "joint-controller": "Twin",
    "group-company": "Host Holding",
    "representative": "Agent Ltd",
    "insurer": "Example Mutual",
    "police": "Police of the city",
    "card-brand": "Acquirer",
}
OWN_ALONE = ("customer", "card-brand")


def test_each_kind_of_entry_has_its_clock_and_its_letter(folder: Path) -> None:
    entries = "".join(
        _entry(
            party,
            kind,
            'hours = 24\naddress = "x@example.org"\ncounts = true\nbecause = "so agreed"\nroutes = ["others"]\n'
            if kind in OWN_ALONE
            else 'hours = 24\ncounts = true\nbecause = "so agreed"\n',
        )
        for kind, party in KINDS.items()
    )
    agreed = _run(folder, entries, "duties").output
    for party in KINDS.values():
        assert f"  {party} (" in agreed
    assert agreed.count("due 2026-10-07 09:00; 14.0 h left") == len(KINDS)
    letters = {each["kind"]: each for each in _letters(folder, entries)["letters"]}
    assert set(letters) == set(KINDS)
    for kind, letter in letters.items():
        people = "38 people" if kind in OWN_ALONE else "600 people"
        assert _rows(letter)["People affected by the breach"] == people, kind
    table = _run(folder, entries, "duties", "--matrix").output
    for party in KINDS.values():
        assert party.split()[0] in table
    _run(folder, entries, "duties", "--ical", str(folder / "days.ics"))
    assert (folder / "days.ics").read_text(encoding="utf-8").count("BEGIN:VEVENT") >= len(KINDS)


def test_the_people_of_each_stand_below_those_of_all(folder: Path) -> None:
    (letter,) = _letters(folder, CHAIN)["letters"]
    labels = [*_rows(letter)]
    at = labels.index("People affected by the breach")
    assert labels[at + 1 : at + 4] == ["Of these, of Bakery", "Of these, of Kiosk", "Of these, of Florist"]


def test_the_page_says_of_an_entry_without_a_figure_no_empty_part(folder: Path) -> None:
    page = folder / "page.html"
    _run(folder, _entry("Twin", "joint-controller"), "duties", "--html", str(page))
    text = " ".join(page.read_text(encoding="utf-8").split())
    assert (
        "Twin (joint controller): any access. Cannot tell; not done after 10.0 h; no figure was agreed (contract)"
        in text
    )
