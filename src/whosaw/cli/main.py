"""The command line. Commands are thin: they call one use case and print what it returned."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from .app import (
    EXIT_FAILED,
    EXIT_FOUND,
    WORKSPACE,
    JsonFlag,
    KeyFile,
    Reason,
    Reveal,
    WorkspaceDir,
    fail_clearly,
    now,
    print_json,
)
from .asking import answer, finding, sql, what, who
from .backup import backup, restore
from .case import case_app
from .complaints import complain
from .config import config
from .context import context_app
from .custody import check_workspace, custody_app
from .database import database
from .decisions import decide, decisions
from .erase import erase, erasures, retention, vault_app
from .evidence import evidence_app
from .examples import SHORT_HELP
from .explaining import canary_app, explain
from .export_tables import export_tables, export_whose
from .filing import file
from .formats import formats_app
from .from_project import PathTexts, in_force, logs_to_read, map_and_logs
from .gate import gate_app
from .hold import hold_app
from .init import init
from .law import duties, penalty
from .law_record import law_app
from .lookup import lookup_app
from .lookups import lookups
from .manners import set_manners
from .me import me_app
from .narrowing import narrow
from .notice import notice_app
from .notice_after import register as register_after
from .notice_check import check, consistency
from .notice_page import register as register_page
from .notice_send import register as register_sending
from .options import (
    ContextFolder,
    FormatName,
    LogPaths,
    MapFile,
    OwnFormats,
    QuietHours,
    ReplaceMap,
    RunnerName,
    SourceNames,
    Zone,
)
from .panels import InOrder, set_panels
from .picture import picture
from .replay import replay_app
from .reviewing import map_categories, map_review
from .scope import scope_app
from .serve import serve
from .shown_zone import ShownZone, project_zone, shown_zone, zone_name
from .status import status
from .watch import watch

__all__ = ["app", "run"]

app = typer.Typer(
    name="whosaw",
    cls=InOrder,
    help="Find out who saw whose personal data, from the logs you already have.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
map_app = typer.Typer(
    help="Check or draft a data map, which says which page carried whose data.", no_args_is_help=True
)
export_app = typer.Typer(help="Write records out of the ledger.", no_args_is_help=True)
packs_app = typer.Typer(help="Check shipped and own items.", no_args_is_help=True)
app.add_typer(formats_app, name="formats")
app.add_typer(map_app, name="map")
app.add_typer(export_app, name="export")
app.add_typer(packs_app, name="packs")
app.add_typer(context_app, name="context")
app.add_typer(replay_app, name="replay")
app.command()(watch)
app.command()(serve)
app.add_typer(canary_app, name="canary")
app.add_typer(hold_app, name="hold")
app.add_typer(evidence_app, name="evidence")
app.add_typer(custody_app, name="custody")
app.add_typer(gate_app, name="gate")
app.add_typer(me_app, name="me")
app.command("check")(check_workspace)
app.command()(backup)
app.command()(restore)
app.command()(database)
app.add_typer(scope_app, name="scope")
app.add_typer(case_app, name="case")
app.command()(duties)
app.command()(penalty)
notice_app.command("check")(check)
register_sending(notice_app)
register_after(notice_app)
register_page(notice_app)
app.add_typer(notice_app, name="notice")
app.add_typer(law_app, name="law")
app.add_typer(lookup_app, name="lookup")
app.command()(consistency)
app.command()(file)
app.command()(erase)
app.command()(erasures)
app.command()(retention)
app.add_typer(vault_app, name="vault")
app.command()(decide)
app.command()(decisions)


def _version(wanted: bool) -> None:
    if wanted:
        from whosaw.core.version import __version__

        typer.echo(f"whosaw {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    version: Annotated[  # noqa: ARG001  # answered as the line is read
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Find out who saw whose personal data, from the logs you already have."""
    if ctx.invoked_subcommand is None:
        from .console import say

        say(SHORT_HELP)
        raise typer.Exit(EXIT_FAILED)


OneSource = Annotated[str | None, typer.Option(help="One source only.")]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="Exit with 1 when something was found.")]


@app.command()
@fail_clearly
def demo(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Where to put the shop, its logs and the ledger.", show_default="whosaw-demo"),
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed makes another shop.")] = 1,
    json: JsonFlag = False,
) -> None:
    """Make a small shop with a planted breach, scan its logs, and show what was found."""
    from whosaw.app.demo import run_demo
    from whosaw.core.document import document
    from whosaw.report.story import demo_story

    from .console import Console
    from .progress import bars

    with bars(quiet=json) as progress:
        made = run_demo(
            folder or Path("whosaw-demo"),
            seed=seed,
            now=now(),
            progress=progress,
            making=lambda what, done, _total: progress.stage(what) if not done else None,
        )
    print_json(document(made)) if json else Console(highlight=False).print(demo_story(made.story))


