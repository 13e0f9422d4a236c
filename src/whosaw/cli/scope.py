"""Commands about cases: make a version from a clue, show one, list them."""

from __future__ import annotations

from typing import Annotated

import typer

from whosaw.core import client

from .app import WORKSPACE, JsonFlag, KeyFile, Reason, Reveal, WorkspaceDir, fail_clearly, now, print_json
from .from_project import FromProject
from .options import ContextOfScan, ContextZone
from .scope_versions import register

__all__ = ["scope_app"]


scope_app = typer.Typer(
    help="Count what one actor saw. Each count is a numbered version of a case.", no_args_is_help=True
)


@scope_app.command("new")
@fail_clearly
def new(
    case: Annotated[str, typer.Option("--case", help="Name of the case. A known case gets a new version.")],
    finding: Annotated[
        list[str] | None, typer.Option("--finding", help="A finding: its id or the beginning of it.")
    ] = None,
    indicator: Annotated[
        list[str] | None,
        typer.Option(
            "--indicator",
            "-i",
            metavar="KIND=VALUE",
            help=f"Another clue: ip, {', '.join(each for each in client.NAMES if each != 'address')}, person or line.",
        ),
    ] = None,
    every: Annotated[
        bool,
        typer.Option("--every", help="Where the clues lead to several actors, take them all together."),
    ] = False,
    workspace: WorkspaceDir = WORKSPACE,
    context: ContextOfScan = None,
    zone: ContextZone = None,
    runner: Annotated[
        str | None,
        typer.Option(
            help="Who goes through the views: local (threads here), or Spark as spark, spark://HOST:PORT, local[N] or sc://HOST:PORT.",
            show_default="local",
        ),
        FromProject("runner"),
    ] = None,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Count everything that one actor saw, starting from a clue. Adds a version to a case."""
    from whosaw.app.cases.making import make_version
    from whosaw.core.document import object_of
    from whosaw.core.instants import parse_zone

    from .texts.answers import show_past
    from .texts.scope import show_scope

    answer = make_version(
        workspace,
        case,
        findings=finding or (),
        indicators=indicator or (),
        every=every,
        context=context,
        zone=parse_zone(zone) if zone else None,
        now=now(),
        key_file=key_file,
        runner=runner or "local",
    )
    if json:
        print_json(object_of(answer))
        return
    show_past(answer.asked)
    show_scope(answer.version)


@scope_app.command("show")
@fail_clearly
def show(
    case: Annotated[str | None, typer.Argument(help="Name of the case.", show_default="the only one")] = None,
    version: Annotated[
        int | None, typer.Option("--version", min=1, help="A version.", show_default="the last")
    ] = None,
    persons: Annotated[
        bool, typer.Option("--persons", help="List its people, masked, and say who was surely seen.")
    ] = False,
    workspace: WorkspaceDir = WORKSPACE,
    reveal: Reveal = False,
    reason: Reason = "",
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Show one version of a case: who, when, how many, and what is open."""
    from whosaw.app.cases.listing import show_persons, show_version
    from whosaw.core.document import object_of

    from .texts.scope import show_people, show_scope

    if persons:
        people = show_persons(
            workspace, case, version, now=now(), key_file=key_file, reveal=reveal, reason=reason
        )
        print_json(object_of(people)) if json else show_people(people)
    else:
        found = show_version(workspace, case, version, key_file=key_file)
        print_json(object_of(found), custody=False) if json else show_scope(found)


@scope_app.command("list")
@fail_clearly
def list_(workspace: WorkspaceDir = WORKSPACE, key_file: KeyFile = None, json: JsonFlag = False) -> None:
    """List all cases and their versions."""
    from whosaw.app.cases.listing import list_cases
    from whosaw.core.document import object_of

    from .texts.scope import show_cases

    answer = list_cases(workspace, key_file=key_file)
    print_json(object_of(answer)) if json else show_cases(answer)


register(scope_app)
