"""The bytes of an object, in ranges, each asked for with the ETag that the listing gave: one object from its first byte to its last.

What is read next is fetched while the last range is worked on, so that two ranges are held at a time, whatever the size.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import Final

from whosaw.store.objects.address import ObjectAddress
from whosaw.store.objects.bucket import Bucket, ObjectFacts
from whosaw.store.objects.buckets import Buckets
from whosaw.store.objects.faults import ObjectChangedError, ObjectGoneError, ObjectLockedAwayError

from .content import Content, StoredObject
from .streams import CannotOpenError

__all__ = ["GONE", "WINDOW", "ObjectStream", "open_object"]

WINDOW: Final = 8 << 20
GONE: Final = "the object is no longer there"
Window = tuple[bytes, ObjectFacts]
_LOST = (ObjectChangedError, ObjectGoneError, ObjectLockedAwayError)


def open_object(
    content: Content, stored: StoredObject, buckets: Buckets, *, any_version: bool = False
) -> ObjectStream:
    """The object as it was listed, or the version of it that was read. With `any_version`, what stands there now where no version is
    known; then the caller compares digests. Raises `CannotOpenError` for one that is another now, and `WhosawError` for a store
    that cannot be reached."""
    bucket = buckets.of(stored.scheme, stored.bucket)
    etag = None if any_version or stored.version is not None else stored.etag
    address = ObjectAddress(scheme=stored.scheme, bucket=stored.bucket, key=stored.key)
    try:
        first = buckets.take_ready(address, etag) if stored.version is None else None
        if first is None:
            first = _first(bucket, stored, content.size, etag)
    except _LOST as fault:
        raise CannotOpenError(_said(fault, known_version=stored.version is not None)) from fault
    return ObjectStream(bucket, buckets, first, etag=etag, version=stored.version)


def _first(bucket: Bucket, stored: StoredObject, size: int | None, etag: str | None) -> Window:
    if size is None:
        facts = bucket.facts(stored.key, stored.version)
        size = facts.size if facts is not None else 1  # one that is gone says so when it is fetched
    end = min(size, WINDOW)
    return bucket.fetch(stored.key, 0, end, etag=etag, version=stored.version)


def _said(fault: Exception, *, known_version: bool) -> str:
    if isinstance(fault, ObjectLockedAwayError):
        return "it is in a storage class for archives, from which it must be restored first"
    if isinstance(fault, ObjectChangedError):
        return "the object changed after it was listed (its ETag is another); scan again"
    return f"{GONE} in this version" if known_version else GONE


class ObjectStream:
    """An object as one stream, from its first window on. `facts` are those of the answer."""

    def __init__(
        self, bucket: Bucket, buckets: Buckets, first: Window, *, etag: str | None, version: str | None
    ) -> None:
        data, self.facts = first
        self._bucket, self._buckets = bucket, buckets
        # from the first answer on it is that object and no other
        self._etag, self._version = etag or self.facts.etag, version
        self._window, self._start = memoryview(data), 0  # where in the object the window begins
        self._next: Future[Window] | None = None
        self.size = self.facts.size
        self.position = 0
        self.fault: str | None = None
        self._fetch_behind(len(data))

    def head(self, size: int) -> bytes:
        """Its first bytes, which stay to be read."""
        return bytes(self._window[:size])

    @property
    def packed(self) -> int:
        return self.position

    def read(self, n: int) -> bytes:
        if self.fault or self.position >= self.size or n <= 0:
            return b""
        at = self.position - self._start
        if at >= len(self._window) and not self._advance():
            return b""
        at = self.position - self._start
        data = bytes(self._window[at : at + n])
        self.position += len(data)
        return data

    def skip(self, n: int) -> None:
        self.position = min(self.size, self.position + n)

    def close(self) -> None:
        if self._next is not None:
            self._next.cancel()
        self._window = memoryview(b"")

    def _fetch_behind(self, end: int) -> None:
        self._next = None
        if end < self.size:
            self._next = self._buckets.submit(lambda: self._fetch(end))

    def _fetch(self, start: int) -> Window:
        return self._bucket.fetch(
            self.facts.key, start, min(start + WINDOW, self.size), etag=self._etag, version=self._version
        )

    def _advance(self) -> bool:
        """Go on to the window in which the position lies; False where it cannot be had."""
        behind = self._start + len(self._window)
        try:
            if self._next is not None and self.position < behind + WINDOW:
                data, _ = self._next.result()
                start = behind
            else:  # what lies between was skipped
                start = self.position
                data, _ = self._fetch(start)
        except _LOST as fault:
            said = _said(fault, known_version=self._version is not None)
            self.fault = f"reading stopped: {said} ({self.position:,} of {self.size:,} bytes were read)"
            return False
        self._window, self._start = memoryview(data), start
        if not data:
            self.fault = (
                f"the object ended before its end ({self.position:,} of {self.size:,} bytes were there)"
            )
            return False
        self._fetch_behind(start + len(data))
        return True
