"""Commands that ask the ledger: who saw a person, what an actor saw, what one finding says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whosaw.core import client

from .app import WORKSPACE, JsonFlag, KeyFile, Reason, Reveal, WorkspaceDir, fail_clearly, now, print_json
from .from_project import project_language
from .options import LanguagesFolder
from .rows_out import CsvFlag, JsonlFlag, TsvFlag, form_of, once_each, print_rows
from .shown_zone import ShownZone, instant_from, shown_zone

if TYPE_CHECKING:
    from datetime import tzinfo

    from whosaw.app.asking.within import Within

__all__ = ["answer", "finding", "sql", "what", "who"]

Since = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help="Only views from this day or time on, such as 2025-03-03."),
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="TIME", help="Only views before this day or time.")
]
Source = Annotated[str | None, typer.Option("--source", metavar="NAME", help="Only views in this source.")]
Route = Annotated[
    str | None, typer.Option("--route", metavar="ID", help="Only views through this route of the map.")
]
_KINDS = ", ".join(f"{each}=" for each in client.NAMES)


@fail_clearly
def who(
    person: Annotated[
        str,
        typer.Argument(
            metavar="PERSON",
            help="A person: the id as it stands in the logs, KIND:ID, a mail or telephone number, or a ledger number such as p12.",
        ),
    ],
    workspace: WorkspaceDir = WORKSPACE,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    route: Route = None,
    zone: ShownZone = None,
    reveal: Reveal = False,
    reason: Reason = "",
    key_file: KeyFile = None,
    csv: CsvFlag = False,
    tsv: TsvFlag = False,
    jsonl: JsonlFlag = False,
    json: JsonFlag = False,
) -> None:
    """List who saw this person: who it was, masked, with category, first and last view, number of views."""
    from whosaw.app.asking.questions import open_ledger
    from whosaw.core.document import document

    from .texts.asking import WHO_COLUMNS, complain_of_lack, show_who, who_rows

    form = form_of(json=json, csv=csv, tsv=tsv, jsonl=jsonl)
    at = shown_zone(zone)
    within = _within(since, until, source, route, at)
    ledger = open_ledger(workspace, now=now(), key_file=key_file, reveal=reveal, reason=reason)
    try:
        answer = ledger.who(person, within=within)
    finally:
        ledger.close()
    if form is not None:
        print_rows(WHO_COLUMNS, who_rows(answer, at), form)
        complain_of_lack(answer.incomplete, answer.untold)
    elif json:
        print_json(document(answer))
    else:
        show_who(answer, at)


@fail_clearly
def what(
    actor: Annotated[
        str,
        typer.Argument(
            metavar="ACTOR",
            help=f"An actor: {_KINDS} with a value, the value alone, a number such as c12 or t7, a locator, or a finding id.",
        ),
    ],
    workspace: WorkspaceDir = WORKSPACE,
    persons: Annotated[int, typer.Option(min=0, help="How many persons to list.")] = 20,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    route: Route = None,
    zone: ShownZone = None,
    reveal: Reveal = False,
    reason: Reason = "",
    key_file: KeyFile = None,
    csv: CsvFlag = False,
    tsv: TsvFlag = False,
    jsonl: JsonlFlag = False,
    json: JsonFlag = False,
) -> None:
    """Count what this client or actor saw: views, accounts and persons, by category and by route."""
    from whosaw.app.asking.questions import open_ledger
    from whosaw.core.document import document

    from .texts.asking import WHAT_COLUMNS, complain_of_lack, show_what, what_rows

    form = form_of(json=json, csv=csv, tsv=tsv, jsonl=jsonl)
    at = shown_zone(zone)
    within = _within(since, until, source, route, at)
    ledger = open_ledger(workspace, now=now(), key_file=key_file, reveal=reveal, reason=reason)
    try:
        answer = ledger.what(actor, persons=persons, within=within)
    finally:
        ledger.close()
    if form is not None:
        print_rows(WHAT_COLUMNS, what_rows(answer, at), form)
        complain_of_lack(answer.incomplete, answer.untold)
    elif json:
        print_json(document(answer))
    else:
        show_what(answer, at)


@fail_clearly
def finding(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="A finding: its id, the beginning of it, or an id that it had before."
        ),
    ],
    workspace: WorkspaceDir = WORKSPACE,
    zone: ShownZone = None,
    reveal: Reveal = False,
    reason: Reason = "",
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Show one finding: who it was, masked, when, how many people, why, and what was seen first."""
    from whosaw.app.asking.one_finding import one_finding
    from whosaw.core.document import document

    from .texts.one_finding import show_one_finding

    at = shown_zone(zone)
    answer = one_finding(workspace, name, now=now(), key_file=key_file, reveal=reveal, reason=reason)
    print_json(document(answer)) if json else show_one_finding(answer, at)


