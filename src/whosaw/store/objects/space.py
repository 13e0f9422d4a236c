"""The files of a workspace in an object store, below a prefix of their own.

Two kinds of objects: files named by the digest of what they hold, which are put where none of that name is and never change; and a few that
are written over, each whole. What comes from there is held against its name before anybody reads it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final

from whosaw.core.errors import Where, WhosawError

from .address import ObjectAddress, read_object
from .bucket import Bucket
from .buckets import Buckets
from .faults import ObjectGoneError

__all__ = ["Space"]

_FILES: Final = "files/"
_MARKER: Final = "whosaw-workspace"


class Space:
    """A prefix of a bucket. `copy` is a number drawn when files came there: a prefix that holds those of another workspace has another
    one. Every method raises `WhosawError` where the store does not answer, or refuses. Safe for threads."""

    def __init__(self, address: str, copy: str) -> None:
        told = read_object(address)
        self.address = ObjectAddress(scheme=told.scheme, bucket=told.bucket, key=told.key.strip("/"))
        self._prefix = f"{self.address.key}/" if self.address.key else ""
        self._copy = copy
        self._buckets = Buckets()
        self._moved = Event()

    @property
    def _bucket(self) -> Bucket:
        return self._buckets.of(self.address.scheme, self.address.bucket)

    def __str__(self) -> str:
        return f"{self.address.scheme}://{self.address.bucket}/{self._prefix}"

    # -- whose it is

    def claim(self) -> None:
        """Have this prefix for the workspace of this number; a prefix that another one has is a `WhosawError`."""
        self._bucket.put(f"{self._prefix}{_MARKER}", self._copy.encode(), new=True)
        self.check()

    def check(self) -> None:
        """Make sure that the prefix is that of this workspace."""
        found = self.get(_MARKER)
        if found is None or found.decode(errors="replace") != self._copy:
            raise WhosawError(
                "objects.other-workspace",
                f"{self} does not hold the files of this workspace",
                hint="Another one has this prefix, or it was emptied: name another prefix, or restore what was there",
            )

    # -- files named by what they hold

    def keep(self, files: Mapping[str, bytes | memoryview | Path]) -> None:
        """Put files under their names, many at once; one that is there already, of the same size, is left as it is."""
        for made in [self._buckets.submit(partial(self._keep, *each)) for each in files.items()]:
            made.result()

    def take_moved(self) -> bool:
        """Whether files came here or went there since this was asked last."""
        moved = self._moved.is_set()
        self._moved.clear()
        return moved

    def _keep(self, name: str, data: bytes | memoryview | Path) -> None:
        key = self._key(name)
        self._moved.set()
        if self._bucket.put(key, data, new=True):
            return
        size = data.stat().st_size if isinstance(data, Path) else len(data)
        facts = self._bucket.facts(key)
        if facts is None or facts.size != size:
            raise self._damaged(name)

    def bring(self, places: Mapping[str, Path]) -> None:
        """Fetch files by name, many at once, each to its place. One that is not there is passed over; one that does not hold what its name
        says is a `WhosawError` and stands nowhere."""
        for made in [self._buckets.submit(partial(self._bring, *each)) for each in places.items()]:
            made.result()

    def _bring(self, name: str, place: Path) -> None:
        temporary = place.with_name(f".{name}.{os.getpid()}.{id(place):x}.part")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with open(temporary, "wb", opener=_private) as handle:
                digest = hashlib.sha256()
                for piece in self._bucket.whole(self._key(name)):
                    digest.update(piece)
                    handle.write(piece)
                handle.flush()
                os.fsync(handle.fileno())
            if digest.hexdigest() != name.partition(".")[0]:
                raise self._damaged(name)
            os.replace(temporary, place)
            self._moved.set()
        except ObjectGoneError:
            return
        except OSError as fault:
            raise WhosawError(
                "store.write-failed",
                f"{place} could not be written ({fault.strerror})",
                hint="Free some space: what is read of the object store is kept here for a while",
            ) from fault
        finally:
            temporary.unlink(missing_ok=True)

    def faulty(self, name: str) -> str | None:
        """What is wrong with a file as it lies in the store; None where it holds what its name says."""
        digest = hashlib.sha256()
        try:
            for piece in self._bucket.whole(self._key(name)):
                digest.update(piece)
        except ObjectGoneError:
            return "is gone"
        return None if digest.hexdigest() == name.partition(".")[0] else "does not hold what its name says"

    def sizes(self) -> dict[str, int]:
        """Every file that is there, with how many bytes it has."""
        below = ObjectAddress(
            scheme=self.address.scheme, bucket=self.address.bucket, key=f"{self._prefix}{_FILES}"
        )
        return {
            each.key.rpartition("/")[2]: each.size for page in self._buckets.pages(below) for each in page
        }

    def drop(self, names: Sequence[str]) -> None:
        """Remove files."""
        self._bucket.remove([self._key(each) for each in names])

    # -- objects that are written over

    def get(self, key: str) -> bytes | None:
        """The bytes of an object; None where there is none."""
        try:
            return b"".join(self._bucket.whole(f"{self._prefix}{key}"))
        except ObjectGoneError:
            return None

    def put(self, objects: Mapping[str, bytes]) -> None:
        """Write objects over what stood there, each whole, many at once."""
        bucket = self._bucket
        for made in [
            self._buckets.submit(partial(bucket.put, f"{self._prefix}{key}", data, new=False))
            for key, data in objects.items()
        ]:
            made.result()

    def keys(self, below: str) -> list[str]:
        """The keys below one, in order."""
        where = ObjectAddress(
            scheme=self.address.scheme, bucket=self.address.bucket, key=f"{self._prefix}{below}/"
        )
        found = [each.key for page in self._buckets.pages(where) for each in page]
        return sorted(each.removeprefix(self._prefix) for each in found)

    def leave(self, keys: Sequence[str]) -> None:
        """Remove these objects, and what says whose the prefix is."""
        self._bucket.remove([f"{self._prefix}{each}" for each in (*keys, _MARKER)])

    def _key(self, name: str) -> str:
        return f"{self._prefix}{_FILES}{name[:2]}/{name}"

    def _damaged(self, name: str) -> WhosawError:
        return WhosawError(
            "store.damaged",
            f"{self}{_FILES}{name[:2]}/{name} does not hold what its name says",
            hint="Restore it from a backup, or from an earlier version of the object",
            where=Where(file=str(self)),
        )

    def close(self) -> None:
        """End its threads."""
        self._buckets.close()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
