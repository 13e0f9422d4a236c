"""The commands of who guards the journal, and what every other command says of one that was changed."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from tests.evidence.authority import issue, serving, write_pem
from tests.unit.alert.test_addresses import plain_server
from typer.testing import CliRunner

from whosaw.cli import custody_heard
from whosaw.cli.main import app
from whosaw.store.journal import Journal

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "reference" / "json"
SCHEMAS = {path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
           for path in sorted(FOLDER.glob("*.schema.json"))}  # fmt: skip
REGISTRY: Registry[Any] = Registry().with_resources(
    [(schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()]
)
LOG = "".join(
    f'192.0.2.{host} - - [03/Mar/2025:09:0{host}:30 +0000] "GET /members/{4710 + host} HTTP/1.1" 200 700 "-" "agent"\n'
    for host in range(1, 6)
)
MAP = """\
[[route]]
id = "member"
match = { method = "GET", path = "/members/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]
"""


def call(*args: str, code: int = 0) -> Any:
    done = CliRunner().invoke(app, list(args))
    assert done.exit_code == code, (args, done.output, done.stderr)
    return done


def asked(name: str, *args: str, code: int = 0) -> dict[str, Any]:
    done = call(*args, "--json", code=code)
    document: dict[str, Any] = json.loads(done.stdout)
    Draft202012Validator(SCHEMAS[name], registry=REGISTRY).validate(document)
    return document


def noted(answer: dict[str, Any]) -> dict[str, Any]:
    """The part that speaks of what was noted elsewhere."""
    return next(each for each in answer["parts"] if each["part"] == "what was noted elsewhere")


def look(person: str = "4711") -> None:
    call("who", person, "--reveal", "--reason", "asked by the person")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "access.log").write_text(LOG, encoding="utf-8")
    (folder / "map.toml").write_text(MAP, encoding="utf-8")
    with contextlib.chdir(folder):
        call("scan", "access.log", "--map", "map.toml")
        look()
        look("4712")
    return folder


@pytest.fixture
def shop(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scanned shop in which somebody was looked up twice; the working folder."""
    shutil.copytree(made, tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "shop")
    return tmp_path / "shop"


@contextlib.contextmanager
def edited() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect("whosaw-data/journal.sqlite")
    with connection:
        yield connection
    connection.close()


LOUD = "whosaw: the custody journal of whosaw-data is BROKEN: "
EDITS = {
    "update": ["UPDATE journal SET who = 'somebody else' WHERE kind = 'reidentified'"],
    "delete": ["DELETE FROM journal WHERE seq = 3"],
    "cut": ["DELETE FROM journal WHERE seq > 2", "DELETE FROM custody WHERE seq > 2"],
    "insert": [
        "DROP TRIGGER journal_is_signed",
        "INSERT INTO journal SELECT 5, time, who, kind, body, hash, 'x' FROM journal WHERE seq = 4",
    ],
}


@pytest.mark.parametrize("edit", EDITS)
def test_every_command_that_reads_is_loud_about_an_edit(shop: Path, edit: str) -> None:
    assert shop.is_dir()
    assert call("lookups").stderr == ""
    with edited() as connection:
        for statement in EDITS[edit]:
            connection.execute(statement)
    for command in (["findings"], ["who", "4711"], ["coverage"], ["scan", "access.log"]):
        done = call(*command)
        assert done.stderr.startswith(LOUD), (command, done.stderr)
        assert len([line for line in done.stderr.splitlines() if "BROKEN" in line]) == 1
    told = call("lookups", code=2)
    assert told.stderr.startswith(LOUD)
    assert "nobody looked" not in told.stdout
    document = asked("lookups", "lookups", code=2)
    assert document["custody"]["answer"] == "broken"
    assert document["custody"]["why"]
    answer = asked("check", "check", code=2)
    assert answer["answer"] == "broken"
    assert {part["part"]: part["answer"] for part in answer["parts"]}["journal"] == "broken"


def test_a_writing_command_ends_with_the_head_and_json_has_it(shop: Path) -> None:
    assert shop.is_dir()
    before = asked("custody-head", "custody", "head")
    assert before["entry"] == 4
    said = call("who", "4711", "--reveal", "--reason", "again").stderr
    after = asked("custody-head", "custody", "head")
    assert said == f"whosaw: custody head 5:{after['hash'][:32]}\n"
    document = asked("who", "who", "4711", "--reveal", "--reason", "and again")
    now = asked("custody-head", "custody", "head")
    assert document["custody"] == {"answer": "holds", "why": [], **now}
    assert (now["entry"], now["root"]) == (6, before["root"])
    assert "custody" not in asked("who", "who", "4711")  # nothing was written
    assert call("who", "4711").stderr == ""


def test_without_anything_noted_elsewhere_check_cannot_tell(shop: Path) -> None:
    assert shop.is_dir()
    answer = asked("check", "check", code=3)
    assert answer["answer"] == "cannot tell"
    parts = {part["part"]: part["answer"] for part in answer["parts"]}
    assert parts == {
        "database": "holds", "journal": "holds", "where heads go": "holds", "what was noted elsewhere": "cannot tell",
        "files": "holds", "lines": "holds", "numbers": "holds", "counts": "holds", "findings": "holds",
        "days": "holds",
    }  # fmt: skip
    head = asked("custody-head", "custody", "head")
    assert asked("check", "check", "--root", head["root"])["answer"] == "holds"
    assert asked("check", "check", "--head", f"4:{head['hash'][:32]}")["answer"] == "holds"
    asked("check", "check", "--root", "0" * 64, code=2)
    asked("check", "check", "--head", f"3:{head['hash']}", code=2)
    asked("check", "check", "--head", f"9:{head['hash']}", code=2)
    assert "is no head of a journal" in call("check", "--head", "nonsense", code=2).stderr
    assert "no whosaw workspace" in call("check", "-w", "absent", code=2).stderr
    text = call("check", code=3).stdout
    assert "  cannot tell  what was noted elsewhere\n" in text


def test_heads_in_a_file_show_a_way_back_to_an_earlier_day(shop: Path, tmp_path: Path) -> None:
    heads = tmp_path / "elsewhere" / "heads"
    heads.parent.mkdir()
    assert asked("custody-anchor", "custody", "anchor") == {"file": None, "mail": None, "tsa": None}
    chosen = call("custody", "anchor", "--file", str(heads), "--json").stdout
    assert json.loads(chosen)["file"] == str(heads)
    look()
    rows = [json.loads(line) for line in heads.read_text(encoding="utf-8").splitlines()]
    assert [row["entry"] for row in rows] == [5, 6]
    assert heads.stat().st_mode & 0o777 == 0o600
    assert asked("check", "check")["answer"] == "holds"  # its own file of heads is looked at by itself
    shutil.copytree(shop / "whosaw-data", tmp_path / "yesterday")
    look()
    assert noted(asked("check", "check", "-w", str(tmp_path / "yesterday"), code=2))["why"] == [
        f"{heads}, line 3: entry 7 is no longer there: the journal was cut, or put back to an earlier day"
    ]
    shutil.rmtree("whosaw-data")
    call("scan", "access.log", "--map", "map.toml")  # the whole journal, exchanged for another one
    for _ in range(5):
        look()
    answer = asked("check", "check", code=3)
    assert answer["parts"][1]["answer"] == "holds"
    answer = asked("check", "check", "--against", str(heads), code=2)
    assert "the journal was rewritten" in noted(answer)["why"][0]


def test_an_anchor_that_was_taken_away_without_a_command_shows(shop: Path, tmp_path: Path) -> None:
    assert shop.is_dir()
    call("custody", "anchor", "--file", str(tmp_path / "heads"))
    with edited() as connection:
        connection.execute("DELETE FROM setting WHERE name = 'custody-anchors'")
    answer = asked("check", "check", "--against", str(tmp_path / "heads"), code=2)
    assert [part["part"] for part in answer["parts"] if part["answer"] == "broken"] == ["where heads go"]
    call("custody", "anchor", "--off")
    call("custody", "anchor", "--file", str(tmp_path / "others"))
    call("custody", "anchor", "--off")
    (first, last) = (
        (tmp_path / "others").read_text(encoding="utf-8").splitlines()
    )  # the end of it is not kept from the old place
    assert (
        json.loads(last)["entry"]
        == json.loads(first)["entry"] + 1
        == asked("custody-head", "custody", "head")["entry"]
    )
    assert asked("check", "check", "--against", str(tmp_path / "heads"))["answer"] == "holds"


def test_a_place_that_does_not_take_a_head_is_said_and_the_work_is_done(shop: Path, tmp_path: Path) -> None:
    assert shop.is_dir()
    (tmp_path / "there").mkdir()
    call("custody", "anchor", "--file", str(tmp_path / "there" / "heads"))
    shutil.rmtree(tmp_path / "there")
    done = call("who", "4711", "--reveal", "--reason", "x")
    assert "4711" in done.stdout
    assert "was not sent: " in done.stderr
    assert "The next one will cover it" in done.stderr
    assert noted(asked("check", "check", code=3))["answer"] == "cannot tell"


def test_a_head_is_mailed(shop: Path) -> None:
    assert shop.is_dir()
    with plain_server() as (port, letter):
        address = f"mail://127.0.0.1:{port}/guard@example.org?from=whosaw@example.org"
        assert "offers no TLS" in call("custody", "anchor", "--mail", address).stderr
        assert letter == []
        call("custody", "anchor", "--mail", f"{address}&tls=none")
        head = asked("custody-head", "custody", "head")
        text = b"".join(letter).decode().replace("=\r\n", "").replace("=\n", "")
        assert f"Subject: whosaw custody head {head['entry']}:{head['hash'][:32]}" in text
        assert head["root"] in text
    for refused in ("stdout", "https://example.org/x", "mail://example.org/nobody"):
        assert call("custody", "anchor", "--mail", refused, code=2).stderr.startswith("whosaw: ")


def test_a_head_is_stamped_and_another_stamp_does_not_fit(shop: Path, tmp_path: Path) -> None:
    assert shop.is_dir()
    heads = tmp_path / "heads"
    ca = issue("Root of time", ca=True)
    write_pem(tmp_path, "ca", ca)
    write_pem(tmp_path, "other", issue("Root of nobody", ca=True))
    with serving(tmp_path / "tsa", issue("Clock", by=ca, stamping=True)) as url:
        call("custody", "anchor", "--file", str(heads), "--tsa", url)
        look()
    trusted = asked("check", "check", "--stamp-trust", str(tmp_path / "ca.pem"))
    assert "entry 6 was there no later than" in " ".join(noted(trusted)["notes"])
    asked("check", "check", "--stamp-trust", str(tmp_path / "other.pem"), code=2)
    rows = [json.loads(line) for line in heads.read_text(encoding="utf-8").splitlines()]
    rows[0]["stamp"], rows[1]["stamp"] = rows[1]["stamp"], rows[0]["stamp"]
    heads.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    answer = asked("check", "check", code=2)
    assert "its time stamp is over another head" in noted(answer)["why"][0]


def test_a_command_that_does_not_end_sends_its_head_meanwhile(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("custody", "anchor", "--file", str(tmp_path / "heads"))
    for pause, wanted in ((3600.0, 0), (0.0, 3)):
        (tmp_path / "heads").write_text("", encoding="utf-8")
        monkeypatch.setattr(custody_heard, "_MEANWHILE", pause)
        with custody_heard.listening(lambda _: None, quiet=True):
            journal = Journal.at(shop / "whosaw-data" / "journal.sqlite", who="t")
            for _ in range(3):
                with journal.transaction() as connection:
                    journal.record(connection, "watch.read", {}, now=datetime(2026, 11, 27, tzinfo=UTC))
            journal.close()
            sent = (tmp_path / "heads").read_text(encoding="utf-8").splitlines()
            assert len(sent) == wanted
        assert len((tmp_path / "heads").read_text(encoding="utf-8").splitlines()) == wanted + 1


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--tsa", "https://tsa.example.org/"), "time stamps are kept in the file of heads"),
        (("--file", "whosaw-data/heads"), "lies in the workspace"),
        (("--file", "heads", "--off"), "--off cannot be used with another option"),
        (("--file", "heads", "--tsa", "ftp://example.org"), "is no address of a time stamp authority"),
    ],
)
def test_a_way_that_protects_nothing_is_refused(shop: Path, args: tuple[str, ...], told: str) -> None:
    assert shop.is_dir()
    assert told in call("custody", "anchor", *args, code=2).stderr


