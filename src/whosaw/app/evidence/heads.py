"""Where the heads of the custody journal are sent.

Inside a workspace nothing can prove that the whole of it was not exchanged, or put back to an earlier day: whoever may write one file may
write all. So the head, which covers every entry before it, goes to a place of the user's choice whenever something was journalled.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.canonical_json import canonical_json
from whosaw.core.custody import Head
from whosaw.core.document import object_of
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant
from whosaw.store.journal import Journal
from whosaw.store.repositories.entries import head_of_journal
from whosaw.store.workspace import Workspace, checked_journal_of, journal_of

if TYPE_CHECKING:
    from email.message import EmailMessage

    from whosaw.alert.mail import MailSink

__all__ = ["ANCHORS", "WAYS", "anchors_of", "head_message", "head_of", "send_head", "set_anchors"]

ANCHORS: Final = "custody.anchors"  # the kind of an entry that says where heads go
WAYS: Final = ("file", "mail", "tsa")
_SETTING: Final = "custody-anchors"


def head_message(head: Head) -> bytes:
    """What a time stamp of a head is over. The words in front keep it from meaning anything else."""
    return f"whosaw custody head 1\n{head.entry}\n{head.hash}\n{head.root}\n".encode()


@asks(Verb.SEE_STATUS, "head of the journal")
def head_of(root: Path) -> Head:
    """The head of the journal in `root`, which is checked from its last checkpoint on."""
    journal = checked_journal_of(root)
    try:
        head = head_of_journal(journal)
    finally:
        journal.close()
    if head is None:
        raise WhosawError(
            "custody.no-head",
            f"the custody journal of {root} has no signed entry yet",
            hint="The next command that writes makes one",
        )
    return head


# -- where heads are sent


def anchors_of(journal: Journal) -> dict[str, str | None]:
    """Where heads go: `file`, `mail`, `tsa`; each None where that way is not used."""
    known = journal.setting(_SETTING)
    none: dict[str, str | None] = dict.fromkeys(WAYS)
    return none if known is None else {way: json.loads(known).get(way) for way in WAYS}


@asks(Verb.HOLD, "anchors")
def set_anchors(
    root: Path,
    *,
    file: Path | None,
    mail: str | None,
    tsa: str | None,
    now: datetime,
    key_file: Path | None = None,
    smtp_password: str | None = None,
) -> tuple[dict[str, str | None], list[str]]:
    """Have heads sent there from now on, and nowhere else; what is None is off. The journal says who wanted what, and a place that
    gets no more heads gets that of this very entry. Returns where heads go, and in words which old places did not take it.
    """
    if tsa is not None and file is None:
        raise WhosawError(
            "custody.stamp-nowhere",
            "time stamps are kept in the file of heads, and none is named",
            hint="Name one with --file, outside of the workspace",
        )
    if file is not None and file.resolve().is_relative_to(root.resolve()):
        raise WhosawError(
            "custody.anchor-inside",
            f"{file} lies in the workspace: whoever changes the journal could change it, too",
            hint="Name a file elsewhere, best where this user can only append",
        )
    if tsa is not None:
        from whosaw.evidence.time_stamp import Authority

        Authority(tsa)
    if mail is not None:
        _mail_sink(mail, None, now)
    chosen: dict[str, str | None] = {
        "file": str(file.resolve()) if file is not None else None,
        "mail": mail,
        "tsa": tsa,
    }
    workspace = Workspace.open(root, key_file=key_file)
    try:
        before = anchors_of(workspace.journal)
        with workspace.journal.transaction() as connection:
            workspace.journal.set_setting(connection, _SETTING, canonical_json(chosen).decode())
            workspace.journal.record(connection, ANCHORS, chosen, now=now)
    finally:
        workspace.close()
    left = {way: before[way] if before[way] != chosen[way] else None for way in WAYS}
    return chosen, _send_to(left, head_of(root), smtp_password=smtp_password, now=now) if any(
        left.values()
    ) else []


def send_head(root: Path, head: Head, *, smtp_password: str | None, now: datetime) -> list[str]:
    """Send a head wherever heads go; returns, in words, which places did not take it. A later head covers what an earlier one did."""
    journal = journal_of(root, unasked=True)  # it goes of itself, whoever wrote the last entry
    try:
        chosen = anchors_of(journal)
    finally:
        journal.close()
    return _send_to(chosen, head, smtp_password=smtp_password, now=now)


def _send_to(
    chosen: Mapping[str, str | None], head: Head, *, smtp_password: str | None, now: datetime
) -> list[str]:
    faults: list[str] = []
    stamp: str | None = None
    if chosen["tsa"] is not None and chosen["file"] is not None:
        from whosaw.evidence.time_stamp import Authority

        try:
            stamp = base64.b64encode(Authority(chosen["tsa"]).ask(head_message(head))).decode()
        except WhosawError as fault:
            faults.append(fault.message)
    line = canonical_json({**object_of(head), "time": format_instant(now), "stamp": stamp})
    if chosen["file"] is not None:
        try:
            _append(Path(chosen["file"]), line + b"\n")
        except OSError as fault:
            faults.append(f"{chosen['file']} cannot be written ({fault.strerror})")
    if chosen["mail"] is not None:
        from whosaw.alert import SinkDownError

        try:
            sink = _mail_sink(chosen["mail"], smtp_password, now)
            sink.post(_letter(sink, head, line, now))
        except SinkDownError as fault:
            faults.append(f"the mail server {fault}")
    return faults


def _append(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


def _mail_sink(address: str, password: str | None, now: datetime) -> MailSink:
    from whosaw.alert import Secrets, open_sinks
    from whosaw.alert.mail import MailSink

    secrets = Secrets(smtp_password=password)
    sink = open_sinks([address], secrets=secrets, clock=lambda: now, host="")[0]
    if not isinstance(sink, MailSink):
        raise WhosawError(
            "custody.no-mail",
            f"{address.partition(':')[0][:20]}:… is no mail address for heads",
            hint="Write mail://USER@HOST:587/TO?from=SENDER",
        )
    return sink


def _letter(sink: MailSink, head: Head, line: bytes, now: datetime) -> EmailMessage:
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["Subject"] = f"whosaw custody head {head.short}"
    mail["From"] = sink.sender
    mail["To"] = sink.to
    mail["Date"] = now
    mail["Message-ID"] = f"<custody.{head.hash[:32]}@{sink.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(
        "Keep this letter. `whosaw check --head "
        f"{head.entry}:{head.hash}` says whether the journal still holds what it held then.\n\n"
        + line.decode()
        + "\n"
    )
    return mail
