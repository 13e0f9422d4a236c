"""An answer names the sources of which no route says whose data they show, and an answer of nobody does so before all."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.schemas import validate
from tests.unit.cli.conftest import call

pytestmark = pytest.mark.usefixtures("without_detection")

MAP = """
[[route]]
id = "customer"
match = { path = "/customers/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]
"""
TWINS = """
[[twins]]
sources = ["front.log", "behind.log"]
by = "request_id"
within = "2s"
"""


def _line(day: int, page: str) -> str:
    return f'192.0.2.9 - - [{day:02}/Mar/2025:09:00:00 +0000] "GET {page} HTTP/1.1" 200 7 "-" "a"\n'


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "desk.log").write_text(_line(3, "/customers/7") + _line(4, "/customers/8"))
    (tmp_path / "teller.log").write_text("".join(_line(day, f"/t/{day}") for day in (3, 3, 5)))
    (tmp_path / "map.toml").write_text(MAP)
    assert call("scan", "desk.log", "teller.log", "--map", "map.toml").exit_code == 0
    return tmp_path


def test_who_what_and_the_letter_name_the_source(ledger: Path) -> None:
    said = "not told: lines of teller.log (3 events), of which no route of the map says whose data they show"
    for words in (("who", "7"), ("what", "192.0.2.9"), ("answer", "7", "--reason", "r", "--as", "html")):
        assert said in call(*words).stdout
        told = json.loads(call(*words, "--replace" if words[0] == "answer" else "--json", "--json").stdout)
        assert told["not_told"] == [{"source": "teller.log", "events": 3}]
        validate(words[0], told)
    letter = next((ledger / "answers").glob("*.html")).read_text()
    assert re.search(
        r"records called teller\.log hold 3 entries that do not say whose data they show", letter
    )


def test_an_answer_of_nobody_says_where_the_person_may_stand(ledger: Path) -> None:
    nobody = call("who", "99")
    assert nobody.exit_code == 2
    assert "no line that was read carried data of" in nobody.stderr
    assert "Not told: lines of teller.log (3 events)" in nobody.stderr


def test_only_sources_that_were_asked_about_are_named(ledger: Path) -> None:
    def told(*more: str) -> object:
        return json.loads(call("who", "7", *more, "--json").stdout).get("not_told")

    assert told("--source", "desk.log") is None
    assert told("--route", "customer") is None
    assert told("--source", "teller.log") == [{"source": "teller.log", "events": 3}]
    assert told("--until", "2025-03-03T10:00:00Z") == [{"source": "teller.log", "events": 2}]
    assert told("--since", "2025-03-05") == [{"source": "teller.log", "events": 1}]
    assert told("--until", "2025-03-03T09:00:00Z") is None


def test_where_each_source_has_a_route_nothing_is_said(ledger: Path) -> None:
    (ledger / "map.toml").write_text(MAP + MAP.replace('"customer"', '"t"').replace("/customers/", "/t/"))
    assert call("scan", "desk.log", "teller.log", "--map", "map.toml").exit_code == 0
    assert "not told" not in call("who", "7").stdout


def test_of_twins_one_tells_for_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, page in (("front", "/customers/7"), ("behind", "/internal")):
        line = {
            "time": "2025-03-03T09:00:00Z",
            "address": "192.0.2.9",
            "method": "GET",
            "path": page,
            "status": 200,
            "request_id": "r1",
        }
        (tmp_path / f"{name}.log").write_text(json.dumps(line) + "\n")
    (tmp_path / "map.toml").write_text(MAP + TWINS)
    layout = "json:time=time,address=address,method=method,path=path,status=status,request_id=request_id"
    for text, named in ((MAP + TWINS, None), (MAP, [{"source": "behind.log", "events": 1}])):
        (tmp_path / "map.toml").write_text(text)
        done = call("scan", "front.log", "behind.log", "--format", layout, "--map", "map.toml")
        assert done.exit_code == 0, done.stderr
        assert json.loads(call("who", "7", "--json").stdout).get("not_told") == named


def test_where_no_line_says_whether_it_succeeded_none_is_counted_and_none_is_denied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [
        {"time": f"2025-03-03T09:00:0{n}Z", "user": "ann", "method": "GET", "path": page}
        for n, page in enumerate(("/customers/7", "/customers/8", "/customers/7", "/about"))
    ]
    (tmp_path / "app.log").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "map.toml").write_text(MAP)
    assert call("scan", "app.log", "--map", "map.toml").exit_code == 0
    told = json.loads(call("who", "7", "--json").stdout)
    validate("who", told)
    assert told["not_told"] == [{"source": "app.log", "events": 4, "undecided": 3}]
    assert told["views"] == {
        "unit": "views", "lower": 0, "upper": 3, "exact": False, "reasons": [{"code": "outcome-unknown", "adds_upper": 3}],
    }  # fmt: skip
    shown = call("who", "7").stdout
    assert "0 to 3 views" in shown
    assert "name that field in their format (status or ok)" in " ".join(shown.split())
    early = json.loads(call("who", "7", "--until", "2025-03-03T09:00:01Z", "--json").stdout)
    assert (early["views"]["upper"], early["not_told"][0]["undecided"]) == (1, 1)
    assert "say neither a status nor whether they succeeded" in call("who", "99").stderr


def test_rows_say_it_on_standard_error(ledger: Path) -> None:
    for words in (("who", "7", "--csv"), ("what", "192.0.2.9", "--jsonl")):
        done = call(*words)
        assert "whosaw: not told: lines of teller.log (3 events)" in done.stderr
        assert "not told" not in done.stdout