def test_a_torn_file_of_heads_is_said(shop: Path, tmp_path: Path) -> None:
    assert shop.is_dir()
    (tmp_path / "heads").write_text('{"entry": 1', encoding="utf-8")
    answer = asked("check", "check", "--against", str(tmp_path / "heads"), code=2)
    assert "line 1 is no head" in noted(answer)["why"][0]


def test_check_needs_no_vault_key_and_says_where_it_lies(shop: Path, tmp_path: Path) -> None:
    assert shop.is_dir()
    assert "the vault key lies in the workspace" in asked("check", "check", code=3)["notes"][0]
    shutil.move("whosaw-data/vault.key", tmp_path / "vault.key")
    (note,) = asked("check", "check", code=3)["notes"]
    assert note.startswith("days cannot be made again to be compared: the vault key")


def damaged(data: bytearray) -> None:
    for page in range(2, len(data) // 4096):
        data[page * 4096 + 8 : page * 4096 + 64] = b"\xff" * 56


def cut_short(data: bytearray) -> None:
    del data[len(data) // 3 :]


def overwritten(data: bytearray) -> None:
    data[:100] = b"x" * 100


@pytest.mark.parametrize("damage", [damaged, cut_short, overwritten])
def test_a_damaged_database_is_broken_and_no_crash(shop: Path, damage: Callable[[bytearray], None]) -> None:
    file = shop / "whosaw-data" / "journal.sqlite"
    with edited() as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(file.read_bytes())
    damage(data)
    file.write_bytes(data)
    answer = asked("check", "check", code=2)
    assert {part["part"]: part["answer"] for part in answer["parts"]}["database"] == "broken"
    done = call("findings", code=2)
    assert "internal error" not in done.stderr


def test_check_looks_at_the_ledger_and_prints_its_digest(made: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(made / "whosaw-data", tmp_path / "ws"))
    there = ("--workspace", str(root))
    told = asked(
        "check", "check", *there, "--digest", "--all", code=3
    )  # nothing that was noted elsewhere was given
    ledger = {each["part"]: each["answer"] for each in told["parts"]}
    assert {ledger[each] for each in ("files", "lines", "numbers", "counts", "findings")} == {"holds"}
    assert next(each for each in told["digest"]["tables"] if each["table"] == "views")["rows"] == 5
    assert asked("check", "check", *there, code=3)["digest"] is None
    shown = call("check", *there, "--digest", code=3).stdout
    assert f"digest: {told['digest']['sha256']}\n" in shown
    with sqlite3.connect(root / "journal.sqlite") as database:
        ((name,),) = database.execute("SELECT file FROM index_file WHERE live AND kind = 'views'").fetchall()
    (root / "files" / name[:2] / name).unlink()
    broken = asked("check", "check", *there, "--digest", code=2)
    assert broken["digest"] is None
    assert {each["part"]: each["answer"] for each in broken["parts"]}["counts"] == "cannot tell"
