"""A workspace as one file, taken while others write to it, and a workspace made from such a file.

The file is a tar archive (POSIX.1-2001, pax). Its last member, whose name holds its own digest, lists every other one with its size and
SHA-256: what was cut, changed, put in or left out does not open. The databases are copied as one whole state: by SQLite's own backup, and
what is on a server row by row into a SQLite file, so that what is restored is SQLite in the folder. The other files are named by what they hold, or only grow, so that they have at least what that state speaks of. No key is in it.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import itertools
import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final
from urllib.parse import quote

from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import WhosawError

from .database_address import ADDRESS
from .files import ContentStore
from .journal import CUSTODY_KEY, JOURNAL, Journal
from .moving import copy_into_file
from .space_address import SPACE, space_in
from .vault import VAULT
from .workspace import MARKER, marked

__all__ = ["KEYS", "Packed", "Unpacked", "databases", "new_file", "pack", "unpacked"]

KEYS: Final = ("vault.key", CUSTODY_KEY, "console.key")
"""What is in no backup. The vault key opens it, so it is kept apart; the custody key would let whoever has the backup write entries that
fit; the key of forms is made anew."""
_DATABASES: Final = (JOURNAL, "sending.sqlite")  # in this order: of what was sent the later state
_LIST, _VERSION = "whosaw-backup.", 1
_MOST_LIST: Final = 1 << 30  # bytes of the list of members
_STEP: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What went into a file: how many files, and of how many bytes."""

    files: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """What came out of a file, and the SHA-256 of the whole of it. `folder` gets its name last."""

    files: int
    bytes: int
    sha256: str
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    name: str
    size: int
    sha256: str


# -- into a file


@contextmanager
def databases(root: Path, journal: Journal) -> Iterator[dict[str, Path]]:
    """Copies of the databases of a workspace as they stand now, each whole, whoever writes to them. They are gone when this ends."""
    from .spool import Spool

    with closing(Spool(root / "spill")) as spool:
        copied: dict[str, Path] = {}
        for name in _DATABASES:
            if name == JOURNAL and journal.address is not None:
                copied[name] = _copied_rows(journal, spool.place(name))
            elif (root / name).is_file():
                copied[name] = _copied(root / name, spool.place(name))
        yield copied


def _copied_rows(journal: Journal, to: Path) -> Path:
    with journal.reading() as source, closing(Journal.at(to, who="")) as copy, copy.transaction() as target:
        os.chmod(to, 0o600)
        copy_into_file(source, target)
    return to


def _copied(path: Path, to: Path) -> Path:
    try:
        with (
            closing(sqlite3.connect(f"file:{quote(os.fsencode(path))}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(to)) as copy,
        ):
            os.chmod(to, 0o600)
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    except sqlite3.Error as fault:
        raise WhosawError(
            "backup.database",
            f"{path} could not be copied ({fault})",
            hint="Check free space, and the workspace with `whosaw check`",
        ) from fault
    return to


def pack(root: Path, copied: dict[str, Path], out: IO[bytes]) -> Packed:
    """Write the workspace in `root` with these copies of its databases. Files of the ledger are held against their names; one that is
    damaged is a `WhosawError`. To be called under `hold_for_reading`, which was taken before the copies were."""
    members: list[_Member] = []
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT, bufsize=_STEP) as archive:
        for name, path in itertools.chain(copied.items(), _files(root), _of_space(root)):
            with suppress(FileNotFoundError):  # a cache, which is made anew where it is missing
                members.append(_add(archive, name, path))
        listed = canonical_json({"version": _VERSION, "files": [asdict(each) for each in members]})
        _put(archive, f"{_LIST}{hashlib.sha256(listed).hexdigest()}.json", len(listed), io.BytesIO(listed))
    return Packed(files=len(members), bytes=sum(each.size for each in members))


def _of_space(root: Path) -> Iterator[tuple[str, Path]]:
    """All files that are in an object store, in order, each fetched when its turn comes."""
    from .spool import Spool

    store = ContentStore.of(root)
    if store.space is None:
        return
    for name in sorted(store.names()):
        yield f"files/{name[:2]}/{name}", store.path(name)
    with closing(Spool(root / "spill")) as spool:
        path = spool.place("marker")
        path.write_bytes(marked())  # what is restored has all files in its folder
        yield MARKER, path
        for key in store.space.keys(VAULT):
            path = spool.place("block")
            path.write_bytes(store.space.get(key) or b"")
            yield key, path
            path.unlink()


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    """All files in the folder of a workspace that belong into a backup, in order."""
    shared = space_in(root) is not None
    elsewhere = ("files",) if shared else ()
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            each
            for each in folders
            if not _left_out(below := Path(folder, each).relative_to(root)) and below.parts != elsewhere
        )
        for name in sorted(names):
            path = Path(folder, name)
            if shared and path == root / MARKER:
                continue
            if path.is_file() and not path.is_symlink() and not _left_out(path.relative_to(root)):
                yield path.relative_to(root).as_posix(), path


