"""The command that says what of a ledger is up to date, and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from .app import WORKSPACE, JsonFlag, WorkspaceDir, fail_clearly, print_json

if TYPE_CHECKING:
    from whosaw.app.status import LedgerStatus, StepStatus

__all__ = ["status"]

_FINDINGS = {
    "up to date": "up to date",
    "waits": "older than ",
    "never made": "never looked for",
    "cannot tell": "cannot tell",
}


@fail_clearly
def status(
    workspace: WorkspaceDir = WORKSPACE,
    days: Annotated[
        bool,
        typer.Option(
            "--days",
            help="Also ask of each step which days wait, and why. Needs the vault key, and that nothing else writes.",
        ),
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Show what of the ledger is up to date, what waits and why, and what its files take. Finds and counts nothing."""
    from whosaw.app.status import status as look
    from whosaw.core.document import document

    found = look(workspace, days=days)
    print_json(document(found)) if json else _show(found)


def _show(found: LedgerStatus) -> None:
    """First whether all is well; then what waits, what to do about it, what there is and what it takes."""
    from .console import print_table, row, say, table

    say("Everything is up to date." if found.up_to_date else "Not everything is up to date:")
    for each in found.waits:
        say(f"  {each.what}: {each.why}")
    for hint in dict.fromkeys(each.hint for each in found.waits):
        say(f"  -> {hint}")
    say()
    logs = found.logs
    say(f"logs      {logs.whole:,} read whole, {logs.begun:,} begun, {logs.faulty:,} with a fault")
    say(
        f"segments  {logs.in_ledger:,} in the ledger, {logs.waiting:,} waiting, {logs.leaving:,} to be taken out"
    )
    say(f"lines     {logs.lines:,}, of them {logs.events:,} events{_times(logs.first, logs.last)}")
    say(f"findings  {_FINDINGS[found.findings.answer]}{', '.join(found.findings.changed)}")
    if found.steps:
        say(f"days      {_by_family(found.steps)}")
    for step in found.steps:
        if step.waits:
            say(f"  {step.step} waits: {', '.join(f'{why} {many:,}' for why, many in step.waits.items())}")
    say()
    shown = table("for", "kind", "files", "bytes", numbers=("files", "bytes"))
    for use in found.files:
        row(shown, use.of, use.kind, use.files, use.bytes)
    row(shown, "all", "", sum(each.files for each in found.files), found.bytes)
    print_table(shown)


def _by_family(steps: Sequence[StepStatus]) -> str:
    """On how many days steps are kept: of those that differ only in what they are asked about, the most of any."""
    most: dict[str, int] = {}
    for each in steps:
        family = each.step.partition(".")[0]
        most[family] = max(most.get(family, 0), each.days)
    return ", ".join(f"{name} {days:,}" for name, days in most.items())


def _times(first: int | None, last: int | None) -> str:
    from whosaw.core.instants import from_micros

    from .shown_zone import at_second, project_zone, zone_name

    if first is None or last is None:
        return ""
    zone = project_zone()
    return f", from {at_second(from_micros(first), zone)} to {at_second(from_micros(last), zone)} ({zone_name(zone)})"
