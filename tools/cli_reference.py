"""docs/reference/cli.md from the commands themselves: `python -m tools.cli_reference --write | --check`.

A command, option or argument without a help text is a fault.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from tools.generated import ROOT, main, table
from whosaw.cli.main import app

_PAGE = ROOT / "docs" / "reference" / "cli.md"
_KINDS = {"path": "path", "str": "text", "int": "number", "float": "number", "datetime": "instant"}
_HEAD = """\
# Command line

<!-- Made by `python -m tools.cli_reference --write`. -->

Every command exits with 0 when it is done, with 1 when it is done and found what `--exit-code` asks about,
and with 2 when it refused or failed, which it says in one line ([error codes](errors.md)). `evidence verify` and
`check` exit with 3 when it cannot be told whether something holds. With `--json` it prints one JSON document
([schemas](json/index.md)).
"""


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with its words, in the order in which --help lists them."""
    children = getattr(command, "commands", None)
    if not children:
        yield path, command
        return
    for name, child in children.items():
        if not child.hidden:
            yield from _walk(child, (*path, name))


def _name(parameter: Any) -> str:
    """An argument as the usage line shows it."""
    name = (parameter.metavar or parameter.name).strip("[]").upper()
    shown = f"{name}..." if parameter.nargs != 1 else name
    return shown if parameter.required else f"[{shown}]"


def _words(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{_name(parameter)}`"
    return ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])


def _kind(parameter: Any) -> str:
    if getattr(parameter, "is_flag", False):
        return "flag"
    many = getattr(parameter, "multiple", False) or parameter.nargs != 1
    if parameter.type.name == "choice":
        return " or ".join(f"`{each}`" for each in parameter.type.choices)
    return _KINDS[parameter.type.name.removesuffix(" range")] + (", may be repeated" if many else "")


def _default(parameter: Any) -> str:
    if parameter.required:
        return "must be given"
    if isinstance(parameter.show_default, str):
        return f"`{parameter.show_default}`"
    value = parameter.default
    return "" if value is None or callable(value) or value in (False, "", (), []) else f"`{value}`"


def _meaning(parameter: Any) -> str:
    variable = getattr(parameter, "envvar", None)
    return f"{parameter.help} (also: `{variable}` in the environment)" if variable else str(parameter.help)


def _section(words: tuple[str, ...], command: Any) -> str:
    shown = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
    arguments = [_name(parameter) for parameter in shown if parameter.param_type_name == "argument"]
    options = ["[OPTIONS]"] if len(shown) > len(arguments) else []
    usage = " ".join(["whosaw", *words, *options, *arguments])
    rows = [[_words(each), _kind(each), _default(each), _meaning(each)] for each in shown]
    text = f"\n## {' '.join(words)}\n\n{inspect.cleandoc(command.help or '')}\n\n```text\n{usage}\n```\n"
    return text + ("\n" + table(["given as", "kind", "default", "meaning"], rows) if rows else "")


def _commands() -> list[tuple[tuple[str, ...], Any]]:
    return [(words, command) for words, command in _walk(get_command(app), ()) if words]


def faults() -> list[str]:
    """Whatever has no help text."""
    found = []
    for words, command in _commands():
        name = " ".join(words)
        if not (command.help or "").strip():
            found.append(f"`whosaw {name}` has no help text")
        found += [
            f"`whosaw {name}`: {parameter.name} has no help text"
            for parameter in command.params
            if not getattr(parameter, "hidden", False) and not (getattr(parameter, "help", "") or "").strip()
        ]
    return found


def page() -> dict[Path, str]:
    return {_PAGE: _HEAD + "".join(_section(words, command) for words, command in _commands())}


if __name__ == "__main__":
    sys.exit(main("cli_reference", page, faults))
