"""Days that are up to date are made again and held against what is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from tests.build.test_runner import SEEN
from tests.build.toys import STEPS, Toy, source

from whosaw.build.recheck import Rechecked, recheck
from whosaw.build.step import Inputs, Span, Step
from whosaw.store.journal import tables


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Toy]:
    made = Toy(tmp_path / "toy")
    made.run(SEEN)
    yield made
    made.close()


def checked(toy: Toy, most: int | None = None, draw: str = "") -> Rechecked:
    return recheck(toy.plan(), [source(SEEN)], most=most, draw=draw)


def test_what_was_made_is_what_steps_make(toy: Toy) -> None:
    told = checked(toy)
    assert told.differs == ()
    assert told.days == told.every >= len(SEEN)


def test_a_sample_is_drawn_and_nothing_is_written(toy: Toy) -> None:
    before = toy.parts()
    toy.asked.clear()
    assert checked(toy, most=3, draw="one").days == 3
    first = list(toy.asked)
    toy.asked.clear()
    checked(toy, most=3, draw="two")
    assert len(first) == len(toy.asked) == 3
    assert first != toy.asked
    assert toy.parts() == before


def test_what_waits_is_left_out(toy: Toy) -> None:
    later = {**SEEN, 20515: [(1, 5)]}
    toy.asked.clear()
    assert recheck(toy.plan(), [source(later)]).differs == ()
    assert ("sort", 20514, 20514) in toy.asked
    assert ("sort", 20515, 20515) not in toy.asked


def test_a_step_that_makes_something_else_is_named(toy: Toy) -> None:
    """As where a step was changed and its code in the lock was not."""
    (sort,) = [each for each in STEPS if isinstance(each, Step) and each.name == "sort"]

    def other(inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
        return {kind: rows.slice(1) for kind, rows in sort.run(inputs, span).items()}

    toy.steps = [replace(sort, run=other) if each.name == "sort" else each for each in STEPS]
    assert {(each.step, each.damaged) for each in checked(toy).differs} == {("sort", False)}


def test_rows_that_are_not_what_the_journal_says_are_damaged(toy: Toy) -> None:
    (first, *_) = [each for each in toy.parts() if each.kind == STEPS[0].keeps[0]]  # type: ignore[union-attr]
    with toy.workspace.journal.transaction() as connection:
        part = tables.part
        here = (part.c.kind == first.kind, part.c.day == first.day)
        connection.execute(part.update().where(*here).values(digest=f"{first.rows}:{1:032x}"))
    found = [each for each in checked(toy).differs if each.kind == first.kind]
    assert [(each.day, each.damaged) for each in found] == [(first.day, True)]
