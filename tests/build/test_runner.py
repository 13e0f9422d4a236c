"""The runner makes what is stale and nothing else, and what it makes depends on nothing but what was read."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.build.toys import CODE, DAY, HOUR, ITEMS, KINDS, STEPS, Toy, expected
from tests.wide import examples

from whosaw.build import pieces
from whosaw.build import round as of_a_round
from whosaw.build.fact import Fact
from whosaw.build.state import Source, State
from whosaw.build.step import Read, Span, Step
from whosaw.core.errors import WhosawError
from whosaw.store import parts
from whosaw.store.journal import tables
from whosaw.store.parts import (
    facts_learnt,
    forget_retired,
    last_rounds,
    parts_in_force,
    steps_made,
)

NOON = 12 * HOUR
# five days about the end of a month (day 20514 is 2 March 2026)
SEEN = {
    20510: [(1, NOON), (1, NOON + 5), (2, 7)],
    20511: [(1, 9), (3, NOON)],
    20512: [(1, NOON), (2, NOON), (2, 3 * HOUR), (2, 4 * HOUR)],
    20513: [(2, DAY - 1)],
    20514: [(1, 5), (2, NOON)],
}


@pytest.fixture
def by_month(monkeypatch: pytest.MonkeyPatch) -> None:
    """No half-year is few rows."""
    monkeypatch.setattr(of_a_round, "_FEW_ROWS", -1)


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Toy]:
    made = Toy(tmp_path / "toy")
    yield made
    made.close()


def _with(day: int, *rows: tuple[int, int]) -> dict[int, list[tuple[int, int]]]:
    return {**SEEN, day: [*SEEN.get(day, []), *rows]}


def _places(toy: Toy) -> list[tuple[Any, ...]]:
    return [
        (each.kind, each.day, each.range, each.file, each.first, each.rows, each.digest)
        for each in toy.parts()
    ]


def test_all_is_made_as_the_rules_say(toy: Toy) -> None:
    outcome = toy.run(SEEN)
    assert toy.rows() == expected(SEEN)
    assert dict(outcome.made) == {"sort": 5, "count": 5, "streak": 6, "near": 5, "judge": 5}
    assert {each.name: each.value for each in facts_learnt(toy.workspace.journal)}.keys() == {"usual"}


def test_days_that_lie_together_are_asked_together_month_by_month(by_month: None, toy: Toy) -> None:
    toy.run({**SEEN, 20500: [(9, 9)]})
    assert [each[1:] for each in toy.asked if each[0] == "count"] == [
        (20500, 20500),
        (20510, 20512),
        (20513, 20514),
    ]


def test_months_of_few_rows_are_made_together(toy: Toy) -> None:
    toy.run({**SEEN, 20500: [(9, 9)]})
    assert [each[1:] for each in toy.asked if each[0] == "count"] == [(20500, 20500), (20510, 20514)]
    assert toy.rows() == expected({**SEEN, 20500: [(9, 9)]})


def test_nothing_new_runs_nothing_and_writes_nothing(toy: Toy) -> None:
    toy.run(SEEN)
    before = len(last_rounds(toy.workspace.journal, 10))
    outcome = toy.run(SEEN)
    assert (toy.asked, dict(outcome.made), dict(outcome.learnt)) == ([], {}, {})
    assert len(last_rounds(toy.workspace.journal, 10)) == before == 1


_TIMES = st.sampled_from([0, HOUR - 1, HOUR, NOON, DAY - HOUR, DAY - 1])
_WORLD = st.dictionaries(
    st.integers(20505, 20520), st.lists(st.tuples(st.integers(1, 3), _TIMES), max_size=5), max_size=7
)


@settings(max_examples=examples(30))
@given(history=st.lists(_WORLD, min_size=1, max_size=3), data=st.data())
def test_any_history_ends_as_one_run_of_all(
    history: list[dict[int, list[tuple[int, int]]]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        toy, once = Toy(Path(folder, "many")), Toy(Path(folder, "once"))
        for seen in history:
            toy.run(
                seen,
                threads=data.draw(st.sampled_from([1, 3])),
                memory_bytes=data.draw(st.sampled_from([1, 1 << 34])),
            )
            assert toy.rows() == expected(seen)
        once.run(history[-1])
        same = [[(each.kind, each.day, each.digest) for each in ledger.parts()] for ledger in (toy, once)]
        toy.close()
        once.close()
        assert same[0] == same[1]


@pytest.mark.parametrize(("threads", "memory"), [(4, 1 << 34), (1, 1), (4, 1)])
def test_files_are_the_same_whatever_threads_and_memory(tmp_path: Path, threads: int, memory: int) -> None:
    places = []
    for name, options in (("plain", {}), ("other", {"threads": threads, "memory_bytes": memory})):
        toy = Toy(tmp_path / name)
        toy.run(SEEN, **options)
        toy.run(_with(20511, (7, NOON)), **options)
        places.append(_places(toy))
        if memory == 1:  # nothing fits, so each day is asked for by itself
            assert name == "plain" or all(first == last for _, first, last in toy.asked)
        toy.close()
    assert places[0] == places[1]


# -- what is stale


def _ran(toy: Toy) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for name, first, last in toy.asked:
        found.setdefault(name, []).extend(range(first, last + 1))
    return found


def test_late_rows_make_their_day_and_what_looks_at_it(toy: Toy) -> None:
    toy.run(SEEN)
    late = _with(20511, (3, NOON))
    outcome = toy.run(late)
    assert toy.rows() == expected(late)
    # person 3 was there before, so nobody's streak is another; noon touches no midnight of a neighbour; and of the three days
    # that the fact is learnt from, 9 rows became 10 (a quarter of both is 2) but as of the last day 7 became 8
    assert _ran(toy) == {
        "sort": [20511],
        "count": [20511],
        "near": [20511],
        "streak": [20511],
        "judge": [20511, 20514],
    }
    assert outcome.same["streak"] == 1


def test_a_row_near_midnight_reaches_the_neighbour_it_is_near_to(toy: Toy) -> None:
    toy.run(SEEN)
    late = _with(20511, (3, DAY - 5))
    toy.run(late)
    assert toy.rows() == expected(late)
    assert _ran(toy)["near"] == [20511, 20512]


def test_of_a_source_too_only_the_hours_that_are_read_are_in_the_key(tmp_path: Path) -> None:
    near = next(each for each in STEPS if each.name == "near")
    assert isinstance(near, Step)
    beside = replace(near, reads=(Read(kind="seen", back=1, on=1, hours=1),), run=_near_of_seen(near))
    toy = Toy(tmp_path / "toy", [beside])
    toy.run(SEEN)
    for late, ran in ((NOON, [20511]), (5, [20510, 20511]), (DAY - 5, [20511, 20512])):
        toy.run(SEEN)
        toy.run(_with(20511, (3, late)))
        assert _ran(toy) == {"near": ran}
        assert toy.rows()["midnight"] == expected(_with(20511, (3, late)))["midnight"]
    toy.close()


def _near_of_seen(near: Step) -> Any:
    def run(inputs: Any, span: Span) -> Any:
        class Seen:
            @staticmethod
            def rows(_kind: str, columns: list[str]) -> Any:
                return inputs.rows("seen", columns)

        return near.run(Seen(), span)  # type: ignore[arg-type]  # it asks for rows alone

    return run


def test_a_fact_may_ask_another_fact(tmp_path: Path) -> None:
    """Twice what is usual, as of the same day: it is learnt anew where that changes, and then reaches what asks it."""
    usual = next(each for each in STEPS if isinstance(each, Fact))

    def doubled(inputs: Any, days: Any) -> Any:
        return {day: 2 * inputs.fact("usual", day)["of four"] for day in days}

    def over(inputs: Any, span: Span) -> Any:
        bars = {day: inputs.fact("double", day) for day in range(span.first, span.last + 1)}
        return {
            "over": pa.table(
                [list(bars), [0] * len(bars), [0] * len(bars), list(bars.values())],
                schema=KINDS["over"].in_hand,
            )
        }

    double = Fact(
        name="double", reads=("counts",), run=doubled, window=lambda _known, _day: (), facts=("usual",)
    )
    judge = Step(name="judge", reads=(Read(kind="counts"),), facts=("double",), keeps=("over",), run=over)
    others = [each for each in STEPS if each.name in ("sort", "count")]
    toy = Toy(tmp_path / "toy", [judge, double, usual, *others])
    code = {**CODE, "double": ""}
    toy.run(SEEN, code=code)
    # quarters of the rows of three days: 3 + 2 + 4 of hindsight, then 2 + 4 + 1 as of the last day
    assert {day: rows[0][2] for day, rows in toy.rows()["over"].items()} == {
        20510: 4, 20511: 4, 20512: 4, 20513: 4, 20514: 2
    }  # fmt: skip
    toy.run(_with(20511, (3, NOON)), code=code)
    assert _ran(toy)["judge"] == [20511, 20514]
    assert toy.rows()["over"][20514][0][2] == 4
    toy.close()


def test_the_same_output_ends_it(toy: Toy) -> None:
    """Early cut-off: another time of the same day gives other times and the same counts, so nothing behind these is run."""
    toy.run(SEEN)
    moved = {**SEEN, 20513: [(2, DAY - 2)]}
    outcome = toy.run(moved)
    assert toy.rows() == expected(moved)
    assert _ran(toy) == {"sort": [20513], "count": [20513], "near": [20513, 20514]}
    assert dict(outcome.same) == {"sort": 0, "count": 1, "near": 2}


def test_what_a_chain_keeps_reaches_as_far_as_it_differs(toy: Toy) -> None:
    """Person 1 comes on 10, 11, 12: once 11 is without them, what is open differs on 11 and 12, and on 13 no more."""
    toy.run(SEEN)
    fewer = {**SEEN, 20511: [(3, NOON)]}
    toy.run(fewer)
    assert toy.rows() == expected(fewer)
    assert _ran(toy)["streak"] == [20511, 20512, 20513]


def test_a_fact_that_rounds_to_the_same_reaches_nothing(tmp_path: Path) -> None:
    seen = {day: [(1, NOON)] * 4 for day in range(20505, 20512)}
    toy = Toy(tmp_path / "toy")
    toy.run(seen)
    more = {**seen, 20506: [*seen[20506], (1, NOON)]}  # 13 in three days are three fours, as 12 are
    outcome = toy.run(more)
    assert toy.rows() == expected(more)
    assert (
        outcome.learnt["usual"] == 7 - 2
    )  # hindsight of 3 days and the 2 days whose three days before hold it
    assert _ran(toy)["judge"] == [20506]
    toy.close()


def test_another_field_of_an_item_makes_the_step_that_names_it(toy: Toy) -> None:
    toy.run(SEEN)
    toy.run(SEEN, items={**ITEMS, "title": "another text"})
    assert toy.asked == []
    toy.run(SEEN, items={**ITEMS, "bar": 2})
    assert toy.rows() == expected(SEEN, bar=2)
    assert _ran(toy).keys() == {"judge"}


def test_other_code_makes_the_step_again_and_no_other_if_its_rows_are_the_same(toy: Toy) -> None:
    toy.run(SEEN)
    before = _places(toy)
    outcome = toy.run(SEEN, code={**CODE, "count": "another"})
    assert _ran(toy).keys() == {"count"}
    assert outcome.same["count"] == outcome.made["count"] == 5
    assert _places(toy) == before  # what came out as it was stays where it is


def test_a_day_that_is_gone_leaves_a_tombstone(toy: Toy) -> None:
    toy.run(SEEN)
    fewer = {day: rows for day, rows in SEEN.items() if day != 20512}
    outcome = toy.run(fewer)
    assert toy.rows() == expected(fewer)
    assert outcome.gone["sort"] == outcome.gone["count"] == outcome.gone["near"] == 1
    left = toy.workspace.journal.rows(tables.tombstone.select())
    assert ("times", 20512, 2, "nothing is left that it was made of") in {
        (row["kind"], row["day"], row["round"], row["why"]) for row in left
    }
    digests = {(each.kind, each.day): each.digest for each in toy.parts(at=1)}
    assert all(row["digest"] == digests[row["kind"], row["day"]] for row in left)
    assert 20512 not in {each.day for each in steps_made(toy.workspace.journal) if each.step == "sort"}


def test_what_waits_is_told_by_what_changed(toy: Toy) -> None:
    assert toy.waiting(SEEN) == {"sort": {"a new day": 5}, "count": {}, "streak": {}, "near": {}, "judge": {}}
    toy.run(SEEN)
    assert toy.waiting(SEEN) == {"sort": {}, "count": {}, "streak": {}, "near": {}, "judge": {}}
    assert toy.waiting(_with(20511, (3, NOON)))["sort"] == {"seen": 1}
    assert toy.waiting(SEEN, code={**CODE, "near": "x"})["near"] == {"the program": 5}
    assert toy.waiting(SEEN, items={**ITEMS, "bar": 9})["judge"] == {"the items": 5}
    assert toy.waiting({20510: SEEN[20510]})["sort"] == {"a day that is gone": 4}


def test_a_reader_sees_the_last_round_that_ended(toy: Toy) -> None:
    toy.run(SEEN)
    toy.run(_with(20511, (7, NOON)))
    assert toy.rows(at=1) == expected(SEEN)
    assert toy.rows(at=2) == toy.rows() == expected(_with(20511, (7, NOON)))


def test_what_only_an_earlier_round_saw_can_be_forgotten(toy: Toy) -> None:
    one, other = {20510: SEEN[20510]}, {20510: [*SEEN[20510], (7, NOON)]}
    toy.run(one)
    toy.run(other)
    first = {each.file for each in toy.parts(at=1)}
    with toy.workspace.journal.transaction() as connection:
        assert forget_retired(connection, 1) == 0  # a reader may still be at the first
    assert toy.rows(at=1) == expected(one)
    with toy.workspace.journal.transaction() as connection:
        assert forget_retired(connection, 2) > 0
    assert toy.rows() == toy.rows(at=2) == expected(other)
    named = {row["file"] for row in toy.workspace.journal.rows(tables.part.select())}
    assert named == {each.file for each in toy.parts()}
    assert first - named


def test_rounds_of_long_ago_are_forgotten(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_ROUNDS", 1)
    for person in range(4):
        toy.run({20510: [(person, NOON)]})
    assert [each.id for each in last_rounds(toy.workspace.journal, 9)] == [4, 3]
    toy.run({20510: [(9, NOON)]})
    assert last_rounds(toy.workspace.journal)[0].id == 5


# -- memory


def test_only_the_piece_that_did_not_fit_is_run_again(toy: Toy, by_month: None) -> None:
    def within(name: str, span: Span, _rows: int) -> None:
        if name == "near" and span.first < 20511 < span.last:
            raise MemoryError

    toy.within = within
    outcome = toy.run(SEEN)
    assert [each[1:] for each in toy.asked if each[0] == "near"] == [
        (20510, 20512), (20510, 20511), (20512, 20512), (20513, 20514)
    ]  # fmt: skip
    assert outcome.cut == {"near": 1}
    assert len([each for each in toy.asked if each[0] == "count"]) == 2
    assert toy.rows() == expected(SEEN)


def test_days_with_few_rows_between_are_asked_together_and_none_between_is_kept_anew(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.run(SEEN)
    monkeypatch.setattr(pieces, "_FEW_BETWEEN", 100)
    late = {**_with(20511, (7, NOON)), 20514: _with(20514, (7, NOON))[20514]}
    outcome = toy.run(late)
    assert [each[1:] for each in toy.asked if each[0] == "count"] == [(20511, 20514)]
    assert outcome.made["count"] == 2
    assert toy.rows() == expected(late)


def test_want_of_memory_in_the_engine_is_met_the_same_way(toy: Toy) -> None:
    def within(name: str, span: Span, _rows: int) -> None:
        if name == "streak" and span.first != span.last:
            raise WhosawError("store.no-memory", "the work did not fit the memory it may use")

    toy.within = within
    outcome = toy.run(SEEN)
    assert outcome.cut["streak"] > 0
    assert toy.rows() == expected(SEEN)


def test_a_day_is_cut_by_persons_where_the_step_can(tmp_path: Path) -> None:
    seen = {20510: [(person, NOON) for person in range(40)]}
    toys = Toy(tmp_path / "cut"), Toy(tmp_path / "whole")
    many: list[int] = []

    def within(name: str, _span: Span, rows: int) -> None:
        if name == "count":
            many.append(rows)
            if rows > 12:
                raise MemoryError

    toys[0].within = within
    outcome = toys[0].run(seen)
    toys[1].run(seen)
    assert outcome.cut["count"] >= 3
    assert sum(each for each in many if each <= 12) == 40  # each person was asked about once
    assert _places(toys[0]) == _places(toys[1])
    for toy in toys:
        toy.close()


def test_a_day_that_cannot_be_cut_is_told_clearly(toy: Toy) -> None:
    def within(name: str, span: Span, _rows: int) -> None:
        if name == "sort" and 20512 in span:
            raise MemoryError

    toy.within = within
    with pytest.raises(
        WhosawError, match=r"the step sort of 2026-02-28 did not fit .* MiB of memory"
    ) as told:
        toy.run(SEEN)
    assert told.value.code == "build.no-memory"
    toy.within = lambda _name, _span, _rows: None
    toy.run(SEEN)
    assert toy.rows() == expected(SEEN)
    assert len(last_rounds(toy.workspace.journal, 9)) == 1  # the one that was begun was ended


def test_another_fault_is_no_want_of_memory(toy: Toy) -> None:
    def within(name: str, _span: Span, _rows: int) -> None:
        if name == "count":
            raise ZeroDivisionError

    toy.within = within
    with pytest.raises(ZeroDivisionError):
        toy.run(SEEN, threads=3)
    assert [each for each in toy.asked if each[0] == "streak"] == []


def test_after_a_fault_what_else_runs_is_ended(tmp_path: Path) -> None:
    """One step asks something that takes days, the other fails once that is under way."""
    asked = threading.Event()

    def long(inputs: Any, _span: Span) -> Any:
        session = inputs.session
        asked.set()
        session.query("SELECT sum(a.range * b.range) FROM range(100_000_000) a, range(100_000_000) b")

    def fails(*_: Any) -> Any:
        assert asked.wait()
        raise ZeroDivisionError

    reads = (Read(kind="seen"),)
    toy = Toy(
        tmp_path / "toy",
        [
            Step(name="long", reads=reads, keeps=("times",), run=long),
            Step(name="fails", reads=reads, keeps=("counts",), run=fails),
        ],
    )
    with pytest.raises(ZeroDivisionError):
        toy.run({20510: [(1, 1)]}, code={"long": "", "fails": ""}, threads=2)
    toy.close()


def test_neighbours_that_are_sifted_weigh_less() -> None:
    days = range(5)
    source = Source(
        kind="seen",
        digests=dict.fromkeys(days, "told"),
        rows=dict.fromkeys(days, 80),
        read=lambda _span, _names: pa.table({}),
    )
    read = Read(kind="seen", back=2, on=1)
    weighs = {}
    for each in (read, replace(read, sifted=True)):
        step = Step(name="look", reads=(each,), keeps=("looked",), run=lambda _inputs, _span: {})
        state = State(makers={}, code={}, items={}, sources={"seen": source})
        weighs[each.sifted] = state.rows_to_read(step, Span(2, 3))
    assert weighs == {False: 5 * 80, True: 2 * 80 + 3 * 80 // 8}


def test_what_runs_at_once_fits_the_memory_and_the_largest_begins(tmp_path: Path) -> None:
    sizes = {"a": 50, "b": 30, "c": 60, "d": 20, "e": 40}
    steps = [
        replace(
            step, name=name, keeps=(kind,), run=_only(step, kind), memory=lambda _rows, name=name: sizes[name]
        )
        for name, kind in zip(sizes, ("times", "counts", "open", "midnight", "over"), strict=True)
        for step in [Step(name="", reads=(Read(kind="seen"),), keeps=(), run=_nothing)]
    ]
    toy = Toy(tmp_path / "toy", steps)
    lock, active, most, begun = threading.Condition(), dict[str, int](), [0], list[str]()

    def within(name: str, _span: Span, _rows: int) -> None:
        with lock:
            active[name] = sizes[name]
            begun.append(name)
            most[0] = max(most[0], sum(active.values()))
            lock.notify_all()
            if len(begun) == 1:  # wait for the one that fits beside the largest: 60 and 40
                assert lock.wait_for(lambda: len(begun) > 1)
            del active[name]

    toy.within = within
    toy.run({20510: [(1, NOON)]}, code=dict.fromkeys(sizes, ""), threads=5, memory_bytes=100)
    assert sorted(begun[:2]) == ["c", "e"]
    assert most[0] <= 100
    assert sorted(begun) == sorted(sizes)
    toy.close()


def _nothing(*_: object) -> Any:
    raise AssertionError


def _only(_step: Step, kind: str) -> Any:
    return lambda _inputs, _span: {kind: KINDS[kind].in_hand.empty_table()}


def test_a_fact_that_does_not_fit_is_learnt_of_half_the_days_at_a_time(tmp_path: Path) -> None:
    asked: list[int] = []

    def run(inputs: Any, days: Any) -> Any:
        asked.append(len(days))
        if len(days) > 2:
            raise MemoryError
        return usual.run(inputs, days)

    (usual,) = (each for each in STEPS if isinstance(each, Fact))
    toy = Toy(tmp_path / "toy", [replace(usual, run=run) if each is usual else each for each in STEPS])
    toy.run(SEEN)
    assert asked == [5, 2, 3, 1, 2]
    assert toy.rows() == expected(SEEN)
    toy.close()


# -- ranges


def test_a_large_run_is_cut_into_ranges_that_hold_the_same_rows(tmp_path: Path) -> None:
    seen = {20510: [(person, NOON) for person in range(40)], 20511: [(1, NOON)]}
    toy, whole = Toy(tmp_path / "cut"), Toy(tmp_path / "whole")
    toy.run(seen, range_rows=12)
    whole.run(seen)
    times = [each for each in toy.parts() if each.kind == "times" and each.day == 20510]
    assert len(times) > 3
    assert {len(each.range) for each in times} == {len(times[0].range)}
    assert all(each.rows <= 12 for each in times)
    found, wanted = toy.rows(), whole.rows()
    for kind in found:
        assert {day: sorted(rows) for day, rows in found[kind].items()} == {
            day: sorted(rows) for day, rows in wanted[kind].items()
        }
    keys = [
        [(each.step, each.day, each.key) for each in steps_made(ledger.workspace.journal)]
        for ledger in (toy, whole)
    ]
    assert keys[0] == keys[1]  # a day is the sum of its ranges
    toy.close()
    whole.close()


def test_small_runs_of_months_that_are_made_together_stand_in_one_file(toy: Toy) -> None:
    toy.run(SEEN)
    times = [each for each in toy.parts() if each.kind == "times"]
    assert [(each.day, each.first) for each in times] == [
        (20510, 0),
        (20511, 3),
        (20512, 5),
        (20513, 9),
        (20514, 10),
    ]
    assert len({each.file for each in times}) == 1


def test_runs_of_a_month_that_is_not_few_rows_stand_in_one_file(toy: Toy, by_month: None) -> None:
    toy.run(SEEN)
    times = [each for each in toy.parts() if each.kind == "times"]
    assert [(each.day, each.first) for each in times] == [
        (20510, 0),
        (20511, 3),
        (20512, 5),
        (20513, 0),
        (20514, 1),
    ]
    assert len({each.file for each in times}) == 2  # February and March


# -- what is refused


def test_a_step_must_make_what_it_said_of_the_days_it_was_asked_about(tmp_path: Path) -> None:
    def other_day(inputs: Any, span: Span) -> Any:
        return {
            "times": inputs.rows("seen").set_column(
                0, "day", [[span.last + 1] * inputs.rows("seen").num_rows]
            )
        }

    for number, (run, said) in enumerate([(other_day, "of others"), (lambda *_: {}, "made \\[\\]")]):
        toy = Toy(
            tmp_path / str(number), [Step(name="sort", reads=(Read(kind="seen"),), keeps=("times",), run=run)]
        )
        with pytest.raises(ValueError, match=said):
            toy.run({20510: [(1, 1)]})
        toy.close()


def test_a_step_is_given_what_it_named_and_nothing_else(tmp_path: Path) -> None:
    for number, asks in enumerate(
        (lambda inputs: inputs.rows("counts"), lambda inputs: inputs.fact("usual", 1))
    ):
        run = lambda inputs, _span, asks=asks: asks(inputs)  # noqa: E731
        toy = Toy(
            tmp_path / str(number), [Step(name="sort", reads=(Read(kind="seen"),), keeps=("times",), run=run)]
        )
        with pytest.raises(KeyError, match="does not"):
            toy.run({20510: [(1, 1)]})
        toy.close()


def test_steps_that_wait_for_one_another_are_refused(tmp_path: Path) -> None:
    one = Step(name="one", reads=(Read(kind="open"),), keeps=("ended",), run=_nothing)
    other = Step(name="other", reads=(Read(kind="ended"),), keeps=("open",), run=_nothing)
    for steps, said in (
        ([one, other], "wait for one another: one, other"),
        ([one, replace(one, name="two")], "ended is kept by one and by two"),
        ([one, one], "two steps have one name"),
        ([replace(one, reads=(Read(kind="open"), Read(kind="open", back=1)))], "one reads a kind twice"),
    ):
        toy = Toy(tmp_path / said, steps)
        with pytest.raises(ValueError, match=said):
            toy.run({}, code={"one": "", "other": "", "two": ""})
        toy.close()
    toy = Toy(tmp_path / "no", [one])
    with pytest.raises(ValueError, match="one reads open, which must have one origin"):
        toy.run({}, code={"one": ""})
    toy.close()


def test_a_workspace_of_an_earlier_release_opens_and_gets_its_tables(toy: Toy) -> None:
    journal = toy.workspace.journal
    with journal.transaction() as connection:
        for table in (tables.part, tables.made, tables.fact, tables.rounds, tables.tombstone):
            table.drop(connection)
    assert (parts_in_force(journal), steps_made(journal), facts_learnt(journal), last_rounds(journal)) == (
        [],
        [],
        [],
        [],
    )
    toy.run(SEEN)
    assert toy.rows() == expected(SEEN)


def test_days_that_came_one_by_one_lie_together_in_the_end(toy: Toy) -> None:
    seen: dict[int, list[tuple[int, int]]] = {}
    for day in range(20496, 20515):  # from 12 February to 2 March
        seen[day] = [(day % 3, NOON), (9, day % 7)]
        toy.run(seen)
    times = [each for each in toy.parts() if each.kind == "times"]
    february = {each.file for each in times if each.day < 20513}
    assert len(february) == 1
    assert len({each.file for each in times}) == 3  # and the two days of March, of which one is open
    assert toy.rows() == expected(seen)
    assert toy.run(seen).made == {}


def test_what_there_was_is_not_looked_at(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    toy.run(SEEN)

    def looked(*_: object) -> Any:
        raise AssertionError("the state was loaded")

    with monkeypatch.context() as patch:
        patch.setattr("whosaw.build.runner.state_of", looked)
        assert toy.run(SEEN).made == {}
        with pytest.raises(AssertionError, match="loaded"):
            toy.run(_with(20511, (3, NOON)))
        with pytest.raises(AssertionError, match="loaded"):
            toy.run(SEEN, items={**ITEMS, "bar": 9})


def test_what_a_step_made_that_is_no_more_goes(tmp_path: Path) -> None:
    toy = Toy(tmp_path / "toy")
    toy.run(SEEN)
    before = len(last_rounds(toy.workspace.journal, 9))
    toy.steps = [each for each in STEPS if each.name not in ("judge", "usual")]
    assert toy.run(SEEN).made == {}
    assert {each.kind for each in toy.parts()} == KINDS.keys() - {"over"}
    assert "judge" not in {each.step for each in steps_made(toy.workspace.journal)}
    toy.steps = STEPS
    assert dict(toy.run(SEEN).made) == {"judge": 5}
    assert toy.rows() == expected(SEEN)
    assert len(last_rounds(toy.workspace.journal, 9)) == before + 2
    toy.close()
