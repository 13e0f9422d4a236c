"""What every command promises: help, one JSON document, exit codes, masks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from tests.unit.cli.conftest import call, files_below
from typer.testing import CliRunner

from whosaw.cli.main import app
from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.workspace import Workspace


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command there is, from the registry itself."""
    opened: Any = group or typer.main.get_command(app)
    for name, command in sorted(opened.commands.items()):
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = list(commands())
names = pytest.mark.parametrize(("path", "command"), ALL, ids=["-".join(path) for path, _ in ALL])


@names
def test_every_command_explains_itself_and_its_options(path: tuple[str, ...], command: Any) -> None:
    told = call(*path, "--help")
    assert told.exit_code == 0
    assert command.help
    for parameter in command.params:
        assert parameter.help, (path, parameter.name)


@names
def test_every_command_takes_json(path: tuple[str, ...], command: Any) -> None:
    assert "--json" in {name for parameter in command.params for name in parameter.opts}, path


def test_without_a_command_the_help_is_shown() -> None:
    assert "scan" in call().output
    assert re.fullmatch(r"whosaw \d+\.\d+\S*\n", call("--version").stdout)


@pytest.mark.parametrize(
    "args",
    [
        ("scan", "access.log"),
        ("who", "7"),
        ("what", "192.0.2.5"),
        ("findings",),
        ("coverage",),
        ("coverage", "--source", "access.log"),
        ("rejects", "--limit", "1"),
        ("formats",),
        ("formats", "combined"),
        ("map", "check", "map.toml"),
        ("map", "check", "map.toml", "access.log"),
        ("map", "suggest", "access.log"),
        ("export", "access-record", "{tmp}/record.csv"),
        ("scan", "access.log", "--report", "{tmp}/page.html"),
    ],
    ids=" ".join,
)
def test_json_is_one_document_and_text_says_something(
    folder: Path, tmp_path: Path, args: tuple[str, ...]
) -> None:
    args = tuple(each.format(tmp=tmp_path) for each in args)
    told = call(*args, "--json")
    assert (told.exit_code, told.stderr) == (0, "")
    assert isinstance(json.loads(told.stdout), dict)
    text = call(*args)
    assert text.exit_code == 0
    assert re.fullmatch(r"(whosaw: custody head \d+:[0-9a-f]{32}\n)?", text.stderr)
    assert text.stdout.strip()
    assert not text.stdout.startswith("{")


def test_a_map_without_logs_is_not_said_to_match_nothing(folder: Path) -> None:
    told = call("map", "check", "map.toml").stdout
    assert re.fullmatch(r"No fault in \d+ routes?\. Name logs to see what each of them matches\.\n", told)


def test_finding_and_line_open_by_what_other_commands_print(folder: Path) -> None:
    listed = json.loads(call("findings", "--json").stdout)["findings"]
    assert listed
    told = call("findings", "--explain", listed[0]["id"], "--json")
    assert json.loads(told.stdout) == listed[0]
    assert listed[0]["title"] in call("findings", "--explain", listed[0]["id"][:6]).stdout
    locator = listed[0]["locators"][0]
    line = json.loads(call("line", locator, "--json").stdout)
    lines = (folder / "access.log").read_text().splitlines()
    assert line["text"] == lines[line["line"] - 1]
    assert call("line", locator).stdout == line["text"] + "\n"


@pytest.mark.parametrize("args", [("scan", "access.log"), ("findings",)], ids=" ".join)
def test_exit_code_is_one_only_where_it_was_asked_for_and_something_was_found(
    folder: Path, args: tuple[str, ...]
) -> None:
    assert call(*args).exit_code == 0
    assert call(*args, "--exit-code").exit_code == 1
    assert call(*args, "--exit-code", "--json").exit_code == 1


def test_exit_code_is_zero_where_nothing_was_found(fresh: Path) -> None:
    assert call("scan", "access.log", "--exit-code").exit_code == 0
    assert call("findings", "--exit-code").exit_code == 0


