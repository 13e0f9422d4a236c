"""What is told by span of days is what the statements of the database say of all days, and what did not move stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from whosaw.actors.statement import statement
from whosaw.app.findings.span_answers import put_answers
from whosaw.app.findings.span_told import ToldBySpan
from whosaw.app.findings.spans import DaySpan, spans_of
from whosaw.store.schemas import COUNTED, MEMBERS, PROOFS
from whosaw.store.sql import Session
from whosaw.store.workspace import Workspace

FINDINGS = ["f-b", "f-a", "f-c"]
MIXED = [0, 2]
SCHEMAS = {"members": MEMBERS, "counted": COUNTED, "proofs": PROOFS}
LINES = 40
"""Of a day: each line lies on one."""


@dataclass
class Days:
    """Counted views of days, in place of those of a ledger."""

    views: dict[int, pa.Table]
    lacking_: list[int] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)

    def key(self, days: Sequence[int]) -> str:
        return str([self.views[day].to_pylist() for day in days])

    def on(self, days: Sequence[int]) -> tuple[pa.Table, list[list[int]]]:
        self.asked += days
        return pa.concat_tables(self.views[day] for day in days), []

    def still(self, _used: Any) -> bool:
        return True

    def lacking(self, _clients: Any) -> pa.Array:
        return pa.array(self.lacking_, pa.int64())

    def lack_still(self, clients: Sequence[int]) -> bool:
        return not clients

    def instead(self, views: pa.Table) -> pa.Table:
        return views


def views_on(day: int, random: np.random.Generator, rows: int = 60) -> pa.Table:
    """Most clients stand alike on most days, and some are told on several."""
    story, client = random.integers(0, 3, rows), random.integers(0, 12, rows) + day * 6
    standing = np.where(random.random(rows) < 0.1, random.integers(-1, 4, rows), client % 4)
    standing[~np.isin(story, MIXED)] = -1
    return pa.table(
        [
            pa.array(story, pa.int32()),
            pa.array(client, pa.int64()),
            pa.array(random.integers(0, 3, rows), pa.int32()),
            pa.array(random.integers(0, LINES, rows) + day * LINES, pa.int64()),
            pa.array(standing, pa.int8(), mask=standing < 0),
            pa.array(np.ones(rows, np.bool_)),
        ],
        names=["story", "client", "content", "line", "standing", "counted"],
    )


def whole(views: pa.Table, ids: Mapping[str, str]) -> dict[str, list[tuple[Any, ...]]]:
    """The same of all days at once."""
    with Session() as session:
        asked = pa.table({"story": pa.array(MIXED, pa.int64())})
        rows = {
            "members": session.query("SELECT DISTINCT story, client FROM v", v=views),
            "counted": session.query("SELECT DISTINCT story, content, line FROM v", v=views),
            "proofs": session.query(statement("story_proofs"), detect_story_views=views, mixed_stories=asked),
        }
    return {
        kind: ordered((ids[FINDINGS[row.pop("story")]], *row.values()) for row in its.to_pylist())
        for kind, its in rows.items()
    }


def ordered(rows: Iterator[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with closing(Workspace.open(tmp_path / "w", create=True)) as made, made.writing():
        yield made


def put(
    workspace: Workspace, days: Days, spans: Sequence[Sequence[int]], ids: Mapping[str, str]
) -> dict[str, dict[str, int]]:
    named = [DaySpan(str(each[0]), tuple(each)) for each in spans]
    told = ToldBySpan.of(workspace, days, days, days, FINDINGS, named)  # type: ignore[arg-type]
    counted = {(row["finding"], row["content"], row["line"]) for row in told.counted().to_pylist()}
    files = told.put(ids)
    rows = read(workspace, files)
    assert {(ids[finding], *line) for finding, *line in counted} == set(rows["counted"])
    assert rows == whole(pa.concat_tables(days.views.values()), ids)
    return files


def read(workspace: Workspace, files: Mapping[str, Mapping[str, int]]) -> dict[str, list[tuple[Any, ...]]]:
    found = {}
    for kind, names in files.items():
        tables = [pq.read_table(workspace.files.path(name)) for name in names]
        assert [each.num_rows for each in tables] == list(names.values())
        assert all(each.schema.equals(SCHEMAS[kind]) for each in tables)
        found[kind] = ordered(tuple(row.values()) for each in tables for row in each.to_pylist())
    return found


@pytest.mark.parametrize("seed", range(4))
def test_rows_are_those_of_all_days_after_any_change(workspace: Workspace, seed: int) -> None:
    random = np.random.default_rng(seed)
    days = Days({day: views_on(day, random) for day in range(3)})
    ids = {each: each for each in FINDINGS}
    for number in range(8):
        what = int(random.integers(0, 4))
        if what == 0:  # a day more
            days.views[len(days.views)] = views_on(len(days.views), random)
        elif what == 1:  # late lines of clients of other days
            day, other = random.integers(0, len(days.views), 2).tolist()
            late = views_on(other, random, 5)
            late = late.set_column(3, "line", pa.array(random.integers(0, LINES, 5) + day * LINES))
            days.views[day] = pa.concat_tables([days.views[day], late])
        elif what == 2:  # what a finding is called
            ids = {**ids, FINDINGS[int(random.integers(0, 3))]: f"f-{number}"}
        else:  # one that ended on a day
            day = int(random.integers(0, len(days.views)))
            days.views[day] = days.views[day].filter(pa.array(days.views[day]["story"].to_numpy() != 1))
        cut = int(random.integers(1, 3))
        every = sorted(days.views)
        put(workspace, days, [every[at : at + cut] for at in range(0, len(every), cut)], ids)


def test_what_did_not_move_is_neither_read_nor_written(workspace: Workspace) -> None:
    random = np.random.default_rng(7)
    ids = {each: each for each in FINDINGS}
    days = Days({day * 10: views_on(day * 10, random) for day in range(4)})
    before = put(workspace, days, [[day] for day in days.views], ids)
    days.asked.clear()
    assert put(workspace, days, [[day] for day in days.views], ids) == before
    assert not days.asked
    days.views[40] = views_on(40, random)
    after = put(workspace, days, [[day] for day in days.views], ids)
    assert days.asked == [40]
    for kind, names in before.items():
        assert names.items() < after[kind].items(), kind


def test_equal_days_are_equal_files_however_they_came(workspace: Workspace, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    ids = {each: each for each in FINDINGS}
    days = Days({day: views_on(day, random) for day in (1, 2, 3)})
    some = Days({day: days.views[day] for day in (1, 3)})
    put(workspace, some, [[1], [3]], {**ids, "f-a": "f-z"})
    with closing(Workspace.open(tmp_path / "other", create=True)) as other, other.writing():
        spans = [[1], [2], [3]]
        assert put(workspace, days, spans, ids) == put(other, days, spans, ids)


def test_clients_that_the_index_lacks_are_asked_for_again(workspace: Workspace) -> None:
    days = Days({0: views_on(0, np.random.default_rng(1))}, lacking_=[1])
    ids = {each: each for each in FINDINGS}
    for _ in range(2):
        days.asked.clear()
        put(workspace, days, [[0]], ids)
        assert days.asked


class Rows:
    """How many views days have, in place of runs."""

    def __init__(self, rows: Mapping[int, int]) -> None:
        self._rows = rows

    def days(self, _kind: str) -> list[int]:
        return sorted(self._rows)

    def digest(self, _kind: str, day: int) -> str:
        return f"{self._rows[day]}:{0:032x}"

    def rows(self, *_asked: Any) -> pa.Table:
        raise NotImplementedError


def test_few_views_are_one_span_and_a_day_more_leaves_the_others() -> None:
    few = spans_of(Rows({20_000: 3, 20_900: 2}), ["lines"], most=10)
    assert [each.days for each in few] == [(20_000, 20_900)]
    rows = {20_000 + at: 4 for at in range(40)}
    before = spans_of(Rows(rows), ["lines"], most=10)
    after = spans_of(Rows({**rows, 20_040: 4}), ["lines"], most=10)
    assert [day for each in before for day in each.days] == sorted(rows)
    assert all(4 * len(each.days) <= 10 or len(each.days) == 1 for each in before)
    assert set(before) - {before[-1]} <= set(after)
    assert spans_of(Rows({1: 99, 2: 99}), ["lines"], most=10) == [DaySpan("1 of 1", (1,)), DaySpan("2 of 1", (2,))]  # fmt: skip


class Exposures(Rows):
    """Exposures of days, one a view."""

    def __init__(self, rows: Mapping[int, int]) -> None:
        super().__init__(rows)
        self.asked: list[int] = []

    def rows(self, _kind: str, days: Sequence[int], names: list[str]) -> pa.Table:
        self.asked += days
        return pa.table(
            {
                name: np.arange(sum(self._rows[day] for day in days)) % (1 if name == "route" else 1 << 30)
                for name in names
            }
        )


def test_answers_of_days_that_did_not_move_are_not_asked_for(workspace: Workspace) -> None:
    clients = Days({})
    most = 1 << 18
    runs = Exposures({1: most, 2: 5})
    before = put_answers(workspace, clients, runs)  # type: ignore[arg-type]
    assert runs.asked == [1, 2]
    assert sorted(before.values()) == [5, most]
    runs = Exposures({1: most, 2: 6})
    after = put_answers(workspace, clients, runs)  # type: ignore[arg-type]
    assert runs.asked == [2]
    assert sorted(after.values()) == [6, most]
