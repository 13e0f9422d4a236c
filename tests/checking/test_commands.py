"""The commands as a user types them, on the two examples and on wrong input."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from typer.testing import CliRunner

from whosaw.cli.main import app
from whosaw.law import Law, load_law, loaded_case

ROOT = Path(__file__).resolve().parents[2]
COUPANG = ROOT / "examples" / "coupang"
SHOP = Path(__file__).resolve().parent / "shop" / "case.toml"
TEXTS = Path(__file__).resolve().parent / "texts"
NOW = ["--now", "2026-11-24T00:00:00Z"]
SCHEMAS = ROOT / "docs" / "reference" / "json"


@pytest.fixture(scope="module")
def law() -> Law:
    return load_law()


@pytest.fixture(autouse=True)
def _law_once(law: Law, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaded_case, "load_law", lambda: law)


def _run(*words: str, given: bytes | None = None) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(each) for each in words], input=given)
    return done.exit_code, done.stdout, done.stderr


def _json(schema: str, *words: str) -> dict[str, Any]:
    code, out, err = _run(*words, "--json")
    assert (code, err) == (0, "")
    document: dict[str, Any] = json.loads(out)
    every = [json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.glob("*.schema.json")]
    registry: Registry[Any] = Registry().with_resources(
        (each["$id"], Resource.from_contents(each)) for each in every
    )
    own = json.loads((SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(own, registry=registry).validate(document)
    return document


def _check(text: str | Path, *more: str, case: Path = SHOP) -> dict[str, Any]:
    return _json("notice-check", "notice", "check", str(text), "--case", str(case), *more, *NOW)


def _verdicts(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["check"]: each for each in document["checks"]}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_failings_of_the_first_public_notice_are_found_on_its_paraphrase(language: str) -> None:
    document = _check(COUPANG / f"first-notice.{language}.txt", "--for", "kr", case=COUPANG / "case.toml")
    found = _verdicts(document)
    # the word: exposure for leak, in the headline and throughout (order of 3 December 2025)
    assert found["word.legal"]["verdict"] == "fails"
    assert found["word.euphemism"]["verdict"] == "fails"
    assert found["word.euphemism"]["places"][0]["line"] == 1
    assert "not exposure" in found["word.legal"]["asked_by"][0]["text"]
    # entrance codes were left out, people in address books never told, and nobody had to do anything
    assert found["category.access.entrance-code"]["verdict"] == "fails"
    assert found["groups.secondary"]["verdict"] == "fails"
    assert found["word.nothing-needed"]["verdict"] == "fails"
    # it began earlier than was said, and that cards were not seen is only said to be so
    assert "2025-04-14" in found["claim.window"]["because"]
    assert found["claim.not-seen.financial.card-number"]["verdict"] == "cannot tell"
    # what was right in it: the accounts, and the other data
    assert found["count.accounts"]["verdict"] == "holds"
    others = ("identity.name", "contact.email", "contact.phone", "contact.address", "commerce.orders")
    assert {found[f"category.{each}"]["verdict"] for each in others} == {"holds"}
    assert [each["item"] for each in document["duties"]] == ["kr/pipa-individuals-2023"]
    assert "contents.rights" not in found  # the law of the time did not ask for them


def test_under_the_law_of_october_2026_the_rights_are_asked_for_too() -> None:
    document = _check(
        COUPANG / "first-notice.ko.txt", "--for", "kr", "--law-of", "2026-10-01", case=COUPANG / "case.toml"
    )
    assert _verdicts(document)["contents.rights"]["verdict"] == "fails"


def test_a_text_held_against_an_earlier_version_lacks_nothing_that_came_later() -> None:
    document = _check(
        COUPANG / "first-notice.ko.txt", "--for", "kr", "--version", "2", case=COUPANG / "case.toml"
    )
    assert "category.access.entrance-code" not in _verdicts(document)
    assert document["checked_version"] == 2


def test_a_text_that_counts_an_earlier_version_leaves_people_out(tmp_path: Path) -> None:
    text = tmp_path / "notice.txt"
    text.write_text("고객 계정 4,536개에서 개인정보가 유출되었습니다.", encoding="utf-8")
    found = _verdicts(_check(text, "--for", "kr", case=COUPANG / "case.toml"))
    assert found["count.accounts"]["verdict"] == "fails"
    assert found["groups.later"]["because"] == (
        "the text speaks of scope version 1; versions 2, 3, 4 added at least 33,215,464 accounts"
    )


def test_accounts_called_people_are_told_apart(tmp_path: Path) -> None:
    text = tmp_path / "notice.txt"
    text.write_text("Personal data of about 33.7 million people leaked.", encoding="utf-8")
    because = _verdicts(_check(text, "--for", "kr", "--lang", "en", case=COUPANG / "case.toml"))[
        "count.persons"
    ]["because"]
    assert "is the number of accounts in version 2, not of persons" in because


def test_the_terminal_says_what_fails_where_and_by_which_law() -> None:
    code, out, _ = _run(
        "notice", "check", str(COUPANG / "first-notice.ko.txt"), "--case", str(COUPANG / "case.toml"), "--for", "kr", *NOW,
        "--exit-code",
    )  # fmt: skip
    assert code == 1
    assert 'line 1: "고객 개인정보 노출 관련 안내"' in out
    assert "(kr/pipa-individuals-2023, secondary)" in out
    assert re.search(r"\n11 fail, 3 cannot be told, 10 hold\n", out)


def test_a_fair_notice_ends_well_with_exit_code() -> None:
    assert (
        _run(
            "notice",
            "check",
            str(TEXTS / "fair.sw.txt"),
            "--case",
            str(SHOP),
            "--for",
            "ke",
            *NOW,
            "--exit-code",
        )[0]
        == 0
    )


def test_standard_input_is_a_text_like_any_other() -> None:
    page = b"<html><body><h1>Notice of a leak</h1><p>Your name and your address leaked, and we are sorry for it.</p></body></html>"
    code, out, _ = _run(
        "notice", "check", "-", "--case", str(SHOP), "--for", "kr", *NOW, "--json", given=page
    )
    document = json.loads(out)
    assert (code, document["text"], document["form"]) == (0, "standard input", "html")
    assert _verdicts(document)["category.identity.name"]["verdict"] == "holds"


def test_a_group_is_held_against_what_was_seen_of_it(tmp_path: Path) -> None:
    text = tmp_path / "notice.txt"
    text.write_text("이름, 전화번호, 주소가 유출되었습니다.", encoding="utf-8")
    whole, group = (_verdicts(_check(text, "--for", "kr", *more)) for more in ((), ("--group", "seen-1")))
    assert whole["contents.items-leaked"]["verdict"] == "fails"
    assert group["contents.items-leaked"]["verdict"] == "holds"
    assert "groups.secondary" not in group


def test_a_notice_to_people_possibly_seen_is_asked_for_its_own_contents() -> None:
    document = _check(TEXTS / "fair.ko.txt", "--for", "kr", "--group", "possible")
    assert document["checked_as"] == "possible"
    assert _verdicts(document)["contents.further-notice"]["verdict"] == "fails"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.txt"], "none.txt: cannot be read"),
        (["{fair}", "--as", "letter"], "'letter' is no kind of text. --as takes notice, possible, filing"),
        (["{fair}", "--lang", "xx"], "there are no words for the language 'xx'"),
        (["{fair}", "--for", "fr"], "asks for a notice by the name 'fr'"),
        (["{fair}", "--as", "filing", "--for", "kr-nobody"], "asks for a filing by the name 'kr-nobody'"),
        (
            ["{fair}", "--group", "seen-9"],
            "there is no group seen-9 in this scope version. Groups: seen-1, seen-2",
        ),
        (["{fair}", "--version", "7"], "the case does not name scope version 7. It names 1"),
    ],
)
def test_wrong_input_is_one_clear_line_and_exit_2(words: list[str], said: str) -> None:
    filled = [each.replace("{fair}", str(TEXTS / "fair.en.txt")) for each in words]
    code, out, err = _run("notice", "check", *filled, "--case", str(SHOP), *NOW)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_an_empty_page_is_no_passed_page(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<html><body><img src='notice.png' alt='notice'></body></html>", encoding="utf-8")
    code, _, err = _run("notice", "check", str(page), "--case", str(SHOP), *NOW)
    assert code == 2
    assert "holds no text that a reader would see" in err


@pytest.fixture
def texts(tmp_path: Path) -> dict[str, Path]:
    said = {
        "korea.txt": "2025년 11월 18일 유출 사실을 인지하였습니다. 약 3,370만 개 고객 계정의 이름, 전화번호, 주소가 유출되었습니다.",
        "market.txt": "We became aware on November 17, 2025. A former employee saw names and addresses of about 3,000 accounts. "
        "No telephone numbers were accessed.",
        "later.txt": "고객 계정 165,455개에서 이름, 전화번호, 주소가 추가로 유출되었습니다.",
        "people.txt": "About 33.7 million people had their names, telephone numbers and addresses seen by a stranger.",
    }
    for name, text in said.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return {name: tmp_path / name for name in said}


def _differences(texts: dict[str, Path], *names: str) -> dict[str, tuple[str, str]]:
    document = _json(
        "consistency", "consistency", str(COUPANG / "case.toml"), *(str(texts[each]) for each in names), *NOW
    )
    return {each["about"]: (each["kind"], each["sentence"]) for each in document["differences"]}


def test_texts_of_two_countries_that_tell_different_things_are_found(texts: dict[str, Path]) -> None:
    found = _differences(texts, "korea.txt", "market.txt")
    kind, sentence = found["number of accounts"]
    assert kind == "differs"
    assert (
        "3,370만 개 고객 계정, the count of scope version 2 (33,700,034 to 33,704,570 accounts)" in sentence
    )
    assert "3,000 accounts, the count of no scope version" in sentence
    assert found["contact.phone"][0] == "differs"
    assert found["when the organisation became aware"] == (
        "differs",
        "2025년 11월 18일 against November 17, 2025",
    )


def test_a_number_that_one_version_added_is_named_as_that(texts: dict[str, Path]) -> None:
    kind, sentence = _differences(texts, "korea.txt", "later.txt")["number of accounts"]
    assert kind == "differs"
    # 33,865,489 to 33,870,025 after 33,700,034 to 33,704,570
    assert "what scope version 3 adds to version 2 (160,919 to 169,991 accounts)" in sentence


def test_the_same_number_under_another_unit_is_told(texts: dict[str, Path]) -> None:
    kind, sentence = _differences(texts, "korea.txt", "people.txt")["number of accounts"]
    assert kind == "only one"
    assert sentence.endswith("gives no number of accounts, and calls the same number persons")


def test_texts_that_agree_have_no_difference(texts: dict[str, Path]) -> None:
    same = texts["korea.txt"].with_name("same.txt")
    same.write_bytes(texts["korea.txt"].read_bytes())
    assert _differences({**texts, "same.txt": same}, "korea.txt", "same.txt") == {}


def test_consistency_ends_with_1_where_texts_differ_and_that_is_asked_for(texts: dict[str, Path]) -> None:
    files = [str(texts["korea.txt"]), str(texts["market.txt"])]
    code, out, _ = _run("consistency", str(COUPANG / "case.toml"), *files, "--exit-code", *NOW)
    assert code == 1
    assert "They differ (4)" in out  # three times from each other, and one from the standing scope version
    assert "number of accounts in the standing scope version" in out
    assert "not legal advice" in out


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["korea.txt"], ["there is only one text, so there is nothing to compare it with"]),
        (["korea.txt", "korea.txt"], ["named twice"]),
        (
            ["korea.txt", "none.txt", "void.txt"],
            ["none.txt: cannot be read", "void.txt: is empty", "2 faults found"],
        ),
    ],
)
def test_wrong_texts_are_all_named_at_once(texts: dict[str, Path], names: list[str], said: list[str]) -> None:
    folder = texts["korea.txt"].parent
    (folder / "void.txt").write_text("", encoding="utf-8")
    code, out, err = _run(
        "consistency", str(COUPANG / "case.toml"), *(str(folder / each) for each in names), *NOW
    )
    assert (code, out) == (2, "")
    for each in said:
        assert each in err


def test_the_commands_that_the_example_shows_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(COUPANG)
    shown = re.findall(
        r"^    whosaw ((?:notice check|consistency) .+)$",
        (COUPANG / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert len(shown) >= 3
    for line in shown:
        code, out, err = _run(*line.split())
        assert (code, err) == (0, ""), line
        assert out
