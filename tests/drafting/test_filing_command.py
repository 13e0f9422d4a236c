"""`whosaw file` as a person meets it: what it prints, what it writes, and how it refuses."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from typer.testing import CliRunner, Result

from whosaw.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "docs" / "reference" / "json"
EXAMPLES = ("coupang", "kenya-shop")
NOW = ("--now", "2027-06-02T09:00:00Z")


def _run(*words: object) -> Result:
    return CliRunner().invoke(app, ["file", *(str(each) for each in words)])


def _commands(name: str) -> list[str]:
    lines = (ROOT / "examples" / name / "README.md").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.startswith("    whosaw file ")]


def test_the_list_names_each_authority_with_its_duties_and_languages() -> None:
    done = _run("--list")
    assert done.exit_code == 0
    assert "kr-kisa: Ministry of Science and ICT" in done.stdout
    assert "  kr/network-report, kr/network-supplement; in ko, en" in done.stdout


def test_the_screen_shows_what_is_missing_and_where_it_goes(shop: Any) -> None:
    done = _run(shop.write(cause=None), "--for", "kr-kisa,ke-odpc", *NOW)
    assert done.exit_code == 0
    assert "침해사고 신고서" in done.stdout
    assert "missing: how it came about" in done.stdout
    assert '[[statement]] about = "cause"' in done.stdout
    assert "This is not legal advice" in done.stdout
    assert "shop-ke-odpc-authority-en: 13 of 14 sections are filled" in done.stdout


def test_every_format_is_written_and_named(shop: Any) -> None:
    path = shop.write()
    out = path.parent / "out"
    done = _run(path, "--for", "kr-kisa", "--out", out, "--as", "html,pdf,docx,json,txt", "--json", *NOW)
    assert done.exit_code == 0, done.output
    files = [Path(each) for each in json.loads(done.stdout)["files"]]
    assert [each.suffix for each in files] == [".html", ".pdf", ".docx", ".json", ".txt"]
    assert sorted(out.iterdir()) == sorted(files)
    by = {each.suffix: each.read_bytes() for each in files}
    assert "침해사고 신고서" in by[".html"].decode()
    assert "침해사고 신고서" in by[".txt"].decode()
    assert by[".pdf"].startswith(b"%PDF")
    assert by[".docx"].startswith(b"PK")
    assert json.loads(by[".json"]) == json.loads(done.stdout)["filings"][0]["draft"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--for", "kr-x"], "Known: kr-fsc, kr-infrastructure, kr-kisa, kr-mohw, kr-msit, kr-pipc"),
        (["--for", "uk-ico", "--lang", "ko"], "Its languages: en"),
        (["--as", "odt"], "Known: html, pdf, docx, txt, json"),
        (["--now", "soon"], "is no day and no time"),
    ],
)
def test_a_wrong_option_is_one_clear_line_and_writes_nothing(shop: Any, words: list[str], says: str) -> None:
    path = shop.write()
    done = _run(path, *words, "--out", path.parent / "out")
    assert done.exit_code == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (path.parent / "out").exists()


def test_a_bad_case_file_writes_nothing(shop: Any) -> None:
    path = shop.write(late='[[statement]]\nabout = "weather"\n')
    done = _run(path, "--out", path.parent / "out", *NOW)
    assert done.exit_code == 2
    # what it is about, who says it, and that it says nothing
    assert done.stderr.count("case.toml:") == 3
    assert not (path.parent / "out").exists()


def test_no_case_is_said() -> None:
    done = _run()
    assert done.exit_code == 2
    assert "no case file is given" in done.stderr


def test_a_draft_that_was_completed_by_hand_is_not_written_over(shop: Any) -> None:
    path = shop.write()
    words = (path, "--for", "uk-ico", "--as", "json", "--out", path.parent, *NOW)
    draft = path.parent / "shop-uk-ico-authority-en.json"
    assert _run(*words).exit_code == 0
    draft.write_text("by hand", encoding="utf-8")
    done = _run(*words)
    assert done.exit_code == 2
    assert "perhaps changed by hand" in done.stderr
    assert draft.read_text(encoding="utf-8") == "by hand"
    assert _run(*words, "--replace").exit_code == 0
    assert json.loads(draft.read_text(encoding="utf-8"))["case"] == "shop"


def test_the_document_fits_its_schema(shop: Any) -> None:
    schemas = [json.loads(each.read_text(encoding="utf-8")) for each in SCHEMAS.glob("*.schema.json")]
    registry: Registry[Any] = Registry().with_resources(
        [(each["$id"], Resource.from_contents(each)) for each in schemas]
    )
    schema = json.loads((SCHEMAS / "file.schema.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema, registry=registry)
    made = '[[made]]\nduty = "kr/network-report"\nat = 2027-06-01T10:00:00Z\nscope = 1\n'
    for words in ([], ["--for", "kr-kisa,kr-pipc,ke-odpc"]):
        done = _run(
            shop.write(shop.scope(1), shop.scope(2, persons=(5000, None)), made=made, contact=None),
            *words,
            "--json",
            *NOW,
        )
        validator.validate(json.loads(done.stdout))
    listed = json.loads(_run("--list", "--json").stdout)
    assert {each["id"] for each in listed["authorities"]} >= {
        "kr-pipc",
        "kr-kisa",
        "ke-odpc",
        "eu-sa",
        "uk-ico",
    }


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_commands_of_an_example_do_what_it_says(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / name
    shutil.copytree(ROOT / "examples" / name, folder)
    monkeypatch.chdir(folder)
    commands = _commands(name)
    assert commands
    for command in commands:
        done = CliRunner().invoke(app, shlex.split(command)[1:])
        assert done.exit_code == 0, (command, done.stderr)


def _example(name: str, *words: str) -> Any:
    done = _run(ROOT / "examples" / name / "case.toml", "--json", *words)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_the_law_of_another_day_asks_for_the_rights_of_the_people() -> None:
    words = ("--for", "kr-pipc,kr-kisa", "--first", "--now", "2026-11-24T00:00:00Z")
    then, now = _example("coupang", *words), _example("coupang", *words, "--law-of", "2026-10-01")
    assert [each["duty"] for each in then["filings"]] == ["kr/pipa-report-2023", "kr/network-report-2024"]
    assert [each["duty"] for each in now["filings"]] == ["kr/pipa-report-2026", "kr/network-report-2026"]
    keys = [[section["key"] for section in each["filings"][0]["draft"]["sections"]] for each in (then, now)]
    assert ["rights" in each for each in keys] == [False, True]
    assert any("2026-10-01 당시의 법령을 기준으로" in each for each in now["filings"][0]["draft"]["notes"])


def test_the_case_as_published_misses_only_what_nobody_published() -> None:
    document = _example("coupang", "--for", "kr-pipc,kr-kisa", "--now", "2026-11-24T00:00:00Z")
    pipc, *kisa = document["filings"]
    assert [each["draft"]["scope_version"] for each in kisa] == [2, 3, 4]
    assert (pipc["form"], pipc["before"]) == ("supplement", 2)
    missing = {each["key"] for each in pipc["draft"]["sections"] if each["missing"]}
    # the form asks for encryption and for the way of the leak where it asks for the items and for the time
    assert missing == {"what-people-can-do", "contact", "items-leaked", "time-and-circumstances", ""}
    texts = [block["text"] for section in pipc["draft"]["sections"] for block in section["blocks"]]
    assert "2025년 11월 17일 16시 00분 (과학기술정보통신부 기준)" in texts
    assert "2025년 11월 18일 22시 52분 (쿠팡 기준)" in texts


@pytest.mark.parametrize("language", ["en", "sw"])
def test_the_invented_shop_fills_its_report(language: str) -> None:
    document = _example("kenya-shop", "--lang", language, "--now", "2026-03-09T17:00:00+03:00")
    filings = {each["authority"]: each["draft"] for each in document["filings"]}
    assert filings.keys() == {
        "ke-odpc",
        "ke-nc4",
    }  # a stranger got in, so the committee on cybercrimes is told, too
    assert all(each["complete"] for each in filings.values())


def test_the_old_word_for_what_is_written_still_works_and_says_the_new_one(shop: Any) -> None:
    path = shop.write()
    out = path.parent / "out"
    done = _run(path, "--for", "uk-ico", "--format", "json", "--out", out, *NOW)
    assert done.exit_code == 0
    assert [each.suffix for each in out.iterdir()] == [".json"]
    assert "whosaw: write --as json: --format is the format of a log" in done.stderr
