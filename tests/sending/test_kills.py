"""The sender is killed between any two steps: nobody is lost, nobody gets it twice, and who is not known is named."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.forked import Forking, forking
from tests.sending.killed import PROGRAM, killed_again_and_again
from tests.sending.shop import PEOPLE, Shop
from tests.wide import WIDE


@pytest.fixture(scope="module")
def forks() -> Iterator[Forking]:
    with forking(PROGRAM) as process:
        yield process


def test_a_kill_after_each_of_the_first_steps_and_at_random_loses_and_doubles_nothing(
    ready: Shop, forks: Forking
) -> None:
    dice = random.Random(1)
    kills = [*range(1, 9), *(dice.randrange(9, 60) for _ in range(6))]
    after = killed_again_and_again(ready, forks, PEOPLE, kills)
    assert (after.lost, after.twice) == (0, 0)
    assert after.unknown > 0


@pytest.mark.timeout(7_200)
@pytest.mark.skipif(not WIDE, reason="a hundred thousand messages and fifty kills: make test-wide")
def test_a_hundred_thousand_and_fifty_kills(tmp_path: Path, made_shop: Path, forks: Forking) -> None:
    people = 100_000
    shutil.copytree(made_shop, tmp_path / "shop")
    shop = Shop(root=tmp_path / "shop")
    # everybody in one list: the scope has sixty, the others stand in an address book of one of them
    rows = [{"email": f"q{at}@mail{at % 7}.example.org", "saved_by": "1"} for at in range(people - PEOPLE)]
    shop.freeze([*shop.usual_book(), *rows])
    shop.release()
    dice = random.Random(2)
    after = killed_again_and_again(shop, forks, people, [dice.randrange(100, 7_000) for _ in range(50)])
    assert (after.lost, after.twice) == (0, 0)
