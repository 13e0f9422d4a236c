"""Requests that could not be kept: nobody is told that theirs was, and whoever runs the page is told why."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from whosaw.web.public.ticks import Ticks


def test_a_request_that_could_not_be_kept_is_told_to_both_sides(capsys: pytest.CaptureFixture[str]) -> None:
    room = [False, True]

    def keep(asked: Sequence[str]) -> list[bool]:
        if not room.pop(0):
            raise MemoryError("kim@example.org")
        return [True] * len(asked)

    async def asked() -> list[bool | None]:
        ticks = Ticks(keep, seconds=0.01)
        await ticks.start()
        told = [await ticks.wait(each) for each in ("kim@example.org", "kim@example.org", None)]
        await ticks.stop()
        return told

    assert asyncio.run(asked()) == [None, True, None]
    assert capsys.readouterr().err == "whosaw: 1 requests could not be kept: MemoryError\n"
