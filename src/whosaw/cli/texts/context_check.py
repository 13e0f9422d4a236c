"""The check of a context as text for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from whosaw.cli.console import print_table, row, say, table
from whosaw.cli.shown_zone import project_zone, with_offset, zone_name
from whosaw.core.instants import from_micros

if TYPE_CHECKING:
    from whosaw.actors.context_checking import CheckedTable, Wakes
    from whosaw.app.context_check import ContextCheck
    from whosaw.app.context_sources import ContextSource

__all__ = ["show_context", "show_sources"]


def show_context(found: ContextCheck) -> None:
    """Tables first, then what of the logs they know, then what they wake."""
    say(f"context: {found.folder}" if found.folder is not None else "No context folder is named.")
    if not found.ledger:
        say("There is no ledger yet: what of the logs is known can be said after a scan.")
    _tables(found.tables)
    for each in found.sources:
        made = ", ".join(f"{rows:,} of {name}" for name, rows in sorted(each.rows.items()))
        say(f"{each.system}: {each.records:,} records, rows: {made}; {each.other:,} make none")
        say(f"  joins: {each.ids}")
        if each.whole_since is not None:
            say(f"  whole from {_time(each.whole_since)} on")
        if each.as_of is not None:
            say(f"  last change in it: {_time(each.as_of)}")
        for gap in each.gaps:
            say(f"  not in it: {gap}")
    if found.ledger:
        say()
        _against_logs(found)
    for title, told in (("detectors", found.detectors), ("explanations", found.explanations)):
        say()
        awake = [each.id for each in told if each.answer == "awake"]
        say(f"{title} awake: {', '.join(awake) or 'none'}")
        _sleep(title, told)
    for note in found.notes:
        say(f"note: {note}")


def _tables(tables: Sequence[CheckedTable]) -> None:
    shown = table("table", "rows", "from", "until", "gaps", "known", numbers=("rows", "gaps"))
    for each in tables:
        if each.state == "given":
            known = [
                f"{column.column} {column.known:,} of {column.filled:,}"
                for column in each.columns
                if column.known is not None and column.filled
            ]
            row(
                shown,
                each.table,
                each.rows,
                _minute(each.since) or "-",
                _minute(each.until) or "-",
                len(each.gaps),
                ", ".join(known),
            )
    if any(each.state == "given" for each in tables):
        print_table(shown)
    if any(each.since is not None for each in tables):
        say(f"times in {zone_name(project_zone())}")
    for each in tables:
        if each.state == "none":
            say(f"{each.table}: there are none, it is said. {each.means}")
        if each.doubt:
            say(f"  BUT {each.table}: {each.doubt}")
        for gap in each.gaps:
            say(f"  gap in {each.table}: {_time(gap.since)} to {_time(gap.until)}")
    absent = [each.table for each in tables if each.state == "not given"]
    if absent:
        say(f"not given: {', '.join(absent)}  (where there is none of one, say none = [...])")


def _against_logs(found: ContextCheck) -> None:
    for each in found.passes:
        share = f"{each.known / each.shown:.1%}" if each.shown else "0%"
        say(f"{each.trait}s in the logs: {each.shown:,}, of {each.known:,} the issue is on record ({share})")
    if not found.passes:
        say("The logs show no token and no session.")
    if found.clock is None:
        say("clock: not measured, for no view was by a token or session that stands in logins")
        return
    soonest, middle = found.clock.soonest_us / 1e6, found.clock.middle_us / 1e6
    say(
        f"clock: half of {found.clock.passes:,} tokens and sessions are first used within {middle:,.1f} s of their issue, one in a hundred "
        f"within {soonest:,.1f} s"
    )
    if soonest < 0:
        say(f"  the clock of logins is ahead of that of the logs by about {-soonest:,.1f} s")


def _sleep(title: str, told: Sequence[Wakes]) -> None:
    for answer in ("asleep", "not asked"):
        those = [each for each in told if each.answer == answer]
        if not those:
            continue
        shown = table(f"{title} {answer}", "why")
        for each in those:
            row(shown, each.id, each.why)
        print_table(shown)


def _time(micros: int | None) -> str:
    return "" if micros is None else with_offset(from_micros(micros), project_zone())


def _minute(micros: int | None) -> str:
    return "" if micros is None else f"{from_micros(micros).astimezone(project_zone()):%Y-%m-%d %H:%M}"


def show_sources(found: Sequence[ContextSource]) -> None:
    """One after the other."""
    shown = table("format", "what it is", "fills")
    for each in found:
        fills = "; ".join(f"{filled.table}: {', '.join(filled.columns)}" for filled in each.fills)
        row(shown, each.id, each.title, fills)
    print_table(shown)