@app.command()
@fail_clearly
def scan(
    paths: LogPaths = None,
    workspace: WorkspaceDir = WORKSPACE,
    map_file: MapFile = None,
    replace_map: ReplaceMap = False,
    context: ContextFolder = None,
    format_name: FormatName = None,
    zone: Zone = None,
    formats: OwnFormats = None,
    sigma: Annotated[
        Path | None,
        typer.Option("--sigma", help="Folder with Sigma rules; they stay in force until others are given."),
    ] = None,
    no_sigma: Annotated[
        bool, typer.Option("--no-sigma", help="Stop using the Sigma rules of earlier scans.")
    ] = False,
    sources: SourceNames = None,
    quiet: QuietHours = None,
    runner: RunnerName = None,
    report: Annotated[Path | None, typer.Option(help="Also write a report page (HTML) here.")] = None,
    key_file: KeyFile = None,
    exit_code: ExitCode = False,
    json: JsonFlag = False,
) -> None:
    """Read logs into the ledger, and print findings and coverage. Reads only what is new.

    Without paths it reads what whosaw.toml names.
    """
    from whosaw.app.scan import scan as run
    from whosaw.core.document import document

    from .progress import bars
    from .texts.answers import show_rules, show_scan

    with bars(quiet=json) as progress:
        result = run(
            logs_to_read(paths),
            workspace,
            now=now(),
            project=in_force(),
            format_name=format_name,
            zone=zone,
            map_path=map_file,
            replace_map=replace_map,
            context=context,
            own_formats=formats or (),
            sources=sources or (),
            quiet=quiet or (),
            sigma=sigma,
            no_sigma=no_sigma,
            key_file=key_file,
            progress=progress,
            runner=runner or "local",
        )
    if report is not None:
        from whosaw.app.report_page import write_report

        told = project_zone()
        write_report(workspace, report, key_file=key_file, now=now(), zone=told, zone_name=zone_name(told))
    print_json(document(result)) if json else show_scan(result, workspace, report, project_zone())
    if result.sigma and not json:
        show_rules(result.sigma)
    result.raise_refused()
    unopened = [name for name, reason in result.skipped if reason.startswith("cannot be opened")]
    if unopened:
        more = f" and {len(unopened) - 1:,} more" if len(unopened) > 1 else ""
        complain(f"{unopened[0]}{more} could not be opened and was not read")
        raise typer.Exit(EXIT_FAILED)
    if exit_code and (result.findings or any(content.time_only for content in result.contents)):
        raise typer.Exit(EXIT_FOUND)


app.command()(who)
app.command()(what)
app.command()(finding)
app.command()(sql)
app.command()(picture)
app.command()(answer)


@app.command()
@fail_clearly
def findings(
    workspace: WorkspaceDir = WORKSPACE,
    explain: Annotated[
        str | None,
        typer.Option(
            "--explain",
            help="Show one finding in full. Give its id, the beginning of it, or an id it had before.",
        ),
    ] = None,
    zone: ShownZone = None,
    key_file: KeyFile = None,
    exit_code: ExitCode = False,
    json: JsonFlag = False,
) -> None:
    """List findings, or show one with its numbers, explanations and lines."""
    from whosaw.app.asking.unended import require_looked_for, unended
    from whosaw.app.gating.asking import asked
    from whosaw.app.gating.rights import Verb
    from whosaw.core.document import document
    from whosaw.store.repositories.findings import (
        past_findings,
        stored_finding,
        stored_findings,
        stored_usual,
    )
    from whosaw.store.workspace import Workspace

    from .texts.answers import show_finding, show_findings

    with asked(workspace, Verb.SEE_FINDINGS, "findings"):
        opened = Workspace.open(workspace, key_file=key_file)
    try:
        require_looked_for(opened.journal)
        incomplete = unended(opened.journal)
        listed = (
            [stored_finding(opened.journal, explain, ended=True)]
            if explain
            else stored_findings(opened.journal)
        )
        past, usual = past_findings(opened.journal), stored_usual(opened.journal)
    finally:
        opened.close()
    if json and explain:
        print_json(document(listed[0]), custody=False)
    elif json:
        more = {"incomplete": incomplete} if incomplete else {}
        print_json(document({"findings": listed, "past": past, "usual": usual, **more}))
    elif explain:
        show_finding(listed[0], usual, zone=shown_zone(zone))
    else:
        show_findings(listed, past, incomplete=incomplete, zone=shown_zone(zone))
    if exit_code and listed:
        raise typer.Exit(EXIT_FOUND)


