"""`--format` names the format of a log in every command, and `--as` what is written or meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from whosaw.cli.main import app


def commands(command: Any, words: str = "") -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield words, command
        return
    for name, each in below.items():
        yield from commands(each, f"{words} {name}".strip())


def shown(option: str) -> dict[str, str]:
    """The help of an option by command, where it is shown."""
    return {
        words: each.help or ""
        for words, command in commands(typer.main.get_command(app))
        for each in command.params
        if option in each.opts and not getattr(each, "hidden", False)
    }


def test_format_is_the_format_of_a_log() -> None:
    found = shown("--format")
    assert len(found) > 2
    for words, text in found.items():
        assert text.startswith("Force a format: an id of `whosaw formats`") or "log format" in text, words


def test_what_is_written_is_said_with_as() -> None:
    assert {"file", "notice make", "answer", "evidence export"} <= shown("--as").keys()
