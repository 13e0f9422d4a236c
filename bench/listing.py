"""Planning of two million objects: a listing that is made up, everything behind it as it is.

`python -m bench.listing [OBJECTS]` prints seconds, peak of memory and how many answers were asked for, as JSON. An answer takes no time:
of a real store it takes some hundredths of a second, and sixteen are waited for at once.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from threading import Lock

import pyarrow as pa

from whosaw.ingest.files.content import Content
from whosaw.ingest.files.object_listing import ObjectFinder
from whosaw.store.objects.address import ObjectAddress
from whosaw.store.objects.bucket import ObjectFacts
from whosaw.store.objects.buckets import Buckets
from whosaw.store.objects.listing import pages_of

PREFIX = "AWSLogs/111122223333/elasticloadbalancing/eu-west-1"
_PAGE = 1_000
_FIRST = date(2026, 1, 1)


class Simulated:
    """A bucket of load balancer logs, so many a day, whose keys are worked out when they are asked for."""

    lists_from_any_key = True

    def __init__(self, *, days: int, a_day: int) -> None:
        self._days, self._a_day = days, a_day
        self.answers = 0
        self._lock = Lock()
        told = [_FIRST + timedelta(days=each) for each in range(days)]
        self._named = [(f"{PREFIX}/{each:%Y/%m/%d}/", f"elb_{each:%Y%m%d}") for each in told]

    def _key(self, number: int) -> str:
        day, at = divmod(number, self._a_day)
        hour, minute = divmod(at * 1_440 // self._a_day, 60)
        folder, stem = self._named[day]
        return f"{folder}{stem}T{hour:02}{minute:02}Z_10.0.0.1_{at:06}.log.gz"

    def _after(self, key: str | None) -> int:
        low, high = 0, self._days * self._a_day
        while key is not None and low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self._key(middle) <= key else (low, middle)
        return low

    def pages(self, prefix: str, after: str | None = None) -> Iterator[list[ObjectFacts]]:
        assert PREFIX.startswith(prefix.rstrip("/"))
        for start in range(self._after(after), self._days * self._a_day, _PAGE):
            with self._lock:
                self.answers += 1
            yield [
                ObjectFacts(
                    key=self._key(number),
                    size=200_000 + number % 1_000,
                    modified=1_767_225_600_000_000 + number * 1_000_000,
                    etag=f'"{number:032x}"',
                )
                for number in range(start, min(start + _PAGE, self._days * self._a_day))
            ]


class _Buckets(Buckets):
    """Buckets of which the simulated one is the only one."""

    def __init__(self, simulated: Simulated) -> None:
        super().__init__()
        self._simulated = simulated

    def pages(self, address: ObjectAddress) -> Iterator[list[ObjectFacts]]:
        return pages_of(self._simulated, address.key, self.submit)


def found_in(simulated: Simulated) -> Sequence[Content]:
    """The contents in order, as `discover` gives them."""
    buckets = _Buckets(simulated)
    try:
        finder = ObjectFinder(buckets)
        finder.take_all([f"s3://bucket/{PREFIX}/"])
        return finder.result({})
    finally:
        buckets.close()


def planned(simulated: Simulated) -> tuple[Sequence[Content], int]:
    """The same, and how many bytes the columns take that are held for it."""
    before = pa.total_allocated_bytes()
    found = found_in(simulated)
    return found, pa.total_allocated_bytes() - before


def main() -> None:
    objects = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
    simulated = Simulated(days=objects // 5_000, a_day=5_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, processor = time.perf_counter(), time.process_time()
    found = found_in(simulated)
    told = {
        "objects": len(found),
        "wall_s": round(time.perf_counter() - wall, 1),
        "processor_s": round(time.process_time() - processor, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "peak_before_mb": before >> 10,
        "answers": simulated.answers,
    }
    start = time.process_time()
    told["bytes"] = sum(each.size or 0 for each in found)
    told["walked_processor_s"] = round(time.process_time() - start, 1)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
