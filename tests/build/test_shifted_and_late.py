"""Two things that must not decide what days find: at which hour of the day a breach begins, and that logins come a day late."""

from __future__ import annotations

import csv
import os
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from bench.both_paths import days_of, read_only
from tests.chain.shop_log import KEY, NOW
from tests.chain.test_histories import MAP, START, world

from whosaw.actors import load_detectors, load_explanations
from whosaw.app.building.bring_up import Ledger
from whosaw.app.building.findings import Telling
from whosaw.store.workspace import Workspace

WIDE = bool(os.environ.get("WHOSAW_WIDE"))
SOME = ("number-walk", "numbers-nobody-has", "persons-per-client", "token-never-issued")
DETECTORS = {name: each for name, each in load_detectors(load_explanations()).items() if WIDE or name in SOME}
PEOPLE, DAYS = 40, 3
Seen = list[tuple[object, ...]]


class Shop:
    """A workspace that is given lines and logins bit by bit."""

    def __init__(self, folder: Path, stated: str = "") -> None:
        self.folder, self.root, self.scans = folder, folder / "w", 0
        self.root.mkdir(parents=True)
        (self.root / "vault.key").write_bytes(KEY)
        (self.root / "vault.key").chmod(0o600)
        (folder / "map.toml").write_text(MAP)
        (folder / "context").mkdir()
        (folder / "context" / "context.toml").write_text(stated)

    def told(self, lines: Sequence[str], logins: Sequence[tuple[str, str, str]], since: datetime) -> Seen:
        """What is found once these lines are read, too, and these logins are known: by instants from `since` on."""
        with (self.folder / "context" / "logins.csv").open("w", newline="") as out:
            csv.writer(out).writerows([("time", "subject", "token"), *logins])
        log = self.folder / f"{self.scans}.log"
        self.scans += 1
        log.write_text("".join(f"{line}\n" for line in lines))
        data_map, context = self.folder / "map.toml", self.folder / "context"
        read_only([log], self.root, data_map=data_map, context=context, now=NOW)
        workspace = Workspace.open(self.root)
        try:
            with days_of(workspace, data_map, context, detectors=DETECTORS, threads=1) as ledger:
                ledger.bring_up_to_date(now=NOW)
                return _seen(ledger, since)
        finally:
            workspace.close()


def _seen(ledger: Ledger, since: datetime) -> Seen:
    telling: Telling = ledger.telling()
    _, parties = telling.found()
    return [
        (
            each.finding.detector, each.finding.id, each.finding.raised_at - since, each.finding.persons_before,
            each.finding.persons, sorted((c.detector, c.clause, c.actor.digest, c.reached_at - since) for c in each.finding.crossings),
        )
        for each in parties
    ]  # fmt: skip


def _day(line: str) -> int:
    at = datetime.strptime(line.split("[")[1].split("]", maxsplit=1)[0], "%d/%b/%Y:%H:%M:%S %z")
    return (at - START).days


@pytest.mark.slow
def test_a_breach_that_begins_at_another_hour_of_the_day_is_found_alike(tmp_path: Path) -> None:
    """It takes 48 minutes, so of those that begin late in the evening one part is read on the next day."""
    hours = (
        [timedelta(hours=each) for each in range(12, 36)]
        if WIDE
        else [timedelta(hours=12), timedelta(hours=23, minutes=40)]
    )
    found = []
    for number, hour in enumerate(hours):
        made = world(PEOPLE, DAYS, 30, 1, thief_since=hour)
        found.append(Shop(tmp_path / str(number)).told(made.lines, made.logins, START + hour))
    assert found[0]
    assert all(each == found[0] for each in found)


def _known(logins: Sequence[tuple[str, str, str]], day: int) -> list[tuple[str, str, str]]:
    return [each for each in logins if (datetime.fromisoformat(each[0]) - START).days < day]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20 if WIDE else 1))
def test_logins_that_come_a_day_late_raise_nothing_between(tmp_path: Path, seed: int) -> None:
    """Each morning the lines of the day before come, and in any order the logins of the day before that."""
    made = world(PEOPLE, DAYS, 0, seed)
    logins = random.Random(seed).sample(made.logins, len(made.logins))
    late = Shop(tmp_path / "late")
    for day in range(DAYS):
        lines = [line for line in made.lines if _day(line) == day]
        assert late.told(lines, _known(logins, day), START) == [], day


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20 if WIDE else 1))
def test_logins_that_come_late_end_as_logins_in_time(tmp_path: Path, seed: int) -> None:
    made = world(PEOPLE, DAYS, 30, seed)
    logins = random.Random(seed).sample(made.logins, len(made.logins))
    late = Shop(tmp_path / "late")
    before = [line for line in made.lines if _day(line) < DAYS - 1]
    late.told(before, _known(logins, 1), START)
    told = late.told([line for line in made.lines if _day(line) >= DAYS - 1], logins, START)
    assert told == Shop(tmp_path / "in time").told(made.lines, made.logins, START) != []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20 if WIDE else 1))
def test_random_halves_of_the_open_day_end_as_logins_in_time_and_raise_nothing_between(
    tmp_path: Path, seed: int
) -> None:
    """Each evening half of the day's logins are on record, any of them, and the others of the day before. How late they come is said."""
    made = world(PEOPLE, DAYS, 30, seed, thief_since=timedelta(hours=12))
    dice, stated = random.Random(seed), '[logins]\nlate = "1d"\n'
    late, whole = Shop(tmp_path / "late", stated), Shop(tmp_path / "in time", stated)
    end = whole.told(made.lines, made.logins, START)
    assert end
    between = []
    for day in range(DAYS):
        before, today = _known(made.logins, day), set(_known(made.logins, day + 1))
        young = [each for each in made.logins if each in today.difference(before)]
        known = [*before, *dice.sample(young, len(young) // 2)]
        between.append(late.told([line for line in made.lines if _day(line) == day], known, START))
    assert all(_keys(each) <= _keys(end) for each in between)
    assert late.told([], made.logins, START) == end


def _keys(told: Seen) -> set[tuple[object, ...]]:
    """Who was over which bar."""
    return {each[:3] for *_, crossings in told for each in crossings}  # type: ignore[attr-defined]
