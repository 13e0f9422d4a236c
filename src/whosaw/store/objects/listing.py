"""Every object below a prefix, by many listings side by side.

A store gives a thousand keys an answer and each answer names where the next begins, so that one listing of two million takes
an hour. Keys come in order, and a listing can begin behind any key: a range of keys that is not done after a few answers is
cut, by the days that its keys name, or else by their next character, and each piece is listed by itself and cut again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import date, timedelta
from itertools import pairwise, takewhile
from queue import Full, Queue, SimpleQueue
from typing import Final, Protocol

from .bucket import ObjectFacts

__all__ = ["Listable", "pages_of"]

_FEW: Final = 3  # answers after which a range is cut of which nothing is known
_MANY: Final = 24  # the same for a day: each piece costs an answer of its own
_AHEAD: Final = 48  # pages that wait to be taken; listings are faster than what is made of them
_DAYS: Final = 62  # days ahead; what lies behind them is a piece of its own, which is cut again
_DAY: Final = re.compile(
    r"(?P<y>(?:19|20)\d\d)(?P<s>[-_./]?)(?P<m>0[1-9]|1[0-2])(?P=s)(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"
)
_NEXT: Final = (
    "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"  # in the order of their bytes
)
_LOOK: Final = 0.1  # seconds after which it is looked whether anybody still takes pages
Page = list[ObjectFacts]
Range = tuple[
    str | None, str | None, int
]  # behind which key, up to which one; after how many answers it is cut
Found = Page | Exception | None  # None: one range is done


class Listable(Protocol):
    """What is listed: a bucket, or what stands in for one."""

    @property
    def lists_from_any_key(self) -> bool: ...
    def pages(self, prefix: str, after: str | None = None) -> Iterator[Page]: ...


def pages_of(
    bucket: Listable, prefix: str, submit: Callable[[Callable[[], None]], Future[None]]
) -> Iterator[Page]:
    """All objects below `prefix` in pages, in no order, each once. `submit` gives work to threads. Raises what the bucket raises."""
    queue: Queue[Found] = Queue(_AHEAD)
    listing = _Listing(bucket, prefix, queue)
    waiting: list[Range] = [(None, None, _FEW)]
    under_way = 0
    try:
        while waiting or under_way:
            while waiting:
                begun = waiting.pop(0)
                submit(lambda begun=begun: listing.run(*begun))  # type: ignore[misc]  # bound now, not when it runs
                under_way += 1
            found = queue.get()
            if isinstance(found, Exception):
                raise found
            if found is None:
                under_way -= 1
                waiting += listing.take_cut()
            else:
                yield found
    finally:
        listing.stop = True


class _Listing:
    """One listing in pieces."""

    def __init__(self, bucket: Listable, prefix: str, queue: Queue[Found]) -> None:
        self._bucket, self._prefix, self._queue = bucket, prefix, queue
        self._cut: SimpleQueue[list[Range]] = SimpleQueue()
        self.stop = False

    def take_cut(self) -> list[Range]:
        """The ranges that one which is done left over."""
        return self._cut.get()

    def run(self, after: str | None, upto: str | None, most: int) -> None:
        """List the keys behind `after` up to and with `upto`, or so many of them that the rest is worth cutting."""
        left: list[Range] = []
        try:
            left = self._pages(after, upto, most)
        except Exception as fault:  # noqa: BLE001  # raised where the pages are taken
            self._put(fault)
        self._cut.put(left)
        self._put(None)

    def _put(self, found: Found) -> None:
        """Hand a page over, once there is room for it and as long as anybody takes it."""
        while not self.stop:
            try:
                self._queue.put(found, timeout=_LOOK)
            except Full:
                continue
            return

    def _pages(self, after: str | None, upto: str | None, most: int) -> list[Range]:
        first, in_order = None, self._bucket.lists_from_any_key
        for answers, page in enumerate(self._bucket.pages(self._prefix, after), start=1):
            if self.stop:
                return []
            inside = upto is None or page[-1].key <= upto
            kept = page if inside else [each for each in page if upto is None or each.key <= upto]
            if kept:
                self._put(kept)
            if not inside:
                return []
            first, last = first or page[0].key, page[-1].key
            in_order = in_order and all(a.key < b.key for a, b in pairwise(page))
            if answers >= most and in_order and (cuts := cuts_behind(first, last, upto)):
                ends = [*pairwise([last, *cuts, upto])]
                # behind the last day is all the rest
                return [(*each, _MANY if at < len(ends) - 2 else _FEW) for at, each in enumerate(ends)]
        return []


def cuts_behind(first: str, last: str, upto: str | None) -> list[str]:
    """Where to cut the keys behind `last`, of a range that began with `first` and ends with `upto` (None: nowhere). A key that is a
    cut belongs to the piece before it."""
    made = {*_days(first, last), *_characters(first, last)}
    return sorted(each for each in made if each > last and (upto is None or each < upto))


def _days(first: str, last: str) -> Iterator[str]:
    found = _DAY.search(last)
    if found is None or not first.startswith(last[: found.start()]):
        return
    head, apart = last[: found.start()], found["s"]
    try:
        day = date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        return
    for ahead in range(1, _DAYS + 1):
        later = day + timedelta(days=ahead)
        yield f"{head}{later:%Y}{apart}{later:%m}{apart}{later:%d}"
    yield f"{head}:"  # behind all that goes on with a digit


def _characters(first: str, last: str) -> Iterator[str]:
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
    shared = last[:same]
    for each in _NEXT:
        yield shared + each
