"""Chunks of contents on their way through workers: parsed at once where they stand alone, and handed on in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from functools import partial
from typing import Generic, TypeVar

from whosaw.ingest.files.content import Chunk
from whosaw.ingest.parser import Parsed, Parser

__all__ = ["Ahead", "parsed_chunks"]

Made = TypeVar("Made")
Use = Callable[[Chunk, Parsed], Made]


def parsed_chunks(
    parser: Parser, chunks: Iterable[Chunk], state: str | None, use: Use[Made]
) -> Iterator[Callable[[], Made]]:
    """For each chunk in order, what a worker has to do: parse it and `use` what came out.

    Chunks that need what the one before left behind are parsed here, one after the other, and only used by the worker.
    """
    for chunk in chunks:
        if parser.stateful:
            parsed = parser.parse(chunk, state).check(chunk)
            state = parsed.state
            yield partial(use, chunk, parsed)
        else:
            yield partial(_parse_and_use, parser, chunk, use)


def _parse_and_use(parser: Parser, chunk: Chunk, use: Use[Made]) -> Made:
    return use(chunk, parser.parse(chunk, None).check(chunk))


class Ahead(Generic[Made]):
    """What comes of some jobs, in their order, while workers are at up to `most` of those that follow."""

    def __init__(self, jobs: Iterator[Callable[[], Made]], pool: Executor, most: int) -> None:
        self._jobs, self._pool, self._most = jobs, pool, most
        self._under_way: deque[Future[Made]] = deque()

    @property
    def under_way(self) -> int:
        return len(self._under_way)

    def begin(self) -> bool:
        """Give one more job to the workers; False where there is none."""
        job = next(self._jobs, None)
        if job is not None:
            self._under_way.append(self._pool.submit(job))
        return job is not None

    def results(self, idle: Callable[[int], None]) -> Iterator[Made]:
        """Each result in order. When no job is left to begin, `idle` is told before each wait how many are under way."""
        while self.begin():
            if len(self._under_way) > self._most:
                yield self._under_way.popleft().result()
        while self._under_way:
            idle(len(self._under_way))
            yield self._under_way.popleft().result()
