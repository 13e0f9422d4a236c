"""A sealed table: contact to answer, of no use without its key, and with it of use only to whoever names a contact.

Each row is found by a keyed digest of a contact, and opens with another one of the same contact alone: whoever has table and key can try
contacts, and cannot list them. Rows stand in the order of their digests and are equally long; some, up to a thousand, hold nothing. What is the same for everybody stands sealed at the head.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import secrets
import shutil
import struct
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from whosaw.core.errors import WhosawError
from whosaw.store.keyed_digest import DIGEST_BYTES, KeyedDigest

from .answer import RECORD, ROW_BYTES, Facts, pack_row, read_facts

__all__ = ["LookupTable", "TableKeys", "TableWriter", "key_mark"]

_MAGIC: Final = b"WSLT1\x00\x00\x00"
_HEAD: Final = struct.Struct("<8s16sQQ")  # magic, salt, rows, bytes of the sealed facts
_NONCE: Final = bytes(12)  # each key seals one text
_SEALED: Final = ROW_BYTES + 16
_FILLED: Final = 1_024  # rows at most that hold nothing
_PARTS: Final = 64  # files that rows are sorted in, one after the other
_SPOOLED: Final = np.dtype([("place", "V16"), ("key", "V16"), ("person", "<u8"), ("record", RECORD)])

Digests = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class TableKeys:
    """The keys of one table, by HKDF (RFC 5869) from the key of the service and the salt of the table: no key of one is that of another."""

    place: KeyedDigest
    row: KeyedDigest
    facts: bytes
    other: bytes  # the master of what belongs to the service, and not to a table

    @classmethod
    def of(cls, master: bytes, salt: bytes) -> TableKeys:
        """From a key of 32 bytes."""
        place, row = (_derived(master, salt, purpose, 64) for purpose in (b"place", b"row"))
        return cls(
            KeyedDigest(place[:32], place[32:]),
            KeyedDigest(row[:32], row[32:]),
            _derived(master, salt, b"facts", 32),
            master,
        )

    def secret(self, purpose: str) -> bytes:
        """A secret of the service for a purpose, the same for every table that it serves."""
        return _derived(self.other, b"", b"service " + purpose.encode(), 32)


def key_mark(master: bytes) -> str:
    """What the key of a service is known by in records: the same for every table that stands on it, and of no use for opening one."""
    return TableKeys.of(master, b"").secret("mark")[:4].hex()


def _derived(master: bytes, salt: bytes, purpose: bytes, size: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=size, salt=salt, info=b"whosaw look-up table 1 " + purpose).derive(
        master
    )


class TableWriter:
    """Takes records of contacts in any order and writes the table. Contacts never touch the disk; until the table is whole their digests
    lie in a folder beside it that only its owner may open."""

    def __init__(self, path: Path, master: bytes) -> None:
        self._path = path
        self._salt = os.urandom(
            16
        )  # so that a key never seals two rows, however often a table is made with it
        self._keys = TableKeys.of(master, self._salt)
        self._folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        self._spools = [open(self._folder / f"{at}", "wb") for at in range(_PARTS)]  # noqa: SIM115  # closed in write
        self.records = 0

    def add(self, contacts: pa.Array, persons: npt.NDArray[np.uint64], records: npt.NDArray[np.void]) -> None:
        """A record for each contact (keys of contacts, no nulls). `persons` tells records of one contact apart: equal ones are one
        person, of whom the first in the order of states stays."""
        rows = np.empty(len(contacts), _SPOOLED)
        rows["place"] = self._keys.place.of_texts(contacts).view("V16").reshape(-1)
        rows["key"] = self._keys.row.of_texts(contacts).view("V16").reshape(-1)
        rows["person"], rows["record"] = persons, records
        self._spool(rows)
        self.records += len(rows)

    def _spool(self, rows: npt.NDArray[np.void]) -> None:
        if not len(rows):
            return
        parts = _bytes_of(rows["place"])[:, 0] >> 2
        order = np.argsort(parts, kind="stable")
        ends = np.searchsorted(parts[order], np.arange(_PARTS), "right").tolist()
        for spool, start, stop in zip(self._spools, [0, *ends[:-1]], ends, strict=True):
            rows[order[start:stop]].tofile(spool)

    def write(self, facts: Facts) -> tuple[int, str]:
        """Write the table beside where it will stand; returns how many contacts it holds, and its SHA-256."""
        fill = self._fill()
        for each in self._spools:
            each.close()
        temporary = self._folder / "table"
        sealed = AESGCM(self._keys.facts).encrypt(_NONCE, facts.as_bytes(), _MAGIC)
        contacts = 0
        with open(self._folder / "rows", "wb") as rows, open(temporary, "wb") as out:
            out.write(_HEAD.pack(_MAGIC, self._salt, 0, len(sealed)) + sealed)
            for at in range(_PARTS):
                contacts += self._part(at, out.write, rows.write)
        with open(temporary, "r+b") as out, open(self._folder / "rows", "rb") as rows:
            out.seek(0, os.SEEK_END)
            shutil.copyfileobj(rows, out, 1 << 20)
            out.seek(0)
            out.write(_HEAD.pack(_MAGIC, self._salt, contacts, len(sealed)))
            out.flush()
            os.fsync(out.fileno())
        temporary.chmod(0o600)
        with open(temporary, "rb") as told:
            return contacts - fill, hashlib.file_digest(told, "sha256").hexdigest()

    def finish(self) -> None:
        """Give the table its name, once its digest is on record."""
        (self._folder / "table").replace(self._path)

    def close(self) -> None:
        """Leave nothing behind but the table."""
        for each in self._spools:
            each.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def _part(self, at: int, places: Callable[[bytes], int], rows: Callable[[bytes], int]) -> int:
        told = np.fromfile(self._folder / f"{at}", _SPOOLED)
        if not len(told):
            return 0
        halves = _bytes_of(told["place"]).view(">u8")
        state = told["record"]["state"]
        order = np.lexsort((told["record"]["whose"], told["person"], state, halves[:, 1], halves[:, 0]))
        told, halves = told[order], halves[order]
        new = np.ones(len(told), bool)
        new[1:] = (halves[1:] != halves[:-1]).any(axis=1)
        starts = np.flatnonzero(new)
        for start, stop in zip(starts.tolist(), [*starts[1:].tolist(), len(told)], strict=True):
            places(told["place"][start].tobytes())
            records = told[start:stop]
            if stop - start > 1:
                _, once = np.unique(records["person"], return_index=True)
                records = records[np.sort(once)]
            rows(
                AESGCM(told["key"][start].tobytes()).encrypt(_NONCE, pack_row(records["record"]), self._salt)
            )
        return len(starts)

    def _fill(self) -> int:
        """Rows that no contact opens, so that the size of the table does not tell to one how many there are."""
        many = 1 + secrets.randbelow(_FILLED)
        rows = np.zeros(many, _SPOOLED)
        rows["place"] = np.frombuffer(os.urandom(16 * many), "V16")
        rows["key"] = np.frombuffer(os.urandom(16 * many), "V16")
        self._spool(rows)
        return many


def _bytes_of(places: npt.NDArray[np.void]) -> Digests:
    return np.ascontiguousarray(places).view(np.uint8).reshape(-1, DIGEST_BYTES)


class LookupTable:
    """A table that is served. A contact that is in it costs the same work as one that is not."""

    def __init__(self, path: Path, master: bytes) -> None:
        try:
            with open(path, "rb") as handle:
                self._bytes = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as fault:
            raise WhosawError(
                "lookup.table", f"{path} cannot be read ({fault})", hint="`whosaw lookup build` makes one"
            ) from fault
        self._path = path
        if len(self._bytes) < _HEAD.size or self._bytes[:8] != _MAGIC:
            raise WhosawError(
                "lookup.table", f"{path} is no look-up table", hint="`whosaw lookup build` makes one"
            )
        _, self._salt, self._rows, size = _HEAD.unpack_from(self._bytes)
        self._places_at = _HEAD.size + size
        self._rows_at = self._places_at + DIGEST_BYTES * self._rows
        if len(self._bytes) != self._rows_at + _SEALED * self._rows:
            raise WhosawError("lookup.table", f"{path} was cut short", hint="Copy it again")
        self.keys = TableKeys.of(master, self._salt)
        self.facts = self._open_facts(size)

    def find(self, contact: str) -> bytes | None:
        """The row of a contact; None where there is none."""
        told = contact.encode()
        return self._row(self.keys.place.of_bytes(told), self.keys.row.of_bytes(told))

    def find_all(self, contacts: Sequence[str]) -> list[bytes | None]:
        """The row of each, for less than each alone would cost."""
        told = pa.array(contacts, pa.string())
        places, keys = (each.of_texts(told).tobytes() for each in (self.keys.place, self.keys.row))
        starts = range(0, len(places), DIGEST_BYTES)
        return [self._row(places[at : at + DIGEST_BYTES], keys[at : at + DIGEST_BYTES]) for at in starts]

    def _row(self, place: bytes, key: bytes) -> bytes | None:
        low, high = 0, self._rows
        while low < high:
            middle = (low + high) // 2
            start = self._places_at + DIGEST_BYTES * middle
            if self._bytes[start : start + DIGEST_BYTES] < place:
                low = middle + 1
            else:
                high = middle
        at = min(low, self._rows - 1)
        start = self._rows_at + _SEALED * at
        with suppress(InvalidTag):
            return AESGCM(key).decrypt(_NONCE, self._bytes[start : start + _SEALED], self._salt)
        return None

    def close(self) -> None:
        """Let go of the file."""
        self._bytes.close()

    def _open_facts(self, size: int) -> Facts:
        sealed = self._bytes[_HEAD.size : _HEAD.size + size]
        try:
            return read_facts(AESGCM(self.keys.facts).decrypt(_NONCE, sealed, _MAGIC))
        except InvalidTag as fault:
            raise WhosawError(
                "lookup.key",
                f"{self._path} does not open with this key",
                hint="Name its own key with --table-key",
            ) from fault
        except (ValueError, TypeError, KeyError) as fault:
            raise WhosawError(
                "lookup.table", f"{self._path}: {fault}", hint="Make it anew with this release"
            ) from fault
