"""As much of the command line as one call needs. Making every command with its options takes longer than most of them run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import typer

__all__ = ["narrow"]

_HELP = ((), ("--help",), ("-h",))  # without a word only the short help is shown


def narrow(app: typer.Typer, words: Sequence[str]) -> None:
    """Leave of `app` the command that the words begin with; for the list of commands, their names and help without options.

    Whatever else is said, to completion too, needs all of it.
    """
    if tuple(words) in _HELP:
        for command in app.registered_commands:
            command.name = command.name or _name(command.callback)
            command.callback = _silent(command.callback)
        for group in app.registered_groups:
            if group.typer_instance is not None:
                group.typer_instance.registered_commands = []
                group.typer_instance.registered_groups = []
        return
    first = words[0] if words else ""
    commands = [each for each in app.registered_commands if (each.name or _name(each.callback)) == first]
    groups = [each for each in app.registered_groups if each.name == first]
    if commands or groups:
        app.registered_commands, app.registered_groups = commands, groups


def _name(callback: Callable[..., object] | None) -> str:
    return str(getattr(callback, "__name__", "")).replace("_", "-")


def _silent(callback: Callable[..., object] | None) -> Callable[..., object]:
    """What says the same in the list and takes nothing."""

    def command() -> None:
        """Nothing calls it."""

    command.__doc__ = callback.__doc__
    return command
