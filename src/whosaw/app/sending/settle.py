"""What a person decides of attempts: of those whose end is unknown, and that another channel takes over from those that failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from whosaw.app.asking.looks import require_reason
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.core.instants import to_micros
from whosaw.store.sending.pieces import Address, PieceReader
from whosaw.store.sending.sending_store import (
    ACCEPTED,
    BOUNCED,
    DEFERRED,
    UNDELIVERABLE,
    Attempt,
    Job,
    SendingRow,
    SendingStore,
)
from whosaw.store.workspace import Workspace

from .manifest import Manifest, open_pieces, read_manifest
from .texts import CHANNELS

__all__ = ["DECISIONS", "Settled", "replace_failed", "settle"]

DECISIONS = {"accepted": ACCEPTED, "again": DEFERRED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What was decided of how many people, and the entry of the journal that says so. `left` is of how many it could not be."""

    case: str
    version: int
    decision: str
    people: int
    left: int
    entry: int


@asks(Verb.TELL, "settle", root="workspace", case="case")
def settle(
    case: str,
    decision: str,
    *,
    workspace: Path,
    reason: str,
    now: datetime,
    version: int | None = None,
    key_file: Path | None = None,
) -> Settled:
    """Decide of all whose end is unknown: `accepted`, such as by the log of the mail server, or `again`, at the price that some get it twice."""
    require_reason(reason)
    if decision not in DECISIONS:
        raise WhosawError(
            "notice.decision", f"{decision!r} is no decision", hint=f"Say {' or '.join(DECISIONS)}"
        )
    opened = Workspace.open(workspace, key_file=key_file)
    try:
        store = SendingStore(opened.root)
        try:
            with store.sender():
                row = store.find(case, version)
                people = sum(many for (_, state), many in store.tally(row.id).items() if state == "unknown")
                entry = _record(opened, row, f"unknown is {decision}", people, reason, now)
                store.settle(row.id, state=DECISIONS[decision], now=to_micros(now))
        finally:
            store.close()
    finally:
        opened.close()
    return Settled(case=row.case, version=row.version, decision=decision, people=people, left=0, entry=entry)


@asks(Verb.TELL, "replace", root="workspace", case="case")
def replace_failed(
    case: str,
    *,
    workspace: Path,
    reason: str,
    now: datetime,
    version: int | None = None,
    key_file: Path | None = None,
) -> Settled:
    """Have the next channel take over from every attempt that failed, where there is an address and a text for it."""
    require_reason(reason)
    opened = Workspace.open(workspace, key_file=key_file)
    try:
        store = SendingStore(opened.root)
        try:
            with store.sender():
                row = store.find(case, version)
                manifest = read_manifest(opened.files, opened.journal, row)
                pieces = open_pieces(opened.files, opened.vault, manifest.label, manifest.pieces)
                failed = [
                    each for state in (BOUNCED, UNDELIVERABLE) for each in store.attempts(row.id, state=state)
                ]
                chosen = [(each, _next_channel(manifest, pieces, each)) for each in failed]
                moving = [(each, channel) for each, channel in chosen if channel is not None]
                entry = _record(opened, row, "another channel takes over", len(moving), reason, now)
                for each, channel in moving:
                    job = Job(each.part, each.row, each.n, each.channel)
                    store.replace(row.id, job, channel, now=to_micros(now))
        finally:
            store.close()
    finally:
        opened.close()
    return Settled(
        case=row.case,
        version=row.version,
        decision="replaced",
        people=len(moving),
        left=len(failed) - len(moving),
        entry=entry,
    )


def _next_channel(manifest: Manifest, pieces: PieceReader, attempt: Attempt) -> str | None:
    """The channel after the one that failed, in the order in which they were chosen; None where none is left."""
    at = manifest.channels.index(attempt.channel)
    audience = manifest.audiences[pieces.recipient(attempt.part, attempt.row).audience]
    there = {each.channel for each in manifest.texts if each.audience == audience}
    address = pieces.address(attempt.part, attempt.row)
    return next(
        (each for each in manifest.channels[at + 1 :] if each in there and _reaches(address, each)), None
    )


def _reaches(address: Address, channel: str) -> bool:
    return getattr(address, CHANNELS[channel].address) is not None


def _record(opened: Workspace, row: SendingRow, what: str, people: int, reason: str, now: datetime) -> int:
    body = {
        "case": row.case,
        "version": row.version,
        "what": what,
        "people": people,
        "reason": reason.strip(),
    }
    with opened.journal.transaction() as connection:
        return opened.journal.record(connection, "notice.settled", body, now=now)
