"""man/*.1 from the commands themselves: `python -m tools.man_pages --write | --check`. The wheel puts them where `man` looks."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from tools.generated import ROOT, main
from whosaw.cli.main import app

_FOLDER = ROOT / "man"
_EXITS = (
    ("0", "It is done."),
    ("1", "It is done, and found what \\-\\-exit\\-code asks about."),
    ("2", "It refused or failed, which it says in one line."),
    ("3", "It cannot be told whether something holds."),
    ("130", "Ctrl-C ended it."),
)
_ENVIRONMENT = (
    ("WHOSAW_WORKSPACE", "Folder that holds the ledger."),
    ("WHOSAW_KEY_FILE", "File with the vault key, where it is not in the workspace."),
    ("WHOSAW_PAGER, PAGER", "What shows long answers on a terminal; cat or nothing for none."),
    ("NO_COLOR, CLICOLOR, CLICOLOR_FORCE", "Whether to colour."),
    ("WHOSAW_TRACEBACK", "Show where an internal error came from."),
)


def pages() -> dict[Path, str]:
    """Each page by its file."""
    whole = get_command(app)
    every = list(_walk(whole, ("whosaw",)))
    found = {_FOLDER / f"{'-'.join(words)}.1": _page(words, command, ()) for words, command in every}
    names = [(words, command) for words, command in every if len(words) > 1]
    found[_FOLDER / "whosaw.1"] = _page(("whosaw",), whole, names)
    return found


def stale() -> list[str]:
    """Pages of commands that there are no more."""
    wanted = {path.name for path in pages()}
    return [
        f"{path.name} is of no command; remove it"
        for path in sorted(_FOLDER.glob("*.1"))
        if path.name not in wanted
    ]


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    inner = getattr(command, "commands", None)
    if not inner:
        yield path, command
        return
    for name, each in inner.items():
        if not each.hidden:
            yield from _walk(each, (*path, name))


def _page(words: tuple[str, ...], command: Any, children: Any) -> str:
    name, context = "-".join(words), command.make_context(" ".join(words), [], resilient_parsing=True)
    told, examples = _told(command)
    short = told[0].split(". ")[0].rstrip(".") if told else name
    lines = [f'.TH "{name.upper()}" 1 "" "whosaw" "whosaw"', ".SH NAME", f"{_safe(name)} \\- {_safe(short)}"]
    usage = " ".join(command.collect_usage_pieces(context))
    lines += [".SH SYNOPSIS", f".B {_safe(' '.join(words))}", _safe(usage), ".SH DESCRIPTION"]
    for number, paragraph in enumerate(told):
        lines += [*([".PP"] if number else []), _safe(paragraph)]
    shown = [each for each in command.params if not getattr(each, "hidden", False) and each.help]
    for head, kind in (("ARGUMENTS", "argument"), ("OPTIONS", "option")):
        of_kind = [each for each in shown if each.param_type_name == kind]
        if of_kind:
            lines.append(f".SH {head}")
            for each in of_kind:
                lines += [".TP", _heading(each), _safe(_meaning(each))]
    if children:
        lines.append(".SH COMMANDS")
        for path, child in children:
            first = (_told(child)[0] or [""])[0]
            lines += [".TP", f"\\fB{_safe(' '.join(path[1:]))}\\fR", _safe(first)]
    if examples:
        lines += [".SH EXAMPLES", ".nf", *(_safe(each) for each in examples), ".fi"]
    if len(words) == 1:
        for head, rows in (("EXIT STATUS", _EXITS), ("ENVIRONMENT", _ENVIRONMENT)):
            lines.append(f".SH {head}")
            lines += [part for key, says in rows for part in (".TP", f"\\fB{key}\\fR", says)]
        lines += [
            ".SH FILES",
            ".TP",
            "\\fBwhosaw.toml\\fR",
            "What a project says once; looked for here and in the folders above.",
        ]
    else:
        lines += [".SH SEE ALSO", "\\fBwhosaw\\fR(1)"]
    return "\n".join(lines) + "\n"


def _told(command: Any) -> tuple[list[str], list[str]]:
    """Paragraphs of the help, and the examples behind it."""
    kept = [" ".join(each.split()) for each in (command.help or "").split("\n\n") if each.strip()]
    examples = [each for each in (command.epilog or "").removeprefix("Examples:").splitlines() if each]
    return kept, examples


def _heading(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"\\fI{_safe(parameter.metavar or parameter.name)}\\fR"
    value = "" if getattr(parameter, "is_flag", False) else f" \\fI{_safe(str(parameter.metavar))}\\fR"
    return (
        ", ".join(f"\\fB{_safe(each)}\\fR" for each in [*parameter.opts, *parameter.secondary_opts]) + value
    )


def _meaning(parameter: Any) -> str:
    text = str(parameter.help)
    if isinstance(parameter.show_default, str):
        text += f" Default: {parameter.show_default}."
    if (variable := getattr(parameter, "envvar", None)) is not None:
        text += f" Also from the environment: {variable}."
    return text


def _safe(text: str) -> str:
    """A line of text that roff prints as it stands."""
    plain = re.sub(r"\s+", " ", text).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain


if __name__ == "__main__":
    sys.exit(main("man_pages", pages, stale))
