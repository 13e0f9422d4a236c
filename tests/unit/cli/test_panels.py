"""The help lists every command once, under a head, in the order of the story."""

from __future__ import annotations

from typer.main import get_command
from typer.testing import CliRunner

from whosaw.cli.main import app
from whosaw.cli.panels import PANELS


def test_every_command_stands_under_one_head() -> None:
    placed = [name for names in PANELS.values() for name in names]
    assert sorted(placed) == sorted(get_command(app).commands)


def test_help_goes_from_logs_to_what_is_owed() -> None:
    shown = CliRunner().invoke(app, ["--help"]).stdout
    places = [shown.index(f" {head} ") for head in PANELS]
    assert places == sorted(places)
    scan, who, scope, duties = (shown.index(f"│ {each} ") for each in ("scan", "who", "scope", "duties"))
    assert scan < who < scope < duties
