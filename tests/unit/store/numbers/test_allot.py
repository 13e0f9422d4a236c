"""Numbers for life: the next ones in order of the digests, whatever the order and the cuts, and nothing half given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.core.errors import WhosawError
from whosaw.store import partitions
from whosaw.store.files import ContentStore
from whosaw.store.journal import Journal
from whosaw.store.numbers import allot as module
from whosaw.store.numbers.allot import MOST_DENSE, Allotted, allot, in_order_of_digest
from whosaw.store.numbers.check import history_faults
from whosaw.store.numbers.history import History, load_history
from whosaw.store.numbers.known import Known, Run

Digest = tuple[int, int]
WORD = st.sampled_from([0, 1, 5 << 56, (1 << 64) - 1]) | st.integers(0, (1 << 64) - 1)
DIGESTS = st.lists(st.tuples(WORD, st.integers(0, 3)), max_size=25)


class Numbers:
    """Digests that are numbered commit by commit, as a scan does it."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder, self.kind = folder, kind
        self.known, self.free = Known(store=ContentStore(folder), kind=kind), dict[int, int]()

    def given(self, pieces: Sequence[Sequence[Digest]], threads: int = 1) -> Allotted:
        starts = np.cumsum([0, *map(len, pieces)]).tolist()
        local = [
            (*words(each), np.arange(start, start + len(each)))
            for each, start in zip(pieces, starts[:-1], strict=True)
        ]
        return allot(self.known, self.free, local, expected=starts[-1], folder=self.folder, threads=threads)

    def commit(self, pieces: Sequence[Sequence[Digest]], threads: int = 1) -> list[int]:
        made = self.given(pieces, threads)
        self.known = self.known.grown((each.run for each in made.fresh()), made.rows)
        self.free = dict(made.next)
        made.close()
        return made.numbers.tolist()

    def faults(self) -> list[str]:
        return list(history_faults(History(known={self.kind: self.known}, free={self.kind: self.free})))


def words(digests: Sequence[Digest]) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    return (
        np.array([high for high, _ in digests], np.uint64),
        np.array([low for _, low in digests], np.uint64),
    )


def plain_numbers(commits: Sequence[Sequence[Sequence[Digest]]]) -> list[list[int]]:
    """What each commit gives: who is new gets the next numbers, in order of the digests."""
    known: dict[Digest, int] = {}
    out: list[list[int]] = []
    for pieces in commits:
        flat = [each for piece in pieces for each in piece]
        new = sorted({*flat} - known.keys())
        known |= {digest: len(known) + at for at, digest in enumerate(new)}
        out.append([known[each] for each in flat])
    return out


def test_new_ones_get_the_next_numbers_in_order_of_digest(tmp_path: Path) -> None:
    numbers = Numbers(tmp_path, "person")
    assert numbers.commit([[(7, 0), (3, 0)], [(5, 0), (3, 0)]]) == [2, 0, 1, 0]
    assert numbers.commit([[(4, 0), (9, 0), (7, 0), (1, 0)]]) == [4, 5, 2, 3]  # 1, 4, 9 are new
    assert numbers.free == {0: 6}
    assert numbers.faults() == []


def test_what_earlier_releases_gave_keeps_its_number(tmp_path: Path) -> None:
    numbers = Numbers(tmp_path, "client")
    high, low = words([(1, 0), (9 << 56, 0)])
    numbers.known = numbers.known.grown([Run(high=high, low=low, numbers=np.array([1, 0]))], 2)
    numbers.free = {0: 2}
    assert numbers.commit([[(9 << 56, 0), (2, 0)]]) == [0, 2]
    assert numbers.free == {0: 3}
    assert numbers.faults() == []