app.command()(explain)
app.command()(lookups)
app.command()(status)
app.command()(init)
app.command()(config)


@app.command()
@fail_clearly
def coverage(
    workspace: WorkspaceDir = WORKSPACE,
    source: OneSource = None,
    hours: Annotated[bool, typer.Option("--hours", help="List every hour that is not whole.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every file again and check that it is still what was read.")
    ] = False,
    zone: ShownZone = None,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Show for each source its lines and hours: what was read, and which hours are whole, partial or missing."""
    from whosaw.app.gating.asking import asked
    from whosaw.app.gating.rights import Verb
    from whosaw.app.reading.file_state import files_of, told
    from whosaw.app.reading.file_state import verify as verify_files
    from whosaw.app.reading.shared import shared_sources
    from whosaw.core.document import document
    from whosaw.logs.coverage.hours import coverage_of
    from whosaw.logs.health.of_ledger import health_of
    from whosaw.mapping.undecided_twins import undecided_twins
    from whosaw.store.workspace import Workspace

    from .texts.answers import show_coverage, show_notes
    from .texts.health import show_health, show_verified

    with asked(workspace, Verb.SEE_COVERAGE, "coverage"):
        opened = Workspace.open(workspace, key_file=key_file)
    try:
        sources = coverage_of(opened.journal, source)
        verified = verify_files(opened, now=now(), source=source) if verify else None
        health = health_of(opened, files_of(opened.journal, verified), source=source)
        shared = shared_sources(opened.journal, source)
        perhaps = undecided_twins(opened.journal, source)
    finally:
        opened.close()
    checked = told(verified) if verified is not None else None
    if json:
        answer = {"sources": document(sources), "health": document(health)}
        if shared:
            answer["shared_addresses"] = document(shared)
        if perhaps:
            answer["undecided_twins"] = document(perhaps)
        print_json(answer if checked is None else {**answer, "verified": document(checked)})
        return
    show_coverage(sources, hours=hours, zone=shown_zone(zone))
    show_notes([*(each.note for each in shared), *(each.note for each in perhaps)])
    show_health(health, unknown=True, zone=shown_zone(zone))
    if checked is not None:
        show_verified(checked)


@app.command()
@fail_clearly
def rejects(
    workspace: WorkspaceDir = WORKSPACE,
    source: OneSource = None,
    limit: Annotated[int, typer.Option(min=0, help="How many to list.")] = 20,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """List the lines that could not be read, with reason and locator."""
    from whosaw.app.gating.asking import asked
    from whosaw.app.gating.rights import Verb
    from whosaw.app.reading.lines import rejects_of
    from whosaw.core.document import document
    from whosaw.store.workspace import Workspace

    from .texts.answers import show_rejects

    with asked(workspace, Verb.SEE_LINE, "rejects"):
        opened = Workspace.open(workspace, key_file=key_file)
    try:
        answer = rejects_of(opened, source=source, limit=limit)
    finally:
        opened.close()
    print_json(document(answer)) if json else show_rejects(answer)


@app.command()
@fail_clearly
def line(
    locator: Annotated[str, typer.Argument(help="A locator as other commands print it: digest:line.")],
    workspace: WorkspaceDir = WORKSPACE,
    reason: Annotated[
        str, typer.Option("--reason", help="Why it is read; kept in the custody journal.")
    ] = "",
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Print an original line, after checking that its file is unchanged.

    Who read it goes into the custody journal.
    """
    from whosaw.app.asking.looks import line_on_record
    from whosaw.app.gating.asking import asked
    from whosaw.app.gating.rights import Verb
    from whosaw.core.document import document
    from whosaw.store.workspace import Workspace

    with asked(workspace, Verb.SEE_LINE, f"line {locator}"):
        opened = Workspace.open(workspace, key_file=key_file)
    try:
        answer = line_on_record(opened, locator, reason=reason, now=now())
    finally:
        opened.close()
    if json:
        print_json(document(answer))
    else:
        sys.stdout.buffer.write(answer.text + b"\n")
        if answer.line_of_file is not None:
            where = f"on line {answer.line_of_file:,} of {answer.file}, whose other events are left out"
            typer.echo(f"whosaw: event {answer.line:,}, {where}", err=True)
        if answer.version is not None:
            of = f"line {answer.line:,} of {answer.file}, version {answer.version}"
            typer.echo(
                f"whosaw: {of}; the digest of the {answer.bytes:,} bytes read is {answer.digest}", err=True
            )


@map_app.command("check")
@fail_clearly
def map_check(
    map_file: Annotated[
        Path | None,
        typer.Argument(help="Data map (TOML).", show_default="that of whosaw.toml, with its logs"),
    ] = None,
    paths: Annotated[list[str] | None, typer.Argument(help="Logs to try it on."), PathTexts()] = None,
    format_name: FormatName = None,
    zone: Zone = None,
    formats: OwnFormats = None,
    json: JsonFlag = False,
) -> None:
    """Check a map. With logs: show what each route matched, and which busy paths no route covers."""
    from whosaw.app.maps import check_map
    from whosaw.core.document import document

    from .progress import bars
    from .texts.answers import show_map_check

    with bars(quiet=json) as progress:
        answer = check_map(
            *map_and_logs(map_file, paths),
            format_name=format_name,
            zone=zone,
            own_formats=formats or (),
            project=in_force(),
            progress=progress,
        )
    print_json(document(answer)) if json else show_map_check(answer, asked=bool(paths) or map_file is None)


@map_app.command("suggest")
@fail_clearly
def map_suggest(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Logs to learn path templates from.",
            show_default="those of whosaw.toml, where no document is given",
        ),
        PathTexts(),
    ] = None,
    openapi: Annotated[list[Path] | None, typer.Option(help="OpenAPI 3 or Swagger 2.0 document.")] = None,
    documents: Annotated[
        list[Path] | None,
        typer.Option("--document", help="Any of these, a GraphQL schema, a FHIR resource, a schema in SQL."),
    ] = None,
    har: Annotated[list[Path] | None, typer.Option(help="HAR file.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the draft here instead of printing it.")
    ] = None,
    format_name: FormatName = None,
    zone: Zone = None,
    formats: OwnFormats = None,
    json: JsonFlag = False,
) -> None:
    """Draft a map from OpenAPI documents, HAR files or logs. Each drafted route says why it is there."""
    from whosaw.app.maps import suggest_map

    from .progress import bars

    given = [*(openapi or []), *(har or []), *(documents or [])]
    of_project = in_force() is not None and not paths and not given
    with bars(quiet=json) as progress:
        draft = suggest_map(
            logs_to_read(None, drafts_map=True) if of_project else paths or [],
            documents=given,
            format_name=format_name,
            zone=zone,
            own_formats=formats or (),
            project=in_force(),
            progress=progress,
        )
    if output is not None:
        from whosaw.store.files import write_atomically

        write_atomically(output, draft.encode(), mode=0o644)
    if json:
        print_json({"map": draft, "written": str(output) if output else None})
    elif output is None:
        sys.stdout.write(draft)
    else:
        project = in_force()
        named = project is not None and project.map is not None and project.map.resolve() == output.resolve()
        then = (
            "whosaw scan" if named
            else f'name it in whosaw.toml (map = "{output}")' if of_project
            else f"whosaw scan PATH --map {output}"
        )  # fmt: skip
        typer.echo(f"draft written to {output}; read it with: whosaw map review {output}, then: {then}")


