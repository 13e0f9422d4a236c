"""Chunks that workers take ahead come back in order, never more of them under way than allowed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.app.reading.chunks import Ahead, parsed_chunks
from whosaw.ingest.files.content import Chunk
from whosaw.ingest.parser import ChunkText, Parsed, empty_events, rejects_table


@settings(max_examples=examples(40), deadline=None)
@given(jobs=st.integers(0, 12), most=st.integers(1, 4), before=st.integers(0, 3))
def test_results_come_in_order_and_few_are_under_way(jobs: int, most: int, before: int) -> None:
    given_out: list[int] = []
    left: list[int] = []

    def of(number: int) -> Callable[[], int]:
        given_out.append(number)
        return lambda: number

    with ThreadPoolExecutor(2) as pool:
        ahead = Ahead((of(number) for number in range(jobs)), pool, most)
        assert [ahead.begin() for _ in range(before)] == [number < jobs for number in range(before)]
        assert ahead.under_way == min(before, jobs)
        found = []
        for result in ahead.results(left.append):
            found.append(result)
            assert len(given_out) - len(found) <= max(most, before)
    assert found == list(range(jobs))
    assert left == list(range(len(left), 0, -1))  # told before each wait once no job is left to begin
    assert bool(left) == bool(jobs)


def test_a_fault_of_a_job_comes_where_its_result_would_have_come() -> None:
    def fails() -> int:
        raise ValueError("the third")

    with ThreadPoolExecutor(2) as pool:
        jobs: Iterator[Callable[[], int]] = iter([lambda: 1, lambda: 2, fails, lambda: 4])
        results = Ahead(jobs, pool, 3).results(lambda _: None)
        assert [next(results), next(results)] == [1, 2]
        with pytest.raises(ValueError, match="the third"):
            next(results)


class Counting:
    """Counts the lines before a chunk, which it can only where chunks come in order."""

    id = "counting"
    documents = ()

    def __init__(self, *, stateful: bool) -> None:
        self.stateful = stateful
        self.threads: set[int] = set()

    def parse(self, chunk: ChunkText, state: str | None = None) -> Parsed:
        self.threads.add(threading.get_ident())
        before = int(state or 0)
        return Parsed(
            events=empty_events(), rejects=rejects_table([]), comments=chunk.lines, state=str(before + chunk.lines)
        )  # fmt: skip


def chunk(number: int) -> Chunk:
    return Chunk(
        data=b"\n\n", offset=2 * number, end=2 * number + 2, first_line=2 * number + 1, lines=2, oversized_lines=(),
        terminated=True, prefix_digest="",
    )  # fmt: skip


@pytest.mark.parametrize(("stateful", "states"), [(True, ["7", "9", "11"]), (False, ["2", "2", "2"])])
def test_only_a_parser_with_a_state_is_given_that_of_the_chunk_before(
    stateful: bool, states: list[str]
) -> None:
    parser = Counting(stateful=stateful)
    with ThreadPoolExecutor(1) as pool:
        jobs = parsed_chunks(
            parser, map(chunk, range(3)), "5" if stateful else None, lambda _, parsed: parsed.state
        )
        assert list(Ahead(jobs, pool, 2).results(lambda _: None)) == states
    assert (threading.get_ident() in parser.threads) is stateful  # others are parsed by the workers
