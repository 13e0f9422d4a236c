"""Rotates the key of the vault: all that is sealed is sealed anew, and the keys are wrapped for a new key outside.

Whatever a kill leaves opens with the key that stands in its place, and the next run goes on. Digests stay as they are unless it is asked
for: then each is put under a key of its own, in one step for all of them. Numbers, counts and ids of findings follow from first digests and
so stay in either case.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.store.erased import move_files
from whosaw.store.erasing import clear_leftovers, seal_again
from whosaw.store.journal import Journal
from whosaw.store.key_file import load_key
from whosaw.store.keyed_digest import Bytes, Cover
from whosaw.store.keyring import (
    COMMAND,
    FIRST,
    CoverKey,
    Keyring,
    cover_in_force,
    key_from,
    new_cover,
    outer_key,
    read_keyring,
    write_keyring,
)
from whosaw.store.rekeying import clear_unnamed, stage
from whosaw.store.vault import Vault
from whosaw.store.workspace import DIGESTS_UNDER, Workspace

from .addresses import address_files, recipient_files, rekeyed_recipients, seal_addresses_again
from .erase import alone, finish_begun, unread

__all__ = ["Rotated", "rotate"]

_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What was sealed anew: `files` of the vault and `addresses`, files of addresses. `key` says where the new key is; `went_on`: an
    earlier rotation had not come to its end. `digests_under` is the mark of the key that digests are kept under, "first" where they were
    never rotated; `rekeyed` is how many digests this run put under it. `elsewhere` says of what was published or built which key it
    stands on: no rotation reaches that."""

    files: int
    addresses: int
    key: str
    went_on: bool
    digests_under: str
    rekeyed: int
    elsewhere: tuple[str, ...]
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
    digests: bool = False,
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> Rotated:
    """Rotate the vault, with `digests` what identifiers are known by as well. The new key comes from a file (made where it is not there), from a command, or replaces the file that the key is
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
                comes = _Coming.of(root, key_file, new_key_file, new_key_command)
                return _rotate(workspace, reason, now, comes, told, digests=digests)
    finally:
        workspace.close()


def _rotate(
    workspace: Workspace,
    reason: str,
    now: datetime,
    comes: _Coming,
    told: Callable[[int, int], None],
    *,
    digests: bool,
) -> Rotated:
    root, journal = workspace.root, workspace.journal
    if workspace.files.space is not None:
        raise WhosawError(
            "vault.shared",
            "other machines read this workspace, and would be left with keys that open nothing",
            hint="Take the files back with `whosaw database --files-to folder`, rotate, and move them again; then every machine joins anew",
        )
    ring = read_keyring(root, comes.was)
    went_on = len(ring.seals) > 1
    seals = ring.seals if went_on else (os.urandom(_BYTES), *ring.seals)
    covers = (new_cover(), *ring.covers) if digests and len(ring.covers) == 1 else ring.covers
    if (seals, covers) != (ring.seals, ring.covers):
        ring = Keyring(root=ring.root, seals=seals, covers=covers)
        with journal.transaction() as connection:
            body = {"reason": reason.strip(), "key": comes.where, "digests": len(covers) > 1}
            journal.record(connection, "vault.rotation-begun", body, now=now)
    write_keyring(root, ring, [comes.was, comes.key])
    comes.take_place()
    rekeyed = _rekey(workspace, ring, told, now) if len(covers) > 1 else 0
    workspace.vault = _vault(workspace, ring, covers[0])
    files = seal_again(workspace, told)
    addresses = seal_addresses_again(workspace)
    clear_leftovers(workspace, address_files(workspace))
    write_keyring(root, Keyring(root=ring.root, seals=seals[:1], covers=covers[:1]), [comes.key])
    with journal.transaction() as connection:
        done = {"files": files, "addresses": addresses, "key": comes.where, "digests-under": covers[0].mark}
        entry = journal.record(connection, "vault.rotated", done, now=now)
    return Rotated(
        files=files,
        addresses=addresses,
        key=comes.where,
        went_on=went_on,
        digests_under=covers[0].mark,
        rekeyed=rekeyed,
        elsewhere=_elsewhere(journal),
        entry=entry,
    )


def _elsewhere(journal: Journal) -> tuple[str, ...]:
    """What was published or built, and which key it stands on."""
    of = {kind: journal.entries(kind) for kind in ("scope.version", "evidence.seal", "lookup.built")}
    told = [f"{len(of['scope.version']):,} versions of cases: clues as first digests"] * bool(
        of["scope.version"]
    )
    told += [f"{len(of['evidence.seal']):,} sealed bundles: first digests"] * bool(of["evidence.seal"])
    tables: dict[tuple[str, int], str] = {}
    for each in of["lookup.built"]:
        said = json.loads(each.body)
        tables[said["case"], said["version"]] = said.get("key", "not marked")
    told += [
        f"look-up table of {case} {version}: a key of its own, {key}"
        for (case, version), key in tables.items()
    ]
    return tuple(told)


def _vault(workspace: Workspace, ring: Keyring, cover: CoverKey) -> Vault:
    return Vault(ring.root, ring.seals, cover=Cover(cover.key), erased=workspace.vault.erased)


def _rekey(workspace: Workspace, ring: Keyring, told: Callable[[int, int], None], now: datetime) -> int:
    """Put all digests under the newest key, and let go what has them under the one before. Returns how many; 0 where a run that was
    killed had done that."""
    journal, newest = workspace.journal, ring.covers[0]
    was = journal.setting(DIGESTS_UNDER) or FIRST
    done = 0
    if was != newest.mark:
        before, after = cover_in_force(ring, was), Cover(newest.key)

        def over(kept: Bytes) -> Bytes:
            return after.over(before.under(kept))

        staged, recipients = stage(workspace, over, told), rekeyed_recipients(workspace, over)
        with journal.transaction() as connection:
            staged.commit(workspace, connection)
            move_files(connection, recipients)
            journal.set_setting(connection, DIGESTS_UNDER, newest.mark)
            body = {
                "was-under": was, "under": newest.mark, "digests": staged.digests,
                "files": staged.files, "lists-of-recipients": len(recipients),
            }  # fmt: skip
            journal.record(connection, "vault.digests-rotated", body, now=now)
        done = staged.digests
    workspace.vault.erased.forget()
    clear_unnamed(workspace, recipient_files(workspace))
    return done


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coming:
    """The key outside that `was`, and the new one; with `staged`, it is still to be given the place of the other."""

    was: bytes
    key: bytes
    where: str
    staged: Path | None = None
    place: Path | None = None

    @classmethod
    def of(cls, root: Path, key_file: Path | None, new_file: Path | None, command: str | None) -> _Coming:
        if new_file is not None and command is not None:
            raise WhosawError(
                "vault.two-keys", "two new keys were named", hint="Give --new-key-file or --new-key-command"
            )
        was = outer_key(root, key_file, create=False)
        went_on = len(read_keyring(root, was).seals) > 1
        if command is not None:
            return cls(was=was, key=_another(key_from(command), was, went_on=went_on), where="a command")
        if new_file is not None:
            key = _another(load_key(new_file, create=True), was, went_on=went_on)
            return cls(was=was, key=key, where="a file that was named")
        if key_file is None and os.environ.get(COMMAND, "").strip():
            raise WhosawError(
                "vault.no-new-key",
                f"the key comes from {COMMAND}, and no new one was named",
                hint="Make a new key where that command gets it, and name it with --new-key-command",
            )
        place = key_file or root / "vault.key"
        staged = place.with_name(f"{place.name}.new")
        if went_on and not staged.exists():
            return cls(was=was, key=was, where="the file that it was in")  # it took its place already
        key = load_key(staged, create=True)
        return cls(was=was, key=key, where="the file that it was in", staged=staged, place=place)

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
