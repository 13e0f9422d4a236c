"""Legal holds as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from whosaw.app.hold.orders import HoldStarted
from whosaw.cli.console import print_table, row, say, table
from whosaw.cli.shown_zone import project_zone, with_offset
from whosaw.logs.hold import Strike
from whosaw.logs.hold.results import HoldCheck, HoldsChecked, HoldSummary, SettingsOfHold, StoreProtection
from whosaw.logs.hold.words import loss_lines, lost_sentence

__all__ = ["show_check", "show_holds", "show_losses", "show_started"]

_MOST = 20
_MOST_STRIKES = 8


def show_started(answer: HoldStarted) -> None:
    """What was recorded, what was missing at once, and what would be deleted."""
    hold = answer.hold
    say(f"hold {hold.id} started: {hold.order} ({with_offset(hold.at, project_zone())})")
    say(
        f"{hold.files:,} files, {hold.lines:,} lines, {hold.bytes:,} bytes; events from {_time(hold.first)} to {_time(hold.last)}"
    )
    shown = table("source", "files", "lines", "hours", numbers=("files", "lines", "hours"))
    for each in hold.sources[:_MOST]:
        row(shown, each.source, each.files, each.lines, each.hours)
    print_table(shown)
    if hold.missing_when_begun:
        say(f"{hold.missing_when_begun:,} of them, read earlier, were no longer whole when the hold began")
    if hold.existence_cannot_be_told:
        say(
            f"{hold.existence_cannot_be_told:,} are held although it cannot be told whether they existed at that time"
        )
    if hold.not_held:
        say(f"not held: {len(hold.not_held):,}")
        for left in hold.not_held[:_MOST]:
            say(f"  {left.name}: {left.reason}")
    say("What was deleted before the hold began, and never read, cannot be known.")
    say()
    show_check(answer)


def show_check(answer: HoldsChecked) -> None:
    """What became of held files, then the settings that would delete them."""
    show_losses(answer.holds)
    for hold in answer.holds:
        for each in (*hold.moved[:_MOST], *hold.cannot_tell[:_MOST]):
            say(f"  {each.name}: {each.outcome.replace('-', ' ')}: {each.why}")
    say()
    for store in answer.stores:
        _show_store(store)
    _show_settings(answer.settings)
    for note in answer.notes:
        say(f"note: {note}")


def show_losses(holds: Sequence[HoldCheck]) -> None:
    """One line for each hold, and one for each file that lost anything."""
    for hold in holds:
        say(lost_sentence(hold))
        kept = [
            f"{number:,} {name}"
            for name in ("same", "grown", "moved")
            if (number := getattr(hold.counts, name))
        ]
        if kept:
            say(f"  {', '.join(kept)}")
        lines = loss_lines(hold)
        for line in lines[:_MOST]:
            say(f"  {line.partition(': ')[2]}")
        if len(lines) > _MOST:
            say(f"  … and {len(lines) - _MOST:,} more; --json lists all")


def _show_store(store: StoreProtection) -> None:
    default = (
        f", {store.default_mode or 'no mode'} for {store.default_days:,} days by default"
        if store.default_days is not None
        else ""
    )
    say(f"{store.bucket}  versions {_state(store.versioning)}; object lock {_state(store.lock)}{default}")
    kept = f"{store.legal_hold:,} under a legal hold of the store, {store.retained:,} under retention"
    if store.released_first is not None:
        kept += f" (the first until {_time(store.released_first)})"
    say(f"  {store.objects:,} held objects: {kept}, {store.unprotected:,} under neither")
    if store.cannot_tell:
        say(f"  of {store.cannot_tell:,} it cannot be told")
    for note in store.notes:
        say(f"  note: {note}")


def _state(word: str) -> str:
    return word.replace("-", " ")


def _show_settings(rules: Sequence[SettingsOfHold]) -> None:
    if not rules:
        say("No retention setting was seen. That does not mean there is none: name some with --settings.")
        return
    for rule in rules:
        say(f"{rule.place}  {rule.says}")
        if not rule.applies:
            say("  deletes no held file, as far as names tell")
            continue
        for strike in rule.strikes[:_MOST_STRIKES]:
            say(f"  {_strike(strike)}")
        if len(rule.strikes) > _MOST_STRIKES:
            say(f"  … and {len(rule.strikes) - _MOST_STRIKES:,} more; --json lists all")
        for note in rule.notes:
            say(f"  note: {note}")


def _strike(strike: Strike) -> str:
    when = strike.day or "no date"
    estimate = f"; estimated {strike.estimate}" if strike.estimate else ""
    by = " (the rule is about a log of this name; is this a copy of it?)" if strike.by == "name" else ""
    what = f"deletes {strike.name}: " if strike.name else "deletes "
    return f"{when}: {what}{strike.why}{estimate}{by}"


def show_holds(holds: Sequence[HoldSummary]) -> None:
    """One row for each hold."""
    if not holds:
        say("No hold was ever started. `whosaw hold start` starts one.")
        return
    shown = table("hold", "order", "of", "case", "files", "state", numbers=("files",))
    for each in holds:
        ended = each.ended
        state = f"ended by {ended.by}: {ended.reason}" if ended else "active"
        row(
            shown,
            each.id,
            each.order,
            with_offset(each.at, project_zone()),
            each.case or "-",
            each.files,
            state,
        )
    print_table(shown)


def _time(instant: datetime | None) -> str | None:
    return None if instant is None else with_offset(instant, project_zone())
