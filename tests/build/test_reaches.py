"""What a step reads beside its days: hours that its items decide, sources that hang on runs, and numbers for life."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.build.test_runner import NOON, SEEN
from tests.build.toys import CODE, DAY, KINDS, NOW, STEPS, Toy, source

from whosaw.build.inputs import Surroundings
from whosaw.build.plan import Plan
from whosaw.build.row_digest import RowDigests
from whosaw.build.runner import bring_up_to_date, waiting
from whosaw.build.state import Runs, Source
from whosaw.build.step import Inputs, Read, Span, Step

BY_NAME = {each.name: each for each in STEPS}
SORT = BY_NAME["sort"]


def hours(items: Any) -> int:
    return int(items["hours"])


@pytest.mark.parametrize(("wanted", "reached"), [(0, 1), (1, 1), (13, 3)])
def test_items_decide_how_many_hours_of_a_neighbour_are_read(
    tmp_path: Path, wanted: int, reached: int
) -> None:
    near = replace(
        BY_NAME["near"],
        reads=(Read(kind="times", back=1, on=1, hours_of=hours),),
        items=lambda setup: {"hours": setup["hours"]},
        run=lambda inputs, span: {"midnight": _counted(inputs, span)},
    )
    toy = Toy(tmp_path / "toy", (SORT, near))
    items = {"hours": wanted}
    toy.run(SEEN, items=items)
    seen = {**SEEN, 20513: [*SEEN[20513], (7, NOON)]}  # noon is twelve hours from either neighbour
    assert toy.run(seen, items=items).made["near"] == reached
    toy.close()


def _counted(inputs: Inputs, span: Span) -> pa.Table:
    days = inputs.rows("times", ["time"]).group_by("day").aggregate([([], "count_all")])
    days = days.filter(
        pc.and_(pc.greater_equal(days["day"], span.first), pc.less_equal(days["day"], span.last))
    )
    return days.rename_columns(["day", "many"]).sort_by("day").cast(KINDS["midnight"].in_hand)


# -- a source that hangs on runs: which rows of a table the people of a day meet


class Meeting:
    """Names of people. A day meets those of the people it saw, and is asked for anew where its people changed."""

    def __init__(self, names: Mapping[int, str]) -> None:
        self.names = names
        self.found: dict[tuple[int, str], list[int]] = {}
        self.looked: list[int] = []

    def source(self) -> Source:
        return Source(
            kind="names", digests={}, rows={}, read=lambda _span, _columns: pa.table({}), after=("counts",), again=self.again
        )  # fmt: skip

    def again(self, runs: Runs) -> Source:
        met: dict[int, list[int]] = {}
        for day in runs.days("counts"):
            key = (day, runs.digest("counts", day))
            if key not in self.found:
                self.looked.append(day)
                people = runs.rows("counts", [day], ["person"])["person"].to_pylist()
                self.found[key] = [each for each in people if each in self.names]
            met[day] = self.found[key]

        def read(span: Span, _columns: Sequence[str] | None) -> pa.Table:
            rows = [(day, each) for day, people in met.items() if day in span for each in people]
            columns = list(zip(*sorted(rows), strict=True)) or [(), ()]
            types = (("day", pa.int32()), ("person", pa.int32()))
            return pa.table(
                {name: pa.array(each, of) for each, (name, of) in zip(columns, types, strict=True)}
            )

        told = {
            day: repr([(each, self.names[each]) for each in people]) for day, people in met.items() if people
        }
        return Source(
            kind="names", digests=told, rows={day: len(met[day]) for day in told}, read=read, after=("counts",), again=self.again
        )  # fmt: skip


def _greet(inputs: Inputs, _span: Span) -> Mapping[str, pa.Table]:
    rows = inputs.rows("names")
    none = pa.array([0] * rows.num_rows, pa.int32())
    return {"ended": pa.table([rows["day"], rows["person"], none], schema=KINDS["ended"].in_hand)}


GREET = Step(name="greet", reads=(Read(kind="names"),), keeps=("ended",), run=_greet)


def _plan(toy: Toy, steps: Sequence[Step], **named: Any) -> Plan:
    around = Surroundings(
        store=toy.workspace.files, spill=None, kinds=KINDS, digests=lambda _kind, numbers: numbers, **named
    )
    code = {**CODE, "greet": "greet", "number": "number"}
    return Plan.of(
        toy.workspace.journal, around, RowDigests(toy.workspace.vault), steps, code=code, threads=2
    )


def test_a_source_is_asked_once_more_when_what_it_hangs_on_is_up_to_date(tmp_path: Path) -> None:
    toy = Toy(tmp_path / "toy")
    plan = _plan(toy, (GREET, BY_NAME["count"], SORT))
    meeting = Meeting({3: "Ada"})

    def run(seen: Mapping[int, Sequence[tuple[int, int]]], named: Meeting) -> dict[str, int]:
        meeting.looked.clear()
        there = {"seen": repr(seen), "names": repr(named.names)}
        made = bring_up_to_date(plan, there, lambda _inputs: [source(seen), named.source()], now=NOW).made
        return dict(made)

    assert run(SEEN, meeting)["greet"] == 1  # of five days one saw somebody who has a name
    assert run(SEEN, meeting) == {}
    assert meeting.looked == []
    more = {**SEEN, 20514: [*SEEN[20514], (3, NOON)]}
    assert run(more, meeting) == {"sort": 1, "count": 1, "greet": 1}
    assert meeting.looked == [20514]
    assert run(more, meeting) == {}
    meeting.names = {3: "Grace"}  # another name: the days that meet it, and no look at any
    assert run(more, meeting) == {"greet": 2}
    assert meeting.looked == []
    told = waiting(plan, [source(SEEN), Meeting({3: "Grace"}).source()])
    assert told["sort"] == {"seen": 1}
    toy.close()


# -- numbers


def _number(inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
    rows = inputs.rows("times", ["person"])
    found = []
    for day in range(span.first, span.last + 1):
        people = rows.filter(pc.equal(rows["day"], day))["person"].combine_chunks().unique()
        if len(people):
            found += [(day, number) for number in inputs.numbers("way", people.cast(pa.string())).to_pylist()]
    columns = list(zip(*found, strict=True))
    return {
        "midnight": pa.table(
            [pa.array(each, pa.int32()) for each in columns], schema=KINDS["midnight"].in_hand
        )
    }


class Numbers:
    def __init__(self) -> None:
        self.given: dict[str, int] = {}

    def __call__(self, _kind: str, texts: pa.Array) -> pa.Array:
        return pa.array([self.given.setdefault(each, len(self.given)) for each in texts.to_pylist()])


def test_numbers_are_given_in_the_order_of_days(tmp_path: Path) -> None:
    step = Step(name="number", reads=(Read(kind="times"),), keeps=("midnight",), run=_number, in_order=True)
    toy = Toy(tmp_path / "toy")
    numbers = Numbers()
    plan = _plan(toy, (SORT, step), numbers=numbers)
    many = {20480 + each: [(99 - each, NOON)] for each in range(40)}  # over three months
    bring_up_to_date(plan, {}, lambda _inputs: [source(many)], now=NOW)
    assert list(numbers.given) == [str(99 - each) for each in range(40)]
    toy.close()


def test_a_step_that_is_not_in_order_gives_no_numbers(tmp_path: Path) -> None:
    step = Step(name="number", reads=(Read(kind="times"),), keeps=("midnight",), run=_number)
    toy = Toy(tmp_path / "toy")
    with pytest.raises(ValueError, match="number gives numbers, so it has to be in order"):
        bring_up_to_date(
            _plan(toy, (SORT, step), numbers=Numbers()),
            {},
            lambda _inputs: [source({20511: [(1, DAY - 1)]})],
            now=NOW,
        )
    toy.close()


def test_the_digest_of_lists_is_of_what_is_in_them(tmp_path: Path) -> None:
    toy = Toy(tmp_path / "toy")
    digests = RowDigests(toy.workspace.vault)

    def of(lists: list[list[int] | None], kind: str = "int16") -> str:
        return str(digests.of(pa.table({"routes": pa.array(lists, pa.list_(pa.type_for_alias(kind)))})))

    told = of([[1, 2], [], [3]])
    assert of([[3], [1, 2], []], "int64") == told
    others = [[[1], [2], [3]], [[2, 1], [], [3]], [[1, 2], None, [3]], [[1, 2, 3], [], []]]
    assert len({told, *(of(each) for each in others)}) == 5
    assert (
        str(digests.of(pa.table({"routes": pa.array([[9], [1, 2], [], [3]], pa.list_(pa.int16()))}).slice(1)))
        == told
    )
    toy.close()
