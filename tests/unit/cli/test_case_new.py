"""A new case file: what the ledger knows is in it, what is missing is named, and it is never written over another."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from datetime import datetime
from pathlib import Path

import pytest
from tests.unit.cli.conftest import call

from whosaw.app.cases.case_fields import FIELDS
from whosaw.app.law.duties import duties
from whosaw.cli import case as module
from whosaw.cli.surroundings import now

SET = {
    "zone": "Asia/Seoul",
    "organisation.name": 'Shop "of" example',
    "organisation.roles": "controller, processor",
    "organisation.established": "KR",
    "organisation.listed": "-",
    "people.unplaced": "KR",
    "people.because": "it delivers inside Korea alone",
    "aware.at": "2025-04-20T10:00:00+09:00",
    "aware.said_by": "the shop",
    "contact.telephone": "+82 2 000 0000",
    "contact.department.ko": "개인정보보호팀",
    "contact.department.en": "Privacy office",
}
WORDS = [word for key, value in SET.items() for word in ("--set", f"{key}={value}")]


@pytest.fixture(scope="module")
def case_folder(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace that has a case."""
    folder = tmp_path_factory.mktemp("cased")
    shutil.copytree(made / "whosaw-data", folder / "whosaw-data")
    shutil.copytree(made / "context", folder / "context")
    more = ("--indicator", "person=7", "--every", "--context", str(folder / "context"))
    done = call("scope", "new", "--case", "shop", "-w", str(folder / "whosaw-data"), *more)
    assert done.exit_code == 0, done.stderr
    return folder


