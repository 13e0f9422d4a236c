"""Only days that read what moved since the last round are looked at; where that is not known, all of them are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.build.toys import HOUR, Toy, expected

from whosaw.build.moved import Moved, keep_sources, sources_then
from whosaw.build.state import State
from whosaw.store.parts import facts_learnt, last_rounds
from whosaw.store.remembered import remembered

NOON = 12 * HOUR
DAYS = {day: [(day % 3, NOON), (1, NOON + day)] for day in range(20_654, 20_754)}


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Toy]:
    made = Toy(tmp_path)
    yield made
    made.close()


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often a key was asked for, of steps and of facts."""
    told: Counter[str] = Counter()

    def counting(name: str, first: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*given: Any) -> Any:
            told[name] += 1
            return first(*given)

        return ask

    monkeypatch.setattr(State, "asked", counting("asked", State.asked))
    monkeypatch.setattr(State, "learnt_from", counting("learnt_from", State.learnt_from))
    return told


def test_a_day_more_compares_the_keys_of_a_day(toy: Toy, compared: Counter[str]) -> None:
    toy.run(DAYS)
    compared.clear()
    more = {**DAYS, 20_754: [(1, NOON)]}
    toy.run(more)
    assert toy.rows() == expected(more)
    assert 0 < compared["asked"] < 30
    assert 0 < compared["learnt_from"] < 10


def test_where_it_is_lost_what_sources_held_every_key_is_compared(toy: Toy, compared: Counter[str]) -> None:
    toy.run(DAYS)
    with toy.workspace.journal.transaction() as connection:
        connection.execute(remembered.delete())
    compared.clear()
    more = {**DAYS, 20_700: [(2, NOON)]}
    toy.run(more)
    assert toy.rows() == expected(more)
    assert compared["asked"] > len(DAYS)


def test_what_a_fact_was_when_nobody_asks_is_forgotten_once_it_moved(toy: Toy) -> None:
    days = {day: [(1, NOON)] for day in range(20_510, 20_520)}
    toy.run(days)
    fewer = {day: seen for day, seen in days.items() if day != 20_518} | {20_517: [(1, NOON)] * 9}
    toy.run(fewer)  # nobody asks what was usual as of the day that is gone, and it is another one
    assert 20_518 not in {each.day for each in facts_learnt(toy.workspace.journal)}
    again = {**fewer, 20_518: [(1, NOON)]}
    toy.run(again)
    assert toy.rows() == expected(again)


def test_what_sources_held_is_of_one_round(toy: Toy) -> None:
    toy.run({20_510: [(1, NOON)]})
    (last,) = last_rounds(toy.workspace.journal)
    then = sources_then(toy.workspace.journal, last.id)
    assert then is not None
    assert then.keys() == {"seen"}
    assert sources_then(toy.workspace.journal, last.id + 1) is None
    keep_sources(toy.workspace.journal, 7, {"seen": {1: "one", 2: "two"}})
    told = sources_then(toy.workspace.journal, 7)
    assert told is not None
    moved = Moved(then=told)
    changed = moved.source("seen", {2: "other", 3: "three"})
    assert changed is not None
    assert (set(changed.moved), set(changed.came)) == ({1, 2, 3}, {1, 3})
    assert moved.source("unknown", {1: "one"}) is None
