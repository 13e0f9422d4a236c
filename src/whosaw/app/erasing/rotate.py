"""Rotates the key of the vault: all that is sealed is sealed anew, and the keys are wrapped for a new key outside.

Whatever a kill leaves opens with the key that stands in its place, and the next run goes on. Digests stay as they are, so no number, no
count and no finding's id changes; whoever has the key of before the first rotation can still try identifiers against digests.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.store.erasing import clear_leftovers, seal_again
from whosaw.store.key_file import load_key
from whosaw.store.keyring import COMMAND, Keyring, key_from, outer_key, read_keyring, write_keyring
from whosaw.store.vault import Vault
from whosaw.store.workspace import Workspace

from .addresses import address_files, seal_addresses_again
from .erase import alone, finish_begun, unread

__all__ = ["Rotated", "rotate"]

_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What was sealed anew: `files` of the vault and `addresses`, files of addresses. `key` says where the new key is; `went_on`: an
    earlier rotation had not come to its end."""

    files: int
    addresses: int
    key: str
    went_on: bool
    entry: int


@asks(Verb.ROTATE, "vault")
def rotate(
    root: Path,
    *,
    reason: str,
    now: datetime,
    key_file: Path | None = None,
    new_key_file: Path | None = None,
    new_key_command: str | None = None,
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> Rotated:
    """Rotate the vault. The new key comes from a file (made where it is not there), from a command, or replaces the file that the key is
    in now. Raises `WhosawError` without a reason, and where somebody reads or writes."""
    if not reason.strip():
        raise WhosawError(
            "vault.no-reason", "the vault is not rotated without a reason", hint="Say why with --reason"
        )
    workspace = Workspace.open(root, key_file=key_file)
    try:
        with alone(workspace):
            finish_begun(workspace, now=now)
            with unread(workspace):
                return _rotate(workspace, reason, now, key_file, new_key_file, new_key_command, told)
    finally:
        workspace.close()


def _rotate(
    workspace: Workspace,
    reason: str,
    now: datetime,
    key_file: Path | None,
    new_key_file: Path | None,
    new_key_command: str | None,
    told: Callable[[int, int], None],
) -> Rotated:
    root, journal = workspace.root, workspace.journal
    was = outer_key(root, key_file, create=False)
    ring = read_keyring(root, was)
    went_on = len(ring.seals) > 1
    comes = _Coming.of(root, key_file, new_key_file, new_key_command, was, went_on=went_on)
    if not went_on:
        ring = Keyring(root=ring.root, seals=(os.urandom(_BYTES), *ring.seals))
        with journal.transaction() as connection:
            body = {"reason": reason.strip(), "key": comes.where}
            journal.record(connection, "vault.rotation-begun", body, now=now)
    write_keyring(root, ring, [was, comes.key])
    comes.take_place()
    workspace.vault = Vault(ring.root, ring.seals, erased=workspace.vault.erased)
    files = seal_again(workspace, told)
    addresses = seal_addresses_again(workspace)
    clear_leftovers(workspace, address_files(workspace))
    write_keyring(root, Keyring(root=ring.root, seals=ring.seals[:1]), [comes.key])
    with journal.transaction() as connection:
        done = {"files": files, "addresses": addresses, "key": comes.where}
        entry = journal.record(connection, "vault.rotated", done, now=now)
    return Rotated(files=files, addresses=addresses, key=comes.where, went_on=went_on, entry=entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coming:
    """The new key outside; with `staged`, it is still to be given the place of the one that was."""

    key: bytes
    where: str
    staged: Path | None = None
    place: Path | None = None

    @classmethod
    def of(
        cls,
        root: Path,
        key_file: Path | None,
        new_file: Path | None,
        command: str | None,
        was: bytes,
        *,
        went_on: bool,
    ) -> _Coming:
        if new_file is not None and command is not None:
            raise WhosawError(
                "vault.two-keys", "two new keys were named", hint="Give --new-key-file or --new-key-command"
            )
        if command is not None:
            return cls(key=_another(key_from(command), was, went_on=went_on), where="a command")
        if new_file is not None:
            key = _another(load_key(new_file, create=True), was, went_on=went_on)
            return cls(key=key, where="a file that was named")
        if key_file is None and os.environ.get(COMMAND, "").strip():
            raise WhosawError(
                "vault.no-new-key",
                f"the key comes from {COMMAND}, and no new one was named",
                hint="Make a new key where that command gets it, and name it with --new-key-command",
            )
        place = key_file or root / "vault.key"
        staged = place.with_name(f"{place.name}.new")
        if went_on and not staged.exists():
            return cls(key=was, where="the file that it was in")  # it took its place already
        key = load_key(staged, create=True)
        return cls(key=key, where="the file that it was in", staged=staged, place=place)

    def take_place(self) -> None:
        """Put the new key where the old one was."""
        if self.staged is None or self.place is None:
            return
        os.replace(self.staged, self.place)
        descriptor = os.open(self.place.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _another(key: bytes, was: bytes, *, went_on: bool) -> bytes:
    if key == was and not went_on:
        raise WhosawError(
            "vault.same-key",
            "the new key is the one that is in use",
            hint="Name a file that is not there yet",
        )
    return key
