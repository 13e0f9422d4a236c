"""The letter to a person who asked: by whom, when, what cannot be told; in each language; journalled before it is there."""

from __future__ import annotations

import hashlib
import html
import json
import re
from pathlib import Path

import pytest
from tests.unit.cli.conftest import call

from whosaw.app.asking import answer_person as module
from whosaw.packs.language_faults import language_faults
from whosaw.packs.languages import language_codes
from whosaw.store.journal import Journal
from whosaw.store.workspace import Workspace

MAP = """
[[route]]
id = "desk"
match = { method = "GET", path = "/desk/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]

[[route]]
id = "feed"
match = { method = "GET", path = "/feed/{id}" }
subject = { from = "path", name = "id" }
categories = ["contact.phone"]

[[route]]
id = "list"
match = { method = "GET", path = "/list" }
subject = { from = "unknown" }
categories = ["identity.name"]
"""
LINES = """\
192.0.2.10 - s-7 [03/Mar/2025:20:30:00 +0000] "GET /desk/4711 HTTP/1.1" 200 7 "-" "desk"
192.0.2.10 - s-7 [03/Mar/2025:21:30:00 +0000] "GET /desk/4711 HTTP/1.1" 200 7 "-" "desk"
192.0.2.11 - parcels [04/Mar/2025:10:00:00 +0000] "GET /feed/4711 HTTP/1.1" 200 7 "-" "job"
192.0.2.77 - 4711 [05/Mar/2025:10:00:00 +0000] "GET /desk/4711 HTTP/1.1" 200 7 "-" "app"
192.0.2.78 - - [06/Mar/2025:10:00:00 +0000] "GET /desk/4711 HTTP/1.1" 200 7 "-" "app"
192.0.2.78 - - [06/Mar/2025:10:00:01 +0000] "GET /list HTTP/1.1" 200 7 "-" "app"
192.0.2.78 - - [06/Mar/2025:10:00:02 +0000] "GET /desk/4712 HTTP/1.1" 200 7 "-" "app"
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scanned log in which each kind of viewer read the page of 4711."""
    folder = tmp_path_factory.mktemp("answer")
    (folder / "access.log").write_text(LINES)
    (folder / "map.toml").write_text(MAP)
    (folder / "context").mkdir()
    (folder / "context" / "staff.csv").write_text("staff,role\ns-7,support desk\n")
    (folder / "context" / "services.csv").write_text("service,address\nparcels,192.0.2.11\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = call("scan", "access.log", "--map", "map.toml", "--context", "context")
    assert done.exit_code == 0, done.stderr
    return folder


@pytest.fixture
def here(asked: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(asked)
    return asked


def letter(out: Path, language: str, *words: str) -> str:
    """The part that is sent, as text without marks."""
    done = call(
        "answer",
        "4711",
        "--reason",
        "request 1",
        "--lang",
        language,
        "--as",
        "html",
        "--out",
        str(out),
        *words,
    )
    assert done.exit_code == 0, done.stderr
    (path,) = out.glob(f"answer-p*-{language}.html")
    sent = path.read_text(encoding="utf-8").partition('<main id="sent">')[2]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", sent)).split())


def test_the_letter_says_who_when_and_what_cannot_be_told(here: Path, tmp_path: Path) -> None:
    text = letter(tmp_path, "en", "--organisation", "Duka la Mfano", "--contact", "privacy@example.org")
    for told in (
        "You asked Duka la Mfano who has seen",
        "It is about the identifier 4711.",
        "The records hold 5 views of your data, the first on 3 March 2025 and the last on 6 March 2025.",
        "a member of our staff (support desk) name: 2 views, on 3 March 2025;",
        "an automatic job or a partner of ours (parcels) telephone number: 1 view, on 4 March 2025;",
        "somebody who used your account; whether it was you cannot be told name: 1 view, on 5 March 2025;",
        "somebody whom the records do not name name: 1 view, on 6 March 2025;",
        "Our records begin on 3 March 2025 and end on 6 March 2025.",
        "Of the records called access.log, ",
        "The records hold 1 view of pages that showed several people without naming them.",
        "We name the role or the organisation of who saw your data, and not the person.",
        "Every entry could be read, so this number is exact.",
        "privacy@example.org",
    ):
        assert told in text, told
    assert "192.0.2" not in text
    assert "s-7" not in text
    assert "4712" not in text
    # in Nairobi, 21:30 UTC is the next day
    assert "2 views, the first on 3 March 2025, the last on 4 March 2025" in letter(
        tmp_path / "later", "en", "--tz", "Africa/Nairobi"
    )


def test_a_context_whose_times_have_no_offset_is_read_in_the_zone_of_the_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "access.log").write_text(LINES)
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "staff.csv").write_text("staff,role\ns-7,support desk\n")
    (tmp_path / "context" / "tickets.csv").write_text(
        "ticket,subject,agent,opened\n1,4711,s-7,2025-03-03 22:00:00\n"
    )
    monkeypatch.chdir(tmp_path)
    words = ("access.log", "--map", "map.toml", "--context", "context", "--tz", "Africa/Nairobi")
    assert call("scan", *words).exit_code == 0
    assert "a member of our staff (support desk) name: 2 views" in letter(tmp_path / "out", "en")
    locator = json.loads(call("who", "4711", "--json").stdout)["locators"][0]
    told = call("explain", locator)
    assert (told.exit_code, told.stderr.count("offset")) == (0, 0)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "ko",
            (
                "5회",
                "저희 직원(support desk)",
                "2025년 3월 3일",
                "access.log 기록은",
                "[누락: 기관의 이름 필요]",
            ),
        ),
        (
            "sw",
            (
                "mara 5",
                "mfanyakazi wetu (support desk)",
                "3 Machi 2025",
                "Katika kumbukumbu za access.log",
                "[HAIJAJAZWA: ",
            ),
        ),
    ],
)
def test_the_letter_in_other_languages(
    here: Path, tmp_path: Path, language: str, told: tuple[str, ...]
) -> None:
    text = letter(tmp_path, language)
    for each in told:
        assert each in text, each
    assert "{" not in text


