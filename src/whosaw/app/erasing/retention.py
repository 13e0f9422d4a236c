"""Keeps no longer than a rule says: what is due by the rules of the project file, and its end. Legal holds and open cases go first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from pyroaring import BitMap

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.app.gating.two import second_person
from whosaw.app.project.file import KeepRule
from whosaw.app.sending.status import notice_status
from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros, to_micros
from whosaw.logs.hold.journal import active_holds
from whosaw.store.erased import ErasedDigest
from whosaw.store.ledger import LedgerReader
from whosaw.store.numbers.facts import facts_of_raw
from whosaw.store.numbers.raws import Identities
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.sending.sending_store import SendingRow, SendingStore
from whosaw.store.workspace import Workspace

from .addresses import drop_addresses, kept_in
from .erase import KEPT, OUT_OF_REACH, Erasure, alone, begin, finish, finish_begun, unread
from .grounds import ground_of
from .whom import holds_over

__all__ = ["Due", "Retention", "retention"]

_AT_ONCE: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What a rule asks for: everything `what` that was last needed before `before`. `due` is how much that is: people, or recipients with
    addresses. Of these `held` stay for a legal hold, and `needed` for a case that is open or a notice that waits; the rest is `going`."""

    what: str
    days: int
    ground: str
    before: datetime
    due: int
    held: int
    needed: int
    going: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What is due by each rule, and whether it was done. `kept` and `out_of_reach` are as of an erasure."""

    rules: tuple[Due, ...]
    done: bool
    kept: str
    out_of_reach: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Going:
    """What goes by a rule: identifiers of people, or lists whose addresses go."""

    due: Due
    digests: tuple[ErasedDigest, ...] = ()
    lists: tuple[SendingRow, ...] = ()


@asks(Verb.ERASE, "retention")
def retention(
    root: Path,
    rules: Sequence[KeepRule],
    *,
    now: datetime,
    reason: str = "",
    do: bool = False,
    key_file: Path | None = None,
) -> Retention:
    """Say what is due by these rules, and with `do` let it go. Raises `WhosawError` where there is no rule, and, to do it, without a
    reason or a second person where that is asked for."""
    if not rules:
        raise WhosawError(
            "retention.no-rule",
            "nothing says how long something is kept",
            hint="Write [keeping.identifiers] with days and ground into whosaw.toml; docs/howto/erase.md shows it",
        )
    grounds = [ground_of(each.ground) for each in rules]
    if do and not reason.strip():
        raise WhosawError(
            "erase.no-reason",
            "nothing goes without a reason",
            hint="Name the rule of your house with --reason",
        )
    workspace = Workspace.open(root, key_file=key_file)
    try:
        with alone(workspace):
            finish_begun(workspace, now=now)
            going = [
                _people(workspace, each, now) if each.what == "identifiers" else _lists(workspace, each, now)
                for each in rules
            ]
            told = Retention(
                rules=tuple(each.due for each in going), done=False, kept=KEPT, out_of_reach=OUT_OF_REACH
            )
            if not do:
                return told
            about = {"rules": [[each.due.what, each.due.days, each.due.going] for each in going]}
            people = sum(each.due.going for each in going)
            second_person(
                workspace.journal, "erase", "retention", about, persons=people, reason=reason, now=now
            )
            with unread(workspace):
                for each, ground in zip(going, grounds, strict=True):
                    rule = f"{each.due.what} after {each.due.days} days"
                    if each.digests:
                        number = begin(workspace, each.digests, ground, reason, holds=(), now=now, rule=rule)
                        finish(workspace, number, _nothing(ground.id), now=now)
                    for row in each.lists:
                        _drop(workspace, row, rule, ground.id, reason, now)
            return replace(told, done=True)
    finally:
        workspace.close()


def _people(workspace: Workspace, rule: KeepRule, now: datetime) -> _Going:
    """People of whom the last view is older than the rule says."""
    before = now - timedelta(days=rule.days)
    reader = LedgerReader(workspace)
    try:
        found = reader.session.query(
            "SELECT person FROM exposures WHERE person IS NOT NULL GROUP BY person HAVING max(last) < ? ORDER BY person",
            [to_micros(before)],
        )["person"].to_numpy()
        due = dict(_identified(workspace, reader, found))
    finally:
        reader.close()
    needed = set(due) & set(_of_open_cases(workspace))
    free = {number: raw for number, raw in due.items() if number not in needed}
    vault = workspace.vault
    digests = {number: vault.digest("person", raw) for number, raw in free.items()}
    held: frozenset[bytes] = frozenset()
    for _, covered in holds_over(workspace, {"person": list(digests.values())}):
        held |= frozenset(digests.values()) if covered is None else covered
    going = [number for number in free if digests[number] not in held]
    erased: list[ErasedDigest] = []
    for number in going:
        facts = facts_of_raw(vault, free[number])
        erased.append(ErasedDigest(kind="person", digest=digests[number], facts=facts))
        erased.append(ErasedDigest(kind="principal", digest=bytes.fromhex(str(facts["claim"]))))
    told = Due(
        what=rule.what, days=rule.days, ground=rule.ground, before=before, due=len(due), held=len(free) - len(going),
        needed=len(needed), going=len(going),
    )  # fmt: skip
    return _Going(due=told, digests=tuple({(each.kind, each.digest): each for each in erased}.values()))


def _identified(
    workspace: Workspace, reader: LedgerReader, numbers: np.ndarray[tuple[int], np.dtype[np.int32]]
) -> Iterator[tuple[int, str]]:
    """These people with their identifiers; who was erased has none."""
    identities = Identities(reader)
    for start in range(0, len(numbers), _AT_ONCE):
        part = numbers[start : start + _AT_ONCE].tolist()
        raws = identities.raw({"person": part})["person"]
        rows = workspace.vault.digest_all("person", pa.array(list(raws.values()), pa.string()))
        gone = workspace.vault.erased.among("person", rows)
        yield from ((number, raw) for (number, raw), one in zip(raws.items(), gone, strict=True) if not one)


def _of_open_cases(workspace: Workspace) -> BitMap:
    """Everybody in the newest version of a case that is not closed."""
    cases, people = CaseStore(workspace), BitMap()
    for case in cases.cases():
        newest = cases.versions(case)[-1]
        if not newest.final:
            for each in cases.sets(case, newest.version).values():
                people |= each
    return people


def _lists(workspace: Workspace, rule: KeepRule, now: datetime) -> _Going:
    """Lists of recipients that were frozen longer ago than the rule says, and that still have addresses."""
    before = now - timedelta(days=rule.days)
    due = held = needed = 0
    lists: list[SendingRow] = []
    holds = {each.case for each in active_holds(workspace)}
    store = SendingStore(workspace.root) if SendingStore.there(workspace.root) else None
    try:
        for row in store.every() if store else ():
            people = kept_in(workspace, row) if from_micros(row.frozen) < before else 0
            due += people
            if not people:
                continue
            (status,) = notice_status(row.case, workspace=workspace.root, version=row.version)
            if row.case in holds:
                held += people
            elif not status.done:
                needed += people
            else:
                lists.append(row)
    finally:
        if store is not None:
            store.close()
    told = Due(
        what=rule.what, days=rule.days, ground=rule.ground, before=before, due=due, held=held, needed=needed,
        going=due - held - needed,
    )  # fmt: skip
    return _Going(due=told, lists=tuple(lists))


def _drop(workspace: Workspace, row: SendingRow, rule: str, ground: str, reason: str, now: datetime) -> None:
    said = {
        "case": row.case,
        "version": row.version,
        "rule": rule,
        "ground": ground,
        "reason": reason.strip(),
    }
    journal = workspace.journal
    with journal.transaction() as connection:
        journal.record(connection, "addresses.dropping", said, now=now)
    dropped = drop_addresses(workspace, row)
    with journal.transaction() as connection:
        body = {"case": row.case, "version": row.version, "recipients": dropped}
        journal.record(connection, "addresses.dropped", body, now=now)


def _nothing(ground: str) -> Erasure:
    return Erasure(
        erasure=None, ground=ground, law=(), numbers=(), by_kind={}, vault_rows=0, addresses=0, waiting=0, holds=(),
        done=False, entry=None, kept=KEPT, out_of_reach=OUT_OF_REACH, named_in=(),
    )  # fmt: skip
