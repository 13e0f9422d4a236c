"""Commands of the look-up page: `whosaw lookup build`, `warnings` and `brake`. `whosaw serve --public` opens it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from .app import (
    EXIT_CANNOT_TELL,
    EXIT_FAILED,
    EXIT_FOUND,
    WORKSPACE,
    JsonFlag,
    KeyFile,
    Reason,
    WorkspaceDir,
    fail_clearly,
    print_json,
)
from .law import CaseFile, Now, moment
from .options import ExitCode

__all__ = ["lookup_app", "table_key_of"]

lookup_app = typer.Typer(
    help="Let people ask what of their data was seen: make the table of a look-up page, and hear what it reports.",
    no_args_is_help=True,
)
TableKey = Annotated[
    Path | None,
    typer.Option("--table-key", help="Key of the table.", show_default="the table with .key at its end"),
]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder that the look-up page keeps.")]


def table_key_of(table: Path, given: Path | None) -> Path:
    """Where the key of a table is."""
    return given if given is not None else table.with_name(f"{table.name}.key")


def key_of_folder(folder: Path, given: Path | None) -> Path:
    """The same by the folder of the page, which is named after the table."""
    whole = folder.resolve()
    return given if given is not None else whole.with_name(f"{whole.name.removesuffix('.kept')}.key")


@lookup_app.command()
@fail_clearly
def build(
    case: CaseFile,
    version: Annotated[int, typer.Argument(min=1, help="Version of the scope.")],
    addresses: Annotated[
        list[Path],
        typer.Option(
            "--addresses", "-a", help="File of people and their contacts (CSV, TSV, Parquet). Repeat it."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "--output", "-o", help="The table.", show_default="CASE-VERSION.lookup"),
    ] = None,
    table_key: TableKey = None,
    country: Annotated[
        str,
        typer.Option(
            "--country", help="Country of numbers without a country code.", show_default="[people] unplaced"
        ),
    ] = "",
    language: Annotated[
        list[str] | None,
        typer.Option(
            "--lang", "-l", help="Languages of the page; the first is for all others.", show_default="all"
        ),
    ] = None,
    minor_under: Annotated[
        int,
        typer.Option("--minor-under", min=0, max=25, help="Years of age below which a guardian is answered."),
    ] = 14,
    canaries: Annotated[
        Path | None,
        typer.Option(
            "--canaries", help="File of contacts that nobody has, one a line; whoever asks for one guesses."
        ),
    ] = None,
    codes: Annotated[
        Path | None,
        typer.Option(
            "--codes", help="Write codes for letters to people without a mail address or number (CSV)."
        ),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    at: Now = None,
    json: JsonFlag = False,
) -> None:
    """Make the sealed table of a look-up page from one version of a case and files of contacts."""
    from whosaw.app.lookup.build import build_table
    from whosaw.app.sending.status import case_name
    from whosaw.core.document import object_of

    from .texts.lookup import show_built

    table = out or Path(f"{case_name(str(case))}-{version}.lookup")
    key = table_key_of(table, table_key)
    built = build_table(
        case,
        version,
        table,
        workspace=workspace,
        books=addresses,
        now=moment(at),
        table_key=key,
        country=country,
        minor_under=minor_under,
        languages=[name for each in language or () for name in each.split(",") if name],
        canaries=canaries,
        codes=codes,
        key_file=key_file,
    )
    print_json(object_of(built)) if json else show_built(built, key, codes)


@lookup_app.command()
@fail_clearly
def sign(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="The table.")],
    address: Annotated[
        str, typer.Option("--address", help="Where people find the page, as `whosaw serve --public` is told.")
    ],
    key: Annotated[
        Path, typer.Option("--key", help="Key to sign with (PEM); `whosaw evidence key` makes one.")
    ],
    answers: Annotated[
        str, typer.Option("--answers", help="How answers leave: mail, phone, or both with a comma.")
    ] = "mail,phone",
    out: Annotated[Path, typer.Option("--out", "--output", "-o", help="The statement.")] = Path("page.json"),
    sign_on: Annotated[
        str | None,
        typer.Option(
            "--sign-on",
            metavar="URL",
            help="The OpenID provider where customers sign in to read their answer.",
        ),
    ] = None,
    table_key: TableKey = None,
    at: Now = None,
    json: JsonFlag = False,
) -> None:
    """Sign the text and the address of a look-up page, so that people can tell it from a copy."""
    from urllib.parse import urlsplit

    from whosaw.app.lookup.signing import sign_page
    from whosaw.core.document import object_of
    from whosaw.core.errors import WhosawError

    from .console import say

    kinds = tuple(each for each in ("mail", "phone") if each in answers.split(","))
    if not kinds or set(answers.split(",")) - set(kinds):
        raise WhosawError(
            "lookup.answers", f"answers do not leave by {answers!r}", hint="Give mail, phone, or mail,phone"
        )
    signed = sign_page(
        table,
        out,
        table_key=table_key_of(table, table_key),
        address=address,
        kinds=kinds,
        key=key,
        now=moment(at),
        provider=urlsplit(sign_on or "").netloc,
    )
    if json:
        print_json(object_of(signed))
        return
    say(
        f"{signed.file}: the page at {signed.address} in {', '.join(signed.pages)}, signed by {signed.signer}"
    )
    say("Print that mark in notices and letters, and serve the page with --statement.")


@lookup_app.command()
@fail_clearly
def verify(
    statement: Annotated[Path, typer.Argument(metavar="STATEMENT", help="The page.json of a look-up page.")],
    page: Annotated[Path, typer.Argument(metavar="PAGE", help="The page as it was saved, as HTML alone.")],
    signer: Annotated[
        str | None, typer.Option("--signer", help="Mark of the key, as it stands in a letter or notice.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Check offline whether a saved look-up page is the one that was signed. Ends with 3 where that cannot be told."""
    from whosaw.app.lookup.signing import verify_page
    from whosaw.core.custody import BROKEN, HOLDS
    from whosaw.core.document import object_of

    from .console import say

    checked = verify_page(statement, page, signer=signer)
    if json:
        print_json(object_of(checked))
    else:
        say(f"{checked.answer}: {checked.why}")
    if checked.answer != HOLDS:
        raise typer.Exit(EXIT_FAILED if checked.answer == BROKEN else EXIT_CANNOT_TELL)


