"""The folder that holds one ledger: its journal, its key, its segments and its index."""

from __future__ import annotations

import fcntl
import getpass
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock

from whosaw.core import client
from whosaw.core.custody import Standing, heard
from whosaw.core.errors import WhosawError

from .custody_check import recent_from
from .dropped import SPACE_SETTING, drop, follow
from .erased import Erased
from .files import ContentStore, write_atomically
from .idle import idle_databases
from .journal import CUSTODY_KEY, Journal, read_only, tables
from .kept import keeping
from .kept_here import let_go
from .keyring import COMMAND, KEYS, Keyring, cover_in_force, key_from, outer_key, read_keyring
from .permits import ACCOUNTS, MARKER, permitted, refuse_unasked
from .space_address import MOVING, SPACE, SpaceAddress, moving_to, space_in
from .upgrading import LAYOUT, refuse_newer
from .vault import VAULT, Vault

__all__ = [
    "DIGESTS_UNDER",
    "MARKER",
    "Workspace",
    "checked_journal_of",
    "end_move",
    "journal_of",
    "mark",
    "marked",
]

DIGESTS_UNDER = "digests-under"
"""The setting that says by its mark which key digests are kept under; it moves with all of them in one transaction."""
FORMAT = max(3, *(each.since for each in client.TRAITS))
_ELSEWHERE = f"{FORMAT}, files in an object store"


class Workspace:
    """An open workspace. Make one with `open`; close it when done."""

    def __init__(
        self, root: Path, *, key_file: Path | None, create: bool, new: bool = False, who: str | None = None
    ) -> None:
        self.root = root
        self.files = ContentStore.of(root)
        self.spill = root / "spill"
        self.numbering = RLock()
        """Held by whoever gives numbers, from the state that they begin with until theirs is committed: a watch does so on two threads."""
        ring = read_keyring(root, _outer_key(root, key_file, create=new))
        self.journal = _journal(root)
        try:
            self._open(ring, create=create, new=new, who=who)
        except BaseException:
            self.journal.close()
            raise

    def _open(self, ring: Keyring, *, create: bool, new: bool, who: str | None) -> None:
        mark = None if create and new else self.journal.setting(DIGESTS_UNDER)
        self.vault = Vault(
            ring.root, ring.seals, cover=cover_in_force(ring, mark), erased=Erased(self.journal)
        )
        self.journal.who = who or self.journal.who
        _refuse_unasked(self.root, self.journal)
        if create:
            self.journal.create()
        self._check_key(create)
        self._check_files()
        self.custody = _listened(self.root, _standing(self.root, self.journal))

    @classmethod
    def open(
        cls, root: Path, *, key_file: Path | None = None, create: bool = False, who: str | None = None
    ) -> Workspace:
        """Open the workspace in `root`. With `create`, an absent or empty folder becomes one. `who` stands in the entries of the journal
        in place of the user of this machine."""
        if create and not (root / MARKER).is_file():
            return cls._make(root, key_file)
        _check_marker(root)
        _go_on_moving(root)
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
        mark(root)
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

    def _check_files(self) -> None:
        """Follow what other machines removed; refuse where the files are elsewhere by now."""
        here = space_in(self.root)
        if self.journal.setting(SPACE_SETTING) != (None if here is None else here.of_all):
            raise WhosawError(
                "workspace.files-moved",
                f"the files of {self.root} are no longer where this folder says",
                hint="Whoever moved them says where they are: `whosaw database --files-to` there again, or `--join` into a new folder",
            )
        follow(self.journal, self.files)

    def remove(self, names: Sequence[str]) -> list[str]:
        """Remove files that nothing names any more, here and on all machines; returns those that went."""
        return drop(self.journal, self.files, names)

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
                if self.files.space is not None:
                    self._check_files()  # another machine may have written since
                    self.files.space.check()
                yield

    def close(self) -> None:
        idle_databases.close(self.root / "spill")
        self.journal.close()
        if self.files.space is not None and self.files.space.take_moved():
            here = space_in(self.root)
            if here is not None:
                let_go(self.root, self.files, here.cache_bytes)


def mark(root: Path, *, elsewhere: bool = False) -> None:
    """Say in the folder which format it has."""
    write_atomically(root / MARKER, marked(elsewhere=elsewhere), mode=0o644)


def end_move(root: Path, to: SpaceAddress | None) -> None:
    """Say in the folder what the journal says already: that its files are in an object store, or, with None, in the folder again."""
    if to is None:
        (root / SPACE).unlink(missing_ok=True)
    else:
        write_atomically(root / SPACE, to.as_bytes())
        for block in (root / VAULT).glob("*/*/*.sealed"):  # these change, and are never kept here
            block.unlink(missing_ok=True)
    mark(root, elsewhere=to is not None)
    (root / MOVING).unlink(missing_ok=True)


def _go_on_moving(root: Path) -> None:
    """End a move of files that was cut off after the journal had it."""
    if not (root / MOVING).is_file():
        return
    with closing(_journal(root)) as journal:
        told = journal.setting(SPACE_SETTING)
    to = moving_to(root)
    if told == (None if to is None else to.of_all):
        end_move(root, to)


def marked(*, elsewhere: bool = False) -> bytes:
    """What a folder says of its format. A release that knows nothing of files `elsewhere` must not take it for one without files."""
    return json.dumps({"format": _ELSEWHERE if elsewhere else FORMAT}).encode()


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
    if found not in (FORMAT, _ELSEWHERE):
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
