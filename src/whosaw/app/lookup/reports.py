"""What a look-up page reports, taken into the custody journal, and what it is told from there."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from whosaw.app.asking.looks import require_reason
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.document import told_as
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant, to_micros
from whosaw.lookup.page_warnings import BRAKE, Reported, WarningFile, brake_text, serves_told
from whosaw.lookup.table import TableKeys
from whosaw.store.files import write_atomically
from whosaw.store.journal import Journal
from whosaw.store.key_file import load_key
from whosaw.store.repositories.remarks import add_remark
from whosaw.store.workspace import journal_of

from .following import follow, followed
from .told import told_by

__all__ = ["WARNING_WORDS", "Braked", "TakenIn", "brake", "take_in", "taken_in"]

WARNING_WORDS: Final = {
    "canary": "somebody asked for a contact that nobody has",
    "crowd": "more asked than was expected",
    "strangers": "most of those asked for are unknown",
    "guessing": "more are unknown than usual",
    "programs": "more come without the mark of a browser than usual",
    "network": "one network asks for many",
    "networks": "many networks ask for many",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """Warnings of a page: all of them, and how many were not in the custody journal before. `followed`: it is looked at without being asked. `behind`: people were told by a newer version than the page serves (None: they were not)."""

    folder: str
    warnings: tuple[Reported, ...]
    fresh: int
    followed: bool = False
    behind: str | None = None
    fresh_ones: tuple[Reported, ...] = field(default=(), metadata=told_as(never=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Braked:
    """What a page was told: until when nothing is answered; None: the brake is off. `entry` is that of the custody journal."""

    folder: str
    until: datetime | None
    entry: int


@asks(Verb.SEE_CASES, "warnings of the look-up page", root="workspace")
def take_in(
    folder: Path, *, table_key: Path, workspace: Path, now: datetime, following: bool | None = None
) -> TakenIn:
    """Read the warnings that a page put down in its folder; those that the custody journal does not have go into it, and among the remarks on the
    case. `following`: look at the page without being asked from now on, or no longer. Raises `WhosawError` where the file was changed."""
    with closing(journal_of(workspace)) as journal:
        taken = taken_in(journal, workspace, folder, table_key=table_key, now=now)
        if following is not None:
            with journal.transaction() as connection:
                follow(journal, connection, folder, table_key, on=following, now=now)
        return replace(taken, followed=str(folder.resolve()) in followed(journal))


def taken_in(journal: Journal, root: Path, folder: Path, *, table_key: Path, now: datetime) -> TakenIn:
    """The same with the open journal of the workspace in `root`."""
    if not folder.is_dir():
        raise WhosawError(
            "lookup.folder",
            f"{folder} is no folder",
            hint="Name the one that the page keeps (--folder), and mount it",
        )
    warnings = WarningFile(folder, _keys(table_key).secret("warnings")).read()
    name = str(folder.resolve())
    with journal.transaction() as connection:
        known = _known(journal, name)
        if known > len(warnings):
            raise WhosawError(
                "lookup.warnings",
                f"{folder} holds {len(warnings):,} warnings, and {known:,} were read before: lines are gone",
                hint="Look at the machine of the page; a page that begins anew gets a folder of another name",
            )
        fresh = tuple(each for each in warnings if each.number > known)
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
            add_remark(
                connection,
                about=f"cases/{each.case}",
                version=str(each.version),
                time=to_micros(now),
                who="look-up page",
                text=f"{WARNING_WORDS[each.kind]} ({each.many:,}), {each.at:%Y-%m-%d %H:%M:%S} UTC; {each.waiting:,} wait for an answer",
            )
    return TakenIn(
        folder=str(folder),
        warnings=tuple(warnings),
        fresh=len(fresh),
        behind=_behind(folder, root, _keys(table_key)),
        fresh_ones=fresh,
    )


def _behind(folder: Path, root: Path, keys: TableKeys) -> str | None:
    """That people were told by a newer version than the page goes by, so that it may tell one of them something else."""
    serves = serves_told(folder, keys.secret("serves"))
    if serves is None:
        return None
    told = told_by(root, serves[0])
    if told is None or told <= serves[1]:
        return None
    return f"the page serves version {serves[1]} of {serves[0]}, and people are told by version {told}: make its table anew"


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
