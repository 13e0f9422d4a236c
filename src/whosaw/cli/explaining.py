"""Commands about reasons: explain a line or a finding, plan canaries."""

from __future__ import annotations

from typing import Annotated

import typer

from .app import WORKSPACE, JsonFlag, KeyFile, WorkspaceDir, fail_clearly, now, print_json
from .options import ContextOfScan, ContextZone
from .rows_out import CsvFlag, JsonlFlag, TsvFlag, form_of, print_rows

__all__ = ["canary_app", "explain"]


canary_app = typer.Typer(
    help="Plan canaries: made-up people whom nobody should ever read.", no_args_is_help=True
)


@fail_clearly
def explain(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[LOCATOR|FINDING]",
            help="A locator or a finding. Without one: how many first accesses each explanation covers.",
        ),
    ] = None,
    every: Annotated[
        str | None,
        typer.Option(
            "--every",
            metavar="EXPLANATION",
            help="With a finding: what this explanation says of every view of its actor, one by one.",
        ),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    context: ContextOfScan = None,
    zone: ContextZone = None,
    key_file: KeyFile = None,
    csv: CsvFlag = False,
    tsv: TsvFlag = False,
    jsonl: JsonlFlag = False,
    json: JsonFlag = False,
) -> None:
    """Say for a line or a finding what explains it: explained, unexplained, or cannot tell and why."""
    from whosaw.app.asking import explain as use
    from whosaw.core.document import document
    from whosaw.core.errors import WhosawError
    from whosaw.core.instants import parse_zone

    from .shown_zone import shown_zone
    from .texts.explaining import EVERY_COLUMNS, every_rows, show_every, show_explained, show_first_accesses

    at, shown = parse_zone(zone) if zone else None, shown_zone(zone)
    form = form_of(json=json, csv=csv, tsv=tsv, jsonl=jsonl)
    if every is not None and what is not None:
        views = use.explain_every(
            workspace, what, every, context=context, zone=at, now=now(), key_file=key_file
        )
        if form is not None:
            print_rows(EVERY_COLUMNS, every_rows(views, shown), form)
        else:
            print_json(document(views)) if json else show_every(views, shown)
    elif every is not None or form is not None:
        raise WhosawError(
            "explain.rows",
            "rows are of every view of a finding",
            hint="Write `whosaw explain FINDING --every EXPLANATION --csv`",
        )
    elif what is None:
        counted = use.explain_first(workspace, context=context, zone=at, now=now(), key_file=key_file)
        print_json(document(counted)) if json else show_first_accesses(counted)
    else:
        answer = use.explain(workspace, what, context=context, zone=at, now=now(), key_file=key_file)
        print_json(document(answer)) if json else show_explained(answer, shown)


@canary_app.command("plan")
@fail_clearly
def canary_plan(
    count: Annotated[
        int, typer.Option("--count", "-n", min=1, max=10_000, help="How many canaries to place.")
    ] = 20,
    workspace: WorkspaceDir = WORKSPACE,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Draw the same places again. Without a seed nobody can work them out."),
    ] = None,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Place canaries among the numbers in use, and say how likely a number walk meets one."""
    from whosaw.app.findings.canaries import plan
    from whosaw.core.document import document

    from .texts.explaining import show_canary_plan

    answer = plan(workspace, count=count, seed=seed, now=now(), key_file=key_file)
    print_json(document(answer)) if json else show_canary_plan(answer)
