"""Rows of the days held against the rows of the index of now, whose differences may be of one kind alone."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from tests.store.days.from_old import Old, rows_of, with_content

from whosaw.core import client
from whosaw.store.days.exposures import added_exposures, exposures_of
from whosaw.store.days.views import DayRows

SHARED = ["person", "time", "content", "line", "client", "route", "extra", "unsure"]
TRIED = ["person", "time", "content", "line", "client", "status"]
EXPOSED = ["person", "client", "route", "first", "last", "views", "extra", "unbounded", "possible"]
Line = tuple[int, int]


def check_equal(old: Old, made: DayRows) -> dict[Line, Line]:
    """Assert that the days say what the index says. Returns which copy counts now, by the copy that counted: nothing else may
    differ, and of the two the one that counts now has the smaller (digest of its file, line)."""
    moved = _moved(old, made)
    views = with_content(old.index("views"), old)
    before = [] if views is None else rows_of(views.filter(pc.invert(views["duplicate"])).select(SHARED))
    assert Counter(_with(moved, before, 2)) == Counter(rows_of(made.views.select(SHARED)))
    tries = with_content(old.index("tries"), old)
    before = [] if tries is None else rows_of(tries.select(TRIED))
    assert Counter(_with(moved, before, 2)) == Counter(rows_of(made.tries.select(TRIED)))
    twins = old.index("twins")
    before = []
    if twins is not None:
        before = rows_of(with_content(with_content(twins, old), old, "act_segment", "act_content"))
    now = rows_of(made.twins.drop_columns(["day"]))
    assert Counter(_with(moved, _with(moved, before, 0), 2)) == Counter(now)
    _check_traits(old, made)
    _check_exposures(old, made)
    return moved


def _with(moved: dict[Line, Line], rows: list[tuple], at: int) -> list[tuple]:
    """The rows, where the line at these columns is the copy that counts now."""
    return [
        (*row[:at], *moved.get((row[at], row[at + 1]), (row[at], row[at + 1])), *row[at + 2 :])
        for row in rows
    ]


def _moved(old: Old, made: DayRows) -> dict[Line, Line]:
    """Held against the lines that repeat others: as many of each hash as before, and of copies that are told apart by their file alone."""
    cross = with_content(old.index("duplicates"), old)
    inside, hashes = [], {}
    for segment in old.segments:
        table = pq.read_table(segment.events, columns=["line", "time", "hash", "duplicate"])
        for line, time, value, duplicate in rows_of(table):
            hashes[segment.content, line] = (value, time)
            if duplicate:
                inside.append((segment.content, line, time // 3_600_000_000))
    before = [*inside, *([] if cross is None else rows_of(cross.select(["content", "line", "hour"])))]
    now = rows_of(made.repeats.select(["content", "line", "hour"]))
    assert len(set(before)) == len(before) == len(now) == len(set(now))
    gone, new = sorted(set(before) - set(now)), sorted(set(now) - set(before))
    assert Counter((hashes[row[:2]], row[2]) for row in gone) == Counter(
        (hashes[row[:2]], row[2]) for row in new
    )
    by_hash: dict[object, list[Line]] = {}
    for row in gone:
        by_hash.setdefault(hashes[row[:2]], []).append(row[:2])
    moved = {}
    for row in new:
        counts = by_hash[hashes[row[:2]]].pop()
        place = [(old.files[content], line) for content, line in (counts, row[:2])]
        assert place[0] < place[1], "the copy that counts now has not the smaller digest"
        moved[row[:2]] = counts
    return moved


def _check_traits(old: Old, made: DayRows) -> None:
    """Every view and every try has the columns of its client."""
    clients = old.index("clients")
    if clients is None:
        return
    known = {row["client"]: row for row in clients.drop_columns(["digest"]).to_pylist()}
    for table in (made.views, made.tries):
        for row in table.select(["client", *client.NAMES]).to_pylist():
            said = known[row["client"]]
            assert {name: row[name] for name in client.NUMBERED} == {
                name: said[name] for name in client.NUMBERED
            }
            texts = {
                name: None if said[name] is None else old.texts[name][said[name]] for name in client.CLEAR
            }
            assert {name: row[name] for name in client.CLEAR} == texts


def _check_exposures(old: Old, made: DayRows) -> None:
    parts = old.index("exposures")
    whole = added_exposures([exposures_of(made.views, old.digests)], old.digests)
    if parts is None:
        assert not whole.num_rows
        return
    aggregates = [
        ("first", "min"),
        ("last", "max"),
        ("views", "sum"),
        ("extra", "max"),
        ("unbounded", "sum"),
        ("possible", "sum"),
    ]
    added = pa.TableGroupBy(parts, ["person", "client", "route"]).aggregate(aggregates)
    added = added.select(["person", "client", "route", *("_".join(each) for each in aggregates)])
    assert Counter(rows_of(added)) == Counter(rows_of(whole.select(EXPOSED)))
