"""The folder that holds one ledger: its journal, its key, its segments and its index."""

from __future__ import annotations

import fcntl
import getpass
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from whosaw.core import client
from whosaw.core.custody import Standing, heard
from whosaw.core.errors import WhosawError

from .custody_check import recent_from
from .erased import Erased
from .files import ContentStore, write_atomically
from .idle import idle_databases
from .journal import CUSTODY_KEY, Journal, read_only, tables
from .kept import keeping
from .keyring import COMMAND, KEYS, cover_in_force, key_from, outer_key, read_keyring
from .permits import ACCOUNTS, MARKER, permitted, refuse_unasked
from .upgrading import LAYOUT, refuse_newer
from .vault import Vault

__all__ = ["DIGESTS_UNDER", "MARKER", "Workspace", "checked_journal_of", "journal_of"]

DIGESTS_UNDER = "digests-under"
"""The setting that says by its mark which key digests are kept under; it moves with all of them in one transaction."""
FORMAT = max(3, *(each.since for each in client.TRAITS))


class Workspace:
    """An open workspace. Make one with `open`; close it when done."""

    def __init__(
        self, root: Path, *, key_file: Path | None, create: bool, new: bool = False, who: str | None = None
    ) -> None:
        self.root = root
        self.files = ContentStore(root / "files")
        self.spill = root / "spill"
        ring = read_keyring(root, _outer_key(root, key_file, create=new))
        self.journal = _journal(root)
        mark = None if create and new else self.journal.setting(DIGESTS_UNDER)
        self.vault = Vault(
            ring.root, ring.seals, cover=cover_in_force(ring, mark), erased=Erased(self.journal)
        )
        self.journal.who = who or self.journal.who
        _refuse_unasked(root, self.journal)
        if create:
            self.journal.create()
        self._check_key(create)
        self.custody = _listened(root, _standing(root, self.journal))

    @classmethod
    def open(
        cls, root: Path, *, key_file: Path | None = None, create: bool = False, who: str | None = None
    ) -> Workspace:
        """Open the workspace in `root`. With `create`, an absent or empty folder becomes one. `who` stands in the entries of the journal
        in place of the user of this machine."""
        if create and not (root / MARKER).is_file():
            return cls._make(root, key_file)
        _check_marker(root)
        return cls(root, key_file=key_file, create=create, who=who)

    @classmethod
    def _make(cls, root: Path, key_file: Path | None) -> Workspace:
        try:
            if root.exists() and (not root.is_dir() or _foreign(root)):
                raise WhosawError(
                    "workspace.not-empty",
                    f"{root} exists and is no whosaw workspace",
                    hint="Name an empty or new folder with --workspace",
                )
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as fault:
            raise WhosawError("workspace.unwritable", f"{root} cannot be made ({fault.strerror})") from fault
        made = cls(root, key_file=key_file, create=True, new=True)
        # The marker comes last: a folder that has it has all the rest.
        write_atomically(root / MARKER, json.dumps({"format": FORMAT}).encode(), mode=0o644)
        return made

    def _check_key(self, create: bool) -> None:
        """Refuse a key that this ledger was not made with: under another one nobody in it would be found."""
        proof = self.vault.digest("key", "check").hex()
        known = self.journal.setting("key-check")
        if known is None and create:
            with self.journal.transaction() as connection:
                self.journal.set_setting(connection, "key-check", proof)
        elif known != proof:
            raise WhosawError(
                "vault.other-key",
                f"{self.root} was made with another vault key",
                hint="Restore its vault.key, or name the right one with --key-file",
            )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the workspace for writing; refuse when another scan holds it."""
        if not self.journal.writable:
            raise read_only(self.root)
        with open(self.root / "lock", "a", encoding="ascii") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as fault:
                raise WhosawError(
                    "workspace.busy",
                    f"another scan is writing to {self.root}",
                    hint="Wait for it to end, or use another --workspace",
                ) from fault
            with self.journal.held():
                self.vault.erased.forget()  # somebody may have been erased since it was opened
                yield

    def close(self) -> None:
        idle_databases.close(self.root / "spill")
        self.journal.close()


def journal_of(root: Path, *, unasked: bool = False) -> Journal:
    """The journal alone of the workspace in `root`, without its vault key; nothing of it is checked. `unasked` is for the gate itself and
    for logging in: all else needs a permit where the workspace asks for accounts."""
    _check_marker(root)
    journal = _journal(root)
    if not unasked:
        _refuse_unasked(root, journal)
    return journal


def checked_journal_of(root: Path) -> Journal:
    """The same, after it was checked from its last checkpoint on, as `Workspace.open` checks it."""
    journal = journal_of(root)
    try:
        _listened(root, _standing(root, journal))
    except BaseException:
        journal.close()
        raise
    return journal


def _journal(root: Path) -> Journal:
    permit = permitted(root)
    return Journal.of(root, who=_who() if permit is None else permit.who)


def _refuse_unasked(root: Path, journal: Journal) -> None:
    if not (root / MARKER).is_file():
        return  # it is being made
    try:
        told = journal.settings(ACCOUNTS, LAYOUT)
        refuse_newer(told.get(LAYOUT))
        refuse_unasked(root, told.get(ACCOUNTS))
    except BaseException:
        journal.close()
        raise


def _outer_key(root: Path, key_file: Path | None, *, create: bool) -> bytes:
    """The key that `outer_key` gives; where something is kept, a command is asked for it once as long as the vault is not rotated."""
    kept, command = keeping.get(), os.environ.get(COMMAND, "").strip()
    if kept is None or key_file is not None or not command:
        return outer_key(root, key_file, create=create)
    try:
        found = (root / KEYS).stat()
        state = (found.st_ino, found.st_mtime_ns, found.st_size)
    except FileNotFoundError:
        state = None
    return kept.key(root.resolve(), command, state, lambda: key_from(command))


def _standing(root: Path, journal: Journal) -> Standing:
    kept = keeping.get()
    if kept is None:
        return recent_from(journal, None)[0]
    kept.hold(root.resolve(), lambda: _connected(root))
    return kept.standing(root.resolve(), lambda known: recent_from(journal, known))


def _connected(root: Path) -> Journal:
    """The journal with a connection that stays."""
    journal = _journal(root)
    journal.has(tables.setting)
    return journal


def _listened(root: Path, standing: Standing) -> Standing:
    """Tell how the journal stands to whoever listens."""
    listening = heard.get()
    if listening is not None:
        listening.standing[root] = standing
    return standing


def _check_marker(root: Path) -> None:
    marker = root / MARKER
    if not marker.is_file():
        raise WhosawError(
            "workspace.none",
            f"{root} is no whosaw workspace",
            hint="Run `whosaw scan PATH` first, or name one with --workspace",
        )
    try:
        found = json.loads(marker.read_bytes())["format"]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise WhosawError(
            "workspace.damaged", f"{marker} cannot be read", hint="Restore it from a backup"
        ) from fault
    if found != FORMAT:
        raise WhosawError(
            "workspace.newer",
            f"{root} has format {found}, this program reads {FORMAT}",
            hint="Use the program that made it, or scan the logs again into another --workspace",
        )


def _foreign(root: Path) -> bool:
    """Whether a folder without a marker holds anything that a creation cut short would not have left."""
    ours = {
        "vault.key",
        KEYS,
        CUSTODY_KEY,
        "journal.sqlite",
        "journal.sqlite-journal",  # until its log is on
        "journal.sqlite-wal",
        "journal.sqlite-shm",
        "lock",
        "files",
        "spill",
    }
    begun = (f".{MARKER}", ".vault.key.")
    return any(each.name not in ours and not each.name.startswith(begun) for each in root.iterdir())


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
