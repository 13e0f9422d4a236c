"""In which order, and under which heads, the help lists commands: as the story goes, from logs to what is owed."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import typer
from typer.core import TyperGroup

from .complaints import complain
from .interrupts import EXIT_INTERRUPTED

__all__ = ["PANELS", "InOrder", "set_panels"]

PANELS: Final[Mapping[str, tuple[str, ...]]] = {
    "Begin": ("demo", "init", "config", "formats", "map", "context", "packs"),
    "Read logs": ("scan", "watch", "status", "coverage", "rejects", "line", "hold"),
    "Who saw whom": (
        "findings", "finding", "explain", "who", "what", "answer", "sql", "picture", "lookups", "serve", "gate", "me", "export",
    ),
    "Keep no more than one may": ("erase", "erasures", "retention", "vault"),
    "Count a case and prove it": ("scope", "evidence", "custody", "check"),
    "Answer for it": (
        "case", "duties", "penalty", "file", "notice", "lookup", "consistency", "decide", "decisions", "law",
    ),
    "Be ready": ("replay", "canary", "backup", "restore", "database"),
}  # fmt: skip


# the error of a line that cannot be used, and what derives from it
_UNUSABLE: Final = cast("tuple[type[Exception], ...]", typer.BadParameter.__bases__)
_NUMBERS: Final = (
    ("a valid int range", "a whole number"),
    ("a valid integer", "a whole number"),
    ("a valid float range", "a number"),
    ("a valid float", "a number"),
)


_HELP: Final = frozenset(("--help", "-h"))
_BOUNDS: Final = re.compile(r"(?:(?P<least>[^<>x]+)<=?)?x(?:<=?(?P<most>[^<>x]+)|>=?(?P<from>[^<>x]+))?")
_OPTIONS: Final = re.compile(r"\s*\((?:Possible options|Did you mean):? ([^,)]+)[^)]*\)")


def _one_line(fault: Any) -> str:
    """What is wrong with a command line, and how it is used; empty where nothing is, for its help was shown."""
    told = " ".join(str(fault.format_message()).split())
    if not told:
        return ""
    for technical, plain in _NUMBERS:
        told = told.replace(technical, plain)
    told = _OPTIONS.sub(r". Did you mean \1?", told)
    end = "" if told.endswith((".", "?", ")")) else "."
    context = getattr(fault, "ctx", None)
    usage = " ".join(context.get_usage().split()) if context is not None else ""
    return f"{told}{end} {usage}; -h tells more" if usage else f"{told}{end}"


class InOrder(TyperGroup):
    """Lists commands in the order of `PANELS`."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run what the line says. A line that cannot be understood is answered in one clear line, as every other fault is."""
        if not kwargs.pop("standalone_mode", True):
            return super().main(*args, **{**kwargs, "standalone_mode": False})
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})
        except _UNUSABLE as fault:
            if told := _one_line(fault):
                complain(told)
            code = 2
        except typer.Abort:
            complain("stopped")
            code = EXIT_INTERRUPTED
        sys.exit(code if isinstance(code, int) else 0)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As usual. Where the line asks for help, nothing in it is cut."""
        if _asks_for_help(self, args):
            _cut_nothing()
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:
        order = [name for names in PANELS.values() for name in names]
        return sorted(
            super().list_commands(ctx), key=lambda name: order.index(name) if name in order else len(order)
        )


def _asks_for_help(group: Any, args: Sequence[str]) -> bool:
    """Whether the line says so, or names no command but a group of them."""
    at = group
    for each in args:
        if each in _HELP:
            return True
        at = getattr(at, "commands", {}).get(each)
    return hasattr(at, "commands")


def _cut_nothing() -> None:
    """Break a word that is wider than its column of the help, and leave it whole in a column of names: typer cuts both."""
    from rich.columns import Columns
    from rich.table import Table
    from rich.text import Text
    from typer import rich_utils

    class Whole(Table):
        def add_row(self, *cells: Any, **rest: Any) -> None:
            super().add_row(*cells, **rest)
            for column in self.columns:
                column.overflow = "fold"
            for column in self.columns[:-2]:  # before what an option takes, and what it is for
                column.no_wrap = True

    class Parts(Columns):
        def __init__(self, renderables: Any = None, **rest: Any) -> None:
            parts = list(renderables or ())
            for each in parts:
                if isinstance(each, Text):
                    each.overflow = "fold"
            super().__init__(parts, **rest)

    for name, part in (("Table", Whole), ("Columns", Parts)):
        setattr(rich_utils, name, part)
    rich_utils.RANGE_STRING = _Bounds()


class _Bounds(str):
    """How the bounds of a number are written, in the place of `[1<=x<=64]`: from 1 to 64, in words that can be broken between."""

    __slots__ = ()

    def format(self, *texts: object, **_: object) -> str:
        found = _BOUNDS.fullmatch(str(texts[0]))
        if found is None:
            return f" {texts[0]}"
        least, most = found["least"] or found["from"], found["most"]
        return (f" {least} to {most}" if most else f" from {least}") if least else f" up to {most}"


def set_panels(app: typer.Typer) -> None:
    """Give each command of `app` the head it stands under."""
    heads = {name: head for head, names in PANELS.items() for name in names}
    for command in app.registered_commands:
        name = command.name or getattr(command.callback, "__name__", "")
        command.rich_help_panel = heads[str(name)]
    for group in app.registered_groups:
        group.rich_help_panel = heads[str(group.name)]
