"""The file that holds the key of the next entry of the custody journal, and no older one.

Two places of a page each take turns. While an entry is written, one holds the key that signs it and the other the key of the
entry after it; once the entry is on disk the first is written over with zeros, in place. A process that dies at any moment in
between leaves the key that the journal's last entry names in one of the two: nobody has to guess. A third page holds the last
entry up to which everything was checked.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from whosaw.core.errors import WhosawError

__all__ = ["Checkpoint", "KeyFile", "KeyState", "Slot", "Turn", "public_half"]

_PAGE: Final = 4096  # what a disk writes at once: a torn write never touches the other place
_PAGES: Final = 3
_KEY, _CHECK = b"WHOSAWK1", b"WHOSAWC1"
_SLOT = struct.Struct("<8sQB32s")
_POINT = struct.Struct("<8sQ32s32s")
_PATIENCE: Final = 10.0  # seconds that another writer is waited for


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The private key that entry `entry` is to be signed with; `begins` where that is the first entry with a signature."""

    place: int
    entry: int
    begins: bool
    key: bytes = field(repr=False)

    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.key)

    @property
    def public(self) -> str:
        return public_half(self.private())


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """An entry up to which the whole journal was checked, and the key that it says the next one is signed with."""

    entry: int
    hash: str
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyState:
    """All of the key file at one moment. `fault` says why it could not be read."""

    there: bool
    slots: tuple[Slot, ...] = ()  # that of the latest entry first
    checkpoint: Checkpoint | None = None
    fault: str | None = None


