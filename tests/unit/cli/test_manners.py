"""Every command shows itself alike: placeholders that say what to write, examples that can be typed, one meaning for a short flag."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from whosaw.cli.colours import settle_colours
from whosaw.cli.examples import EXAMPLES, FIRST
from whosaw.cli.main import app

WHOLE = get_command(app)


def commands(command: Any = WHOLE, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Each command that does something, by the words that call it."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(path), command
        return
    for name, each in inner.items():
        yield from commands(each, (*path, name))


ALL = dict(commands())


def examples(name: str) -> list[str]:
    """The lines below `Examples:` in the help of a command, without the program."""
    lines = [each.strip() for each in f"{ALL[name].help}\n{ALL[name].epilog or ''}".splitlines()]
    return [
        each[each.index("whosaw ") + 7 :]
        for each in lines
        if each.startswith("whosaw ") or "| whosaw " in each
    ] + ([""] if "whosaw" in lines else [])


@pytest.mark.parametrize("name", sorted(ALL))
def test_help_says_what_to_write_and_shows_examples_that_can_be_typed(name: str) -> None:
    shown = CliRunner().invoke(app, [*name.split(), "--help"], env={"COLUMNS": "120"}).stdout
    assert not re.search(r"<(?:str|path|int|float|bool|list|datetime)", shown), shown
    assert "Examples:" in shown
    typed = examples(name)
    assert typed
    for each in typed:
        words = shlex.split(each)
        context = WHOLE.make_context("whosaw", list(words))
        called = WHOLE
        rest = list(words)
        while hasattr(called, "commands"):
            word, called, rest = called.resolve_command(context, rest)
            context = called.make_context(word, list(rest), parent=context)
            if hasattr(called, "commands"):
                rest = [*context._protected_args, *context.args]
        assert called.name == name.rsplit(maxsplit=1)[-1] or name.startswith(words[0])


def groups(app: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for each in app.registered_groups:
        yield from groups(each.typer_instance, (*path, str(each.name or each.typer_instance.info.name)))


@pytest.mark.parametrize("path", sorted(groups(app)))
def test_help_of_a_group_shows_what_its_commands_show_first(path: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "160"}).stdout
    _, mark, told = shown.partition("Examples:")
    typed = [each.strip().removeprefix("whosaw ") for each in told.splitlines() if each.strip()]
    assert mark
    assert typed
    first = {
        each for name, every in EXAMPLES.items() for each in every[:1] if name.startswith(" ".join(path))
    }
    assert set(typed) <= (first if path else set(FIRST))


def test_each_example_is_of_a_command_that_there_is() -> None:
    assert set(EXAMPLES) <= set(ALL)


def test_a_short_flag_means_one_thing_in_all_commands() -> None:
    meant: dict[str, set[str]] = defaultdict(set)
    for each in ALL.values():
        for option in each.params:
            long = [name for name in option.opts if name.startswith("--")]
            for short in [name for name in option.opts if not name.startswith("--") and name.startswith("-")]:
                meant[short].add(long[-1])
    assert {short: names for short, names in meant.items() if len(names) > 1} == {}
    assert meant["-o"] == {"--output"}
    assert meant["-f"] == {"--format"}
    assert meant["-c"] == {"--context"}


def test_without_a_command_the_help_is_short() -> None:
    shown = CliRunner().invoke(app, [])
    assert shown.exit_code == 2
    lines = shown.stdout.splitlines()
    assert len(lines) <= 12
    assert max(map(len, lines)) <= 80
    assert "whosaw --help lists all commands" in shown.stdout


@pytest.mark.parametrize(
    ("given", "settled"),
    [
        ({}, {}),
        ({"CLICOLOR": "0"}, {"CLICOLOR": "0", "NO_COLOR": "1"}),
        ({"CLICOLOR": "1"}, {"CLICOLOR": "1"}),
        ({"CLICOLOR_FORCE": "1"}, {"CLICOLOR_FORCE": "1", "FORCE_COLOR": "1"}),
        ({"CLICOLOR_FORCE": "0"}, {"CLICOLOR_FORCE": "0"}),
        ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, {"NO_COLOR": "1"}),
    ],
)
def test_colours_go_by_the_two_conventions(given: dict[str, str], settled: dict[str, str]) -> None:
    environment = dict(given)
    settle_colours(environment)
    assert environment == settled
