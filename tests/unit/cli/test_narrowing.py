"""A call makes the command that it names and no other; what people read is the same as from all of them."""

from __future__ import annotations

import copy

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from whosaw.cli.main import app
from whosaw.cli.narrowing import narrow
from whosaw.cli.panels import PANELS

NAMES = [name for names in PANELS.values() for name in names]


def narrowed(*words: str) -> typer.Typer:
    """What the process of `whosaw WORDS` holds; the commands of this one are left whole."""
    own = copy.copy(app)
    own.registered_commands = [copy.copy(each) for each in app.registered_commands]
    own.registered_groups = [copy.copy(each) for each in app.registered_groups]
    for group in own.registered_groups:
        group.typer_instance = copy.copy(group.typer_instance)
    narrow(own, words)
    return own


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",)])
def test_the_list_of_commands_reads_the_same(words: tuple[str, ...]) -> None:
    runner = CliRunner()
    assert runner.invoke(narrowed(*words), words).output == runner.invoke(app, words).output


@pytest.mark.parametrize("name", NAMES)
def test_a_command_reads_the_same_and_is_made_alone(name: str) -> None:
    own = narrowed(name, "--help")
    assert list(get_command(own).commands) == [name]
    runner = CliRunner()
    assert runner.invoke(own, [name, "--help"]).output == runner.invoke(app, [name, "--help"]).output


@pytest.mark.parametrize("words", [("whoo",), ("--version",), ("--show-completion",), ("--help", "who")])
def test_whatever_else_is_said_is_held_against_all_commands(words: tuple[str, ...]) -> None:
    assert sorted(get_command(narrowed(*words)).commands) == sorted(NAMES)
