"""An object as a stream: its bytes as they are, whatever is asked for, and never more than two ranges of it in memory."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosaw.ingest.files import object_stream
from whosaw.ingest.files.content import Content, StoredObject
from whosaw.ingest.files.object_stream import ObjectStream, open_object
from whosaw.ingest.files.streams import CannotOpenError
from whosaw.store.objects.bucket import ObjectFacts
from whosaw.store.objects.buckets import Buckets
from whosaw.store.objects.faults import ObjectChangedError, ObjectGoneError, ObjectLockedAwayError

BODY = random.Random(7).randbytes(1_000)
STORED = StoredObject(scheme="s3", bucket="logs", key="a.log", etag='"1"')


class Held:
    """A bucket with one object, that notes what it is asked for."""

    def __init__(self, body: bytes, *, fails_from: int | None = None, fault: Exception | None = None) -> None:
        self._body, self._fails_from, self._fault = body, fails_from, fault
        self.asked: list[tuple[int, int, str | None, str | None]] = []

    def fetch(
        self, key: str, start: int, end: int, *, etag: str | None = None, version: str | None = None
    ) -> tuple[bytes, ObjectFacts]:
        self.asked.append((start, end, etag, version))
        if self._fault is not None and start >= (self._fails_from or 0):
            raise self._fault
        facts = ObjectFacts(key=key, size=len(self._body), modified=0, etag='"1"', version="v1")
        return self._body[start:end], facts


class Of(Buckets):
    """Buckets of which one is all there is."""

    def __init__(self, held: Held) -> None:
        super().__init__()
        self._held = held

    def of(self, scheme: str, bucket: str) -> Held:  # type: ignore[override]  # it stands in for one
        return self._held


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(object_stream, "WINDOW", 64)
    return 64


def opened(buckets: Buckets, stored: StoredObject = STORED, *, any_version: bool = False) -> ObjectStream:
    content = Content(name="s3://logs/a.log", source="a.log", size=len(BODY), stored=stored)
    return open_object(content, stored, buckets, any_version=any_version)


@given(st.lists(st.tuples(st.sampled_from(["read", "skip"]), st.integers(1, 300)), max_size=30))
def test_reading_and_skipping_gives_the_bytes_that_are_there(steps: list[tuple[str, int]]) -> None:
    held, place = Held(BODY), 0
    buckets = Of(held)
    before, object_stream.WINDOW = object_stream.WINDOW, 64  # type: ignore[misc]  # smaller, so that there are several
    try:
        stream = opened(buckets)
        for step, size in steps:
            if step == "skip":
                stream.skip(size)
                place = min(len(BODY), place + size)
            else:
                data = stream.read(size)
                assert data == BODY[place : place + len(data)]
                assert data or place == len(BODY)
                place += len(data)
            assert stream.position == place
        assert stream.fault is None
    finally:
        object_stream.WINDOW = before  # type: ignore[misc]
        buckets.close()


def test_no_more_than_two_ranges_are_held(windows: int) -> None:
    held = Held(BODY)
    buckets = Of(held)
    try:
        stream = opened(buckets)
        while stream.read(10):
            assert max(end for _, end, _, _ in held.asked) <= stream.position + 2 * windows
    finally:
        buckets.close()
    assert sorted({(start, end) for start, end, _, _ in held.asked}) == [
        (start, min(start + 64, 1_000)) for start in range(0, 1_000, 64)
    ]


@pytest.mark.parametrize(
    ("stored", "any_version", "asked"),
    [
        (STORED, False, ('"1"', None)),
        (STORED, True, (None, None)),
        (
            StoredObject(scheme="s3", bucket="logs", key="a.log", etag='"0"', version="v1"),
            False,
            (None, "v1"),
        ),
    ],
    ids=["as listed", "as it stands there", "the version that was read"],
)
def test_which_object_is_asked_for(
    stored: StoredObject, any_version: bool, asked: tuple[str | None, str | None]
) -> None:
    held = Held(BODY)
    buckets = Of(held)
    try:
        stream = opened(buckets, stored, any_version=any_version)
        assert stream.facts.version == "v1"
        assert held.asked[0][2:] == asked
    finally:
        buckets.close()


def test_from_the_first_answer_on_it_is_one_object(windows: int) -> None:
    held = Held(BODY)
    buckets = Of(held)
    try:
        stream = opened(buckets, any_version=True)
        while stream.read(64):
            pass
    finally:
        buckets.close()
    assert [etag for _, _, etag, _ in held.asked] == [None] + ['"1"'] * (len(held.asked) - 1)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (ObjectChangedError("x"), "the object changed after it was listed (its ETag is another); scan again"),
        (ObjectGoneError("x"), "the object is no longer there"),
        (
            ObjectLockedAwayError("x"),
            "it is in a storage class for archives, from which it must be restored first",
        ),
    ],
)
def test_an_object_that_is_another_now_is_said(fault: Exception, said: str, windows: int) -> None:
    buckets = Of(Held(BODY, fault=fault))
    try:
        with pytest.raises(CannotOpenError) as refused:
            opened(buckets)
    finally:
        buckets.close()
    assert str(refused.value) == said
    buckets = Of(Held(BODY, fails_from=128, fault=fault))
    try:
        stream = opened(buckets)
        got = b"".join(iter(lambda: stream.read(50), b""))
    finally:
        buckets.close()
    assert got == BODY[:128]
    assert stream.fault == f"reading stopped: {said} (128 of 1,000 bytes were read)"
