"""The command that drafts filings to authorities."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from .app import WORKSPACE, JsonFlag, WorkspaceDir, fail_clearly, print_json
from .law import LawOf, Now, moment
from .options import LanguagesFolder, OldFormat, written_as

__all__ = ["file"]

_FORMATS = "html,json"


@fail_clearly
def file(
    case: Annotated[
        Path | None, typer.Argument(metavar="CASE", help="The case file (TOML).", show_default=False)
    ] = None,
    wanted: Annotated[
        list[str] | None,
        typer.Option(
            "--for",
            help="An authority, such as kr-pipc, kr-kisa, ke-odpc, eu-sa or uk-ico; several times, or with commas.",
            show_default="all that the case owes a filing",
        ),
    ] = None,
    lang: Annotated[
        list[str] | None,
        typer.Option(
            "--lang", "-l", help="A language of the drafts, such as ko.", show_default="that of the filing"
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "--output", "-o", help="Write the drafts into this folder.")
    ] = None,
    formats: Annotated[
        str,
        typer.Option(
            "--as", metavar="FORMAT", help="What to write: html, pdf, docx, txt, json, with commas between."
        ),
    ] = _FORMATS,
    old_formats: OldFormat = None,
    supplement: Annotated[
        bool | None,
        typer.Option(
            "--supplement/--first",
            help="Only what is new since the last report, or a first report even where one was made.",
            show_default="a supplement where the case says that a report was made",
        ),
    ] = None,
    contracts: Annotated[
        bool,
        typer.Option(
            "--contracts",
            help="Draft letters to everybody in the register of contracts instead, each with its own count.",
        ),
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--replace", help="Write over drafts that were changed since.")
    ] = False,
    known: Annotated[
        bool, typer.Option("--list", help="List the authorities, their duties and languages.")
    ] = False,
    languages: LanguagesFolder = None,
    workspace: WorkspaceDir = WORKSPACE,
    at: Now = None,
    law_of: LawOf = None,
    json: JsonFlag = False,
) -> None:
    """Draft the filings that a case owes to authorities, or the letters that its contracts ask for. What is missing is named.

    Not legal advice.
    """
    from dataclasses import replace

    from whosaw.core.document import document
    from whosaw.core.errors import WhosawError

    from .texts.filing import show_authorities, show_filings

    if known:
        from whosaw.app.law.filing import authorities

        listed = authorities()
        print_json(document(listed)) if json else show_authorities(listed)
        return
    if case is None:
        raise WhosawError(
            "filing.no-case",
            "no case file is given",
            hint="Write `whosaw file CASE`, or --list for the authorities",
        )
    from whosaw.app.law.filing import file_drafts
    from whosaw.report.draft_files import check_formats, write_drafts

    chosen = _split([formats] if old_formats is None else written_as(old_formats))
    check_formats(chosen)
    if contracts:
        from whosaw.app.law.letters import letters

        if wanted or supplement is not None or law_of is not None:
            raise WhosawError(
                "filing.contracts",
                "--contracts drafts letters, and takes no --for, --supplement, --first or --law-of",
                hint="Leave these out, or --contracts",
            )
        filings = letters(
            case, workspace=workspace, now=moment(at), languages=_split(lang), own=_folder(languages)
        )
    else:
        filings = file_drafts(
            case,
            workspace=workspace,
            now=moment(at),
            wanted=_split(wanted),
            languages=_split(lang),
            form="as it stands" if supplement is None else "supplement" if supplement else "first",
            law_of=law_of.date() if law_of else None,
            own=_folder(languages),
        )
    if out is not None:
        paths = write_drafts(filings.drafts, out, chosen, own=languages, replace=overwrite)
        filings = replace(filings, files=tuple(map(str, paths)))
    print_json(document(filings)) if json else show_filings(filings)


def _folder(given: Path | None) -> Path | None:
    from whosaw.core.errors import WhosawError

    if given is not None and not given.is_dir():
        raise WhosawError(
            "language.folder",
            f"{given} is no folder",
            hint="It holds one folder for each language, such as fr/",
        )
    return given


def _split(given: Iterable[str] | None) -> list[str]:
    """Options that may be given several times, each with commas."""
    return [part.strip() for text in given or () for part in text.split(",") if part.strip()]