@lookup_app.command()
@fail_clearly
def warnings(
    folder: Folder,
    table_key: TableKey = None,
    follow: Annotated[
        bool | None,
        typer.Option(
            "--follow/--no-follow",
            help="Have `scan`, `watch` and `serve` look there by themselves from now on, or no longer.",
            show_default=False,
        ),
    ] = None,
    exit_code: ExitCode = False,
    workspace: WorkspaceDir = WORKSPACE,
    at: Now = None,
    json: JsonFlag = False,
) -> None:
    """Take what a look-up page reports into the custody journal and among the remarks on the case, and show it."""
    from whosaw.app.lookup.reports import take_in
    from whosaw.core.document import object_of

    from .texts.lookup import show_warnings

    taken = take_in(
        folder,
        table_key=key_of_folder(folder, table_key),
        workspace=workspace,
        now=moment(at),
        following=follow,
    )
    print_json(object_of(taken)) if json else show_warnings(taken)
    if exit_code and taken.fresh:
        raise typer.Exit(EXIT_FOUND)


@lookup_app.command()
@fail_clearly
def brake(
    folder: Folder,
    state: Annotated[str, typer.Argument(metavar="on|off", help="Whether answers wait.")],
    hours: Annotated[float, typer.Option("--hours", min=0.1, help="With on: for so long.")] = 24.0,
    reason: Reason = "",
    table_key: TableKey = None,
    workspace: WorkspaceDir = WORKSPACE,
    at: Now = None,
    json: JsonFlag = False,
) -> None:
    """Have a look-up page answer later, or let it go on, with your reason in the custody journal. The page still takes what people ask."""
    from whosaw.app.lookup.reports import brake as run
    from whosaw.core.document import object_of
    from whosaw.core.errors import WhosawError

    from .console import say

    if state not in ("on", "off"):
        raise WhosawError("lookup.brake", f"the brake is on or off, not {state!r}")
    now = moment(at)
    until = now + timedelta(hours=hours) if state == "on" else None
    done = run(
        folder,
        until=until,
        reason=reason,
        table_key=key_of_folder(folder, table_key),
        workspace=workspace,
        now=now,
    )
    if json:
        print_json(object_of(done))
    elif done.until is None:
        say(f"{done.folder}: answers go on, journal entry {done.entry}")
    else:
        say(f"{done.folder}: answers wait until {done.until:%Y-%m-%d %H:%M} UTC, journal entry {done.entry}")