def public_half(key: Ed25519PrivateKey) -> str:
    """The public half of a key (32 bytes, RFC 8032) in hex."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


class KeyFile:
    """Reads the key file; `turn` is the one way to change its keys."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def state(self) -> KeyState:
        """What is in it now."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return KeyState(there=False)
        except OSError as fault:
            return KeyState(
                there=True, fault=f"the custody key {self.path} cannot be read ({fault.strerror})"
            )
        found = [slot for place in (0, 1) if (slot := _slot(data, place)) is not None]
        return KeyState(
            there=True, slots=tuple(sorted(found, key=lambda each: -each.entry)), checkpoint=_point(data)
        )

    def empty(self) -> None:
        """Make a file without a key, for a folder that reads: it only gets checkpoints."""
        os.close(_opened(self.path))

    def set_checkpoint(self, point: Checkpoint) -> None:
        """Keep a checkpoint, unless somebody else is writing or nothing can be written; it only saves time."""
        with suppress(OSError), self._held(wait=False) as handle:
            _keep(handle, point)

    def forget(self, point: Checkpoint) -> None:
        """Write over the keys of entries that are on disk up to `point`, which a process that died could not; not while one writes."""
        with suppress(OSError), self._held(wait=False) as handle:
            slots = self.state().slots
            if any(slot.public == point.next for slot in slots):
                for slot in slots:
                    if slot.entry <= point.entry:
                        _wipe(handle, slot.place)

    @contextmanager
    def _held(self, *, wait: bool) -> Iterator[int]:
        handle = os.open(self.path, os.O_RDWR)
        try:
            _lock(handle, self.path, wait=wait)
            yield handle
        finally:
            os.close(handle)


class Turn:
    """The use of the key file in one transaction, from the first entry to the commit: nobody else uses it meanwhile."""

    def __init__(self, keys: KeyFile) -> None:
        self._path = keys.path
        self._handle = _opened(keys.path)
        try:
            _lock(self._handle, keys.path, wait=True)
        except BaseException:
            os.close(self._handle)
            raise
        _refuse_open(self._handle, keys.path)
        self.slots = keys.state().slots
        self._place: int | None = None  # of the key that the journal on disk names
        self._next: tuple[str, Ed25519PrivateKey] | None = None  # of an entry that is not committed yet
        self._first: Checkpoint | None = None

    def take(self, public: str) -> Ed25519PrivateKey | None:
        """The private half of `public`, where it is here."""
        if self._next is not None:
            return self._next[1] if self._next[0] == public else None
        for slot in self.slots:
            if slot.public == public:
                self._place = slot.place
                return slot.private()
        return None

    def begin(self, entry: int) -> Ed25519PrivateKey:
        """A key for the first signed entry, or for the first after the one that the journal names was lost."""
        if not self.slots:
            key = Ed25519PrivateKey.generate()
            self._put(0, entry, key, begins=True)
            self._place = 0
            return key
        self._place = self.slots[0].place
        ready = next((slot for slot in self.slots if slot.begins and slot.entry == entry), None)
        if ready is not None:
            self._place = ready.place
            return ready.private()
        return Ed25519PrivateKey.generate()  # what stands there stays until this beginning is on disk

    def put(self, entry: int, key: Ed25519PrivateKey) -> None:
        """Have the key of the coming entry on disk before anything names it."""
        if self._place is None:
            raise RuntimeError("a key follows one that was taken")
        self._put(1 - self._place, entry, key, begins=False)
        self._next = (public_half(key), key)

    def _put(self, place: int, entry: int, key: Ed25519PrivateKey, *, begins: bool) -> None:
        raw = bytearray(_SLOT.pack(_KEY, entry, begins, key.private_bytes_raw()))
        self._write(place, _sealed(raw))
        raw[:] = bytes(len(raw))

    def first(self, point: Checkpoint) -> None:
        """The first entry of a journal is the first checkpoint: whoever writes another journal cannot begin it so."""
        self._first = point

    def settle(self, *, committed: bool) -> None:
        """Erase the key that has signed, now that its entry is on disk. Where it may not be, both are kept: the journal says which
        one counts."""
        try:
            if committed and self._next is not None and self._place is not None:
                # the entry is on disk whatever becomes of its key; where that cannot be erased, `forget` tries again
                with suppress(OSError):
                    if self._first is not None:
                        _keep(self._handle, self._first)
                    _wipe(self._handle, self._place)
        finally:
            self._next = None
            self.slots = ()
            os.close(self._handle)

    def _write(self, place: int, data: bytes) -> None:
        try:
            os.pwrite(self._handle, data, place * _PAGE)
            os.fdatasync(self._handle)
        except OSError as fault:
            raise WhosawError(
                "store.write-failed",
                f"{self._path} could not be written ({fault.strerror})",
                hint="Free some space; nothing was journalled",
            ) from fault


def _keep(handle: int, point: Checkpoint) -> None:
    raw = _POINT.pack(_CHECK, point.entry, bytes.fromhex(point.hash), bytes.fromhex(point.next))
    os.pwrite(handle, _sealed(raw), 2 * _PAGE)
    os.fdatasync(handle)


def _wipe(handle: int, place: int) -> None:
    os.pwrite(handle, bytes(_PAGE), place * _PAGE)
    os.fdatasync(handle)


def _opened(path: Path) -> int:
    try:
        if not path.exists():
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            os.pwrite(handle, bytes(_PAGES * _PAGE), 0)
            os.fsync(handle)
            folder = os.open(path.parent, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
            return handle
        return os.open(path, os.O_RDWR)
    except OSError as fault:
        raise WhosawError(
            "store.write-failed",
            f"{path} could not be written ({fault.strerror})",
            hint="Nothing was journalled; run whosaw as the user who made the workspace",
        ) from fault


def _refuse_open(handle: int, path: Path) -> None:
    mode = stat.S_IMODE(os.fstat(handle).st_mode)
    if mode & 0o077:
        os.close(handle)
        raise WhosawError(
            "custody.open-key",
            f"others may read or write the custody key {path} (mode {mode:04o})",
            hint=f"Run `chmod 600 {path}`; what was journalled while others had it may be theirs",
        )


def _lock(handle: int, path: Path, *, wait: bool) -> None:
    until = time.monotonic() + (_PATIENCE if wait else 0.0)
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            if not wait:
                raise
            if time.monotonic() > until:
                raise WhosawError(
                    "custody.busy",
                    f"another program holds the custody key {path}",
                    hint="Wait for it to end, and run this again",
                ) from fault
            time.sleep(0.005)
        else:
            return


def _sealed(raw: bytes | bytearray) -> bytes:
    """With its digest behind, so that a torn write is no key."""
    return bytes(raw) + hashlib.sha256(raw).digest()


def _checked(data: bytes, place: int, size: int) -> bytes | None:
    raw = data[place * _PAGE : place * _PAGE + size]
    digest = data[place * _PAGE + size : place * _PAGE + size + 32]
    return raw if len(raw) == size and hashlib.sha256(raw).digest() == digest else None


def _point(data: bytes) -> Checkpoint | None:
    raw = _checked(data, 2, _POINT.size)
    if raw is None:
        return None
    magic, entry, digest, following = _POINT.unpack(raw)
    return Checkpoint(entry=entry, hash=digest.hex(), next=following.hex()) if magic == _CHECK else None


def _slot(data: bytes, place: int) -> Slot | None:
    raw = _checked(data, place, _SLOT.size)
    if raw is None:
        return None
    magic, entry, begins, key = _SLOT.unpack(raw)
    return Slot(place=place, entry=entry, begins=bool(begins), key=key) if magic == _KEY else None
