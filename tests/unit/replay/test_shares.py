"""A replay that is made in shares, in any order and twice, has the bytes of one whose days are made one after another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.wide import WIDE

from whosaw.core.errors import WhosawError
from whosaw.replay import gather as gathering
from whosaw.replay.actors.machines import Machines
from whosaw.replay.items import breach_names, load_replay
from whosaw.replay.make import make_replay
from whosaw.replay.shares import SHARES, DaysShare, Maker, Plan, Share
from whosaw.replay.traffic import Traffic
from whosaw.replay.truth.tallies import Distinct, Members, ViewTally


class Backwards:
    """Makes shares from the last to the first, by a maker that knows nothing of who asks; or each twice, by makers of their own."""

    many = 2

    def __init__(self, *, twice: bool = False) -> None:
        self._twice = twice
        self.shares: list[Share] = []

    def make(self, plan: Plan, shares: Sequence[Share]) -> Iterator[Mapping[str, Any]]:
        self.shares += shares
        told, maker = {}, Maker(plan)
        for share in reversed(shares):
            told[share] = maker.told(share)
            assert not self._twice or Maker(plan).told(share) == told[share]
        return iter([told[share] for share in shares])


def made(
    folder: Path, breach: str | None, hands: Backwards | None, **options: Any
) -> dict[str, tuple[str, int]]:
    shop, found = load_replay(breach=breach, overrides=options.pop("overrides", {}))
    whole = make_replay(folder, shop=shop, breach=found, seed=3, scale=0.002, hands=hands, **options).folder
    assert not list(whole.glob(".*")), "nothing of the shares is left"
    return {
        str(path.relative_to(whole)): (hashlib.sha256(path.read_bytes()).hexdigest(), _rotated(path))
        for path in whole.rglob("*")
        if path.is_file()
    }


def _rotated(path: Path) -> int:
    """When a log of text says that it was last changed."""
    return path.stat().st_mtime_ns if ".log" in path.name else 0


BREACHES = breach_names() if WIDE else ["forged-token", "credential-stuffing-then-read", "stolen-sessions"]


@pytest.mark.parametrize("breach", BREACHES)
def test_shares_make_what_one_machine_makes(breach: str, tmp_path: Path) -> None:
    hands = Backwards()
    events = breach == "forged-token"
    one = made(tmp_path / "one", breach, None, events=events)
    assert made(tmp_path / "shares", breach, hands, events=events) == one
    assert len(one) > 40
    assert len([each for each in hands.shares if isinstance(each, DaysShare)]) >= 9


def test_days_that_run_on_are_made_with_those_they_run_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day's monitoring takes three: a share that was made with one day before its own lacks some of it."""
    real = Machines._monitor

    def slow(self: Machines, day: int) -> Traffic:
        found, begin = real(self, day), self._setting.calendar.day_start(day)
        return replace(found, time=begin + (found.time - begin) * 3)

    monkeypatch.setattr(Machines, "_monitor", slow)
    hands = Backwards(twice=True)
    ten: dict[str, Any] = {"overrides": {"span.days": 10}}
    one = made(tmp_path / "one", None, None, **ten)
    assert made(tmp_path / "shares", None, hands, **ten) == one
    again = [each for each in hands.shares if isinstance(each, DaysShare) and each.back > 1]
    assert {each.back for each in again} == {2}
    assert [each.first for each in again] == list(range(2, 10))


def test_a_share_that_is_not_what_its_name_says_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Spoilt(Backwards):
        def make(self, plan: Plan, shares: Sequence[Share]) -> Iterator[Mapping[str, Any]]:
            told = list(super().make(plan, shares))
            if isinstance(shares[0], DaysShare):
                path = plan.folder / SHARES / told[3]["files"][0]["kept"]
                path.write_bytes(path.read_bytes()[:-1])
            return iter(told)

    with pytest.raises(WhosawError, match="does not hold what its name says"):
        made(tmp_path / "shares", None, Spoilt(), overrides={"span.days": 5})
    assert list(tmp_path.iterdir()) == [], "nothing was left behind"
    with pytest.raises(WhosawError, match="does not hold what its name says"):
        gathering.checked(tmp_path, "../../etc/passwd")


@pytest.mark.parametrize("many", [3, 600, 9000])
def test_tallies_that_are_taken_are_as_if_they_had_been_counted(many: int) -> None:
    """Few views stay rows, many become an array; whichever of the two it was, the sums are the same."""
    draw = np.random.default_rng(many)
    count = 20_000
    who, when = draw.integers(0, count, many), np.sort(draw.integers(0, 10**6, many)).astype(np.int64)
    for cut in (0, 1, many // 2, many):
        whole, first, later = ViewTally(count), ViewTally(count), ViewTally(count)
        sets, values = [Members(count) for _ in range(3)], [Distinct(500) for _ in range(3)]
        whole.add(who, when), first.add(who[:cut], when[:cut]), later.add(who[cut:], when[cut:])
        for each, part in zip(sets, (who, who[:cut], who[cut:]), strict=True):
            each.add(part)
        for each, part in zip(values, (who, who[:cut], who[cut:]), strict=True):
            each.add(part)
        first.take(later.kept())
        for mine, wanted in zip(first.between(0, count), whole.between(0, count), strict=True):
            assert (mine == wanted).all()
        sets[1].take(sets[2].kept())
        assert (sets[1].positions() == sets[0].positions()).all()
        if values[2].too_many:
            values[1].give_up()
        else:
            values[1].add(values[2].kept())
        assert values[1].count() == values[0].count() == (None if many > 500 else len(set(who.tolist())))
