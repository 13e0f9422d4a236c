"""`whosaw init`: looks at logs that nobody has described, and drafts the project file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import JsonFlag, fail_clearly, now, print_json

if TYPE_CHECKING:
    from whosaw.app.init.found import Found, Group, Written

__all__ = ["init"]

_MOST_FIELDS = 10


@fail_clearly
def init(
    paths: Annotated[list[str], typer.Argument(metavar="FOLDER", help="Folders or files with logs.")],
    zone: Annotated[
        str | None,
        typer.Option(
            "--tz", metavar="ZONE", help="Zone of times without an offset, where the logs have such."
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option("--lang", "-l", metavar="LANGUAGE", help="Language of letters and drafts, such as ko."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing, also on a terminal.")] = False,
    json: JsonFlag = False,
) -> None:
    """Look at logs, say what was understood of them, and draft whosaw.toml and a map. Writes over nothing."""
    from whosaw.app.init.asking import asked
    from whosaw.app.init.look import look, write_draft
    from whosaw.core.document import document

    from .progress import bars

    with bars(quiet=json) as progress:
        found = look(paths, zone=zone, here=Path(), day=now().date(), progress=progress)
    asks = not yes and not json and sys.stdin.isatty() and sys.stdout.isatty()
    if asks:
        _show(found)
        _show_missing(found)
        found = asked(found, _ask, language=language)
    with bars(quiet=json) as progress:
        written = write_draft(found, here=Path(), zone=zone, language=language, progress=progress)
    if json:
        print_json(document(written))
        return
    if not asks:  # after the files are there: whoever reads on may go away
        _show(found)
    _say_written(written)


def _ask(question: str, proposed: str) -> str:
    from .console import ask, say

    *faults, asked = question.splitlines()
    for each in faults:
        say(each)
    return ask(asked, proposed, show_default=True)


def _show(found: Found) -> None:
    from .console import say

    for group in found.groups:
        _show_group(group)
    for each in found.twins:
        joined = f"; a line in the draft can declare them by {each.by}" if each.by else ""
        say(
            f"twins? {each.sources[0]} and {each.sources[1]}: {each.shared:,} of {each.lines:,} requests stand in both{joined}"
        )
    for log in found.context_logs:
        also = "" if log.also_log else "; read for that alone"
        say(f"fills the context: {', '.join(log.files)}  {log.title}: {', '.join(log.tables)}{also}")
    if found.context is not None:
        say(f"context: {found.context} ({', '.join(found.tables)})")
    for name in found.documents:
        say(f"no log, and looked at for the map: {name}")
    for name, reason in found.skipped:
        if (name, reason) not in found.unopened:  # those are open
            say(f"skipped: {name}: {reason}")


def _show_missing(found: Found) -> None:
    """Which tables of the context nothing here fills, and what it means to say that there is none."""
    from whosaw.actors.context_schema import table_schemas
    from whosaw.app.init.asking import missing_tables

    from .console import print_table, row, say, table

    missing, schemas = missing_tables(found), table_schemas()
    if missing:
        shown = table("not found", "what it would hold")
        for each in missing:
            row(shown, each, schemas[each].title)
        print_table(shown)
        say()


def _show_group(group: Group) -> None:
    from .console import print_table, row, say, table

    say(_head(group))
    proposal = group.proposal
    if proposal.line:
        shown = table("  column", "one line of it")
        for name, value in proposal.line.items():
            row(shown, f"  {name}", value)
        print_table(shown)
    if proposal.unused:
        more = len(proposal.unused) - _MOST_FIELDS
        tail = f" and {more:,} more" if more > 0 else ""
        say(f"  not used: {', '.join(proposal.unused[:_MOST_FIELDS])}{tail}")
    if group.shared is not None:
        say(f"  {group.shared.note(proposal.format)}")
    if proposal.perhaps:
        say(f"  not sure enough: {', '.join(proposal.perhaps)}")
    for name in proposal.differ:
        say(f"  another format than the rest: {name}")
    if proposal.time_only:
        say("  TIME ONLY: it says when, and neither who nor what")
    if proposal.needs_zone and group.zone is None:
        say("  its times have no offset")
    say()


def _head(group: Group) -> str:
    known = group.proposal.format
    files = f"{group.count:,} file{'' if group.count == 1 else 's'}"
    named = f"{known} (drafted)" if group.proposal.draft is not None else known
    what = f"{named}, {group.proposal.share:.0%} of the lines looked at" if known else "no known format"
    return f"{', '.join(group.files)}  ({files}): {what}"


def _say_written(written: Written) -> None:
    from .console import say

    say(f"written: {written.project}")
    for name in written.formats:
        say(f"written: {name} (drafted from the values; read it before you trust it)")
    if written.context is not None:
        say(f"written: {written.context} (see `whosaw context check` after the scan)")
    if written.map_is_new:
        routes = f"{written.routes:,} drafted route{'' if written.routes == 1 else 's'}"
        say(f"written: {written.map} ({routes}; read it before you trust it)")
    elif written.map is not None:
        say(f"used as it is: {written.map}")
    for each in written.open:
        say(f"open: {each}")
    say(f"next: {written.next}")
