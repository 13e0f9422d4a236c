"""Ids over a sequence of scans: by hand, and against the program."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.findings import a_finding, crossed, people
from tests.oracle.names import FOUND, GONE, PART, Became, Party, told_after
from tests.wide import examples

from whosaw.core.finding import Finding
from whosaw.core.instants import to_micros
from whosaw.store.repositories.finding_ids import Names, flag_keys


def party(*keys: str) -> Party:
    return Party(keys=keys, raised=0, fresh=f"f-{keys[0]}")


def test_the_oldest_id_stays_and_the_other_becomes_part_of_it() -> None:
    told, ids = told_after([[party("b")], [party("b"), party("d")], [party("a", "b", "d")]])
    assert ids == [["f-b"], ["f-b", "f-d"], ["f-b"]]
    assert told.became == {"f-b": Became(FOUND), "f-d": Became(PART, "f-b")}


def test_what_splits_off_says_from_what_and_what_comes_back_has_its_id() -> None:
    told, ids = told_after([[party("a", "c")], [party("a"), party("c")], [], [party("c")]])
    # the older id was told of that flag, too, and its own flag is not there
    assert ids == [["f-a"], ["f-a", "f-c"], [], ["f-a"]]
    assert told.became == {"f-a": Became(FOUND), "f-c": Became(PART, "f-a", "f-a")}
    told, ids = told_after([[party("a")], [], [party("a")], []])
    assert ids == [["f-a"], [], ["f-a"], []]
    assert told.became == {"f-a": Became(GONE)}


def test_an_id_goes_with_its_own_flag_and_else_with_the_oldest_that_is_there() -> None:
    _, ids = told_after([[party("b", "c")], [party("c"), party("b")]])
    assert ids[1] == ["f-c", "f-b"]
    _, ids = told_after([[party("b", "c", "d")], [party("d", "x"), party("c", "y")]])
    assert ids[1] == ["f-d", "f-b"]


def test_a_part_that_is_itself_again_says_what_it_left() -> None:
    told, ids = told_after([[party("a"), party("b")], [party("a", "b")], [party("a"), party("b")]])
    assert ids[2] == ["f-a", "f-b"]
    assert told.became["f-b"] == Became(FOUND, None, "f-a")


def of_the_program(flags: Sequence[str]) -> Finding:
    crossings = tuple(crossed(each) for each in flags)
    return a_finding(
        id=f"f-{flags[0]}", actor=crossings[0].actor, crossings=crossings, counts=people(len(flags), None)
    )


@st.composite
def histories(draw: st.DrawFn) -> list[list[list[str]]]:
    """By scan, flags in parties."""
    scans = []
    for _ in range(draw(st.integers(1, 5))):
        places = draw(st.lists(st.integers(0, 4), min_size=7, max_size=7))  # 4: not flagged
        groups = [[str(flag) for flag, at in enumerate(places) if at == group] for group in range(4)]
        scans.append([each for each in groups if each])
    return scans


@settings(max_examples=examples(200), deadline=None)
@given(histories())
def test_the_program_tells_the_same(scans: list[list[list[str]]]) -> None:
    names, ids, parties = Names(), [], []
    for scan in scans:
        findings = [of_the_program(flags) for flags in scan]
        parties.append([
            Party(keys=tuple(flag_keys(each)), raised=to_micros(each.raised_at), fresh=each.id) for each in findings
        ])  # fmt: skip
        given_names = names.give(findings)
        names = given_names.names
        ids.append([each.id for each in given_names.findings])
    told, mine = told_after(parties)
    assert mine == ids
    assert {name: (each.state, each.of, each.split_from) for name, each in told.became.items()} == {
        name: (each.state, each.of, each.split_from) for name, each in names.by_id.items()
    }