def _left_out(path: Path) -> bool:
    """Keys, locks, what is being written, and what is copied otherwise."""
    at_top = len(path.parts) == 1
    return (
        (at_top and path.name in (*KEYS, ADDRESS, SPACE, "lock", "spill", ".restoring"))
        or (at_top and path.name.startswith(_DATABASES))
        or (path.parts[:1] == ("files",) and path.parts[1:2] and path.parts[1].startswith("part"))
        or path.name.endswith((".lock", ".part"))
    )


def _add(archive: tarfile.TarFile, name: str, path: Path) -> _Member:
    with open(path, "rb") as handle:
        size = os.fstat(handle.fileno()).st_size  # of a file that grows so much as is there now
        read = _Digesting(handle)
        _put(archive, name, size, read)
    digest = read.sha256.hexdigest()
    in_store = name.split("/")
    if len(in_store) == 3 and in_store[0] == "files" and in_store[2].partition(".")[0] != digest:
        raise WhosawError(
            "store.damaged",
            f"{path} does not hold what its name says",
            hint="Nothing was written. `whosaw check` lists all that is damaged; restore it from an earlier backup",
        )
    return _Member(name=name, size=size, sha256=digest)


def _put(archive: tarfile.TarFile, name: str, size: int, data: IO[bytes] | _Digesting) -> None:
    told = tarfile.TarInfo(name)
    told.size, told.mode = size, 0o600
    archive.addfile(told, data)


class _Digesting:
    """Reads a file and digests what was read."""

    def __init__(self, handle: IO[bytes]) -> None:
        self._handle = handle
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._handle.read(size)
        self.sha256.update(data)
        return data


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that stands under its name once it is whole, and never before; one that is there is not written over. Where the file system
    can do it, it has no name until then, so that a kill leaves nothing at all."""
    if path.exists():
        raise _there(path)
    try:
        descriptor, temporary = _nameless(path)
    except OSError as fault:
        raise _unwritable(path, fault) from fault
    try:
        with os.fdopen(descriptor, "w+b", buffering=_STEP) as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
            _name(handle.fileno(), temporary, path)
    except FileExistsError as fault:
        raise _there(path) from fault
    except OSError as fault:
        raise _unwritable(path, fault) from fault
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _nameless(path: Path) -> tuple[int, Path | None]:
    kind: int | None = getattr(os, "O_TMPFILE", None)
    if kind is not None:
        with suppress(OSError):
            return os.open(path.parent, kind | os.O_RDWR, 0o600), None
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    return os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), temporary


def _name(descriptor: int, temporary: Path | None, path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        if temporary is not None:
            os.link(temporary, path)
        else:  # link(2) would give the link a name, linkat(2) follows it to the file
            os.link(f"/proc/self/fd/{descriptor}", path, src_dir_fd=folder, follow_symlinks=True)
        os.fsync(folder)
    finally:
        os.close(folder)


def _there(path: Path) -> WhosawError:
    return WhosawError(
        "backup.there", f"{path} is there already", hint="Name a new file; none is written over"
    )


def _unwritable(path: Path, fault: OSError) -> WhosawError:
    return WhosawError(
        "backup.unwritable",
        f"{path} could not be written ({fault.strerror})",
        hint="Free some space, or name a file in a folder that can be written; nothing was left there",
    )


# -- out of a file


@contextmanager
def unpacked(path: Path, root: Path) -> Iterator[Unpacked]:
    """What `pack` wrote, in a folder beside `root`, each file held against its digest. At the end the folder gets the name `root`, where
    nothing may stand but an empty folder. What a kill left beside it goes with the next try."""
    if root.is_symlink() or (root.exists() and (not root.is_dir() or any(root.iterdir()))):
        raise WhosawError(
            "backup.workspace-there",
            f"{root} is there already",
            hint="Name a new folder with --workspace; none is written over",
        )
    folder = root.absolute().with_name(f".{root.absolute().name}.restoring")
    try:
        with _alone(folder):
            made = _read(path, folder)
            yield made
            for each in (*_folders(folder), folder):
                _flush_folder(each)
            os.rename(folder, root)
            _flush_folder(root.absolute().parent)
    except OSError as fault:
        raise WhosawError(
            "backup.unwritable",
            f"{root} could not be made ({fault.strerror})",
            hint="Free some space, or name another --workspace; nothing was left there",
        ) from fault


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """An empty folder, which nobody else fills."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            ours = folder.exists() and os.path.samestat(os.fstat(held), folder.stat())
        except BlockingIOError:
            ours = False
        if not ours:
            raise WhosawError("backup.busy", f"another restore fills {folder}", hint="Wait for it to end")
        for each in folder.iterdir():  # what a kill left
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        try:
            yield
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(held)


