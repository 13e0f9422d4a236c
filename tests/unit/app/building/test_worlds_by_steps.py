"""Random worlds through the steps of sums and flags: who is flagged when is what the oracle says, by baselines and places of days."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from tests.oracle.detect import Oracle
from tests.oracle.test_items import EXPLANATIONS as EXPLAINED
from tests.oracle.test_worlds import ITEMS, LOWER, case_of
from tests.oracle.worlds import World, worlds
from tests.unit.actors.summing.crutch import in_hand
from tests.unit.actors.summing.small import DETECTORS, EXPLANATIONS
from tests.unit.app.building.by_steps import BySteps, context_of, given_of, setup_of, walking_of

from whosaw.actors import Detector

EXAMPLES = 60 if os.environ.get("WHOSAW_WIDE") else 2
ASKED = (
    "account-of-leaver", "bulk-records", "canary-hit", "colleague-record", "contract-ended", "key-of-leaver", "key-out-of-use",
    "list-to-its-end", "number-walk", "own-record", "page-surge", "persons-per-client", "public-figure", "reads-another",
    "relative-record",
)  # fmt: skip
"""Of which neither visits, passes nor failed tries decide (letters c, d, f, g), as the views come with the signs of now."""


def lowered(detector: Detector) -> Detector:
    """With bars that a small world reaches, as the oracle's items have them."""
    clauses = tuple(
        replace(
            clause,
            windows=tuple(
                replace(each, persons=min(each.persons, LOWER[each.length])) if each.length else each
                for each in clause.windows
            ),
            pages=2 if clause.pages else 0,
        )
        for clause in detector.clauses
    )
    return replace(detector, clauses=clauses, cases=())


LOWERED = [lowered(DETECTORS[each]) for each in ASKED]


@settings(max_examples=EXAMPLES, deadline=None)
@given(worlds(most_days=40, logins=False))
def test_worlds_are_flagged_as_the_oracle_says(world: World) -> None:
    oracle = Oracle(world.log(), EXPLAINED)
    theirs = {
        name: sorted((each.clause, each.raised) for each in oracle.flags(ITEMS[name]))
        for name in ASKED
        if not oracle.untold(ITEMS[name])
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        in_hand(case_of(world).tables(), LOWERED, EXPLANATIONS) as hand,
    ):
        steps = BySteps(Path(folder) / "w", setup_of(hand.asked, EXPLANATIONS))
        steps.bring_up(
            {**given_of(hand.views, hand.answers, hand.late), **context_of(hand), **walking_of(hand)}
        )
        mine = {}
        for detector in hand.asked:
            first: dict[tuple[str, int], int] = {}
            for (clause, entity, _), (raised, *_) in steps.flags(detector).items():
                first[clause, entity] = min(first.get((clause, entity), raised), raised)
            mine[detector.id] = sorted((clause, raised) for (clause, _), raised in first.items())
        steps.close()
    assert mine == {name: theirs[name] for name in mine}