map_app.command("review")(map_review)
map_app.command("categories")(map_categories)


@export_app.command("access-record")
@fail_clearly
def export_access_record(
    output: Annotated[Path, typer.Argument(help="File to write: .csv or .json.")],
    workspace: WorkspaceDir = WORKSPACE,
    reveal: Reveal = False,
    reason: Reason = "",
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Write the access record of Korean law: identifier, time, origin, data subject, task."""
    from whosaw.app.asking.export import export_record
    from whosaw.core.document import object_of

    answer = export_record(workspace, output, now=now(), key_file=key_file, reveal=reveal, reason=reason)
    print_json(object_of(answer)) if json else typer.echo(f"{answer.records:,} records written to {output}")


export_app.command("tables")(export_tables)
export_app.command("whose")(export_whose)


@packs_app.command("check")
@fail_clearly
def packs_check(
    path: Annotated[
        Path | None,
        typer.Argument(
            help="Folder with own items beside the shipped ones, one of its folders (as own/formats), or one item (as own/formats/mine.toml)."
        ),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this kind: formats, detectors, explanations, links, languages, categories, law, log_health or notice_parts. Repeatable."
        ),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Load every item, run its cases, and list all faults."""
    from whosaw.app.packs import check_packs
    from whosaw.core.document import document

    from .texts.answers import show_packs

    answer = check_packs(path, kind or ())
    print_json(document(answer)) if json else show_packs(answer)


set_panels(app)
set_manners(app)


def run(words: Sequence[str] | None) -> None:
    """Do what the words of a command line say; None where a shell asks how one may go on, which takes all commands."""
    if words is not None:
        narrow(app, words)
    app()