@fail_clearly
def answer(
    person: Annotated[
        str,
        typer.Argument(
            metavar="PERSON", help="The person who asked, by any identifier that `whosaw who` takes."
        ),
    ],
    reason: Annotated[
        str, typer.Option("--reason", help="Which request it answers; kept in the custody journal.")
    ],
    out: Annotated[Path, typer.Option("--out", "--output", "-o", help="Folder for the letters.")] = Path(
        "answers"
    ),
    languages: Annotated[
        str | None,
        typer.Option(
            "--lang",
            "-l",
            metavar="LANGUAGE",
            help="Languages, such as ko,en or sw.",
            show_default="that of whosaw.toml, or en",
        ),
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="FORMAT",
            help="html, pdf or html,pdf; or for another program fhir-auditevent, or find-usage.",
            show_default="html,pdf",
        ),
    ] = None,
    organisation: Annotated[
        str, typer.Option("--organisation", help="Your organisation, as it signs letters.")
    ] = "",
    contact: Annotated[
        str, typer.Option("--contact", help="Whom the person can ask: a department, telephone or mail.")
    ] = "",
    own: LanguagesFolder = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace letters that are there with other contents.")
    ] = False,
    workspace: WorkspaceDir = WORKSPACE,
    zone: ShownZone = None,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Write the letter to a person who asked who saw their data: what, when, by whom, and what cannot be told and why.

    It names roles and organisations, no employee. The look and each file are in the custody journal before they are there.
    """
    from whosaw.app.asking.answer_person import ANSWER_FORMATS, answer_person
    from whosaw.app.own.export import EXPORTS, export_own
    from whosaw.core.document import document

    from .texts.asking import show_answer, show_export

    if formats in EXPORTS:
        written = export_own(
            workspace,
            person,
            out,
            formats,
            reason=reason,
            now=now(),
            organisation=organisation,
            key_file=key_file,
            replace=replace,
        )
        print_json(document(written)) if json else show_export(written)
        return
    made = answer_person(
        workspace,
        person,
        out,
        languages=_named(languages or project_language() or "en"),
        formats=_named(formats) if formats else ANSWER_FORMATS,
        organisation=organisation,
        contact=contact,
        zone=shown_zone(zone),
        reason=reason,
        now=now(),
        key_file=key_file,
        own=own,
        replace=replace,
    )
    print_json(document(made)) if json else show_answer(made)


@fail_clearly
def sql(
    statement: Annotated[
        str | None,
        typer.Argument(
            metavar="[SELECT]",
            help="One SELECT on the views. Without one, the views and their columns are listed.",
        ),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    zone: ShownZone = None,
    key_file: KeyFile = None,
    csv: CsvFlag = False,
    tsv: TsvFlag = False,
    jsonl: JsonlFlag = False,
    json: JsonFlag = False,
) -> None:
    """Ask your own question in SQL: read only, identifiers masked, no way to a file or a network."""
    form = form_of(json=json, csv=csv, tsv=tsv, jsonl=jsonl)
    if statement is None:
        from .texts.sql import VIEW_COLUMNS, show_views, view_rows

        if form is not None:
            print_rows(VIEW_COLUMNS, view_rows(), form)
        elif json:
            print_json({"columns": list(VIEW_COLUMNS), "rows": [list(each.values()) for each in view_rows()]})
        else:
            show_views()
        return
    from whosaw.app.asking.sql import ask_sql

    from .texts.sql import show_sql

    with ask_sql(workspace, statement, zone=shown_zone(zone), now=now(), key_file=key_file) as answer:
        if form is not None:
            columns = once_each(answer.columns)
            print_rows(columns, (dict(zip(columns, each, strict=True)) for each in answer.rows()), form)
        elif json:
            print_json({"columns": list(answer.columns), "rows": [list(each) for each in answer.rows()]})
        else:
            show_sql(answer)


def _named(told: str) -> list[str]:
    """Names with commas between."""
    return [each.strip() for each in told.split(",") if each.strip()]


def _within(
    since: str | None, until: str | None, source: str | None, route: str | None, zone: tzinfo
) -> Within:
    from whosaw.app.asking.within import Within

    return Within(
        since=instant_from(since, zone, "--since"),
        until=instant_from(until, zone, "--until"),
        source=source,
        route=route,
    )
