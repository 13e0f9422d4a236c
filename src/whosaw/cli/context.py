"""Commands about the context: what it holds, what of the logs it knows, and which detectors it wakes."""

from __future__ import annotations

import typer

from .app import WORKSPACE, JsonFlag, KeyFile, WorkspaceDir, fail_clearly, print_json
from .from_project import in_force
from .options import ContextOfScan, ContextZone

__all__ = ["context_app"]

context_app = typer.Typer(
    help="Check the context: logins, staff, tickets and what else explains views.", no_args_is_help=True
)


@context_app.command("check")
@fail_clearly
def context_check(
    workspace: WorkspaceDir = WORKSPACE,
    context: ContextOfScan = None,
    zone: ContextZone = None,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Say what each table of the context holds, what of the logs it knows, and which detectors it wakes. Changes nothing.

    Before a scan it says what the tables say by themselves."""
    from whosaw.app.context_check import check_context_of
    from whosaw.core.document import document
    from whosaw.core.instants import parse_zone

    from .texts.context_check import show_context

    project = in_force()
    found = check_context_of(
        workspace,
        context,
        zone=parse_zone(zone) if zone else None,
        none=project.none if project is not None else None,
        key_file=key_file,
    )
    print_json(document(found)) if json else show_context(found)


@context_app.command("sources")
@fail_clearly
def context_sources(json: JsonFlag = False) -> None:
    """List the systems whose logs and exports fill tables of the context, and what of the app's log their ids join with."""
    from whosaw.app.context_sources import context_sources as listed
    from whosaw.core.document import document

    from .texts.context_check import show_sources

    found = listed()
    print_json({"sources": document(found)}) if json else show_sources(found)
