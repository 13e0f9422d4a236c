"""Looks into the vault: each one is journalled before anything of it is shown, with who, when, which persons and why.

Few numbers stand in the entry itself. Many stand in files of their own, one Roaring bitmap for each kind of identifier, named in the entry by
its digest (https://roaringbitmap.org, portable form), so that an export of millions of people is an entry of some hundred bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

from whosaw.app.gating.two import bare, rules_of, second_person
from whosaw.core.custody import Entry
from whosaw.core.document import object_of, told_as
from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros
from whosaw.store.ledger import LedgerReader
from whosaw.store.repositories.cases import bitmap_bytes
from whosaw.store.repositories.entries import by_whom
from whosaw.store.repositories.segments import segments_with_digest
from whosaw.store.workspace import Workspace

if TYPE_CHECKING:
    from whosaw.app.reading.lines import OriginalLine

__all__ = [
    "OWN",
    "Look",
    "concerned",
    "line_on_record",
    "looks",
    "looks_at",
    "persons_of",
    "record_asked",
    "record_look",
    "record_seen",
    "require_reason",
]

_DAY = timedelta(days=1)
_NAMED = 5  # persons that a request names by number
_INLINE = 1_000  # numbers of one kind in an entry
OWN = "own.seen"  # somebody looked at who saw themself
_KINDS = ("reidentified", "exported", "line.read", "identifiers-read", "seen", OWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A look or an export: `entry` is its number in the journal; `persons` is how many people it concerned (None: all)."""

    entry: int
    time: datetime
    by: str
    what: str
    revealed: bool
    persons: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """The part of an entry that says whom it concerns, by kind: how many, and `numbers` where they are few, else `sets`, the files
    that hold them."""

    numbers: Mapping[str, tuple[int, ...]]
    counts: Mapping[str, int]
    sets: Mapping[str, str] = field(metadata=told_as(if_any=True))


def require_reason(reason: str) -> None:
    """Refuse a look into the vault for which nobody says why."""
    if not reason.strip():
        raise WhosawError(
            "reveal.no-reason",
            "identifiers are not revealed without a reason",
            hint="Say why with --reason; it is kept in the custody journal",
        )


def concerned(workspace: Workspace, numbers: Mapping[str, Iterable[int]]) -> Concerned:
    """Whom an entry concerns. Files are written before this returns."""
    sets = {
        kind: each if isinstance(each, BitMap) else BitMap(each) for kind, each in sorted(numbers.items())
    }
    files = workspace.files.beside("part-looks")
    small = {kind: tuple(each) for kind, each in sets.items() if len(each) <= _INLINE}
    large = {
        kind: files.put("numbers", bitmap_bytes(each)) for kind, each in sets.items() if len(each) > _INLINE
    }
    counts = {kind: len(each) for kind, each in sets.items()}
    return Concerned(numbers=small, counts=counts, sets=large)


def record_look(
    workspace: Workspace, numbers: Mapping[str, Iterable[int]], *, what: str, reason: str, now: datetime
) -> int:
    """Journal that the raw identifiers with these numbers (by kind: person, address, principal) are about to be shown.

    Call it before they leave the vault; where it raises, show nothing. `what` names the question, without identifiers.
    Returns the number of the entry.
    """
    require_reason(reason)
    whom = {kind: BitMap(each) for kind, each in numbers.items()}
    _second_person(workspace, whom, what=what, reason=reason, now=now)
    body = {**object_of(concerned(workspace, whom)), "what": what, "reason": reason.strip()}
    with workspace.journal.transaction() as connection:
        return workspace.journal.record(connection, "reidentified", body, now=now)


def _second_person(
    workspace: Workspace, whom: Mapping[str, BitMap], *, what: str, reason: str, now: datetime
) -> None:
    """Ask for a second person where somebody sees, with those of the day before, more people unmasked than one may alone."""
    if rules_of(workspace.journal).reveal_more_than is None:
        return
    me = bare(workspace.journal.who)
    people = BitMap(whom.get("person", ()))
    for row in by_whom(workspace.journal, ("reidentified",), since=now - _DAY):
        if bare(row.who) == me:
            people |= persons_of(workspace, json.loads(row.body))
    few = sorted(whom.get("person", ()))
    who = (
        " " + ", ".join(f"p{each}" for each in few) if len(few) <= _NAMED else ""
    )  # whoever consents knows to whom
    about = {kind: hashlib.sha256(bitmap_bytes(each)).hexdigest() for kind, each in sorted(whom.items())}
    second_person(
        workspace.journal,
        "reveal",
        f"{what}{who}",
        {"whom": about},
        persons=len(people),
        reason=reason,
        now=now,
    )