@settings(deadline=None, max_examples=examples(60))  # writes files
@given(
    st.lists(st.lists(DIGESTS, max_size=3), max_size=4),
    st.sampled_from(["person", "client"]),
    st.sampled_from([4, 1 << 21]),
)
def test_numbers_are_those_of_a_sorted_list(
    tmp_path_factory: pytest.TempPathFactory, commits: list[list[list[Digest]]], kind: str, most: int
) -> None:
    folder = tmp_path_factory.mktemp("numbers")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(partitions, "PART_ROWS", most)
        patched.setattr(module, "PART_ROWS", most)
        numbers = Numbers(folder, kind)
        new = [numbers.commit(pieces) for pieces in commits]
        assert numbers.faults() == []
    assert not list(folder.glob("*.rows"))
    assert new == plain_numbers(commits)


@settings(deadline=None, max_examples=examples(40))
@given(DIGESTS, st.randoms(use_true_random=False), st.integers(1, 5), st.sampled_from(["person", "token"]))
def test_neither_order_nor_cuts_change_a_number(
    tmp_path_factory: pytest.TempPathFactory, digests: list[Digest], dice: object, cuts: int, kind: str
) -> None:
    folder = tmp_path_factory.mktemp("numbers")
    whole = dict(zip(digests, Numbers(folder, kind).commit([digests]), strict=True))
    mixed = list(digests)
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    pieces = [mixed[at::cuts] for at in range(cuts)]
    numbers = Numbers(folder, kind).commit(pieces, threads=2)
    assert dict(zip((each for piece in pieces for each in piece), numbers, strict=True)) == whole


def test_many_ranges_on_threads_give_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = np.random.default_rng(5)
    digests = [(int(high), 0) for high in dice.integers(0, 1 << 63, 3_000, np.uint64)]
    for kind in ("address", "session"):
        alone = Numbers(tmp_path, kind)
        expected = [alone.commit([digests[:2_000]]), alone.commit([digests[1_000:]])]
        with monkeypatch.context() as patched:
            patched.setattr(partitions, "PART_ROWS", 64)
            patched.setattr(module, "PART_ROWS", 64)
            beside = Numbers(tmp_path, kind)
            assert [beside.commit([digests[:2_000]], 4), beside.commit([digests[1_000:]], 4)] == expected
        assert beside.known.files == alone.known.files


def test_a_new_day_renumbers_nothing(tmp_path: Path) -> None:
    dice = np.random.default_rng(6)
    numbers, known = Numbers(tmp_path, "client"), dict[Digest, int]()
    for _ in range(20):
        day = [(int(high), 0) for high in dice.integers(0, 400, 60, np.uint64) << np.uint64(55)]
        for digest, number in zip(day, numbers.commit([day]), strict=True):
            assert known.setdefault(digest, number) == number
    assert numbers.faults() == []


def test_digests_alike_in_the_bits_that_are_sorted_come_in_order() -> None:
    digests = [(8, 2), (8, 1), (9, 0), (8, 1), (0, 0), (9, 0), (10, 5), (1 << 63, 0), (8, 0)]
    order = in_order_of_digest(*words(digests))
    assert [digests[at] for at in order] == sorted(digests)
    assert [at for at in order if digests[at] == (8, 1)] == [1, 3]


def test_there_is_an_end_of_dense_numbers(tmp_path: Path) -> None:
    numbers = Numbers(tmp_path, "person")
    numbers.free = {0: MOST_DENSE - 1}
    assert numbers.given([[(1, 0)]]).numbers.tolist() == [MOST_DENSE - 1]
    with pytest.raises(WhosawError, match="more identifiers of one kind"):
        numbers.given([[(1, 0), (2, 0)]])


