"""The command that lists who looked at whom: every look into the vault and every export."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Annotated

import typer

from .app import EXIT_FAILED, WORKSPACE, JsonFlag, KeyFile, WorkspaceDir, fail_clearly, now, print_json
from .custody_heard import is_broken
from .shown_zone import instant_from, project_zone

if TYPE_CHECKING:
    from whosaw.app.asking.looks import Look

__all__ = ["lookups", "show_lookups"]

_MOST = 50


@fail_clearly
def lookups(
    by: Annotated[str | None, typer.Option("--by", help="Only looks by this user.")] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", help="Only looks from this day or time on, such as 2025-11-19 or yesterday."),
    ] = None,
    person: Annotated[str | None, typer.Option("--person", help="Only looks at this person.")] = None,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """List who looked at whom and why: each time identifiers were revealed, lines read or records exported."""
    from whosaw.app.asking.looks import looks
    from whosaw.app.asking.questions import open_ledger
    from whosaw.app.gating.rights import Verb
    from whosaw.core.document import document

    start = instant_from(since, project_zone(), "--since")
    ledger = open_ledger(workspace, now=now(), key_file=key_file, verb=Verb.SEE_LOOKS)
    try:
        number = ledger.person_number(person, erased_too=True) if person else None
        found = looks(ledger.workspace, by=by, since=start, person=number)
    finally:
        ledger.close()
    print_json({"lookups": document(found)}) if json else show_lookups(found, project_zone())
    if is_broken():  # what was changed may be what is missing above
        raise typer.Exit(EXIT_FAILED)


def show_lookups(found: Sequence[Look], zone: tzinfo) -> None:
    """One row for each look, the last ones, with times of `zone`."""
    from .console import print_table, row, say, table
    from .shown_zone import at_second, zone_name

    if not found:
        say("cannot tell who looked: the journal is broken" if is_broken() else "nobody looked")
        return
    if len(found) > _MOST:
        say(f"… {len(found) - _MOST:,} earlier; --json lists all")
    shown = table(
        "entry",
        f"time ({zone_name(zone)})",
        "by",
        "what",
        "persons",
        "revealed",
        "reason",
        numbers=("entry", "persons"),
    )
    for each in found[-_MOST:]:
        row(
            shown,
            each.entry,
            at_second(each.time, zone),
            each.by,
            each.what,
            "all" if each.persons is None else each.persons,
            "yes" if each.revealed else "no",
            each.reason or "-",
        )
    print_table(shown)