def record_seen(
    workspace: Workspace, numbers: Mapping[str, Iterable[int]], *, what: str, purpose: str, now: datetime
) -> int:
    """Journal that these are about to be shown under their masks, and what for. Returns the number of the entry."""
    body = {**object_of(concerned(workspace, numbers)), "what": what, "reason": purpose.strip()}
    with workspace.journal.transaction() as connection:
        return workspace.journal.record(connection, "seen", body, now=now)


def record_asked(workspace: Workspace, statement: str, *, purpose: str, now: datetime) -> int:
    """Journal a question in SQL before it is answered: whom it shows under their masks cannot be told before. Of the statement, which may
    name somebody, a keyed digest stands there."""
    said = workspace.vault.digest("statement", statement).hex()
    body = {"what": "sql", "statement": said, "reason": purpose.strip()}
    with workspace.journal.transaction() as connection:
        return workspace.journal.record(connection, "seen", body, now=now)


def line_on_record(workspace: Workspace, locator: str, *, reason: str, now: datetime) -> OriginalLine:
    """A line as `open_line` gives it, after journalling who is about to read it and whose data it carries.

    The line comes from the log, which its reader can open anyway, so a reason is kept but not asked for.
    """
    from whosaw.app.reading.lines import (
        open_line,  # readers of every format come with it; a look alone needs none
    )

    opened = open_line(workspace, locator)
    reader = LedgerReader(workspace)
    try:
        segments = segments_with_digest(workspace.journal, opened.digest)
        found = reader.session.query(
            "SELECT DISTINCT person FROM views WHERE line = ? AND content IN (SELECT unnest(?)) AND person IS NOT NULL",
            [opened.line, [each.id for each in segments]],
        )
    finally:
        reader.close()
    body = {
        **object_of(concerned(workspace, {"person": found["person"].to_pylist()})),
        "what": "line",
        "locator": f"{opened.digest[:16]}:{opened.line}",
        "reason": reason.strip(),
    }
    with workspace.journal.transaction() as connection:
        workspace.journal.record(connection, "line.read", body, now=now)
    return opened


def looks(
    workspace: Workspace, *, by: str | None = None, since: datetime | None = None, person: int | None = None
) -> tuple[Look, ...]:
    """Every look and export, oldest first: of one user, from a time on, or at one person."""
    out = []
    for row in by_whom(workspace.journal, _KINDS, who=by, since=since):
        body = json.loads(row.body)
        if body.get("look") is not None:
            continue  # the export of a look that stands there already
        if person is None or _concerns(workspace, row.kind, body, person):
            out.append(_look(row, body))
    return tuple(out)


def looks_at(workspace: Workspace, person: int) -> tuple[Look, ...]:
    """Every look and export that concerned one person, oldest first."""
    return looks(workspace, person=person)


def persons_of(workspace: Workspace, body: Mapping[str, Any]) -> BitMap:
    """The persons that an entry names."""
    name = body.get("sets", {}).get("person")
    if name is not None:
        return BitMap.deserialize(workspace.files.read(name))
    return BitMap(body.get("numbers", {}).get("person", ()))


def _concerns(workspace: Workspace, kind: str, body: Mapping[str, Any], person: int) -> bool:
    if kind == "identifiers-read":
        return True  # a program read all of them; no person saw any
    return person in persons_of(workspace, body)


def _look(row: Entry, body: Mapping[str, Any]) -> Look:
    kind = row.kind
    numbers = body.get("numbers", {}).get("person")
    uncounted = kind in ("exported", "seen", OWN) and "counts" not in body
    whole = None if kind == "identifiers-read" or uncounted else 0
    persons = body.get("counts", {}).get("person", len(numbers) if numbers is not None else whole)
    return Look(
        entry=row.seq,
        time=from_micros(row.time),
        by=row.who,
        what=body.get("what") or body.get("purpose") or "look",
        revealed=kind in ("reidentified", "line.read"),
        persons=persons,
        reason=body.get("reason", ""),
    )
