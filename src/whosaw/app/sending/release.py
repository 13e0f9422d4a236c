"""A person lets the next wave go. Staff come first, then about one in a hundred, then one in ten, then everybody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from whosaw.app.asking.looks import require_reason
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.core.instants import to_micros
from whosaw.store.sending.sending_store import SendingStore
from whosaw.store.workspace import Workspace

from .manifest import EXCLUDED, WAVES, read_manifest

__all__ = ["Released", "release"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A wave that may go from now on, and how many people are in it. `again`: it was released before, and the sending had stopped."""

    case: str
    version: int
    wave: str
    people: int
    by: str
    entry: int
    again: bool


@asks(Verb.TELL, "release", root="workspace", case="case")
def release(
    case: str,
    wave: str,
    *,
    workspace: Path,
    reason: str,
    now: datetime,
    version: int | None = None,
    key_file: Path | None = None,
) -> Released:
    """Let a wave go. Raises `WhosawError` where an earlier wave with people in it was not released, or this one was and nothing had stopped."""
    require_reason(reason)
    if wave not in WAVES:
        raise WhosawError(
            "notice.wave", f"there is no wave {wave!r}", hint=f"Waves are {', '.join(map(repr, WAVES))}"
        )
    number = WAVES.index(wave)
    opened = Workspace.open(workspace, key_file=key_file)
    try:
        store = SendingStore(opened.root)
        try:
            row = store.find(case, version)
            manifest = read_manifest(opened.files, opened.journal, row)
            people = [0] * len(WAVES)
            for each in manifest.parts:
                if each.part != EXCLUDED:
                    people[each.wave] += each.rows
            known = store.released(row.id)
            _check(number, known, people, stopped=row.stopped is not None)
            body = {
                "case": row.case,
                "version": row.version,
                "wave": wave,
                "people": people[number],
                "reason": reason.strip(),
            }
            with opened.journal.transaction() as connection:
                entry = opened.journal.record(connection, "notice.released", body, now=now)
            store.release(row.id, number, time=to_micros(now), who=opened.journal.who, entry=entry)
            return Released(
                case=row.case,
                version=row.version,
                wave=wave,
                people=people[number],
                by=opened.journal.who,
                entry=entry,
                again=number in known,
            )
        finally:
            store.close()
    finally:
        opened.close()


def _check(number: int, known: list[int], people: list[int], *, stopped: bool) -> None:
    before = [at for at in range(number) if people[at] and at not in known]
    if before:
        raise WhosawError(
            "notice.wave-order",
            f"the wave {WAVES[before[0]]!r} comes first and was not released",
            hint="Each wave shows whether the next one should go",
        )
    if number in known and not stopped:
        raise WhosawError(
            "notice.released-already",
            f"the wave {WAVES[number]!r} was released before",
            hint="`whosaw notice send` sends what is left of it",
        )
