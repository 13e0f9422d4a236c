"""Takes the files of a workspace from its folder into an object store and back, whole or not at all, and makes a folder on another machine
for a workspace whose journal is on a server and whose files are in such a store.

All files are there, each held against its name, before the journal says so in one transaction; until then nothing changed. Where to is
written down before, so that whoever opens the workspace after a kill ends the move.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from whosaw.core.errors import WhosawError

from .custody_key import KeyFile
from .database_address import ServerAddress, keep_address
from .dropped import SPACE_SETTING, dropped
from .files import write_atomically
from .journal import CUSTODY_KEY, JOURNAL, Journal
from .journal_tables import tables
from .keyring import KEYS
from .moving import ELSEWHERE
from .space_address import MOVING, NOWHERE_ELSE, SPACE, SpaceAddress, space_of
from .vault import VAULT
from .workspace import Workspace, end_move, mark

__all__ = ["FILES_MOVED", "CopiedFiles", "files_to_folder", "files_to_space", "joined_folder"]

FILES_MOVED: Final = "files.moved"
_KEYRING: Final = "vault-keys"  # the setting that has what opens the vault, sealed for the key outside
_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedFiles:
    """How many files of how many bytes there are on both sides. `left`: why the old ones could not be removed; empty where they were, or
    were to stay."""

    files: int
    bytes: int
    left: str = ""


def files_to_space(workspace: Workspace, to: str, *, cache_bytes: int, now: datetime) -> CopiedFiles:
    """Into a prefix of an object store that no workspace has. For the one who holds the workspace for writing. What was in the folder
    stays there as what was read last, and leaves in its turn."""
    address = SpaceAddress(address=to, copy=secrets.token_hex(16), cache_bytes=cache_bytes)
    space = space_of(address.address, address.copy)
    space.claim()
    files = workspace.files
    held = files.names()
    for names in _few(sorted(held)):
        for name in names:
            _refuse_damaged(files.place(name))
        space.keep({name: files.place(name) for name in names})
    blocks = {
        path.relative_to(workspace.root).as_posix(): path
        for path in sorted((workspace.root / VAULT).glob("*/*/*.sealed"))
    }
    for keys in _few(blocks):
        space.put({key: blocks[key].read_bytes() for key in keys})
    there = space.sizes()
    if any(there.get(name) != size for name, size in held.items()):
        raise WhosawError(
            "database.differs",
            f"{space} does not have all files that were put there",
            hint="Nothing was moved; look who else writes to that bucket, and do it again",
        )
    copied = CopiedFiles(files=len(held) + len(blocks), bytes=_bytes(held.values(), blocks.values()))
    ring = workspace.root / KEYS
    journal = workspace.journal

    write_atomically(workspace.root / MOVING, address.as_bytes())
    with journal.transaction(switch=partial(end_move, workspace.root, address)) as connection:
        journal.set_setting(connection, SPACE_SETTING, address.of_all)
        journal.set_setting(connection, _KEYRING, ring.read_text() if ring.is_file() else "")
        dropped.create(connection)
        journal.record(connection, FILES_MOVED, _said(str(space), copied), now=now)
    return copied


def files_to_folder(workspace: Workspace, address: SpaceAddress, *, now: datetime) -> CopiedFiles:
    """Back into the folder. For the one who holds the workspace for writing."""
    space = space_of(address.address, address.copy)
    files, held = workspace.files, space.sizes()
    for names in _few(sorted(held)):
        files.bring(names)
        for name in names:
            _refuse_damaged(files.place(name))
    keys = space.keys(VAULT)
    for key in keys:
        path = workspace.root / key
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(path, space.get(key) or b"")
    copied = CopiedFiles(
        files=len(held) + len(keys), bytes=_bytes(held.values(), (workspace.root / key for key in keys))
    )
    journal = workspace.journal

    write_atomically(workspace.root / MOVING, NOWHERE_ELSE)
    with journal.transaction(switch=partial(end_move, workspace.root, None)) as connection:
        settings = tables.setting
        for name in (SPACE_SETTING, _KEYRING):
            connection.execute(settings.delete().where(settings.c.name == name))
        journal.record(connection, FILES_MOVED, _said("folder", copied), now=now)
    try:
        space.drop(sorted(held))
        space.leave(keys)
    except WhosawError as fault:
        return replace(copied, left=fault.message)
    return copied


def joined_folder(root: Path, address: ServerAddress, *, cache_bytes: int) -> None:
    """Make a folder for a workspace that is on a server, to read it there. It gets no key: neither that of the vault, which somebody has to
    bring, nor that of the custody journal, which stays where it is."""
    bare = replace(address, copy="")
    with closing(Journal.on_server(root, bare, who="", moving=True)) as journal:
        told = journal.settings("copy", SPACE_SETTING, _KEYRING)
    if "copy" not in told or SPACE_SETTING not in told:
        raise WhosawError(
            "database.not-shared",
            f"{address} holds no workspace whose files are in an object store",
            hint="Where the workspace is, run `whosaw database --files-to s3://BUCKET/PREFIX/` first",
        )
    place = json.loads(told[SPACE_SETTING])
    here = SpaceAddress(address=place["address"], copy=place["copy"], cache_bytes=cache_bytes)
    space_of(here.address, here.copy).check()
    if root.exists() and (not root.is_dir() or any(each.name != "vault.key" for each in root.iterdir())):
        raise WhosawError(
            "workspace.not-empty",
            f"{root} exists and is not empty",
            hint="Name a new folder with --workspace; a vault.key alone may lie in it",
        )
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    if told.get(_KEYRING):
        write_atomically(root / KEYS, told[_KEYRING].encode())
    KeyFile(root / CUSTODY_KEY).empty()
    write_atomically(root / SPACE, here.as_bytes())
    keep_address(root, replace(address, copy=told["copy"], joined=True))
    write_atomically(root / JOURNAL, ELSEWHERE)
    # the marker comes last: a folder that has it has all the rest
    mark(root, elsewhere=True)


def _refuse_damaged(path: Path) -> None:
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as handle:
            while piece := handle.read(1 << 20):
                digest.update(piece)
    except FileNotFoundError as fault:
        raise WhosawError("store.missing", f"{path} is gone", hint="Restore it from a backup") from fault
    if digest.hexdigest() != path.name.partition(".")[0]:
        raise WhosawError(
            "store.damaged",
            f"{path} does not hold what its name says",
            hint="Nothing was moved. `whosaw check` lists all that is damaged; restore it from a backup",
        )


def _few(names: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def _bytes(sizes: Iterable[int], paths: Iterable[Path]) -> int:
    return sum(sizes) + sum(path.stat().st_size for path in paths)


def _said(to: str, copied: CopiedFiles) -> dict[str, object]:
    return {"to": to, "files": copied.files, "bytes": copied.bytes}