def test_a_reason_on_record_is_told(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the answers that the ledger keeps, a view that is unexplained is nobody's own."""
    from whosaw.app.asking.questions import Ledger

    whole = Ledger._explained
    for told, who, words in (
        (
            (1, 0, 0),
            "you yourself, after you signed in name: 1 view, on 5 March 2025; a reason is on record",
            "",
        ),
        (
            (0, 1, 0),
            "somebody who used your account, without your sign-in on record name: 1 view",
            "For 4 views no reason",
        ),
    ):
        monkeypatch.setattr(
            Ledger, "_explained", lambda self, p, told=told: dict.fromkeys(_pairs(self, p), told)
        )
        text = letter(tmp_path / str(told[0]), "en")
        assert who in text
        assert words in text
    monkeypatch.setattr(Ledger, "_explained", whole)


def _pairs(ledger, person: int):  # type: ignore[no-untyped-def]
    return [(row["client"], row["route"]) for row in ledger.reader.who(person).to_pylist()]


def test_a_letter_is_journalled_before_it_is_there(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = call("answer", "4711", "--reason", "request 9", "--out", str(tmp_path), "--json")
    assert done.exit_code == 0, done.stderr
    made = json.loads(done.stdout)
    assert {Path(each["file"]).suffix for each in made["letters"]} == {".html", ".pdf"}
    for each in made["letters"]:
        assert hashlib.sha256(Path(each["file"]).read_bytes()).hexdigest() == each["sha256"]
    assert Path(made["letters"][1]["file"]).read_bytes().startswith(b"%PDF")
    assert made["missing"] == ["the name of the organisation", "whom this person can ask"]
    look = json.loads(call("lookups", "--person", "4711", "--json").stdout)["lookups"][-1]
    assert (look["what"], look["revealed"], look["reason"]) == ("answer", True, "request 9")
    workspace = Workspace.open(here / "whosaw-data")
    body = json.loads(workspace.journal.entries("exported")[-1].body)
    workspace.close()
    assert (body["what"], body["look"], body["reason"]) == ("answer", look["entry"], "request 9")
    assert [each["sha256"] for each in body["letters"]] == [each["sha256"] for each in made["letters"]]

    def full(*_: object, **__: object) -> int:
        from whosaw.core.errors import WhosawError

        raise WhosawError("journal.failed", "the disk is full")

    monkeypatch.setattr(Journal, "record", full)
    out = tmp_path / "none"
    assert call("answer", "4711", "--reason", "request 9", "--out", str(out)).exit_code == 2
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("4711", "--reason", " "), "identifiers are not revealed without a reason"),
        (("nobody", "--reason", "x"), "no line that was read carried data of n***y"),
        (
            ("4711", "--reason", "x", "--lang", "fr"),
            "no letter is written in the language 'fr'. Known: en, ko, sw",
        ),
        (("4711", "--reason", "x", "--as", "doc"), "no letter is written as 'doc'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_written_is_refused(
    here: Path, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    done = call("answer", *words, "--out", str(tmp_path / "out"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_letter_that_was_changed_by_hand_is_not_replaced(here: Path, tmp_path: Path) -> None:
    words = ("answer", "4711", "--reason", "x", "--as", "html", "--out", str(tmp_path))
    assert call(*words).exit_code == 0
    (path,) = tmp_path.iterdir()
    path.write_text("mine")
    assert (call(*words).exit_code, path.read_text()) == (2, "mine")
    assert call(*words, "--replace").exit_code == 0
    assert path.read_text() != "mine"


@pytest.mark.parametrize("code", language_codes())
def test_a_language_says_everything_that_english_says(code: str) -> None:
    assert module.words_file(code, "answer").is_file()
    assert language_faults(code) == []


def test_a_word_that_is_missing_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    text = module.words_file("en", "answer").read_text(encoding="utf-8")
    broken = text.replace("least = ", "lest = ").replace("{hours} hours", "some hours")
    (tmp_path / "en" / "answer.toml").write_text(broken, encoding="utf-8")
    told = [str(each.message) for each in language_faults("en", tmp_path)]
    assert any("number.least is missing" in each for each in told)
    assert any("{hours} stands in it or not" in each for each in told)