def revealed(root: Path) -> list[dict[str, Any]]:
    workspace = Workspace.open(root)
    try:
        rows = workspace.journal.rows(sa.select(tables.entry).where(tables.entry.c.kind == "reidentified"))
    finally:
        workspace.close()
    return [json.loads(row["body"]) for row in rows]


@pytest.mark.parametrize("args", [("who", "7"), ("what", "192.0.2.5")], ids=" ".join)
def test_identifiers_are_masked_unless_reveal_which_is_journalled(
    folder: Path, args: tuple[str, ...]
) -> None:
    before = len(revealed(Path("whosaw-data")))
    for more in ((), ("--json",)):
        masked = call(*args, *more).stdout
        assert "192.0.2." not in masked
    assert len(revealed(Path("whosaw-data"))) == before
    assert "192.0.2." in call(*args, "--json", "--reveal", "--reason", "asked by the person").stdout
    entries = revealed(Path("whosaw-data"))
    assert len(entries) == before + 1
    assert entries[-1]["reason"] == "asked by the person"


@pytest.mark.parametrize("args", [("findings",), ("coverage",), ("scan", "access.log")], ids=" ".join)
def test_no_list_shows_an_address(folder: Path, args: tuple[str, ...]) -> None:
    assert "192.0.2." not in call(*args).output
    assert "192.0.2." not in call(*args, "--json").output


def test_questions_leave_the_workspace_as_it_was(folder: Path) -> None:
    before = files_below(folder / "whosaw-data")
    for args in (("who", "7"), ("what", "192.0.2.5"), ("findings",), ("coverage",), ("rejects",)):
        assert call(*args).exit_code == 0
    assert files_below(folder / "whosaw-data") == before


def test_workspace_can_be_named_by_the_environment(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHOSAW_WORKSPACE", "elsewhere")
    assert call("scan", "access.log").exit_code == 0
    assert (fresh / "elsewhere" / "whosaw-workspace.json").is_file()
    assert not (fresh / "whosaw-data").exists()


def test_key_may_stand_outside_the_workspace(fresh: Path) -> None:
    assert call("scan", "access.log", "-m", "map.toml", "--key-file", "my.key").exit_code == 0
    assert not (fresh / "whosaw-data" / "vault.key").exists()
    assert call("what", "192.0.2.5", "--key-file", "my.key").exit_code == 0
    told = call("what", "192.0.2.5")
    assert (told.exit_code, told.stdout) == (2, "")
    assert "vault key" in told.stderr


def test_map_suggest_writes_a_draft_that_scan_takes(fresh: Path) -> None:
    assert call("map", "suggest", "access.log", "-o", "draft.toml").exit_code == 0
    assert "draft = true" in (fresh / "draft.toml").read_text()
    told = call("scan", "access.log", "--map", "draft.toml")
    assert told.exit_code == 0
    assert "drafts that nobody has confirmed" in told.stdout


def test_the_list_of_formats_breaks_no_id_and_cases_stand_below_each_other() -> None:
    listed = CliRunner().invoke(app, ["formats"], env={"COLUMNS": "60"}).stdout
    assert "azure-application-gateway " in listed
    shown = CliRunner().invoke(app, ["formats", "nginx-main"], env={"COLUMNS": "200"}).stdout.splitlines()
    cases = shown[next(at for at, line in enumerate(shown) if line == "  case:") :]
    assert all(line == "  case:" or line.startswith("    ") for line in cases)


@pytest.mark.parametrize("args", [("formats",), ("formats", "--json")], ids=" ".join)
def test_reader_that_goes_away_is_no_failure_and_no_finding(args: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [Path(sys.executable).parent / "whosaw", *args],
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_invitation_is_one_json_document(tmp_path: Path) -> None:
    Workspace.open(tmp_path / "ws", create=True).close()
    told = call("serve", "-w", str(tmp_path / "ws"), "--invite", "kim", "--role", "auditor", "--json")
    assert told.exit_code == 0, told.output
    document = json.loads(told.stdout)
    assert document["name"] == "kim"
    assert document["link"].startswith("/enter/")
