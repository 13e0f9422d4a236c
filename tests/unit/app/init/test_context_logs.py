"""Files that explain views are recognised among logs, and named in a context.toml that a scan can read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from whosaw.actors.context_from import recognise
from whosaw.actors.context_schema import table_schemas
from whosaw.actors.context_settings import load_settings
from whosaw.actors.context_systems import System, load_systems
from whosaw.app.init.asking import asked
from whosaw.app.init.look import look, write_draft

SYSTEMS = load_systems()
DAY = date(2025, 11, 25)
ACCESS = "".join(
    f'192.0.2.{n % 9 + 1} - - [24/Nov/2025:10:{n // 60:02}:{n % 60:02} +0000] "GET /member/{n} HTTP/1.1" 200 5 "-" "curl/8"\n'
    for n in range(90)
)


def lines_of(system: System) -> str:
    """The records of all its cases, those that are a record a line."""
    return "\n".join(line for case in system.cases for line in case.lines) + "\n"


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=lambda each: each.id)
def test_every_system_is_recognised_by_its_records(system: System, tmp_path: Path) -> None:
    (tmp_path / "log").write_text("\n".join(system.cases[0].lines) + "\n")
    found = {each.system.id: each for each in recognise(tmp_path / "log")}
    assert system.id in found
    assert set(found[system.id].tables) == set(system.cases[0].expect)
    alike = {"cognito-cloudtrail", "aws-access-keys"}
    assert found.keys() <= ({system.id} if system.id not in alike else alike)


@pytest.mark.parametrize(
    "text", [ACCESS, '{"userName":"ann","active":1}\n{"a":1}\n', "a,b\n1,2\n", "\x00\x01", ""]
)
def test_other_files_are_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "log").write_text(text)
    assert [
        each.system.id for each in recognise(tmp_path / "log") if each.share >= 0.5 and text[:1] != "{"
    ] == []


def test_init_names_them_and_the_context_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "logs/access.log": ACCESS,
        "auth/events.json": lines_of(SYSTEMS["keycloak-events"]),
        "exports/users.json": SYSTEMS["scim-users"].cases[0].lines[0],
        "exports/tickets.json": SYSTEMS["jira-issues"].cases[0].lines[0],
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    found = look(["."], here=Path(), day=DAY)
    assert [(each.system, each.also_log) for each in found.context_logs] == [
        ("keycloak-events", True), ("jira-issues", False), ("scim-users", False),
    ]  # fmt: skip
    assert [each.files for each in found.groups] == [("auth/events.json*",), ("logs/access.log*",)]
    written = write_draft(found, here=Path())
    assert written.context == "context/context.toml"
    assert 'context = "context"  # logins, tickets, staff' in Path("whosaw.toml").read_text()
    faults: list[object] = []
    settings = load_settings(Path("context/context.toml"), table_schemas(), faults)  # type: ignore[arg-type]
    assert faults == []
    assert [(each.system, each.files) for each in settings.sources] == [
        ("keycloak-events", ("../auth/events.json*",)),
        ("jira-issues", ("../exports/tickets.json*",)),
        ("scim-users", ("../exports/users.json*",)),
    ]


def test_nothing_that_is_there_is_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "access.log").write_text(ACCESS)
    (tmp_path / "users.json").write_text(SYSTEMS["scim-users"].cases[0].lines[0])
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "context.toml").write_text('none = ["services"]\n')
    written = write_draft(look(["."], here=Path(), day=DAY), here=Path())
    assert written.context is None
    assert (tmp_path / "context" / "context.toml").read_text() == 'none = ["services"]\n'
    assert [each for each in written.open if "users.json" in each]


def test_on_a_terminal_it_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "access.log").write_text(ACCESS)
    (tmp_path / "users.json").write_text(SYSTEMS["scim-users"].cases[0].lines[0])
    found = asked(
        look(["."], here=Path(), day=DAY), lambda question, given: "no" if "staff" in question else given
    )
    assert found.context_logs == ()
    assert write_draft(found, here=Path()).context is None
