"""What segments hold by hour adds up to what each hour and day holds."""

from __future__ import annotations

import json
from random import Random

from whosaw.app.building.segment_hours import SegmentHours
from whosaw.build.row_digest import RowDigest

SEGMENTS, FIRST, HOURS = 600, -30, 90  # more than are read at once; hours before 1970 too


def made() -> dict[int, dict[int, list[RowDigest]]]:
    random = Random(7)

    def digest(rows: int) -> RowDigest:
        return RowDigest(rows, random.getrandbits(64), random.getrandbits(64)) if rows else RowDigest()

    return {
        segment: {
            hour: [digest(random.randint(0, 3)), digest(random.randint(0, 1))]
            for hour in random.sample(range(FIRST, FIRST + HOURS), random.randint(0, 4))
        }
        for segment in range(1, SEGMENTS + 1)
    }


def test_hours_and_days_are_the_sums_of_their_segments() -> None:
    told = made()
    rows = [
        (segment, json.dumps({str(hour): [str(each) for each in both] for hour, both in its.items()}))
        for segment, its in told.items()
    ]
    own = {each for each in told if each % 3}
    hours = SegmentHours.of(rows, own)
    for which in (0, 1):
        here = [
            (hour, segment, both[which])
            for segment in sorted(own)
            for hour, both in told[segment].items()
            if both[which].rows
        ]
        found = hours.kind(which)
        assert list(zip(found.hour.tolist(), found.segment.tolist(), strict=True)) == sorted(
            each[:2] for each in here
        )
        days: dict[int, RowDigest] = {}
        for hour, _, digest in here:
            days[hour // 24] = days.get(hour // 24, RowDigest()) + digest
        assert found.days() == days
        assert list(days) != []
        for first, end in ((-24, 0), (0, 24), (5, 6), (FIRST, FIRST + HOURS), (200, 210)):
            near = (digest for hour, _, digest in here if first <= hour < end)
            assert found.between(first, end) == sum(near, RowDigest())


def test_no_segments_hold_nothing() -> None:
    found = SegmentHours.of([], set()).kind(0)
    assert (found.days(), found.between(0, 24)) == ({}, RowDigest())
    assert SegmentHours.of([(1, "{}")], {1}).kind(1).days() == {}
