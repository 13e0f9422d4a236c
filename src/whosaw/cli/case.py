"""The command that begins a case file: it asks what only the organisation knows, and fills what the ledger knows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import WORKSPACE, JsonFlag, KeyFile, WorkspaceDir, fail_clearly, print_json
from .from_project import in_force
from .law import Now, moment

if TYPE_CHECKING:
    from whosaw.app.cases.case_fields import CaseField

__all__ = ["case_app"]

case_app = typer.Typer(
    help="Begin a case file, which says what only the organisation knows.", no_args_is_help=True
)


@case_app.command("new")
@fail_clearly
def new(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="The case file (TOML) to write. One that is there is never overwritten."
        ),
    ],
    case: Annotated[str, typer.Option("--case", help="Name of the case, that of its scope versions.")],
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="One answer, such as organisation.name=Duka. Repeatable."
        ),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    at: Now = None,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Write a case file: filled with what the ledger knows, asked for what only you know, and say what is still missing.

    On a terminal it asks; an empty answer leaves a key out. Otherwise it takes --set alone and writes the rest as comments. Times are told in
    the zone of whosaw.toml, which the case takes as its own; --set zone=ZONE says another.
    """
    from whosaw.app.cases.case_fields import FIELDS, given_fields
    from whosaw.app.cases.new_case import new_case, refuse_there
    from whosaw.core.document import document

    from .texts.case import show_new_case

    refuse_there(file)
    given = given_fields({**_of_project(), **_pairs(values or ())})
    if sys.stdin.isatty() and not json:
        for field in FIELDS:
            if not any(key == field.key or key.startswith(f"{field.key}.") for key in given):
                given |= _asked(field)
    answer = new_case(file, case, given, workspace=workspace, now=moment(at), key_file=key_file)
    print_json(document(answer)) if json else show_new_case(answer)


def _of_project() -> dict[str, str]:
    """The zone of the project file, where it names one: the case is told in it as every other answer is."""
    project = in_force()
    return {"zone": project.zone} if project is not None and project.zone is not None else {}


def _asked(field: CaseField) -> dict[str, str]:
    """One answer from the terminal, asked again as long as the case file would not take it."""
    from whosaw.app.cases.case_fields import given_fields
    from whosaw.core.errors import WhosawError

    from .console import ask

    while True:
        told = ask(f"{field.asks} (such as {field.example})")
        try:
            return given_fields({field.key: told})
        except WhosawError as fault:
            typer.echo(f"  {fault}")


def _pairs(values: list[str] | tuple[str, ...]) -> dict[str, str]:
    from whosaw.core.errors import WhosawError

    found: dict[str, str] = {}
    for each in values:
        key, equals, value = each.partition("=")
        if not equals:
            raise WhosawError(
                "case.no-pair", f"--set {each}: there is no =", hint="Write it like --set zone=Africa/Nairobi"
            )
        found[key.strip()] = value
    return found