@pytest.mark.parametrize("kind", ["person", "session"])
def test_faults_are_told(tmp_path: Path, kind: str) -> None:
    numbers = Numbers(tmp_path, kind)
    numbers.commit([[(1, 0), (2, 0)]])
    files = numbers.known.files
    sound = dict(numbers.free)
    numbers.free = {0: 3}
    assert "the next free one is 3" in "".join(numbers.faults())
    numbers.free = {0: 2 + 1}
    twice = Known(store=numbers.known.store, kind=kind, files=files)
    high, low = words([(2, 0)])
    numbers.known = twice.grown([Run(high=high, low=low, numbers=np.array([2]))], 1)
    assert "in order, each once" in "".join(numbers.faults())  # merged into one file
    numbers.known = Known(store=numbers.known.store, kind=kind, files=files)
    high, low = words([(3, 0)])
    numbers.known = numbers.known.grown([Run(high=high, low=low, numbers=np.array([1]))], 1)
    assert "given twice" in "".join(numbers.faults())
    numbers.known, numbers.free = Known(store=numbers.known.store, kind=kind, files=files), sound
    assert numbers.faults() == []


def test_a_digest_in_two_files_is_told(tmp_path: Path) -> None:
    numbers = Numbers(tmp_path, "person")
    numbers.commit([[(at, 0) for at in range(90)]])
    high, low = words([(4, 0)])
    numbers.known = numbers.known.grown([Run(high=high, low=low, numbers=np.array([90]))], 1)
    numbers.free = {0: 91}
    (fault,) = numbers.faults()
    assert "1 digests of" in fault
    assert "in an older file, too" in fault


def test_the_journal_gives_the_state_back(tmp_path: Path) -> None:
    journal, store = Journal.at(tmp_path / "journal.sqlite", who="tester"), ContentStore(tmp_path / "files")
    assert load_history(journal, store).given("person") == 0
    state = before = load_history(journal, store)
    for kind in ("person", "token"):
        made = allot(
            state.known[kind],
            state.free[kind],
            [(*words([(1, 0), (2, 0)]), np.arange(2))],
            expected=2,
            folder=tmp_path,
        )
        state = state.with_kind(
            kind, state.known[kind].grown((each.run for each in made.fresh()), made.rows), made.next
        )
    with journal.transaction() as connection:
        state.with_segments({4: "x.numbers"}).store(connection, before)
    found = load_history(journal, store)
    assert (found.given("person"), found.given("token"), found.given("address")) == (2, 2, 0)
    assert found.numbered == {4: "x.numbers"}
    assert found.known["token"].find(*words([(1, 0), (2, 0), (3, 0)])).tolist() == [0, 1, -1]
    assert isinstance(found.free["person"], Mapping)
    journal.close()


class KilledError(Exception):
    pass


@pytest.mark.parametrize("kind", ["person", "token"])
def test_a_kill_at_each_write_gives_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("whosaw.store.numbers.known.RANGE_ROWS", 8)
    dice = np.random.default_rng(7)
    first = [(int(high), 0) for high in dice.integers(0, 1 << 63, 30, np.uint64)]
    second = [(int(high), 0) for high in dice.integers(0, 1 << 63, 30, np.uint64)]
    sound = Numbers(tmp_path / "sound", kind)
    (tmp_path / "sound").mkdir()
    expected = [sound.commit([first]), sound.commit([first, second])]
    whole = ContentStore.put
    for at in range(200):
        folder = tmp_path / f"killed-{at}"
        folder.mkdir()
        numbers = Numbers(folder, kind)
        assert numbers.commit([first]) == expected[0]
        before, left = (numbers.known, dict(numbers.free)), [at]

        def put(self: ContentStore, of: str, data: bytes, left: list[int] = left) -> str:
            if left[0] == 0:
                raise KilledError
            left[0] -= 1
            return whole(self, of, data)

        with monkeypatch.context() as patched:
            patched.setattr(ContentStore, "put", put)
            try:
                numbers.commit([first, second])
                break  # it came to its end
            except KilledError:
                pass
        assert (numbers.known, numbers.free) == before
        assert numbers.faults() == []
        assert numbers.commit([first, second]) == expected[1]
        assert numbers.faults() == []
    assert at > 2