def _read(path: Path, folder: Path) -> Unpacked:
    try:
        handle = open(path, "rb")  # noqa: SIM115  # closed below
    except OSError as fault:
        raise WhosawError("backup.unreadable", f"{path} cannot be read ({fault.strerror})") from fault
    with handle:
        whole = _Digesting(handle)
        try:
            members, listed = _extracted(whole, folder)
        except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError) as fault:
            raise _damaged(path, str(fault) or "it ends too early") from fault
        while whole.read(_STEP):
            pass
    if listed is None:
        raise _damaged(path, "its list of files is missing: its end was cut, or it is no backup")
    if listed != members:
        named = {each.name for each in listed} ^ {each.name for each in members}
        raise _damaged(path, f"{next(iter(sorted(named)), 'a file')} is not what its list says")
    if not (folder / MARKER).is_file() or not (folder / _DATABASES[0]).is_file():
        raise _damaged(path, "it holds no workspace")
    size = sum(each.size for each in members)
    return Unpacked(files=len(members), bytes=size, sha256=whole.sha256.hexdigest(), folder=folder)


def _extracted(whole: _Digesting, folder: Path) -> tuple[list[_Member], list[_Member] | None]:
    members: list[_Member] = []
    with tarfile.open(fileobj=whole, mode="r|", bufsize=_STEP) as archive:  # type: ignore[call-overload]  # it reads, and does nothing else
        for told in archive:
            data = archive.extractfile(told) if told.isreg() else None
            if data is None:
                raise ValueError(f"{told.name} is no plain file")
            if told.name.startswith(_LIST):
                return members, _list(told, data)
            members.append(_written(told, data, folder))
    return members, None


def _list(told: tarfile.TarInfo, data: IO[bytes]) -> list[_Member]:
    if told.size > _MOST_LIST:
        raise ValueError("its list of files is too large")
    text = data.read()
    if told.name != f"{_LIST}{hashlib.sha256(text).hexdigest()}.json":
        raise ValueError("its list of files was changed")
    document = json.loads(text)
    if document["version"] != _VERSION:
        raise ValueError(f"it has version {document['version']}, this program reads {_VERSION}")
    return [_Member(**each) for each in document["files"]]


def _written(told: tarfile.TarInfo, data: IO[bytes], folder: Path) -> _Member:
    place = PurePosixPath(told.name)
    if (
        place.is_absolute()
        or not place.parts
        or ".." in place.parts
        or (_left_out(Path(told.name)) and (told.name not in _DATABASES))
    ):
        raise ValueError(f"{told.name!r} is no name of a file of a workspace")
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as out:
        while piece := data.read(_STEP):
            digest.update(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    if path.stat().st_size != told.size:
        raise ValueError("it ends too early")
    return _Member(name=told.name, size=told.size, sha256=digest.hexdigest())


def _damaged(path: Path, why: str) -> WhosawError:
    return WhosawError(
        "backup.damaged",
        f"{path} is no whole backup: {why}",
        hint="Take another copy of it; nothing was made",
    )


def _folders(folder: Path) -> list[Path]:
    return [Path(at) for at, _, _ in os.walk(folder, topdown=False)]


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
