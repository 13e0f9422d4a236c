"""Options that several commands take, each declared once. Those of every command are in `app`, those of law in `law`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .from_project import FromProject, PathTexts

__all__ = [
    "ContextFolder",
    "ContextOfScan",
    "ContextZone",
    "ExitCode",
    "FormatName",
    "LanguagesFolder",
    "LogPaths",
    "MapFile",
    "NoticePlaces",
    "OldFormat",
    "OwnFormats",
    "QuietHours",
    "ReplaceMap",
    "RunnerName",
    "ScopeVersion",
    "SourceNames",
    "StampTrust",
    "Zone",
    "written_as",
]

ExitCode = Annotated[bool, typer.Option("--exit-code", help="Exit with 1 when something fails.")]
FormatName = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        help="Force a format: an id of `whosaw formats`, or nginx:…, apache:…, json:…, csv:… with a layout.",
    ),
]
# until the next release: what is written was named by `--format`, which names the format of a log
OldFormat = Annotated[
    list[str] | None, typer.Option("--format", hidden=True, help="What is written: --as now.")
]
OwnFormats = Annotated[
    list[Path] | None,
    typer.Option("--formats", metavar="FOLDER", help="Folder with own format items."),
    FromProject("formats"),
]
Zone = Annotated[
    str | None, typer.Option("--tz", help="Zone of times without an offset, such as Asia/Seoul or +09:00.")
]
LogPaths = Annotated[
    list[str] | None,
    typer.Argument(
        help="Log files, folders, globs, archives, s3://BUCKET/PREFIX/ (gs://, az://), or - for standard input.",
        show_default="those of whosaw.toml",
    ),
    PathTexts(),
]
MapFile = Annotated[
    Path | None,
    typer.Option("--map", "-m", help="Data map (TOML): which page carried whose data."),
    FromProject("map"),
]
ReplaceMap = Annotated[
    bool,
    typer.Option(
        "--replace-map",
        help="With --map: it takes the place of a map that was decided on in the console, too.",
    ),
]
RunnerName = Annotated[
    str | None,
    typer.Option(
        "--runner",
        help="Who reads the logs: local (threads here), or Spark as spark, spark://HOST:PORT, local[N] or sc://HOST:PORT.",
        show_default="local",
    ),
    FromProject("runner"),
]
ContextFolder = Annotated[
    Path | None,
    typer.Option(
        "--context", "-c", help="Folder with logins, keys, staff, tickets, subjects, canaries, services."
    ),
    FromProject("context"),
]
SourceNames = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        help="NAME=PATTERN: files with such names are this source. Kept for later scans. Repeat it for several.",
    ),
]
QuietHours = Annotated[
    list[str] | None,
    typer.Option(
        "--quiet-hours",
        help="[SOURCE=][DAYS ]HH:MM-HH:MM, in the zone of --tz: no traffic then. Kept for later scans. Repeat it for several.",
    ),
]
ContextOfScan = Annotated[
    Path | None,
    typer.Option(
        "--context",
        "-c",
        help="Folder with logins, keys, staff and so on.",
        show_default="that of whosaw.toml, or of the last scan",
    ),
    FromProject("context"),
]
ContextZone = Annotated[
    str | None,
    typer.Option("--tz", help="Zone of times without an offset in the context folder."),
    FromProject("zone"),
]
ScopeVersion = Annotated[
    int | None, typer.Option("--version", min=1, help="Scope version.", show_default="the last of the case")
]
LanguagesFolder = Annotated[
    Path | None, typer.Option("--languages", help="Folder with own languages, each in a folder such as fr/.")
]
NoticePlaces = Annotated[
    list[str] | None,
    typer.Option("--for", help="Jurisdictions, such as kr,eu or ke.", show_default="all that owe a notice"),
]
StampTrust = Annotated[
    list[Path] | None,
    typer.Option("--stamp-trust", help="PEM file with the roots of time stamp authorities."),
]


def written_as(old: list[str]) -> list[str]:
    """What `--format` was given where it meant what is written. Says that this is `--as` now."""
    typer.echo(
        f"whosaw: write --as {','.join(old)}: --format is the format of a log, and here it goes with the next release",
        err=True,
    )
    return old
