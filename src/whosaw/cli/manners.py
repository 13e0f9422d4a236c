"""How each command shows itself: placeholders that say what to write, and examples in every help."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperOption

from .examples import EXAMPLES, FIRST
from .loudness import set_quiet, set_verbose

__all__ = ["Mannered", "set_manners"]

_OF_A_GROUP: Final = 4
_QUIET: Final = "Say nothing but the answer and errors."
_VERBOSE: Final = "Say where to read more of an error, and where an internal one came from."
# what stands for a value, where the kind of it does not say enough
_OPTIONS: Final[Mapping[str, str]] = {
    "--against": "FILE",
    "--as": "KIND",
    "--at": "TIME",
    "--because": "REASON",
    "--breach": "BREACH",
    "--by": "USER",
    "--case": "CASE",
    "--channel": "CHANNEL",
    "--context": "FOLDER",
    "--damage": "DAMAGE",
    "--decision": "DECISION",
    "--despite": "REASON",
    "--duty": "DUTY",
    "--encoding": "ENCODING",
    "--every": "SECONDS",
    "--explain": "FINDING",
    "--finding": "FINDING",
    "--for": "COUNTRY",
    "--format": "FORMAT",
    "--formats": "FOLDER",
    "--full-every": "SECONDS",
    "--group": "GROUP",
    "--kind": "KIND",
    "--lang": "LANGUAGE",
    "--languages": "FOLDER",
    "--like": "FINDING",
    "--now": "TIME",
    "--order": "ORDER",
    "--out": "FOLDER",
    "--person": "PERSON",
    "--quiet-hours": "HOURS",
    "--reason": "REASON",
    "--recipients": "FOLDER",
    "--sigma": "FOLDER",
    "--signer": "KEY",
    "--since": "TIME",
    "--source": "SOURCE",
    "--to": "ADDRESS",
    "--tz": "ZONE",
    "--until": "TIME",
    "--workspace": "FOLDER",
}
_KINDS: Final[Mapping[str, str]] = {
    "path": "FILE",
    "str": "TEXT",
    "int": "NUMBER",
    "float": "NUMBER",
    "datetime": "TIME",
}
_ARGUMENTS: Final[Mapping[str, str]] = {
    "files": "FILE",
    "format_id": "ID",
    "map_file": "MAP",
    "new": "VERSION",
    "old": "VERSION",
    "output": "FILE",
    "paths": "LOGS",
    "replay": "FOLDER",
    "truth": "FOLDER",
    "twin": "FOLDER",
    "workspace": "FOLDER",
}


class Mannered(TyperCommand):
    """A command whose usage and help say what to write, with an example."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += [
            _switch("quiet", "-q", set_quiet, _QUIET),
            _switch("verbose", "-v", set_verbose, _VERBOSE),
        ]
        for each in self.params:
            if each.param_type_name == "argument":
                each.metavar = (
                    (each.metavar or _ARGUMENTS.get(each.name or "", each.name or "")).strip("[]").upper()
                )
                each.type = _unnamed(each.type)
            elif not getattr(each, "is_flag", False) and each.metavar is None:
                each.metavar = next(
                    (_OPTIONS[name] for name in each.opts if name in _OPTIONS), None
                ) or _kind_of(each)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """`[OPTIONS] PERSON [LOGS]...`, as people know it."""
        pieces = [self.options_metavar] if self.options_metavar else []
        for each in self.get_params(ctx):
            if each.param_type_name == "argument":
                name = str(each.metavar) if each.required else f"[{each.metavar}]"
                pieces.append(name if each.nargs == 1 else f"{name}...")
        return pieces


def _switch(name: str, short: str, told: Any, help_: str) -> TyperOption:
    """A flag that every command takes, and that none asks for."""
    return TyperOption(
        param_decls=[f"said_{name}", f"--{name}", short],
        is_flag=True,
        default=False,
        expose_value=False,
        callback=told,
        help=help_,
    )


def set_manners(app: typer.Typer, path: tuple[str, ...] = ()) -> None:
    """Give each command of `app`, and of the groups in it, its manners."""
    if not path:
        app.info.epilog = _examples(FIRST)
    for command in app.registered_commands:
        command.cls = Mannered
        command.epilog = _examples(EXAMPLES.get(" ".join((*path, _name_of(command))), ()))
    for group in app.registered_groups:
        inner = group.typer_instance
        if inner is None:
            continue
        name = str(group.name or inner.info.name)
        set_manners(inner, (*path, name))
        # a group shows the first example of its first commands
        first = [
            EXAMPLES.get(" ".join((*path, name, _name_of(each))), ()) for each in inner.registered_commands
        ]
        group.epilog = _examples([each[0] for each in first if each][:_OF_A_GROUP])


def _name_of(command: Any) -> str:
    return str(command.name or getattr(command.callback, "__name__", "")).replace("_", "-")


def _examples(typed: Sequence[str]) -> str | None:
    if not typed:
        return None
    return "Examples:\n\n" + "\n".join(
        each if "| whosaw" in each else f"whosaw {each}".strip() for each in typed
    )


def _kind_of(parameter: Any) -> str | None:
    return _KINDS.get(str(parameter.type.name).removesuffix(" range"))


def _unnamed(kind: Any) -> Any:
    """The same type, of which the help does not tell the name beside the argument's own."""
    made = copy.copy(kind)
    made.get_metavar = lambda **_: ""
    return made
