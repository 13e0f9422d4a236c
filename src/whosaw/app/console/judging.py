"""What a team says of a finding: each judgment stays, and whoever judged without having seen the last one is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros, to_micros
from whosaw.store.journal import Journal
from whosaw.store.repositories.judgments import JudgmentRow, add_judgment, judgments, judgments_of

__all__ = ["STATES", "Judgment", "all_judgments", "judge", "judgments_on"]

STATES: Final = ("new", "looking", "confirmed", "explained")
_NEEDS_NOTE: Final = ("confirmed", "explained")
_NOTE_MOST: Final = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """One judgment. `unseen`: whoever judged had not seen the one before it."""

    number: int
    time: datetime
    by: str
    state: str
    assignee: str
    note: str
    unseen: bool


def judgments_on(journal: Journal, finding: str) -> tuple[Judgment, ...]:
    """All on one finding, the first one first."""
    return tuple(_told(each) for each in judgments_of(journal, finding))


def all_judgments(journal: Journal) -> dict[str, Judgment]:
    """By finding, the one that holds."""
    return {name: _told(each) for name, each in judgments(journal).items()}


def judge(
    journal: Journal, finding: str, *, state: str, assignee: str, note: str, seen: int, by: str, now: datetime
) -> Judgment:
    """Add a judgment; nothing that was said before is changed. `seen` is the number of the last one that `by` had before their eyes
    (0: none). Raises `WhosawError` for a state that is none, and for one that needs a reason and has none."""
    if state not in STATES:
        raise WhosawError("judgment.state", f"{state!r} is no state of a finding", hint=", ".join(STATES))
    said = note.strip()
    if state in _NEEDS_NOTE and not said:
        raise WhosawError(
            "judgment.no-reason", f"a finding is not {state} without a reason", hint="Say why in the note"
        )
    if len(said) > _NOTE_MOST:
        raise WhosawError("judgment.long", f"a note has at most {_NOTE_MOST:,} characters")
    with journal.transaction() as connection:
        before = judgments_of(journal, finding, connection)
        number = len(before) + 1
        row = JudgmentRow(
            finding=finding,
            seq=number,
            time=to_micros(now),
            who=by,
            state=state,
            assignee=assignee.strip(),
            note=said,
            seen=seen,
        )
        add_judgment(connection, row)
        body = {
            "finding": finding,
            "number": number,
            "state": state,
            "assignee": assignee.strip(),
            "seen": seen,
        }
        journal.record(connection, "judged", body, now=now)
    return _told(row)


def _told(row: JudgmentRow) -> Judgment:
    return Judgment(
        number=row.seq,
        time=from_micros(row.time),
        by=row.who,
        state=row.state,
        assignee=row.assignee,
        note=row.note,
        unseen=row.seen != row.seq - 1,
    )
