"""`whosaw notice`: what it prints, writes and refuses, on the two examples."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pypdf
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from typer.testing import CliRunner

from whosaw.cli.main import app
from whosaw.law import Law
from whosaw.packs.languages import words_file

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "docs" / "reference" / "json"
SHOP = ["notice", str(ROOT / "examples" / "kenya-shop" / "case.toml"), "--now", "2026-03-09T12:00:00+03:00"]
COUPANG = ["notice", str(ROOT / "examples" / "coupang" / "case.toml"), "--now", "2026-06-12T12:00:00+09:00"]


@pytest.fixture(autouse=True)
def _law_read_once(law: Law) -> Any:
    with patch("whosaw.law.loaded_case.load_law", lambda: law):
        yield


def run(*words: str, exit_code: int = 0) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == exit_code, (done.stdout, done.stderr)
    return done.stdout if exit_code == 0 else done.stderr


def document(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*words, "--json"))
    each = [json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.glob("*.schema.json")]
    known: Registry[Any] = Registry().with_resources(
        [(one["$id"], Resource.from_contents(one)) for one in each]
    )
    schema = json.loads((SCHEMAS / "notice.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema, registry=known).validate(found)
    return found


def test_the_shop_in_nairobi_has_whole_notices_in_english_and_swahili() -> None:
    found = document(*SHOP)
    assert found["languages"] == ["en", "sw"]
    assert [(each["id"], each["lower"], each["upper"]) for each in found["groups"]] == [
        ("seen-1", 1874, 1874),
        ("secondary", 0, 236),
    ]
    assert len(found["notices"]) == 2 * (2 * 3 + 1)
    assert all(each["complete"] for each in found["notices"])
    assert [each["duties"] for each in found["places"]] == [["ke/individuals"]]
    assert found["files"] == []


def test_of_the_real_case_the_law_of_its_time_governs_and_what_was_never_published_is_missing() -> None:
    found = document(*COUPANG, "--for", "kr", "--lang", "ko")
    assert [each["id"] for each in found["groups"]] == ["rest", "possible", "secondary"]
    assert found["places"][0]["duties"] == ["kr/pipa-individuals-2023"]
    assert found["places"][0]["possible_duties"] == []
    letters = [each for each in found["notices"] if each["id"].endswith("-letter")]
    assert all("유출" in each["title"] for each in letters)
    # nobody published whom to call, nor how to get compensation: vouchers are no procedure; the entrance codes, which the first notice
    # left out, are named
    missing = {one["where"] for each in letters for part in each["sections"] for one in part["missing"]}
    assert missing == {
        "case file: [contact] page",
        "case file: [contact]",
        "case file: [contact] department.ko",
        'case file: [[statement]] about = "redress"',
    }
    items = [block["text"] for part in letters[0]["sections"] for block in part["blocks"]]
    assert "공동현관 비밀번호" in items
    # what only the company says was not seen is not told as proven
    assert letters[0]["sections"][0]["key"] == "items-leaked"
    assert "기록으로 확인한 결과, 귀하의 다음 정보는 유출되지 않았습니다." not in items


def test_each_channel_is_written_in_the_formats_it_is_sent_in(tmp_path: Path) -> None:
    found = document(*SHOP, "--lang", "sw", "--out", str(tmp_path / "out"))
    written = sorted(Path(each).name for each in found["files"])
    assert written == sorted(each.name for each in (tmp_path / "out").iterdir())
    kinds = {
        channel: {name.rpartition(".")[2] for name in written if f"-{channel}." in name}
        for channel in ("text-message", "e-mail", "letter", "page")
    }
    assert kinds == {
        "text-message": {"txt", "json"},
        "e-mail": {"txt", "html", "eml", "json"},
        "letter": {"txt", "html", "docx", "pdf", "json"},
        "page": {"txt", "html", "json"},
    }
    stem = tmp_path / "out" / "kenya-shop-notice-ke-sw-seen-1"
    short = next(each["short"] for each in found["notices"] if each["id"].endswith("seen-1-text-message"))
    assert Path(f"{stem}-text-message.txt").read_text(encoding="utf-8") == f"{short}\n"
    assert short.isascii()
    assert len(short) <= 459
    mail = message_from_bytes(Path(f"{stem}-e-mail.eml").read_bytes(), policy=policy.default)
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert str(mail["Subject"]).startswith("Data zako za kibinafsi zimevuja")
    pages = pypdf.PdfReader(BytesIO(Path(f"{stem}-letter.pdf").read_bytes())).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "Data zako zifuatazo zilifikiwa:" in text
    assert "Rekodi zetu zinaonyesha kwamba data zako zifuatazo hazikufikiwa:" in text


def test_one_notice_alone_is_printed() -> None:
    printed = run(*SHOP, "--lang", "en", "--group", "seen-1", "--channel", "letter")
    assert "Your personal data leaked: what was seen, and what you can do" in printed
    assert "Yours faithfully," in printed


def test_names_may_be_given_one_by_one_or_with_commas() -> None:
    both = [*SHOP, "--channel", "text-message", "--group", "seen-1"]
    assert run(*both, "--lang", "en,sw") == run(*both, "--lang", "en", "--lang", "sw")


def test_the_summary_names_groups_places_and_what_is_missing() -> None:
    printed = run(*COUPANG, "--lang", "en", "--for", "kr")
    for words in (
        "rest",
        "secondary",
        "for kr (South Korea): owed",
        "still missing:",
        "case file: [contact] page",
    ):
        assert words in printed
    assert "eu" in printed.partition("name one with --for to draft it:")[2]


def test_files_that_somebody_changed_stay_unless_that_is_said(tmp_path: Path) -> None:
    words = [*SHOP, "--lang", "en", "--channel", "page", "--as", "txt", "--out", str(tmp_path)]
    run(*words)
    (path,) = tmp_path.glob("*.txt")
    path.write_text("mended by hand")
    assert "is there with other contents" in run(*words, exit_code=2)
    assert path.read_text() == "mended by hand"
    run(*words, "--replace")
    assert path.read_text() != "mended by hand"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--as", "odt"], "no notice can be written as odt"),
        (["--channel", "page", "--as", "eml"], "no notice that was asked for is sent as eml"),
        (["--lang", "xx"], "no words for the language xx"),
        (["--recipients", "lists"], "without a reason"),
        (["--recipients", "lists", "--reason", "notice"], "is no whosaw workspace"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    told = run(*SHOP, "--out", "out", *words, exit_code=2)
    assert said in told
    assert len(told.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_first_word_that_is_no_command_is_the_case(tmp_path: Path) -> None:
    assert "cannot be read" in run("notice", str(tmp_path / "none.toml"), exit_code=2)
    assert run(SHOP[0], "make", *SHOP[1:]) == run(*SHOP)
    shown = run("notice", "--help")
    assert "CASE|COMMAND" in shown
    assert "make" in shown


def test_a_language_of_ones_own_is_spoken_in_every_file_and_its_faults_are_told(tmp_path: Path) -> None:
    own = tmp_path / "languages" / "fr"
    own.mkdir(parents=True)
    for name in ("language", "categories", "draft", "notice"):
        text = words_file("en", name).read_text(encoding="utf-8")
        text = text.replace('"What happened"', '"Ce qui s\'est passé"').replace(
            'draft = "DRAFT"', 'draft = "BROUILLON"'
        )
        (own / f"{name}.toml").write_text(text, encoding="utf-8")
    words = [
        *SHOP,
        "--lang",
        "fr",
        "--languages",
        str(own.parent),
        "--group",
        "seen-1",
        "--channel",
        "letter",
    ]
    found = document(*words, "--out", str(tmp_path / "out"), "--as", "txt")
    (notice,) = found["notices"]
    assert "Ce qui s'est passé" in [each["heading"] for each in notice["sections"]]
    # what the organisation says it does not say in French, and English is not put in its place
    assert not notice["complete"]
    (path,) = (tmp_path / "out").iterdir()
    assert path.read_text(encoding="utf-8").startswith("BROUILLON")
    (own / "notice.toml").write_text('reviewed = "today"\n')
    told = run(*words, exit_code=2)
    assert "notice.toml" in told
    assert "opening.seen is missing" in told
    assert "title.seen is missing" in told
