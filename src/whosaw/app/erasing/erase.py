"""Erases the identifiers of a person: out of the vault and out of addresses that notices go to. Their keyed digest stays, for a stated
ground, so that nothing that is read later brings them back and no count that was stated becomes another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.app.gating.two import second_person
from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros, to_micros
from whosaw.store import statements as sa
from whosaw.store.erased import (
    BEGUN,
    ErasedDigest,
    add_erasure,
    end_erasure,
    erasure_tables,
    erasures,
)
from whosaw.store.erasing import clear_leftovers, take_out
from whosaw.store.journal import Journal
from whosaw.store.readers import nobody_reads
from whosaw.store.sending.pieces import FROZEN_PARTS
from whosaw.store.sending.sending_store import SendingStore
from whosaw.store.workspace import Workspace, journal_of

from .addresses import kept_addresses, take_addresses
from .grounds import Ground, ground_of
from .texts import SHORTEST, NamedIn, named_in
from .whom import Whom, by_kind, holds_over, whom

__all__ = [
    "KEPT",
    "OUT_OF_REACH",
    "Erasure",
    "ErasureTold",
    "alone",
    "begin",
    "erase",
    "finish",
    "finish_begun",
    "list_erasures",
    "unread",
]

KEPT: Final = (
    "The keyed digest of each identifier stays, with the number that the ledger gave it. This is pseudonymous and not anonymous: who has "
    "the vault key can still try identifiers against it. It is kept so that a new scan does not take the person in again, and "
    "no count that was stated becomes another (GDPR Art. 17(3)(b) and (e), Art. 4(5))."
)
OUT_OF_REACH: Final = (
    "the original logs, and whatever keeps copies of them",
    "the context folder and address books, which lie outside of the workspace",
    "bundles that were sealed, letters, exports and reports that were written",
    "tables of a look-up page that were built before: build them again",
    "backups and snapshots of the workspace, and blocks that a disk has not written over",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What was erased, or would be. `numbers` are those of the person in the ledger, `by_kind` how many identifiers are erased by kind,
    `waiting` how many notices wait to go to them, `holds` the legal holds that cover them. `done`: it was done, and `entry` is where the
    custody journal says so, None where it had been done before. `named_in` are texts that people wrote, which still hold an identifier and are not changed by this."""

    erasure: int | None
    ground: str
    law: tuple[str, ...]
    numbers: tuple[str, ...]
    by_kind: dict[str, int]
    vault_rows: int
    addresses: int
    waiting: int
    holds: tuple[str, ...]
    done: bool
    entry: int | None
    kept: str
    out_of_reach: tuple[str, ...]
    named_in: tuple[NamedIn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureTold:
    """An erasure of the past: `people` is how many persons, `identifiers` how many identifiers of all kinds."""

    erasure: int
    time: datetime
    by: str
    ground: str
    reason: str
    state: str
    people: int
    identifiers: int


@asks(Verb.ERASE, "erasure")
def erase(
    root: Path,
    person: str,
    *,
    ground: str,
    reason: str,
    now: datetime,
    also: Sequence[str] = (),
    plan: bool = False,
    key_file: Path | None = None,
) -> Erasure:
    """Erase a person, or with `plan` say what that would do. Raises `WhosawError` without a ground and a reason, while a legal hold covers
    the person unless the ground goes before it, and where it takes a second person. What a kill leaves is done by the next call."""
    known = ground_of(ground)
    if not reason.strip() and not plan:
        raise WhosawError(
            "erase.no-reason",
            "nobody is erased without a reason",
            hint="Say with --reason which request or rule it follows; the custody journal keeps it",
        )
    workspace = Workspace.open(root, key_file=key_file)
    try:
        with alone(workspace):
            finish_begun(workspace, now=now)
            found = whom(workspace, person, also)
            _refuse_named(reason, found)
            digests = by_kind(found.digests)
            holds = tuple(number for number, _ in holds_over(workspace, digests))
            addresses, waiting = kept_addresses(workspace, digests)
            if not found.numbers and not addresses:
                raise WhosawError(
                    "person.unknown",
                    "nothing is kept here of this address",
                    hint="Name the person by an id of the logs, or by an address that a notice was frozen for",
                )
            told = Erasure(
                erasure=None, ground=known.id, law=known.law, numbers=tuple(f"p{each}" for each in found.numbers),
                by_kind={kind: len(each) for kind, each in sorted(digests.items())}, vault_rows=0, addresses=addresses,
                waiting=waiting, holds=holds, done=False, entry=None, kept=KEPT, out_of_reach=OUT_OF_REACH,
                named_in=named_in(workspace, found.texts),
            )  # fmt: skip
            if plan:
                return told
            if not found.new:
                return replace(told, done=True)
            _refuse_held(known, holds)
            _second_person(workspace, found, known, reason, now)
            with unread(workspace):
                number = begin(workspace, found.digests, known, reason, holds=holds, now=now)
                return finish(workspace, number, told, now=now)
    finally:
        workspace.close()


@asks(Verb.SEE_LOOKS, "erasures")
def list_erasures(root: Path) -> tuple[ErasureTold, ...]:
    """All of them, the last one first; nothing of them names anybody."""
    journal = journal_of(root)
    try:
        return tuple(_told(journal, each.id) for each in reversed(erasures(journal)))
    finally:
        journal.close()


def _told(journal: Journal, number: int) -> ErasureTold:
    (row,) = [each for each in erasures(journal) if each.id == number]
    kinds = [each.kind for each in _digests(journal, number)]
    return ErasureTold(
        erasure=row.id,
        time=from_micros(row.time),
        by=row.who,
        ground=row.ground,
        reason=row.reason,
        state=row.state,
        people=kinds.count("person"),
        identifiers=len(kinds),
    )


@contextmanager
def alone(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace so that nobody writes to it, freezes recipients or sends. Raises `WhosawError` where somebody does."""
    with workspace.writing():
        store = SendingStore(workspace.root) if SendingStore.there(workspace.root) else None
        try:
            with store.sender() if store else nullcontext(), store.freezing() if store else nullcontext():
                workspace.files.beside(FROZEN_PARTS).clear_parts()
                yield
        finally:
            if store is not None:
                store.close()


@contextmanager
def unread(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace so that nobody reads it, this process neither. Raises `WhosawError` where somebody does."""
    with nobody_reads(workspace.root) as free:
        if not free:
            raise WhosawError(
                "erase.read",
                f"somebody reads {workspace.root} just now",
                hint="Do it again when no other command, page or bundle is at work",
            )
        yield


def begin(
    workspace: Workspace,
    digests: Sequence[ErasedDigest],
    ground: Ground,
    reason: str,
    *,
    holds: Sequence[str],
    now: datetime,
    rule: str | None = None,
) -> int:
    """Put down who is erased, in the custody journal as well. From here on nothing of them is taken in, and nobody is shown them. Returns
    the number of the erasure."""
    journal = workspace.journal
    kinds = {kind: len(each) for kind, each in sorted(by_kind(digests).items())}
    body = {
        "ground": ground.id,
        "law": list(ground.law),
        "reason": reason.strip(),
        "identifiers": kinds,
        "rule": rule,
    }
    with journal.transaction() as connection:
        said = {**body, "holds": list(holds), "kept": "keyed digests"}
        entry = journal.record(connection, "erasure.begun", said, now=now)
        number = add_erasure(
            connection,
            digests,
            time=to_micros(now),
            who=journal.who,
            ground=ground.id,
            reason=reason.strip(),
            entry=entry,
        )
    workspace.vault.erased.forget()
    return number


def finish(workspace: Workspace, number: int, told: Erasure, *, now: datetime) -> Erasure:
    """Take out what an erasure that began is of, and put its end into the custody journal. It can be done again after any kill."""
    digests = by_kind(_digests(workspace.journal, number))
    out = take_out(workspace, digests)
    addresses, named = take_addresses(workspace, digests)
    clear_leftovers(workspace, named)
    with workspace.journal.transaction() as connection:
        end_erasure(connection, number)
        body = {
            "erasure": number,
            "segments": out.segments,
            "vault_rows": out.of_segments + out.by_number,
            "addresses": addresses,
        }
        entry = workspace.journal.record(connection, "erasure.ended", body, now=now)
    return replace(
        told,
        erasure=number,
        vault_rows=out.of_segments + out.by_number,
        addresses=addresses,
        done=True,
        entry=entry,
    )


def finish_begun(workspace: Workspace, *, now: datetime) -> None:
    """Erasures that a kill cut short come to their end."""
    for each in erasures(workspace.journal):
        if each.state != BEGUN:
            continue
        with unread(workspace):
            nothing = Erasure(
                erasure=each.id, ground=each.ground, law=(), numbers=(), by_kind={}, vault_rows=0, addresses=0, waiting=0,
                holds=(), done=False, entry=None, kept=KEPT, out_of_reach=OUT_OF_REACH, named_in=(),
            )  # fmt: skip
            finish(workspace, each.id, nothing, now=now)


def _digests(journal: Journal, number: int) -> list[ErasedDigest]:
    table = erasure_tables.digest
    rows = journal.rows(sa.select(table).where(table.c.erasure == number))
    return [ErasedDigest(kind=row["kind"], digest=bytes.fromhex(row["digest"])) for row in rows]


def _refuse_named(reason: str, found: Whom) -> None:
    for text in found.texts:
        if len(text) >= SHORTEST and re.search(rf"(?<!\w){re.escape(text)}(?!\w)", reason, re.IGNORECASE):
            raise WhosawError(
                "erase.named-in-reason",
                "the reason holds an identifier that is to be erased, and the custody journal never forgets",
                hint="Name the request by its number, not by the person",
            )


def _refuse_held(ground: Ground, holds: Sequence[str]) -> None:
    if holds and not ground.over_hold:
        raise WhosawError(
            "erase.held",
            f"{' and '.join(holds)}: a legal hold covers lines of this person, and it goes first",
            hint="End the hold (`whosaw hold end`), or name an order that goes before it: --ground order",
        )


def _second_person(workspace: Workspace, found: Whom, ground: Ground, reason: str, now: datetime) -> None:
    about = {"digests": sorted(each.digest.hex() for each in found.digests), "ground": ground.id}
    who = ", ".join(f"p{each}" for each in found.numbers) or "an address"
    second_person(
        workspace.journal,
        "erase",
        f"erase {who}",
        about,
        persons=max(1, len(found.numbers)),
        reason=reason,
        now=now,
    )
