"""A backup of a workspace, taken while others are at work in it, and a workspace restored from one. No key is in a backup."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from whosaw.core.custody import Head
from whosaw.core.document import told_as
from whosaw.core.errors import WhosawError
from whosaw.store.backup import KEYS, Unpacked, databases, new_file, pack, unpacked
from whosaw.store.journal import JOURNAL, Journal, read_only, tables
from whosaw.store.key_file import load_key
from whosaw.store.keyring import read_keyring
from whosaw.store.readers import hold_for_reading
from whosaw.store.repositories.accounts import accounts, end_all_logins
from whosaw.store.repositories.entries import head_of_journal, last_time
from whosaw.store.vault import Vault
from whosaw.store.workspace import checked_journal_of, journal_of

from .gating.asking import asks
from .gating.rights import Verb
from .gating.tokens import list_tokens

__all__ = ["BACKED_UP", "RESTORED", "Backup", "Restored", "back_up", "restore"]

BACKED_UP, RESTORED = "backed-up", "restored"
_KEY_CHECK = "key-check"
_STEP = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A file that holds a workspace. `head`: of its custody journal as it is in there. `left_out`: names of the keys that are not."""

    file: Path = field(metadata=told_as(form=str))
    sha256: str
    bytes: int
    files: int
    head: Head | None
    left_out: tuple[str, ...] = KEYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A workspace that was made from a backup. `taken`: when the last entry of its journal was written; `head`: that entry. `key_fits`:
    None where no key was named. `accounts` and `tokens` are open as they were then; `sending`: notices were being sent."""

    workspace: Path = field(metadata=told_as(form=str))
    sha256: str
    bytes: int
    files: int
    taken: datetime | None
    head: Head | None
    key_fits: bool | None
    accounts: tuple[str, ...]
    tokens: tuple[str, ...]
    sending: bool


@asks(Verb.BACK_UP, "backup")
def back_up(root: Path, file: Path, *, now: datetime) -> Backup:
    """Write the workspace in `root` to a new file, as it stands at one moment, whoever writes to it meanwhile; the journal says so before
    the file has a name. Raises `WhosawError` where the file is there, cannot be written, or a file of the ledger is damaged."""
    if file.resolve().is_relative_to(root.resolve()):
        raise WhosawError(
            "backup.inside", f"{file} lies in the workspace", hint="Name a file on another disk or machine"
        )
    with closing(checked_journal_of(root)) as journal, new_file(file) as out:
        if not journal.writable:
            raise read_only(root)
        held = hold_for_reading(root)
        try:
            key = journal.setting(_KEY_CHECK)
            with databases(root, journal) as copied:
                head = _head_in(copied[JOURNAL])
                packed = pack(root, copied, out)
        finally:
            if held is not None:
                held.close()
        if journal.setting(_KEY_CHECK) != key:
            raise WhosawError(
                "backup.rotated",
                "the vault got another key meanwhile",
                hint="Run it again; nothing was written",
            )
        out.flush()
        made = Backup(file=file, sha256=_sha256(out), bytes=out.tell(), files=packed.files, head=head)
        with journal.transaction() as connection:
            body = {"sha256": made.sha256, "bytes": made.bytes, "files": made.files, "head": head}
            journal.record(connection, BACKED_UP, body, now=now)
    return made


def _head_in(copy: Path) -> Head | None:
    """The head of the journal in a copy of its database."""
    with closing(Journal.at(copy, who="")) as journal:
        return head_of_journal(journal)


def _sha256(handle: IO[bytes]) -> str:
    digest = hashlib.sha256()
    handle.seek(0)
    while piece := handle.read(_STEP):
        digest.update(piece)
    return digest.hexdigest()


def restore(
    file: Path, root: Path, *, now: datetime, key_file: Path | None = None, sha256: str | None = None
) -> Restored:
    """Make the workspace `root` from a backup. Every login and link of it ends, and its journal says what it was made from. `key_file` is
    tried and stays where it is; `sha256` is what the file must have. Raises `WhosawError` where `root` is there, the file is not whole or
    another one, or the key is not that of this ledger; then nothing is made."""
    key = None if key_file is None else load_key(key_file, create=False)
    with unpacked(file, root) as made:
        if sha256 is not None and made.sha256 != sha256.strip().lower():
            raise WhosawError(
                "backup.another",
                f"{file} has the SHA-256 {made.sha256}, and another one was asked for",
                hint="It was changed, or it is another backup; nothing was made",
            )
        with closing(journal_of(made.folder, unasked=True)) as journal:
            told = _told(journal, made, root, key, now)
            _say(journal, told, now)
    return told


def _told(journal: Journal, made: Unpacked, root: Path, key: bytes | None, now: datetime) -> Restored:
    fits = (
        None
        if key is None
        else Vault(read_keyring(made.folder, key).root).digest("key", "check").hex()
        == journal.setting(_KEY_CHECK)
    )
    if fits is False:
        raise WhosawError(
            "vault.other-key",
            "this backup was made under another vault key",
            hint="Name the right one with --key-file; nothing was made",
        )
    return Restored(
        workspace=root,
        sha256=made.sha256,
        bytes=made.bytes,
        files=made.files,
        taken=last_time(journal),
        head=head_of_journal(journal),
        key_fits=fits,
        accounts=tuple(each.name for each in accounts(journal) if each.closed is None)
        if journal.has(tables.account)
        else (),
        tokens=tuple(
            f"{each.id} {each.name}" for each in list_tokens(journal) if not each.revoked and now < each.ends
        )
        if journal.has(tables.token)
        else (),
        sending=(made.folder / "sending.sqlite").is_file(),
    )


def _say(journal: Journal, told: Restored, now: datetime) -> None:
    """Put it on record under a new custody key; nobody is logged in any more."""
    journal.create()  # what a later release needs, in a backup of an earlier one
    with journal.transaction() as connection:
        end_all_logins(connection)
        body = {"sha256": told.sha256, "taken": told.taken, "head": told.head}
        journal.record(connection, RESTORED, body, now=now)
