"""Known digests are found in their files, whatever commits they came in, and damage is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.core.errors import WhosawError
from whosaw.store.files import ContentStore
from whosaw.store.numbers import known as module
from whosaw.store.numbers.known import Known, KnownFile, Run, merged

WORD = st.sampled_from([0, 1, 7, 1 << 56, 3 << 62, (1 << 64) - 1]) | st.integers(0, (1 << 64) - 1)
DIGEST = st.tuples(WORD, WORD)


def run_of(digests: dict[tuple[int, int], int]) -> Run:
    rows = sorted(digests)
    return Run(
        high=np.array([high for high, _ in rows], np.uint64),
        low=np.array([low for _, low in rows], np.uint64),
        numbers=np.array([digests[each] for each in rows], np.int64),
    )


def found(known: Known, digests: list[tuple[int, int]]) -> list[int]:
    run = run_of(dict.fromkeys(digests, 0))
    return known.find(run.high, run.low).tolist()


def digests_of(known: Known, numbers: list[int]) -> list[tuple[int, int]]:
    rows = known.digests(np.array(numbers, np.int64)).tobytes()
    halves = [int.from_bytes(rows[at : at + 8], "big") for at in range(0, len(rows), 8)]
    return list(zip(halves[::2], halves[1::2], strict=True))


@settings(deadline=None, max_examples=examples(60))  # writes files
@given(
    st.lists(st.sets(DIGEST, max_size=30), max_size=6),
    st.sets(DIGEST, max_size=10),
    st.sampled_from([4, 1 << 21]),
)
def test_what_commits_added_is_found_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory,
    commits: list[set[tuple[int, int]]],
    others: set[tuple[int, int]],
    most: int,
) -> None:
    folder = tmp_path_factory.mktemp("known")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "RANGE_ROWS", most)
        known, numbers = Known(store=ContentStore(folder), kind="client"), dict[tuple[int, int], int]()
        for commit in commits:
            new = {each: len(numbers) + at for at, each in enumerate(sorted(commit - numbers.keys()))}
            numbers |= new
            known = known.grown([run_of(new)], len(new))
        asked = sorted({*numbers, *others})
        assert found(known, asked) == [numbers.get(each, -1) for each in asked]
        assert known.rows == len(numbers)
        assert digests_of(known, list(numbers.values())) == list(numbers)
        again = Known(store=known.store, kind="client", files=known.files)  # as the journal would name them
        assert found(again, asked) == [numbers.get(each, -1) for each in asked]


def test_a_small_file_stands_beside_the_large_one_until_it_is_an_eighth(tmp_path: Path) -> None:
    known = Known(store=ContentStore(tmp_path), kind="person")
    known = known.grown([run_of({(at, 0): at for at in range(100)})], 100)
    (first,) = known.files
    for at in range(100, 112):
        known = known.grown([run_of({(at, 0): at})], 1)
    assert known.files[0] == first
    assert sum(each.rows for each in known.files[1:]) == 12
    known = known.grown([run_of({(112, 0): 112})], 1)
    assert [each.rows for each in known.files if each.level == 0] == [113]  # 13 are an eighth of 100
    assert len(known.files) == 1


def test_a_range_that_nothing_joins_keeps_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RANGE_ROWS", 40)
    known = Known(store=ContentStore(tmp_path), kind="person")
    known = known.grown([run_of({(at << 58, 0): at for at in range(64)})], 64)
    low, high = known.files
    assert (low.rows, high.rows) == (32, 32)
    grown = known.grown([run_of({((at << 58) + 1, 0): 64 + at for at in range(8)})], 8)
    assert high.file in {each.file for each in grown.files}


def test_equal_first_halves_are_told_apart(tmp_path: Path) -> None:
    known = Known(store=ContentStore(tmp_path), kind="person")
    known = known.grown([run_of({(5, low): low for low in range(6)})], 6)
    assert found(known, [(5, 0), (5, 3), (5, 5), (5, 6), (4, 3), (6, 0)]) == [-1, 0, 3, 5, -1, -1]


def test_a_number_gives_its_digest_back(tmp_path: Path) -> None:
    numbers = {
        (0, 3): 1 << 40,
        (9 << 56, 1): 10 << 40,
        ((9 << 56) + 5, 0): (10 << 40) | 1,
        (12 << 56, 0): 13 << 40,
    }
    known = Known(store=ContentStore(tmp_path), kind="token").grown([run_of(numbers)], 4)
    asked = [13 << 40, (10 << 40) | 1, 1 << 40, 13 << 40]
    assert digests_of(known, asked) == [(12 << 56, 0), ((9 << 56) + 5, 0), (0, 3), (12 << 56, 0)]
    known = known.grown([run_of({(200 << 56, 7): 5})], 1)  # of an earlier release
    assert digests_of(known, [5, 10 << 40]) == [(200 << 56, 7), (9 << 56, 1)]
    assert digests_of(known, []) == []
    with pytest.raises(IndexError, match="nobody has"):
        known.digests(np.array([10 << 40, (13 << 40) | 1]))


def test_two_runs_are_put_together_in_order() -> None:
    both = merged(run_of({(1, 5): 1, (1, 7): 2, (9, 0): 3}), run_of({(0, 0): 4, (1, 6): 5, (9, 1): 6}))
    rows = list(zip(both.high.tolist(), both.low.tolist(), both.numbers.tolist(), strict=True))
    assert rows == [(0, 0, 4), (1, 5, 1), (1, 6, 5), (1, 7, 2), (9, 0, 3), (9, 1, 6)]


@pytest.mark.parametrize("damage", ["gone", "short", "head"])
def test_a_damaged_file_is_named(tmp_path: Path, damage: str) -> None:
    store = ContentStore(tmp_path)
    known = Known(store=store, kind="person").grown([run_of({(1, 1): 0, (2, 2): 1})], 2)
    (each,) = known.files
    path = store.path(each.file)
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(data[:-1] if damage == "short" else b"x" + data[1:])
    with pytest.raises(WhosawError, match=each.file) as told:
        Known(store=store, kind="person", files=known.files).find(
            np.array([1], np.uint64), np.array([1], np.uint64)
        )
    assert told.value.code == ("store.missing" if damage == "gone" else "store.damaged")


def test_a_file_of_another_kind_or_range_is_refused(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    (each,) = Known(store=store, kind="person").grown([run_of({(1, 1): 0})], 1).files
    for kind, told in (
        ("address", each),
        ("person", KnownFile(level=0, prefix=1, bits=1, rows=1, file=each.file)),
    ):
        with pytest.raises(WhosawError, match="not hold what the journal says"):
            Known(store=store, kind=kind, files=(told,)).open(told)
