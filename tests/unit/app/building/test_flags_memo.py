"""Which flags are about a day is the same whether all days are looked at or only those that anything changed for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.actors.summing.small import DETECTORS, EXPLANATIONS

from whosaw.actors.summing.sums import CLIENTS
from whosaw.app.building.flagged import flagged_source
from whosaw.app.building.flags_memo import FlagsMemo
from whosaw.app.building.setup import Setup
from whosaw.app.building.sums import flags_of, plan_of
from whosaw.build.state import Source
from whosaw.build.step import Span
from whosaw.store.kinds import DAY, kind
from whosaw.store.person_sets import pack_ascending
from whosaw.store.workspace import Workspace

SETUP = Setup(
    detectors={name: DETECTORS[name] for name in ("token-never-issued", "page-surge", "number-walk")},
    explanations=EXPLANATIONS,
)
FLAGS = flags_of(SETUP)
KINDS = sorted({plan_of(SETUP).kind(clause) for _, _, clause in FLAGS} | {CLIENTS})
ENTITIES = range(1, 30)


@dataclass
class Made:
    """Runs of days as they are now, and of which days they were asked since that was forgotten."""

    of: dict[str, dict[int, pa.Table]] = field(default_factory=dict)
    asked: set[tuple[str, int]] = field(default_factory=set)

    def days(self, name: str) -> list[int]:
        return sorted(self.of.get(name, ()))

    def digest(self, name: str, day: int) -> str:
        return sha256(repr(self.of[name][day].to_pydict()).encode()).hexdigest()

    def rows(self, name: str, days: Sequence[int], columns: list[str] | None = None) -> pa.Table:
        self.asked.update((name, day) for day in days)
        schema = pa.schema([DAY, *kind("flags" if name.startswith("flags.") else name).columns])
        its = [self.of[name][day].add_column(0, DAY, pa.array([day] * self.of[name][day].num_rows, DAY.type)) for day in days]  # fmt: skip
        rows = pa.concat_tables([schema.empty_table(), *its])
        return rows if columns is None else rows.select(["day", *columns])

    def change(self, random: Random, day: int) -> None:
        """Have another day of that number: who was there, and whom clauses flag."""
        some = {of: sorted(random.sample(ENTITIES, random.randint(0, 9))) for of in KINDS}
        rows = [{"kind": of, "entities": pack_ascending(np.array(its, np.int64))} for of, its in some.items()]
        self.of.setdefault("present", {})[day] = pa.Table.from_pylist(rows, kind("present").columns)
        for name, _, _ in FLAGS:
            self._flag(random, name, day)

    def _flag(self, random: Random, name: str, day: int) -> None:
        self.of.setdefault(name, {}).pop(day, None)
        flagged = random.sample(ENTITIES, random.choice((0, 0, 0, 1, 3)))
        if not flagged:
            return

        def listed(chance: float) -> bytes | None:
            own = sorted(random.sample(ENTITIES, random.randint(0, 6)))
            return None if random.random() < chance else pack_ascending(np.array(own, np.int64))

        rows = [
            {
                "key": sha256(f"{name} {entity}".encode()).digest()[:16],
                "kind": 0,
                "entity": entity,
                "raised": day * 1000 + random.randint(0, 9),
                "window": random.randint(0, 3),
                "most": 1,
                "most_at": 1,
                "clients": listed(0.3),
                "homes": listed(0.8),
            }
            for entity in sorted(flagged)
        ]
        self.of[name][day] = pa.Table.from_pylist(rows, kind("flags").columns)


def now(source: Source, runs: Made) -> Source:
    assert source.again is not None
    return source.again(runs)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_says_the_same_as_a_look_at_all_days(seed: int, tmp_path: Path) -> None:
    random, made = Random(seed), Made()
    with closing(Workspace.open(tmp_path / "w", create=True)) as workspace, workspace.writing():
        kept = flagged_source(SETUP, FlagsMemo(workspace, "one"))
        first, last = 100, 100
        for turn in range(20):
            if random.random() < 0.4:  # another process, which knows what was kept
                kept = flagged_source(
                    SETUP, FlagsMemo(workspace, "one" if random.random() < 0.9 else str(turn))
                )
            for _ in range(random.choice((1, 1, 2, 12))):
                made.change(random, last)
                last += random.choice((0, 1, 1, 2))
            if random.random() < 0.3:  # late lines
                made.change(random, random.randint(first, last))
            if random.random() < 0.2:  # a day that is gone
                gone = random.choice(made.days("present"))
                for days in made.of.values():
                    days.pop(gone, None)
            one, other = now(kept, made), now(flagged_source(SETUP), made)
            assert (one.digests, one.rows) == (other.digests, other.rows), turn
            some = Span(random.randint(first, last), last)
            assert one.read(some, None).equals(other.read(some, None)), turn
            again = now(kept, made)
            assert (again.digests, again.read(some, ["key"])) == (one.digests, one.read(some, ["key"]))


def test_a_day_more_asks_for_no_day_before_it_that_holds_nothing_new(tmp_path: Path) -> None:
    """Its flags are of entities that have higher numbers than whoever was there before."""
    random, made = Random(1), Made()
    for day in range(100, 160):
        made.change(random, day)
    with closing(Workspace.open(tmp_path / "w", create=True)) as workspace, workspace.writing():
        now(flagged_source(SETUP, FlagsMemo(workspace, "")), made)
        name, _, clause = FLAGS[0]
        new = {"key": b"k" * 16, "kind": 0, "entity": 99, "raised": 1, "window": 1, "most": 1, "most_at": 1}
        there = [
            {"kind": plan_of(SETUP).kind(clause), "entities": pack_ascending(np.array([4, 99], np.int64))}
        ]
        made.of[name][160] = pa.Table.from_pylist([new], kind("flags").columns)
        made.of["present"][160] = pa.Table.from_pylist(there, kind("present").columns)
        made.asked.clear()
        found = now(flagged_source(SETUP, FlagsMemo(workspace, "")), made)
        assert made.asked == {(name, 160), ("present", 160)}
        assert 99 in found.read(Span(160, 160), None)["entity"].to_pylist()
        made.asked.clear()
        now(flagged_source(SETUP, FlagsMemo(workspace, "")), made)
        assert made.asked == set()
