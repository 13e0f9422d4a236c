"""Holds in the custody journal: started, checked, ended. The record itself is a file, named in the entry by its digest."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from whosaw.core.canonical_json import canonical_json
from whosaw.core.custody import Entry
from whosaw.core.document import document
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant, from_micros, to_micros
from whosaw.store.files import ContentStore
from whosaw.store.repositories.entries import count_of_kind
from whosaw.store.workspace import Workspace

from .held import Hold, hold_from_json
from .results import HoldCheck, HoldEnd

__all__ = ["active_holds", "all_holds", "end_of", "one_hold", "record_check", "record_end", "record_start"]


def record_start(workspace: Workspace, hold: Hold, *, now: datetime) -> Hold:
    """Store a hold and journal its start; returns it with its number (h1, h2, ...)."""
    journal = workspace.journal
    record = _files(workspace).put("hold", canonical_json(hold.as_json()))
    with journal.transaction() as connection:
        number = f"h{count_of_kind(connection, 'hold.start') + 1}"
        body = {
            "hold": number,
            "order": hold.order,
            "at": format_instant(from_micros(hold.at)),
            "case": hold.case,
            "record": record,
            "files": len(hold.files),
            "bytes": sum(each.size for each in hold.files),
            "missing": sum(each.missing is not None for each in hold.files),
        }
        journal.record(connection, "hold.start", body, now=now)
    return hold.named(number=number, started=to_micros(now), by=journal.who)


def record_check(
    workspace: Workspace,
    hold: Hold,
    result: HoldCheck,
    seen: str,
    *,
    by: str,
    whole: bool,
    now: datetime,
) -> None:
    """Journal what a check found, in numbers, with the file that lists it; and keep what the next quick one needs."""
    journal = workspace.journal
    record = _files(workspace).put("hold-check", canonical_json(document(result)))
    with journal.transaction() as connection:
        body = {"hold": hold.id, "by": by, "whole": whole, "record": record, **asdict(result.counts)}
        journal.record(connection, "hold.check", body, now=now)
        journal.set_setting(connection, f"hold-seen:{hold.id}", seen)


def record_end(workspace: Workspace, hold: Hold, reason: str, *, now: datetime) -> None:
    """Journal the end of a hold. Raises `WhosawError` where it has ended already."""
    journal = workspace.journal
    if end_of(workspace, hold.id) is not None:
        raise WhosawError("hold.ended", f"{hold.id} has ended already", hint="See `whosaw hold list`")
    with journal.transaction() as connection:
        journal.record(connection, "hold.end", {"hold": hold.id, "reason": reason}, now=now)


def all_holds(workspace: Workspace) -> list[Hold]:
    """Every hold that was started, in order."""
    return [
        hold_from_json(json.loads(workspace.files.read(body["record"]))).named(
            number=body["hold"], started=row.time, by=row.who
        )
        for row in _entries(workspace, "hold.start")
        for body in (json.loads(row.body),)
    ]


def active_holds(workspace: Workspace) -> list[Hold]:
    """Holds that have not ended."""
    if not _entries(workspace, "hold.start"):
        return []
    ended = {json.loads(row.body)["hold"] for row in _entries(workspace, "hold.end")}
    return [hold for hold in all_holds(workspace) if hold.id not in ended]


def one_hold(workspace: Workspace, order: str) -> Hold:
    """The hold of that number, or of that order in its exact words where only one has them."""
    holds = all_holds(workspace)
    found = [hold for hold in holds if hold.id == order] or [hold for hold in holds if hold.order == order]
    if len(found) != 1:
        raise WhosawError(
            "hold.unknown" if not found else "hold.ambiguous",
            f"{'no hold is' if not found else f'{len(found)} holds are'} named {order!r}",
            hint="Name it by its number, as `whosaw hold list` prints it",
        )
    return found[0]


def end_of(workspace: Workspace, number: str) -> HoldEnd | None:
    """When, by whom and why a hold was ended; None while it is active."""
    for row in _entries(workspace, "hold.end"):
        body = json.loads(row.body)
        if body["hold"] == number:
            return HoldEnd(time=from_micros(row.time), by=row.who, reason=body["reason"])
    return None


def _entries(workspace: Workspace, kind: str) -> list[Entry]:
    return workspace.journal.entries(kind)


def _files(workspace: Workspace) -> ContentStore:
    """Files may be written while a scan runs, which clears away what is half written in its own folder."""
    return workspace.files.beside("part-hold")
