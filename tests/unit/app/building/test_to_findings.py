"""From views to a finding through the registered steps: too many people come to what the present detector says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.unit.actors.summing.crutch import in_hand
from tests.unit.actors.summing.small import DETECTORS, EXPLANATIONS
from tests.unit.actors.telling.crutch import by_number
from tests.unit.app.building.by_steps import GIVEN, NOW, BySteps, _source, given_of, setup_of, shown

from whosaw.actors import run
from whosaw.actors.explanation import prepare
from whosaw.actors.marking.flagged import Shown
from whosaw.app.building.findings import People, Telling, makers_of
from whosaw.app.building.flagged import flagged_source
from whosaw.app.building.setup import Page
from whosaw.app.building.sums import kinds_of
from whosaw.app.building.sums import makers_of as sums_of
from whosaw.build.inputs import RunsThere, Surroundings
from whosaw.build.plan import Outcome, Plan
from whosaw.build.row_digest import RowDigests
from whosaw.build.runner import bring_up_to_date
from whosaw.build.state import Source, State
from whosaw.store.kinds import KINDS
from whosaw.store.sql import Session

PEOPLE = DETECTORS["persons-per-client"]


@dataclass
class ToFindings(BySteps):
    """The same up to marks, and what is told of them."""

    told: Shown = shown
    given: Mapping[str, pa.Table] = field(default_factory=dict)

    def bring_up(self, given: Mapping[str, pa.Table]) -> Outcome:
        self.ran.clear()
        self.given = given
        makers = [
            self._watched(each)
            for each in (*sums_of(self.setup), *makers_of(self.setup))
            if each.name != "manner"
        ]
        self.kinds = {**KINDS, **kinds_of(self.setup)}
        digests = RowDigests(self.workspace.vault)
        self.plan = Plan.of(
            self.workspace.journal,
            Surroundings(
                store=self.workspace.files,
                spill=None,
                kinds=self.kinds,
                digests=self.digests,
                texts=self.told,
            ),
            digests,
            makers,
            code={each.name: each.name.partition(".")[0] for each in makers},
            setup=self.setup,
            memory_bytes=1 << 32,
        )
        sources = [_source(name, given[name], digests) for name in GIVEN]
        sources += [_named(name) for name in ("canaries", "staff")]
        sources.append(flagged_source(self.setup))
        there = {each.kind: {str(day): told for day, told in each.digests.items()} for each in sources}
        return bring_up_to_date(self.plan, there, lambda _: sources, now=NOW)

    def days(self, name: str) -> list[int]:
        return (
            sorted(set(self.given[name]["day"].to_pylist())) if name in self.given else self._runs.days(name)
        )

    def digest(self, name: str, day: int) -> str:
        return self._runs.digest(name, day)

    def rows(self, name: str, days: Sequence[int], columns: list[str] | None = None) -> pa.Table:
        if name not in self.given:
            return self._runs.rows(name, days, columns)
        rows = self.given[name].filter(pc.is_in(self.given[name]["day"], pa.array(days, pa.int32())))
        return rows if columns is None else rows.select(["day", *columns])

    @property
    def _runs(self) -> RunsThere:
        state = State(makers=self.plan.makers, code=self.plan.code, items=self.plan.items)
        state.load(self.workspace.journal)
        return RunsThere(self.plan.around, state)


def _named(name: str) -> Source:
    """A table of the context that names nobody on any of these days."""
    empty = pa.table(
        {
            "day": pa.array([], pa.int32()),
            "person": pa.array([], pa.int64()),
            "staff": pa.array([], pa.int64()),
        }
    )
    return Source(
        kind=name, digests={}, rows={}, read=lambda _span, columns: empty.select(["day", *(columns or [])])
    )


def hexed(_kind: str, numbers: pa.Array) -> pa.Array:
    """Digests as findings are known by."""
    return pa.array([each.hex().upper() for each in by_number("", numbers).to_pylist()])


@pytest.mark.parametrize(
    "case", [each for each in PEOPLE.cases if each.expect == "finding"][:3], ids=lambda case: case.title
)
def test_too_many_people_are_one_finding_and_that_of_the_present_detector(case: Any, tmp_path: Path) -> None:
    made = case.tables()
    with Session() as session:
        for name, table in made.relations.items():
            session.register(name, table)
        prepare(session, made.context)
        agents = session.query("SELECT number, agent FROM detect_agent_numbers")
        routes = session.query("SELECT route, id, categories FROM routes").to_pylist()
        now = run(session, made.context, {PEOPLE.id: PEOPLE}, EXPLANATIONS, digests=hexed).findings
    texts = dict(zip(agents["number"].to_pylist(), agents["agent"].to_pylist(), strict=True))

    def told(name: str, numbers: pa.Array) -> pa.Array:
        return (
            pa.array([texts[each] for each in numbers.to_pylist()])
            if name == "agent"
            else hexed(name, numbers)
        )

    setup = replace(
        setup_of([PEOPLE], EXPLANATIONS),
        pages={
            row["route"]: Page(id=row["id"], categories=frozenset(row["categories"] or ())) for row in routes
        },
    )
    with in_hand(made, [PEOPLE], EXPLANATIONS) as hand:
        steps = ToFindings(tmp_path / "w", setup, told=told)
        steps.bring_up(given_of(hand.views, hand.answers, hand.late))
    kept, found = Telling(
        runs=steps, setup=setup, shown=told, digests=by_number, people=People(),
    ).found()  # fmt: skip
    assert tuple(each.finding for each in found) == now
    assert kept.flags
    steps.close()
