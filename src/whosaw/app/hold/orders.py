"""Legal holds: record what existed when an order came, and say from then on what of it is gone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.app.settings import ScanSettings, load_settings
from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant, to_micros
from whosaw.logs.hold import Hold
from whosaw.logs.hold.journal import (
    active_holds,
    all_holds,
    end_of,
    one_hold,
    record_check,
    record_end,
    record_start,
)
from whosaw.logs.hold.results import (
    HoldCheck,
    HoldsChecked,
    HoldSummary,
    RuleStrikes,
    StoreProtection,
    check_result,
    hold_summary,
    soonest_first,
)
from whosaw.store.workspace import Workspace

from .check import Checker, Seen
from .inventory import held_now, not_found, roots_of
from .protection import protection_of
from .retention import given_settings, retention_of, settings_of

__all__ = ["HoldStarted", "check", "check_quickly", "end", "list_holds", "start"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldStarted(HoldsChecked):
    """A hold that was started, where it was looked for, and what the first check found."""

    hold: HoldSummary
    roots: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    hold: Hold
    result: HoldCheck
    retention: tuple[RuleStrikes, ...]
    notes: tuple[str, ...]
    stores: tuple[StoreProtection, ...]


@asks(Verb.HOLD, "hold")
def start(
    root: Path,
    paths: Sequence[str],
    *,
    order: str,
    at: datetime,
    now: datetime,
    case: str | None = None,
    settings: Sequence[Path] = (),
    zone: str | None = None,
    format_name: str | None = None,
    own_formats: Sequence[Path] = (),
    key_file: Path | None = None,
) -> HoldStarted:
    """Start a hold: every file under `paths` (or where earlier scans read) is read once and recorded, with what the ledger
    had read before and is no longer there. Makes the workspace where there is none yet.

    A file whose first event is later than `at` did not exist then and is not held. Raises `WhosawError` for an order
    without words, a time that is still to come, and where there is nothing to hold; nothing is journalled then.
    """
    if not order.strip():
        raise WhosawError(
            "hold.no-order", "the order is empty", hint="Quote it: --order 'Order 12 of 2025-11-19'"
        )
    if at > now:
        raise WhosawError(
            "hold.future",
            f"{format_instant(at)} is still to come",
            hint="Give the time at which the order was made",
        )
    reading = load_settings(format_name=format_name, zone=zone, own_formats=own_formats)
    named = given_settings(settings)
    workspace = Workspace.open(root, key_file=key_file, create=True)
    try:
        roots = roots_of(workspace, paths)
        held, not_held, seen = held_now(workspace, roots, reading, at=to_micros(at))
        held += not_found(workspace, held, roots, reading, at=to_micros(at))
        if not held:
            raise WhosawError(
                "hold.nothing",
                "there is no file that existed at that time",
                hint="Name files or folders, or scan them first",
            )
        hold = Hold(
            order=order.strip(), at=to_micros(at), case=case, roots=tuple(roots), settings=named,
            files=tuple(sorted(held, key=lambda each: each.name)), not_held=tuple(not_held),
        )  # fmt: skip
        hold = record_start(workspace, hold, now=now)
        checked = _check(workspace, hold, reading, named, now=now, by="start", seen=seen)
        told = _told([checked], now=now)
        return HoldStarted(
            hold=_summary(workspace, hold), roots=tuple(roots), now=told.now, holds=told.holds, settings=told.settings,
            notes=told.notes, stores=told.stores,
        )  # fmt: skip
    finally:
        workspace.close()


@asks(Verb.SEE_STATUS, "holds")
def check(
    root: Path,
    *,
    now: datetime,
    settings: Sequence[Path] = (),
    order: str | None = None,
    key_file: Path | None = None,
) -> HoldsChecked:
    """Read every file of every active hold (or of one) again and say what became of it, and which settings would delete it."""
    named = given_settings(settings)
    workspace = Workspace.open(root, key_file=key_file)
    try:
        holds = [one_hold(workspace, order)] if order else active_holds(workspace)
        if not holds:
            raise WhosawError("hold.none", "no hold is active", hint="Start one with `whosaw hold start`")
        reading = load_settings()
        done = [_check(workspace, hold, reading, named, now=now, by="check", seen=None) for hold in holds]
        return _told(done, now=now)
    finally:
        workspace.close()


def check_quickly(
    workspace: Workspace, settings: ScanSettings, *, now: datetime, by: str
) -> tuple[HoldCheck, ...]:
    """What active holds miss, for a scan or watch: files whose size and times are those of the last check are not read
    again. Nothing without a hold."""
    reading = replace(settings, forced=None)
    done = [
        _check(workspace, hold, reading, (), now=now, by=by, seen=_seen(workspace, hold), retention=False)
        for hold in active_holds(workspace)
    ]
    return tuple(each.result for each in done)


@asks(Verb.SEE_STATUS, "holds")
def list_holds(root: Path, *, key_file: Path | None = None) -> tuple[HoldSummary, ...]:
    """Every hold that was ever started, with its end where it has one."""
    workspace = Workspace.open(root, key_file=key_file)
    try:
        return tuple(_summary(workspace, hold) for hold in all_holds(workspace))
    finally:
        workspace.close()


@asks(Verb.HOLD, "hold")
def end(root: Path, order: str, *, reason: str, now: datetime, key_file: Path | None = None) -> HoldSummary:
    """End a hold. The record stays; only the checks end."""
    if not reason.strip():
        raise WhosawError(
            "hold.no-reason", "a hold is not ended without a reason", hint="Say why with --reason"
        )
    workspace = Workspace.open(root, key_file=key_file)
    try:
        hold = one_hold(workspace, order)
        record_end(workspace, hold, reason.strip(), now=now)
        return _summary(workspace, hold)
    finally:
        workspace.close()


def _check(
    workspace: Workspace,
    hold: Hold,
    reading: ScanSettings,
    given: Sequence[str],
    *,
    now: datetime,
    by: str,
    seen: Seen | None,
    retention: bool = True,
) -> _Checked:
    checker = Checker(hold.roots, hold.files, reading)
    try:
        verdicts, kept = checker.check(hold.files, seen)
        rules, notes = (
            retention_of(hold, verdicts, checker.contents, settings_of(hold, given), now=now)
            if retention
            else ([], [])
        )
        stores, more, said = protection_of(hold, verdicts, now=now) if retention else ([], [], [])
        rules, notes = soonest_first([*rules, *more]), [*notes, *said]
    finally:
        checker.close()
    result = check_result(hold, verdicts)
    stamps = canonical_json({name: list(each) for name, each in kept.items()}).decode()
    record_check(workspace, hold, result, stamps, by=by, whole=by in ("start", "check"), now=now)
    return _Checked(
        hold=hold, result=result, retention=tuple(rules), notes=tuple(notes), stores=tuple(stores)
    )


def _seen(workspace: Workspace, hold: Hold) -> Seen:
    kept = workspace.journal.setting(f"hold-seen:{hold.id}")
    return {name: (each[0], each[1], each[2]) for name, each in json.loads(kept).items()} if kept else {}


def _told(done: Sequence[_Checked], *, now: datetime) -> HoldsChecked:
    return HoldsChecked(
        now=now,
        holds=tuple(each.result for each in done),
        settings=tuple(rule.of(each.hold.id) for each in done for rule in each.retention),
        notes=tuple(dict.fromkeys(note for each in done for note in each.notes)),
        stores=tuple(dict.fromkeys(store for each in done for store in each.stores)),
    )


def _summary(workspace: Workspace, hold: Hold) -> HoldSummary:
    return hold_summary(hold, end_of(workspace, hold.id))