@pytest.fixture
def cased(case_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in it."""
    monkeypatch.chdir(case_folder)
    return case_folder


def test_the_draft_is_a_case_with_what_was_given_and_what_the_ledger_knows(cased: Path) -> None:
    done = call("case", "new", "case.toml", "--case", "shop", *WORDS, "--json")
    assert done.exit_code == 0, done.stderr
    told = tomllib.loads(Path("case.toml").read_text())
    assert told["zone"] == "Asia/Seoul"
    assert told["organisation"] == {
        "name": 'Shop "of" example', "roles": ["controller", "processor"], "established": ["KR"], "listed": [],
    }  # fmt: skip
    assert told["people"] == {"unplaced": "KR", "because": "it delivers inside Korea alone"}
    (event,) = told["event"]
    assert (event["kind"], event["at"].isoformat()) == ("aware", "2025-04-20T10:00:00+09:00")
    assert told["contact"]["department"] == {"ko": "개인정보보호팀", "en": "Privacy office"}
    assert told["scope"] == [{"version": 1}]
    assert "answer" not in told  # a question of law has no default
    version = json.loads(call("scope", "show", "shop", "--json").stdout)
    sections = {each["name"]: each for each in json.loads(done.stdout)["sections"]}
    scope = " ".join(sections["scope"]["filled"])
    for count in version["counts"]:
        assert f"{count['lower']:,}" in scope
    assert "contact.address" in scope
    assert sections["scope"]["missing"] == []
    open_questions = duties(Path("case.toml"), workspace=Path("whosaw-data"), now=now()).questions
    assert sections["answers"]["missing"] == [f"{key}: {asks}" for key, asks in open_questions.items()]
    first = version["window"]["first_view"].removesuffix("Z")  # in UTC; the file tells it in Seoul
    assert f"{int(first[11:13]) + 9:02d}{first[13:]}+09:00" in sections["events"]["missing"][0]


def test_every_comment_that_is_uncommented_is_a_case_too(cased: Path) -> None:
    """The examples stand in the form that the case file takes, all of them at once, but for texts that are left empty."""
    assert call("case", "new", "empty.toml", "--case", "shop").exit_code == 0
    text = Path("empty.toml").read_text()
    head, _, rest = text.partition("# When the violation began")
    scope = rest[rest.index("[[scope]]") :].partition("# What only the organisation can say")[0]
    lines = [
        each.removeprefix("# ") for each in (head + scope).splitlines() if "=" in each or each.endswith("]")
    ]
    Path("whole.toml").write_text("\n".join(each for each in lines if not each.startswith("#?")))
    found = duties(Path("whole.toml"), workspace=Path("whosaw-data"), now=now())
    assert found.head.organisation == "Duka la Mfano"


def test_without_a_scope_it_says_how_to_get_one(folder: Path, tmp_path: Path) -> None:
    done = call("case", "new", str(tmp_path / "case.toml"), "--case", "other")
    assert done.exit_code == 0, done.stderr
    (finding, *_) = json.loads(call("findings", "--json").stdout)["findings"]
    assert f"whosaw scope new --case other --finding {finding['id']}" in done.stdout
    told = tomllib.loads((tmp_path / "case.toml").read_text())
    assert told == {"case": "other", "zone": "UTC", "organisation": {}}


def test_times_are_told_in_the_zone_of_the_project_and_the_case_takes_it(
    case_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "whosaw.toml").write_text(
        f'zone = "Asia/Seoul"\nworkspace = "{case_folder / "whosaw-data"}"\n'
    )
    monkeypatch.chdir(tmp_path)
    assert call("case", "new", "case.toml", "--case", "shop").exit_code == 0
    assert call("case", "new", "utc.toml", "--case", "shop", "--set", "zone=UTC").exit_code == 0
    text, utc = (Path(name).read_text() for name in ("case.toml", "utc.toml"))
    assert (tomllib.loads(text)["zone"], tomllib.loads(utc)["zone"]) == ("Asia/Seoul", "UTC")
    (first,) = re.findall("# First view ([^ ,]+)", text)
    (at_utc,) = re.findall("# First view ([^ ,]+)", utc)
    assert (first[-6:], at_utc[-6:]) == ("+09:00", "+00:00")
    assert datetime.fromisoformat(first) == datetime.fromisoformat(at_utc)
    assert "#? Zone" not in text


def test_a_file_that_is_there_is_never_overwritten(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "case.toml"
    there.write_text("mine")
    done = call("case", "new", str(there), "--case", "other")
    assert (done.exit_code, there.read_text()) == (2, "mine")
    assert "is there already" in done.stderr
    monkeypatch.setattr("whosaw.app.cases.new_case.refuse_there", _appears(there))
    there.unlink()
    done = call("case", "new", str(there), "--case", "other")  # it comes to be while the draft is made
    assert (done.exit_code, there.read_text()) == (2, "theirs")
    assert [each.name for each in tmp_path.iterdir()] == ["case.toml"]


def _appears(there: Path):  # type: ignore[no-untyped-def]
    from whosaw.app.cases.new_case import refuse_there

    def refuse(path: Path) -> None:
        refuse_there(path)
        there.write_text("theirs")

    return refuse


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("organisation.roles=king",), "organisation.roles: 'king' is none of controller, processor"),
        (("organisation.sectors=x",), "organisation.sectors: 'x' is none of "),
        (("people.unplaced=Kenya",), "people.unplaced: 'Kenya' is no country or state"),
        (
            ("aware.at=2025-04-20 10:00",),
            "is no day and no time with its offset. Such as 2026-03-07T17:00:00+03:00",
        ),
        (('aware.at=2025-04-20"\nx = 1',), "is no day and no time"),
        (("zone=Mars/Base",), "zone: 'Mars/Base' is not a time zone"),
        (("colour=red",), "a new case has no such key. Known: zone, organisation.name"),
        (("zone",), "--set zone: there is no ="),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_value_that_the_case_file_would_not_take_is_refused(
    folder: Path, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    done = call(
        "case",
        "new",
        str(tmp_path / "case.toml"),
        "--case",
        "o",
        *(w for each in words for w in ("--set", each)),
    )
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr
    assert not list(tmp_path.iterdir())


def test_answers_that_alone_mean_nothing_are_kept_as_comments(folder: Path, tmp_path: Path) -> None:
    words = (
        "--set",
        "contact.officer=Amina",
        "--set",
        "aware.said_by=the shop",
        "--set",
        "people.unplaced=KE",
    )
    path = tmp_path / "case.toml"
    assert call("case", "new", str(path), "--case", "other", *words).exit_code == 0
    text = path.read_text()
    for line in ('# officer = "Amina"', '# said_by = "the shop"', '# unplaced = "KE"'):
        assert line in text
    assert tomllib.loads(text).keys() == {"case", "zone", "organisation"}


def test_a_terminal_is_asked_each_question_and_a_wrong_answer_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {
        "zone": ["Mars", "Africa/Nairobi"],
        "organisation.name": ["Duka"],
        "contact.email": ["a@example.org"],
    }
    asked: list[str] = []

    def prompt(text: str, **_: object) -> str:
        field = next(each for each in FIELDS if text.startswith(each.asks))
        asked.append(field.key)
        return answers.get(field.key, [""]).pop(0)

    monkeypatch.setattr(module.typer, "prompt", prompt)
    monkeypatch.setattr(module.sys, "stdin", _Terminal())
    module.new(
        tmp_path / "case.toml",
        "other",
        values=["organisation.roles=controller"],
        workspace=Path("whosaw-data"),
    )
    told = tomllib.loads((tmp_path / "case.toml").read_text())
    assert (told["zone"], told["organisation"]) == (
        "Africa/Nairobi",
        {"name": "Duka", "roles": ["controller"]},
    )
    assert asked == ["zone", "zone", *(each.key for each in FIELDS[1:] if each.key != "organisation.roles")]


class _Terminal:
    def isatty(self) -> bool:
        return True
