"""Every object below a prefix is listed once, however the listing is cut, and two million of them are planned in bounded time and memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from bench.listing import Simulated, planned
from hypothesis import given
from hypothesis import strategies as st
from tests.objects.s3_server import Bucket

from whosaw.core.errors import WhosawError
from whosaw.ingest.files.discover import discover
from whosaw.store.objects import listing
from whosaw.store.objects.bucket import ObjectFacts
from whosaw.store.objects.buckets import Buckets


class Held:
    """A bucket that holds these keys, in pages of ten, and counts what it is asked."""

    def __init__(self, keys: set[str], *, from_any_key: bool = True) -> None:
        self._keys = sorted(keys)
        self.lists_from_any_key = from_any_key
        self.answers = 0

    def pages(self, prefix: str, after: str | None = None) -> Iterator[list[ObjectFacts]]:
        left = [key for key in self._keys if key.startswith(prefix) and (after is None or key > after)]
        for at in range(0, len(left), 10):
            self.answers += 1
            yield [ObjectFacts(key=key, size=1, modified=0, etag=None) for key in left[at : at + 10]]


def listed(bucket: Held, prefix: str = "") -> list[str]:
    buckets = Buckets()
    try:
        return [each.key for page in listing.pages_of(bucket, prefix, buckets.submit) for each in page]
    finally:
        buckets.close()


DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(150)]
PLACES = {
    "folders of days": {f"a/{day:%Y/%m/%d}/{n:03}.log" for day in DAYS for n in range(7)},
    "days in names": {f"a/web-{day:%Y-%m-%d}-{n}.gz" for day in DAYS for n in range(7)},
    "several branches": {f"{x}/{day:%Y%m%d}.log" for x in "aXz" for day in DAYS},
    "no days": {f"{n:x}".rjust(4, "0") for n in range(0, 65_536, 61)},
    "one day": {f"a/2026/11/28/{n:05}" for n in range(900)},
    "a key that is a cut": {f"a/{day:%Y/%m/%d}" for day in DAYS} | {"a/2026/02/03/x", "a/2026/02/03"},
}


@pytest.mark.parametrize("place", sorted(PLACES))
def test_each_object_is_listed_once(place: str) -> None:
    keys = PLACES[place]
    assert sorted(listed(Held(keys))) == sorted(keys)


@given(
    st.sets(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=6), max_size=300)
)
def test_any_keys_are_listed_once(keys: set[str]) -> None:
    assert sorted(listed(Held(keys))) == sorted(keys)


def test_days_are_listed_side_by_side() -> None:
    """What lies behind the first answers is cut at each day, and a day of many answers again: no piece is as long as the whole."""
    pieces: list[int] = []

    class Noted(Held):
        def pages(self, prefix: str, after: str | None = None) -> Iterator[list[ObjectFacts]]:
            pieces.append(0)
            at = len(pieces) - 1
            for page in super().pages(prefix, after):
                pieces[at] += 1
                yield page

    listed(Noted({f"a/{day:%Y/%m/%d}/{n:04}.log" for day in DAYS[:20] for n in range(100)}))
    assert len(pieces) > 20
    assert max(pieces) <= 12


def test_a_store_that_cannot_begin_anywhere_is_listed_in_one_piece() -> None:
    held = Held(PLACES["one day"], from_any_key=False)
    assert len(listed(held)) == 900
    assert held.answers == 90


def test_a_fault_of_one_piece_is_raised() -> None:
    class Failing(Held):
        def pages(self, prefix: str, after: str | None = None) -> Iterator[list[ObjectFacts]]:
            if after is not None and after > "a/2026/03":
                raise WhosawError("objects.away", "the store is away")
            yield from super().pages(prefix, after)

    with pytest.raises(WhosawError, match="the store is away"):
        listed(Failing(PLACES["folders of days"]))


def test_odd_keys_of_a_real_listing_are_all_there(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    from whosaw.store.objects import bucket as opening

    monkeypatch.setattr(opening, "_PAGE", 5)
    odd = [
        f"in/{n:02}/{name}"
        for n in range(12)
        for name in ("a b+c.log", "%7E~#?.log", "é-名.log", "x=1&y.log", "t[1].log")
    ]
    for key in odd:
        bucket.put(key, b"x\n")
    found = discover([bucket.address("in/")]).contents
    assert sorted(each.stored.key for each in found if each.stored is not None) == sorted(odd)


def test_a_key_with_an_empty_part_is_refused_and_not_left_out(bucket: Bucket) -> None:
    bucket.put("in/a.log", b"x\n")
    bucket.put("in//b.log", b"x\n")
    with pytest.raises(WhosawError) as refused:
        discover([bucket.address("in/")])
    assert refused.value.code == "objects.key"


def test_many_objects_are_planned_in_columns() -> None:
    """The small form of `bench.listing`: what is held grows by columns, not by one Python object a piece."""
    many = Simulated(days=20, a_day=1_000)
    found, held = planned(many)
    assert len(found) == 20_000
    assert found[0].name.endswith("2026/01/01/elb_20260101T0000Z_10.0.0.1_000000.log.gz")
    assert held / len(found) < 450  # bytes
    assert [each.mtime_ns for each in found] == sorted(each.mtime_ns or 0 for each in found)
