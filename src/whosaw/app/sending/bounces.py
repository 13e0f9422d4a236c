"""Reads what came back of a case: files of messages, mailboxes and folders of mail, and the results of a provider of messages."""

from __future__ import annotations

import hashlib
import json
import mailbox
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import WhosawError
from whosaw.core.instants import to_micros
from whosaw.sending.bounces import COMPLAINT, DELIVERED, FAILED, OTHER, Came, read_bounce
from whosaw.sending.keys import Keys
from whosaw.sending.provider import Provider, results
from whosaw.sending.replies import kept_reply
from whosaw.store.journal import Journal
from whosaw.store.sending.sending_store import ACCEPTED, BOUNCED, UNKNOWN, Back, Job, SendingRow, SendingStore
from whosaw.store.workspace import Workspace

__all__ = ["BouncesRead", "read_bounces"]

_ENDS: Final = {FAILED: BOUNCED, DELIVERED: ACCEPTED}
_FEW_COMPLAINTS, _FEW_BOUNCES = 5, 20
_AT_ONCE: Final = 500  # of what came back, in one transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class BouncesRead:
    """What came back: messages by kind; how many ended a delivery, were read before, spoke of one that had ended already, or name no attempt
    of this case. `stopped` is why nothing more goes before a person says so."""

    case: str
    messages: int
    kinds: Mapping[str, int]
    ended: int
    known: int
    again: int
    of_nobody: int
    stopped: str


@asks(Verb.TELL, "bounces", root="workspace", case="case")
def read_bounces(
    case: str,
    paths: Sequence[Path],
    *,
    workspace: Path,
    now: datetime,
    most_bounces: float = 0.05,
    most_complaints: float = 0.001,
    provider: Provider | None = None,
    key_file: Path | None = None,
) -> BouncesRead:
    """Read messages, mbox files and Maildirs, and what a provider tells that was not asked for before. A delivery that failed later ends as
    bounced, however late; a message is counted once. More than these shares of what was taken stop the sending (Gmail asks for less than one
    complaint in a thousand)."""
    opened = Workspace.open(workspace, key_file=key_file)
    try:
        store = SendingStore(opened.root)
        try:
            return _read(case, paths, opened, store, now, most_bounces, most_complaints, provider)
        finally:
            store.close()
    finally:
        opened.close()


def _read(
    case: str,
    paths: Sequence[Path],
    opened: Workspace,
    store: SendingStore,
    now: datetime,
    most_bounces: float,
    most_complaints: float,
    provider: Provider | None,
) -> BouncesRead:
    store.find(case)
    rows = {each.id: each for each in store.sendings(case)}
    keys, kinds, came = Keys(opened.vault), Counter[str](), Counter[str]()
    every = (read_bounce(raw, keys) for raw in _messages(paths))
    for some in _batches(every):
        kinds.update(each.kind for each in some)
        came.update(_put_down(some, store, rows, now))
    place = ""
    if provider is not None:
        place = _place(opened.journal, case, provider.host)
        for page, following in results(provider, place):
            some = [_result(each, keys) for each in page]
            kinds.update(each.kind for each in some)
            came.update(_put_down(some, store, rows, now))
            place = following
    stopped = "; ".join(
        filter(None, (_stop(each, store, most_bounces, most_complaints) for each in rows.values()))
    )
    body: dict[str, object] = {
        "case": case,
        "kinds": dict(sorted(kinds.items())),
        "ended": came["changed"],
        "stopped": stopped,
    }
    if provider is not None:
        body |= {"provider": provider.host, "next": place}
    with opened.journal.transaction() as connection:
        opened.journal.record(connection, "notice.bounces", body, now=now)
    return BouncesRead(
        case=case,
        messages=sum(kinds.values()),
        kinds=dict(sorted(kinds.items())),
        ended=came["changed"],
        known=came["known"],
        again=came["again"],
        of_nobody=came["unknown"],
        stopped=stopped,
    )


def _batches(every: Iterator[Came]) -> Iterator[list[Came]]:
    while some := list(islice(every, _AT_ONCE)):
        yield some


def _put_down(
    came: Sequence[Came], store: SendingStore, rows: Mapping[int, SendingRow], now: datetime
) -> list[str]:
    told = [
        Back(
            sending=each.back.sending,
            job=Job(each.back.part, each.back.row, each.back.n, ""),
            digest=each.digest,
            kind=each.kind,
            status=each.status,
            ends=_ENDS.get(each.kind),
        )
        for each in came
        if each.back is not None and each.back.sending in rows
    ]
    return [*store.came_back(told, now=to_micros(now)), *["unknown"] * (len(came) - len(told))]


def _result(told: Mapping[str, Any], keys: Keys) -> Came:
    """One result of a provider. Nothing in it is trusted but the keyed mark of the attempt."""
    kind = {FAILED: FAILED, DELIVERED: DELIVERED, COMPLAINT: COMPLAINT}.get(str(told.get("state")), OTHER)
    return Came(
        digest=hashlib.sha256(b"result\n" + canonical_json(dict(told))).hexdigest(),
        back=keys.read_return(str(told.get("id", ""))),
        kind=kind,
        status=kept_reply(str(told.get("reason", ""))),
    )


def _place(journal: Journal, case: str, host: str) -> str:
    """Where the results of a provider were read to."""
    for entry in reversed(journal.entries("notice.bounces")):
        said = json.loads(entry.body)
        if (said.get("case"), said.get("provider")) == (case, host):
            return str(said["next"])
    return ""


def _stop(row: SendingRow, store: SendingStore, most_bounces: float, most_complaints: float) -> str:
    """Why a sending stops now; empty where it goes on."""
    tally = store.tally(row.id)
    taken = sum(people for (_, state), people in tally.items() if state in (ACCEPTED, BOUNCED, UNKNOWN))
    bounced = sum(people for (_, state), people in tally.items() if state == BOUNCED)
    complaints = store.complaints(row.id)
    why = ""
    if complaints >= _FEW_COMPLAINTS and complaints > most_complaints * taken:
        why = f"{complaints:,} complaints of {taken:,} messages"
    elif bounced >= _FEW_BOUNCES and bounced > most_bounces * taken:
        why = f"{bounced:,} bounces of {taken:,} messages"
    if why and row.stopped is None:
        store.stop(row.id, why)
    return why


def _messages(paths: Sequence[Path]) -> Iterator[bytes]:
    for path in paths:
        try:
            yield from _of_path(path)
        except OSError as fault:
            raise WhosawError(
                "notice.bounce-unreadable",
                f"{path} cannot be read ({fault.strerror})",
                hint="Name messages, mbox files or Maildirs; what was read before stays read",
            ) from fault


def _of_path(path: Path) -> Iterator[bytes]:
    if path.is_dir() and (path / "cur").is_dir():
        box = mailbox.Maildir(path, create=False)
        yield from (box.get_bytes(key) for key in sorted(box.keys()))
    elif path.is_dir():
        for each in sorted(path.iterdir()):
            if each.is_file():
                yield from _of_path(each)
    else:
        with open(path, "rb") as handle:
            begins = handle.read(5)
        if begins == b"From ":
            held = mailbox.mbox(path, create=False)
            try:
                yield from (held.get_bytes(key) for key in held.iterkeys())
            finally:
                held.close()
        else:
            yield path.read_bytes()
