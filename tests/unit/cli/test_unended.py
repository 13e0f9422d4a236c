"""Where a scan did not come to its end, no answer passes for a whole one: what was not read is not told as what is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.chain.shop_log import MAP, shop_lines
from tests.schemas import validate
from tests.unit.cli.conftest import call

from whosaw.core.errors import WhosawError

NO_OFFSET = '{"time": "2025-03-03 09:00:00", "principal": "s-1", "path": "/customers/7"}\n'
STOPPED = "cannot tell: the last scan has not ended, so what it had not read yet is missing here; run the same `whosaw scan` again"


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which a scan read access.log, and a second one stopped at a file whose times say no zone."""
    (tmp_path / "access.log").write_text("".join(f"{line}\n" for line in shop_lines(60)))
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / "later.jsonl").write_text(NO_OFFSET)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stop() -> None:
    refused = call("scan", "later.jsonl", "--format", "json:time=time,principal=principal,path=path")
    assert refused.exit_code == 2
    assert "no zone was given" in refused.stderr


def test_nothing_is_said_to_be_absent_before_anything_was_read(begun: Path) -> None:
    stop()
    for words in (("who", "7"), ("what", "192.0.2.1")):
        done = call(*words)
        assert done.exit_code == 2
        assert "whosaw: cannot tell: " in done.stderr
        assert "The last scan has not ended" in done.stderr
        assert done.stdout == ""
    for words in (("findings",), ("findings", "--json")):
        done = call(*words)
        assert (done.exit_code, done.stdout) == (2, "")
        assert (
            done.stderr
            == "whosaw: findings were never looked for in this ledger. Run `whosaw scan` on the logs, to its end\n"
        )


def test_what_is_known_is_told_with_what_is_missing_until_a_scan_ends(begun: Path) -> None:
    assert call("scan", "access.log", "--map", "map.toml").exit_code == 0
    person = "p0"
    asked = (("who", person), ("what", "c0"), ("findings",))
    for words in asked:
        assert "cannot tell: the last scan" not in call(*words).stdout
        assert "incomplete" not in json.loads(call(*words, "--json").stdout)

    stop()
    for words in asked:
        assert STOPPED in call(*words).stdout
        told = json.loads(call(*words, "--json").stdout)
        assert told["incomplete"].startswith("the last scan has not ended")
        validate(words[0], told)
    letter = call("answer", person, "--reason", "request 7")
    assert letter.exit_code == 2
    assert "the last scan has not ended, so what it had not read yet would be missing" in letter.stderr
    assert not (begun / "answers").exists()

    assert call("scan", "access.log", "--map", "map.toml").exit_code == 0
    for words in asked:
        assert "cannot tell: the last scan" not in call(*words).stdout


def test_lines_that_are_not_listed_are_said_to_be_there(begun: Path) -> None:
    lines = [
        f'192.0.2.9 - - [03/Mar/2025:09:{n:02}:00 +0000] "GET /customers/7 HTTP/1.1" 200 7 "-" "a"\n'
        for n in range(21)
    ]
    (begun / "m.toml").write_text(
        '[[route]]\nid = "one"\nmatch = { path = "/customers/{id}" }\nsubject = { from = "path", name = "id" }\ncategories = ["identity.name"]\n'
    )
    for number, some in ((20, lines[:20]), (21, lines)):
        (begun / "few.log").write_text("".join(some))
        assert call("scan", "few.log", "--map", "m.toml").exit_code == 0
        for words, command in (
            (("who", "7"), "whosaw picture p0 --of person --open all"),
            (("what", "c0"), "whosaw picture ACTOR --open all"),
        ):
            told, document = call(*words).stdout, json.loads(call(*words, "--json").stdout)
            assert len(document["locators"]) == 20
            if number == 20:
                assert "lines (whosaw line LOCATOR):" in told
                assert "… and more" not in told
                assert "more_lines" not in document
            else:
                assert "first 20 lines (whosaw line LOCATOR):" in told
                assert f"  … and more: {command}" in told
                assert document["more_lines"] is True
                validate(words[0], document)
    assert len(call("picture", "p0", "--of", "person", "--open", "all").stdout.splitlines()) == 22


def test_a_watch_that_read_all_that_lay_there_leaves_nothing_open(
    begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("scan", "access.log", "--map", "map.toml").exit_code == 0
    whole = json.loads(call("who", "p0", "--json").stdout)
    assert call("watch", "access.log", "--once", "--map", "map.toml").exit_code == 0
    assert json.loads(call("who", "p0", "--json").stdout) == whole
    assert call("answer", "p0", "--reason", "request 7").exit_code == 0

    with monkeypatch.context() as patched:
        patched.setattr("whosaw.app.watch.update_index", _no_room)
        assert call("watch", "access.log", "--once", "--map", "map.toml").exit_code == 2
    assert json.loads(call("who", "p0", "--json").stdout)["incomplete"].startswith(
        "the last scan has not ended"
    )


def _no_room(*_: object, **__: object) -> bool:
    raise WhosawError("disk.full", "no room is left")
