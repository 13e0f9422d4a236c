"""What a look-up page reports, taken into the custody journal, and what it is told from there."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from whosaw.app.asking.looks import require_reason
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant
from whosaw.lookup.page_warnings import BRAKE, Reported, WarningFile, brake_text
from whosaw.lookup.table import TableKeys
from whosaw.store.files import write_atomically
from whosaw.store.journal import Journal
from whosaw.store.key_file import load_key
from whosaw.store.workspace import journal_of

__all__ = ["Braked", "TakenIn", "brake", "take_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """Warnings of a page: all of them, and how many were not in the custody journal before."""

    folder: str
    warnings: tuple[Reported, ...]
    fresh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Braked:
    """What a page was told: until when nothing is answered; None: the brake is off. `entry` is that of the custody journal."""

    folder: str
    until: datetime | None
    entry: int


@asks(Verb.SEE_CASES, "warnings of the look-up page", root="workspace")
def take_in(folder: Path, *, table_key: Path, workspace: Path, now: datetime) -> TakenIn:
    """Read the warnings that a page put down in its folder; those that the custody journal does not have go into it. Raises `WhosawError` where
    the file was changed."""
    warnings = WarningFile(folder, _keys(table_key).secret("warnings")).read()
    name = str(folder.resolve())
    with closing(journal_of(workspace)) as journal:
        known = _known(journal, name)
        fresh = [each for each in warnings if each.number > known]
        with journal.transaction() as connection:
            for each in fresh:
                body = {
                    "page": name,
                    "number": each.number,
                    "kind": each.kind,
                    "at": format_instant(each.at),
                    "many": each.many,
                    "waiting": each.waiting,
                    "case": each.case,
                    "version": each.version,
                }
                journal.record(connection, "lookup.warning", body, now=now)
    return TakenIn(folder=str(folder), warnings=tuple(warnings), fresh=len(fresh))


@asks(Verb.TELL, "brake of the look-up page", root="workspace")
def brake(
    folder: Path, *, until: datetime | None, reason: str, table_key: Path, workspace: Path, now: datetime
) -> Braked:
    """Tell a page to answer nothing before `until`, or, with None, to go on. Who said so and why is in the custody journal first."""
    require_reason(reason)
    if until is not None and until <= now:
        raise WhosawError(
            "lookup.brake", "the brake would end before it begins", hint="Give --hours a larger number"
        )
    if not folder.is_dir():
        raise WhosawError(
            "lookup.folder", f"{folder} is no folder", hint="Name the one that the page keeps (--folder)"
        )
    text = brake_text(_keys(table_key).secret("brake"), until=until, at=now)
    with closing(journal_of(workspace)) as journal:
        body = {
            "page": str(folder.resolve()),
            "until": None if until is None else format_instant(until),
            "reason": reason.strip(),
        }
        with journal.transaction() as connection:
            entry = journal.record(connection, "lookup.brake", body, now=now)
    write_atomically(folder / BRAKE, text)
    return Braked(folder=str(folder), until=until, entry=entry)


def _keys(table_key: Path) -> TableKeys:
    return TableKeys.of(load_key(table_key, create=False), b"")


def _known(journal: Journal, page: str) -> int:
    """The number of the last warning of a page that is on record."""
    bodies = [json.loads(each.body) for each in journal.entries("lookup.warning")]
    return max((int(each["number"]) for each in bodies if each.get("page") == page), default=0)
