"""Commands about the pages on which people see who saw them: what they say, and whose views are shown later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .app import WORKSPACE, JsonFlag, KeyFile, WorkspaceDir, fail_clearly, now, print_json
from .shown_zone import ShownZone, instant_from, shown_zone

if TYPE_CHECKING:
    from whosaw.app.own.settings import OwnSettings
    from whosaw.app.own.withholding import OwnState, Withheld

__all__ = ["me_app"]

me_app = typer.Typer(
    help="Set what people are told who look at who saw them, and whose views they are shown later.",
    no_args_is_help=True,
)


@me_app.command("show")
@fail_clearly
def show(workspace: WorkspaceDir = WORKSPACE, json: JsonFlag = False) -> None:
    """Show what is set, and what is withheld until when."""
    from whosaw.app.own.withholding import own_state
    from whosaw.core.document import document

    found = own_state(workspace, now=now())
    print_json(document(found)) if json else _show(found)


@me_app.command("set")
@fail_clearly
def set_(
    organisation: Annotated[
        str | None, typer.Option("--organisation", help="Your organisation, as people know it.")
    ] = None,
    code: Annotated[
        str | None, typer.Option("--code", help="Its registry code, which findUsage asks for.")
    ] = None,
    contact: Annotated[str | None, typer.Option("--contact", help="Whom a person can ask.")] = None,
    names: Annotated[
        str | None,
        typer.Option("--staff", metavar="role|name", help="Whether staff are told by role, or by name."),
    ] = None,
    purposes: Annotated[
        list[str] | None,
        typer.Option(
            "--purpose", metavar="ROUTE=TEXT", help="What a route of the data map is used for. Repeatable."
        ),
    ] = None,
    portals: Annotated[
        list[str] | None,
        typer.Option(
            "--portal",
            metavar="URL",
            help="A site of yours whose form may sign people in; those named are all. Repeatable; empty: none.",
        ),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    json: JsonFlag = False,
) -> None:
    """Set what the pages say. What is not named stays as it is; each change is in the custody journal."""
    from whosaw.app.own.settings import set_own
    from whosaw.core.document import document
    from whosaw.core.errors import WhosawError

    if names not in (None, "role", "name"):
        raise WhosawError("own.staff", f"{names!r} is neither of the two", hint="Say role, or name")
    told = dict(each.partition("=")[::2] for each in purposes or ())
    if any("=" not in each for each in purposes or ()):
        raise WhosawError(
            "own.purpose", "a purpose is of a route", hint="Say --purpose desk='answering your call'"
        )
    found = set_own(
        workspace,
        now=now(),
        organisation=organisation,
        code=code,
        contact=contact,
        names=None if names is None else names == "name",
        purposes=told,
        portals=portals,
    )
    print_json(document(found)) if json else _show_settings(found)


@me_app.command("withhold")
@fail_clearly
def withhold(
    actor: Annotated[
        str,
        typer.Argument(metavar="ACTOR", help="A finding, or a client by any identifier of `whosaw what`."),
    ],
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="Its end, at most 180 days away.")],
    ground: Annotated[
        str,
        typer.Option("--ground", help="The law, the authority and the file; kept in the custody journal."),
    ],
    workspace: WorkspaceDir = WORKSPACE,
    zone: ShownZone = None,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Show the views of an actor later to the people whom they are of. Nothing that these see tells of it meanwhile."""
    from whosaw.app.own import withholding
    from whosaw.core.document import document
    from whosaw.core.errors import WhosawError

    end = instant_from(until, shown_zone(zone), "--until")
    if end is None:
        raise WhosawError("withhold.end", "say until when", hint="Such as --until 2026-12-31")
    found = withholding.withhold(workspace, actor, until=end, ground=ground, now=now(), key_file=key_file)
    print_json(document(found)) if json else _show_withheld([found])


@me_app.command("release")
@fail_clearly
def release(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="As `whosaw me show` lists it.", min=1)],
    workspace: WorkspaceDir = WORKSPACE,
    json: JsonFlag = False,
) -> None:
    """Show withheld views from now on, before their end."""
    from whosaw.app.own import withholding
    from whosaw.core.document import document

    found = withholding.release(workspace, number, now=now())
    print_json(document(found)) if json else _show_withheld([found])


def _show(found: OwnState) -> None:
    from .console import say

    _show_settings(found.settings)
    if found.withheld:
        _show_withheld(list(found.withheld))
    else:
        say("nothing was ever withheld")


def _show_settings(found: OwnSettings) -> None:
    from .console import say

    say(f"organisation: {found.organisation or 'not set'}{f' ({found.code})' if found.code else ''}")
    say(f"contact: {found.contact or 'not set'}")
    say(f"staff are told by {'name' if found.names else 'role'}")
    if found.portals:
        say(f"forms of {', '.join(found.portals)} may sign people in")
    for route, text in sorted(found.purposes.items()):
        say(f"purpose of {route}: {text}")


def _show_withheld(those: list[Withheld]) -> None:
    from .console import print_table, row, table

    told = table(
        "number", "actor", "clients", "until (UTC)", "state", "by", "ground", numbers=("number", "clients")
    )
    for each in those:
        row(
            told,
            each.number,
            each.actor,
            each.clients,
            f"{each.ends:%Y-%m-%d %H:%M}",
            each.state,
            each.by,
            each.ground,
        )
    print_table(told)
