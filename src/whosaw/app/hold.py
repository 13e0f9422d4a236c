"""Legal holds: record what existed when an order came, and say from then on what of it is gone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant, from_micros, to_micros
from whosaw.logs.hold import OUTCOMES, HeldFile, Hold, Verdict
from whosaw.store.workspace import Workspace

from .hold_check import Checker, Seen
from .hold_inventory import held_now, not_found, roots_of
from .hold_journal import active_holds, all_holds, end_of, one_hold, record_check, record_end, record_start
from .hold_retention import given_settings, retention_of, settings_of
from .settings import ScanSettings, load_settings

__all__ = ["check", "check_quickly", "end", "list_holds", "start"]

_MOST_LISTED = 1_000  # files of one outcome that are not lost, in one document


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    hold: Hold
    verdicts: list[Verdict]
    retention: list[dict[str, Any]]
    notes: list[str]


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
) -> dict[str, Any]:
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
        return {"hold": _about(workspace, hold), "roots": roots, **_told([checked], now=now)}
    finally:
        workspace.close()


def check(
    root: Path,
    *,
    now: datetime,
    settings: Sequence[Path] = (),
    order: str | None = None,
    key_file: Path | None = None,
) -> dict[str, Any]:
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
) -> tuple[dict[str, Any], ...]:
    """What active holds miss, for a scan or watch: files whose size and times are those of the last check are not read
    again. Nothing without a hold."""
    reading = replace(settings, forced=None)
    done = [
        _check(workspace, hold, reading, (), now=now, by=by, seen=_seen(workspace, hold), retention=False)
        for hold in active_holds(workspace)
    ]
    return tuple(_result(each) for each in done)


def list_holds(root: Path, *, key_file: Path | None = None) -> list[dict[str, Any]]:
    """Every hold that was ever started, with its end where it has one."""
    workspace = Workspace.open(root, key_file=key_file)
    try:
        return [_about(workspace, hold) for hold in all_holds(workspace)]
    finally:
        workspace.close()


def end(
    root: Path, order: str, *, reason: str, now: datetime, key_file: Path | None = None
) -> dict[str, Any]:
    """End a hold. The record stays; only the checks end."""
    if not reason.strip():
        raise WhosawError(
            "hold.no-reason", "a hold is not ended without a reason", hint="Say why with --reason"
        )
    workspace = Workspace.open(root, key_file=key_file)
    try:
        hold = one_hold(workspace, order)
        record_end(workspace, hold, reason.strip(), now=now)
        return _about(workspace, hold)
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
    finally:
        checker.close()
    checked = _Checked(hold=hold, verdicts=verdicts, retention=rules, notes=notes)
    stamps = canonical_json({name: list(each) for name, each in kept.items()}).decode()
    result = _result(checked)
    record_check(workspace, hold, result, stamps, by=by, whole=by in ("start", "check"), now=now)
    return checked


def _seen(workspace: Workspace, hold: Hold) -> Seen:
    kept = workspace.journal.setting(f"hold-seen:{hold.id}")
    return {name: (each[0], each[1], each[2]) for name, each in json.loads(kept).items()} if kept else {}


def _result(checked: _Checked) -> dict[str, Any]:
    """What one check found. `lost` names every file that lost anything; the others are counted, and listed where they
    moved or grew or cannot be told."""
    hold, verdicts = checked.hold, checked.verdicts
    lost = [each for each in verdicts if each.lost]
    unknown = [each for each in lost if each.lines_lost is None]
    return {
        "id": hold.id,
        "order": hold.order,
        "at": format_instant(from_micros(hold.at)),
        "files": len(hold.files),
        "counts": {
            name.replace("-", "_"): sum(each.outcome == name for each in verdicts) for name in OUTCOMES
        },
        "lines_lost": {
            "lower": sum(each.lines_lost or 0 for each in lost),
            # a file that was rewritten may have lost any of its lines
            "upper": sum(each.file.lines if each.lines_lost is None else each.lines_lost for each in lost),
            "files_that_cannot_tell": len(unknown),
        },
        "lost": [_with_times(each) for each in lost],
        "moved": [each.as_json() for each in verdicts if each.outcome == "moved"][:_MOST_LISTED],
        "cannot_tell": [each.as_json() for each in verdicts if each.outcome == "cannot-tell"][:_MOST_LISTED],
    }


def _with_times(verdict: Verdict) -> dict[str, Any]:
    held = verdict.file
    return {**verdict.as_json(), "first": _instant(held.first), "last": _instant(held.last)}


def _instant(micros: int | None) -> str | None:
    return None if micros is None else format_instant(from_micros(micros))


def _told(done: Sequence[_Checked], *, now: datetime) -> dict[str, Any]:
    return {
        "now": format_instant(now),
        "holds": [_result(each) for each in done],
        "settings": [{"hold": each.hold.id, **rule} for each in done for rule in each.retention],
        "notes": list(dict.fromkeys(note for each in done for note in each.notes)),
    }


def _about(workspace: Workspace, hold: Hold) -> dict[str, Any]:
    ended = end_of(workspace, hold.id)
    firsts = [each.first for each in hold.files if each.first is not None]
    lasts = [each.last for each in hold.files if each.last is not None]
    return {
        "id": hold.id,
        "order": hold.order,
        "at": format_instant(from_micros(hold.at)),
        "case": hold.case,
        "started": format_instant(from_micros(hold.started)),
        "by": hold.started_by,
        "files": len(hold.files),
        "bytes": sum(each.size for each in hold.files),
        "lines": sum(each.lines for each in hold.files),
        "first": _instant(min(firsts, default=None)),
        "last": _instant(max(lasts, default=None)),
        "sources": _sources(hold.files),
        "missing_when_begun": sum(each.missing is not None for each in hold.files),
        "existence_cannot_be_told": sum(each.existed != "yes" for each in hold.files),
        "not_held": [{"name": name, "reason": reason} for name, reason in hold.not_held],
        "state": "ended" if ended else "active",
        "ended": ended,
    }


def _sources(files: Sequence[HeldFile]) -> list[dict[str, Any]]:
    out: dict[str, dict[str, Any]] = {}
    for each in files:
        cell = out.setdefault(each.source, {"source": each.source, "files": 0, "lines": 0, "hours": set()})
        cell["files"] += 1
        cell["lines"] += each.lines
        cell["hours"] |= set(each.hours)
    return [{**cell, "hours": len(cell["hours"])} for _, cell in sorted(out.items())]
